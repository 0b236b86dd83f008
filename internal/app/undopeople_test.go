package app_test

import (
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// wantMembership looks at somebody's place in the organization.
func wantMembership(t *testing.T, w *apptest.World, user int64, role roster.Role, seat roster.UserType, deleted bool) {
	t.Helper()
	m, err := w.DB.Membership(t.Context(), w.Org, user)
	if err != nil || m.Role != role || m.UserType != seat || m.Deleted() != deleted {
		t.Errorf("person %d: %s on %s, deleted %v: %v; want %s on %s, deleted %v", user, m.Role, m.UserType,
			m.Deleted(), err, role, seat, deleted)
	}
}

// TestUndoChangedPeople gives everybody the role and the seat from before, but
// for whom somebody changed since.
func TestUndoChangedPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		an, re, ma, changed, gone := w.Person("AN"), w.Person("RE"), w.Person("MA"), w.Person("AN"), w.Person("AN")
		viewer := w.PersonNamed(roster.NewUser{Email: "viewer@example.com", Role: "VO", UserType: roster.SeatViewOnly})
		joined(w, space, an)
		ids := []int64{an, re, ma, changed, gone, viewer}
		done, err := w.App.ChangePeople(w.As(w.Owner), roster.Selector{Included: ids}, roster.MembershipChange{
			Role: "AN"}, "")
		if err != nil || done.Count != 3 {
			t.Fatalf("%+v %v", done, err)
		}
		wantMembership(t, w, viewer, "AN", roster.SeatStandard, false)
		undone(t, w, done.Operation, 3)
		wantMembership(t, w, viewer, "VO", roster.SeatViewOnly, false)

		done, err = w.App.ChangePeople(w.As(w.Owner), roster.Selector{Included: ids}, roster.MembershipChange{Role: "DI"}, "")
		if err != nil || done.Count != 6 {
			t.Fatalf("%+v %v", done, err)
		}
		_, _, err = w.App.ChangeMembership(w.As(w.Owner), w.Org, changed, roster.MembershipChange{Role: "RE"})
		must(t, err)
		_, err = w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		undo := undone(t, w, done.Operation, 4)
		wantResults(t, w, undo, map[int64]roster.Result{an: roster.RoleSet, re: roster.RoleSet, ma: roster.RoleSet,
			viewer:  roster.RoleSet,
			changed: roster.ChangedMeanwhile, gone: roster.GoneMeanwhile})
		wantMembership(t, w, an, "AN", roster.SeatStandard, false)
		wantMembership(t, w, re, "RE", roster.SeatStandard, false)
		wantMembership(t, w, ma, "MA", roster.SeatStandard, false)
		wantMembership(t, w, changed, "RE", roster.SeatStandard, false)
		wantMembership(t, w, gone, "DI", roster.SeatStandard, true)
		if _, err := w.App.Undo(w.As(w.Owner), done.Operation); roster.KindOf(err) != roster.Invalid {
			t.Errorf("twice: %v", err)
		}
	})
}

// TestUndoDemotion brings back what somebody held in projects by their role
// alone, but for the tasks that others have now.
func TestUndoDemotion(t *testing.T) {
	for name, end := range map[string]func(w *apptest.World, ad int64) (int64, error){
		"demoted": func(w *apptest.World, ad int64) (int64, error) {
			_, op, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, ad, roster.MembershipChange{Role: "AN"})
			return op, err
		},
		"deleted": func(w *apptest.World, ad int64) (int64, error) {
			return w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, ad)
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				as := w.As(w.Owner)
				p, other := w.Project("Street signs", 0), w.Project("Receipts", 0)
				ad, an := w.Person("AD"), w.Person("AN")
				w.Assign(p, an)
				tasks := madeTasks(w, p, 2)
				kept, taken := tasks[0], tasks[1]
				give(w, p, ad, kept, taken)
				give(w, other, ad, madeTasks(w, other, 1)...)
				op, err := end(w, ad)
				must(t, err)
				wantOpen(t, w, kept)
				give(w, p, an, taken)
				undo, err := w.App.Undo(as, op)
				must(t, err)
				wantMembership(t, w, ad, "AD", roster.SeatStandard, false)
				wantOpen(t, w, kept, ad)
				wantOpen(t, w, taken, an)
				_, counts, err := w.App.Operation(as, undo.ID)
				if err != nil || counts[roster.AssignmentTaken] != 1 {
					t.Errorf("%v %v", counts, err)
				}
			})
		})
	}
}

