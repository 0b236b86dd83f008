package gateway

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"roster"
	"roster/internal/auth"
	"roster/internal/core"
	"roster/internal/gateway/stage"
	"roster/internal/metrics"
	"roster/internal/tracing"
)

type flightKey struct{}

// flightOf is what is known of the request that a proxied one was made of. Nothing else
// was let on, and nothing else is sent.
func flightOf(r *http.Request) *flight {
	allowed, _ := r.Context().Value(flightKey{}).(stage.Allowed[*flight])
	f, err := allowed.Known()
	if err != nil {
		panic(err)
	}
	return f
}

// newProxy is the part that carries bytes, in both directions: what has no length
// as it comes, and the rest by the buffer or when it has waited.
func (g *Gate) newProxy() *httputil.ReverseProxy {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConns, transport.MaxIdleConnsPerHost = nil, 512, 256
	transport.DialContext = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = g.config.Patience
	return &httputil.ReverseProxy{
		Rewrite:        g.rewrite,
		FlushInterval:  flushWithin,
		Transport:      withLength{answering{tracing.Asking{RoundTripper: noting{transport, g.upstream}}}},
		BufferPool:     &buffers{},
		ModifyResponse: g.receive,
		ErrorHandler:   g.broken,
		ErrorLog:       slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
}

// answering is a transport that tells of answers only. What an upstream says before its answer
// (1xx) would go out as it comes, with its cookies, in the place of what Roster says of every
// request, and be taken for the status; and what it says after it (trailers), past every check.
// Who waits to be told to go on with a body is told so by the server.
type answering struct{ http.RoundTripper }

func (t answering) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	answer, err := t.RoundTripper.RoundTrip(r.WithContext(untraced{r.Context()}))
	metrics.Asked(false, time.Since(began))
	if err != nil {
		return nil, err
	}
	alone := *answer // trailers come to the other one
	alone.Trailer = nil
	return &alone, nil
}

// untraced is a context without what wants to hear how a request fares.
type untraced struct{ context.Context }

func (c untraced) Value(key any) any {
	value := c.Context.Value(key)
	if _, is := value.(*httptrace.ClientTrace); is {
		return nil
	}
	return value
}

// withLength sends what says how long it is, and nothing else: the end of the line for what
// would go on in chunks.
type withLength struct{ http.RoundTripper }

func (t withLength) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.ContentLength < 0 || r.ContentLength == 0 && r.Body != nil && r.Body != http.NoBody ||
		len(r.TransferEncoding) > 0 {
		return nil, roster.Errorf(roster.Unmeasured, "This does not say how long it is. Nothing was changed.")
	}
	return t.RoundTripper.RoundTrip(r)
}

// buffers are what bodies are copied through: made for each request, they would
// be most of what it leaves to collect.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if held, ok := b.pool.Get().(*[32 << 10]byte); ok {
		return held[:]
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(held []byte) { b.pool.Put((*[32 << 10]byte)(held)) }

// flushWithin is how long a part of an answer waits for the next. Nearly all
// answers are there at once and are written in one piece; those of no stated
// length never wait.
const flushWithin = 20 * time.Millisecond

// forward sends on what was allowed, as the rule's narrower asks for it, unless that
// answers itself.
func (g *Gate) forward(w http.ResponseWriter, allowed stage.Allowed[*flight]) error {
	f, err := allowed.Known()
	if err != nil {
		return err
	}
	defer f.letNext()
	if before := f.rule.narrow.before; before != nil {
		if done, err := before(w, f); done || err != nil {
			return err
		}
	}
	return g.send(w, allowed)
}

