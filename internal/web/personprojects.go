package web

import (
	"net/http"
	"slices"
	"strconv"

	"roster"
	"roster/internal/app"
)

var personProjectRoutes = []route{
	{method: "GET", path: "/people/{id}/projects", handle: (*visit).showAddToProjects},
	{method: "POST", path: "/people/{id}/projects", handle: (*visit).addToProjects},
}

// addToProjectsPage asks to which projects a person is added.
type addToProjectsPage struct {
	roster.OrganizationMember
	Find     string
	Many     bool // there are more than are listed
	Projects []choice
	Given    []choice // the roles there; none where the organization role counts everywhere
	Next     string
}

func (v *visit) showAddToProjects() error { return v.addingToProjects(http.StatusOK, page{}) }

func (v *visit) addingToProjects(status int, p page) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	d := addToProjectsPage{Find: shortened(v.field("find"), maxSearch), Next: v.link("/people/%d", id)}
	if d.OrganizationMember, err = v.app.Person(v.ctx(), id); err != nil {
		return missing(err, noSuchPerson)
	}
	if d.Membership.Role.Overridable() {
		d.Given = givenRoles(v.field("give"))
	}
	if err := v.projectsToAdd(&d); err != nil {
		return err
	}
	p.Title, p.Data = sentence("Add {name} to projects", "name", d.User.Name()), d
	return v.show(status, "personprojects.html", p)
}

// projectsToAdd offers the projects that match what is looked for, behind the ticked ones.
func (v *visit) projectsToAdd(d *addToProjectsPage) error {
	ticked := v.ids("projects")
	found, more, err := v.app.ProjectsToAdd(v.ctx(), d.User.ID, d.Find, mostPlaces)
	if err != nil {
		return err
	}
	if len(ticked) > 0 && d.Find != "" {
		all, _, err := v.app.ProjectsToAdd(v.ctx(), d.User.ID, "", maxSearch)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(p roster.Project) bool {
			return !slices.Contains(ticked, p.ID) ||
				slices.ContainsFunc(found, func(f roster.Project) bool { return f.ID == p.ID })
		})
		found = append(all, found...)
	}
	d.Many = more || d.Find != ""
	for _, p := range found {
		d.Projects = append(d.Projects, choice{strconv.FormatInt(p.ID, 10), roster.Verbatim(p.Title),
			slices.Contains(ticked, p.ID)})
	}
	return nil
}

func (v *visit) addToProjects() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = v.once(func(tx *app.App) (done, error) {
		n, err := v.addEach(tx, id, v.ids("projects"))
		return done{v.link("/people/%d", id), n}, err
	})
	if roster.KindOf(err) == roster.Invalid {
		status, p := v.failed(page{}, err)
		return v.addingToProjects(status, p)
	}
	return err
}

// addEach adds a person to each of the projects, or to none.
func (v *visit) addEach(tx *app.App, user int64, projects []int64) (n notice, err error) {
	if len(projects) == 0 {
		return n, roster.InvalidField("projects", "Choose at least one project.")
	}
	m, err := tx.Person(v.ctx(), user)
	if err != nil {
		return n, missing(err, noSuchPerson)
	}
	added := 0
	for _, project := range projects {
		out, err := tx.AssignMembersAs(v.ctx(), project, roster.Selector{Included: []int64{user}},
			roster.Role(v.field("give")))
		if err != nil {
			return n, missing(err, noSuchProject)
		}
		added, n.Operation = added+out.Count, out.Operation
	}
	texts := counts{"{name} was a member of these projects already.", "{name} was added to one project.",
		"{name} was added to %s projects. Each can be undone in the history."}
	if n.Text = sentence(texts.text(added), "name", roster.Name{Text: m.User.Name()}); len(projects) > 1 {
		n.Operation = 0
	}
	return n, nil
}
