package app_test

import (
	"errors"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestRemovalOfEverybodyEndsDormant: whoever is deactivated when everybody is taken off is
// no member when they can act again, and undo brings them back as they were.
func TestRemovalOfEverybodyEndsDormant(t *testing.T) {
	for name, f := range map[string]roster.MemberFilter{
		"no filter": {}, "search": {Search: "lee"}, "seat": {UserTypes: []roster.UserType{"standard"}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) { wantDormantEnded(t, db, f) })
		})
	}
}

func wantDormantEnded(t *testing.T, db *store.DB, f roster.MemberFilter) {
	w := apptest.New(t, db)
	as, p := w.As(w.Owner), w.Project("Street signs", 0)
	able := w.PersonNamed(roster.NewUser{Email: "able@example.com", LastName: "Lee", Role: "AN"})
	off := w.PersonNamed(roster.NewUser{Email: "off@example.com", LastName: "Lee", Role: "AN"})
	w.Assign(p, able, off)
	role(w, p, off, "RE")
	task := madeTasks(w, p, 1)[0]
	give(w, p, off, task)
	deactivated(w, off)
	everybody := roster.Selector{All: true, Filter: f}
	preview, err := w.App.PreviewUnassign(as, p, everybody, 10)
	if err != nil || preview.Count != 1 || preview.Dormant != 1 || len(preview.People) != 1 {
		t.Fatalf("preview %+v %v", preview, err)
	}
	_, listed, err := w.App.Members(as, p, roster.MemberFilter{Access: roster.ExplicitAccess}, roster.Everything)
	must(t, err)
	done, err := w.App.UnassignMembers(as, p, everybody, preview.Plan)
	if err != nil || done.Count != listed || done.Dormant != 1 {
		t.Fatalf("%+v %v, want %d", done, err, listed)
	}
	wantResults(t, w, done.Operation, map[int64]roster.Result{able: roster.Removed, off: roster.RemovedDormant})
	must(t, became(w, off, "AN"))
	if got := w.Explicit(p); len(got) != 0 {
		t.Errorf("members: %v", got)
	}
	wantOpen(t, w, task)

	deactivated(w, off)
	undo := undone(t, w, done.Operation, 1)
	wantResults(t, w, undo, map[int64]roster.Result{able: roster.Restored, off: roster.RestoredDormant})
	if _, n, err := w.App.Members(as, p, roster.MemberFilter{Access: roster.ExplicitAccess},
		roster.Everything); err != nil || n != 1 {
		t.Errorf("%d are listed: %v", n, err)
	}
	must(t, became(w, off, "AN"))
	if got := w.Explicit(p); !slices.Equal(got, []int64{able, off}) {
		t.Errorf("members: %v", got)
	}
	wantRoles(t, w, p, map[int64]roster.Role{off: "RE"})
	wantOpen(t, w, task, off)
}

// TestUndoRestoresWhoCanActAgain tells them as members, not as dormant.
func TestUndoRestoresWhoCanActAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p, off := w.Project("Street signs", 0), w.Person("AN")
		w.Assign(p, off)
		joined(w, space, off)
		deactivated(w, off)
		everybody := roster.Selector{All: true}
		done, err := w.App.UnassignMembers(w.As(w.Owner), p, everybody, "")
		must(t, err)
		left, err := w.App.RemoveFromWorkspace(w.As(w.Owner), space, everybody)
		must(t, err)
		must(t, became(w, off, "AN"))
		for _, op := range []int64{done.Operation, left.Operation} {
			wantResults(t, w, undone(t, w, op, 1), map[int64]roster.Result{off: roster.Restored})
		}
	})
}

// TestDeactivatedAreListedByNameAndRole: a removal that names them, or their role, counts
// them.
func TestDeactivatedAreListedByNameAndRole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, space := w.As(w.Owner), w.Workspace("Vision")
		p, off := w.Project("Street signs", space), w.Person("AN")
		w.Assign(p, off)
		joined(w, space, off)
		deactivated(w, off)
		for name, s := range map[string]roster.Selector{
			"name": {Included: []int64{off}},
			"role": {All: true, Filter: roster.MemberFilter{Roles: []roster.Role{"DI"}}},
		} {
			preview, err := w.App.PreviewUnassign(as, p, s, 10)
			if err != nil || preview.Count != 1 || preview.Dormant != 0 || preview.KeepByWorkspace != 0 ||
				len(preview.Keepers) != 0 {
				t.Errorf("%s: preview %+v %v", name, preview, err)
			}
			done, err := w.App.UnassignMembers(as, p, s, preview.Plan)
			if err != nil || done.Count != 1 || done.Dormant != 0 {
				t.Errorf("%s: %+v %v", name, done, err)
			}
			outcomes, err := w.App.Outcomes(as, done.Operation, roster.Everything)
			if err != nil || len(outcomes) != 1 || outcomes[0].Result != roster.Removed || outcomes[0].KeepsBy != "" {
				t.Errorf("%s: %v %v", name, outcomes, err)
			}
			undone(t, w, done.Operation, 1)
		}
		for _, f := range []roster.MemberFilter{{Roles: []roster.Role{"AN"}}, {Access: roster.ImplicitAccess},
			{Search: "nobody"}} {
			done, err := w.App.UnassignMembers(as, p, roster.Selector{All: true, Filter: f}, "")
			if err != nil || done.Count+done.Dormant != 0 {
				t.Errorf("%+v: %+v %v", f, done, err)
			}
		}
	})
}

