package app_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// madeTasks makes tasks in a project.
func madeTasks(w *apptest.World, project int64, n int) []int64 {
	w.T.Helper()
	data := make([]string, n)
	for i := range data {
		data[i] = fmt.Sprintf(`{"n": %d}`, i)
	}
	ids, err := w.App.CreateTasks(w.As(w.Owner), project, data)
	if err != nil || len(ids) != n {
		w.T.Fatal(ids, err)
	}
	return ids
}

// give assigns tasks to somebody to annotate; each must be new to them.
func give(w *apptest.World, project, user int64, tasks ...int64) {
	w.T.Helper()
	done, err := w.App.AssignTasks(w.As(w.Owner), project, roster.TaskSelector{Included: tasks}, roster.Annotate,
		[]int64{user})
	if err != nil || done.Count != len(tasks) {
		w.T.Fatalf("assign: %+v %v", done, err)
	}
}

// wantOpen checks who a task is assigned to now.
func wantOpen(t *testing.T, w *apptest.World, task int64, users ...int64) {
	t.Helper()
	open, err := w.DB.Assignees(t.Context(), task, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, a := range open {
		got = append(got, a.UserID)
	}
	slices.Sort(got)
	slices.Sort(users)
	if !slices.Equal(got, users) {
		t.Errorf("task %d is assigned to %v, want %v", task, got, users)
	}
}

func role(w *apptest.World, project, user int64, role roster.Role) {
	w.T.Helper()
	if _, _, err := w.App.SetProjectRole(w.As(w.Owner), project, user, role); err != nil {
		w.T.Fatal(err)
	}
}

// wantRoles checks the overrides of a project.
func wantRoles(t *testing.T, w *apptest.World, project int64, want map[int64]roster.Role) {
	t.Helper()
	roles, err := w.App.ProjectRoles(w.As(w.Owner), project)
	if err != nil {
		t.Fatal(err)
	}
	got := map[int64]roster.Role{}
	for _, r := range roles {
		got[r.UserID] = r.Role
	}
	if !maps.Equal(got, want) {
		t.Errorf("roles %v, want %v", got, want)
	}
}

func unassigned(w *apptest.World, project int64, users ...int64) int64 {
	w.T.Helper()
	done, err := w.App.UnassignMembers(w.As(w.Owner), project, roster.Selector{Included: users}, "")
	if err != nil || done.Count != len(users) {
		w.T.Fatalf("unassign: %+v %v", done, err)
	}
	return done.Operation
}

// TestUnassignRowByRow is the table of contract 4.6, as far as Roster has its
// rows: for somebody with no other access, for a member of the workspace, and
// for an administrator.
func TestUnassignRowByRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p, other := w.Project("Street signs", space), w.Project("Crosswalks", 0)
		only, member, admin := w.Person("AN"), w.Person("AN"), w.Person("AD")
		joined(w, space, member)
		w.Assign(p, only, member, admin)
		w.Assign(other, only)
		tasks, far := madeTasks(w, p, 2), madeTasks(w, other, 1)
		role(w, p, only, "RE")
		role(w, p, member, "RE")
		for _, user := range []int64{only, member, admin} {
			give(w, p, user, tasks...)
		}
		give(w, other, only, far...)

		op := unassigned(w, p, only, member, admin)
		if got := w.Explicit(p); len(got) != 0 {
			t.Errorf("explicit rows: %v", got)
		}
		wantResults(t, w, op, map[int64]roster.Result{only: roster.Removed, member: roster.Removed, admin: roster.Removed})
		members, _, err := w.App.Members(w.As(w.Owner), p, roster.MemberFilter{Access: roster.ImplicitAccess},
			roster.Everything)
		if err != nil || len(members) != 3 || members[0].User.ID != w.Owner || members[1].User.ID != member ||
			members[2].User.ID != admin {
			t.Errorf("implicit access: %+v %v", members, err)
		}
		wantRoles(t, w, p, map[int64]roster.Role{member: "RE"})
		wantOpen(t, w, tasks[0], member, admin)
		wantOpen(t, w, tasks[1], member, admin)
		wantOpen(t, w, far[0], only) // another project's
		m, err := db.Membership(t.Context(), w.Org, only)
		if err != nil || m.Role != "AN" || !m.Active() {
			t.Errorf("organization role: %+v %v", m, err)
		}
		if got := inWorkspace(w, space); !slices.Equal(got, []int64{member}) {
			t.Errorf("workspace: %v", got)
		}

		// re-adding begins anew: nothing old comes back to life
		w.Assign(p, only)
		wantRoles(t, w, p, map[int64]roster.Role{member: "RE"})
		wantOpen(t, w, tasks[0], member, admin)
		// and what was kept through the workspace ends with it
		left(w, space, member)
		wantRoles(t, w, p, nil)
		wantOpen(t, w, tasks[0], admin)
	})
}

