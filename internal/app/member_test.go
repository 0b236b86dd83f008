package app_test

import (
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestUnassignAndUndo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		a, b, c := w.Person("AN"), w.Person("RE"), w.Person("AN")
		w.Assign(p, a, b, c)
		done, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{All: true, Excluded: []int64{c}}, "")
		if err != nil || done.Count != 2 {
			t.Fatalf("unassign: %+v %v", done, err)
		}
		if got := w.Explicit(p); !slices.Equal(got, []int64{c}) {
			t.Fatalf("left: %v", got)
		}
		again, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{All: true, Excluded: []int64{c}}, "")
		if err != nil || again.Count != 0 {
			t.Fatalf("again: %+v %v", again, err)
		}
		undo, err := w.App.Undo(w.As(w.Owner), done.Operation)
		if err != nil || undo.Changed != 2 {
			t.Fatalf("undo: %+v %v", undo, err)
		}
		if got := w.Explicit(p); !slices.Equal(got, []int64{a, b, c}) {
			t.Fatalf("after undo: %v", got)
		}
		outcomes, err := w.App.Outcomes(w.As(w.Owner), done.Operation, roster.Page{Number: 1, Size: 10})
		if err != nil || len(outcomes) != 3 {
			t.Fatalf("outcomes: %+v %v", outcomes, err)
		}
		if outcomes[0].Result != roster.Removed || outcomes[2].Result != roster.Excluded {
			t.Fatalf("outcomes: %+v", outcomes)
		}
	})
}

// People who are gone, or whom somebody added again, are reported by an undo
// and left alone.
func TestUndoForcesNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		a, back, gone := w.Person("AN"), w.Person("RE"), w.Person("AN")
		w.Assign(p, a, back, gone)
		done, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{All: true}, "")
		must(t, err)
		w.Assign(p, back)
		_, err = w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		undo, err := w.App.Undo(w.As(w.Owner), done.Operation)
		must(t, err)
		wantResults(t, w, undo.ID, map[int64]roster.Result{a: roster.Restored, back: roster.ReaddedMeanwhile,
			gone: roster.GoneMeanwhile})
	})
}

// Operations can be taken back one after the other, the newest first.
func TestUndoOfUndoneStay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		a := w.Person("AN")
		assign := w.Assign(p, a)
		done, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{All: true}, "")
		must(t, err)
		for _, op := range []int64{done.Operation, assign} {
			undo, err := w.App.Undo(w.As(w.Owner), op)
			if err != nil || undo.Changed != 1 {
				t.Fatalf("undo of %d: %+v %v", op, undo, err)
			}
		}
		if got := w.Explicit(p); len(got) != 0 {
			t.Fatalf("left: %v", got)
		}
	})
}

// TestInheritedSelectsNoDirectMember: everybody with inherited access only is nobody
// who could be taken off, not everybody who is a direct member.
func TestInheritedSelectsNoDirectMember(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project := w.Project("Street signs", 0)
		w.Assign(project, w.Person("AN"), w.Person("RE"))
		w.Person("AD") // has access by the role
		ctx := w.As(w.Owner)
		inherited := roster.Selector{All: true, Filter: roster.MemberFilter{Access: roster.ImplicitAccess}}
		preview, err := w.App.PreviewUnassign(ctx, project, inherited, 10)
		if err != nil || preview.Count != 0 {
			t.Errorf("the preview: %d, %v", preview.Count, err)
		}
		done, err := w.App.UnassignMembers(ctx, project, inherited, "")
		if err != nil || done.Count != 0 || len(w.Explicit(project)) != 2 {
			t.Errorf("took %d off, %v; %v are left", done.Count, err, w.Explicit(project))
		}
	})
}
