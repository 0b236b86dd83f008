package server

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"roster"
	"roster/internal/app"
	"roster/internal/auth"
	"roster/internal/lsapi"
	"roster/internal/metrics"
	"roster/internal/scim"
	"roster/internal/tracing"
)

var requestIDShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identified gives every request a record and an id, the caller's own when it is harmless,
// and says it in the answer; and has it not wait for the store without an end. No answer is
// taken for another type than it says, and none is kept on the way, unless whoever answers
// knows better.
func identified(a *app.App, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		if id == "" || !requestIDShape.MatchString(id) {
			id = uuid.NewString()
		}
		w.Header().Set("X-Request-ID", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		if r.TLS != nil { // of a server whose TLS is its own
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		record := &roster.Request{ID: id, Began: time.Now()}
		done := metrics.Requested()
		defer func() { done(r.Method, record.Facts(), time.Since(record.Began)) }()
		next.ServeHTTP(&recorder{w, record}, r.WithContext(a.Bounded(roster.WithRequest(r.Context(), record))))
	})
}

// traced has what becomes of a request be told to a collector, where there is one.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, end := tracing.Served(r)
		defer func() { end(roster.RequestIn(ctx).Facts()) }()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// recorder notes what is answered.
type recorder struct {
	http.ResponseWriter
	record *roster.Request
}

func (w *recorder) WriteHeader(status int) {
	w.record.Note(func(f *roster.RequestFacts) { f.Status = cmp.Or(f.Status, status) })
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.record.Note(func(f *roster.RequestFacts) {
		f.Status = cmp.Or(f.Status, http.StatusOK)
		f.Bytes += int64(n)
	})
	return n, err
}

// Unwrap lets http.ResponseController reach what is beneath.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logged writes a line per request. Query strings stay out: they can hold
// e-mail addresses.
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		record := roster.RequestIn(r.Context())
		defer func() {
			facts := record.Facts()
			line(r.Context(), slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", facts.Status), slog.Int64("bytes", facts.Bytes),
				slog.Int64("ms", time.Since(record.Began).Milliseconds()),
				slog.String("request", record.ID), slog.String("remote", r.RemoteAddr))
		}()
		next.ServeHTTP(w, r)
	})
}

// line writes one line of the access log. It does not look up which line of the program
// wrote it, which slog's own functions do, and no handler shows.
func line(ctx context.Context, attrs ...slog.Attr) {
	to := slog.Default().Handler()
	if !to.Enabled(ctx, slog.LevelInfo) {
		return
	}
	record := slog.NewRecord(time.Now(), slog.LevelInfo, "request", 0)
	record.AddAttrs(attrs...)
	to.Handle(ctx, record)
}

// guarded turns a panic into a 500 that names the request; the stack goes to
// the log only. Once an answer has begun, the connection is cut instead, so
// that nobody takes half of it for the whole.
func guarded(api *lsapi.API, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			record := roster.RequestIn(r.Context())
			slog.ErrorContext(r.Context(), "panic", "request", record.ID, "panic", p, "stack", string(debug.Stack()))
			if record.Facts().Status != 0 {
				panic(http.ErrAbortHandler)
			}
			api.Fail(w, r, fmt.Errorf("panic: %v", p))
		}()
		next.ServeHTTP(w, r)
	})
}

// canonical gives every request one reading of its path, or refuses it. Both
// slash forms are the same place, served without a redirect: the SDK follows
// redirects, which would turn a POST into a GET (contract 1.1).
func canonical(api *lsapi.API, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if !oneReading(path, r.URL.EscapedPath()) {
			api.Fail(w, r, roster.Errorf(roster.NotFound, "Not found."))
			return
		}
		if path != "/" {
			path = strings.TrimSuffix(path, "/")
		}
		clone := new(http.Request)
		*clone = *r
		clone.URL = &url.URL{Path: path, RawQuery: r.URL.RawQuery}
		next.ServeHTTP(w, clone)
	})
}

// oneReading refuses paths that two programs could read differently.
func oneReading(path, escaped string) bool {
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") {
		return false
	}
	lower := strings.ToLower(escaped)
	if strings.Contains(lower, "%2f") || strings.Contains(lower, "%5c") || strings.ContainsAny(path, "\\;#?") {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return !strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// signedIn lets a request on only with an actor in its context, and records
// that the actor did something.
func signedIn(a *app.App, api *lsapi.API) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		roster.RequestIn(r.Context()).By("api", "none")
		if api.Open(r) {
			api.ServeHTTP(w, r)
			return
		}
		who, err := auth.Actor(a, r)
		if err == nil && who.Credential == roster.CredentialSession && auth.LedFromElsewhere(r) {
			err = roster.Errorf(roster.Forbidden, "This was sent from another site's page.")
		}
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		admit := asking
		if api.Repeats(r) {
			admit = admitted
		}
		if r, err = admit(a, r, who); err != nil {
			api.Fail(w, r, err)
			return
		}
		if isActivity(r, who) {
			if err := a.Touch(r.Context()); err != nil {
				api.Fail(w, r, err)
				return
			}
		}
		answer(a, api, w, r)
	})
}

// admitted puts who into the request's context and its record, and counts the request
// against their limit.
func admitted(a *app.App, r *http.Request, who roster.Actor) (*http.Request, error) {
	record := roster.RequestIn(r.Context())
	who.RequestID = record.ID
	record.Note(func(f *roster.RequestFacts) { f.Actor = who })
	r = r.WithContext(roster.WithActor(r.Context(), who))
	return r, a.AllowCall(r.Context())
}

// asking is admitted for a request that is none of those that a client repeats by itself:
// it ends the time in which one of those is answered as the first.
func asking(a *app.App, r *http.Request, who roster.Actor) (*http.Request, error) {
	r, err := admitted(a, r, who)
	a.Asked(r.Context(), named("projects", r.URL.Path))
	return r, err
}

// answer has a face answer, with the request's body counted for its actor.
func answer(a *app.App, face http.Handler, w http.ResponseWriter, r *http.Request) {
	held := a.HoldBody(r.Context(), r.Body)
	defer held.Release()
	r.Body = held
	face.ServeHTTP(w, r)
}

// provided lets an identity provider's request on, with the Owner whose token
// it comes with as the actor in its context.
func provided(a *app.App, api *scim.API) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		roster.RequestIn(r.Context()).By("scim", "none")
		who, err := auth.Provider(a, r)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		if r, err = asking(a, r, who); err != nil {
			api.Fail(w, r, err)
			return
		}
		answer(a, api, w, r)
	})
}

// isActivity reports whether a request counts as its actor's activity: those
// that may change something, unless an operator acts in the person's name.
func isActivity(r *http.Request, who roster.Actor) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return who.Credential != roster.CredentialOperator
}
