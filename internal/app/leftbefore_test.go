package app_test

import (
	"slices"
	"testing"
	"time"

	"roster/internal/app/apptest"

	"roster"
)

// TestLeaversOfBefore: in a store of an older Roster, whoever was deleted has nothing any
// more, and is brought back with all of it by undoing what deleted them, be it recorded only
// now. Who is deactivated waits.
func TestLeaversOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		const project, space, task, left, unrecorded, suspended = 1020, 1020, 1020, 1031, 1032, 1033
		when := time.UnixMicro(1772409600000000)
		w.Clock = when.Add(time.Hour)
		a, as := w.App, w.As(w.Owner)
		want := func(deleted, there, open []int64) {
			t.Helper()
			var gone, in []int64
			members, _, err := a.Members(as, project,
				roster.MemberFilter{Access: roster.ExplicitAccess, WithInactive: true}, roster.Everything)
			must(t, err)
			for _, m := range members {
				if m.Membership.Deleted() {
					gone = append(gone, m.User.ID)
				} else {
					in = append(in, m.User.ID)
				}
				if m.Effective() != "DI" && m.ProjectRole != "RE" {
					t.Errorf("%d is %s", m.User.ID, m.ProjectRole)
				}
			}
			spaced, _, err := a.WorkspaceMembers(as, space, roster.MemberFilter{WithInactive: true}, roster.Everything)
			must(t, err)
			given, err := w.DB.Assignees(t.Context(), task, "")
			must(t, err)
			var givenTo []int64
			for _, g := range given {
				givenTo = append(givenTo, g.UserID)
			}
			if slices.Sort(givenTo); !slices.Equal(gone, deleted) || !slices.Equal(in, there) ||
				len(spaced) != len(there) || !slices.Equal(givenTo, open) {
				t.Errorf("deleted %v, members %v, %d in the workspace, the task is given to %v", gone, in, len(spaced), givenTo)
			}
		}
		want([]int64{left, unrecorded}, []int64{suspended}, []int64{suspended})
		for _, user := range []int64{left, unrecorded} {
			op, err := w.DB.Removal(t.Context(), w.Org, user)
			if err != nil || op.Kind != roster.OpOrganizationLeave || !op.At.Equal(when) || op.RequestID != "" ||
				(user == left) != (op.ID == 1022) {
				t.Fatalf("%+v %v", op, err)
			}
			undo, err := a.Undo(as, op.ID)
			if err != nil || undo.Changed != 1 {
				t.Fatalf("%+v %v", undo, err)
			}
		}
		want(nil, []int64{left, unrecorded, suspended}, []int64{left, unrecorded, suspended})
		done, err := a.UnassignMembers(as, project, roster.Selector{All: true}, "")
		if err != nil || done.Count != 2 || done.Dormant != 1 {
			t.Errorf("%+v %v", done, err)
		}
		undo, err := a.Undo(as, done.Operation)
		if err != nil || undo.Changed != 2 {
			t.Errorf("%+v %v", undo, err)
		}
		want(nil, []int64{left, unrecorded, suspended}, []int64{left, unrecorded, suspended})
	})
}
