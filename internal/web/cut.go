package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/membership"
)

// cutPage is the question before a path is taken away from a person, with what
// stays afterwards.
type cutPage struct {
	personPage
	roster.Cut
	Place       string // the project or the workspace
	Lost, Stays []effect
	Again       []roster.Awaiting // where somebody comes back to who could not act
	Released    int               // open tasks that would be
	Seen        string            // names what the page shows
	Next        string
}

// effect is what a cut leaves of a person's access to one project.
type effect struct{ Before, After roster.Reach }

// takes reports whether a path is gone.
func (e effect) takes() bool {
	return e.Before.Explicit && !e.After.Explicit || e.Before.InWorkspace && !e.After.InWorkspace ||
		e.Before.ByRole && !e.After.ByRole
}

// Gives reports whether a role is given rather than access taken away.
func (c cutPage) Gives() bool { return c.Role != "" && c.Role.Works() }

// readCut reads which path is meant, and what follows from cutting it.
func (v *visit) readCut() (c cutPage, err error) {
	if c.personPage, err = v.readPerson(v.app.PersonView); err != nil {
		return c, err
	}
	c.Next = v.link("/people/%d", c.User.ID)
	if v.field("next") != "" {
		c.Next = v.back()
	}
	if err := v.readPath(&c); err != nil {
		return c, err
	}
	if err := c.check(); err != nil {
		return c, err
	}
	c.weigh()
	return c, nil
}

// readPath reads the one path that is to be cut.
func (v *visit) readPath(c *cutPage) error {
	said := 0
	for _, name := range []string{"project", "workspace", "role"} {
		if v.field(name) != "" {
			said++
		}
	}
	if said > 1 {
		return roster.InvalidField("role", "Choose one change at a time. Nothing was changed.")
	}
	c.Cut.Project, c.Cut.Workspace, c.Cut.Role = v.id64("project"), v.id64("workspace"), roster.Role(v.field("role"))
	return nil
}

// check refuses a path that is not there (any more), or not for the viewer to
// cut.
func (c *cutPage) check() error {
	switch {
	case c.Cut.Project != 0:
		for _, r := range c.Projects {
			if r.Project.ID == c.Cut.Project && r.Explicit && r.Manages {
				c.Place = r.Project.Title
				return nil
			}
		}
		return roster.Errorf(roster.NotAllowed,
			"They are not a member of this project, or you may not take them off it. Nothing was changed.")
	case c.Cut.Workspace != 0:
		for _, w := range c.PersonView.Workspaces {
			if w.ID == c.Cut.Workspace && w.Manages {
				c.Place = w.Title
				return nil
			}
		}
		return roster.Errorf(roster.NotAllowed,
			"They are not a member of this workspace, or you may not take them out of it. Nothing was changed.")
	}
	for _, choice := range c.Choices {
		if choice.Value == string(c.Cut.Role) {
			return nil
		}
	}
	if c.Cut.Role == c.Membership.Role && len(c.Roles) > 0 {
		return roster.Errorf(roster.NotAllowed, "%s has this role already. Nothing was changed.", c.User.Name())
	}
	return roster.Errorf(roster.Forbidden, "You may not give this role to %s. Nothing was changed.", c.User.Name())
}

// weigh works out what the cut does to each project.
func (c *cutPage) weigh() {
	h := sha256.New()
	if c.Gives() && !c.Works() {
		c.Again = again(c.Projects)
	}
	fmt.Fprintln(h, c.Membership.Role, c.Cut, c.Again)
	for _, r := range c.Projects {
		e := effect{r.Reach, c.Cut.From(r.Reach)}
		if !e.takes() {
			continue
		}
		fmt.Fprintln(h, r.Project.ID, e.Before.Explicit, e.Before.InWorkspace, e.Before.ByRole, e.Before.Open)
		switch {
		case e.After.Stays():
			c.Stays = append(c.Stays, e)
		default:
			c.Lost = append(c.Lost, e)
			c.Released += e.Before.Open
		}
	}
	c.Seen = hex.EncodeToString(h.Sum(nil)[:8])
}

