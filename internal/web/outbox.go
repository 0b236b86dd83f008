package web

import (
	"net/http"

	"roster"
	"roster/internal/app"
)

var outboxRoutes = []route{
	{method: "GET", path: "/settings/mail", handle: (*visit).outbox},
	{method: "POST", path: "/settings/mail/test", handle: (*visit).testMail},
	{method: "POST", path: "/settings/mail/{id}/retry", handle: (*visit).retryMail},
}

// outboxPage is the mail that was sent, waits, or could not be sent.
type outboxPage struct {
	Tabs      []navItem
	Transport roster.Text // how mail goes out, in words
	List      list
	Letters   []roster.Letter
	Reaches   bool // mail goes out of this server
}

func (v *visit) outbox() error { return v.showOutbox(http.StatusOK, page{}) }

func (v *visit) showOutbox(status int, p page) error {
	d := outboxPage{Tabs: v.settingsTabs("/settings/mail"), List: v.list(nil, "-created_at"), Reaches: v.app.MailReaches()}
	d.List.path = v.link("/settings/mail") // a test that failed is answered with this list, too
	var err error
	if d.Transport, err = v.app.MailTransport(v.ctx()); err != nil {
		return err
	}
	if d.Letters, d.List.Total, err = v.app.Outbox(v.ctx(), d.List.Page); err != nil {
		return err
	}
	if d.List.past() {
		return v.redirect(d.List.URL())
	}
	v.pushURL(d.List.URL())
	p.Title, p.Data = "Mail", d
	return v.show(status, "outbox.html", p)
}

// testMail waits for what the mail server says, outside of any transaction. It
// changes nothing, so it needs no key.
func (v *visit) testMail() error {
	if v.again {
		return errNotSent
	}
	words, err := v.app.TestMail(v.ctx())
	if roster.KindOf(err) == roster.Invalid {
		status, p := v.failed(page{}, err)
		return v.showOutbox(status, p)
	}
	if err != nil {
		return err
	}
	v.leave(notice{Text: words})
	return v.redirect(v.link("/settings/mail"))
}

func (v *visit) retryMail() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		text := roster.Text("The mail is being sent again. Reload the page in a moment to see the result.")
		return done{v.link("/settings/mail"), notice{Text: text}}, tx.RetryMail(v.ctx(), id)
	})
}
