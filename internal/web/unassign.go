package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
)

// firstPeople is how many people a dialog names.
const firstPeople = 12

// unassignPage is the question before people are taken off a project.
type unassignPage struct {
	Project membership.ProjectRow
	Preview roster.Preview
	Rest    int        // how many more than are named
	Fields  url.Values // the view and the selection, to be sent again
	Key     string     // names the attempt
	Next    string     // the view to come back to
	Keep    bool       // what they made is to go on running
	Weighty bool       // the project's name has to be typed
	Typed   string
	Change  *change // how the set differs from the one that was shown; nil: not asked before
}

// KeepersRest is how many more keep access than are named.
func (u unassignPage) KeepersRest() int {
	return u.Preview.KeepByWorkspace + u.Preview.KeepByOrganizationRole - len(u.Preview.Keepers)
}

// change is a plan that no longer holds, in names.
type change struct {
	Known       bool
	Added, Gone named
}

// named is some people, the first of them by name.
type named struct {
	Count  int
	People []roster.User
	Rest   int
}

// previewUnassign shows what an unassign of the selected would do.
func (v *visit) previewUnassign() error {
	d, s, err := v.toUnassign()
	if err != nil {
		return err
	}
	if s.Empty() {
		return roster.Errorf(roster.Invalid, "Nobody is selected. Tick people in the list first.")
	}
	return v.askUnassign(d, s, http.StatusOK, page{}, nil)
}

// toUnassign reads who is to be taken off: the one person of a row's menu, or
// the selected.
func (v *visit) toUnassign() (d membersPage, s selection, err error) {
	id, err := v.id("id")
	if err != nil {
		return d, s, err
	}
	if _, err := v.app.MayInProject(v.ctx(), core.ManageMembers, id); err != nil {
		return d, s, err
	}
	if d, err = v.memberView(id); err != nil {
		return d, s, err
	}
	s = d.Select
	if only := v.ids("only"); len(only) > 0 {
		s = selection{Included: only}
	}
	return d, s, nil
}

// askUnassign answers with the dialog, bound to the set as it is now.
func (v *visit) askUnassign(d membersPage, s selection, status int, p page, c *change) error {
	preview, err := v.app.PreviewUnassign(v.ctx(), d.Project.ID, s.selector(d.Filter.MemberFilter), firstPeople)
	if err != nil {
		return err
	}
	fields := s.with(d.Filter.query)
	fields.Set("plan", preview.Plan)
	p.Title = counts{"Nobody to take off the project", "Take one person off the project", "Take %s people off the project"}.text(preview.Count)
	if preview.Count == 0 && preview.Dormant > 0 {
		p.Title = counted(preview.Dormant, "End one dormant membership of the project", "End %s dormant memberships of the project")
	}
	p.Data = unassignPage{
		Project: d.Project, Preview: preview, Rest: preview.Count - len(preview.People), Fields: fields, Typed: v.field("typed"), Keep: v.keepsMade(),
		Next: d.List.selecting(d.Filter, selection{}), Weighty: v.app.Weighty(preview.Count, d.Project.MembersCount), Change: c,
	}
	return v.show(status, "unassign.html", p)
}

// unassign does what the dialog showed, or shows what has changed since.
func (v *visit) unassign() error {
	d, s, err := v.toUnassign()
	if err != nil {
		return err
	}
	plan := v.field("plan")
	if plan == "" || s.Empty() {
		return roster.Errorf(roster.Invalid, "This form is not from a page of this site. Nothing was changed.")
	}
	err = v.once(func(tx *app.App) (done, error) {
		if err := v.confirmed(tx, d, s); err != nil {
			return done{}, err
		}
		whom := s.selector(d.Filter.MemberFilter)
		whom.KeepMade = v.keepsMade()
		out, err := tx.UnassignMembers(v.ctx(), d.Project.ID, whom, plan)
		if err != nil {
			return done{}, err
		}
		text := counted(out.Count, "One person was taken off the project.",
			"%s people were taken off the project.") + dormantEnded(out.Dormant)
		return done{v.back(), notice{Text: text, Operation: out.Operation}}, nil
	})
	var e *roster.Error
	switch {
	case err == nil || !errors.As(err, &e):
		return err
	case e.Kind == roster.Changed:
		return v.askAgain(d, s, e)
	case e.Kind == roster.Invalid && len(e.Fields) > 0:
		status, p := v.failed(page{}, err)
		return v.askUnassign(d, s, status, p, nil)
	}
	return err
}

// keepsMade reports whether what the people made is to go on running.
func (v *visit) keepsMade() bool { return v.field("keep_made") == "1" }

// confirmed refuses a removal of much of a project whose name was not typed.
func (v *visit) confirmed(tx *app.App, d membersPage, s selection) error {
	n, err := tx.CountSelected(v.ctx(), d.Project.ID, s.selector(d.Filter.MemberFilter))
	if err != nil || !v.app.Weighty(n, d.Project.MembersCount) {
		return err
	}
	typed := strings.Join(strings.Fields(v.field("typed")), " ")
	if !strings.EqualFold(typed, strings.Join(strings.Fields(d.Project.Title), " ")) {
		return roster.InvalidField("typed", "This is not the project's name. Nobody was taken off.")
	}
	return nil
}

// askAgain shows the dialog for the set as it is now, with the difference.
func (v *visit) askAgain(d membersPage, s selection, e *roster.Error) error {
	c := &change{}
	if detail, ok := e.Detail.(*roster.PlanChange); ok && detail.Known {
		var err error
		c.Known = true
		if c.Added, err = v.people(d.Project.ID, detail.AddedCount, detail.Added); err != nil {
			return err
		}
		if c.Gone, err = v.people(d.Project.ID, detail.GoneCount, detail.Gone); err != nil {
			return err
		}
	}
	return v.askUnassign(d, s, statuses[e.Kind], page{}, c)
}

func (v *visit) people(project int64, count int, ids []int64) (named, error) {
	if len(ids) > firstPeople {
		ids = ids[:firstPeople]
	}
	people, err := v.app.EverMembers(v.ctx(), project, ids)
	return named{count, people, count - len(people)}, err
}
