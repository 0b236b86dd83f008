package membership

import (
	"context"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// WorkspaceRow is a workspace in the list that people choose one from.
type WorkspaceRow struct {
	roster.Workspace
	Members int  // those who are neither deactivated nor deleted
	Manages bool // whether the actor may change it
}

// WorkspaceList is the workspaces that the actor may see and whose title holds
// every term of search, in an order of Workspaces, with the archived or without.
func (a *Membership) WorkspaceList(ctx context.Context, search string, archived bool,
	order string) (rows []WorkspaceRow, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		f := roster.WorkspaceFilter{}
		if !archived {
			f.Archived = &archived
		}
		list, err := tx.Workspaces(ctx, f, order)
		if err != nil {
			return err
		}
		var found []roster.Workspace
		for _, w := range list {
			if holds(w.Title, search) {
				found = append(found, w)
			}
		}
		rows, err = tx.workspaceRows(ctx, found)
		return err
	})
	return rows, err
}

// holds reports whether a text holds every term of a search.
func holds(text, search string) bool {
	text = store.Searchable(text)
	for _, term := range store.Terms(search) {
		if !strings.Contains(text, term) {
			return false
		}
	}
	return true
}

// WorkspaceRow is one workspace as a row of that list.
func (a *Membership) WorkspaceRow(ctx context.Context, id int64) (row WorkspaceRow, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		w, err := tx.Workspace(ctx, id)
		if err != nil {
			return err
		}
		rows, err := tx.workspaceRows(ctx, []roster.Workspace{w})
		if err == nil {
			row = rows[0]
		}
		return err
	})
	return row, err
}

func (a *Membership) workspaceRows(ctx context.Context, list []roster.Workspace) ([]WorkspaceRow, error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(list))
	for i, w := range list {
		ids[i] = w.ID
	}
	members, err := a.db.CountInWorkspaces(ctx, ids)
	rows := make([]WorkspaceRow, len(list))
	for i, w := range list {
		rows[i] = WorkspaceRow{w, members[w.ID], core.May(who, core.ManageWorkspace, core.PlaceOf(w, who)) == nil}
	}
	return rows, err
}
