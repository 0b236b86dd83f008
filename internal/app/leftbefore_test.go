package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestLeaversOfBefore: in a store of an older Roster, whoever was deleted has nothing any
// more, and is brought back with all of it by undoing what deleted them, be it recorded only
// now. Who is deactivated waits.
func TestLeaversOfBefore(t *testing.T) {
	storetest.EachBefore(t, func(t *testing.T, db *store.DB) {
		const project, space, task, left, unrecorded, suspended = 1020, 1020, 1020, 1031, 1032, 1033
		_, err := db.Migrate(t.Context())
		must(t, err)
		config := app.DefaultConfig()
		config.UndoWindow = 100 * 365 * 24 * time.Hour
		a, err := app.New(db, config, []byte("a secret for tests"))
		must(t, err)
		who, err := db.ActorByUser(t.Context(), 1001)
		must(t, err)
		as := roster.WithActor(context.Background(), who)
		want := func(deleted, there, open []int64) {
			t.Helper()
			var gone, in []int64
			members, _, err := a.Members(as, project, roster.MemberFilter{Access: roster.ExplicitAccess, WithInactive: true}, roster.Everything)
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
			given, err := db.Assignees(t.Context(), task, "")
			must(t, err)
			var givenTo []int64
			for _, g := range given {
				givenTo = append(givenTo, g.UserID)
			}
			if slices.Sort(givenTo); !slices.Equal(gone, deleted) || !slices.Equal(in, there) || len(spaced) != len(there) || !slices.Equal(givenTo, open) {
				t.Errorf("deleted %v, members %v, %d in the workspace, the task is given to %v", gone, in, len(spaced), givenTo)
			}
		}
		want([]int64{left, unrecorded}, []int64{suspended}, []int64{suspended})
		for _, user := range []int64{left, unrecorded} {
			op, err := db.Removal(t.Context(), 1001, user)
			if err != nil || op.Kind != roster.OpOrganizationLeave || op.At.UnixMicro() != 1772409600000000 || op.RequestID != "" || (user == left) != (op.ID == 1022) {
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
