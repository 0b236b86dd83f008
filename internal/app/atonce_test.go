package app_test

import (
	"context"
	"strings"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// operationsOf is how many operations of a kind there are.
func operationsOf(w *apptest.World, kind roster.OperationKind) int {
	w.T.Helper()
	_, total, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{Kind: kind}, roster.Everything)
	must(w.T, err)
	return total
}

// TestTwoDeletionsOfATag at once: one deletes it; the other finds none, and leaves no
// record.
func TestTwoDeletionsOfATag(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, night := w.As(w.Owner), w.Tag("night")
		one, two := w.Overlapping(
			func(tx *app.App) error { _, err := tx.DeleteTag(as, w.Org, night); return err },
			func() error { _, err := w.App.DeleteTag(as, w.Org, night); return err })
		must(t, one)
		wantKind(t, "the other", two, roster.NotFound)
		if n := operationsOf(w, roster.OpTagDelete); n != 1 {
			t.Errorf("%d deletions are on record", n)
		}
	})
}

// TestTaggingWithATagThatGoes: who puts a tag on people while somebody deletes it is told
// what they are told a moment later.
func TestTaggingWithATagThatGoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, night := w.As(w.Owner), w.Tag("night")
		give := func() error {
			_, err := w.App.AssignTags(as, w.Org, roster.TagAssignment{
				Selector: roster.Selector{Included: []int64{w.Owner}}, Tags: []int64{night},
			})
			return err
		}
		one, two := w.Overlapping(func(tx *app.App) error { _, err := tx.DeleteTag(as, w.Org, night); return err }, give)
		must(t, one)
		if later := give(); roster.KindOf(later) != roster.Invalid || two == nil || two.Error() != later.Error() {
			t.Errorf("at once %v, later %v", two, later)
		}
		if n := operationsOf(w, roster.OpTag); n != 0 {
			t.Errorf("%d are on record", n)
		}
	})
}

// TestImportsOfATagThatGoes: an import that makes the tags it lacks has those it does not
// lack until it is done; nobody deletes one in between, and it puts on every one.
func TestImportsOfATagThatGoes(t *testing.T) {
	for name, run := range map[string]func(w *apptest.World) (int, error){
		"of tags": func(w *apptest.World) (int, error) {
			id, err := w.App.ImportTags(w.As(w.Owner), w.Org, strings.NewReader("email,tags\nowner@example.com,night\n"), "")
			must(w.T, err)
			err = w.App.RunJobs(context.Background())
			return job(w, id).Assigned, err
		},
		"of people": func(w *apptest.World) (int, error) {
			done, err := w.App.Import(w.As(w.Owner), strings.NewReader("email,tags\nowner@example.com,night\n"),
				provision.ImportOptions{})
			return done.Tagged, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apptest.New(t, storetest.Postgres(t))
			night := w.Tag("night")
			beside := storetest.Beside(t, w.DB)
			for _, text := range []string{ // an import waits when it has made its tags
				"CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(7); " +
					"RETURN NULL; END'",
				"CREATE TRIGGER wait AFTER INSERT ON tags FOR EACH STATEMENT EXECUTE FUNCTION wait()",
			} {
				_, err := beside.Exec(text)
				must(t, err)
			}
			hold, err := beside.BeginTx(t.Context(), nil)
			must(t, err)
			_, err = hold.Exec("SELECT pg_advisory_xact_lock(7)")
			must(t, err)
			imported, deleted := make(chan struct{}), make(chan struct{})
			tagged, failed := 0, error(nil)
			go func() { tagged, failed = run(w); close(imported) }()
			storetest.AwaitBlocked(t, w.DB, beside, 1, imported)
			var refused error
			go func() { _, refused = w.App.DeleteTag(w.As(w.Owner), w.Org, night); close(deleted) }()
			storetest.AwaitBlocked(t, w.DB, beside, 2, deleted)
			must(t, hold.Rollback())
			<-imported
			<-deleted
			if failed != nil || refused != nil || tagged != 1 {
				t.Errorf("%d tags were put on: %v; the tag was deleted: %v", tagged, failed, refused)
			}
		})
	}
}

