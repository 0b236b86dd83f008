package app_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestGlance: what the list of projects shows of each is what its own pages say, whatever
// was done before; and who has no work is who has no open task in any project that hands
// some out.
func TestGlance(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, since := w.As(w.Owner), w.Clock.Add(-90*24*time.Hour)
		space := w.Workspace("Vision")
		projects := []int64{w.Project("Signs", space), w.Project("Invoices", 0), w.Project("Wheat", 0)}
		w.Project("Empty", 0)
		var people []person
		for i := range 12 {
			people = append(people, person{email: fmt.Sprintf("p%d@example.com", i),
				org: []roster.Role{"AN", "RE", "MA", "NO"}[i%4], seat: roster.SeatStandard,
				active: since.Add(time.Duration(i-5) * 24 * time.Hour)})
		}
		people[3].active = time.Time{}
		enroll(t, w, people)
		tasks := map[int64][]int64{}
		for _, p := range projects[:2] { // the third one hands nothing out
			tasks[p] = madeTasks(w, p, 6)
		}
		dice, handed := rand.New(rand.NewPCG(16, 4)), map[int64]bool{}
		var ops []int64
		for range 120 {
			w.Clock = w.Clock.Add(7 * time.Hour)
			who, p := people[dice.IntN(len(people))].id, projects[dice.IntN(3)]
			only := roster.Selector{Included: []int64{who}}
			switch dice.IntN(8) {
			case 0, 1:
				ops = append(ops, w.Assign(p, who))
			case 2:
				out, err := w.App.UnassignMembers(as, p, only, "")
				must(t, err)
				ops = append(ops, out.Operation)
			case 3, 4:
				if len(tasks[p]) > 0 {
					out, err := w.App.AssignTasks(as, p, roster.TaskSelector{Included: tasks[p][:1+dice.IntN(5)]}, roster.Annotate,
						[]int64{who})
					handed[p] = handed[p] || err == nil && out.Count > 0
				}
			case 5:
				if len(ops) > 0 {
					_, _ = w.App.Undo(as, ops[dice.IntN(len(ops))]) // refused where it was undone already
				}
			case 6:
				role := []roster.Role{"DI", "AN", "RE"}[dice.IntN(3)]
				_, err := w.App.ChangePeople(as, only, roster.MembershipChange{Role: role}, "")
				must(t, err)
				if dice.IntN(3) == 0 {
					_, err = w.App.AssignToWorkspace(as, space, only)
					must(t, err)
				}
			case 7:
				_, _ = w.App.PauseMembers(as, p, only, "", "") // nobody, where they are no member
			}
		}
		wantGlances(t, w, people, since)
		wantIdle(t, w, people, handed)
	})
}

func wantGlances(t *testing.T, w *apptest.World, people []person, since time.Time) {
	t.Helper()
	as := w.As(w.Owner)
	rows, total, err := w.App.ProjectsAtAGlance(as, roster.ProjectFilter{}, roster.Everything, since)
	must(t, err)
	if len(rows) != 4 || total != 4 {
		t.Fatalf("%d of %d projects", len(rows), total)
	}
	for _, row := range rows {
		quiet := roster.Selector{All: true, Filter: roster.MemberFilter{ActiveTo: &since}}
		inactive, err := w.App.CountSelected(as, row.ID, quiet)
		must(t, err)
		open, members := 0, 0
		for _, p := range people {
			view, err := w.App.PersonView(as, p.id)
			must(t, err)
			for _, r := range view.Projects {
				if r.Project.ID == row.ID {
					open += r.Open
				}
			}
		}
		for _, s := range row.Steps {
			members += s.Begun - s.Ended - s.Stilled
		}
		latest, _, err := w.App.OperationList(as, roster.OperationFilter{ProjectID: row.ID}, roster.Page{Number: 1, Size: 1})
		must(t, err)
		var changed time.Time
		for _, op := range latest {
			changed = op.At
		}
		got := fmt.Sprint(row.Counted, row.Inactive, row.Open, members, row.Changed)
		if want := fmt.Sprint(true, inactive[0], open, row.MembersCount, changed); got != want {
			t.Errorf("%s: %s, want %s", row.Title, got, want)
		}
	}
}

func wantIdle(t *testing.T, w *apptest.World, people []person, handed map[int64]bool) {
	t.Helper()
	as := w.As(w.Owner)
	idle, total, err := w.App.WithoutWork(as, roster.Everything)
	must(t, err)
	var got, want []int64
	for _, u := range idle {
		got = append(got, u.ID)
	}
	for _, p := range people {
		view, err := w.App.PersonView(as, p.id)
		must(t, err)
		works, busy := false, false
		for _, r := range view.Projects {
			if handed[r.Project.ID] && !r.Paused {
				works, busy = works || r.Explicit, busy || r.Open > 0
			}
		}
		if role := view.Membership.Role; works && !busy && (role == "AN" || role == "RE") {
			want = append(want, p.id)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || total != len(want) || len(want) == 0 {
		t.Errorf("without work: %v of %d, want %v", got, total, want)
	}
}

// TestGlanceOfOthers: nobody is told of people whom they do not look after.
func TestGlanceOfOthers(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	space, manager, annotator := w.Workspace("Vision"), w.Person("MA"), w.Person("AN")
	mine, other := w.Project("Signs", space), w.Project("Elsewhere", 0)
	w.Assign(mine, manager, annotator)
	w.Assign(other, annotator)
	rows, _, err := w.App.ProjectsAtAGlance(w.As(manager), roster.ProjectFilter{}, roster.Everything, w.Clock)
	must(t, err)
	if len(rows) != 1 || !rows[0].Counted || rows[0].Changed.IsZero() {
		t.Errorf("a manager sees %+v", rows)
	}
	rows, _, err = w.App.ProjectsAtAGlance(w.As(annotator), roster.ProjectFilter{}, roster.Everything, w.Clock)
	must(t, err)
	for _, row := range rows {
		if row.Counted || !row.Changed.IsZero() || row.Steps != nil {
			t.Errorf("an annotator sees %+v", row.Glance)
		}
	}
	if _, _, err := w.App.WithoutWork(w.As(manager), roster.Everything); roster.KindOf(err) != roster.Forbidden {
		t.Errorf("a manager asks who has no work: %v", err)
	}
	_, err = w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{annotator, manager}})
	must(t, err)
	for _, c := range []struct {
		who     int64
		changed bool
	}{{w.Owner, true}, {annotator, false}} {
		list, err := w.App.WorkspaceList(w.As(c.who), "", false, "title")
		must(t, err)
		spaces, err := w.App.GlanceAtWorkspaces(w.As(c.who), list, w.Clock)
		must(t, err)
		if len(spaces) != 1 || spaces[0].Changed.IsZero() == c.changed || spaces[0].Counted != c.changed {
			t.Errorf("%d sees %+v", c.who, spaces)
		}
	}
}
