package app_test

import (
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// joined makes people members of a workspace.
func joined(w *apptest.World, workspace int64, users ...int64) int64 {
	w.T.Helper()
	done, err := w.App.AssignToWorkspace(w.As(w.Owner), workspace, roster.Selector{Included: users})
	if err != nil || done.Count != len(users) {
		w.T.Fatalf("join: %+v %v", done, err)
	}
	return done.Operation
}

// left takes people out of a workspace.
func left(w *apptest.World, workspace int64, users ...int64) int64 {
	w.T.Helper()
	done, err := w.App.RemoveFromWorkspace(w.As(w.Owner), workspace, roster.Selector{Included: users})
	if err != nil || done.Count != len(users) {
		w.T.Fatalf("leave: %+v %v", done, err)
	}
	return done.Operation
}

// inWorkspace is who is in a workspace, by id.
func inWorkspace(w *apptest.World, workspace int64) []int64 {
	w.T.Helper()
	members, _, err := w.App.WorkspaceMembers(w.As(w.Owner), workspace, roster.MemberFilter{WithInactive: true},
		roster.Everything)
	if err != nil {
		w.T.Fatal(err)
	}
	ids := []int64{}
	for _, m := range members {
		ids = append(ids, m.User.ID)
	}
	return ids
}

// results is what an operation did to whom.
func results(w *apptest.World, op int64) map[int64]roster.Result {
	w.T.Helper()
	outcomes, err := w.App.Outcomes(w.As(w.Owner), op, roster.Everything)
	if err != nil {
		w.T.Fatal(err)
	}
	out := map[int64]roster.Result{}
	for _, o := range outcomes {
		out[o.UserID] = o.Result
	}
	return out
}

func wantResults(t *testing.T, w *apptest.World, op int64, want map[int64]roster.Result) {
	t.Helper()
	got := results(w, op)
	for id, result := range want {
		if got[id] != result {
			t.Errorf("person %d: %q, want %q", id, got[id], result)
		}
	}
	if len(got) != len(want) {
		t.Errorf("results %v, want %v", got, want)
	}
}

func undone(t *testing.T, w *apptest.World, op int64, changed int) int64 {
	t.Helper()
	undo, err := w.App.Undo(w.As(w.Owner), op)
	if err != nil || undo.Changed != changed {
		t.Fatalf("undo: %+v %v, want %d changed", undo, err, changed)
	}
	return undo.ID
}

func wantKind(t *testing.T, what string, err error, want roster.Kind) {
	t.Helper()
	if err == nil || roster.KindOf(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func deactivated(w *apptest.World, user int64) {
	w.T.Helper()
	if _, _, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, user, roster.MembershipChange{
		Role: roster.RoleDeactivated}); err != nil {
		w.T.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestWorkspaceMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		a, b, off, idle := w.Person("AN"), w.Person("RE"), w.Person("DI"), w.Person("NO")
		joined(w, space, a)
		done, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{a, b, off, idle, 9999}})
		if err != nil || done.Count != 1 || !slices.Equal(done.Skipped, []int64{off, idle, 9999}) {
			t.Fatalf("assign: %+v %v", done, err)
		}
		wantResults(t, w, done.Operation, map[int64]roster.Result{
			a: roster.AlreadyMember, b: roster.Added, off: roster.SkippedDeactivated, idle: roster.SkippedNotActivated,
			9999: roster.UnknownPerson,
		})
		gone, err := w.App.RemoveFromWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{a, off, 9999},
			Excluded: []int64{b}})
		if err != nil || gone.Count != 1 {
			t.Fatalf("remove: %+v %v", gone, err)
		}
		wantResults(t, w, gone.Operation, map[int64]roster.Result{a: roster.Removed, off: roster.NotAMember,
			9999: roster.UnknownPerson})
		if got := inWorkspace(w, space); !slices.Equal(got, []int64{b}) {
			t.Fatalf("left: %v", got)
		}
		all, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{All: true, Excluded: []int64{w.Owner}})
		if err != nil || all.Count != 1 || !slices.Equal(all.Skipped, []int64{off, idle}) {
			t.Fatalf("assign all: %+v %v", all, err)
		}
	})
}

func TestWorkspaceRemovalOfEverybody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		ann := w.PersonNamed(roster.NewUser{Email: "ann@example.com", FirstName: "Ann", LastName: "Lee", Role: "AN"})
		ana := w.PersonNamed(roster.NewUser{Email: "ana@example.com", FirstName: "Ana", LastName: "Lee", Role: "AN"})
		bob, off := w.Person("AN"), w.Person("AN")
		joined(w, space, ann, ana, bob, off)
		deactivated(w, off)
		found, err := w.App.RemoveFromWorkspace(w.As(w.Owner), space,
			roster.Selector{All: true, Filter: roster.MemberFilter{Search: "lee", IDs: []int64{ann, bob}}})
		if err != nil || found.Count != 1 {
			t.Fatalf("filtered: %+v %v", found, err)
		}
		all, err := w.App.RemoveFromWorkspace(w.As(w.Owner), space, roster.Selector{All: true, Excluded: []int64{bob}})
		if err != nil || all.Count != 1 || all.Dormant != 1 {
			t.Fatalf("all: %+v %v", all, err)
		}
		wantResults(t, w, all.Operation, map[int64]roster.Result{ana: roster.Removed, bob: roster.Excluded,
			off: roster.RemovedDormant})
		if got := inWorkspace(w, space); !slices.Equal(got, []int64{bob}) {
			t.Fatalf("left: %v", got)
		}
	})
}

