package membership

import (
	"context"
	"errors"
	"slices"
	"time"

	"roster"
	"roster/internal/core"
)

// OperationRow is an operation with what its numbers are called.
type OperationRow struct {
	roster.Operation
	Actor   string     // who did it, by name; "" when nobody is known
	Met     bool       // the actor may open the page of whoever did it
	People  []Affected // whom it changed, where they are one or two and the record says who
	Project string     // "" when it is about none; the deleted are named too
	Space   string     // the workspace; "" when it is about none
}

// OperationList is one page of the record, newest first, and how many
// operations there are in all: of the places whose operations the actor may see.
func (a *Membership) OperationList(ctx context.Context, f roster.OperationFilter,
	page roster.Page) (rows []OperationRow, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		ops, n, err := tx.Operations(ctx, f, page)
		if total = n; err != nil || len(ops) == 0 {
			return err
		}
		rows, err = tx.operationRows(ctx, ops)
		return err
	})
	return rows, total, err
}

func (a *Membership) operationRows(ctx context.Context, ops []roster.Operation) ([]OperationRow, error) {
	var projects, spaces, actors []int64
	for _, op := range ops {
		projects, spaces, actors = append(projects, op.ProjectID), append(spaces, op.WorkspaceID), append(actors, op.ActorID)
	}
	named, workspaces, err := a.db.Titles(ctx, ops[0].OrganizationID, core.Sorted(projects), core.Sorted(spaces))
	if err != nil {
		return nil, err
	}
	names, err := a.db.Names(ctx, core.Sorted(slices.Concat(actors, chosenBy(ops))))
	if err != nil {
		return nil, err
	}
	few, met, err := a.affected(ctx, ops, actors, names)
	rows := make([]OperationRow, len(ops))
	for i, op := range ops {
		rows[i] = OperationRow{Operation: op, Actor: names[op.ActorID], Met: met[op.ActorID], People: few[op.ID],
			Project: named[op.ProjectID], Space: workspaces[op.WorkspaceID]}
	}
	return rows, err
}

// OperationView is one operation and what it came to.
type OperationView struct {
	OperationRow
	Counts    map[roster.Result]int // people by what happened to them
	Outcomes  []roster.Outcome      // one page of them, by person
	Matching  int                   // how many the filter matches
	Titles    map[int64]string      // what the projects of the outcomes are called
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
		if view.Deleted, err = tx.db.DeletedTags(ctx, op.ID); err != nil {
			return err
		}
		view.UndoUntil, view.MayUndo = tx.undoUntil(op), tx.mayUndoNow(ctx, op)
		view.Titles, err = tx.titlesOf(ctx, op.OrganizationID, view.Outcomes)
		return err
	})
	return view, err
}

func (a *Membership) titlesOf(ctx context.Context, organization int64,
	outcomes []roster.Outcome) (map[int64]string, error) {
	var projects []int64
	for _, o := range outcomes {
		projects = append(projects, o.ProjectID)
	}
	named, _, err := a.db.Titles(ctx, organization, core.Sorted(projects), nil)
	return named, err
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
	return op.UndoneBy == 0 && !a.Now().After(a.undoUntil(op)) && a.mayUndo(ctx, op) == nil
}

// mayUndo asks the policy about the place of an operation that can be undone.
func (a *Membership) mayUndo(ctx context.Context, op roster.Operation) (err error) {
	switch {
	case isTagging(op.Kind):
		err = a.mayUndoTags(ctx)
	case op.Kind == roster.OpRename:
		err = a.mayUndoNames(ctx, op)
	case op.ProjectID != 0:
		_, err = a.MayInProject(ctx, core.ManageMembers, op.ProjectID)
	case op.WorkspaceID != 0:
		_, _, err = a.MayInWorkspace(ctx, core.ManageWorkspace, op.WorkspaceID)
	default:
		err = a.mayUndoPeople(ctx, op)
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
	Titles   map[int64]string      // what the projects of the outcomes are called
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
	if p.Outcomes, err = a.db.Outcomes(ctx, undo, f, look.Page); err != nil {
		return err
	}
	p.Titles, err = a.titlesOf(ctx, undo.OrganizationID, p.Outcomes)
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
