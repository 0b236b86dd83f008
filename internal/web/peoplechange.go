package web

import (
	"net/http"
	"slices"

	"roster"
	"roster/internal/app"
)

var peopleChangeRoutes = slices.Concat(
	question("/people/role", people, giveRole), question("/people/seat", people, giveSeat),
	question("/people/delete", people, deletePeople),
)

// question is the routes of a deed: the question, and its answer.
func question(path string, of chooser, what func(v *visit) (deed, error)) []route {
	return []route{
		{method: "POST", path: path, handle: asking(of, what), asks: true, apart: true},
		{method: "POST", path: path + "/apply", handle: doing(of, what)},
	}
}

// chosen is who is selected in a list, for what is done to many.
type chosen struct {
	selector roster.Selector
	// people is the same among the organization's people, wherever the list is of.
	people func(a *app.App) (roster.Selector, error)
	one    int64  // the only person selected; 0: several, or nobody knows
	next   string // the view to come back to
	each   func(begin func(), fn func(m memberRow) error) error
	header []string // of the file of them
	name   string   // and what that is called
}

// chooser reads who is selected.
type chooser func(v *visit) (chosen, error)

// deed is something that is done to many people at once, after a question.
type deed struct {
	Button  roster.Text
	Danger  bool
	Message bool          // a message to them can be written
	Lines   []roster.Text // what becomes of them
	Kept    []roster.Text // what stays; nil: nothing needs saying
	Role    roster.Role
	title   counts // with a {role}
	done    plural
	preview func(tx *app.App, v *visit, s roster.Selector, look roster.Look) (roster.PeoplePreview, error)
	apply   func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error)
}

// plural is a sentence for one person, and for many, whose number stands at %s.
type plural struct{ one, many roster.Text }

func (p plural) text(n int) roster.Text { return counted(n, p.one, p.many) }

// changing is a deed that gives a role or a seat.
func changing(d deed, change roster.MembershipChange) deed {
	d.Role = change.Role
	d.preview = func(tx *app.App, v *visit, s roster.Selector, look roster.Look) (roster.PeoplePreview, error) {
		return tx.PreviewPeople(v.ctx(), s, change, look)
	}
	d.apply = func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error) {
		return tx.ChangePeople(v.ctx(), s, change, plan)
	}
	return d
}

// giveRole gives the role that the form names, or takes all of them away.
func giveRole(v *visit) (deed, error) {
	role := roster.Role(v.field("give"))
	if v.field("deactivate") == "1" {
		role = roster.RoleDeactivated
	}
	if !role.Valid() {
		return deed{}, roster.Errorf(roster.Invalid, "Choose a role first. Nothing was changed.")
	}
	d := deed{
		Button: "Change the role", title: counts{"Nobody to make {role}", "Make one person {role}", "Make %s people {role}"},
		done: plural{"{person} is {role} now.", "%s people are {role} now."},
		Lines: []roster.Text{"Projects that people reach by their organization role alone change with it. Memberships of " +
			"projects and workspaces stay."},
	}
	switch role {
	case roster.RoleDeactivated:
		d.Button, d.Danger = "Deactivate", true
		d.title, d.done = counts{"Nobody to deactivate", "Deactivate one person", "Deactivate %s people"},
			plural{"{person} is deactivated.", "%s people are deactivated."}
		d.Lines = []roster.Text{"They cannot sign in or work anywhere until somebody undoes this or gives them a role " +
			"again. Their sessions end."}
		d.Kept = []roster.Text{
			"Memberships, project roles, tags, open tasks and history. They count again when the people come back, " +
				"except in projects that everybody was taken off in the meantime.",
		}
	case roster.RoleNotActivated:
		d.Danger = true
		d.Lines = []roster.Text{"They have no access until somebody gives them a role. Their sessions end, and so do roles " +
			"and open tasks in projects that they reach by workspace or organization role alone."}
	}
	return changing(d, roster.MembershipChange{Role: role}), nil
}

// giveSeat gives a standard seat, the only one that can be given.
func giveSeat(*visit) (deed, error) {
	return changing(deed{
		Button: "Give standard seats", title: counts{"Nobody to give a standard seat", "Give one person a standard seat",
			"Give %s people a standard seat"},
		done: plural{"{person} has a standard seat now.", "%s people have a standard seat now."},
		Lines: []roster.Text{"A standard seat costs money, and only undoing this brings the earlier seat back. To change a " +
			"View only seat, give those people a role."},
	}, roster.MembershipChange{UserType: roster.SeatStandard}), nil
}