// TestUndoGivesBackWhatIsFree: of a removed person's tasks one went to
// somebody who still has it, one to somebody who is gone as well, one to nobody.
func TestUndoGivesBackWhatIsFree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		a, heir, passing := w.Person("AN"), w.Person("AN"), w.Person("AN")
		w.Assign(p, a, heir, passing)
		tasks := madeTasks(w, p, 3)
		give(w, p, a, tasks...)
		op := unassigned(w, p, a)
		give(w, p, heir, tasks[0])
		give(w, p, passing, tasks[1])
		unassigned(w, p, passing)
		undo := undone(t, w, op, 1)
		wantOpen(t, w, tasks[0], heir)
		wantOpen(t, w, tasks[1], a)
		wantOpen(t, w, tasks[2], a)
		outcomes, err := w.App.Outcomes(w.As(w.Owner), undo, roster.Everything)
		if err != nil || len(outcomes) != 2 || outcomes[0].Result != roster.AssignmentTaken ||
			outcomes[1].Result != roster.Restored {
			t.Errorf("%+v %v", outcomes, err)
		}
	})
}

func TestUndoAfterReadding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		a := w.Person("AN")
		w.Assign(p, a)
		task := madeTasks(w, p, 1)
		give(w, p, a, task...)
		op := unassigned(w, p, a)
		w.Assign(p, a)
		undo := undone(t, w, op, 0)
		wantResults(t, w, undo, map[int64]roster.Result{a: roster.ReaddedMeanwhile})
		wantOpen(t, w, task[0])
	})
}

// TestUndoLeavesLaterDecisions: who was added and taken off again after an
// unassign stays off when that is undone, until the later one is undone as well.
func TestUndoLeavesLaterDecisions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		a, b := w.Person("AN"), w.Person("AN")
		w.Assign(p, a, b)
		role(w, p, a, "RE")
		first := unassigned(w, p, a, b)
		w.Assign(p, a)
		second := unassigned(w, p, a)
		wantResults(t, w, undone(t, w, first, 1), map[int64]roster.Result{a: roster.ReaddedMeanwhile, b: roster.Restored})
		wantResults(t, w, undone(t, w, second, 1), map[int64]roster.Result{a: roster.Restored})
		wantRoles(t, w, p, nil) // the stay that is back is the second one
	})
}

// TestUndoKeepsWhatWasNeverLost: a workspace member's tasks stay theirs while
// they are not a member of the project, whoever else gets them too.
func TestUndoKeepsWhatWasNeverLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		a, b := w.Person("AN"), w.Person("AN")
		joined(w, space, a)
		w.Assign(p, a, b)
		task := madeTasks(w, p, 1)
		give(w, p, a, task...)
		op := unassigned(w, p, a)
		give(w, p, b, task...)
		undo := undone(t, w, op, 1)
		wantResults(t, w, undo, map[int64]roster.Result{a: roster.Restored})
		wantOpen(t, w, task[0], a, b)
		left(w, space, a) // by their own membership again
		wantOpen(t, w, task[0], a, b)
	})
}

