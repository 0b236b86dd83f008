package membership

import (
	"context"
	"errors"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// OperationRow is an operation with what its numbers are called.
type OperationRow struct {
	roster.Operation
	Met    bool       // the actor may open the page of whoever did it
	People []Affected // whom it changed, where they are one or two and the record says who
}

// OperationList is one page of the record, newest first, and how many
// operations there are in all: of the places whose operations the actor may see.
func (a *Membership) OperationList(ctx context.Context, f roster.OperationFilter,
	page roster.Page) (rows []OperationRow, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		ops, n, err := tx.Operations(ctx, f, page)
		if total = n; err != nil {
			return err
		}
		rows, err = tx.operationRows(ctx, ops)
		return err
	})
	return rows, total, err
}

func (a *Membership) operationRows(ctx context.Context, ops []roster.Operation) ([]OperationRow, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	actors := make([]int64, len(ops))
	for i, op := range ops {
		actors[i] = op.ActorID
	}
	few, met, err := a.affected(ctx, ops, actors)
	rows := make([]OperationRow, len(ops))
	for i, op := range ops {
		rows[i] = OperationRow{Operation: op, Met: met[op.ActorID], People: few[op.ID]}
	}
	return rows, err
}

// OperationView is one operation and what it came to.
type OperationView struct {
	OperationRow
	Counts    map[roster.Result]int // people by what happened to them
	Outcomes  []roster.Outcome      // one page of them, by person
	Matching  int                   // how many the filter matches
	Deleted   []string              // the labels of the tags it deleted
	Made      roster.MadeOutcome    // what became of what the people had made in the upstream
	MayUndo   bool                  // whether the actor may take it back, now
	UndoUntil time.Time             // when it can no longer be; zero where its kind never can
}

// OperationView is one operation, with the page of its outcomes that f matches.
func (a *Membership) OperationView(ctx context.Context, id int64, f roster.OutcomeFilter,
	page roster.Page) (view OperationView, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		op, who, err := tx.operation(ctx, id)
		if err != nil {
			return err
		}
		if f.Hidden, err = tx.hidden(ctx, op, who); err != nil {
			return err
		}
		if view.Counts, err = tx.db.OutcomeCounts(ctx, op, f.Hidden); err != nil {
			return err
		}
		rows, err := tx.operationRows(ctx, []roster.Operation{op})
		if err != nil {
			return err
		}
		view.OperationRow = rows[0]
		if view.Matching, err = tx.db.CountOutcomes(ctx, op, f); err != nil {
			return err
		}
		if view.Outcomes, err = tx.db.Outcomes(ctx, op, f, page); err != nil {
			return err
		}
		if view.Made, err = tx.db.MadeOutcome(ctx, op.ID); err != nil {
			return err
		}
		if op.Kind == roster.OpTagDelete {
			view.Deleted, err = tx.db.DeletedTags(ctx, op.ID)
		}
		if err != nil {
			return err
		}
		view.UndoUntil, view.MayUndo = tx.undoUntil(op), tx.mayUndoNow(ctx, op)
		return nil
	})
	return view, err
}

// undoUntil is when an operation can no longer be taken back; zero where its kind
// never can.
func (a *Membership) undoUntil(op roster.Operation) time.Time {
	if !undoes(op.Kind) {
		return time.Time{}
	}
	return op.At.Add(a.config.UndoWindow)
}

// undoableSince is when the oldest operation was that can be taken back now.
func (a *Membership) undoableSince() time.Time { return a.Now().Add(-a.config.UndoWindow) }

// mayUndoNow reports whether an operation can be taken back, by the actor.
func (a *Membership) mayUndoNow(ctx context.Context, op roster.Operation) bool {
	mine, err := a.undoableNow(ctx, []roster.Operation{op})
	return err == nil && mine[op.ID]
}

// undoableNow is which operations can be taken back, by the actor: in a few statements,
// however many operations there are. What is asked about other projects next is read along.
func (a *Membership) undoableNow(ctx context.Context, ops []roster.Operation,
	projects ...int64) (mine map[int64]bool, err error) {
	mine = map[int64]bool{}
	var spaces, others []int64
	for _, op := range ops {
		if mine[op.ID] = undoes(op.Kind) && op.UndoneBy == 0 && !a.Now().After(a.undoUntil(op)); !mine[op.ID] {
			continue
		}
		switch {
		case op.ProjectID != 0:
			projects = append(projects, op.ProjectID)
		case op.WorkspaceID != 0:
			spaces = append(spaces, op.WorkspaceID)
		case !isTagging(op.Kind):
			others = append(others, op.ID)
		}
	}
	if err := a.Foresee(ctx, projects, spaces); err != nil {
		return nil, err
	}
	touched, err := a.db.TouchedBy(ctx, others)
	for _, op := range ops {
		mine[op.ID] = err == nil && mine[op.ID] && a.mayUndo(ctx, op, touched[op.ID]) == nil
	}
	return mine, err
}

