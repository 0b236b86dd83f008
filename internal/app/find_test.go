package app_test

import (
	"fmt"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/membership"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// What a search of everything finds is what its lists would show the same person.
func TestFindShowsWhatOneMaySee(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		mine, other := w.Project("Signs of the street", w.Workspace("Signs")),
			w.Project("Signs of others", w.Workspace("Signs elsewhere"))
		manager, annotator, stranger := w.Person("MA"), w.Person("AN"), w.Person("AN")
		w.Assign(mine, manager, annotator)
		w.Assign(other, stranger)
		find := func(user int64, search string) membership.Found {
			t.Helper()
			found, err := w.App.Find(w.As(user), search, 10)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if f := find(w.Owner, "signs"); len(f.Projects) != 2 || len(f.Workspaces) != 2 || !f.Projects[0].Manages {
			t.Errorf("the owner finds %+v", f)
		}
		f := find(manager, "signs")
		if len(f.Projects) != 1 || f.Projects[0].ID != mine || !f.Projects[0].SeesMembers || len(f.Workspaces) != 0 {
			t.Errorf("the manager finds %+v", f)
		}
		if f = find(manager, "first"); len(f.People) != 2 {
			t.Errorf("the manager finds %d people, not those of the project", len(f.People))
		}
		if f = find(annotator, "signs"); len(f.Projects) != 1 || f.Projects[0].SeesMembers || f.Projects[0].Manages {
			t.Errorf("the annotator finds %+v", f)
		}
		if f = find(annotator, "first"); len(f.People) != 0 {
			t.Errorf("the annotator finds people: %+v", f.People)
		}
		done, err := w.App.UnassignMembers(w.As(w.Owner), other, roster.Selector{Included: []int64{stranger}}, "")
		if err != nil {
			t.Fatal(err)
		}
		number := fmt.Sprint(done.Operation)
		for _, search := range []string{number, "#" + number, " " + number + " "} {
			if f = find(w.Owner, search); f.Operation == nil || f.Operation.ID != done.Operation {
				t.Errorf("%q finds %+v", search, f.Operation)
			}
		}
		if find(manager, number).Operation != nil || find(annotator, number).Operation != nil ||
			find(w.Owner, "999999").Operation != nil {
			t.Error("an operation that is not theirs is found")
		}
		if f = find(w.Owner, " "); f.People != nil || f.Projects != nil {
			t.Errorf("nothing finds %+v", f)
		}
	})
}
