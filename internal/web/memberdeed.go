package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

var memberDeedRoutes = slices.Concat(
	question("/projects/{id}/members/roles", members, giveProjectRole),
	question("/projects/{id}/members/pause", members, pausePeople),
	question("/projects/{id}/members/resume", members, resumePeople),
	addition("/projects/{id}/members/add-to", members), addition("/people/add-to", people),
	[]route{
		{method: "POST", path: "/projects/{id}/members/emails", handle: copying(members), asks: true},
		{method: "POST", path: "/people/emails", handle: copying(people), asks: true},
		{method: "POST", path: "/projects/{id}/members/selected.csv", handle: exporting(members)},
		{method: "POST", path: "/people/invite-again", handle: (*visit).inviteAgain},
		{method: "POST", path: "/people/selected.csv", handle: exporting(people)},
	},
)

// members is who is selected in the list of a project. What is done to them takes nobody
// from the list, so that they stay selected.
func members(v *visit) (c chosen, err error) {
	d, sel, err := v.toUnassign()
	if err != nil {
		return c, err
	}
	if sel.Empty() {
		return c, errNobody
	}
	id, s := d.Project.ID, sel.selector()
	c = chosen{selector: s, one: sel.one(), next: d.List.selecting(d.Filter, sel), header: exportHeader,
		name: fmt.Sprintf("project-%d-selected.csv", id)}
	if v.field("next") != "" {
		c.next = v.back()
	}
	c.people = func(a *app.App) (roster.Selector, error) {
		ids, err := a.SelectedMembers(v.ctx(), id, s)
		return roster.Selector{Included: ids}, err
	}
	c.each = func(begin func(), fn func(m memberRow) error) error {
		ids, err := v.app.SelectedMembers(v.ctx(), id, s)
		if err != nil {
			return err
		}
		f := roster.MemberFilter{IDs: onlyThese(ids), Access: roster.ExplicitAccess, WithInactive: true}
		return v.app.ExportAccess(v.ctx(), id, f, d.List.Order, func(roster.Project) { begin() },
			func(m roster.Member) error {
				return fn(memberRow{Member: m})
			})
	}
	return c, nil
}

// onlyThese is ids as a filter has them: nobody is not the same as no filter.
func onlyThese(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}

// giveProjectRole gives a role in the project, or the organization's again.
func giveProjectRole(v *visit) (deed, error) {
	project, err := v.id("id")
	if err != nil {
		return deed{}, err
	}
	role := roster.Role(v.field("give"))
	if role != "" && !role.Overridable() || !v.r.Form.Has("give") {
		return deed{}, noChoice("give", v.field("give"))
	}
	d := deed{
		Button: "Change the role", Role: role,
		title: counts{"Nobody to make {role} in this project", "Make one person {role} in this project",
			"Make %s people {role} in this project"},
		done:  plural{"{person} is {role} in this project now.", "%s people are {role} in this project now."},
		Lines: []roster.Text{"It counts in this project only. Their role in the organization stays."},
	}
	if role == "" {
		d.title = counts{"Nobody to give their organization role back", "Give one person their organization role back",
			"Give %s people their organization role back"}
		d.done = plural{"{person} has their organization role in this project again.",
			"%s people have their organization role in this project again."}
		d.Lines = []roster.Text{"The role that this project gave them ends."}
	}
	d.preview = func(tx *app.App, v *visit, s roster.Selector, look roster.Look) (roster.PeoplePreview, error) {
		return tx.PreviewProjectRoles(v.ctx(), project, s, role, look)
	}
	d.apply = func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error) {
		return tx.ChangeProjectRoles(v.ctx(), project, s, role, plan)
	}
	return d, nil
}

// pausePeople keeps people from working in the project for a while.
func pausePeople(v *visit) (deed, error) {
	project, err := v.id("id")
	return deed{
		Button: "Pause", Message: true, title: counts{"Nobody to pause", "Pause one person", "Pause %s people"},
		done: plural{"{person} is paused: still a member, but without access to the project.",
			"%s people are paused: still members, but without access to the project."},
		Lines: []roster.Text{
			"They lose access to this project until somebody lets them work again: they see its name and why, and neither " +
				"work in it nor manage it.",
			"They stay members. Their role, their work and their open tasks stay.",
		},
		preview: func(tx *app.App, v *visit, s roster.Selector, look roster.Look) (roster.PeoplePreview, error) {
			return tx.PreviewPauses(v.ctx(), project, s, false, look)
		},
		apply: func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error) {
			return tx.PauseMembers(v.ctx(), project, s, shortened(v.field("message"), 10_000), plan)
		},
	}, err
}

