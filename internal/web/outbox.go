package web

import (
	"net/http"

	"roster"
)

var outboxRoutes = []route{
	{"GET", "/settings/mail", (*visit).outbox, false},
}

// outboxPage is the mail that was sent, waits, or could not be sent.
type outboxPage struct {
	Tabs    []navItem
	List    list
	Letters []roster.Letter
}

func (v *visit) outbox() error {
	d := outboxPage{Tabs: v.settingsTabs("/settings/mail"), List: v.list(nil, "-created_at")}
	var err error
	if d.Letters, d.List.Total, err = v.app.Outbox(v.ctx(), d.List.Page); err != nil {
		return err
	}
	if d.List.past() {
		return v.redirect(d.List.URL())
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "outbox.html", page{Title: "Mail", Wide: true, Data: d})
}
