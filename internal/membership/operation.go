package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// Operations is one page of the record, newest first. Managers see the
// operations of the projects they can see.
func (a *Membership) Operations(ctx context.Context, f roster.OperationFilter,
	page roster.Page) (ops []roster.Operation, total int, err error) {
	who, visible, f, err := a.readable(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	return a.db.Operations(ctx, who.OrganizationID, visible, f, page)
}

// readable narrows a filter to what the actor may read of: the operations of the projects in
// visible; nil: of everything.
func (a *Membership) readable(ctx context.Context, f roster.OperationFilter) (who roster.Actor, visible []int64,
	out roster.OperationFilter, err error) {
	a.Asked(ctx, f.ProjectID)
	if who, err = a.May(ctx, core.ViewOperations); err != nil {
		return who, nil, f, err
	}
	if visible, err = a.visibleTo(ctx, who); err != nil {
		return who, nil, f, err
	}
	if f.Present, err = a.strange(ctx, who, f.PersonID); err != nil {
		return who, nil, f, err
	}
	if core.Bound(who.Role) {
		f.Viewer = who.UserID
	}
	return who, visible, f, nil
}

// strange reports whether somebody is beyond the sight of who reads: then only where
// they really were is told of them. Nobody, 0, is not.
func (a *Membership) strange(ctx context.Context, who roster.Actor, person int64) (bool, error) {
	if person == 0 || core.Within(who) == nil {
		return false, nil
	}
	_, err := a.member(ctx, who, person)
	if roster.KindOf(err) == roster.NotFound {
		return true, nil
	}
	return false, err
}

// visibleTo is the projects whose operations who may see; nil: everything.
func (a *Membership) visibleTo(ctx context.Context, who roster.Actor) ([]int64, error) {
	if core.Grants[core.ViewOperations][who.Role] == core.All {
		return nil, nil
	}
	return a.db.VisibleProjects(ctx, who)
}

// Operation reads one record, with how many people each result came to.
func (a *Membership) Operation(ctx context.Context, id int64) (op roster.Operation,
	counts map[roster.Result]int, err error) {
	op, who, err := a.operation(ctx, id)
	if err != nil {
		return op, nil, err
	}
	hidden, err := a.hidden(ctx, op, who)
	if err != nil {
		return op, nil, err
	}
	counts, err = a.db.OutcomeCounts(ctx, op, hidden)
	return op, counts, err
}

// hidden is the people of op whom who may not know of. Whom the list of its project shows
// as deleted, they may.
func (a *Membership) hidden(ctx context.Context, op roster.Operation, who roster.Actor) ([]int64, error) {
	hidden, err := a.db.Hidden(ctx, op, core.Within(who))
	if err != nil || len(hidden) == 0 || op.ProjectID == 0 {
		return hidden, err
	}
	p, err := a.db.Project(ctx, op.ProjectID)
	if roster.KindOf(err) == roster.NotFound {
		return hidden, nil
	}
	if err != nil {
		return nil, err
	}
	shown, err := a.db.LeftAmong(ctx, p, hidden, a.undoableSince())
	return without(hidden, shown), err
}

// Outcomes is one page of what an operation did to whom, by person, as far as the
// actor may know of them.
func (a *Membership) Outcomes(ctx context.Context, id int64, page roster.Page) ([]roster.Outcome, error) {
	op, who, err := a.operation(ctx, id)
	if err != nil {
		return nil, err
	}
	hidden, err := a.hidden(ctx, op, who)
	if err != nil {
		return nil, err
	}
	return a.db.Outcomes(ctx, op, roster.OutcomeFilter{Hidden: hidden}, page)
}

// operation reads one record that the actor may see, and who that is.
func (a *Membership) operation(ctx context.Context, id int64) (op roster.Operation, who roster.Actor, err error) {
	if who, err = a.May(ctx, core.ViewOperations); err != nil {
		return op, who, err
	}
	if op, err = a.db.Operation(ctx, id); err != nil {
		return op, who, err
	}
	a.Asked(ctx, op.ProjectID)
	if op.OrganizationID != who.OrganizationID {
		return op, who, core.ErrNotFound
	}
	if core.Grants[core.ViewOperations][who.Role] == core.All {
		return op, who, a.notPausedIn(ctx, op.ProjectID)
	}
	switch {
	case op.ProjectID != 0:
		_, err = a.MayInProject(ctx, core.ViewMembers, op.ProjectID)
	case op.WorkspaceID != 0:
		_, _, err = a.MayInWorkspace(ctx, core.ManageWorkspace, op.WorkspaceID)
	default:
		err = core.ErrNotFound
	}
	return op, who, err
}

// Undo takes an operation back: membership, project role and the assignments
// that are still free are as they were before it. People who are gone, or whom
// somebody changed since, are recorded and left alone. What it restores was there:
// whether the actor may still list these people does not matter.
func (a *Membership) Undo(ctx context.Context, id int64) (undo roster.Operation, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		op, _, err := tx.operation(ctx, id)
		if err == nil && op.Kind == roster.OpOrganizationLeave { // whom it deleted get their names back
			err = tx.db.LockSCIM(ctx, op.OrganizationID)
		}
		if err != nil {
			return err
		}
		at, err := tx.undoable(ctx, op)
		if err != nil {
			return err
		}
		undoID, err := tx.Begin(ctx, roster.Operation{Kind: roster.OpUndo, ProjectID: op.ProjectID,
			WorkspaceID: op.WorkspaceID, Undoes: op.ID})
		if err != nil {
			return err
		}
		changed, err := tx.takeBack(ctx, at, op, undoID)
		if err != nil {
			return err
		}
		if err := tx.Finish(ctx, undoID, changed); err != nil {
			return err
		}
		undo, err = tx.db.Operation(ctx, undoID)
		return err
	})
	return undo, err
}

