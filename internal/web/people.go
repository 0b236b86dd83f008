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
	Tabs    peopleTabs
	Bar     bar
	Manages bool // may change roles and seats, and delete people
	Tags    bool // may put tags on people
	Invites bool
	Picks   bool     // people can be ticked, for one of these
	Give    []choice // the roles that can be given

	at where
}

// organizationPage reads the page of the organization's people that a list
// shows. Elsewhere says that the browser was sent to another address of it: a
// tidier one, or its last page.
func (v *visit) organizationPage(l *list, f *memberFilter) (people []roster.OrganizationMember,
	elsewhere bool, err error) {
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
	if err := v.fillView(d.Filter, d.List, d.Select); err != nil {
		return err
	}
	if d.Picks {
		err = v.pickPeople(&d, people)
	} else {
		d.Rows = rowsOf(people)
	}
	if err != nil {
		return err
	}
	if d.Tabs, err = v.peopleTabs("people"); err != nil {
		return err
	}
	v.pushView(d.List, d.Select)
	return v.show(http.StatusOK, "people.html", page{Title: "People", Wide: true, Data: d})
}

// peopleView reads which people are looked at, and which of them are selected.
func (v *visit) peopleView() (d peoplePage, err error) {
	if _, err = v.app.May(v.ctx(), core.ListPeople); err != nil {
		return d, err
	}
	d.at = where{organization: true}
	if d.Filter, err = v.memberFilter(d.at); err != nil {
		return d, err
	}
	d.Manages, d.Tags, d.Invites = v.may(core.ManagePeople), v.may(core.ManageTags), v.may(core.Invite)
	if d.Picks = d.Manages || d.Tags; d.Filter.OnlyDeleted {
		d.Picks, d.Manages, d.Tags = d.Invites, false, false
	}
	if d.Picks {
		if d.Select, err = v.selection(d.Filter, d.at); err != nil {
			return d, err
		}
	}
	d.List = v.list(d.Select.with(d.Filter.query), memberOrders...)
	d.List.path = v.link("/people")
	roles, err := v.app.RolesToGive(v.ctx())
	for _, role := range roles {
		if role != roster.RoleDeactivated && !d.Filter.OnlyDeleted {
			d.Give = append(d.Give, choice{Value: string(role), Label: roleName(role)})
		}
	}
	return d, err
}

// pickPeople gives the people boxes, and counts who is selected.
func (v *visit) pickPeople(d *peoplePage, people []roster.OrganizationMember) (err error) {
	d.Rows, err = v.pickRows(&d.Select, people, func(f roster.MemberFilter) ([]roster.OrganizationMember, int, error) {
		return v.app.OrganizationMembers(v.ctx(), v.who.OrganizationID, f, roster.Everything)
	})
	if err != nil {
		return err
	}
	d.Bar.Offered, d.Bar.Except = d.List.Total, v.link("/people/except")
	return v.fill(&d.Bar, d.List, d.Select, d.Filter, d.at, d.Rows, oneByOne(v.countPeople))
}

// countPeople counts whom a change of people would find.
func (v *visit) countPeople(s roster.Selector) (int, error) { return v.app.CountPeople(v.ctx(), s) }

// pickRows is people of the organization with boxes; list is who of them match a filter.
func (v *visit) pickRows(s *selection, people []roster.OrganizationMember,
	list func(f roster.MemberFilter) ([]roster.OrganizationMember, int, error)) (rows []memberRow, err error) {
	rows = rowsOf(people)
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.User.ID
	}
	err = s.spread(ids, func(f roster.MemberFilter) (found []int64, err error) {
		people, _, err := list(f)
		for _, m := range people {
			found = append(found, m.User.ID)
		}
		return found, err
	})
	for i := range rows {
		rows[i] = s.pickable(rows[i])
	}
	return rows, err
}

func rowsOf(people []roster.OrganizationMember) (rows []memberRow) {
	for _, m := range people {
		rows = append(rows, rowOf(m))
	}
	return rows
}

// offer is something that a menu leads to.
type offer struct {
	Label roster.Text
	URL   string
}

// Menu is the roles that a row's menu offers: what one may give to this person.
func (d peoplePage) Menu(m memberRow) (offers []offer) {
	role := m.Membership.Role
	if role == roster.RoleOwner || (!d.gives(role) && role != roster.RoleDeactivated && role != roster.RoleViewOnly) {
		return nil
	}
	text := roster.Text("Make {role}…")
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

// longestNext is how long an address is, in bytes, that every row of a list repeats.
const longestNext = 2000

// offer leads to the question, and from there back to the view: to a long address by
// what the browser says of it.
func (d peoplePage) offer(m memberRow, label roster.Text, role string) offer {
	query := url.Values{"role": {role}}
	if next := d.List.URL(); len(next) <= longestNext {
		query.Set("next", next)
	}
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
