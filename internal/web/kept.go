package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"roster"
)

// A form is never answered with a page: Back and a reload would send it again. What it asks
// is kept (asks), or the page that answers it is, and a GET shows either. What is kept is
// its person's own, for a day, in the store; the address has no more than its name.

var keptRoutes = []route{
	{method: "GET", path: "/shown/{token}", handle: (*visit).shown},
}

// leadsTo keeps the page that answers a form, and leads to it. It reports false where the
// page goes out by itself: of a trouble of the server's, that would not be so next time.
func (v *visit) leadsTo(status int, html []byte) bool {
	if !v.keeps || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return false
	}
	token, err := v.app.KeepPage(v.ctx(), "shown", fmt.Appendf(nil, "%d\n%s", status, html))
	if err != nil {
		slog.WarnContext(v.ctx(), "a page is not kept", "path", v.r.URL.Path, "error", err)
		return false
	}
	return v.redirect(v.link("/shown/%s", token)) == nil
}

// shown shows the page that answered a form.
func (v *visit) shown() error {
	kept, release, err := v.app.KeptPage(v.ctx(), "shown", v.r.PathValue("token"))
	defer release()
	if err != nil {
		return missing(err, "This page answered something that you sent. It is kept for a day, and is gone. Nothing "+
			"was changed by looking for it.")
	}
	line, html, _ := bytes.Cut(kept, []byte("\n"))
	status, err := strconv.Atoi(string(line))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	*v.later = func() { v.deliver(status, html, nil) }
	return nil
}

// askedAgain is the route that shows a question again.
func askedAgain(rt route) route {
	ask := rt.handle
	rt.method, rt.asks = http.MethodGet, false
	rt.handle = func(v *visit) error {
		if v.asked == "" {
			return noSuchPage
		}
		return ask(v)
	}
	return rt
}

// ask keeps the question of a form and leads to it; htmx is answered with it.
func (v *visit) ask(rt route) error {
	if err := v.question(); err != nil {
		return err
	}
	if v.inPage() {
		return rt.handle(v)
	}
	query := url.Values{"asked": {v.asked}}
	for _, name := range lookFields {
		if value := v.field(name); value != "" {
			query.Set(name, value)
		}
	}
	return v.redirect(v.link("%s?%s", v.place(), query.Encode()))
}

// lookFields are what a question shows of whom it is about.
var lookFields = []string{"find", "group", "sheet"}

// passing are the fields of a question that say nothing about what is asked.
var passing = []string{"key", "asked", "plan", "find", "sheet", "group", "shown", "pick", "only", "was", "instead"}

// question keeps what the form asks, with the boxes that are ticked in it now.
func (v *visit) question() error {
	form, err := v.settled()
	if err != nil {
		return err
	}
	v.asked, err = v.app.KeepPage(v.ctx(), v.place(), []byte(form.Encode()))
	return err
}

// keepQuestion keeps the question of a form, unless the form answers one that is kept.
func (v *visit) keepQuestion() error {
	if v.asked != "" {
		return nil
	}
	return v.question()
}

// settled is the form with who is selected in it by now, and without what is only about how
// it was shown.
func (v *visit) settled() (url.Values, error) {
	for _, name := range []string{"all", "included", "excluded", "shown", "pick", "only", "was", "instead"} {
		if err := listFields[name].check(name, v.r.Form[name]); err != nil {
			return nil, err
		}
	}
	form := url.Values{}
	for name, values := range v.r.Form {
		form[name] = values
	}
	switch only := v.ids("only"); {
	case len(only) > 0:
		form.Del("all")
		form.Del("excluded")
		form.Set("included", joined(only))
		if !form.Has("next") {
			form.Set("next", v.backSelected()) // with whoever is selected besides
		}
	case v.r.Form.Has("shown"):
		if v.asked != "" {
			form.Set("changed", "1")
			v.r.Form.Set("changed", "1")
		}
		s := v.ticked()
		form.Set("included", joined(s.Included))
		form.Set("excluded", joined(s.Excluded))
	}
	for _, name := range passing {
		form.Del(name)
	}
	return form, nil
}

// recall adds to the form what the question asked that it answers, and counts it until released.
func (v *visit) recall() (release func(), err error) {
	token := v.field("asked")
	if token == "" || v.who == nil {
		return func() {}, nil
	}
	kept, release, err := v.app.KeptPage(v.ctx(), v.place(), token)
	if roster.KindOf(err) == roster.NotFound {
		return release, roster.Errorf(roster.NotFound,
			"A question is kept for a day, and for the one who asked it. This one is gone. Nothing was changed: select "+
				"again, and ask again.")
	}
	if err != nil {
		return release, err
	}
	form, err := url.ParseQuery(string(kept))
	if err != nil {
		return release, err
	}
	for name, values := range form {
		if !v.r.Form.Has(name) {
			v.r.Form[name] = values
		}
	}
	v.asked = token
	return release, nil
}

// place is the path of the question that a request asks or answers.
func (v *visit) place() string {
	path := strings.TrimPrefix(v.r.URL.Path, v.base)
	return strings.TrimSuffix(strings.TrimSuffix(path, "/apply"), ".csv")
}
