// Package web is Roster's face for browsers: pages that the server renders,
// that need no script, and that nobody else's page can use or be put around.
package web

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/app"
)

//go:embed templates static
var files embed.FS

// Site serves the pages. Requests reach it with a canonical path (no trailing
// slash) and the client's own address.
type Site struct {
	app   *app.App
	pages map[string]*template.Template
	next  http.Handler
}

// New makes the site.
func New(a *app.App) *Site {
	s := &Site{app: a, pages: parsed()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /static/{file}", static)
	mux.HandleFunc("GET /user/login", s.showSignIn)
	mux.HandleFunc("POST /user/login", s.signIn)
	mux.HandleFunc("POST /user/logout", s.signOut)
	mux.HandleFunc("GET /user/signup", s.showInvitation)
	mux.HandleFunc("POST /user/signup", s.join)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, roster.Errorf(roster.NotFound, "There is no such page."))
	})
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, roster.Errorf(roster.Forbidden, "This was sent from another site. Nothing was changed."))
	}))
	s.next = own.Handler(mux)
	return s
}

// parsed is every page within the layout that they share.
func parsed() map[string]*template.Template {
	pages := map[string]*template.Template{}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		if page := path.Base(name); page != "layout.html" {
			pages[page] = template.Must(template.ParseFS(files, "templates/layout.html", name))
		}
	}
	return pages
}

// policy lets a page load the site's own style and send forms to the site, and
// nothing else at all.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm is the largest form that is read, in bytes.
const maxForm = 64 << 10

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // an address can hold an invitation
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.next.ServeHTTP(w, r)
}

// static answers with a file that is the same for everybody.
func static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeFileFS(w, r, files, "static/"+r.PathValue("file"))
}

// page is what the layout and every page in it can show.
type page struct {
	Title  string
	Who    *person             // who is signed in; nil: nobody
	Error  string              // what went wrong, in a sentence
	Fields map[string][]string // what is wrong with which field
	Data   any
}

// person is who is signed in.
type person struct{ Name, Email, Role, Organization string }

// Wrong is the first complaint about a field; "" when it is right.
func (p page) Wrong(field string) string {
	if list := p.Fields[field]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// show answers with a page. It is whole before it begins, so that a mistake in
// a template is not half an answer.
func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	var out bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&out, "layout", p); err != nil {
		slog.ErrorContext(r.Context(), "page failed", "page", name, "error", err)
		http.Error(w, "Something went wrong.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	out.WriteTo(w) // a browser that hung up cannot be told about it
}

// statuses is this face's one table from kinds of error to HTTP.
var statuses = map[roster.Kind]int{
	roster.Invalid:   http.StatusBadRequest,
	roster.Unsigned:  http.StatusUnauthorized,
	roster.Forbidden: http.StatusForbidden,
	roster.NotFound:  http.StatusNotFound,
	roster.TooLarge:  http.StatusRequestEntityTooLarge,
	roster.TooMany:   http.StatusTooManyRequests,
	roster.Busy:      http.StatusServiceUnavailable,
}

// failed is the status of err, and p with what to say about it. Errors that
// nobody outside should see go to the log.
func (p page) failed(w http.ResponseWriter, r *http.Request, err error) (int, page) {
	var e *roster.Error
	if !errors.As(err, &e) || statuses[e.Kind] == 0 {
		id := w.Header().Get("X-Request-ID")
		slog.ErrorContext(r.Context(), "request failed", "request", id, "method", r.Method, "path", r.URL.Path, "error", err)
		p.Error = "Something went wrong and nothing was changed. The log has the details under request " + id + "."
		return http.StatusInternalServerError, p
	}
	p.Error, p.Fields = e.Message, e.Fields
	switch {
	case e.Kind == roster.TooMany:
		w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)))
		p.Error = "Too many attempts. Try again in " + inWords(e.RetryAfter) + "."
	case len(e.Fields) > 0:
		p.Error = "Please correct what is marked."
	}
	return statuses[e.Kind], p
}

// inWords is a duration as people say it, rounded up.
func inWords(d time.Duration) string {
	n, unit := (d+time.Second-1)/time.Second, "second"
	if d > time.Minute {
		n, unit = (d+time.Minute-1)/time.Minute, "minute"
	}
	if n == 1 {
		return "one " + unit
	}
	return strconv.Itoa(int(n)) + " " + unit + "s"
}

// fail answers with nothing but what went wrong.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, p := page{Title: http.StatusText(http.StatusNotFound)}.failed(w, r, err)
	p.Title = http.StatusText(status)
	s.show(w, r, status, "message.html", p)
}

// field is a field of the request's form or query, as text that can be stored.
func field(r *http.Request, name string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(r.FormValue(name), ""), "\x00", "")
}