// resumePeople lets paused people work again.
func resumePeople(v *visit) (deed, error) {
	project, err := v.id("id")
	return deed{
		Button: "Let them work again", title: counts{"Nobody to let work again", "Let one person work again",
			"Let %s people work again"},
		done:  plural{"{person} may work in the project again.", "%s people may work in the project again."},
		Lines: []roster.Text{"Every pause that keeps them from this project ends, whoever made it."},
		preview: func(tx *app.App, v *visit, s roster.Selector, look roster.Look) (roster.PeoplePreview, error) {
			return tx.PreviewPauses(v.ctx(), project, s, true, look)
		},
		apply: func(tx *app.App, v *visit, s roster.Selector, plan string) (roster.PeopleChanged, error) {
			return tx.ResumeMembers(v.ctx(), project, s, plan)
		},
	}, err
}

// emails is the e-mails of the selected, in the order of the list.
func (c chosen) emails() (emails []string, err error) {
	err = c.each(func() {}, func(m memberRow) error {
		emails = append(emails, m.User.Email)
		return nil
	})
	return emails, err
}

// emailsToCopy is the e-mails of the selected.
type emailsToCopy struct {
	Count      int
	Text, Next string
}

// copying shows the e-mails of the selected.
func copying(of chooser) func(v *visit) error {
	return func(v *visit) error {
		c, err := of(v)
		if err != nil {
			return err
		}
		emails, err := c.emails()
		if err != nil {
			return err
		}
		title := counted(len(emails), "The e-mail of one person", "The e-mails of %s people")
		return v.show(http.StatusOK, "copyemails.html",
			page{Title: title, Data: emailsToCopy{len(emails), strings.Join(emails, ", "), c.next}})
	}
}

// exporting answers with the selected as a CSV file.
func exporting(of chooser) func(v *visit) error {
	return func(v *visit) error {
		c, err := of(v)
		if err != nil {
			return err
		}
		return v.download(c.name, c.header, func(begin func(), write func([]string) error) error {
			return c.each(begin, func(m memberRow) error {
				if len(c.header) == len(exportHeader) {
					return write(exported(m))
				}
				return write(exportedPerson(m))
			})
		})
	}
}

// inviteAgain leads to the page that invites, which has the e-mails of the selected.
func (v *visit) inviteAgain() error {
	if _, err := v.app.May(v.ctx(), core.Invite); err != nil {
		return err
	}
	c, err := people(v)
	if err != nil {
		return err
	}
	emails, err := c.emails()
	if err != nil {
		return err
	}
	if v.again {
		return errNotSent
	}
	form := url.Values{"emails": {strings.Join(emails, "\n")}}
	token, err := v.app.KeepPage(v.ctx(), "/people/invite", []byte(form.Encode()))
	if err != nil {
		return err
	}
	return v.redirect(v.link("/people/invite?asked=%s", token))
}

func addition(path string, of chooser) []route {
	return []route{
		{method: "POST", path: path, handle: func(v *visit) error {
			return v.askAddition(of, http.StatusOK, page{})
		}, asks: true, apart: true},
		{method: "POST", path: path + "/apply", handle: func(v *visit) error { return v.add(of) }},
	}
}

// additionPage asks where else to add people, and says what that would do.
type additionPage struct {
	Path, Next string
	Find       string // what is looked for
	To         string // the place that is chosen, as the form says it; "": none
	Place      string // and its name
	Workspace  bool   // it is one
	Projects   []choice
	Workspaces []choice
	More       bool // there are more than are offered
	Added      roster.Assigned
	Selected   int
	browsed
}

// Same is how many are in the place already.
func (a additionPage) Same() int { return a.Selected - a.Added.Count - len(a.Added.Skipped) }

// mostOffered is how many places are offered of each kind.
const mostOffered = 50

// destination reads the place that a form names: p12 is a project, w3 a workspace.
func (v *visit) destination() (kind byte, id int64, err error) {
	to := v.field("into")
	if to == "" {
		return 0, 0, nil
	}
	if id, err = strconv.ParseInt(to[1:], 10, 64); err != nil || id < 1 || to[0] != 'p' && to[0] != 'w' {
		return 0, 0, noChoice("into", to)
	}
	return to[0], id, nil
}

