package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// inherited is an Administrator with a task in a project that they reach by
// their role alone, and a question: do they still have it?
func inherited(t *testing.T, w *apptest.World, project int64) (admin int64, has func() bool) {
	t.Helper()
	admin = w.Person(roster.RoleAdministrator)
	tasks, err := w.App.CreateTasks(w.As(w.Owner), project, []string{`{"text": "a"}`})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.App.AddAssignees(w.As(w.Owner), project, tasks[0], roster.Annotate, []int64{admin}); err != nil {
		t.Fatal(err)
	}
	return admin, func() bool {
		t.Helper()
		open, err := w.App.Assignees(w.As(w.Owner), project, tasks[0])
		if err != nil {
			t.Fatal(err)
		}
		return len(open) == 1 && open[0].UserID == admin
	}
}

// change gives somebody a role, as the Owner.
func change(t *testing.T, w *apptest.World, user int64, role roster.Role) {
	t.Helper()
	if _, _, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, user, roster.MembershipChange{Role: role}); err != nil {
		t.Fatal(err)
	}
}

func TestLosingARoleEndsWhatItHeld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		admin, has := inherited(t, w, w.Project("Signs", 0))
		if !has() {
			t.Fatal("an Administrator cannot be given a task")
		}
		change(t, w, admin, roster.RoleAnnotator)
		if has() {
			t.Error("the task stayed with somebody who no longer reaches the project")
		}
		change(t, w, admin, roster.RoleAdministrator)
		if has() {
			t.Error("the task came back with the role")
		}
	})
}

func TestLosingARoleKeepsWhatTheWorkspaceGives(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		admin, has := inherited(t, w, w.Project("Signs", space))
		if _, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{admin}}); err != nil {
			t.Fatal(err)
		}
		change(t, w, admin, roster.RoleReviewer)
		if !has() {
			t.Error("the task went although the workspace still leads to the project")
		}
	})
}

func TestDeactivationEndsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		admin, has := inherited(t, w, w.Project("Signs", 0))
		change(t, w, admin, roster.RoleDeactivated)
		change(t, w, admin, roster.RoleAdministrator)
		if !has() {
			t.Error("coming back from deactivation, the task is gone")
		}
		change(t, w, admin, roster.RoleDeactivated)
		change(t, w, admin, roster.RoleAnnotator)
		if has() {
			t.Error("the task came back to somebody who no longer reaches the project")
		}
	})
}

func TestLeavingTheOrganizationEndsWhatTheRoleHeld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project := w.Project("Signs", 0)
		admin, has := inherited(t, w, project)
		member := w.Person(roster.RoleAnnotator)
		w.Assign(project, member)
		for _, user := range []int64{admin, member} {
			op, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, user)
			if err != nil {
				t.Fatal(err)
			}
			record, counts, err := w.App.Operation(w.As(w.Owner), op)
			if err != nil || record.Kind != roster.OpOrganizationLeave || record.Changed != 1 || counts[roster.Removed] != 1 {
				t.Errorf("record: %+v %v %v", record, counts, err)
			}
		}
		if has() {
			t.Error("the task stayed with a deleted Administrator")
		}
		if got := w.Explicit(project); len(got) != 0 {
			t.Errorf("a deletion left memberships: %v", got)
		}
	})
}

func TestAChangeOfNothingIsRecordedAsNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		user := w.Person(roster.RoleAnnotator)
		m, op, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, user, roster.MembershipChange{
			Role: roster.RoleAnnotator, UserType: roster.SeatStandard})
		if err != nil || m.Membership.Role != roster.RoleAnnotator || m.Membership.RoleSource != "" {
			t.Fatalf("%+v %v", m.Membership, err)
		}
		record, counts, err := w.App.Operation(w.As(w.Owner), op)
		if err != nil || record.Changed != 0 || len(counts) != 0 {
			t.Errorf("record: %+v %v %v", record, counts, err)
		}
	})
}