// TestPlanCoversDormant: a plan does not hold any more once who is dormant is not as it
// was.
func TestPlanCoversDormant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, p := w.As(w.Owner), w.Project("Street signs", 0)
		able, off := w.Person("AN"), w.Person("AN")
		w.Assign(p, able, off)
		deactivated(w, off)
		everybody := roster.Selector{All: true}
		for _, c := range []struct {
			what        string
			change      func()
			added, gone []int64
		}{
			{"deactivated", func() { deactivated(w, able) }, nil, []int64{able}},
			{"can act again", func() { must(t, became(w, able, "AN")) }, []int64{able}, nil},
			{"dormant no more", func() { unassigned(w, p, off) }, nil, []int64{off}},
			{"dormant now", func() { must(t, became(w, off, "AN")); w.Assign(p, off); deactivated(w, off) }, []int64{off}, nil},
		} {
			preview, err := w.App.PreviewUnassign(as, p, everybody, 1)
			must(t, err)
			c.change()
			_, err = w.App.UnassignMembers(as, p, everybody, preview.Plan)
			var e *roster.Error
			change := &roster.PlanChange{}
			if errors.As(err, &e) && e.Kind == roster.Changed {
				change = e.Detail.(*roster.PlanChange)
			}
			if !change.Known || !slices.Equal(change.Added, c.added) || !slices.Equal(change.Gone, c.gone) {
				t.Errorf("%s: %+v %v", c.what, change, err)
			}
		}
		preview, err := w.App.PreviewUnassign(as, p, everybody, 1)
		must(t, err)
		if _, err := w.App.UnassignMembers(as, p, everybody, preview.Plan); err != nil {
			t.Error(err)
		}
	})
}

// TestWorkspaceRemovalEndsDormant does the same to what they held in the projects of the
// workspace by it alone.
func TestWorkspaceRemovalEndsDormant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		user, place := settled(w, "AN")
		deactivated(w, user)
		everybody := roster.Selector{All: true}
		preview, err := w.App.PreviewWorkspace(as, place.space, everybody, looking(10))
		if err != nil || preview.Count != 0 || preview.Dormant != 1 || preview.Plan == "" || len(preview.People) != 0 {
			t.Errorf("preview %+v %v", preview, err)
		}
		left, err := w.App.RemoveFromWorkspace(as, place.space, everybody)
		if err != nil || left.Count != 0 || left.Dormant != 1 {
			t.Errorf("%+v %v", left, err)
		}
		wantOpen(t, w, place.tasks[1])
		wantResults(t, w, undone(t, w, left.Operation, 0), map[int64]roster.Result{user: roster.RestoredDormant})
		must(t, became(w, user, "AN"))
		place.want(t, w, user, true)
	})
}

// TestDormantStandingGoesOn: who is in the workspace keeps, dormant, the role and the tasks
// that they had in a project when their membership of it ends.
func TestDormantStandingGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		user, place := settled(w, "AN")
		w.Assign(place.inherited, user)
		deactivated(w, user)
		_, err := w.App.UnassignMembers(w.As(w.Owner), place.inherited, roster.Selector{All: true}, "")
		must(t, err)
		must(t, became(w, user, "AN"))
		place.want(t, w, user, true)
	})
}

// TestRoleThatDoesNotCountIsNotShown: a role of the project's that somebody's role in the
// organization outranks is shown nowhere, and they match as they are shown.
func TestRoleThatDoesNotCountIsNotShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, p, user := w.As(w.Owner), w.Project("Street signs", 0), w.Person("AN")
		w.Assign(p, user)
		role(w, p, user, "RE")
		given, err := w.App.ProjectRoles(as, p)
		must(t, err)
		for _, now := range []roster.Role{"MA", "DI"} {
			must(t, became(w, user, now))
			wantNoRole(t, w, p, user, now)
			if _, err := w.App.ClearProjectRole(as, given[0].ID); kindOf(err) != roster.NotFound {
				t.Errorf("%s: a role that is not there was taken away: %v", now, err)
			}
		}
		must(t, became(w, user, "AN"))
		wantRoles(t, w, p, map[int64]roster.Role{user: "RE"})
	})
}

