package web

import (
	"net/http"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

var memberRoutes = []route{
	{method: "GET", path: "/projects/{id}", handle: (*visit).project},
	{method: "GET", path: "/projects/{id}/members", handle: (*visit).members},
	{method: "GET", path: "/projects/{id}/members.csv", handle: (*visit).exportMembers, apart: true, file: true},
	{method: "POST", path: "/projects/{id}/members/unassign", handle: (*visit).previewUnassign},
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
}

// bar says what is selected. Its sentences are whole, so that script can
// choose among them while boxes are ticked.
type bar struct {
	Count, Matching        int  // selected; and who could be with the same filters
	Direct                 bool // it is the direct members who can be selected, not everybody listed
	One, Many, All, AllBut string
	Elsewhere              string // "" unless some of them are on other pages
	SelectAll, Nobody      string // addresses of the view
}

// memberRow is one person of a table, of a project's or of any other's, in
// which no project says anything about them.
type memberRow struct {
	roster.Member
	Pickable bool // has a box
	Selected bool
	MayPause bool // and let work again
}

// rowOf is a person of the organization as a row.
func rowOf(m roster.OrganizationMember) memberRow {
	return memberRow{Member: roster.Member{User: m.User, Membership: m.Membership, Tags: m.Tags}}
}

// pickable gives a row a box, ticked where the person is selected.
func (s *selection) pickable(m memberRow) memberRow {
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
func (m memberRow) Seat() string { return seatName(m.Membership.UserType) }

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
	id, err := v.id("id")
	if err != nil {
		return err
	}
	d, err := v.memberView(id)
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
	for _, m := range rows {
		row := memberRow{Member: m, MayPause: v.app.MayPause(v.ctx(), m) == nil}
		if m.Explicit && d.Manages {
			row = d.Select.pickable(row)
		}
		d.Rows = append(d.Rows, row)
	}
	if d.Manages {
		if err := v.fillBar(&d); err != nil {
			return err
		}
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "members.html", page{Title: d.Project.Title, Wide: true, Data: d})
}

// memberView reads which people of a project are looked at, and which of them
// are selected.
func (v *visit) memberView(id int64) (d membersPage, err error) {
	if d.Project, err = v.app.ProjectRow(v.ctx(), id); err != nil {
		return d, err
	}
	if d.Filter, err = v.memberFilter(where{project: d.Project.ID, workspace: d.Project.WorkspaceID}); err != nil {
		return d, err
	}
	d.Manages = v.mayIn(id, core.ManageMembers)
	if d.Manages {
		d.Select = v.selection(d.Filter.query)
	}
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
		d.List.Total, d.Bar.Matching = d.Project.MembersCount+d.Project.Inherited, d.Project.MembersCount
		return v.app.MembersPage(v.ctx(), id, f, d.List.Page)
	}
	if rows, d.List.Total, err = v.app.Members(v.ctx(), id, f, d.List.Page); err != nil {
		return nil, err
	}
	d.Bar.Matching = d.List.Total
	if d.Bar.Direct {
		f.Access = roster.ImplicitAccess
		inherited, err := v.app.CountMembers(v.ctx(), id, f)
		d.Bar.Matching -= inherited
		return rows, err
	}
	return rows, nil
}

// fillBar counts what is selected, as an unassign would find it.
func (v *visit) fillBar(d *membersPage) (err error) {
	b := &d.Bar
	switch {
	case d.Select.All && d.Filter.Access == roster.ImplicitAccess: // nobody listed can be taken off
	case d.Select.All && len(d.Select.Excluded) > 0:
		out := d.Filter.MemberFilter
		out.IDs, out.Access = d.Select.Excluded, roster.ExplicitAccess
		n, err := v.app.CountMembers(v.ctx(), d.Project.ID, out)
		if err != nil {
			return err
		}
		b.Count = b.Matching - n
	case d.Select.All:
		b.Count = b.Matching
	case !d.Select.Empty():
		if b.Count, err = v.app.CountSelected(v.ctx(), d.Project.ID, d.Select.selector(d.Filter.MemberFilter)); err != nil {
			return err
		}
	}
	d.Bar.words(d.Select, ticked(d.Rows))
	d.Bar.SelectAll = d.List.selecting(d.Filter, selection{All: true})
	d.Bar.Nobody = d.List.selecting(d.Filter, selection{})
	return nil
}

// fill completes the bar of a list that everybody can be selected from, when it
// is counted who is.
func (b *bar) fill(l list, f *memberFilter, s selection, rows []memberRow) {
	b.Matching = l.Total
	b.words(s, ticked(rows))
	b.SelectAll, b.Nobody = l.selecting(f, selection{All: true}), l.selecting(f, selection{})
}

// words are the sentences; {n} stands for how many are selected.
// Here is how many of them are on the page.
func (b *bar) words(s selection, here int) {
	b.One, b.Many = "One person is selected.", "{n} people are selected."
	if s.All {
		b.All, b.AllBut = b.everybody()
		return
	}
	if away := b.Count - here; away > 0 {
		b.Elsewhere = counted(away, "One is not on this page.", "%s are not on this page.")
	}
}

// everybody is the sentences about all who match, and all but some.
func (b *bar) everybody() (all, but string) {
	if b.Direct {
		return counted(b.Matching, "The one direct member who matches is selected.", "All %s direct members who match are selected."),
			counted(b.Matching, "Nobody is selected.", "{n} of the %s direct members who match are selected.")
	}
	return counted(b.Matching, "The one person who matches is selected.", "All %s people who match are selected."),
		counted(b.Matching, "Nobody is selected.", "{n} of the %s people who match are selected.")
}

// Offer is what selecting everybody who matches is called.
func (b bar) Offer() string {
	if b.Direct {
		return counted(b.Matching, "Select the direct member who matches", "Select all %s direct members who match")
	}
	return counted(b.Matching, "Select the one who matches", "Select all %s who match")
}

// Text is the sentence that is true now.
func (b bar) Text() string {
	switch {
	case b.All != "" && b.Count == b.Matching:
		return b.All
	case b.All != "":
		return strings.ReplaceAll(b.AllBut, "{n}", number(b.Count))
	case b.Count == 1:
		return b.One
	}
	return strings.ReplaceAll(b.Many, "{n}", number(b.Count))
}

// selecting is the address of the view with another selection.
func (l list) selecting(f *memberFilter, s selection) string {
	l.query = s.with(f.query)
	return l.URL()
}
