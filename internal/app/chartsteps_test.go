package app_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// A chart ends where the project's own number is, never falls below nothing, and does not
// show what was undone.
func TestChartSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, p := w.As(w.Owner), w.Project("Signs", 0)
		people := []int64{w.Person("AN"), w.Person("RE"), w.Person("AN"), w.Person("AN"), w.Person("AN")}
		chart := func() (members, removed int) {
			t.Helper()
			steps, err := w.App.ChartSteps(as, p)
			must(t, err)
			for i, s := range steps {
				if members += s.Begun - s.Ended - s.Stilled; members < 0 || s.Begun < 0 || s.Ended < 0 {
					t.Errorf("step %d of %+v leads to %d", i, steps, members)
				}
				removed += s.Ended
			}
			row, err := w.App.ProjectRow(as, p)
			must(t, err)
			if members != row.MembersCount {
				t.Errorf("the chart ends at %d, and the project has %d members", members, row.MembersCount)
			}
			return members, removed
		}
		chart()
		w.Assign(p, people...)
		w.Clock = w.Clock.Add(time.Hour)
		done, err := w.App.UnassignMembers(as, p, roster.Selector{Included: people[:3]}, "")
		must(t, err)
		w.Clock = w.Clock.Add(time.Hour)
		w.Assign(p, people[0])
		w.Clock = w.Clock.Add(time.Hour)
		_, err = w.App.Undo(as, done.Operation)
		must(t, err)
		if members, removed := chart(); members != 5 || removed != 1 {
			t.Errorf("after an undo of all but one: %d members, %d removals", members, removed)
		}
		w.Clock = w.Clock.Add(time.Hour)
		_, _, err = w.App.ChangeMembership(as, w.Org, people[1], roster.MembershipChange{Role: roster.RoleDeactivated})
		must(t, err)
		if members, removed := chart(); members != 4 || removed != 1 {
			t.Errorf("with one deactivated: %d members, %d removals", members, removed)
		}
		dice := rand.New(rand.NewPCG(3, 9))
		ops := []int64{done.Operation}
		for range 40 {
			w.Clock = w.Clock.Add(31 * time.Hour)
			some := []int64{people[dice.IntN(5)], people[dice.IntN(5)]}
			switch dice.IntN(4) {
			case 0:
				ops = append(ops, w.Assign(p, some[:1]...))
			case 1:
				done, err := w.App.UnassignMembers(as, p, roster.Selector{Included: some}, "")
				must(t, err)
				ops = append(ops, done.Operation)
			case 2:
				_, _ = w.App.Undo(as, ops[dice.IntN(len(ops))]) // refused when it was undone already
			case 3:
				role := []roster.Role{roster.RoleDeactivated, roster.RoleAnnotator}[dice.IntN(2)]
				_, _, _ = w.App.ChangeMembership(as, w.Org, some[0], roster.MembershipChange{Role: role})
			}
			chart()
		}
	})
}