func TestPersonalWorkspace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager, admin := w.Person("MA"), w.Person("AD")
		box, _, err := w.App.CreateWorkspace(w.As(manager), roster.WorkspacePatch{Title: ptr("Mine"), Personal: ptr(true)})
		if err != nil || !box.Member {
			t.Fatal(box, err)
		}
		p, err := w.App.CreateProject(w.As(manager), roster.ProjectPatch{Title: ptr("Attic"), WorkspaceID: &box.ID})
		if err != nil || p.SandboxOf != manager {
			t.Fatal(p, err)
		}
		for _, user := range []int64{w.Owner, admin} {
			_, err := w.App.Workspace(w.As(user), box.ID)
			wantKind(t, "somebody else's workspace", err, roster.NotFound)
			_, err = w.App.Project(w.As(user), p.ID, 0)
			wantKind(t, "a project in it", err, roster.NotFound)
			_, err = w.App.RemoveFromWorkspace(w.As(user), box.ID, roster.Selector{All: true})
			wantKind(t, "its members", err, roster.NotFound)
			_, err = w.App.CreateProject(w.As(user), roster.ProjectPatch{WorkspaceID: &box.ID})
			wantKind(t, "a project into it", err, roster.Invalid)
		}
		_, err = w.App.AssignToWorkspace(w.As(manager), box.ID, roster.Selector{Included: []int64{admin}})
		wantKind(t, "a second person in it", err, roster.Invalid)
		_, _, err = w.App.CreateWorkspace(w.As(manager), roster.WorkspacePatch{Title: ptr("Mine too"), Personal: ptr(true)})
		wantKind(t, "a second one", err, roster.Invalid)
		_, err = w.App.UpdateWorkspace(w.As(manager), box.ID, roster.WorkspacePatch{Personal: ptr(false)})
		wantKind(t, "opening it", err, roster.Invalid)
	})
}

func TestWhoMayChangeWorkspaces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		in, out, reader, stranger := w.Person("MA"), w.Person("MA"), w.Person("AN"), w.Person("RE")
		admin := w.Person("AD")
		joined(w, space, in, reader)
		change := func(user int64) error {
			_, err := w.App.UpdateWorkspace(w.As(user), space, roster.WorkspacePatch{Title: ptr("Vision!")})
			return err
		}
		for user, want := range map[int64]roster.Kind{in: "", admin: "", out: roster.NotFound, reader: roster.Forbidden,
			stranger: roster.NotFound} {
			if err := change(user); (err == nil) != (want == "") || (err != nil && roster.KindOf(err) != want) {
				t.Errorf("person %d: %v, want %q", user, err, want)
			}
		}
		if _, err := w.App.Workspace(w.As(reader), space); err != nil {
			t.Errorf("a member reads it: %v", err)
		}
		_, _, err := w.App.CreateWorkspace(w.As(reader), roster.WorkspacePatch{Title: ptr("Ours")})
		wantKind(t, "an annotator makes one", err, roster.Forbidden)

		// a manager takes back what happened in their own workspace, and sees nothing of others'
		op, err := w.App.RemoveFromWorkspace(w.As(in), space, roster.Selector{Included: []int64{reader}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.App.Undo(w.As(out), op.Operation)
		wantKind(t, "a stranger's undo", err, roster.NotFound)
		if undo, err := w.App.Undo(w.As(in), op.Operation); err != nil || undo.Changed != 1 {
			t.Errorf("undo: %+v %v", undo, err)
		}
	})
}

func TestDeleteWorkspace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		wantKind(t, "one that is not empty", w.App.DeleteWorkspace(w.As(w.Owner), space), roster.Invalid)
		if err := w.App.DeleteProject(w.As(w.Owner), p); err != nil {
			t.Fatal(err)
		}
		if err := w.App.DeleteWorkspace(w.As(w.Owner), space); err != nil {
			t.Fatal(err)
		}
		_, err := w.App.Workspace(w.As(w.Owner), space)
		wantKind(t, "a deleted one", err, roster.NotFound)
		list, err := w.App.Workspaces(w.As(w.Owner), roster.WorkspaceFilter{}, "")
		if err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		_, err = w.App.CreateProject(w.As(w.Owner), roster.ProjectPatch{WorkspaceID: &space})
		wantKind(t, "a project in a deleted one", err, roster.Invalid)
	})
}