func wantNoRole(t *testing.T, w *apptest.World, p, user int64, now roster.Role) {
	t.Helper()
	as := w.As(w.Owner)
	wantRoles(t, w, p, nil)
	for role, want := range map[roster.Role]int{"RE": 0, now: 1} {
		f := roster.MemberFilter{Roles: []roster.Role{role}, IDs: []int64{user}}
		members, n, err := w.App.Members(as, p, f, roster.Everything)
		if err != nil || n != want || n == 1 && (members[0].ProjectRole != "" || members[0].ProjectRoleSource != "") {
			t.Errorf("%s: %+v %v", role, members, err)
		}
		must(t, w.App.ExportMembers(as, p, f, "", func(roster.Project) {}, func(m roster.Member) error {
			if m.ProjectRole != "" {
				t.Errorf("exported with %s", m.ProjectRole)
			}
			return nil
		}))
	}
	view, err := w.App.PersonView(as, user)
	if err != nil || len(view.Projects) != 1 || view.Projects[0].Role != "" || view.Projects[0].Source != "" {
		t.Errorf("%+v %v", view.Projects, err)
	}
	roles, err := w.App.MyRoles(w.As(user), nil)
	if now.Works() && (err != nil || len(roles) != 0) {
		t.Errorf("their own: %v %v", roles, err)
	}
}

// TestReactivatingSaysWhatComesBack: before and after, and in the record of every way in
// which somebody can act again.
func TestReactivatingSaysWhatComesBack(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		p.T = t
		as := p.As(p.Owner)
		user, place := settled(p.World, "AN")
		other := p.Person("AN")
		p.Assign(place.own, other)
		p.Project("Never theirs", 0)
		deactivated(p.World, user)
		deactivated(p.World, other)
		again := roster.MembershipChange{Role: "AN"}
		want := []roster.Awaiting{
			{Project: roster.ProjectRef{ID: place.inherited, Title: "Inherited"}, People: 1},
			{Project: roster.ProjectRef{ID: place.own, Title: "Own"}, People: 1},
		}
		_, _, back, err := p.App.PreviewMembership(as, p.Org, user, again)
		if err != nil || !slices.Equal(back, want) {
			t.Errorf("one: %v %v", back, err)
		}
		for _, way := range []func() (int64, error){
			func() (int64, error) {
				_, op, err := p.App.ChangeMembership(as, p.Org, user, again)
				return op, err
			},
			func() (int64, error) {
				_, err := importFile(p.World, "email,role\nana@example.com,AN\n", provision.ImportOptions{})
				must(t, err)
				ops, _, err := p.App.Operations(as, roster.OperationFilter{Kind: roster.OpImport}, roster.Everything)
				return ops[0].ID, err
			},
			func() (int64, error) {
				p.activate(user, false)
				p.activate(user, true)
				ops, _, err := p.App.Operations(as, roster.OperationFilter{Kind: roster.OpSCIMSync}, roster.Everything)
				return ops[0].ID, err
			},
		} {
			op, err := way()
			must(t, err)
			wantReturned(t, p.World, op, user, place.own, place.inherited)
			deactivated(p.World, user)
		}
		both := roster.Selector{Included: []int64{user, other}}
		want[1].People = 2
		preview, err := p.App.PreviewPeople(as, both, again, looking(5))
		if err != nil || !slices.Equal(preview.Awaiting, want) {
			t.Errorf("many: %v %v", preview.Awaiting, err)
		}
		done, err := p.App.ChangePeople(as, both, again, preview.Plan)
		if err != nil || !slices.Equal(done.Awaited, want) || done.Count != 2 {
			t.Errorf("many: %+v %v", done, err)
		}
		wantReturned(t, p.World, done.Operation, user, place.own, place.inherited)
		undone(t, p.World, done.Operation, 2)
	})
}

// wantReturned looks to which projects an operation says that somebody is back.
func wantReturned(t *testing.T, w *apptest.World, op, user int64, projects ...int64) {
	t.Helper()
	outcomes, err := w.App.Outcomes(w.As(w.Owner), op, roster.Everything)
	must(t, err)
	var back []int64
	for _, o := range outcomes {
		if o.Result == roster.Returned && o.UserID == user {
			back = append(back, o.ProjectID)
		}
	}
	if slices.Sort(projects); !slices.Equal(back, projects) {
		t.Errorf("operation %d: back in %v, want %v", op, back, projects)
	}
}
