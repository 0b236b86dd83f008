package web

import (
	"context"
	"net/http"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

var personRoutes = []route{
	{method: "GET", path: "/people/{id}", handle: (*visit).person},
	{method: "GET", path: "/people/{id}/history", handle: (*visit).personHistory},
	{method: "GET", path: "/people/{id}/change", handle: (*visit).showCut},
	{method: "POST", path: "/people/{id}/change", handle: (*visit).cut},
}

// personPage is one person, with the projects they can reach or with what was
// done to them.
type personPage struct {
	membership.PersonView
	List     list
	Shown    []membership.ReachRow // the projects of this page of the list
	Steps    []step
	History  bool // the tab
	Sees     bool // whether the viewer may see the history
	Invites  bool
	Lists    bool // may see the list of people
	GiveSeat bool // a standard seat can be given
	Renames  bool // the viewer may change the name
	Mirrored bool // names and passwords are kept in Label Studio
	Adds     bool // the viewer may add people to projects
	Choices  []choice
}

// Deleted reports whether the person was deleted from the organization.
func (p personPage) Deleted() bool { return !p.Membership.DeletedAt.IsZero() }

// Deactivated reports whether the person can act again when given a role.
func (p personPage) Deactivated() bool { return p.Membership.Role == roster.RoleDeactivated }

// Works reports whether the paths below count now.
func (p personPage) Works() bool { return !p.Deleted() && p.Membership.Role.Works() }

// Seat is what the person's seat is called.
func (p personPage) Seat() roster.Text { return seatName(p.Membership.UserType) }

// readPerson reads the person of the path: with the projects they reach, or the head of the
// page alone.
func (v *visit) readPerson(read func(context.Context, int64) (membership.PersonView, error)) (p personPage, err error) {
	id, err := v.id("id")
	if err != nil {
		return p, err
	}
	if p.PersonView, err = read(v.ctx(), id); err != nil {
		return p, missing(err, noSuchPerson)
	}
	p.Sees, p.Invites, p.Lists = v.may(core.ViewOperations), v.may(core.Invite), v.may(core.ListPeople)
	p.Mirrored = v.app.IsMirror(v.ctx())
	p.Renames = !p.Deleted() && v.app.MayRename(v.ctx(), p.OrganizationMember) == nil
	p.Adds = p.Works() && v.may(core.ManageMembers)
	p.GiveSeat = len(p.Roles) > 0 && p.Membership.UserType == roster.SeatFlex
	for _, role := range p.Roles {
		if role != p.Membership.Role {
			p.Choices = append(p.Choices, choice{string(role), roleName(role), role == p.Before})
		}
	}
	return p, nil
}

const noSuchPerson roster.Text = "There is no such person, or you may not see them."

// missing says in words what is not there.
func missing(err error, text roster.Text) error {
	if roster.KindOf(err) == roster.NotFound {
		return roster.Errorf(roster.NotFound, "%s", text)
	}
	return err
}

func (v *visit) person() error {
	p, err := v.readPerson(v.app.PersonView)
	if err != nil {
		return err
	}
	p.List = v.list(nil, "title")
	p.List.path = v.link("/people/%d", p.User.ID)
	byWorkspace(p.Projects)
	if p.List.Total = len(p.Projects); p.List.past() {
		return v.redirect(p.List.URL())
	}
	from := p.List.Offset()
	p.Shown = p.Projects[from:min(from+p.List.Size, len(p.Projects))]
	v.pushURL(p.List.URL())
	return v.show(http.StatusOK, "person.html", page{Title: roster.Verbatim(p.User.Name()), Wide: true, Data: p})
}

func (v *visit) personHistory() error {
	p, err := v.readPerson(v.app.PersonHead)
	if err != nil {
		return err
	}
	p.History = true
	p.List = v.list(nil, "at")
	p.List.path = v.link("/people/%d/history", p.User.ID)
	steps, total, err := v.app.PersonHistory(v.ctx(), p.User.ID, p.List.Page)
	if err != nil {
		return err
	}
	if p.List.Total = total; p.List.past() {
		return v.redirect(p.List.URL())
	}
	for _, s := range steps {
		p.Steps = append(p.Steps, newSteps(s)...)
	}
	v.pushURL(p.List.URL())
	return v.show(http.StatusOK, "person.html", page{Title: roster.Verbatim(p.User.Name()), Wide: true, Data: p})
}

// Leaves reports whether the viewer may take the person out of a workspace.
func (p personPage) Leaves(workspace int64) bool {
	for _, w := range p.Workspaces {
		if w.ID == workspace {
			return w.Manages
		}
	}
	return false
}

// RoleIn is what the person acts as in a project.
func (p personPage) RoleIn(r roster.Reach) roster.Role {
	return roster.Effective(p.Membership.Role, r.Role)
}

// ByProject reports whether that is the project's doing.
func (p personPage) ByProject(r roster.Reach) bool {
	return r.Role != "" && p.Membership.Role.Overridable()
}