// TestAssignmentNeedsAccess: who may be given tasks, and what that begins.
func TestAssignmentNeedsAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		task := madeTasks(w, p, 1)
		member, stranger, off := w.Person("AN"), w.Person("AN"), w.Person("AN")
		joined(w, space, member)
		w.Assign(p, off)
		deactivated(w, off)
		for _, user := range []int64{stranger, off, 9999} {
			_, err := w.App.AssignTasks(w.As(w.Owner), p, roster.TaskSelector{All: true}, roster.Annotate, []int64{member, user})
			wantKind(t, fmt.Sprint("person ", user), err, roster.Invalid)
		}
		wantOpen(t, w, task[0])
		done, err := w.App.AssignTasks(w.As(w.Owner), p, roster.TaskSelector{All: true}, roster.Annotate,
			[]int64{member, member, w.Owner})
		if err != nil || done.Count != 2 || !slices.Equal(done.TaskIDs, task) {
			t.Fatalf("%+v %v", done, err)
		}
		wantOpen(t, w, task[0], member, w.Owner)
		ops, _, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{ProjectID: p, Kind: roster.OpTaskAssign},
			roster.Everything)
		if err != nil || len(ops) != 1 {
			t.Fatalf("%+v %v", ops, err)
		}
		wantResults(t, w, ops[0].ID, map[int64]roster.Result{member: roster.ImplicitByWorkspace,
			w.Owner: roster.ImplicitByRole})
		again, err := w.App.AssignTasks(w.As(w.Owner), p, roster.TaskSelector{All: true}, roster.Annotate,
			[]int64{member, w.Owner})
		if err != nil || again.Count != 0 {
			t.Errorf("again: %+v %v", again, err)
		}
		if got := w.Explicit(p); !slices.Equal(got, []int64{off}) {
			t.Errorf("explicit members: %v", got)
		}
	})
}

func TestAssigneesOfOneTask(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		a, b, c := w.Person("AN"), w.Person("AN"), w.Person("RE")
		w.Assign(p, a, b, c)
		task, far := madeTasks(w, p, 2)[0], madeTasks(w, other, 1)[0]
		as := w.As(w.Owner)
		first, err := w.App.AddAssignees(as, p, task, roster.Annotate, []int64{b, a})
		if err != nil || first.TaskID != task || (first.UserID != a && first.UserID != b) {
			t.Fatalf("%+v %v", first, err)
		}
		if _, err := w.App.AddAssignees(as, p, task, roster.Review, []int64{c}); err != nil {
			t.Fatal(err)
		}
		set, err := w.App.SetAssignees(as, p, task, roster.Annotate, []int64{b, c})
		if err != nil || set.UserID != b && set.UserID != c {
			t.Fatalf("%+v %v", set, err)
		}
		wantOpen(t, w, task, b, c, c)
		none, err := w.App.SetAssignees(as, p, task, roster.Review, nil)
		if err != nil || none.UserID != c || none.Type != roster.Review {
			t.Fatalf("the one that was taken away: %+v %v", none, err)
		}
		if err := w.App.RemoveAssignees(as, p, task, "", []int64{b, 9999}); err != nil {
			t.Fatal(err)
		}
		wantOpen(t, w, task, c)
		if err := w.App.RemoveAssignees(as, p, task, "", []int64{}); err != nil {
			t.Fatal(err)
		}
		wantOpen(t, w, task, c)
		if err := w.App.RemoveAssignees(as, p, task, "", nil); err != nil {
			t.Fatal(err)
		}
		wantOpen(t, w, task)
		_, err = w.App.AddAssignees(as, p, far, roster.Annotate, []int64{a})
		wantKind(t, "another project's task", err, roster.NotFound)
		wantKind(t, "the same", w.App.RemoveAssignees(as, p, far, "", nil), roster.NotFound)
	})
}

func byID(is roster.Comparison, ids ...int64) roster.TaskCondition {
	c := roster.TaskCondition{Column: roster.TaskID, Is: is, Numbers: true}
	for _, id := range ids {
		c.Values = append(c.Values, fmt.Sprint(id))
	}
	return c
}

