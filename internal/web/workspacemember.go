package web

import (
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
)

var workspaceMemberRoutes = []route{
	{method: "GET", path: "/workspaces/{id}/members", handle: (*visit).workspaceMembers},
	{method: "POST", path: "/workspaces/{id}/members/remove", handle: (*visit).askLeave, asks: true},
	{method: "POST", path: "/workspaces/{id}/members/remove/apply", handle: (*visit).leaveWorkspace},
	{method: "GET", path: "/workspaces/{id}/members/add", handle: (*visit).workspaceCandidates},
	{method: "POST", path: "/workspaces/{id}/members/add", handle: (*visit).assignToWorkspace},
}

// workspaceMembersPage is the people of a workspace, or those who are not in
// it yet.
type workspaceMembersPage struct {
	membership.WorkspaceRow
	List   list
	Filter *memberFilter
	Select selection
	Rows   []memberRow
	Bar    bar
	Given  []choice // none: a workspace gives no roles
	Opens  bool     // other people can be in it

	at where
}

// workspaceView reads which people are looked at, and which of them are
// selected: those in the workspace, or those who are not.
func (v *visit) workspaceView(inside bool) (d workspaceMembersPage, err error) {
	if d.WorkspaceRow, err = v.readWorkspace(v.app); err != nil {
		return d, err
	}
	d.Opens = d.Manages && !d.Personal
	d.at = v.byName()
	path := v.link("/workspaces/%d/members", d.ID)
	if !inside {
		if _, _, err := v.app.MayInWorkspace(v.ctx(), core.ManageWorkspace, d.ID); err != nil {
			return d, err
		}
		d.at = d.at.narrowed(func(f *roster.MemberFilter) { f.ExcludeWorkspace, f.Ability = d.ID, roster.Able })
		path += "/add"
	}
	if d.Filter, err = v.memberFilter(d.at); err != nil {
		return d, err
	}
	if d.Opens {
		if d.Select, err = v.selection(d.Filter, d.at); err != nil {
			return d, err
		}
	}
	d.List = v.list(d.Select.with(d.Filter.query), d.Filter.orders()...)
	d.List.path = path
	return d, nil
}

func (v *visit) workspaceMembers() error {
	d, err := v.workspaceView(true)
	if err != nil {
		return err
	}
	if v.tidies() {
		return v.redirect(d.List.URL())
	}
	members, total, err := v.app.WorkspaceMembers(v.ctx(), d.ID, d.Filter.MemberFilter, d.List.Page)
	if err != nil {
		return err
	}
	if d.List.Total = total; d.List.past() {
		return v.redirect(d.List.URL())
	}
	if err := d.Select.spread(idsOf(members), func(f roster.MemberFilter) ([]int64, error) {
		members, _, err := v.app.WorkspaceMembers(v.ctx(), d.ID, f, roster.Everything)
		return idsOf(members), err
	}); err != nil {
		return err
	}
	for _, m := range members {
		row := memberRow{Member: m}
		if d.Opens {
			row = d.Select.pickable(row)
		}
		d.Rows = append(d.Rows, row)
	}
	d.Bar.Offered, d.Bar.Except = total, v.link("/workspaces/%d/members/except", d.ID)
	err = v.fill(&d.Bar, d.List, d.Select, d.Filter, d.at, d.Rows, oneByOne(func(s roster.Selector) (int, error) {
		return v.app.CountInWorkspace(v.ctx(), d.ID, s)
	}))
	if err != nil {
		return err
	}
	if err := v.fillView(d.Filter, d.List, d.Select); err != nil {
		return err
	}
	v.pushView(d.List, d.Select)
	return v.show(http.StatusOK, "workspacemembers.html", page{Title: roster.Verbatim(d.Title), Wide: true, Data: d})
}

func (v *visit) workspaceCandidates() error {
	d, err := v.workspaceView(false)
	if err != nil {
		return err
	}
	people, elsewhere, err := v.organizationPage(&d.List, d.Filter)
	if err != nil || elsewhere {
		return err
	}
	d.Rows, err = v.pickRows(&d.Select, people, func(f roster.MemberFilter) ([]roster.OrganizationMember, int, error) {
		return v.app.OrganizationMembers(v.ctx(), v.who.OrganizationID, f, roster.Everything)
	})
	if err != nil {
		return err
	}
	d.Bar.Offered = d.List.Total
	if err := v.fill(&d.Bar, d.List, d.Select, d.Filter, d.at, d.Rows, oneByOne(v.countPeople)); err != nil {
		return err
	}
	v.pushView(d.List, d.Select)
	return v.show(http.StatusOK, "workspaceadd.html",
		page{Title: sentence("Add people to {workspace}", "workspace", d.Title), Wide: true, Data: d})
}

