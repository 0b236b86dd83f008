package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/auth"
	"roster/internal/core"
	"roster/internal/limit"
	"roster/internal/locale"
)

// visit is one request being answered.
type visit struct {
	site *Site
	app  *app.App // the App, or its transaction while a form is carried out
	w    http.ResponseWriter
	r    *http.Request
	base string        // what links begin with: the root, or the Prefix below it
	who  *roster.Actor // who signed in; nil: nobody
	// standing is what they are to the project that the address names; empty: none is named.
	standing []*roster.Standing
	offered  map[string][]roster.Tag // those that filters offer, by what was looked for
	later    *func()                 // where an answer goes that waits until all was read; nil: at once
	// keeps says that a page that is shown is kept, and led to: the answer to a form.
	keeps bool
	lang  *locale.Language // what the answer is written in
	asked string           // the token of the question that the form or the address is about; "": none
	again bool             // a form that a session ended under is shown again: nothing is carried out
}

// run answers through rt: a stranger only where it is open.
func (v *visit) run(rt route) error {
	limit := int64(maxForm)
	if err := v.signedIn(); err != nil && roster.KindOf(err) != roster.Unsigned {
		return err
	} else if err != nil && !rt.open {
		return v.ended(rt, err)
	}
	if rt.file && auth.LedFromElsewhere(v.r) {
		return roster.Errorf(roster.Forbidden,
			"A page of another site led here. Open Roster, and download the file there.")
	}
	if v.who == nil {
		limit = maxOpenForm
	}
	held := v.app.HoldBody(v.r.Context(), v.r.Body)
	defer held.Release()
	v.r.Body = http.MaxBytesReader(v.w, held, limit)
	if err := v.readForm(); err != nil {
		return err
	}
	release, err := v.recall()
	defer release()
	if err != nil {
		return err
	}
	if err := v.fieldsRead(rt); err != nil {
		return err
	}
	if rt.method == http.MethodPost && !rt.open {
		v.keeps, v.app = !v.inPage(), v.app.Noting()
	}
	if v.again = sentBefore(v.ctx()); v.again {
		return v.showAgain(rt)
	}
	if rt.asks && rt.method == http.MethodPost {
		return v.ask(rt)
	}
	if rt.method != http.MethodGet || rt.open || rt.apart {
		return rt.handle(v)
	}
	return v.look(rt)
}

// look answers out of one unchanging state, and when that was read: whoever takes the
// answer slowly holds up nobody.
func (v *visit) look(rt route) error {
	within, deliver := *v, func() {}
	within.later = &deliver
	err := v.app.View(v.ctx(), func(tx *app.App) error {
		for _, s := range v.standing {
			tx.Know(*s)
		}
		within.app = tx
		return rt.handle(&within)
	})
	if err == nil {
		deliver()
	}
	return err
}

// ahead is the project that the address names, to be asked about along with who is asking.
func (v *visit) ahead() []*roster.Standing {
	if id, err := v.id("id"); err == nil && strings.HasPrefix(v.r.URL.Path, v.base+"/projects/") {
		v.standing = []*roster.Standing{{ProjectID: id}}
	}
	return v.standing
}

// signedIn finds out whose session the request comes with and lets them act.
func (v *visit) signedIn() error {
	session := auth.Session(v.r)
	if session == "" {
		return roster.Errorf(roster.Unsigned, "Sign in to see this page.")
	}
	who, err := v.app.AuthenticateSession(v.r.Context(), session, v.ahead()...)
	if err != nil {
		return err
	}
	who.RequestID = roster.RequestIn(v.r.Context()).ID
	v.who = &who
	v.r = v.r.WithContext(roster.WithActor(v.r.Context(), who))
	v.speak()
	if err := v.samePerson(); err != nil {
		return err
	}
	if err := v.app.AllowCall(v.ctx()); err != nil {
		return err
	}
	if v.r.Method == http.MethodPost {
		roster.RequestIn(v.ctx()).Note(func(f *roster.RequestFacts) { f.Actor = who })
		return v.app.Touch(v.r.Context())
	}
	return nil
}

// readForm reads the query and the body once, so that no handler meets one
// that is malformed or too large.
func (v *visit) readForm() error {
	if len(v.r.URL.RawQuery) > maxAddress {
		return roster.Errorf(roster.TooLarge, "This address is too long: it may have %d characters. "+
			"Select everybody who matches and leave some out, instead of so many one by one. Nothing was changed.",
			maxAddress)
	}
	if err := limit.Plain(v.r); err != nil {
		return err
	}
	err := v.r.ParseForm()
	if err == nil && strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data") {
		err = v.r.ParseMultipartForm(maxForm)
	}
	switch {
	case err == nil:
		return nil
	case roster.KindOf(err) == roster.Busy:
		return err
	case errors.As(err, new(*http.MaxBytesError)):
		return roster.Errorf(roster.TooLarge, "What was sent is too large. Nothing was changed.")
	}
	return &roster.Error{Kind: roster.Invalid,
		Message: "The address or the form cannot be read. Nothing was changed.", Err: err}
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// field is a field of the form or the query, as text that can be stored.
func (v *visit) field(name string) string { return clean(v.r.Form.Get(name)) }

func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

