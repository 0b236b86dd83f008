package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// ProjectRow is a project in the list that people choose one from.
type ProjectRow struct {
	ProjectView
	MyRole      roster.Role // what the actor acts as in it
	SeesMembers bool        // whether the actor may see who is in it
}

// ProjectList is one page of the projects the actor may see, and how many
// there are in all.
func (a *Membership) ProjectList(ctx context.Context, f roster.ProjectFilter, page roster.Page) (rows []ProjectRow,
	total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.FindProject)
		if err != nil {
			return err
		}
		tx.Asked(ctx, f.IDs...)
		projects, n, err := tx.db.CountedProjects(ctx, who, f, page)
		if total = n; err != nil || len(projects) == 0 {
			return err
		}
		rows, err = tx.projectRows(ctx, who, projects)
		return err
	})
	return rows, total, err
}

// ProjectsToChoose is the first projects by title that a filter matches, at most so many, in
// which the actor may take an action: to choose one from, so nothing in them is counted.
func (a *Membership) ProjectsToChoose(ctx context.Context, action core.Action, f roster.ProjectFilter,
	most int) ([]roster.Project, error) {
	who, err := a.May(ctx, core.FindProject)
	if err != nil {
		return nil, err
	}
	projects, err := a.db.Projects(ctx, who, f, roster.Page{Number: 1, Size: most, Order: "title"})
	if err != nil || action == core.FindProject {
		return projects, err
	}
	places, acting, err := a.PlacesIn(ctx, who, idsOfProjects(projects))
	return slices.DeleteFunc(projects, func(p roster.Project) bool {
		return core.May(acting(p.ID), action, places[p.ID]) != nil
	}), err
}

// ProjectRow is one project as a row of that list.
func (a *Membership) ProjectRow(ctx context.Context, id int64) (row ProjectRow, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.MayInProject(ctx, core.ViewProject, id)
		if err != nil {
			return err
		}
		p, err := tx.db.CountedProject(ctx, who.OrganizationID, id)
		if err != nil {
			return err
		}
		tx.KnowProject(p)
		rows, err := tx.projectRows(ctx, who, []roster.Project{p})
		if err == nil {
			row = rows[0]
		}
		return err
	})
	return row, err
}

func (a *Membership) projectRows(ctx context.Context, who roster.Actor,
	projects []roster.Project) ([]ProjectRow, error) {
	views, err := a.views(ctx, who, projects, 0)
	if err != nil {
		return nil, err
	}
	_, acting, err := a.PlacesIn(ctx, who, idsOfProjects(projects))
	if err != nil {
		return nil, err
	}
	rows := make([]ProjectRow, len(views))
	for i, v := range views {
		me := acting(v.ID)
		rows[i] = ProjectRow{ProjectView: v, MyRole: me.Role, SeesMembers: core.May(me, core.ViewMembers, v.at) == nil}
	}
	return rows, nil
}
