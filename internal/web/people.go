package web

import (
	"fmt"
	"net/http"
	"net/url"

	"roster"
	"roster/internal/core"
)

var peopleRoutes = []route{
	{method: "GET", path: "/people", handle: (*visit).listPeople},
	{method: "GET", path: "/people.csv", handle: (*visit).exportPeople, apart: true, file: true},
}

// peoplePage is the people of the organization.
type peoplePage struct {
	List    list
	Filter  *memberFilter
	Select  selection
	Rows    []memberRow
	Bar     bar
	Manages bool // may change roles and seats, and delete people
	Tags    bool // may put tags on people
	Invites bool
	Picks   bool     // people can be ticked, for one of these
	Give    []choice // the roles that can be given
}

// organizationPage reads the page of the organization's people that a list
// shows. Elsewhere says that the browser was sent to another address of it: a
// tidier one, or its last page.
func (v *visit) organizationPage(l *list, f *memberFilter) (people []roster.OrganizationMember, elsewhere bool, err error) {
	return v.pageOf(l, func(page roster.Page) ([]roster.OrganizationMember, int, error) {
		return v.app.OrganizationMembers(v.ctx(), v.who.OrganizationID, f.MemberFilter, page)
	})
}

// pageOf is organizationPage of other people.
func (v *visit) pageOf(
	l *list, read func(roster.Page) ([]roster.OrganizationMember, int, error),
) (people []roster.OrganizationMember, elsewhere bool, err error) {
	if v.tidies() {
		return nil, true, v.redirect(l.URL())
	}
	if people, l.Total, err = read(l.Page); err != nil {
		return nil, false, err
	}
	if l.past() {
		return nil, true, v.redirect(l.URL())
	}
	return people, false, nil
}

func (v *visit) listPeople() error {
	d, err := v.peopleView()
	if err != nil {
		return err
	}
	people, elsewhere, err := v.organizationPage(&d.List, d.Filter)
	if err != nil || elsewhere {
		return err
	}
	for _, m := range people {
		row := rowOf(m)
		if d.Picks {
			row = d.Select.pickable(row)
		}
		d.Rows = append(d.Rows, row)
	}
	if d.Picks {
		if err := v.countPeople(&d); err != nil {
			return err
		}
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "people.html", page{Title: "People", Wide: true, Data: d})
}

// peopleView reads which people are looked at, and which of them are selected.
func (v *visit) peopleView() (d peoplePage, err error) {
	if _, err = v.app.May(v.ctx(), core.ListPeople); err != nil {
		return d, err
	}
	if d.Filter, err = v.memberFilter(where{organization: true}); err != nil {
		return d, err
	}
	d.Manages, d.Tags, d.Invites = v.may(core.ManagePeople), v.may(core.ManageTags), v.may(core.Invite)
	d.Picks = (d.Manages || d.Tags) && !d.Filter.OnlyDeleted
	if d.Picks {
		d.Select = v.selection(d.Filter.query)
	}
	d.List = v.list(d.Select.with(d.Filter.query), memberOrders...)
	d.List.path = v.link("/people")
	roles, err := v.app.RolesToGive(v.ctx())
	for _, role := range roles {
		if role != roster.RoleDeactivated {
			d.Give = append(d.Give, choice{Value: string(role), Label: role.Name()})
		}
	}
	return d, err
}

// countPeople counts who is selected.
func (v *visit) countPeople(d *peoplePage) (err error) {
	d.Bar.Count, err = d.Select.count(d.List.Total, func() (int, error) {
		return v.app.CountPeople(v.ctx(), d.Select.selector(d.Filter.MemberFilter))
	})
	d.Bar.fill(d.List, d.Filter, d.Select, d.Rows)
	return err
}

// offer is something that a menu leads to.
type offer struct{ Label, URL string }

// Menu is the roles that a row's menu offers: what one may give to this person.
func (d peoplePage) Menu(m memberRow) (offers []offer) {
	role := m.Membership.Role
	if role == roster.RoleOwner || (!d.gives(role) && role != roster.RoleDeactivated && role != roster.RoleViewOnly) {
		return nil
	}
	text := "Make {role}…"
	if role == roster.RoleDeactivated {
		text = "Reactivate as {role}…"
	}
	for _, c := range d.Give {
		if c.Value != string(role) {
			offers = append(offers, d.offer(m, sentence(text, "role", c.Label), c.Value))
		}
	}
	if len(offers) > 0 && role != roster.RoleDeactivated {
		offers = append(offers, d.offer(m, "Deactivate…", string(roster.RoleDeactivated)))
	}
	return offers
}

// offer leads to the question, and from there back to the view.
func (d peoplePage) offer(m memberRow, label, role string) offer {
	query := url.Values{"role": {role}, "next": {d.List.URL()}}
	return offer{label, fmt.Sprintf("%s/%d/change?%s", d.List.path, m.User.ID, query.Encode())}
}

func (d peoplePage) gives(role roster.Role) bool {
	for _, c := range d.Give {
		if c.Value == string(role) {
			return true
		}
	}
	return false
}
