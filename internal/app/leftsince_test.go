package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestUndoGivesNothingBackToWhoLeftSince: whoever was deleted after an operation and came
// again has what that named, also when the operation is taken back; where the deletion is
// taken back, too, they are as they were.
func TestUndoGivesNothingBackToWhoLeftSince(t *testing.T) {
	for _, between := range []string{"nothing", "added again"} {
		t.Run(between, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				as := w.As(w.Owner)
				user, place := settled(w, "AN")
				taken, err := w.App.UnassignMembers(as, place.own, roster.Selector{Included: []int64{user}}, "")
				must(t, err)
				out, err := w.App.RemoveFromWorkspace(as, place.space, roster.Selector{Included: []int64{user}})
				must(t, err)
				if between == "added again" {
					w.Assign(place.own, user)
					joined(w, place.space, user)
				}
				_, err = w.App.RemoveFromOrganization(as, w.Org, user)
				must(t, err)
				comeAgain(t, w, "AN")
				for _, op := range []int64{taken.Operation, out.Operation} {
					wantResults(t, w, undone(t, w, op, 0), map[int64]roster.Result{user: roster.GoneMeanwhile})
				}
				place.want(t, w, user, false)
			})
		})
	}
}

// TestUndoAfterAnUndoneLeaving is the other side: who is back as they were gets back what
// an earlier operation took.
func TestUndoAfterAnUndoneLeaving(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		user, place := settled(w, "AN")
		taken, err := w.App.UnassignMembers(as, place.own, roster.Selector{All: true}, "")
		must(t, err)
		out, err := w.App.RemoveFromWorkspace(as, place.space, roster.Selector{All: true})
		must(t, err)
		gone, err := w.App.RemoveFromOrganization(as, w.Org, user)
		must(t, err)
		for _, op := range []int64{gone, taken.Operation, out.Operation} {
			undone(t, w, op, 1)
		}
		place.want(t, w, user, true)
	})
}

// TestUndoneRolesOfWhoLeftSince: nor do they get back a role in the organization.
func TestUndoneRolesOfWhoLeftSince(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		user := w.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: "AD"})
		_, op, err := w.App.ChangeMembership(as, w.Org, user, roster.MembershipChange{Role: "AN"})
		must(t, err)
		_, err = w.App.RemoveFromOrganization(as, w.Org, user)
		must(t, err)
		comeAgain(t, w, "AN")
		wantResults(t, w, undone(t, w, op, 0), map[int64]roster.Result{user: roster.GoneMeanwhile})
		wantMembership(t, w, user, "AN", roster.SeatStandard, false)
	})
}

// comeAgain invites Ana, who accepts.
func comeAgain(t *testing.T, w *apptest.World, role roster.Role) {
	t.Helper()
	_, err := join(w, invited(w, w.Owner, roster.Invite{Emails: []string{"ana@example.com"}, Role: role}))
	must(t, err)
}