// send sends a request on and its answer back. While it lasts, the flights' watch asks
// again whether it may.
func (g *Gate) send(w http.ResponseWriter, allowed stage.Allowed[*flight]) error {
	f, err := allowed.Known()
	if err != nil {
		return err
	}
	ctx := context.WithValue(f.r.Context(), flightKey{}, allowed)
	if f.makes() { // who hangs up, or is cut off, must not leave a thing of which nobody knows whose it is
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if f.caller.again != nil {
		if f.caller.header == "" {
			login, err := g.people.login(ctx, f.caller.who.UserID)
			if err != nil {
				return err
			}
			f.login = login
		}
		if f.waited() {
			if err := f.standing(ctx); err != nil {
				return err
			}
		}
		if !f.makes() {
			defer g.flights.begin(f.standing, func(cause error) { f.sever(w, cancel, cause) })()
		}
	}
	r := f.r.WithContext(ctx)
	if err := f.setBody(r); err != nil {
		return err
	}
	if f.rule.body == streamBody || f.rule.body == formBody {
		f.arrival = &arriving{ReadCloser: r.Body}
		r.Body = f.arrival
	}
	// Roster's own; the upstream says them for its answers
	for _, name := range []string{"Cache-Control", "X-Content-Type-Options"} {
		w.Header().Del(name)
	}
	g.proxy.ServeHTTP(w, r)
	return nil
}

// waited reports whether so much time may have gone by since it was asked whether
// a request is allowed that it has to be asked again before it goes on: the
// upstream was asked something in between, or what came arrived slowly.
func (f *located) waited() bool { return f.inquired || time.Since(f.began) > f.gate.config.Recheck }

// ask has the upstream say something, in the gate's own name.
func (f *located) ask(path string, q url.Values, out any) error {
	f.inquired = true
	return f.gate.upstream.Get(f.r.Context(), path, q, out)
}

// sever ends a request that its person may not go on with, or of which nobody can
// say. The deadlines end the connection, and with it the client's next request,
// so only what would go on without them gets one.
func (f *flight) sever(w http.ResponseWriter, cancel context.CancelCauseFunc, cause error) {
	f.log(slog.LevelInfo, "gate cut a request in flight", cause)
	metrics.Severed()
	cancel(cause)
	connection := http.NewResponseController(w)
	if f.rule.body == streamBody { // an upload that stands still would hold the request until it moves
		connection.SetReadDeadline(time.Now())
	}
	if f.answering.Load() { // so would a client that does not read what comes
		connection.SetWriteDeadline(time.Now())
	}
}

// standing is the question whether a request in flight is still allowed.
func (f *flight) standing(ctx context.Context) error {
	now, err := f.caller.again.caller(ctx, f.project)
	if err != nil {
		return err
	}
	ctx = roster.WithActor(ctx, now.who)
	may := func(action core.Action) error { return f.gate.app.MayAs(ctx, action, now.at) }
	switch err := f.lets(ctx, may); {
	case err != nil:
		return err
	case f.reviews:
		return stillReviews(may(core.ReviewTasks))
	case f.held:
		return f.stillAssigned(ctx)
	}
	return nil
}

// stillReviews reports whether who got everybody's work when a request came may
// still have it.
func stillReviews(decided error) error {
	reviews, err := whether(decided)
	if err == nil && !reviews {
		err = roster.Errorf(roster.Busy, "Your role here has just changed. Try again.")
	}
	return err
}

// stillAssigned reports whether what was assigned when a request came still is.
func (f *flight) stillAssigned(ctx context.Context) error {
	tasks, held, err := f.gate.app.OnlyAssigned(ctx, f.project)
	now := map[int64]bool{}
	for _, id := range tasks {
		now[id] = true
	}
	switch {
	case err != nil || !held:
		return err
	case f.task != 0 && !now[f.task]:
		return notFound
	case f.task == 0 && slices.ContainsFunc(f.assigned, func(id int64) bool { return !now[id] }):
		return roster.Errorf(roster.Busy, "What is assigned to you has just changed. Try again.")
	}
	return nil
}

// untrusted are headers that some server on the way may believe. The transport here believes that
// what comes with a key may be sent twice, and the upstream has no keys. They are written as
// the server here writes every name that comes.
var untrusted = []string{
	"Authorization", "Cookie", "X-Api-Key", "Forwarded", "X-Original-Uri", "X-Original-Url", "X-Rewrite-Url",
	"X-Real-Ip", "X-Client-Ip", "X-Remote-User",
	"Remote-User", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "X-Accel-Redirect", "X-Sendfile",
	"X-Script-Name", "Proxy", "Te", "Trailer",
	"Idempotency-Key", "X-Idempotency-Key",
	"Expect", // it was answered here
}

// rewrite makes the request that the upstream gets: the address that was
// checked, one credential, and true words about where it comes from.
func (g *Gate) rewrite(pr *httputil.ProxyRequest) {
	f, out := flightOf(pr.In), pr.Out
	path := f.rule.forwarded(f.segments)
	out.URL = &url.URL{Scheme: g.config.Upstream.Scheme, Host: g.config.Upstream.Host, RawQuery: f.query.encode()}
	out.URL.Path, _ = url.PathUnescape(path)
	out.URL.RawPath = path
	out.Host = g.host()
	for name := range out.Header {
		// the upstream reads X_Roster_User as X-Roster-User
		if strings.Contains(name, "_") || strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-Roster-") {
			out.Header.Del(name)
			delete(out.Header, name)
		}
	}
	for _, name := range untrusted {
		delete(out.Header, name)
	}
	pr.SetXForwarded()
	if pr.In.Header.Get("X-Forwarded-Proto") == "https" { // of a proxy that Roster was told to trust
		out.Header.Set("X-Forwarded-Proto", "https")
	}
	f.sign(pr)
	if f.rule.narrow.after != nil || f.rule.whose == itsPage || f.makes() {
		out.Header.Del("Accept-Encoding") // the transport asks for what it can undo
		out.Header.Del("Range")
		out.Header.Del("If-None-Match")
		out.Header.Del("If-Modified-Since")
	}
	if f.rule.body == jsonBody && f.body != nil {
		out.Header.Set("Content-Type", "application/json")
	}
}

