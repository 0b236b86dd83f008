package app_test

import (
	"fmt"
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

// TestUndoneTagDeletionAndTheHidden: people who were deleted already when a tag was have it
// back for the undo of their own deletion, and not when they came again since.
func TestUndoneTagDeletionAndTheHidden(t *testing.T) {
	for way, want := range map[string]bool{"still deleted": true, "brought back": true, "came again": false,
		"came again and left": false} {
		t.Run(way, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				as := w.As(w.Owner)
				user := w.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: "AN"})
				night := w.Tag("night")
				tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: []int64{user}}, Tags: []int64{night}})
				leave := func() int64 {
					gone, err := w.App.RemoveFromOrganization(as, w.Org, user)
					must(t, err)
					return gone
				}
				gone := leave()
				deleted, err := w.App.DeleteTag(as, w.Org, night)
				must(t, err)
				switch way {
				case "brought back":
					undone(t, w, gone, 1)
				case "came again":
					comeAgain(t, w, "AN")
				case "came again and left":
					comeAgain(t, w, "AN")
					gone = leave()
				}
				undo := undone(t, w, deleted, 0)
				if !want {
					wantResults(t, w, undo, map[int64]roster.Result{user: roster.GoneMeanwhile})
				}
				if way != "brought back" && way != "came again" {
					undone(t, w, gone, 1)
				}
				if got := carried(w)[fmt.Sprint(user, " night")]; got != want {
					t.Errorf("they have the tag: %v", got)
				}
			})
		})
	}
}

// TestUndoneProjectRolesOfWhoLeftSince: nor does an undo touch the role of somebody who was
// taken off a project since and added again, be it the very role that the operation gave;
// whose stay goes on has the one of before.
func TestUndoneProjectRolesOfWhoLeftSince(t *testing.T) {
	for name, c := range map[string]struct {
		between func(w *apptest.World, p, user int64)
		want    roster.Role
		result  roster.Result
	}{
		"taken off and added again": {func(w *apptest.World, p, user int64) {
			unassigned(w, p, user)
			w.Assign(p, user)
			role(w, p, user, "RE")
		}, "RE", roster.ReaddedMeanwhile},
		"deleted and come again": {func(w *apptest.World, p, user int64) {
			_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, user)
			must(w.T, err)
			comeAgain(w.T.(*testing.T), w, "AN")
			w.Assign(p, user)
			role(w, p, user, "RE")
		}, "RE", roster.ReaddedMeanwhile},
		"taken off": {func(w *apptest.World, p, user int64) { unassigned(w, p, user) }, "", roster.ChangedMeanwhile},
		"added again, and that taken back": {func(w *apptest.World, p, user int64) {
			unassigned(w, p, user)
			again := w.Assign(p, user)
			_, err := w.App.Undo(w.As(w.Owner), again)
			must(w.T, err)
		}, "", roster.ChangedMeanwhile},
		"taken off and put back": {func(w *apptest.World, p, user int64) {
			done, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{user}}, "")
			must(w.T, err)
			_, err = w.App.Undo(w.As(w.Owner), done.Operation)
			must(w.T, err)
		}, "AN", roster.RoleSet},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				user, p := w.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: "AN"}), w.Project("Street signs", 0)
				w.Assign(p, user)
				role(w, p, user, "AN")
				_, op, err := w.App.SetProjectRole(w.As(w.Owner), p, user, "RE")
				must(t, err)
				c.between(w, p, user)
				undo, err := w.App.Undo(w.As(w.Owner), op)
				must(t, err)
				wantResults(t, w, undo.ID, map[int64]roster.Result{user: c.result})
				want := map[int64]roster.Role{user: c.want}
				if c.want == "" {
					want = map[int64]roster.Role{}
				}
				wantRoles(t, w, p, want)
			})
		})
	}
}

// TestUndoneRoleBesideAnEarlierStay: an undo of a removal goes on with the stay from before
// the one in which an operation gave a role, and that role is not the other's.
func TestUndoneRoleBesideAnEarlierStay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		user, p := w.Person("AN"), w.Project("Street signs", 0)
		w.Assign(p, user)
		role(w, p, user, "RE")
		removal := unassigned(w, p, user)
		again := w.Assign(p, user)
		_, given, err := w.App.SetProjectRole(w.As(w.Owner), p, user, "RE")
		must(t, err)
		for _, op := range []int64{again, removal} {
			undone(t, w, op, 1)
		}
		wantResults(t, w, undone(t, w, given, 0), map[int64]roster.Result{user: roster.ReaddedMeanwhile})
		wantRoles(t, w, p, map[int64]roster.Role{user: "RE"})
	})
}

// comeAgain invites Ana, who accepts.
func comeAgain(t *testing.T, w *apptest.World, role roster.Role) {
	t.Helper()
	_, err := join(w, invited(w, w.Owner, roster.Invite{Emails: []string{"ana@example.com"}, Role: role}))
	must(t, err)
}
