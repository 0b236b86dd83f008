package web

import (
	"net/http"
	"net/url"

	"roster"
	"roster/internal/app"
	"roster/internal/membership"
)

var madeRoutes = []route{
	{method: "GET", path: "/projects/{id}/made", handle: (*visit).made},
	{method: "POST", path: "/projects/{id}/made/{thing}", handle: (*visit).switchMade},
}

// madePage is what people set up in a project of Label Studio.
type madePage struct {
	Project membership.ProjectRow
	List    list
	Things  []membership.MadeRow
}

func (v *visit) made() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if !v.app.IsMirror(v.ctx()) {
		return noSuchPage
	}
	data := madePage{List: v.list(url.Values{}, "id")}
	if data.Things, data.List.Total, err = v.app.MadeRows(v.ctx(), id, data.List.Page); err != nil {
		return missing(err, noSuchProject)
	}
	if data.List.past() {
		return v.redirect(data.List.URL())
	}
	if data.Project, err = v.app.ProjectRow(v.ctx(), id); err != nil {
		return err
	}
	v.pushURL(data.List.URL())
	return v.show(http.StatusOK, "made.html", page{Title: roster.Verbatim(data.Project.Title), Wide: true, Data: data})
}

// switchMade has a thing disabled or enabled.
func (v *visit) switchMade() error {
	project, err := v.id("id")
	if err != nil {
		return err
	}
	thing, err := v.id("thing")
	if err != nil {
		return err
	}
	action, text := roster.MadeDisable,
		roster.Text("It is disabled. Roster repeats this to Label Studio until it confirms.")
	if v.field("action") == string(roster.MadeEnable) {
		action, text = roster.MadeEnable,
			"It is enabled, and you are responsible for it now. Roster repeats this to Label Studio until it confirms."
	}
	return v.once(func(tx *app.App) (done, error) {
		_, err := tx.SwitchMade(v.ctx(), project, thing, action)
		return done{v.link("/projects/%d/made", project), notice{Text: text, Final: true}}, err
	})
}

// madeKinds says what things are called.
var madeKinds = map[roster.MadeKind]roster.Text{
	roster.MadeWebhook: "Webhook", roster.MadeImport: "Source storage", roster.MadeExport: "Target storage",
	roster.MadeModel: "Model", roster.MadeTab: "Saved tab",
}

func madeKind(k roster.MadeKind) roster.Text { return madeKinds[k] }

// intentText says how far Label Studio is with an intent.
func intentText(i roster.Intent) roster.Text {
	switch {
	case i.State == roster.IntentKept:
		return "Left running"
	case i.State == roster.IntentGone:
		return "Gone from Label Studio"
	case i.State == roster.IntentSuperseded:
		return "Changed again before Label Studio was told"
	case i.State == roster.IntentPending && i.Attempts > 0:
		return counted(i.Attempts, "Pending, after one attempt:", "Pending, after %s attempts:")
	case i.State == roster.IntentPending:
		return "Pending"
	case i.Action == roster.MadeEnable:
		return "Enabled"
	}
	return "Disabled"
}

// madeState says whether a thing works.
func madeState(m roster.Made) roster.Text {
	switch {
	case m.Last.State == roster.IntentPending:
		return intentText(m.Last)
	case m.Disabled:
		return "Disabled"
	case !m.Works:
		return "Switched off in Label Studio"
	}
	return "Running"
}