// TestUndoRemoval brings deleted people back with everything they had, and
// leaves those alone who came back by themselves or were deleted again.
func TestUndoRemoval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		p := w.Project("Street signs", 0)
		an, again, back := w.Person("AN"), w.Person("RE"), w.Person("MA")
		w.Assign(p, an)
		token, err := w.App.ResetToken(w.As(an), an)
		must(t, err)
		done, err := w.App.RemovePeople(as, roster.Selector{Included: []int64{an, again, back}}, "")
		if err != nil || done.Count != 3 {
			t.Fatalf("%+v %v", done, err)
		}
		if _, err := w.App.Authenticate(t.Context(), token); err == nil {
			t.Fatal("the token of somebody who was deleted is taken")
		}
		for _, id := range []int64{again, back} {
			must(t, db.RestorePeople(t.Context(), w.Org, []int64{id}))
		}
		w.Clock = w.Clock.Add(time.Hour)
		_, err = w.App.RemoveFromOrganization(as, w.Org, again)
		must(t, err)
		view, err := w.App.PersonView(as, an)
		if err != nil || view.Removal.ID != done.Operation || !view.UndoUntil.After(w.Clock) {
			t.Errorf("undone by %d until %s: %v", view.Removal.ID, view.UndoUntil, err)
		}
		clock := w.Clock
		w.Clock = view.UndoUntil.Add(time.Second)
		if view, err = w.App.PersonView(as, an); err != nil || view.Removal.ID != 0 {
			t.Errorf("offered when it is late: %d %v", view.Removal.ID, err)
		}
		w.Clock = clock
		undo := undone(t, w, done.Operation, 1)
		if view, err = w.App.PersonView(as, again); err != nil || view.Removal.ID <= done.Operation {
			t.Errorf("the removal that stands: %d %v", view.Removal.ID, err)
		}
		wantResults(t, w, undo, map[int64]roster.Result{an: roster.Restored, again: roster.ChangedMeanwhile,
			back: roster.ReaddedMeanwhile})
		wantMembership(t, w, an, "AN", roster.SeatStandard, false)
		wantMembership(t, w, again, "RE", roster.SeatStandard, true)
		if _, err := w.App.Authenticate(t.Context(), token); err != nil {
			t.Errorf("the token from before: %v", err)
		}
		if got := w.Explicit(p); !slices.Equal(got, []int64{an}) {
			t.Errorf("members of the project: %v", got)
		}
	})
}

// TestUndoPeopleOfOthers holds an undo to the limits of who asks for it.
func TestUndoPeopleOfOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ad, other, ma := w.Person("AD"), w.Person("AD"), w.Person("MA")
		_, op, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, other, roster.MembershipChange{Role: "AN"})
		must(t, err)
		if _, err := w.App.Undo(w.As(ad), op); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("an Administrator makes another: %v", err)
		}
		wantMembership(t, w, other, "AN", roster.SeatStandard, false)
		view, err := w.App.OperationView(w.As(ad), op, roster.OutcomeFilter{}, roster.Page{Number: 1, Size: 1})
		if err != nil || view.MayUndo {
			t.Errorf("offered to an Administrator: %v %v", view.MayUndo, err)
		}
		if _, err := w.App.Undo(w.As(ma), op); roster.KindOf(err) != roster.NotFound {
			t.Errorf("a Manager: %v", err)
		}
		undone(t, w, op, 1)
		wantMembership(t, w, other, "AD", roster.SeatStandard, false)
	})
}

// TestUndoImport takes people off the projects that a file named and gives them
// their former role and seat, but for whom somebody changed since. Who was made
// by it stays, so that a corrected file finds them.
func TestUndoImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		shops, signs := w.Project("Shops", 0), w.Project("Signs", 0)
		was := w.PersonNamed(roster.NewUser{Email: "was@example.com", Role: "RE"})
		viewer := w.PersonNamed(roster.NewUser{Email: "viewer@example.com", Role: "VO", UserType: roster.SeatViewOnly})
		changed := w.PersonNamed(roster.NewUser{Email: "changed@example.com", Role: "AN"})
		member := w.PersonNamed(roster.NewUser{Email: "member@example.com", Role: "AN"})
		w.Assign(shops, member)
		const file = "email,first_name,role,user_type,projects\nnew@example.com,New,AN,,Shops;Signs\nwas@example.com,,AN,,Signs\n" +
			"viewer@example.com,,AN,standard,Shops\nchanged@example.com,,RE,,Shops\nmember@example.com,Mem,,,Shops\n"
		done, err := importFile(w, file, provision.ImportOptions{})
		must(t, err)
		_, _, err = w.App.ChangeMembership(as, w.Org, changed, roster.MembershipChange{Role: "MA"})
		must(t, err)
		undo, err := w.App.Undo(as, done.Operation)
		if err != nil || undo.Changed != 4 {
			t.Fatalf("%+v %v", undo, err)
		}
		if got := w.Explicit(shops); !slices.Equal(got, []int64{member}) {
			t.Errorf("members of shops: %v", got)
		}
		if got := w.Explicit(signs); len(got) != 0 {
			t.Errorf("members of signs: %v", got)
		}
		wantMembership(t, w, was, "RE", roster.SeatStandard, false)
		wantMembership(t, w, viewer, "VO", roster.SeatViewOnly, false)
		wantMembership(t, w, changed, "MA", roster.SeatStandard, false)
		_, counts, err := w.App.Operation(as, undo.ID)
		if err != nil || counts[roster.Removed] != 5 || counts[roster.RoleSet] != 2 || counts[roster.ChangedMeanwhile] != 1 {
			t.Errorf("%v %v", counts, err)
		}
		again, err := importFile(w, file, provision.ImportOptions{})
		if err != nil || again.Created != 0 || again.Assigned != 5 {
			t.Errorf("the corrected file: %+v %v", again, err)
		}
	})
}
