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
