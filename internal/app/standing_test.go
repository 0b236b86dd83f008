package app_test

import (
	"slices"
	"sync"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestInheritedStanding follows people who have access through a workspace
// only: what they hold ends with that, and comes back with its undo.
func TestInheritedStanding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p, other := w.Project("Street signs", space), w.Project("Crosswalks", space)
		a, b, admin := w.Person("AN"), w.Person("AN"), w.Person("AD")
		joined(w, space, a, b, admin)
		tasks := madeTasks(w, p, 3)
		role(w, p, a, "RE")
		give(w, p, a, tasks...)
		give(w, p, admin, tasks[0])
		w.Assign(p, b)
		give(w, p, b, tasks[0])
		elsewhere := madeTasks(w, other, 1)
		give(w, other, b, elsewhere...)

		removal := left(w, space, a, b, admin)
		wantOpen(t, w, tasks[0], b, admin) // b by their own membership, the administrator by role
		wantOpen(t, w, tasks[1])
		wantOpen(t, w, elsewhere[0])
		wantRoles(t, w, p, nil)

		give(w, p, b, tasks[2]) // while a is away
		undo := undone(t, w, removal, 3)
		wantOpen(t, w, tasks[0], a, b, admin)
		wantOpen(t, w, tasks[1], a)
		wantOpen(t, w, tasks[2], b)
		wantOpen(t, w, elsewhere[0], b)
		wantRoles(t, w, p, map[int64]roster.Role{a: "RE"})
		if got := inWorkspace(w, space); !slices.Equal(got, []int64{a, b, admin}) {
			t.Fatalf("back: %v", got)
		}
		outcomes, err := w.App.Outcomes(w.As(w.Owner), undo, roster.Everything)
		if err != nil || !slices.ContainsFunc(outcomes, func(o roster.Outcome) bool {
			return o.UserID == a && o.Result == roster.AssignmentTaken
		}) {
			t.Errorf("the taken task is not recorded: %+v %v", outcomes, err)
		}
		_, err = w.App.Undo(w.As(w.Owner), removal)
		wantKind(t, "a second undo", err, roster.Invalid)
	})
}

func TestUndoOfWorkspaceRemovalMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		back, gone, own := w.Person("AN"), w.Person("AN"), w.Person("AN")
		joined(w, space, back, gone, own)
		task := madeTasks(w, p, 1)
		for _, user := range []int64{back, gone, own} {
			give(w, p, user, task...)
		}
		removal := left(w, space, back, gone, own)
		joined(w, space, back) // a new stay: what they held before is not theirs
		w.Assign(p, own)       // a newer standing of their own
		if _, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone); err != nil {
			t.Fatal(err)
		}
		undo := undone(t, w, removal, 1)
		wantResults(t, w, undo, map[int64]roster.Result{back: roster.ReaddedMeanwhile, gone: roster.GoneMeanwhile,
			own: roster.Restored})
		wantOpen(t, w, task[0])
	})
}

// TestUndoOfWorkspaceRemovalLeavesLaterDecisions: who was added to a workspace
// and taken out again since stays out, until that later removal is undone.
func TestUndoOfWorkspaceRemovalLeavesLaterDecisions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		a, b, c := w.Person("AN"), w.Person("AN"), w.Person("AN")
		joined(w, space, a, b, c)
		first := left(w, space, a, b, c)
		undone(t, w, joined(w, space, c), 1) // as if nobody had added c
		joined(w, space, a)
		second := left(w, space, a)
		wantResults(t, w, undone(t, w, first, 2), map[int64]roster.Result{a: roster.ReaddedMeanwhile,
			b: roster.Restored, c: roster.Restored})
		if got := inWorkspace(w, space); !slices.Equal(got, []int64{b, c}) {
			t.Errorf("members: %v", got)
		}
		wantResults(t, w, undone(t, w, second, 1), map[int64]roster.Result{a: roster.Restored})
	})
}

func TestUndoOfWorkspaceAssign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		a, b := w.Person("AN"), w.Person("AN")
		addition := joined(w, space, a, b)
		task := madeTasks(w, p, 1)
		give(w, p, a, task...)
		left(w, space, b)
		undo := undone(t, w, addition, 1)
		wantResults(t, w, undo, map[int64]roster.Result{a: roster.Removed, b: roster.ChangedMeanwhile})
		wantOpen(t, w, task[0])
		if got := inWorkspace(w, space); len(got) != 0 {
			t.Errorf("left: %v", got)
		}
	})
}

