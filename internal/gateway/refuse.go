package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"roster"
)

// statuses is this face's one table from kinds of error to HTTP.
var statuses = map[roster.Kind]int{
	roster.Invalid:     http.StatusBadRequest,
	roster.NotFound:    http.StatusNotFound,
	roster.Forbidden:   http.StatusForbidden,
	roster.Unsigned:    http.StatusUnauthorized,
	roster.NotAllowed:  http.StatusMethodNotAllowed,
	roster.TooLarge:    http.StatusRequestEntityTooLarge,
	roster.Unsupported: http.StatusUnsupportedMediaType,
	roster.Unmeasured:  http.StatusLengthRequired,
	roster.TooMany:     http.StatusTooManyRequests,
	roster.Busy:        http.StatusServiceUnavailable,
	roster.Unconfirmed: http.StatusServiceUnavailable,
}

// refusals counts what was refused, by rule and status.
type refusals struct {
	mu     sync.Mutex
	counts map[string]int64
}

func newRefusals() *refusals { return &refusals{counts: map[string]int64{}} }

func (r *refusals) add(rule string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[rule+" "+strconv.Itoa(status)]++
}

// Refusals is how often the gate refused since it started, by rule and status;
// requests without a rule count as "unrouted".
func (g *Gate) Refusals() map[string]int64 {
	g.refusals.mu.Lock()
	defer g.refusals.mu.Unlock()
	return maps.Clone(g.refusals.counts)
}

// lookFirst is said where a request may have reached Label Studio.
const lookFirst = "If this was to change something, look whether it did before you try again."

// judged is the status and the sentence that an error comes to under ctx. What the gate itself has
// said of one that may have happened is said, whatever it was made of. A store that does not answer
// closes the gate.
func judged(ctx context.Context, err error) (status int, detail string, fields map[string][]string) {
	var e *roster.Error
	var f *fault
	told := roster.Told(ctx, err)
	switch {
	case errors.As(err, &e) && e.Kind == roster.Unconfirmed:
		return statuses[e.Kind], e.Message, nil
	case errors.As(err, &f) && f.status == http.StatusGatewayTimeout:
		return f.status, "Label Studio did not answer in time. " + lookFirst, nil
	case errors.As(err, &f) && f.status == http.StatusServiceUnavailable:
		return f.status, "The gate cannot ask Label Studio what this is about. Nothing was done; the log says more.", nil
	case errors.As(err, &f):
		return f.status, "Label Studio does not answer, or not as it should. " + lookFirst, nil
	case errors.As(told, &e) && statuses[e.Kind] != 0:
		return statuses[e.Kind], e.Message, e.Fields
	}
	return http.StatusServiceUnavailable,
		"Roster cannot find out now whether this is allowed, and so refuses it. Try again in a moment.", nil
}

// refuse answers with err, and writes down which rule refused whom.
func (g *Gate) refuse(w http.ResponseWriter, f *flight, err error) {
	status, detail, fields := judged(f.r.Context(), err)
	g.refusals.add(f.ruling(), status)
	ctx := f.r.Context()
	f.log(levelOf(ctx, status, err), "gate refused", err, slog.Int("status", status))
	if e, ok := errors.AsType[*roster.Error](err); ok && e.Kind == roster.TooMany {
		w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)))
	} else if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if f.rule != nil && f.rule.body == streamBody {
		// Or the server would wait for the rest of an upload before it answers. What it
		// then cannot read would end the connection's next request.
		w.Header().Set("Connection", "close")
		http.NewResponseController(w).SetReadDeadline(time.Now()) // where it cannot, it waits
	}
	switch {
	case isPage(f.r) && status == http.StatusUnauthorized:
		next := url.Values{"next": {g.root + f.r.URL.RequestURI()}}
		http.Redirect(w, f.r, g.root+"/user/login/?"+next.Encode(), http.StatusFound)
	case isPage(f.r):
		g.showPage(ctx, w, status, heading(err, status), detail)
	default:
		g.showJSON(w, status, detail, fields)
	}
}

// ruling names the rule that a request falls under.
func (f *parsed) ruling() string {
	if f.rule == nil {
		return "unrouted"
	}
	return f.rule.String()
}

// log writes down what became of a request, by which rule, and whose it was.
func (f *flight) log(level slog.Level, message string, err error, more ...slog.Attr) {
	slog.LogAttrs(f.r.Context(), level, message, append(more, slog.String("rule", f.ruling()),
		slog.Int64("user", f.caller.who.UserID),
		slog.Int64("project", f.project), slog.String("method", f.method), slog.String("path", f.r.URL.Path),
		slog.String("request", f.request), slog.String("error", err.Error()))...)
}

func levelOf(ctx context.Context, status int, err error) slog.Level {
	if status >= 500 {
		return roster.Severity(ctx, err)
	}
	return slog.LevelInfo
}

// isPage reports whether a person looks at the answer, and not a program.
func isPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodPost) && !strings.HasPrefix(r.URL.Path, "/api/") &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

// showJSON answers as Label Studio does when it refuses.
func (g *Gate) showJSON(w http.ResponseWriter, status int, detail string, fields map[string][]string) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Token")
	}
	body := map[string]any{"id": w.Header().Get("X-Request-ID"), "status_code": status, "version": g.config.Version,
		"detail": detail, "exc_info": nil}
	if len(fields) > 0 {
		body["validation_errors"] = fields
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(policyHeader, sandboxed)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // a client that hung up cannot be told about it
}

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}h1{font-size:1.4rem}</style></head>
<body><h1>{{.Title}}</h1><p>{{.Detail}}</p><p><a href="{{.Root}}/projects/">Projects</a> · <a href="{{.Root}}/roster/">Members</a> · <a href="{{.Root}}/logout/">Sign out</a></p></body></html>
`))

// heading is what a page that refuses is called.
func heading(err error, status int) string {
	if roster.PauseIn(err) != nil {
		return "You are paused in this project"
	}
	return http.StatusText(status)
}

func (g *Gate) showPage(ctx context.Context, w http.ResponseWriter, status int, title, detail string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set(policyHeader, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	if err := page.Execute(w, map[string]string{"Title": title, "Detail": detail, "Root": g.root}); err != nil {
		slog.DebugContext(ctx, "nobody read the page", "error", err)
	}
}

// allow is the methods of an Allow header.
func allow(methods []string) string {
	all := append(slices.Clone(methods), http.MethodOptions)
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}
