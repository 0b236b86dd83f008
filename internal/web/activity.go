package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"roster"
)

var activityRoutes = []route{
	{method: "GET", path: "/settings/activity", handle: (*visit).activity},
}

// activityPage is the log of who asked what of the API.
type activityPage struct {
	Tabs       []navItem
	List       list
	Filter     historyFilter // its people and days
	Search     string
	Methods    []choice
	Activities []roster.Activity
	Narrowed   bool
}

// methods is what requests are told apart by.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (v *visit) activity() error {
	d := activityPage{Tabs: v.settingsTabs("/settings/activity")}
	f, err := v.activityFilter(&d)
	if err != nil {
		return err
	}
	d.List = v.list(d.Filter.query, "-datetime", "duration", "response_code")
	window, err := v.app.Activities(v.ctx(), f, d.List.Order, d.List.Offset(), d.List.Size)
	if err != nil {
		return err
	}
	if d.List.Total = window.Matched; d.List.past() {
		return v.redirect(d.List.URL())
	}
	d.Activities, d.Narrowed = window.Activities, len(d.Filter.query) > 0
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "activity.html", page{Title: "Activity log", Data: d})
}

func (v *visit) activityFilter(d *activityPage) (f roster.ActivityFilter, err error) {
	d.Filter.query = url.Values{}
	if d.Search = shortened(v.field("q"), maxSearch); d.Search != "" {
		f.URL = [][]string{strings.Fields(d.Search)}
		d.Filter.query.Set("q", d.Search)
	}
	f.Method = v.field("method")
	for _, m := range methods {
		d.Methods = append(d.Methods, choice{m, roster.Verbatim(m), m == f.Method})
	}
	if f.Method != "" {
		if !slices.Contains(methods, f.Method) {
			return f, noChoice("method", f.Method)
		}
		d.Filter.query.Set("method", f.Method)
	}
	for _, read := range []func(*historyFilter) error{v.readPeople, v.readDays} {
		if err := read(&d.Filter); err != nil {
			return f, err
		}
	}
	f.UserID, f.From, f.To = d.Filter.PersonID, d.Filter.Since, d.Filter.Until
	return f, nil
}