// deletePeople deletes people from the organization.
func deletePeople(*visit) (deed, error) {
	return deed{
		Button: "Delete from the organization", Danger: true,
		title: counts{"Nobody to delete", "Delete one person from the organization",
			"Delete %s people from the organization"},
		done: plural{"{person} was deleted from the organization.", "%s people were deleted from the organization."},
		Lines: []roster.Text{
			"They cannot sign in any more: sessions, passwords and tokens are refused from now on.",
			"They are no longer listed and reach no project. Their memberships of projects and workspaces, project roles " +
				"and open tasks end.",
			"While this can be undone, undoing it brings them back as they were. If you invite them again instead, they " +
				"get what the invitation gives and nothing else.",
		},
		Kept: []roster.Text{"Their work in every project.", "The history, with their names."},
		preview: func(tx *app.App, v *visit, s roster.Selector, look roster.Look) (roster.PeoplePreview, error) {
			return tx.PreviewRemoval(v.ctx(), s, look)
		},
		apply: func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error) {
			return tx.RemovePeople(v.ctx(), s, plan)
		},
	}, nil
}

// peopleChangePage is the question before a deed.
type peopleChangePage struct {
	deed
	Path    string // where the question is
	Text    string // of the message
	Preview roster.PeoplePreview
	Next    string // the view to come back to
	browsed
}

// toChangePeople reads the view and who is selected in it, and where to go on.
func (v *visit) toChangePeople() (d peoplePage, next string, err error) {
	if d, err = v.peopleView(); err != nil {
		return d, "", err
	}
	if d.Select.Empty() {
		return d, "", errNobody
	}
	next = d.List.selecting(d.Filter, selection{})
	if v.field("next") != "" {
		next = v.back()
	}
	return d, next, nil
}

// people is who is selected in the list of the organization.
func people(v *visit) (c chosen, err error) {
	d, next, err := v.toChangePeople()
	if err != nil {
		return c, err
	}
	s := d.Select.selector()
	c = chosen{selector: s, people: func(*app.App) (roster.Selector, error) { return s, nil },
		one: d.Select.one(), next: next,
		header: peopleHeader, name: "people.csv"}
	c.each = func(begin func(), fn func(m memberRow) error) error {
		ids, err := v.app.SelectedPeople(v.ctx(), s)
		if err != nil {
			return err
		}
		f := roster.MemberFilter{IDs: onlyThese(ids), OnlyDeleted: d.Filter.OnlyDeleted}
		return v.app.ExportPeople(v.ctx(), v.who.OrganizationID, f, d.List.Order, begin,
			func(m roster.OrganizationMember) error { return fn(rowOf(m)) })
	}
	return c, nil
}

// one is the only person who is selected; 0 where there are several.
func (s selection) one() int64 {
	if s.All || len(s.Included) != 1 {
		return 0
	}
	return s.Included[0]
}

// deedOn is what is to be done, and to whom.
func (v *visit) deedOn(of chooser, what func(v *visit) (deed, error)) (d deed, c chosen, err error) {
	if d, err = what(v); err == nil {
		c, err = of(v)
	}
	return d, c, err
}

// asking answers with the question.
func asking(of chooser, what func(v *visit) (deed, error)) func(v *visit) error {
	return func(v *visit) error { return v.askPeople(of, what, http.StatusOK, page{}) }
}

func (v *visit) askPeople(of chooser, what func(v *visit) (deed, error), status int, p page) error {
	d, c, err := v.deedOn(of, what)
	if err != nil {
		return err
	}
	look, err := v.looking()
	if err != nil {
		return err
	}
	preview, err := d.preview(v.app, v, c.selector, look)
	if err != nil {
		return err
	}
	if err := v.keepQuestion(); err != nil {
		return err
	}
	p.Title = sentence(d.title.text(preview.Count), "role", roleName(d.Role))
	p.Data = peopleChangePage{deed: d, Path: v.place(), Text: v.field("message"), Preview: preview,
		browsed: v.browsedPeople(look, preview.People, preview.Matching), Next: c.next}
	return v.show(status, "peoplechange.html", p)
}

// doing does what the question was about, or asks again where the people are
// not the same any more.
func doing(of chooser, what func(v *visit) (deed, error)) func(v *visit) error {
	return func(v *visit) error {
		d, c, err := v.deedOn(of, what)
		if err != nil {
			return err
		}
		err = v.once(func(tx *app.App) (done, error) {
			out, err := d.apply(tx, v, c.selector, v.field("plan"))
			if err != nil {
				return done{}, err
			}
			only, err := v.onlyOne(tx, out.Count, out.Operation)
			if out.Operation == 0 && out.Count == 1 && c.one != 0 { // a pause is no operation
				only, err = v.nameOf(tx, c.one)
			}
			return done{c.next, d.notice(out, only)}, err
		})
		if roster.KindOf(err) == roster.Changed {
			status, p := v.failed(page{}, err)
			return v.askPeople(of, what, status, p)
		}
		return err
	}
}

// notice says what a deed did; only is the one of whom it is true, where there is one.
func (d deed) notice(out roster.PeopleChanged, only roster.Text) notice {
	n := notice{
		Text: both(sentence(d.done.text(out.Count), "role", roleName(d.Role), "person", only),
			backIn(out.Awaited)),
		Operation: out.Operation,
	}
	if out.Passed > 0 {
		n.Warns = true
		n.Text = sentence(counted(out.Passed, "{done} One person stays unchanged.", "{done} %s people stay unchanged."),
			"done", n.Text)
	}
	return n
}
