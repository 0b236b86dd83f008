// Package gateway stands in front of an unmodified Label Studio Community
// Edition, which lets everybody who is signed in do everything, and lets
// through what Roster's policy allows. README.md says what is trusted and why.
package gateway

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/gateway/stage"
	"roster/internal/limit"
	"roster/internal/metrics"
	"roster/internal/mirror"
)

// Config is what a gate is made of.
type Config struct {
	Upstream *url.URL
	Token    string       // of the upstream's owner
	Own      http.Handler // Roster's own faces; requests reach it with a canonical path and the actor in their context
	Version  string
	// MembersLink puts a way to the console's members page onto the upstream's
	// project pages.
	MembersLink bool
	// Adopt is whom the projects begin with that the upstream has when the gate
	// first starts; "" is nobody.
	Adopt mirror.Adoption
	// Public is where people reach the gate, such as https://label.example.com;
	// nil when it was not said. Links that the upstream makes begin with it. What it has
	// of a path is the application's root: requests come without it.
	Public *url.URL
	// Files is the folder from which the upstream serves local files, as it names it
	// itself, absolute and clean; "" keeps them shut.
	Files string
	// Recheck is how old the answer may be whether a request is allowed when it goes
	// on; an older one is asked for again. 0 is a tenth of a second.
	Recheck time.Duration
	// Patience is how long the upstream may take to begin its answer to a request.
	// 0 is five minutes: an import may take some.
	Patience time.Duration
	// Questions is how long it may take for one of the gate's own questions; all that are
	// asked about one thing have three times that. 0 is ten seconds.
	Questions time.Duration
	// Misses is how often one person may name what is not there or not theirs and
	// the upstream has to be asked about, and one address come with tokens that
	// nobody has; the zero Rate sets no limit.
	Misses limit.Rate
	// Hooks is where the upstream reaches the gate, to tell of changes past it;
	// nil: it is not asked to.
	Hooks *url.URL
	// Admit is told who sent a request; an error refuses it.
	Admit func(r *http.Request, who roster.Actor) (*http.Request, error)
}

// Gate is the authorizing reverse proxy.
type Gate struct {
	config   Config
	app      *app.App
	root     string // what the path of everything begins with: "" or, as "/labels", that of Public
	table    table
	upstream *Upstream
	resolver *resolver
	people   *identities
	proxy    *httputil.ReverseProxy
	flights  *flights
	refusals *refusals
	misses   misses
	folders  *folders
	rewrites slots  // for large answers that are read whole
	lookings slots  // for looking through the assigned tasks of somebody, or through all labels
	describe slots  // for what the upstream says of its own API
	readers  misses // counts who has that made
	hook     *webhook
	changes  *changes
	doubts   *doubts
	counting sync.Mutex
	counted  *cache[int64, *kindsThere] // what kinds of results projects have
	trouble  string                     // why the upstream has no hook, as it was logged; "" while it has
}

// New makes a gate.
func New(a *app.App, c Config) *Gate {
	u := NewUpstream(c.Upstream, c.Token, a.Now)
	u.http.Timeout = cmp.Or(c.Questions, serviceTimeout)
	c.Recheck, c.Patience = cmp.Or(c.Recheck, recheck), cmp.Or(c.Patience, patience)
	m := misses{limit.New(c.Misses), a.Now}
	g := &Gate{
		config: c, app: a, root: a.Root(), table: newTable(rules()), upstream: u, resolver: newResolver(u, a.Now),
		people:  newIdentities(a, u, m),
		flights: newFlights(), refusals: newRefusals(), misses: m, folders: newFolders(u, a.Now, c.Files),
		rewrites: make(slots, 4), lookings: make(slots, 4),
		describe: make(slots, 1), readers: misses{limit.New(descriptions), a.Now},
		hook:    newHook(c.Hooks, a.Root(), a.HookSecret()),
		changes: newChanges(), doubts: newDoubts(), counted: newKindsThere(),
	}
	g.proxy = g.newProxy()
	return g
}

// Upstream is the gate's own way to the upstream.
func (g *Gate) Upstream() *Upstream { return g.upstream }

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := &flight{}
	f.gate, f.r, f.method, f.request = g, asked(r), r.Method, w.Header().Get("X-Request-ID")
	err := g.handle(w, f)
	metrics.Decided(f.ruling(), err)
	if err != nil {
		g.refuse(w, f, err)
	}
}

// asked is a request as it is decided, narrowed and forwarded. A HEAD is a GET there: the
// upstream does for it all that it does for a GET, so no rule may tell the two apart. Only
// the body is left out of the answer.
func asked(r *http.Request) *http.Request {
	if r.Method != http.MethodHead {
		return r
	}
	get := r.Clone(r.Context())
	get.Method = http.MethodGet
	get.Header.Del("Range") // a HEAD is about the whole
	return get
}

// handle takes a request through the stages, each of which can only refuse.
func (g *Gate) handle(w http.ResponseWriter, f *flight) error {
	p, err := stage.Parse(&f.parsed)
	switch {
	case err != nil:
		return err
	case f.rule.door == itself:
		return f.rule.answer(w, &f.parsed)
	case f.rule.door == anonymous:
		return g.passAnonymous(w, f, p)
	}
	who, err := stage.Identify(w, p, &f.identified)
	switch {
	case err != nil:
		return err
	case f.rule.door == own:
		return g.toRoster(w, &f.located, who)
	}
	return g.toUpstream(w, f, who)
}