func TestTaskSelection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		ids := madeTasks(w, p, 5)
		madeTasks(w, other, 5)
		only := func(is roster.Comparison, ids ...int64) roster.TaskFilter {
			return roster.TaskFilter{Conditions: []roster.TaskCondition{byID(is, ids...)}}
		}
		two := []roster.TaskCondition{byID(roster.Less, ids[1]), byID(roster.Greater, ids[3])}
		for name, c := range map[string]struct {
			s    roster.TaskSelector
			want []int64
		}{
			"nothing": {roster.TaskSelector{}, nil},
			"the listed": {roster.TaskSelector{Included: []int64{ids[3], ids[0], ids[3], 9999}},
				[]int64{ids[0], ids[3]}},
			"less the excluded": {roster.TaskSelector{Included: ids[:2], Excluded: ids[:1]}, ids[1:2]},
			"all":               {roster.TaskSelector{All: true}, ids},
			"all but some":      {roster.TaskSelector{All: true, Excluded: ids[1:4]}, []int64{ids[0], ids[4]}},
			"equal":             {roster.TaskSelector{All: true, Filter: only(roster.Equal, ids[2])}, ids[2:3]},
			"not equal":         {roster.TaskSelector{All: true, Filter: only(roster.NotEqual, ids[0])}, ids[1:]},
			"greater or equal":  {roster.TaskSelector{All: true, Filter: only(roster.GreaterOrEqual, ids[3])}, ids[3:]},
			"less or equal":     {roster.TaskSelector{All: true, Filter: only(roster.LessOrEqual, ids[1])}, ids[:2]},
			"in a list": {roster.TaskSelector{All: true, Filter: only(roster.InList, ids[1], ids[4])},
				[]int64{ids[1], ids[4]}},
			"not in a list":    {roster.TaskSelector{All: true, Filter: only(roster.NotInList, ids[1:]...)}, ids[:1]},
			"in an empty list": {roster.TaskSelector{All: true, Filter: only(roster.InList)}, nil},
			"both of two":      {roster.TaskSelector{All: true, Filter: roster.TaskFilter{Conditions: two}}, nil},
			"one of two": {roster.TaskSelector{All: true, Filter: roster.TaskFilter{Any: true, Conditions: two}},
				[]int64{ids[0], ids[4]}},
			"listed and filtered": {roster.TaskSelector{Included: ids[:3], Filter: only(roster.Greater, ids[1])}, ids[2:3]},
		} {
			done, err := w.App.AssignTasks(w.As(w.Owner), p, c.s, roster.Annotate, []int64{w.Owner})
			if err != nil || !slices.Equal(done.TaskIDs, c.want) {
				t.Errorf("%s: %v %v, want %v", name, done.TaskIDs, err, c.want)
			}
		}
		_, err := w.App.AssignTasks(w.As(w.Owner), p, roster.TaskSelector{All: true, Included: ids}, roster.Annotate,
			[]int64{w.Owner})
		wantKind(t, "all and a list", err, roster.Invalid)
	})
}

// TestWhoMayAssign: Reviewers assign annotators where they are members, by
// their role in the project; Managers and above also reviewers.
func TestWhoMayAssign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		task := madeTasks(w, p, 1)
		manager, reviewer, annotator := w.Person("MA"), w.Person("RE"), w.Person("AN")
		raised, lowered, outside := w.Person("AN"), w.Person("RE"), w.Person("RE")
		w.Assign(p, manager, reviewer, annotator, raised, lowered)
		role(w, p, raised, "RE")
		role(w, p, lowered, "AN")
		for _, c := range []struct {
			who               int64
			annotate, reviews roster.Kind
		}{
			{manager, "", ""}, {reviewer, "", roster.Forbidden}, {annotator, roster.Forbidden, roster.Forbidden},
			{raised, "", roster.Forbidden}, {lowered, roster.Forbidden, roster.Forbidden},
			{outside, roster.NotFound, roster.NotFound},
		} {
			for kind, want := range map[roster.AssignmentType]roster.Kind{roster.Annotate: c.annotate,
				roster.Review: c.reviews} {
				_, err := w.App.AssignTasks(w.As(c.who), p, roster.TaskSelector{Included: task}, kind, []int64{annotator})
				if (err == nil) != (want == "") || err != nil && roster.KindOf(err) != want {
					t.Errorf("person %d, %s: %v, want %q", c.who, kind, err, want)
				}
			}
		}
		wantKind(t, "a reviewer takes reviews away too", w.App.RemoveAssignees(w.As(reviewer), p, task[0], "", nil),
			roster.Forbidden)
		if err := w.App.RemoveAssignees(w.As(reviewer), p, task[0], roster.Annotate, nil); err != nil {
			t.Error(err)
		}
	})
}