// TestTwoUndos of one operation at once: whatever it was, the second is told what one is
// that comes later.
func TestTwoUndos(t *testing.T) {
	for kind, do := range operationsToUndo {
		t.Run(string(kind), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				as, op := w.As(w.Owner), do(w, w.Person("AN"))
				if got, _, err := w.App.Operation(as, op); err != nil || got.Kind != kind {
					t.Fatalf("%+v %v", got, err)
				}
				undo := func(a *app.App) error { _, err := a.Undo(as, op); return err }
				one, two := w.Overlapping(undo, func() error { return undo(w.App) })
				must(t, one)
				if later := undo(w.App); roster.KindOf(later) != roster.Invalid || two == nil || two.Error() != later.Error() {
					t.Errorf("at once %v, later %v", two, later)
				}
			})
		})
	}
}

// operationsToUndo makes one operation of each kind that can be undone, on somebody.
var operationsToUndo = map[roster.OperationKind]func(w *apptest.World, user int64) int64{
	roster.OpAssign: func(w *apptest.World, user int64) int64 { return w.Assign(w.Project("Signs", 0), user) },
	roster.OpUnassign: func(w *apptest.World, user int64) int64 {
		p := w.Project("Signs", 0)
		w.Assign(p, user)
		done, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{user}}, "")
		must(w.T, err)
		return done.Operation
	},
	roster.OpProjectRole: func(w *apptest.World, user int64) int64 {
		p := w.Project("Signs", 0)
		w.Assign(p, user)
		_, op, err := w.App.SetProjectRole(w.As(w.Owner), p, user, "RE")
		must(w.T, err)
		return op
	},
	roster.OpWorkspaceAssign: func(w *apptest.World, user int64) int64 { return joined(w, w.Workspace("Vision"), user) },
	roster.OpWorkspaceUnassign: func(w *apptest.World, user int64) int64 {
		space := w.Workspace("Vision")
		joined(w, space, user)
		return left(w, space, user)
	},
	roster.OpAdopt: func(w *apptest.World, _ int64) int64 {
		op, err := w.DB.BeginOperation(context.Background(), roster.Operation{
			OrganizationID: w.Org, Kind: roster.OpAdopt, ActorID: w.Owner, At: w.Clock,
		})
		must(w.T, err)
		return op
	},
	roster.OpTag: func(w *apptest.World, user int64) int64 {
		return tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: []int64{user}},
			Tags: []int64{w.Tag("night")}}).Operation
	},
	roster.OpTagImport: func(w *apptest.World, _ int64) int64 {
		id := importing(w, "email,tags\nowner@example.com,night\n", "")
		must(w.T, w.App.RunJobs(context.Background()))
		return job(w, id).Operation
	},
	roster.OpTagDelete: func(w *apptest.World, _ int64) int64 {
		op, err := w.App.DeleteTag(w.As(w.Owner), w.Org, w.Tag("night"))
		must(w.T, err)
		return op
	},
	roster.OpImport: func(w *apptest.World, _ int64) int64 {
		done, err := w.App.Import(w.As(w.Owner), strings.NewReader("email,tags\nowner@example.com,night\n"),
			provision.ImportOptions{})
		must(w.T, err)
		return done.Operation
	},
	roster.OpOrganizationRole: func(w *apptest.World, user int64) int64 {
		done, err := w.App.ChangePeople(w.As(w.Owner), roster.Selector{Included: []int64{user}},
			roster.MembershipChange{Role: "RE"}, "")
		must(w.T, err)
		return done.Operation
	},
	roster.OpRename: func(w *apptest.World, user int64) int64 {
		_, op, err := w.App.Rename(w.As(w.Owner), user, "New", "Name")
		must(w.T, err)
		return op
	},
	roster.OpOrganizationLeave: func(w *apptest.World, user int64) int64 {
		op, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, user)
		must(w.T, err)
		return op
	},
}