// id is an integer of the path; anything else there is no such page.
func (v *visit) id(name string) (int64, error) {
	text := v.r.PathValue(name)
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, noSuchPage
	}
	return id, nil
}

// link is the address of a page of this site.
func (v *visit) link(format string, args ...any) string { return v.base + fmt.Sprintf(format, args...) }

// here is the address of the view: what a sign-in or a form comes back to.
func (v *visit) here() string {
	u := url.URL{Path: v.r.URL.Path, RawQuery: v.r.URL.RawQuery}
	return u.RequestURI()
}

// back is the view a form was sent from: what it says itself in next, else
// the page that the browser names. Always a place on this site.
func (v *visit) back() string {
	if next := v.field("next"); next != "" {
		return v.local(next)
	}
	for _, header := range []string{"HX-Current-URL", "Referer"} {
		if u, err := url.Parse(v.r.Header.Get(header)); err == nil && u.Host == v.r.Host && u.Path != "" {
			return v.local(u.RequestURI())
		}
	}
	return v.link("/")
}

// local is next when it is a place on this site, else the front page: a link
// to the sign-in page must not lead to somebody else's.
func (v *visit) local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || !v.site.has(path.Clean(u.Path)) {
		return v.link("/")
	}
	// browsers read \ as / and skip blanks and control characters
	if strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f }) {
		return v.link("/")
	}
	return next
}

// inPage reports whether htmx asks for part of a page, which is then all that
// the answer holds.
func (v *visit) inPage() bool {
	return v.r.Header.Get("HX-Request") == "true" && v.r.Header.Get("HX-History-Restore-Request") != "true"
}

// redirect leads to another page of this site.
func (v *visit) redirect(to string) error {
	if v.inPage() {
		v.w.Header().Set("HX-Redirect", to)
		v.w.WriteHeader(http.StatusOK)
		return nil
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// show answers with a page, or with its main part where htmx asks for that. It
// is whole before it begins, so that a mistake in a template is not half an
// answer.
func (v *visit) show(status int, name string, p page) error {
	layout := "layout"
	if v.inPage() {
		layout = "part"
	}
	v.complete(&p)
	var out bytes.Buffer
	if err := templates(v.site.root, v.base, v.lang)[name].ExecuteTemplate(&out, layout, p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	if v.leadsTo(status, out.Bytes()) {
		return nil
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Add("Vary", "HX-Request")
	v.w.Header().Add("Vary", "Accept-Language")
	v.w.Header().Set("Content-Language", v.lang.Code)
	var zipped []byte
	if out.Len() > 1<<10 && v.takesGzip() {
		zipped = squeeze(out.Bytes(), gzip.BestSpeed)
	}
	deliver := func() { v.deliver(status, out.Bytes(), zipped) }
	if v.later != nil {
		*v.later = deliver
		return nil
	}
	deliver()
	return nil
}

// complete fills in what every page shows.
func (v *visit) complete(p *page) {
	p.Here, p.Theme, p.now, p.zone, p.paths, p.Asked = v.here(), v.theme(), v.app.Now(), v.zone(), v.site.paths, v.asked
	if v.r.Method != http.MethodGet {
		p.Here = v.back()
	}
	p.Lang = v.lang
	if v.who == nil {
		p.Notice = v.takeNotice()
		return
	}
	p.Who = &person{v.who.UserID, v.who.Name, v.who.Email, v.who.Organization, roleName(v.who.Role)}
	if !v.inPage() {
		p.Nav, p.Density = v.nav(), v.preferred(densityChosen)
	}
	if !v.inPage() && !v.keeps { // what is kept is shown again, and a notice once
		p.Notice = v.takeNotice()
	}
}

// may reports whether the policy lets whoever signed in take an action
// somewhere; mayIn, in one project.
func (v *visit) may(action core.Action) bool {
	_, err := v.app.May(v.ctx(), action)
	return err == nil
}

func (v *visit) mayIn(project int64, action core.Action) bool {
	_, err := v.app.MayInProject(v.ctx(), action, project)
	return err == nil
}

// zone is the time zone that the browser says it is in (roster.js tells it as
// a cookie); UTC where it says none.
func (v *visit) zone() *time.Location {
	if zone, err := v.ownZone("zone"); err == nil {
		return zone
	}
	return time.UTC
}

// ownZone is zone where days are read: one that is not known is wrong with the field,
// because the days of another would mean other people.
func (v *visit) ownZone(field string) (*time.Location, error) {
	cookie, err := v.r.Cookie("roster_zone")
	if err != nil {
		return time.UTC, nil
	}
	name, err := url.PathUnescape(cookie.Value)
	zone, unknown := time.LoadLocation(name)
	if err != nil || unknown != nil || name == "Local" { // that would be the server's own
		return nil, roster.InvalidField(field,
			"Your browser says that your time zone is %q, which is not known here. Nothing was changed.",
			shortened(clean(name), 100))
	}
	return zone, nil
}

// theme is light or dark where the person chose one; "" follows the system.
func (v *visit) theme() string {
	cookie, err := v.r.Cookie("roster_theme")
	if err != nil || (cookie.Value != "light" && cookie.Value != "dark") {
		return ""
	}
	return cookie.Value
}
