package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"roster"
)

// statuses is this face's one table from kinds of error to HTTP.
var statuses = map[roster.Kind]int{
	roster.Invalid:     http.StatusBadRequest,
	roster.Unsigned:    http.StatusUnauthorized,
	roster.Forbidden:   http.StatusForbidden,
	roster.NotFound:    http.StatusNotFound,
	roster.NotAllowed:  http.StatusConflict,
	roster.Changed:     http.StatusConflict,
	roster.Exists:      http.StatusConflict,
	roster.KeyReused:   http.StatusConflict,
	roster.TooLarge:    http.StatusRequestEntityTooLarge,
	roster.Unsupported: http.StatusUnsupportedMediaType,
	roster.TooMany:     http.StatusTooManyRequests,
	roster.Busy:        http.StatusServiceUnavailable,
	roster.Unconfirmed: http.StatusServiceUnavailable,
}

// failed is the status of err, and p with what to say about it. Errors that
// nobody outside should see go to the log.
func (v *visit) failed(p page, err error) (int, page) {
	var e *roster.Error
	if err = roster.Told(v.ctx(), err); !errors.As(err, &e) || statuses[e.Kind] == 0 {
		id := v.w.Header().Get("X-Request-ID")
		slog.Log(v.ctx(), roster.Severity(v.ctx(), err), "request failed", "request", id, "method", v.r.Method,
			"path", v.r.URL.Path, "error", err)
		p.Error = sentence("Something went wrong and nothing was changed. The log has the details under request {request}.",
			"request", id)
		return http.StatusInternalServerError, p
	}
	p.Error, p.Fields = errorTexts(e)
	switch {
	case e.Kind == roster.TooMany:
		v.w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)))
		p.Error = tooMany(e.RetryAfter)
	case e.Kind == roster.Busy:
		v.w.Header().Set("Retry-After", "1")
	case e.Kind == roster.Unconfirmed:
		slog.ErrorContext(v.ctx(), "not confirmed", "request", v.w.Header().Get("X-Request-ID"), "path", v.r.URL.Path,
			"error", err)
		v.w.Header().Set("Retry-After", "1")
	case e.Kind == roster.KeyReused:
		p.Error = "This form was sent before with other values. Nothing was changed; reload the page and try again."
	case len(e.Fields) > 0:
		p.Error = "Please correct what is marked."
	}
	return statuses[e.Kind], p
}

// errorTexts is what an error says, and of which fields. One that is about several fields, and
// has no texts for them, has only English.
func errorTexts(e *roster.Error) (text roster.Text, fields map[string][]roster.Text) {
	text = e.Said()
	if len(e.Fields) == 0 {
		return text, nil
	}
	if e.Texts != nil {
		return text, e.Texts
	}
	fields = map[string][]roster.Text{}
	for name, messages := range e.Fields {
		if fields[name] = []roster.Text{text}; len(e.Fields) > 1 || e.Key == "" {
			fields[name] = nil
			for _, m := range messages {
				fields[name] = append(fields[name], roster.Verbatim(m))
			}
		}
	}
	return text, fields
}

// tooMany says when to try again, rounded up.
func tooMany(wait time.Duration) roster.Text {
	if wait > time.Minute {
		return counted(int((wait+time.Minute-1)/time.Minute), "Too many attempts. Try again in one minute.",
			"Too many attempts. Try again in %s minutes.")
	}
	return counted(int((wait+time.Second-1)/time.Second), "Too many attempts. Try again in one second.",
		"Too many attempts. Try again in %s seconds.")
}

// headings is what pages of errors are called.
var headings = map[int]roster.Text{
	http.StatusBadRequest: "This cannot be done",
	http.StatusForbidden:  "Not permitted",
	http.StatusNotFound:   "Not found",
	http.StatusConflict:   "Nothing was changed",

	http.StatusRequestEntityTooLarge: "Too large",
	http.StatusTooManyRequests:       "Too many attempts",
	http.StatusServiceUnavailable:    "The server is busy",
	http.StatusInternalServerError:   "Something went wrong",
}

// fail answers with what went wrong and nothing else: strangers are led to the
// sign-in and back, a page that htmx asks for keeps what it shows.
func (v *visit) fail(err error) {
	if roster.KindOf(err) == roster.Unsigned {
		v.toSignIn()
		return
	}
	if v.pageGone(err) {
		return
	}
	status, p := v.failed(page{}, err)
	p.Title = headings[status]
	if kind := roster.KindOf(roster.Told(v.ctx(), err)); kind == roster.Unconfirmed {
		p.Title = "Not confirmed"
	}
	if pause := roster.PauseIn(err); pause != nil {
		p.Title, p.Data = "You are paused in this project", pause
	}
	for _, messages := range p.Fields { // there is no form to mark them in
		p.Error = messages[0]
	}
	if status == http.StatusBadRequest && v.r.Method == http.MethodGet && v.r.URL.RawQuery != "" {
		p.Plain, p.Less = v.r.URL.Path, v.withoutWrong(p.Fields)
	}
	if status == http.StatusServiceUnavailable && v.who != nil && !v.r.PostForm.Has("password") {
		p.Retry = v.r.PostForm
	}
	if v.inPage() {
		h := v.w.Header()
		h.Set("HX-Retarget", "#notices")
		h.Set("HX-Reswap", "innerHTML")
		h.Set("HX-Reselect", "#problem")
		h.Set("HX-Push-Url", "false")
	}
	err = v.show(status, "message.html", p)
	if err != nil && v.who != nil { // the store may tell nothing any more, not even of who asks
		v.who = nil
		err = v.show(status, "message.html", p)
	}
	if err != nil {
		slog.ErrorContext(v.ctx(), "page of an error failed", "error", err)
		http.Error(v.w, "Something went wrong.", http.StatusInternalServerError)
	}
}

// toSignIn leads to the sign-in, which leads back to the view: a form that a
// session ended under comes back to the page it was on.
func (v *visit) toSignIn() {
	next := v.here()
	if v.r.Method != http.MethodGet || v.inPage() {
		next = v.back()
	}
	if v.r.Method != http.MethodGet {
		v.leave(notice{Text: "Your session ended before this was sent. Nothing was changed. Sign in and do it again.",
			Warns: true})
	}
	v.leadToSignIn(next)
}

func (v *visit) leadToSignIn(next string) {
	query := url.Values{"next": {next}}
	v.redirect(v.link("/user/login?%s", query.Encode()))
}

// withoutWrong is the address of the view without the one filter that is wrong, as where a tag
// is gone, and without a selection that was said of the filters; "" where that is not the case.
func (v *visit) withoutWrong(fields map[string][]roster.Text) string {
	query := v.r.URL.Query()
	for name := range fields {
		if len(fields) > 1 || !query.Has(name) {
			return ""
		}
		query.Del(name)
	}
	for _, name := range selectionFields {
		query.Del(name)
	}
	if len(fields) == 0 || len(query) == 0 {
		return ""
	}
	return v.r.URL.Path + "?" + query.Encode()
}