// again is the projects whose memberships count again when somebody can act.
func again(projects []membership.ReachRow) (back []roster.Awaiting) {
	for _, r := range projects {
		if r.Explicit || r.InWorkspace {
			back = append(back, roster.Awaiting{Project: roster.ProjectRef{ID: r.Project.ID, Title: r.Project.Title}, People: 1})
		}
	}
	return back
}

// SeesAll reports whether the new role opens every project.
func (c cutPage) SeesAll() bool { return c.Cut.Role.SeesEveryProject() }

// title is what the question is called.
func (c cutPage) title() roster.Text {
	name, place := c.User.Name(), c.Place
	switch {
	case c.Cut.Project != 0:
		return sentence("Take {name} off {place}", "name", name, "place", place)
	case c.Cut.Workspace != 0:
		return sentence("Take {name} out of the workspace {place}", "name", name, "place", place)
	case c.Cut.Role == roster.RoleDeactivated:
		return sentence("Deactivate {name}", "name", name)
	case c.Deactivated():
		return sentence("Reactivate {name} as {role}", "name", name, "role", roleName(c.Cut.Role))
	}
	return sentence("Make {name} {role}", "name", name, "role", roleName(c.Cut.Role))
}

func (v *visit) showCut() error {
	c, err := v.readCut()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "cut.html", page{Title: c.title(), Data: c})
}

// errStale says that a question was answered that would not be asked so now.
var errStale = roster.Errorf(roster.Changed,
	"Something has changed since you opened this page. Nothing was changed; look again.")

// cut does what the page showed, or shows what it would do now.
func (v *visit) cut() error {
	var c cutPage
	err := v.once(func(tx *app.App) (d done, err error) {
		within := *v
		within.app = tx
		if c, err = within.readCut(); err != nil {
			return d, err
		}
		if c.Seen != v.field("seen") {
			return d, errStale
		}
		d.To = c.Next
		d.Notice, err = c.apply(v, tx)
		return d, err
	})
	if err == errStale {
		status, p := v.failed(page{Title: c.title(), Data: c}, err)
		return v.show(status, "cut.html", p)
	}
	return err
}

func (c cutPage) apply(v *visit, tx *app.App) (notice, error) {
	one := roster.Selector{Included: []int64{c.User.ID}}
	name, place := c.User.Name(), c.Place
	switch {
	case c.Cut.Project != 0:
		out, err := tx.UnassignMembers(v.ctx(), c.Cut.Project, one, "")
		return notice{Text: sentence("{name} was taken off {place}.", "name", name, "place", place),
			Operation: out.Operation}, err
	case c.Cut.Workspace != 0:
		out, err := tx.RemoveFromWorkspace(v.ctx(), c.Cut.Workspace, one)
		return notice{Text: sentence("{name} was taken out of the workspace {place}.", "name", name, "place", place), Operation: out.Operation}, err
	}
	m, op, err := tx.ChangeMembership(v.ctx(), v.who.OrganizationID, c.User.ID, roster.MembershipChange{Role: c.Cut.Role})
	if err != nil {
		return notice{}, err
	}
	text := roster.Text("{name} is {role} now.")
	if c.Cut.Role == roster.RoleDeactivated {
		text = "{name} is deactivated. Everything they have is kept; give them a role again to bring them back."
	}
	return notice{Text: both(sentence(text, "name", m.User.Name(), "role", roleName(c.Cut.Role)),
		backIn(c.Again)),
		Operation: op}, nil
}

// backIn says to which projects people are back; "" where that is none.
func backIn(projects []roster.Awaiting) roster.Text {
	if len(projects) == 0 {
		return ""
	}
	const most = 5
	var titles []string
	for _, a := range projects[:min(most, len(projects))] {
		titles = append(titles, a.Project.Title)
	}
	text := roster.Text("Back in {projects}.")
	if rest := len(projects) - most; rest > 0 {
		text = counted(rest, "Back in {projects} and one more project.", "Back in {projects} and %s more projects.")
	}
	return sentence(text, "projects", namesIn(titles, 0))
}
