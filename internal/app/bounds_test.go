package app_test

import (
	"slices"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// strangers is ids that name nobody, ascending.
func strangers(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(1_000_000 + i)
	}
	return ids
}

// What a request names and nobody has is counted in the record, and a hundred of
// it named: in every bulk change, however long its list is.
func TestUnknownIDsAreCounted(t *testing.T) {
	const many = 200_000
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, space := w.Project("Street signs", 0), w.Workspace("Maps")
		member, deactivated := w.Person("AN"), w.Person("DI")
		named := roster.Selector{Included: append([]int64{member, deactivated}, strangers(many)...), Excluded: strangers(5)}
		as := w.As(w.Owner)
		assign := func(done roster.Assigned, err error) int64 {
			must(t, err)
			if done.Count != 1 || len(done.Skipped) != many-5+1 || done.Skipped[0] != deactivated ||
				!slices.IsSorted(done.Skipped) {
				t.Fatalf("assigned %d, skipped %d", done.Count, len(done.Skipped))
			}
			return done.Operation
		}
		unassign := func(done roster.Unassigned, err error) int64 {
			must(t, err)
			if done.Count != 1 {
				t.Fatalf("unassigned %d", done.Count)
			}
			return done.Operation
		}
		for what, change := range map[string]func() []int64{
			"project": func() []int64 {
				added := assign(w.App.AssignMembers(as, project, named, nil))
				return []int64{added, unassign(w.App.UnassignMembers(as, project, named, ""))}
			},
			"workspace": func() []int64 {
				added := assign(w.App.AssignToWorkspace(as, space, named))
				return []int64{added, unassign(w.App.RemoveFromWorkspace(as, space, named))}
			},
		} {
			for _, op := range change() {
				view, err := w.App.OperationView(as, op, roster.OutcomeFilter{}, roster.Page{Number: 1, Size: 200})
				must(t, err)
				if view.Counts[roster.UnknownPerson] != many-5 || view.Unnamed != many-105 || view.Matching != 102 {
					t.Errorf("%s, %s: %v unnamed %d, %d outcomes", what, view.Kind, view.Counts, view.Unnamed, view.Matching)
				}
			}
		}
	})
}

// A list is as long as it may be, or refused and nothing changed.
func TestSelectorsHaveABound(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	project := w.Project("Street signs", 0)
	for _, s := range []roster.Selector{{Included: strangers(roster.MostIDs + 1)},
		{All: true, Excluded: strangers(roster.MostIDs + 1)}} {
		if _, err := w.App.UnassignMembers(w.As(w.Owner), project, s, ""); roster.KindOf(err) != roster.Invalid {
			t.Errorf("unassign: %v", err)
		}
		if _, err := w.App.AssignMembers(w.As(w.Owner), project, s, nil); roster.KindOf(err) != roster.Invalid {
			t.Errorf("assign: %v", err)
		}
	}
	_, total, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{}, roster.Page{Number: 1, Size: 1})
	if err != nil || total != 0 {
		t.Errorf("%d operations, %v", total, err)
	}
}

// Two lists that are each short enough come to no more pairs than fit.
func TestPairsHaveABound(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	project := w.Project("Street signs", 0)
	data := make([]string, 1001)
	for i := range data {
		data[i] = "{}"
	}
	as := w.As(w.Owner)
	if _, err := w.App.CreateTasks(as, project, data); err != nil {
		t.Fatal(err)
	}
	people := make([]int64, 1000)
	for i := range people {
		people[i] = w.Owner
	}
	_, err := w.App.AssignTasks(as, project, roster.TaskSelector{All: true}, roster.Annotate, people)
	if roster.KindOf(err) != roster.Invalid {
		t.Errorf("1,001,000 assignments: %v", err)
	}
}

// Whom a request spares is looked for once, not once for every role.
func TestRolesBesideManyExcluded(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	project := w.Project("Street signs", 0)
	roles := make([]roster.RoleAssignment, 100_000)
	for i, id := range strangers(len(roles)) {
		roles[i] = roster.RoleAssignment{UserID: id, Role: roster.RoleAnnotator}
	}
	excluded := strangers(300_000)[100_000:]
	_, err := w.App.AssignMembers(w.As(w.Owner), project, roster.Selector{All: true, Excluded: excluded}, roles)
	if roster.KindOf(err) != roster.Invalid { // none of them is a member; found out in a moment
		t.Error(err)
	}
}

// Within a transaction, as with an Idempotency-Key, nothing is different.
func TestUnknownIDsWithinATransaction(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	project := w.Project("Street signs", 0)
	as := w.As(w.Owner)
	must(t, w.App.Update(as, func(tx *app.App) error {
		done, err := tx.AssignMembers(as, project, roster.Selector{Included: strangers(101)}, nil)
		if err != nil {
			return err
		}
		_, counts, err := tx.Operation(as, done.Operation)
		if counts[roster.UnknownPerson] != 101 || len(done.Skipped) != 101 {
			t.Errorf("%v, %d skipped", counts, len(done.Skipped))
		}
		return err
	}))
}