// host is what the upstream is told it is called: never what a client says. It
// writes it into links, and sends secrets to it.
func (g *Gate) host() string {
	if g.config.Public != nil {
		return g.config.Public.Host
	}
	return g.config.Upstream.Host
}

// upstreamSession is the name of the upstream's own session cookie.
const upstreamSession = "sessionid"

// sign puts the one credential on, and the upstream's protection of forms.
func (f *flight) sign(pr *httputil.ProxyRequest) {
	var cookies []string
	for _, c := range pr.In.CookiesNamed("csrftoken") {
		cookies = append(cookies, "csrftoken="+c.Value)
	}
	if f.caller.header != "" {
		pr.Out.Header.Set("Authorization", f.caller.header)
	} else if f.login != "" {
		cookies = append(cookies, upstreamSession+"="+f.login)
	}
	if len(cookies) > 0 {
		pr.Out.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	if f.rule.body == formBody {
		// The gate has compared the origin itself, and with the address that
		// people use, which the upstream may not know.
		pr.Out.Header.Del("Origin")
		pr.Out.Header.Del("Referer")
	}
}

// receive takes the upstream's answer: its session stays here, what a narrower has
// to say about the body is done, and nobody's bytes become a program.
func (g *Gate) receive(answer *http.Response) error {
	f := flightOf(answer.Request)
	defer f.answering.Store(true)
	if !f.reads() && answer.StatusCode < 400 {
		roster.MarkDone(f.r.Context(), 0) // whatever fails from here on, Label Studio did it
	}
	if !f.reads() && f.rule.door != anonymous {
		// to have one read changes none
		if f.named.get("type") == "localfiles" && (f.rule.into || f.r.Method == http.MethodDelete) {
			g.folders.forget()
		}
		g.resolver.forget(f.refs, answer.StatusCode < 400) // it may have changed, ended or made something
	}
	for name := range answer.Header {
		if strings.HasPrefix(name, "Access-Control-") || strings.HasPrefix(name, "X-Accel-") {
			answer.Header.Del(name)
		}
	}
	f.holdCookies(answer)
	g.bringHome(answer.Header)
	if kept := answer.Header.Get("Cache-Control"); f.rule.door != anonymous &&
		(kept == "" || strings.Contains(kept, "max-age")) {
		answer.Header.Set("Cache-Control", "private, no-cache") // whoever may not see it any more must ask again
	}
	if err := f.keepMade(answer); err != nil {
		return err
	}
	if after := f.rule.narrow.after; after != nil {
		if err := after(f, answer); err != nil {
			return err
		}
	}
	if err := f.contain(answer); err != nil {
		return err
	}
	if f.method == http.MethodHead { // or all of a large file would come, for nobody
		answer.Body.Close()
		answer.Body = http.NoBody
	}
	return nil
}

// bringHome makes a redirect to the upstream's own address one to here, below the root.
// Without its host, a path of two slashes would begin with another server's. Most of what
// the upstream writes has the root already, by its LABEL_STUDIO_HOST.
func (g *Gate) bringHome(header http.Header) {
	to, err := url.Parse(header.Get("Location"))
	if err != nil || to.Host == "" && !strings.HasPrefix(to.Path, "/") ||
		to.Host != "" && to.Host != g.config.Upstream.Host && to.Host != g.host() {
		return
	}
	to.Scheme, to.Host, to.User = "", "", nil
	to.Path, to.RawPath = "/"+strings.TrimLeft(to.Path, "/"), "/"+strings.TrimLeft(to.RawPath, "/")
	if to.Path != g.root && !strings.HasPrefix(to.Path, g.root+"/") {
		to.Path, to.RawPath = g.root+to.Path, g.root+to.RawPath
	}
	header.Set("Location", to.String())
}

// refreshEvery is how old the held sign-in may grow before the upstream's newer
// one, which comes with nearly every answer, takes its place.
const refreshEvery = 10 * time.Minute

// holdCookies keeps the upstream's session from leaving.
func (f *flight) holdCookies(answer *http.Response) {
	cookies := answer.Cookies()
	answer.Header.Del("Set-Cookie")
	for _, c := range cookies {
		switch {
		case c.Name == "csrftoken":
			c.Path = cmp.Or(f.gate.root, "/")
			answer.Header.Add("Set-Cookie", c.String())
		case c.Name == upstreamSession:
			f.given = c.Value
		}
	}
	if f.given == "" || f.login == "" || f.given == f.login || answer.StatusCode == http.StatusUnauthorized {
		return
	}
	if f.gate.people.stale(f.caller.who.UserID, f.gate.app.Now()) && answer.StatusCode < 300 {
		if err := f.gate.people.keep(f.r.Context(), f.caller.who.UserID, f.given); err != nil {
			slog.WarnContext(f.r.Context(), "could not keep a newer sign-in to the upstream", "user", f.caller.who.UserID,
				"error", err)
		}
	}
}

// broken answers when the upstream did not, or when what it answered cannot be
// let through.
func (g *Gate) broken(w http.ResponseWriter, r *http.Request, err error) {
	f := flightOf(r)
	if broken := f.rule.narrow.broken; broken != nil {
		broken(f, err)
	}
	if cause := context.Cause(r.Context()); cause != nil {
		if errors.Is(cause, context.Canceled) {
			panic(http.ErrAbortHandler) // the client hung up
		}
		g.refuse(w, f, f.unsure(cause)) // the upstream is not to blame
		return
	}
	if f.deniesWhatWasDone(err) {
		err = f.unsure(err)
	}
	var e *roster.Error
	var broken *fault
	if !errors.As(err, &e) && !errors.As(err, &broken) {
		if f.arrival.failed() {
			err = roster.Errorf(roster.Invalid, "The request body did not arrive whole. Nothing was changed.")
		} else if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			err = roster.Errorf(roster.TooLarge, "The body is larger than %d MiB. Nothing was changed.", tooLarge.Limit>>20)
		} else {
			err = unreachable(err)
		}
	}
	g.refuse(w, f, err)
}

