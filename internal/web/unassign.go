package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
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
	Preview roster.Looked
	Whom    []roster.Text // the filters that everybody was selected by; none: they were picked
	All     bool          // everybody who matches
	Stay    roster.Text   // who is spared, by name; "": nobody
	browsed
	Select  selection
	Next    string // the view to come back to
	Keep    bool   // what they made is to go on running
	Weighty bool   // the project's name has to be typed
	Typed   string
	Change  *change // how the set differs from the one that was shown; nil: not asked before
	Ticking bool    // a tick led here: the focus stays where it is
	Changed bool    // who is selected was changed in the question
}

// Single reports whether it is about one person, and nobody is spared: there is nothing to
// look through.
func (u unassignPage) Single() bool { return u.Preview.Count+u.Preview.Dormant+u.Preview.Spared == 1 }

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
	if s.Empty() && !v.r.Form.Has("shown") { // the last tick may have been taken in the question
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
	if d, err = v.memberView(); err != nil {
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
	if err := v.keepQuestion(); err != nil {
		return err
	}
	look, err := v.looking()
	if err != nil {
		return err
	}
	preview, err := v.app.LookAtUnassign(v.ctx(), d.Project.ID, s.selector(), look)
	if err != nil {
		return err
	}
	data := unassignPage{
		Project: d.Project, Preview: preview, Typed: v.field("typed"), Keep: v.keepsMade(), All: s.All,
		browsed: v.browsed(look, preview.Matching),
		Select:  s, Change: c,
		Next: d.List.selecting(d.Filter, s), Weighty: v.app.Weighty(preview.Count, d.Project.MembersCount),
		Ticking: v.r.Form.Has("shown"),
		Changed: v.field("changed") == "1",
	}
	if v.field("next") != "" {
		data.Next = v.back()
	}
	if data.Stay = staying(preview); s.All {
		for _, c := range s.filter.Chips {
			data.Whom = append(data.Whom, c.Text)
		}
	}
	data.fill(v)
	p.Title = counts{"Nobody to take off the project", "Take one person off the project",
		"Take %s people off the project"}.text(preview.Count)
	if preview.Count == 0 && preview.Dormant > 0 {
		p.Title = counted(preview.Dormant, "End one dormant membership of the project",
			"End %s dormant memberships of the project")
	}
	p.Data = data
	return v.show(status, "unassign.html", p)
}

// fill is what the list in the question shows, and the groups that can be chosen.
func (u *unassignPage) fill(v *visit) {
	u.Select.Shown = nil
	going := func(id int64) bool { _, goes := slices.BinarySearch(u.Preview.Going, id); return goes }
	for _, m := range u.Preview.People {
		row := memberRow{Member: m}
		if u.Look.Group != roster.GroupDormant {
			row = u.Select.boxed(row, going(m.User.ID))
		}
		u.Rows = append(u.Rows, row)
	}
	u.Ticks = true
	lose := u.Preview.Count - u.Preview.Keeping()
	for _, g := range []lookChoice{
		{Value: string(roster.GroupAll), Label: "Everybody", Count: u.Preview.Count + u.Preview.Spared},
		{Value: string(roster.GroupLose), Label: "Lose access", Count: lose},
		{Value: string(roster.GroupKeep), Label: "Keep access", Count: u.Preview.Keeping()},
		{Value: string(roster.GroupDormant), Label: "Deactivated", Count: u.Preview.Dormant},
		{Value: string(roster.GroupSpared), Label: "Stay", Count: u.Preview.Spared},
	} {
		g.Chosen = g.Value == string(u.Look.Group)
		g.URL = u.List.path + "?" + v.lookQuery(roster.Look{Group: roster.Group(g.Value)}).Encode()
		if g.Count > 0 || g.Chosen {
			u.Groups = append(u.Groups, g)
		}
	}
}

// boxed gives a row a box that is ticked or not.
func (s *selection) boxed(m memberRow, on bool) memberRow {
	m.Pickable, m.Selected = true, on
	s.Shown = append(s.Shown, m.User.ID)
	return m
}

// staying says who is spared, by name.
func staying(p roster.Looked) roster.Text {
	if p.Spared == 0 {
		return ""
	}
	var names []string
	for _, u := range p.SparedSome {
		names = append(names, u.Name())
	}
	return sentence(counted(p.Spared, "One stays: {names}.", "%s stay: {names}."), "names",
		namesIn(names, p.Spared-len(names)))
}

// exportUnassign is the people of the question as a CSV file.
func (v *visit) exportUnassign() error {
	d, s, err := v.toUnassign()
	if err != nil {
		return err
	}
	look, err := v.looking()
	if err != nil {
		return err
	}
	if s.Empty() {
		return errNobody
	}
	return v.download(fmt.Sprintf("project-%d-unassign.csv", d.Project.ID), exportHeader,
		func(begin func(), write func([]string) error) error {
			return v.app.EachUnassigned(v.ctx(), d.Project.ID, s.selector(), look, func(roster.Project) { begin() },
				func(m roster.Member) error {
					return write(exported(memberRow{Member: m}))
				})
		})
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
		whom := s.selector()
		whom.KeepMade = v.keepsMade()
		out, err := tx.UnassignAndTell(v.ctx(), d.Project.ID, whom, plan)
		if err != nil {
			return done{}, err
		}
		who, err := v.onlyOne(tx, out.Count, out.Operation)
		return done{v.afterwards(d), notice{Text: ended(out, who), Operation: out.Operation}}, err
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

// afterwards is the view to come back to when the selected are gone from it.
func (v *visit) afterwards(d membersPage) string {
	if v.field("next") != "" {
		return v.back()
	}
	return d.List.selecting(d.Filter, selection{})
}

// ended says what a removal came to; who is the only one, where there is one.
func ended(out roster.Ended, who roster.Text) roster.Text {
	text := sentence(counted(out.Count, "{person} was taken off the project.", "%s people were taken off the project."),
		"person", who)
	for _, kept := range []struct {
		n    int
		they roster.Text
		some plural
	}{
		{out.KeepByWorkspace, "They still have access through the workspace.", plural{
			"One of them still has access through the workspace.", "%s of them still have access through the workspace."}},
		{out.KeepByOrganizationRole, "They still have access as Owner or Administrator.", plural{
			"One of them still has access as Owner or Administrator.",
			"%s of them still have access as Owner or Administrator."}},
	} {
		switch {
		case kept.n == 0:
		case out.Count == 1:
			text = both(text, kept.they)
		default:
			text = both(text, kept.some.text(kept.n))
		}
	}
	if out.Released > 0 {
		text = both(text, counted(out.Released, "One open assignment was released: it can be given to somebody else.",
			"%s open assignments were released: they can be given to somebody else."))
	}
	return both(text, dormantEnded(out.Dormant))
}

// keepsMade reports whether what the people made is to go on running.
func (v *visit) keepsMade() bool { return v.field("keep_made") == "1" }

// confirmed refuses a removal of much of a project whose name was not typed.
func (v *visit) confirmed(tx *app.App, d membersPage, s selection) error {
	n, err := tx.CountSelected(v.ctx(), d.Project.ID, s.selector())
	if err != nil || !v.app.Weighty(n[0], d.Project.MembersCount) {
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
