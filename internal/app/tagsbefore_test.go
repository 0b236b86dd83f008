package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
)

// TestTagsOfBefore: in a store of an older Roster the tags that people have can be deleted
// and brought back, a file that waited is done as an operation of who sent it, and an
// identity provider calls everybody by their e-mail.
func TestTagsOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		a, as := w.App, w.As(w.Owner)
		must(t, a.RunJobs(as))
		done, err := a.TagImport(as, 1001, 1001)
		must(t, err)
		op, counts, err := a.Operation(as, done.Operation)
		if err != nil || op.Kind != roster.OpTagImport || op.ActorID != 1001 || op.Changed != 1 ||
			counts[roster.Tagged] != 1 || counts[roster.AlreadyTagged] != 1 {
			t.Errorf("%+v %v %v", op, counts, err)
		}
		deleted, err := a.DeleteTag(as, 1001, 1001)
		must(t, err)
		for _, undo := range []struct {
			op      int64
			changed int
		}{{deleted, 3}, {done.Operation, 1}} {
			if back, err := a.Undo(as, undo.op); err != nil || back.Changed != undo.changed {
				t.Errorf("undo of %d: %+v %v", undo.op, back, err)
			}
		}
		tag, err := a.Tag(as, 1001, 1001)
		if err != nil || tag.MemberCount != 2 || tag.Label != "Night" {
			t.Errorf("%+v %v", tag, err)
		}
		users, _, err := a.SCIMUsers(as, nil, roster.SCIMPage{Start: 1, Count: 100}, false)
		must(t, err)
		for _, u := range users {
			if u.UserName != u.User.Email {
				t.Errorf("%d is called %s, not %s", u.User.ID, u.UserName, u.User.Email)
			}
		}
	})
}
