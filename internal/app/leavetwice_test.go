package app_test

import (
	"testing"

	"roster"
)

// TestLeavingTwice: the undo of a deletion brings back what that one ended. What an earlier one
// ended, after which the person came again, no undo brings back; and that of the earlier one
// brings back nobody who was deleted again.
func TestLeavingTwice(t *testing.T) {
	eachComing(t, "RE", func(t *testing.T, p comer) {
		p.tagged("night")
		paused(p.World, p.place.own, p.user)
		first := p.leave()
		m := p.come()
		again := p.Project("Again", 0)
		if m.Role.Works() {
			p.Assign(again, p.user)
		}
		second := p.leave()
		undone(t, p.World, first, 0)
		wantMembership(t, p.World, p.user, m.Role, m.UserType, true)
		undone(t, p.World, second, 1)
		wantMembership(t, p.World, p.user, m.Role, m.UserType, false)
		p.place.want(t, p.World, p.user, false)
		if got := taggedAs(p.World, "night"); len(got) > 0 {
			t.Errorf("tags of before: %v", got)
		}
		if got := pausesNow(p.World, p.user); len(got) > 0 {
			t.Errorf("paused in %v", got)
		}
		if got := p.Explicit(again); m.Role.Works() && len(got) != 1 {
			t.Errorf("what they had since is not back: %v", got)
		}
	})
}

// TestUndoOfLeavingAfterComingAgain leaves who came again as they are.
func TestUndoOfLeavingAfterComingAgain(t *testing.T) {
	eachComing(t, "RE", func(t *testing.T, p comer) {
		paused(p.World, p.place.own, p.user)
		left := p.leave()
		m := p.come()
		undo := undone(t, p.World, left, 0)
		wantResults(t, p.World, undo, map[int64]roster.Result{p.user: roster.ReaddedMeanwhile})
		wantMembership(t, p.World, p.user, m.Role, m.UserType, false)
		p.place.want(t, p.World, p.user, false)
		if got := pausesNow(p.World, p.user); len(got) > 0 {
			t.Errorf("paused in %v", got)
		}
	})
}

// TestProvisionedAgainForgetsTheRoleOfBefore: a provider's switching off and on gives back
// the role of this stay.
func TestProvisionedAgainForgetsTheRoleOfBefore(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		p.T = t
		email := "ana@example.com"
		user := p.user(email)
		must(t, became(p.World, user, "MA"))
		p.activate(user, false)
		must(t, p.App.DeleteSCIMUser(p.ctx, user, nil))
		must(t, comings["provisioned"](p, email))
		m, err := p.DB.Membership(t.Context(), p.Org, user)
		must(t, err)
		p.activate(user, false)
		p.activate(user, true)
		wantMembership(t, p.World, user, m.Role, m.UserType, false)
	})
}
