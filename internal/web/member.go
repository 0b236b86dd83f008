package web

import (
	"net/http"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

var memberRoutes = []route{
	{method: "GET", path: "/projects/{id}", handle: (*visit).project},
	{method: "GET", path: "/projects/{id}/members", handle: (*visit).members},
	{method: "GET", path: "/projects/{id}/members.csv", handle: (*visit).exportMembers, apart: true, file: true},
	{method: "POST", path: "/projects/{id}/members/unassign", handle: (*visit).previewUnassign, asks: true, apart: true},
	{method: "GET", path: "/projects/{id}/members/unassign.csv", handle: (*visit).exportUnassign, apart: true, file: true},
	{method: "POST", path: "/projects/{id}/members/unassign/apply", handle: (*visit).unassign},
	{method: "POST", path: "/projects/{id}/members/{user}/role", handle: (*visit).setRole},
	{method: "GET", path: "/projects/{id}/members/{user}/pause", handle: (*visit).showPause},
	{method: "POST", path: "/projects/{id}/members/{user}/pause", handle: (*visit).pause},
	{method: "POST", path: "/projects/{id}/members/{user}/resume", handle: (*visit).resume},
}

// project leads to the first of the project's pages.
func (v *visit) project() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.redirect(v.link("/projects/%d/members", id))
}

// membersPage is the people of a project.
type membersPage struct {
	Project membership.ProjectRow
	List    list
	Filter  *memberFilter
	Select  selection
	Rows    []memberRow
	Bar     bar
	Manages bool // may change who is a member
	Tags    bool // may put tags on people

	at where
}

// idsOf is the people of a list.
func idsOf(members []roster.Member) []int64 {
	ids := make([]int64, len(members))
	for i, m := range members {
		ids[i] = m.User.ID
	}
	return ids
}

// memberRow is one person of a table, of a project's or of any other's, in
// which no project says anything about them.
type memberRow struct {
	roster.Member
	Pickable bool // has a box
	Selected bool
	Other    bool // is not among those whom the selection is of
	MayPause bool // and let work again
}

// rowOf is a person of the organization as a row.
func rowOf(m roster.OrganizationMember) memberRow {
	return memberRow{Member: roster.Member{User: m.User, Membership: m.Membership, Tags: m.Tags}}
}

// pickable gives a row a box, ticked where the person is selected. Who is not among those
// whom the selection is of has none.
func (s *selection) pickable(m memberRow) memberRow {
	if m.Other = s.Other(m.User.ID); m.Other {
		return m
	}
	m.Pickable, m.Selected = true, s.Has(m.User.ID)
	s.Shown = append(s.Shown, m.User.ID)
	return m
}

// ticked is how many of the rows are selected.
func ticked(rows []memberRow) (n int) {
	for _, r := range rows {
		if r.Selected {
			n++
		}
	}
	return n
}

// ByRole reports whether the organization role alone gives access.
func (m memberRow) ByRole() bool { return m.Membership.Role.SeesEveryProject() }

// InProject reports whether the effective role is the project's doing.
func (m memberRow) InProject() bool { return m.ProjectRole != "" && m.Membership.Role.Overridable() }

// MayHaveRole reports whether the project can give the person a role.
func (m memberRow) MayHaveRole() bool {
	return m.Membership.Role.Overridable() && (m.Explicit || m.InWorkspace)
}

// Seat is what the person's seat is called.
func (m memberRow) Seat() roster.Text { return seatName(m.Membership.UserType) }

// memberOrders are the columns that sort.
var memberOrders = []string{"name", "email", "role", "last_activity"}

// nameOrders are those where people are known by name alone.
var nameOrders = []string{"name", "role"}

// orders are the columns that sort a list of people.
func (f *memberFilter) orders() []string {
	if f.Names {
		return nameOrders
	}
	return memberOrders
}

func (v *visit) members() error {
	d, err := v.memberView()
	if err != nil {
		return err
	}
	if v.tidies() {
		return v.redirect(d.List.URL())
	}
	rows, err := v.listMembers(&d)
	if err != nil {
		return err
	}
	if d.List.past() {
		return v.redirect(d.List.URL())
	}
	if err := d.Select.spread(idsOf(rows), func(f roster.MemberFilter) ([]int64, error) {
		return v.app.MemberIDs(v.ctx(), d.Project.ID, f)
	}); err != nil {
		return err
	}
	for _, m := range rows {
		row := memberRow{Member: m, MayPause: v.app.MayPause(v.ctx(), m) == nil}
		if m.Explicit && d.Manages {
			row = d.Select.pickable(row)
		}
		d.Rows = append(d.Rows, row)
	}
	if err := v.fillView(d.Filter, d.List, d.Select); err != nil {
		return err
	}
	if d.Manages {
		if err := v.fill(&d.Bar, d.List, d.Select, d.Filter, d.at, d.Rows, v.countMembers(d.Project.ID)); err != nil {
			return err
		}
		d.Bar.Except = v.link("/projects/%d/members/except", d.Project.ID)
	}
	v.pushView(d.List, d.Select)
	return v.show(http.StatusOK, "members.html", page{Title: roster.Verbatim(d.Project.Title), Wide: true, Data: d})
}

// memberView reads which people of a project are looked at, and which of them
// are selected.
func (v *visit) memberView() (d membersPage, err error) {
	id, err := v.id("id")
	if err != nil {
		return d, err
	}
	if d.Project, err = v.app.ProjectRow(v.ctx(), id); err != nil {
		return d, err
	}
	d.at = where{project: d.Project.ID, workspace: d.Project.WorkspaceID}
	if d.Filter, err = v.memberFilter(d.at); err != nil {
		return d, err
	}
	if d.Manages = v.mayIn(id, core.ManageMembers); d.Manages {
		if d.Select, err = v.selection(d.Filter, d.at); err != nil {
			return d, err
		}
	}
	d.Tags = v.may(core.ManageTags)
	d.List = v.list(d.Select.with(d.Filter.query), memberOrders...)
	d.List.path = v.link("/projects/%d/members", id)
	return d, nil
}

// listMembers reads a page, and counts who matches and who of them could be selected:
// those who do not only inherit access, who are the fewer to count. Where nothing narrows
// the list, the project's own counts say both.
func (v *visit) listMembers(d *membersPage) (rows []roster.Member, err error) {
	id, f := d.Project.ID, d.Filter.MemberFilter
	d.Bar.Direct = f.Access != roster.ExplicitAccess
	if d.Filter.Count() == 0 {
		d.List.Total, d.Bar.Offered = d.Project.MembersCount+d.Project.Inherited, d.Project.MembersCount
		return v.app.MembersPage(v.ctx(), id, f, d.List.Page)
	}
	if rows, d.List.Total, err = v.app.Members(v.ctx(), id, f, d.List.Page); err != nil {
		return nil, err
	}
	d.Bar.Offered = d.List.Total
	if d.Bar.Direct {
		f.Access = roster.ImplicitAccess
		inherited, err := v.app.CountMembers(v.ctx(), id, f)
		d.Bar.Offered -= inherited
		return rows, err
	}
	return rows, nil
}

// countMembers counts whom an unassign would find.
func (v *visit) countMembers(project int64) counter {
	return func(s ...roster.Selector) ([]int, error) { return v.app.CountSelected(v.ctx(), project, s...) }
}