func TestDeleteTask(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		a := w.Person("AN")
		w.Assign(p, a)
		tasks := madeTasks(w, p, 2)
		give(w, p, a, tasks...)
		_, err := w.App.DeleteTask(w.As(a), tasks[0])
		wantKind(t, "an annotator", err, roster.Forbidden)
		op, err := w.App.DeleteTask(w.As(w.Owner), tasks[0])
		must(t, err)
		wantResults(t, w, op, map[int64]roster.Result{a: roster.TasksDeleted})
		_, err = w.App.DeleteTask(w.As(w.Owner), tasks[0])
		wantKind(t, "a second time", err, roster.NotFound)
		wantOpen(t, w, tasks[0])
		wantOpen(t, w, tasks[1], a)
		left, total, err := w.App.Tasks(w.As(a), p, roster.Everything)
		if err != nil || total != 1 || left[0].ID != tasks[1] {
			t.Errorf("%+v %d %v", left, total, err)
		}
	})
}

// TestDeleteEveryTask: the tasks of one project go, and the record names whose open
// assignments that ended. What belonged to a stay that is over was nobody's any more.
func TestDeleteEveryTask(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		a, b, gone, idle := w.Person("AN"), w.Person("AN"), w.Person("AN"), w.Person("AN")
		w.Assign(p, a, b, gone, idle)
		w.Assign(other, a)
		tasks, elsewhere := madeTasks(w, p, 3), madeTasks(w, other, 1)
		give(w, p, a, tasks...)
		give(w, p, b, tasks[0])
		give(w, p, gone, tasks[1])
		give(w, other, a, elsewhere[0])
		unassigned, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{gone}}, "")
		must(t, err)

		_, err = w.App.DeleteEveryTask(w.As(a), p)
		wantKind(t, "an annotator", err, roster.Forbidden)
		op, err := w.App.DeleteEveryTask(w.As(w.Owner), p)
		must(t, err)
		wantResults(t, w, op, map[int64]roster.Result{a: roster.TasksDeleted, b: roster.TasksDeleted})
		if _, total, err := w.App.Tasks(w.As(w.Owner), p, roster.Everything); err != nil || total != 0 {
			t.Errorf("%d tasks are left: %v", total, err)
		}
		wantOpen(t, w, elsewhere[0], a)
		if _, err := w.App.Undo(w.As(w.Owner), op); roster.KindOf(err) != roster.Invalid {
			t.Error("undone:", err)
		}
		again, err := w.App.DeleteEveryTask(w.As(w.Owner), p)
		if err != nil || again != 0 {
			t.Errorf("where nobody had a task: operation %d, %v", again, err)
		}
		undo, err := w.App.Undo(w.As(w.Owner), unassigned.Operation)
		must(t, err)
		wantResults(t, w, undo.ID, map[int64]roster.Result{gone: roster.Restored})
		if got := w.Explicit(p); len(got) != 4 {
			t.Errorf("members %v", got)
		}
	})
}

// TestForgottenTasksAreRecorded: what a gate is told is gone ends assignments as a
// deletion here does.
func TestForgottenTasksAreRecorded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, a := w.Project("Street signs", 0), w.Person("AN")
		w.Assign(p, a)
		tasks := madeTasks(w, p, 2)
		give(w, p, a, tasks...)
		one := roster.TaskSelector{Included: tasks[:1]}
		must(t, w.App.ForgetTasks(w.As(w.Owner), p, one))
		must(t, w.App.ForgetTasks(w.As(w.Owner), p, one)) // nobody has it any more
		must(t, w.App.ForgetTasks(w.As(w.Owner), p, roster.TaskSelector{All: true}))
		ops, total, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{ProjectID: p, Kind: roster.OpTaskDelete},
			roster.Everything)
		if err != nil || total != 2 {
			t.Fatal(total, err)
		}
		for _, op := range ops {
			wantResults(t, w, op.ID, map[int64]roster.Result{a: roster.TasksDeleted})
		}
	})
}