// mayUndo asks the policy about the place of an operation that can be undone.
func (a *Membership) mayUndo(ctx context.Context, op roster.Operation, touched []store.Touched) (err error) {
	switch {
	case isTagging(op.Kind):
		err = a.mayUndoTags(ctx)
	case op.Kind == roster.OpRename:
		err = a.mayRenameBack(ctx, touched)
	case op.ProjectID != 0:
		_, err = a.MayInProject(ctx, core.ManageMembers, op.ProjectID)
	case op.WorkspaceID != 0:
		_, _, err = a.MayInWorkspace(ctx, core.ManageWorkspace, op.WorkspaceID)
	default:
		err = a.mayUndoTouched(ctx, op, touched)
	}
	return err
}

// undoes reports whether operations of a kind can be taken back.
func undoes(kind roster.OperationKind) bool {
	switch kind {
	case roster.OpAssign, roster.OpUnassign, roster.OpProjectRole, roster.OpWorkspaceAssign,
		roster.OpWorkspaceUnassign, roster.OpAdopt, roster.OpImport,
		roster.OpOrganizationRole, roster.OpOrganizationLeave, roster.OpTag, roster.OpTagImport, roster.OpTagDelete,
		roster.OpRename:
		return true
	}
	return false
}

var errRehearsed = errors.New("a rehearsal is never kept")

// UndoCounted is Undo with to how many people it did what. It is counted before the
// actor is asked about again, whose own access an undo may end.
func (a *Membership) UndoCounted(ctx context.Context, id int64) (undo roster.Operation,
	counts map[roster.Result]int, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if undo, err = tx.Undo(ctx, id); err != nil {
			return err
		}
		// an undo is about people who were there: it hides nobody
		counts, err = tx.db.OutcomeCounts(ctx, undo, nil)
		return err
	})
	return undo, counts, err
}

// UndoPreview is what Undo would do now, as somebody looks at it.
type UndoPreview struct {
	Changed  int                   // people who get something back
	Counts   map[roster.Result]int // people by what would happen to them
	Left     []roster.Outcome      // the first whom it would leave alone, or not give everything back
	Outcomes []roster.Outcome      // the page of everybody that is looked at
	Matching int                   // how many match what is looked for
}

// PreviewUndo is what Undo would do now, and to how many people: it is done,
// looked at, and not kept. Most is how many of those left alone are named.
func (a *Membership) PreviewUndo(ctx context.Context, id int64, most int, look roster.Look) (p UndoPreview, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		undo, did, err := tx.UndoCounted(ctx, id)
		if err != nil {
			return err
		}
		p.Changed, p.Counts = undo.Changed, did
		p.Left, err = tx.db.Outcomes(ctx, undo, roster.OutcomeFilter{Results: roster.UndoExceptions},
			roster.Page{Number: 1, Size: most})
		if err != nil {
			return err
		}
		if err = tx.lookAtUndo(ctx, undo, look, &p); err != nil {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		err = nil
	}
	return p, err
}

// lookAtUndo fills in the page of everybody whom an undo is about.
func (a *Membership) lookAtUndo(ctx context.Context, undo roster.Operation, look roster.Look,
	p *UndoPreview) (err error) {
	f := roster.OutcomeFilter{Search: look.Search}
	if p.Matching, err = a.db.CountOutcomes(ctx, undo, f); err != nil {
		return err
	}
	p.Outcomes, err = a.db.Outcomes(ctx, undo, f, look.Page)
	return err
}

// PersonByEmail is the id of whoever in the actor's organization has an
// e-mail, whether they are still there or not; 0 when nobody has.
func (a *Membership) PersonByEmail(ctx context.Context, email string) (int64, error) {
	who, err := a.May(ctx, core.ViewOperations)
	if err != nil {
		return 0, err
	}
	u, err := a.db.UserByEmail(ctx, email)
	if err == nil {
		_, err = a.db.Membership(ctx, who.OrganizationID, u.ID)
	}
	if roster.KindOf(err) == roster.NotFound {
		return 0, nil
	}
	return u.ID, err
}
