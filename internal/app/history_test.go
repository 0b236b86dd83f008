package app_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// replayed walks a history from its beginning and returns the state everybody
// is in at its end; each step must begin where the one before ended.
func replayed(t *testing.T, w *apptest.World, of roster.History, id int64) map[int64]string {
	t.Helper()
	page := roster.Everything
	page.Order = "created_at"
	steps, total, err := w.App.History(w.As(w.Owner), of, id, roster.HistoryFilter{}, page)
	if err != nil || total != len(steps) {
		t.Fatalf("%s: %d steps of %d, %v", of, len(steps), total, err)
	}
	at := map[int64]string{}
	for _, step := range steps {
		previous := step.Previous
		if previous == roster.StateRemoved {
			previous = ""
		}
		if previous != at[step.UserID] {
			t.Errorf("%s: from %q although %q: %+v", of, step.Previous, at[step.UserID], step)
		}
		at[step.UserID] = step.State
		if step.State == roster.StateRemoved {
			delete(at, step.UserID)
		}
	}
	return at
}

// TestHistoryLeadsToThePresent: whatever happens, the histories, replayed,
// come to the memberships and roles that there are.
func TestHistoryLeadsToThePresent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		people := []int64{w.Person("AN"), w.Person("RE"), w.Person("AN"), w.Person("AD")}
		dice := rand.New(rand.NewPCG(3, 18))
		as := w.As(w.Owner)
		var ops []int64
		for range 120 {
			w.Clock = w.Clock.Add(time.Minute)
			some := []int64{people[dice.IntN(len(people))], people[dice.IntN(len(people))]}
			switch dice.IntN(6) {
			case 0:
				ops = append(ops, w.Assign(p, some...))
			case 1:
				done, err := w.App.UnassignMembers(as, p, roster.Selector{Included: some}, "")
				must(t, err)
				ops = append(ops, done.Operation)
			case 2:
				done, err := w.App.AssignToWorkspace(as, space, roster.Selector{Included: some})
				must(t, err)
				ops = append(ops, done.Operation)
			case 3:
				done, err := w.App.RemoveFromWorkspace(as, space, roster.Selector{Included: some})
				must(t, err)
				ops = append(ops, done.Operation)
			case 4: // refused for those who are no members, or too high
				_, op, err := w.App.SetProjectRole(as, p, some[0], []roster.Role{"AN", "RE"}[dice.IntN(2)])
				if err == nil {
					ops = append(ops, op)
				}
			case 5:
				if len(ops) > 0 { // refused when it was undone already
					undo, err := w.App.Undo(as, ops[len(ops)-1-dice.IntN(min(3, len(ops)))])
					if err == nil && undo.ID == 0 {
						t.Error("an undo without a record")
					}
				}
			}
		}
		members := slices.Sorted(maps.Keys(replayed(t, w, roster.ProjectMembers, p)))
		if want := w.Explicit(p); !slices.Equal(members, want) {
			t.Errorf("members: %v, and there are %v", members, want)
		}
		inside := slices.Sorted(maps.Keys(replayed(t, w, roster.WorkspaceMembers, space)))
		if want := inWorkspace(w, space); !slices.Equal(inside, want) {
			t.Errorf("in the workspace: %v, and there are %v", inside, want)
		}
		roles, err := w.App.ProjectRoles(as, p)
		must(t, err)
		want := map[int64]string{}
		for _, r := range roles {
			want[r.UserID] = string(r.Role)
		}
		if got := replayed(t, w, roster.ProjectRoles, p); !maps.Equal(got, want) {
			t.Errorf("roles: %v, and there are %v", got, want)
		}
	})
}

// TestHistoryOfTheOrganization tells who came by which import, whose role
// changed, and who left.
func TestHistoryOfTheOrganization(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		began := w.Clock
		user := w.Person("AN")
		w.Clock = began.Add(time.Hour)
		as := w.As(w.Owner)
		_, change, err := w.App.ChangeMembership(as, w.Org, user, roster.MembershipChange{Role: "RE"})
		must(t, err)
		w.Clock = began.Add(2 * time.Hour)
		leave, err := w.App.RemoveFromOrganization(as, w.Org, user)
		must(t, err)
		steps := func(f roster.HistoryFilter) (out []string) {
			t.Helper()
			list, total, err := w.App.History(as, roster.OrganizationMembers, w.Org, f, roster.Page{Number: 1, Size: 10})
			if err != nil || total != len(list) {
				t.Fatal(total, err)
			}
			for _, s := range list {
				if s.UserID == user {
					out = append(out, fmt.Sprintf("%s>%s by %d", s.Previous, s.State, s.Operation))
				}
			}
			return out
		}
		came, changed, gone := ">active by 0", fmt.Sprintf("AN>RE by %d", change), fmt.Sprintf("active>removed by %d", leave)
		for name, c := range map[string]struct {
			f    roster.HistoryFilter
			want []string
		}{
			"all":       {roster.HistoryFilter{}, []string{gone, changed, came}},
			"person":    {roster.HistoryFilter{UserID: user}, []string{gone, changed, came}},
			"other":     {roster.HistoryFilter{UserID: w.Owner}, nil},
			"since":     {roster.HistoryFilter{Since: began.Add(time.Hour)}, []string{gone, changed}},
			"until":     {roster.HistoryFilter{Until: began.Add(time.Hour)}, []string{changed, came}},
			"source":    {roster.HistoryFilter{RoleSource: roster.SourceAPI}, []string{gone, changed, came}},
			"no source": {roster.HistoryFilter{RoleSource: roster.SourceSCIM}, nil},
			"seat":      {roster.HistoryFilter{UserType: roster.SeatStandard}, []string{gone, changed, came}},
			"no seat":   {roster.HistoryFilter{UserType: roster.SeatFlex}, nil},
		} {
			if got := steps(c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	})
}

// TestMembershipSteps: the steps, added up to any moment, come to as many
// explicit members as there were at it.
func TestMembershipSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p, other := w.Project("Street signs", space), w.Project("Invoices", 0)
		people := []int64{w.Person("AN"), w.Person("RE"), w.Person("AN"), w.Person("AD"), w.Person("MA")}
		dice := rand.New(rand.NewPCG(7, 4))
		as := w.As(w.Owner)
		counted := map[time.Time]int{}
		var ops []int64
		for range 60 {
			w.Clock = w.Clock.Add(31 * time.Hour)
			some := []int64{people[dice.IntN(len(people))], people[dice.IntN(len(people))]}
			switch dice.IntN(5) {
			case 0, 1:
				ops = append(ops, w.Assign(p, some...))
			case 2:
				done, err := w.App.UnassignMembers(as, p, roster.Selector{Included: some}, "")
				must(t, err)
				ops = append(ops, done.Operation)
			case 3: // what is inherited, or elsewhere, is not counted
				w.Assign(other, some...)
				_, err := w.App.AssignToWorkspace(as, space, roster.Selector{Included: some})
				must(t, err)
			case 4:
				if len(ops) > 0 { // refused when it was undone already
					_, _ = w.App.Undo(as, ops[dice.IntN(len(ops))])
				}
			}
			counted[w.Clock] = len(w.Explicit(p))
		}
		steps, err := w.App.MembershipSteps(as, p)
		must(t, err)
		for at, want := range counted {
			got := 0
			for _, s := range steps {
				if !s.At.After(at) {
					got += s.Begun - s.Ended
				}
			}
			if got != want {
				t.Errorf("%s: %d members, want %d", at, got, want)
			}
		}
		_, err = w.App.MembershipSteps(w.As(people[0]), p)
		if err == nil {
			t.Error("an annotator reads them")
		}
	})
}
