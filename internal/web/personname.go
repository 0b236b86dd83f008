package web

import (
	"net/http"

	"roster"
	"roster/internal/app"
)

var personNameRoutes = []route{
	{method: "GET", path: "/people/{id}/name", handle: (*visit).showName},
	{method: "POST", path: "/people/{id}/name", handle: (*visit).rename},
}

// namePage asks what a person is called.
type namePage struct {
	roster.OrganizationMember
	First, Last, Next string
}

func (v *visit) showName() error { return v.naming(http.StatusOK, page{}) }

func (v *visit) naming(status int, p page) error {
	m, err := v.renamed(v.app)
	if err != nil {
		return err
	}
	d := namePage{m, m.User.FirstName, m.User.LastName, v.link("/people/%d", m.User.ID)}
	if v.r.Method == http.MethodPost {
		d.First, d.Last = v.field("first_name"), v.field("last_name")
	}
	p.Title, p.Data = "Edit the name", d
	return v.show(status, "personname.html", p)
}

// renamed is the person of the path, for who may change the name.
func (v *visit) renamed(a *app.App) (m roster.OrganizationMember, err error) {
	id, err := v.id("id")
	if err != nil {
		return m, err
	}
	if m, err = a.Person(v.ctx(), id); err != nil {
		return m, missing(err, noSuchPerson)
	}
	return m, a.MayRename(v.ctx(), m)
}

func (v *visit) rename() error {
	err := v.once(func(tx *app.App) (done, error) {
		before, err := v.renamed(tx)
		if err != nil {
			return done{}, err
		}
		m, op, err := tx.Rename(v.ctx(), before.User.ID, v.field("first_name"), v.field("last_name"))
		d := done{v.link("/people/%d", before.User.ID), notice{Text: "The name stays as it is.", Operation: op}}
		if op != 0 {
			d.Notice.Text = sentence("{before} is called {after} now.", "before", roster.Name{Text: before.User.Name()}, "after",
				roster.Name{Text: m.User.Name()})
		}
		return d, err
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{}, err)
	return v.naming(status, p)
}
