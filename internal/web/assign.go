package web

import (
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
)

var assignRoutes = []route{
	{method: "GET", path: "/projects/{id}/members/add", handle: (*visit).candidates},
	{method: "POST", path: "/projects/{id}/members/add", handle: (*visit).assign},
	{method: "GET", path: "/projects/{id}/members/add/emails", handle: (*visit).showEmails},
	{method: "POST", path: "/projects/{id}/members/add/emails", handle: (*visit).checkEmails},
	{method: "POST", path: "/projects/{id}/members/add/emails/apply", handle: (*visit).assignEmails},
	{method: "POST", path: "/projects/{id}/members/add/emails/role", handle: (*visit).remakeEmails},
}

// assignPage is the people of the organization who have no access to a project.
type assignPage struct {
	Project membership.ProjectRow
	List    list
	Filter  *memberFilter
	Select  selection
	Rows    []memberRow
	Bar     bar
	Given   []choice // the roles that can be given in a project

	at where
}

// toAssign reads which people are offered, and which of them are selected.
func (v *visit) toAssign() (d assignPage, err error) {
	id, err := v.id("id")
	if err != nil {
		return d, err
	}
	if _, err := v.app.MayInProject(v.ctx(), core.ManageMembers, id); err != nil {
		return d, err
	}
	if d.Project, err = v.app.ProjectRow(v.ctx(), id); err != nil {
		return d, err
	}
	d.at = v.byName().narrowed(func(f *roster.MemberFilter) { f.Ability = roster.Able })
	if d.Filter, err = v.memberFilter(d.at); err != nil {
		return d, err
	}
	if d.Select, err = v.selection(d.Filter, d.at); err != nil {
		return d, err
	}
	d.List = v.list(d.Select.with(d.Filter.query), d.Filter.orders()...)
	d.List.path = v.link("/projects/%d/members/add", id)
	return d, nil
}

// candidates offers whom can be added.
func (v *visit) candidates() error {
	d, err := v.toAssign()
	if err != nil {
		return err
	}
	id := d.Project.ID
	people, elsewhere, err := v.pageOf(&d.List, func(page roster.Page) ([]roster.OrganizationMember, int, error) {
		return v.app.Candidates(v.ctx(), id, d.Filter.MemberFilter, page)
	})
	if err != nil || elsewhere {
		return err
	}
	d.Rows, err = v.pickRows(&d.Select, people, func(f roster.MemberFilter) ([]roster.OrganizationMember, int, error) {
		return v.app.Candidates(v.ctx(), id, f, roster.Everything)
	})
	if err != nil {
		return err
	}
	d.Bar.Offered = d.List.Total
	if err := v.fill(&d.Bar, d.List, d.Select, d.Filter, d.at, d.Rows, v.countCandidates(id)); err != nil {
		return err
	}
	d.Given = givenRoles(v.field("give"))
	v.pushView(d.List, d.Select)
	title := sentence("Add people to {project}", "project", d.Project.Title)
	return v.show(http.StatusOK, "assign.html", page{Title: title, Wide: true, Data: d})
}

func givenRoles(chosen string) []choice {
	return []choice{
		{"", "Organization role", chosen == ""}, roleChoice(roster.RoleAnnotator, chosen),
		roleChoice(roster.RoleReviewer, chosen),
	}
}

func roleChoice(role roster.Role, chosen string) choice {
	return choice{string(role), roleName(role), string(role) == chosen}
}

// countCandidates counts whom an addition would add, of those whom the list offers.
func (v *visit) countCandidates(project int64) counter {
	count := func(f roster.MemberFilter) (int, error) {
		_, n, err := v.app.Candidates(v.ctx(), project, f, roster.Page{Number: 1, Size: 1})
		return n, err
	}
	return oneByOne(func(s roster.Selector) (int, error) {
		if !s.All {
			return count(roster.MemberFilter{Ability: roster.Able, IDs: s.Included})
		}
		n, err := count(s.Filter)
		if err != nil || len(s.Excluded) == 0 {
			return n, err
		}
		s.Filter.IDs = s.Excluded
		out, err := count(s.Filter)
		return n - out, err
	})
}

// assign makes the selected people members.
func (v *visit) assign() error {
	d, err := v.toAssign()
	if err != nil {
		return err
	}
	if d.Select.Empty() {
		return roster.Errorf(roster.Invalid, "Nobody is selected. Tick people in the list first.")
	}
	return v.once(func(tx *app.App) (done, error) {
		out, err := tx.AssignMembersAs(v.ctx(), d.Project.ID, d.Select.selector(), roster.Role(v.field("give")))
		if err != nil {
			return done{}, err
		}
		only, err := v.onlyOne(tx, out.Count, out.Operation)
		return done{v.link("/projects/%d/members", d.Project.ID), assigned(out, only)}, err
	})
}

// assigned says what an assign did; only is the one of whom it is true, where there is one.
func assigned(out roster.Assigned, only roster.Text) notice {
	n := notice{Text: sentence(counted(out.Count, "{person} was added to the project.",
		"%s people were added to the project."), "person", only), Operation: out.Operation}
	if skipped := len(out.Skipped); skipped > 0 {
		n.Warns = true
		n.Text = both(n.Text, counted(skipped, "One person was not added: deactivated, or without a role yet.",
			"%s people were not added: deactivated, or without a role yet."))
	}
	return n
}