func (v *visit) askAddition(of chooser, status int, p page) error {
	c, err := of(v)
	if err != nil {
		return err
	}
	if err := v.keepQuestion(); err != nil {
		return err
	}
	kind, id, err := v.destination()
	if err != nil {
		return err
	}
	d := additionPage{Path: v.place(), Next: c.next, Find: shortened(v.field("place"), maxSearch),
		To: v.field("into"), Workspace: kind == 'w'}
	if err := v.offerPlaces(&d); err != nil {
		return err
	}
	who, err := c.people(v.app)
	if err != nil {
		return err
	}
	if d.browsed, d.Selected, err = v.lookAtChosen(who); err != nil {
		return err
	}
	if kind != 0 {
		if d.Added, d.Place, err = v.previewAddition(kind, id, who); err != nil {
			return err
		}
	}
	p.Title, p.Data = "Add to another project or workspace", d
	return v.show(status, "addto.html", p)
}

// offerPlaces lists the projects and workspaces whose members the viewer may change.
func (v *visit) offerPlaces(d *additionPage) error {
	projects, total, err := v.app.ProjectList(v.ctx(), roster.ProjectFilter{Search: d.Find},
		roster.Page{Number: 1, Size: mostOffered, Order: "title"})
	if err != nil {
		return err
	}
	d.More = total > mostOffered
	for _, p := range projects {
		if !strings.HasPrefix(d.Path, fmt.Sprintf("/projects/%d/", p.ID)) && v.mayIn(p.ID, core.ManageMembers) {
			value := fmt.Sprintf("p%d", p.ID)
			d.Projects = append(d.Projects, choice{value, roster.Verbatim(p.Title), value == d.To})
		}
	}
	spaces, err := v.app.Workspaces(v.ctx(), roster.WorkspaceFilter{}, "title")
	for _, w := range spaces {
		_, _, barred := v.app.MayInWorkspace(v.ctx(), core.ManageWorkspace, w.ID)
		if barred != nil || w.Personal || len(d.Workspaces) == mostOffered ||
			!strings.Contains(strings.ToLower(w.Title), strings.ToLower(d.Find)) {
			continue
		}
		value := fmt.Sprintf("w%d", w.ID)
		d.Workspaces = append(d.Workspaces, choice{value, roster.Verbatim(w.Title), value == d.To})
	}
	return err
}

func (v *visit) previewAddition(kind byte, id int64, who roster.Selector) (out roster.Assigned,
	place string, err error) {
	if kind == 'w' {
		w, err := v.app.Workspace(v.ctx(), id)
		if err != nil {
			return out, "", err
		}
		out, err = v.app.PreviewWorkspaceAssign(v.ctx(), id, who)
		return out, w.Title, err
	}
	p, err := v.app.ProjectRow(v.ctx(), id)
	if err != nil {
		return out, "", err
	}
	out, err = v.app.PreviewAssign(v.ctx(), id, who, nil)
	return out, p.Title, err
}

// add adds the selected to the place that was chosen.
func (v *visit) add(of chooser) error {
	c, err := of(v)
	if err != nil {
		return err
	}
	kind, id, err := v.destination()
	if err == nil && kind == 0 {
		err = roster.InvalidField("into", "Choose a project or a workspace.")
	}
	if err == nil {
		err = v.once(func(tx *app.App) (done, error) { return v.addTo(tx, c, kind, id) })
	}
	if roster.KindOf(err) == roster.Invalid {
		status, p := v.failed(page{}, err)
		return v.askAddition(of, status, p)
	}
	return err
}

func (v *visit) addTo(tx *app.App, c chosen, kind byte, id int64) (done, error) {
	who, err := c.people(tx)
	if err != nil {
		return done{}, err
	}
	if kind == 'w' {
		out, err := tx.AssignToWorkspace(v.ctx(), id, who)
		if err != nil {
			return done{}, err
		}
		w, err := tx.Workspace(v.ctx(), id)
		if err != nil {
			return done{}, err
		}
		only, err := v.onlyOne(tx, out.Count, out.Operation)
		return done{c.next, added(out, only, w.Title)}, err
	}
	out, err := tx.AssignMembers(v.ctx(), id, who, nil)
	if err != nil {
		return done{}, err
	}
	p, err := tx.ProjectRow(v.ctx(), id)
	if err != nil {
		return done{}, err
	}
	only, err := v.onlyOne(tx, out.Count, out.Operation)
	return done{c.next, added(out, only, p.Title)}, err
}

// added says to which place how many were added; only is the one of whom it is true, where
// there is one.
func added(out roster.Assigned, only roster.Text, place string) notice {
	text := sentence(counted(out.Count, "{person} was added to {place}.", "%s people were added to {place}."),
		"person", only, "place", roster.Name{Text: place})
	if skipped := len(out.Skipped); skipped > 0 {
		text = both(text, counted(skipped, "One person was not added: deactivated, or without a role yet.",
			"%s people were not added: deactivated, or without a role yet."))
	}
	return notice{Text: text, Operation: out.Operation, Warns: len(out.Skipped) > 0}
}