// workspacePeople is workspaceView where somebody is selected.
func (v *visit) workspacePeople(inside bool) (workspaceMembersPage, error) {
	d, err := v.workspaceView(inside)
	if err == nil && d.Select.Empty() {
		err = errNobody
	}
	return d, err
}

var errNobody = roster.Errorf(roster.Invalid, "Nobody is selected. Tick people in the list first.")

// assignToWorkspace makes the selected people members of the workspace.
func (v *visit) assignToWorkspace() error {
	d, err := v.workspacePeople(false)
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		out, err := tx.AssignToWorkspace(v.ctx(), d.ID, d.Select.selector())
		if err != nil {
			return done{}, err
		}
		only, err := v.onlyOne(tx, out.Count, out.Operation)
		text := sentence(counted(out.Count, "{person} was added to the workspace and reaches every project in it.",
			"%s people were added to the workspace and reach every project in it."), "person", only)
		return done{v.link("/workspaces/%d/members", d.ID), notice{Text: text, Operation: out.Operation}}, err
	})
}

// leavePage is the question before people are taken out of a workspace.
type leavePage struct {
	membership.WorkspaceRow
	Preview roster.WorkspacePreview
	Next    string // the view to come back to
	browsed
}

// leaving is who is to be taken out, and what of them is looked at.
func (v *visit) leaving() (d workspaceMembersPage, look roster.Look, err error) {
	if d, err = v.workspacePeople(true); err == nil {
		look, err = v.looking()
	}
	return d, look, err
}

// askLeave says what taking the selected out of the workspace would do.
func (v *visit) askLeave() error {
	d, look, err := v.leaving()
	if err != nil {
		return err
	}
	preview, err := v.app.PreviewWorkspace(v.ctx(), d.ID, d.Select.selector(), look)
	if err != nil {
		return err
	}
	return v.showLeave(http.StatusOK, page{}, d, preview, look)
}

func (v *visit) showLeave(status int, p page, d workspaceMembersPage, preview roster.WorkspacePreview,
	look roster.Look) error {
	if err := v.keepQuestion(); err != nil {
		return err
	}
	p.Title = counts{"Nobody to take out of the workspace", "Take one person out of the workspace",
		"Take %s people out of the workspace"}.text(preview.Count)
	if preview.Count == 0 && preview.Dormant > 0 {
		p.Title = counted(preview.Dormant, "End one dormant membership of the workspace",
			"End %s dormant memberships of the workspace")
	}
	data := leavePage{d.WorkspaceRow, preview, d.List.selecting(d.Filter, selection{}), v.browsed(look, preview.Matching)}
	for _, m := range preview.People {
		data.Rows = append(data.Rows, memberRow{Member: m})
	}
	p.Data = data
	return v.show(status, "leave.html", p)
}

// leaveWorkspace does what the question was about, or asks it anew.
func (v *visit) leaveWorkspace() error {
	d, look, err := v.leaving()
	if err != nil {
		return err
	}
	s := d.Select.selector()
	var now roster.WorkspacePreview
	err = v.once(func(tx *app.App) (done, error) {
		if now, err = tx.PreviewWorkspace(v.ctx(), d.ID, s, look); err != nil {
			return done{}, err
		}
		if now.Plan != v.field("plan") {
			return done{}, errStale
		}
		out, err := tx.RemoveFromWorkspace(v.ctx(), d.ID, s)
		if err != nil {
			return done{}, err
		}
		only, err := v.onlyOne(tx, out.Count, out.Operation)
		text := both(sentence(counted(out.Count, "{person} was taken out of the workspace.",
			"%s people were taken out of the workspace."), "person", only), dormantEnded(out.Dormant))
		return done{v.back(), notice{Text: text, Operation: out.Operation}}, err
	})
	if err == errStale {
		status, p := v.failed(page{}, err)
		return v.showLeave(status, p, d, now, look)
	}
	return err
}
