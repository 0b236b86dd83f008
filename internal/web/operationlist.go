package web

import (
	"roster"
	"roster/internal/app"
)

var operationRoutes = []route{
	{method: "POST", path: "/operations/{id}/undo", handle: (*visit).undo},
}

// undo takes an operation back and returns to where it was asked for.
func (v *visit) undo() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = v.once(func(tx *app.App) (done, error) {
		op, err := tx.Undo(v.ctx(), id)
		if err != nil {
			return done{}, err
		}
		was, _, err := tx.Operation(v.ctx(), id)
		return done{v.back(), notice{Text: undone(op, was.Kind), Operation: op.ID, Final: true}}, err
	})
	if roster.KindOf(err) == roster.Invalid && v.undoneBefore(id) {
		return v.redirect(v.back())
	}
	return err
}

// undoneBefore says of an operation that was undone already, as in another tab, that it was,
// and leads to who did it.
func (v *visit) undoneBefore(id int64) bool {
	op, _, err := v.app.Operation(v.ctx(), id)
	if err != nil || op.UndoneBy == 0 {
		return false
	}
	v.leave(notice{Text: "This was undone already. Nothing was changed.", Warns: true, Operation: op.UndoneBy, Final: true})
	return true
}

// undone says what taking an operation of a kind back came to.
func undone(op roster.Operation, kind roster.OperationKind) roster.Text {
	switch {
	case op.Changed == 0 && kind == roster.OpTagDelete:
		return "Undone. It changed nobody's tags."
	case op.Changed == 0 && op.Dormant > 0:
		return both("Undone.", besides(op))
	case op.Changed == 0:
		return "Undone, but nothing could be put back: everything had been changed since."
	}
	return both(counted(op.Changed, "Undone: one person is as they were before.",
		"Undone: %s people are as they were before."), besides(op))
}