// TestLeavingWhileBeingAssigned: whichever comes first, nobody is left with
// tasks in a project that they cannot enter.
func TestLeavingWhileBeingAssigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		task := madeTasks(w, p, 1)
		as := w.As(w.Owner)
		for range 8 {
			user := w.Person("AN")
			joined(w, space, user)
			var both sync.WaitGroup
			both.Go(func() {
				_, err := w.App.AddAssignees(as, p, task[0], roster.Annotate, []int64{user})
				if err != nil && roster.KindOf(err) != roster.Invalid {
					t.Error("assign:", err)
				}
			})
			both.Go(func() {
				if done, err := w.App.RemoveFromWorkspace(as, space, roster.Selector{Included: []int64{user}}); err != nil ||
					done.Count != 1 {
					t.Error("leave:", done, err)
				}
			})
			both.Wait()
			wantOpen(t, w, task[0])
		}
	})
}

// TestDemotionWhileBeingUnassigned: an Administrator who is taken off a project
// keeps the tasks by the role; whichever comes first, not without it. So too who
// is given one at that moment.
func TestDemotionWhileBeingUnassigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, as := w.Project("Street signs", 0), w.As(w.Owner)
		tasks := madeTasks(w, p, 2)
		for range 8 {
			member, passing := w.Person("AD"), w.Person("AD")
			w.Assign(p, member)
			give(w, p, member, tasks[0])
			var all sync.WaitGroup
			all.Go(func() {
				if _, err := w.App.UnassignMembers(as, p, roster.Selector{Included: []int64{member}}, ""); err != nil {
					t.Error("unassign:", err)
				}
			})
			all.Go(func() {
				if _, err := w.App.AddAssignees(as, p, tasks[1], roster.Annotate, []int64{passing}); err != nil &&
					roster.KindOf(err) != roster.Invalid {
					t.Error("assign:", err)
				}
			})
			all.Go(func() {
				if done, err := w.App.ChangePeople(as, roster.Selector{Included: []int64{member, passing}},
					roster.MembershipChange{Role: "AN"}, ""); err != nil || done.Count != 2 {
					t.Error("demote:", done, err)
				}
			})
			all.Wait()
			wantOpen(t, w, tasks[0])
			wantOpen(t, w, tasks[1])
		}
	})
}

func TestMoveEndsInheritedStanding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		from, to := w.Workspace("Vision"), w.Workspace("Speech")
		p := w.Project("Street signs", from)
		stays, strands := w.Person("AN"), w.Person("AN")
		joined(w, from, stays, strands)
		joined(w, to, stays)
		task := madeTasks(w, p, 1)
		give(w, p, stays, task...)
		give(w, p, strands, task...)
		op, err := w.App.AddProject(w.As(w.Owner), to, p)
		if err != nil || op == 0 {
			t.Fatal(op, err)
		}
		wantOpen(t, w, task[0], stays)
		move, _, err := w.App.Operation(w.As(w.Owner), op)
		if err != nil || move.Kind != roster.OpMove || move.ProjectID != p || move.WorkspaceID != to {
			t.Fatalf("%+v %v", move, err)
		}
		if op, err = w.App.AddProject(w.As(w.Owner), to, p); err != nil || op != 0 {
			t.Errorf("again: operation %d, %v", op, err)
		}
		if op, err = w.App.RemoveProject(w.As(w.Owner), from, p); err != nil || op != 0 {
			t.Errorf("from where it is not: operation %d, %v", op, err)
		}
		if op, err = w.App.RemoveProject(w.As(w.Owner), to, p); err != nil || op == 0 {
			t.Errorf("out: operation %d, %v", op, err)
		}
		wantOpen(t, w, task[0])
	})
}

// TestSandboxStrandsAdministrators: moved into a personal workspace, a project
// is out of reach for whoever had it by organization role.
func TestSandboxStrandsAdministrators(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager, admin := w.Person("MA"), w.Person("AD")
		p, err := w.App.CreateProject(w.As(manager), roster.ProjectPatch{Title: ptr("Attic")})
		if err != nil {
			t.Fatal(err)
		}
		task := madeTasks(w, p.ID, 1)
		give(w, p.ID, admin, task...)
		box, _, err := w.App.CreateWorkspace(w.As(manager), roster.WorkspacePatch{Title: ptr("Mine"), Personal: ptr(true)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.App.AddProject(w.As(manager), box.ID, p.ID); err != nil {
			t.Fatal(err)
		}
		open, err := w.App.Assignees(w.As(manager), p.ID, task[0])
		if err != nil || len(open) != 0 {
			t.Errorf("still assigned: %+v %v", open, err)
		}
		_, err = w.App.AddAssignees(w.As(manager), p.ID, task[0], roster.Annotate, []int64{admin})
		wantKind(t, "assigning to an administrator", err, roster.Invalid)
	})
}
