package app_test

import (
	"maps"
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

// TestUndoneTagsOfWhoLeftSince: nor does an undo put a tag on them or take one off, be it of
// a tagging or of a tag's deletion; whoever was brought back as they were is changed.
func TestUndoneTagsOfWhoLeftSince(t *testing.T) {
	for _, way := range []string{"came again", "brought back"} {
		t.Run(way, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				as := w.As(w.Owner)
				user := w.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: "AN"})
				on, off, ended := w.Tag("on"), w.Tag("off"), w.Tag("ended")
				people := roster.Selector{Included: []int64{user}}
				tagging(w, roster.TagAssignment{Selector: people, Tags: []int64{off, ended}})
				ops := []int64{
					tagging(w, roster.TagAssignment{Selector: people, Tags: []int64{on}}).Operation,
					tagging(w, roster.TagAssignment{Selector: people, Off: []int64{off}}).Operation,
				}
				deleted, err := w.App.DeleteTag(as, w.Org, ended)
				must(t, err)
				gone, err := w.App.RemoveFromOrganization(as, w.Org, user)
				must(t, err)
				if way == "brought back" {
					undone(t, w, gone, 1)
					for i, want := range []roster.Result{roster.Untagged, roster.Tagged, roster.Tagged} {
						wantResults(t, w, undone(t, w, append(ops, deleted)[i], 1), map[int64]roster.Result{user: want})
					}
					return
				}
				comeAgain(t, w, "AN")
				before := carried(w)
				for _, op := range append(ops, deleted) {
					wantResults(t, w, undone(t, w, op, 0), map[int64]roster.Result{user: roster.GoneMeanwhile})
				}
				if after := carried(w); !maps.Equal(before, after) {
					t.Errorf("tags %v, and %v after the undo", before, after)
				}
			})
		})
	}
}

// comeAgain invites Ana, who accepts.
func comeAgain(t *testing.T, w *apptest.World, role roster.Role) {
	t.Helper()
	_, err := join(w, invited(w, w.Owner, roster.Invite{Emails: []string{"ana@example.com"}, Role: role}))
	must(t, err)
}