// rightEnded are the refusals of who may not do something, or not any more.
var rightEnded = []roster.Kind{roster.NotFound, roster.Forbidden, roster.Unsigned}

// unsure is what is said of a request that Label Studio was at when it had to be asked again
// whether it is allowed. Whoever has lost the right is refused as they would be for any other,
// but no refusal may say of a change that nothing came of it.
func (f *flight) unsure(cause error) error {
	if f.reads() {
		return cause
	}
	kind := roster.KindOf(cause)
	if !slices.Contains(rightEnded, kind) {
		return roster.Error{Kind: roster.Unconfirmed,
			Err: cause}.Says("This may have happened: Label Studio was at it when " +
			"it could not be found out whether it is still allowed. Look whether it did before you try again.")
	}
	lost := roster.Error{Kind: kind, Err: cause}
	if pause := roster.PauseIn(cause); pause != nil {
		lost.Detail = pause
	}
	return lost.Says("This may have happened: Label Studio was at it when it was refused.")
}

// deniesWhatWasDone reports whether Roster refuses its own part of an answer to somebody for
// whom Label Studio has done what they asked.
func (f *flight) deniesWhatWasDone(err error) bool {
	done := roster.RequestIn(f.r.Context()).Facts().Changed
	return done && f.rule.door != anonymous && slices.Contains(rightEnded, roster.KindOf(err))
}

// arriving is a body on its way from the client, which notes when that is at fault.
type arriving struct {
	io.ReadCloser
	broke atomic.Bool
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, http.ErrBodyReadAfterClose) && !tooLarge {
		a.broke.Store(true)
	}
	return n, err
}

func (a *arriving) failed() bool { return a != nil && a.broke.Load() }

// sessionCookie is the cookie that a browser is given without its value.
func (f *parsed) sessionCookie() *http.Cookie {
	return &http.Cookie{
		Name: auth.SessionCookie, Path: cmp.Or(f.gate.root, "/"), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: auth.Secure(f.r),
	}
}