// place is where an operation happened: a project, a workspace, or among the
// organization's people.
type place struct {
	project   roster.Project
	workspace roster.Workspace
	people    []formerly
}

// undoable refuses what cannot be taken back, and locks what will change.
func (a *Membership) undoable(ctx context.Context, op roster.Operation) (at place, err error) {
	switch op.Kind {
	case roster.OpAssign, roster.OpUnassign, roster.OpProjectRole:
		at.project, err = a.ManageMembers(ctx, op.ProjectID)
	case roster.OpWorkspaceAssign, roster.OpWorkspaceUnassign:
		at.workspace, err = a.manageWorkspaceMembers(ctx, op.WorkspaceID)
	case roster.OpOrganizationRole, roster.OpOrganizationLeave, roster.OpImport, roster.OpAdopt:
		if err = a.mayUndoPeople(ctx, op); err == nil {
			at.people, err = a.lockFormer(ctx, op)
		}
	case roster.OpTag, roster.OpTagImport, roster.OpTagDelete:
		err = a.mayUndoTags(ctx)
	case roster.OpRename:
		err = a.mayUndoNames(ctx, op)
	default:
		err = roster.Errorf(roster.Invalid, "Operations of the kind %q cannot be undone. Nothing was changed.", op.Kind)
	}
	if err != nil {
		return at, err
	}
	if err = a.db.LockOperation(ctx, op.ID); err != nil {
		return at, err
	}
	// read again under the lock: two undos at once must not both happen
	if op, err = a.db.Operation(ctx, op.ID); err != nil {
		return at, err
	}
	switch {
	case op.UndoneBy != 0:
		return at, roster.Errorf(roster.Invalid, "Operation %d was already undone by operation %d. Nothing was changed.",
			op.ID, op.UndoneBy)
	case a.Now().Sub(op.At) > a.config.UndoWindow:
		return at, roster.Errorf(roster.Invalid,
			"Operation %d is older than %d days and can no longer be undone. Nothing was changed.", op.ID,
			int(a.config.UndoWindow.Hours()/24))
	}
	return at, nil
}

func (a *Membership) takeBack(ctx context.Context, at place, op roster.Operation, undo int64) (int, error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return 0, err
	}
	switch op.Kind {
	case roster.OpUnassign:
		return a.db.RestoreMemberships(ctx, at.project, op, undo)
	case roster.OpProjectRole:
		return a.db.RevertRoles(ctx, at.project, op.ID, undo, who.Source())
	case roster.OpWorkspaceUnassign:
		return a.db.RestoreWorkspaceMembers(ctx, at.workspace, op, undo)
	case roster.OpImport, roster.OpAdopt:
		return a.takeBackImport(ctx, at.people, op, undo)
	case roster.OpOrganizationRole:
		return a.takeBackRoles(ctx, at.people, op, undo)
	case roster.OpOrganizationLeave:
		return a.takeBackRemoval(ctx, at.people, op, undo)
	case roster.OpTag, roster.OpTagImport, roster.OpTagDelete:
		return a.takeBackTags(ctx, op, undo)
	case roster.OpRename:
		return a.takeBackNames(ctx, op, undo)
	case roster.OpWorkspaceAssign:
		return a.db.EndWorkspaceBegun(ctx, at.workspace, op.ID, undo)
	}
	if _, err := a.db.RevertRoles(ctx, at.project, op.ID, undo, who.Source()); err != nil {
		return 0, err
	}
	return a.db.EndBegun(ctx, at.project, op.ID, undo)
}
