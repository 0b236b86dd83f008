package app_test

import (
	"testing"

	"roster"
)

// TestLeavingTwice: the undo of a deletion brings back what that one ended. What an earlier one
// ended, after which the person came again, no undo brings back; and that of the earlier one
// brings back nobody who was deleted again.
func TestLeavingTwice(t *testing.T) {
	for name, come := range comings {
		t.Run(name, func(t *testing.T) {
			onProvider(t, func(t *testing.T, p provider) {
				p.T = t
				user, place := settled(p.World, "RE")
				night := p.Tag("night")
				tagging(p.World, roster.TagAssignment{Selector: roster.Selector{Included: []int64{user}}, Tags: []int64{night}})
				paused(p.World, place.own, user)
				leave := func() int64 {
					left, err := p.App.RemoveFromOrganization(p.As(p.Owner), p.Org, user)
					must(t, err)
					return left
				}
				anew := func(what string) {
					t.Helper()
					place.want(t, p.World, user, false)
					if got := taggedAs(p.World, "night"); len(got) > 0 {
						t.Errorf("%s: tags of before: %v", what, got)
					}
					if got := pausesNow(p.World, user); len(got) > 0 {
						t.Errorf("%s: paused in %v", what, got)
					}
				}
				first := leave()
				must(t, come(p, "ana@example.com"))
				m, err := p.DB.Membership(t.Context(), p.Org, user)
				must(t, err)
				again := p.Project("Again", 0)
				if m.Role.Works() {
					p.Assign(again, user)
				}
				second := leave()
				undone(t, p.World, first, 0)
				wantMembership(t, p.World, user, m.Role, m.UserType, true)
				undone(t, p.World, second, 1)
				wantMembership(t, p.World, user, m.Role, m.UserType, false)
				anew("after the second undo")
				if got := p.Explicit(again); m.Role.Works() && len(got) != 1 {
					t.Errorf("what they had since is not back: %v", got)
				}
			})
		})
	}
}

// TestUndoOfLeavingAfterComingAgain leaves who came again as they are.
func TestUndoOfLeavingAfterComingAgain(t *testing.T) {
	for name, come := range comings {
		t.Run(name, func(t *testing.T) {
			onProvider(t, func(t *testing.T, p provider) {
				p.T = t
				user, place := settled(p.World, "RE")
				paused(p.World, place.own, user)
				left, err := p.App.RemoveFromOrganization(p.As(p.Owner), p.Org, user)
				must(t, err)
				must(t, come(p, "ana@example.com"))
				m, err := p.DB.Membership(t.Context(), p.Org, user)
				must(t, err)
				undo := undone(t, p.World, left, 0)
				wantResults(t, p.World, undo, map[int64]roster.Result{user: roster.ReaddedMeanwhile})
				wantMembership(t, p.World, user, m.Role, m.UserType, false)
				place.want(t, p.World, user, false)
				if got := pausesNow(p.World, user); len(got) > 0 {
					t.Errorf("paused in %v", got)
				}
			})
		})
	}
}

// TestProvisionedAgainForgetsTheRoleOfBefore: a provider's switching off and on gives back
// the role of this stay.
func TestProvisionedAgainForgetsTheRoleOfBefore(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		p.T = t
		email := "ana@example.com"
		user := p.user(email)
		must(t, became(p.World, user, "MA"))
		activate := func(on bool) {
			t.Helper()
			_, err := p.App.UpdateScimUser(p.ctx, user, roster.ScimUserChange{Active: &on}, nil)
			must(t, err)
		}
		activate(false)
		must(t, p.App.DeleteScimUser(p.ctx, user, nil))
		must(t, comings["provisioned"](p, email))
		m, err := p.DB.Membership(t.Context(), p.Org, user)
		must(t, err)
		activate(false)
		activate(true)
		wantMembership(t, p.World, user, m.Role, m.UserType, false)
	})
}
