package web

import (
	"net/http"
	"net/url"

	"roster"
	"roster/internal/app"
)

var peopleChangeRoutes = []route{
	{method: "POST", path: "/people/role", handle: asking(giveRole)},
	{method: "POST", path: "/people/role/apply", handle: doing(giveRole)},
	{method: "POST", path: "/people/seat", handle: asking(giveSeat)},
	{method: "POST", path: "/people/seat/apply", handle: doing(giveSeat)},
	{method: "POST", path: "/people/delete", handle: asking(deletePeople)},
	{method: "POST", path: "/people/delete/apply", handle: doing(deletePeople)},
}

// deed is something that is done to many people at once, after a question.
type deed struct {
	Path    string
	Button  string
	Danger  bool
	Lines   []string // what becomes of them
	Kept    []string // what stays; nil: nothing needs saying
	Role    roster.Role
	title   counts // with a {role}
	done    [2]string
	preview func(tx *app.App, v *visit, s roster.Selector) (roster.PeoplePreview, error)
	apply   func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error)
}

// changing is a deed that gives a role or a seat.
func changing(d deed, change roster.MembershipChange) deed {
	d.Role = change.Role
	d.preview = func(tx *app.App, v *visit, s roster.Selector) (roster.PeoplePreview, error) {
		return tx.PreviewPeople(v.ctx(), s, change, firstPeople)
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
		Path: "/people/role", Button: "Change the role", title: counts{"Nobody to make {role}", "Make one person {role}", "Make %s people {role}"},
		done:  [2]string{"One person is {role} now.", "%s people are {role} now."},
		Lines: []string{"Projects that people reach by their organization role alone change with it. Memberships of projects and workspaces stay."},
	}
	switch role {
	case roster.RoleDeactivated:
		d.Button, d.Danger = "Deactivate", true
		d.title, d.done = counts{"Nobody to deactivate", "Deactivate one person", "Deactivate %s people"}, [2]string{"One person is deactivated.", "%s people are deactivated."}
		d.Lines = []string{"They cannot sign in or work anywhere until somebody undoes this or gives them a role again. Their sessions end."}
		d.Kept = []string{
			"Memberships, project roles, tags, open tasks and history. They count again when the people come back, " +
				"except in projects that everybody was taken off in the meantime.",
		}
	case roster.RoleNotActivated:
		d.Danger = true
		d.Lines = []string{"They have no access until somebody gives them a role. Their sessions end, and so do roles and open tasks in projects that they reach by workspace or organization role alone."}
	}
	return changing(d, roster.MembershipChange{Role: role}), nil
}

// giveSeat gives a standard seat, the only one that can be given.
func giveSeat(*visit) (deed, error) {
	return changing(deed{
		Path: "/people/seat", Button: "Give standard seats", title: counts{"Nobody to give a standard seat", "Give one person a standard seat", "Give %s people a standard seat"},
		done:  [2]string{"One person has a standard seat now.", "%s people have a standard seat now."},
		Lines: []string{"A standard seat costs money, and only undoing this brings the earlier seat back. To change a View only seat, give those people a role."},
	}, roster.MembershipChange{UserType: roster.SeatStandard}), nil
}

// deletePeople deletes people from the organization.
func deletePeople(*visit) (deed, error) {
	return deed{
		Path: "/people/delete", Button: "Delete from the organization", Danger: true,
		title: counts{"Nobody to delete", "Delete one person from the organization", "Delete %s people from the organization"},
		done:  [2]string{"One person was deleted from the organization.", "%s people were deleted from the organization."},
		Lines: []string{
			"They cannot sign in any more: sessions, passwords and tokens are refused from now on.",
			"They are no longer listed and reach no project. Their memberships of projects and workspaces, project roles and open tasks end.",
			"While this can be undone, undoing it brings them back as they were. If you invite them again instead, they get what the invitation gives and nothing else.",
		},
		Kept: []string{"Their work in every project.", "The history, with their names."},
		preview: func(tx *app.App, v *visit, s roster.Selector) (roster.PeoplePreview, error) {
			return tx.PreviewRemoval(v.ctx(), s, firstPeople)
		},
		apply: func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error) {
			return tx.RemovePeople(v.ctx(), s, plan)
		},
	}, nil
}

// peopleChangePage is the question before a deed.
type peopleChangePage struct {
	deed
	Preview roster.PeoplePreview
	Rest    int        // how many more than are named
	Fields  url.Values // the view and the selection, to be sent again
	Next    string     // the view to come back to
}

// chosenPeople reads the view and who is selected in it, and where to go on.
func (v *visit) chosenPeople() (d peoplePage, next string, err error) {
	if d, err = v.peopleView(); err != nil {
		return d, "", err
	}
	if d.Select.Empty() {
		return d, "", roster.Errorf(roster.Invalid, "Nobody is selected. Tick people in the list first.")
	}
	next = d.List.selecting(d.Filter, selection{})
	if v.field("next") != "" {
		next = v.back()
	}
	return d, next, nil
}

// asking answers with the question.
func asking(of func(v *visit) (deed, error)) func(v *visit) error {
	return func(v *visit) error { return v.askPeople(of, http.StatusOK, page{}) }
}

func (v *visit) askPeople(of func(v *visit) (deed, error), status int, p page) error {
	what, err := of(v)
	if err != nil {
		return err
	}
	d, next, err := v.chosenPeople()
	if err != nil {
		return err
	}
	preview, err := what.preview(v.app, v, d.Select.selector(d.Filter.MemberFilter))
	if err != nil {
		return err
	}
	fields := d.Select.with(d.Filter.query)
	fields.Set("plan", preview.Plan)
	fields.Set("give", string(what.Role))
	p.Title = sentence(what.title.text(preview.Count), "role", what.Role.Name())
	p.Data = peopleChangePage{deed: what, Preview: preview, Rest: preview.Count - len(preview.First), Fields: fields, Next: next}
	return v.show(status, "peoplechange.html", p)
}

// doing does what the question was about, or asks again where the people are
// not the same any more.
func doing(of func(v *visit) (deed, error)) func(v *visit) error {
	return func(v *visit) error {
		what, err := of(v)
		if err != nil {
			return err
		}
		d, next, err := v.chosenPeople()
		if err != nil {
			return err
		}
		err = v.once(func(tx *app.App) (done, error) {
			out, err := what.apply(tx, v, d.Select.selector(d.Filter.MemberFilter), v.field("plan"))
			return done{next, what.notice(out)}, err
		})
		if roster.KindOf(err) == roster.Changed {
			status, p := v.failed(page{}, err)
			return v.askPeople(of, status, p)
		}
		return err
	}
}

// notice says what a deed did.
func (d deed) notice(out roster.PeopleChanged) notice {
	n := notice{
		Text:      sentence(counted(out.Count, d.done[0], d.done[1]), "role", d.Role.Name()) + backIn(out.Awaited),
		Operation: out.Operation,
	}
	if out.Passed > 0 {
		n.Warns = true
		n.Text = sentence(counted(out.Passed, "{done} One person stays unchanged.", "{done} %s people stay unchanged."), "done", n.Text)
	}
	return n
}