// aheadOf is the project that the address says a request is about, before everything in
// it is read: what the person is to it is asked along with who they are. 0: it says none.
func (f *parsed) aheadOf() int64 {
	if f.rule.door != upstream || f.rule.scope != inProject {
		return 0
	}
	id, _ := parseID(cmp.Or(f.named.get("project"), f.query.get("project")))
	return id
}

// toRoster hands a request to Roster's own faces, which decide for themselves.
func (g *Gate) toRoster(w http.ResponseWriter, f *located, who stage.Identified[*identified]) error {
	if _, err := stage.Locate(w, who, f); err != nil {
		return err
	}
	clone := f.r.Clone(f.r.Context())
	clone.URL = &url.URL{Path: "/", RawQuery: f.r.URL.RawQuery}
	if len(f.segments) > 0 {
		clone.URL.Path = ""
		for _, segment := range f.segments {
			clone.URL.Path += "/" + segment
		}
	}
	g.config.Own.ServeHTTP(w, clone)
	return nil
}

// toUpstream checks everything about a request that Label Studio does not.
func (g *Gate) toUpstream(w http.ResponseWriter, f *flight, who stage.Identified[*identified]) error {
	held := g.app.HoldBody(f.r.Context(), f.r.Body)
	defer held.Release()
	if f.rule.body != streamBody { // streams are held by nobody
		f.r.Body = held
	}
	what, err := stage.Locate(w, who, &f.located)
	if err != nil {
		return f.missed(err)
	}
	allowed, err := stage.Allow(what, f)
	if err != nil {
		return f.missed(err)
	}
	if err := f.writable(); err != nil {
		return err
	}
	return g.forward(w, allowed)
}

// writable refuses what changes something, sign-ins included, while Roster is read only: it
// could not note what becomes of it.
func (f *parsed) writable() error {
	if f.reads() {
		return nil
	}
	return f.gate.app.Writable()
}

// passAnonymous forwards what holds nobody's data, whoever asks.
func (g *Gate) passAnonymous(w http.ResponseWriter, f *flight, p stage.Parsed[*parsed]) error {
	allowed, err := stage.Open(w, p, f)
	if err == nil {
		err = f.writable()
	}
	if err != nil {
		return err
	}
	return g.forward(w, allowed)
}

// readBody reads what the rule lets a request carry, and puts what goes on in
// the place of what came.
func (f *located) readBody(w http.ResponseWriter) (err error) {
	if f.rule.body == noBody && f.r.ContentLength == 0 { // as most say
		f.arrived = true
		return nil
	}
	f.arrived = true
	if err := f.measured(); err != nil {
		return err
	}
	switch f.rule.body {
	case jsonBody:
		most, made := int64(maxJSON), roster.Fields // lists stay as they were written
		switch {
		case f.rule.door == anonymous:
			most = maxForm // a token, from anybody at all
		case f.rule.questions:
			most, made = maxSearch, roster.Values[[]byte]
		}
		f.body, err = readJSON(w, f.r, most, made)
	case streamBody:
		f.r.Body = http.MaxBytesReader(w, f.r.Body, cmp.Or(f.rule.most, maxUpload))
	case formBody:
		f.r.Body = http.MaxBytesReader(w, f.r.Body, maxForm)
	case noBody:
		switch n, err := io.ReadFull(f.r.Body, make([]byte, 1)); {
		case n > 0:
			return roster.Errorf(roster.Invalid, "This takes no body. Nothing was done.")
		case err != io.EOF && roster.KindOf(err) == roster.Internal:
			return roster.Errorf(roster.Invalid, "The request body did not arrive whole. Nothing was done.")
		}
	}
	return err
}

// measured refuses what goes on as it comes where it does not say how long it is. The
// upstream's own server reads nothing of a body in chunks: it would act without it, and take
// it for the connection's next request.
func (f *located) measured() error {
	if f.r.ContentLength >= 0 || f.rule.body != streamBody && f.rule.body != formBody {
		return nil
	}
	return roster.Errorf(roster.Unmeasured,
		"Say how long this is with a Content-Length, and send it without Transfer-Encoding. Nothing was changed.")
}

// The largest bodies that pass, in bytes.
const (
	maxUpload = 4 << 30
	maxAvatar = 8 << 20 // the upstream takes pictures of 1,200 × 1,200
	maxForm   = 64 << 10
)

// How Config's times are set when it leaves them out.
const (
	recheck  = 100 * time.Millisecond
	patience = 5 * time.Minute
)

// setBody puts the checked body in the place of what came. It has a length.
func (f *flight) setBody(r *http.Request) error {
	r.TransferEncoding, r.Trailer = nil, nil
	if f.rule.body == noBody {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	if f.rule.body != jsonBody {
		return nil
	}
	raw, err := f.body.bytes()
	if err != nil {
		return err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	if len(raw) == 0 {
		r.Body = http.NoBody
	}
	return nil
}

// Serve watches over the requests in flight until ctx ends.
func (g *Gate) Serve(ctx context.Context) { g.flights.watch(ctx) }

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
