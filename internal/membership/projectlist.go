package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// ProjectRow is a project in the list that people choose one from.
type ProjectRow struct {
	ProjectView
	Inherited   int         // people with access, but without a membership of their own
	MyRole      roster.Role // what the actor acts as in it
	SeesMembers bool        // whether the actor may see who is in it
}

// ProjectList is one page of the projects the actor may see, and how many
// there are in all.
func (a *Membership) ProjectList(ctx context.Context, f roster.ProjectFilter, page roster.Page) (rows []ProjectRow, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		views, n, err := tx.Projects(ctx, f, page, 0)
		if total = n; err != nil || len(views) == 0 {
			return err
		}
		rows, err = tx.projectRows(ctx, views)
		return err
	})
	return rows, total, err
}

// ProjectRow is one project as a row of that list.
func (a *Membership) ProjectRow(ctx context.Context, id int64) (row ProjectRow, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		view, err := tx.Project(ctx, id, 0)
		if err != nil {
			return err
		}
		rows, err := tx.projectRows(ctx, []ProjectView{view})
		if err == nil {
			row = rows[0]
		}
		return err
	})
	return row, err
}

func (a *Membership) projectRows(ctx context.Context, views []ProjectView) ([]ProjectRow, error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(views))
	for i, v := range views {
		ids[i] = v.ID
	}
	inherited, err := a.db.CountInherited(ctx, who.OrganizationID, ids)
	if err != nil {
		return nil, err
	}
	acting, err := a.actingIn(ctx, who, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]ProjectRow, len(views))
	for i, v := range views {
		me := acting(v.ID)
		rows[i] = ProjectRow{ProjectView: v, MyRole: me.Role, SeesMembers: core.May(me, core.ViewMembers, v.at) == nil}
		if !v.Paused {
			rows[i].Inherited = inherited[v.ID]
		}
	}
	return rows, nil
}
