package store_test

import (
	"testing"

	"roster"
	"roster/internal/store"
)

// restore takes back a removal from a project.
func (h *house) restore(o organization, p roster.Project, undone int64) (n int, undo int64) {
	h.Helper()
	undo, op := h.undoing(o, undone)
	h.ok(h.db.Update(h.Context(), func(tx *store.DB) (err error) {
		n, err = tx.RestoreMemberships(h.Context(), p, op, undo)
		return err
	}))
	h.ok(h.db.FinishOperation(h.Context(), undo, n))
	return n, undo
}

// TestAnUndoSaysWhomItLeavesAlone: who was added since, added and taken off again, or
// deleted, is left as they are, and the record says why.
func TestAnUndoSaysWhomItLeavesAlone(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p := h.acme, h.acme.projects[0]
		away, added, again, gone := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.assign(o, p, o.annotators...)
		op := h.unassign(o, p, o.annotators...)
		h.assign(o, p, added, again)
		h.unassign(o, p, again)
		h.leave(o, gone)
		n, undo := h.restore(o, p, op)
		if n != 1 {
			h.Errorf("%d came back", n)
		}
		h.told(undo, map[int64]roster.Result{away: roster.Restored, added: roster.ReaddedMeanwhile,
			again: roster.ReaddedMeanwhile, gone: roster.GoneMeanwhile})
		same(h, "members", h.members(p), away, added)
		h.whole()
	})
}

// TestWhoLeftSinceGetsNothingBack: deleting somebody ended everything, so undoing what came
// before gives nothing back, also when they came again; undoing the deletion first does.
func TestWhoLeftSinceGetsNothingBack(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		came, back := o.annotators[0], o.annotators[1]
		h.assign(o, p, came, back)
		op := h.unassign(o, p, came, back)
		first := h.leave(o, came, back)
		m, err := h.db.Membership(ctx, o.id, came)
		h.ok(err)
		h.ok(h.db.RestoreMembership(ctx, m)) // by an invitation
		undo, _ := h.undoing(o, first)
		h.ok(h.db.RestorePeople(ctx, o.id, []int64{back}))
		h.ok(h.db.RecordSame(ctx, undo, []int64{back}, roster.Outcome{Result: roster.Restored}))
		unassign, err := h.db.Operation(ctx, op)
		h.ok(err)
		left, err := h.db.LeftSince(ctx, unassign)
		h.ok(err)
		same(h, "left since", left, came)
		n, undo := h.restore(o, p, op)
		if n != 1 {
			h.Errorf("%d came back", n)
		}
		h.told(undo, map[int64]roster.Result{came: roster.GoneMeanwhile, back: roster.Restored})
	})
}

// TestAnUndoTakesNoTaskFromWhoHasIt: a task that went to somebody else meanwhile stays
// theirs; one that they lost again comes back.
func TestAnUndoTakesNoTaskFromWhoHasIt(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p := h.acme, h.acme.projects[0]
		one, two, three := o.annotators[0], o.annotators[1], o.annotators[2]
		h.assign(o, p, one, two, three)
		lost, kept, free := h.task(p, one), h.task(p, one), h.task(p, one)
		op := h.unassign(o, p, one)
		h.give(p, lost, two)
		h.give(p, kept, three)
		h.unassign(o, p, three)
		_, undo := h.restore(o, p, op)
		same(h, "whose the first task is", h.doing(lost), two)
		same(h, "whose the second is", h.doing(kept), one)
		same(h, "whose the third is", h.doing(free), one)
		counts, err := h.db.OutcomeCounts(t.Context(), h.read(undo), nil)
		if h.ok(err); counts[roster.AssignmentTaken] != 1 || counts[roster.Restored] != 1 {
			h.Errorf("told: %v", counts)
		}
	})
}

// TestAnAssignIsTakenBackWhereItStands: of whom it made members those go who are in that
// stay, also where an undo went on with it; what they have another way goes on.
func TestAnAssignIsTakenBackWhereItStands(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[1], t.Context()
		stays, again, returned, inside := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.enter(o, inside)
		op := h.assign(o, p, o.annotators...)
		task := h.task(p, inside)
		h.unassign(o, p, again)
		h.assign(o, p, again)
		h.restore(o, p, h.unassign(o, p, returned))
		undo, _ := h.undoing(o, op)
		n, err := h.db.EndBegun(ctx, p, op, undo)
		if h.ok(err); n != 3 {
			h.Errorf("%d ended", n)
		}
		same(h, "members", h.members(p), again)
		same(h, "whose task", h.doing(task), inside)
		h.told(undo, map[int64]roster.Result{stays: roster.Removed, again: roster.ChangedMeanwhile,
			returned: roster.Removed, inside: roster.Removed})
		ended, err := h.db.Ended(ctx, p, undo)
		if h.ok(err); ended != (roster.Ended{KeepByWorkspace: 1}) {
			h.Errorf("%+v", ended)
		}
	})
}

// TestRolesGoBackWhereNobodyChangedThem: a project role is taken back within the same stay
// and while it is as it was given.
func TestRolesGoBackWhereNobodyChangedThem(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		raised, cleared, changed, again := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.assign(o, p, o.annotators...)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{cleared}, roster.RoleReviewer, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, p.ID, 0)))
		op := h.operation(o, roster.OpProjectRole, p.ID, 0)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{raised, changed, again}, roster.RoleReviewer, roster.SourceManual, op))
		had, err := h.db.MemberRole(ctx, p.ID, cleared)
		h.ok(err)
		h.ok(h.db.ClearProjectRole(ctx, had, op))
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{changed}, roster.RoleAnnotator, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, p.ID, 0)))
		h.unassign(o, p, again)
		later := h.assign(o, p, again)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{again}, roster.RoleReviewer, roster.SourceManual, later))
		undo, _ := h.undoing(o, op)
		n, err := h.db.RevertRoles(ctx, p, op, undo, roster.SourceManual)
		if h.ok(err); n != 2 {
			h.Errorf("%d roles went back", n)
		}
		for user, want := range map[int64]roster.Role{raised: "", cleared: roster.RoleReviewer,
			changed: roster.RoleAnnotator, again: roster.RoleReviewer} {
			if s, err := h.db.Standing(ctx, p.ID, user); err != nil || s.Override != want {
				h.Errorf("%d: %+v %v, not %q", user, s, err, want)
			}
		}
		h.told(undo, map[int64]roster.Result{raised: roster.RoleCleared, cleared: roster.RoleSet,
			changed: roster.ChangedMeanwhile, again: roster.ReaddedMeanwhile})
	})
}

// TestAWorkspaceIsGivenBack: who was taken out of a workspace is in it again with what they
// held in its projects by that, but for those who came, went or left since.
func TestAWorkspaceIsGivenBack(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, w, p, ctx := h.acme, h.acme.workspace, h.acme.projects[1], t.Context()
		away, added, again, gone := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.enter(o, o.annotators...)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{away, added}, roster.RoleReviewer, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, p.ID, 0)))
		out := func(users ...int64) int64 {
			op := h.operation(o, roster.OpWorkspaceUnassign, 0, w.ID)
			_, _, err := h.db.EndWorkspaceMembers(ctx, w, named(users...), op)
			h.ok(err)
			return op
		}
		op := out(o.annotators...)
		if s, err := h.db.Standing(ctx, p.ID, away); err != nil || s.Override != "" || s.InWorkspace {
			h.Errorf("what was held by the workspace goes on: %+v %v", s, err)
		}
		h.enter(o, added, again)
		out(again)
		h.leave(o, gone)
		undo, undone := h.undoing(o, op)
		n, err := h.db.RestoreWorkspaceMembers(ctx, w, undone, undo)
		if h.ok(err); n != 1 {
			h.Errorf("%d came back", n)
		}
		h.told(undo, map[int64]roster.Result{away: roster.Restored, added: roster.ReaddedMeanwhile,
			again: roster.ReaddedMeanwhile, gone: roster.GoneMeanwhile})
		inside, err := h.db.WorkspaceMemberIDs(ctx, w.ID)
		if h.ok(err); len(inside) != 2 || !inside[away] || !inside[added] {
			h.Errorf("in it: %v", inside)
		}
		for user, want := range map[int64]roster.Role{away: roster.RoleReviewer, added: ""} {
			if s, err := h.db.Standing(ctx, p.ID, user); err != nil || s.Override != want {
				h.Errorf("%d has %+v %v", user, s, err)
			}
		}
	})
}

// TestComingIntoAWorkspaceIsTakenBack: who is in it by that very row goes, with what they
// hold in its projects by that alone; who went and came since stays.
func TestComingIntoAWorkspaceIsTakenBack(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, w, p, ctx := h.acme, h.acme.workspace, h.acme.projects[1], t.Context()
		stays, again, own := o.annotators[0], o.annotators[1], o.annotators[2]
		op := h.enter(o, stays, again, own)
		h.assign(o, p, own)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{stays, own}, roster.RoleReviewer, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, p.ID, 0)))
		_, _, err := h.db.EndWorkspaceMembers(ctx, w, named(again), h.operation(o, roster.OpWorkspaceUnassign, 0, w.ID))
		h.ok(err)
		h.enter(o, again)
		undo, _ := h.undoing(o, op)
		n, err := h.db.EndWorkspaceBegun(ctx, w, op, undo)
		if h.ok(err); n != 2 {
			h.Errorf("%d went", n)
		}
		h.told(undo, map[int64]roster.Result{stays: roster.Removed, own: roster.Removed, again: roster.ChangedMeanwhile})
		for user, want := range map[int64]roster.Standing{stays: {}, own: {Explicit: true, Override: roster.RoleReviewer},
			again: {InWorkspace: true}} {
			s, err := h.db.Standing(ctx, p.ID, user)
			if h.ok(err); s.Explicit != want.Explicit || s.Override != want.Override || s.InWorkspace != want.InWorkspace {
				h.Errorf("%d has %+v", user, s)
			}
		}
	})
}

// TestTheLastRemovalIsFound: who deleted somebody last, and whom a later operation deleted
// again, in the organization and nowhere else.
func TestTheLastRemovalIsFound(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		once, twice := o.annotators[0], o.annotators[1]
		h.assign(o, o.projects[0], once, twice)
		h.unassign(o, o.projects[0], once, twice)
		_, err := h.db.Removal(ctx, o.id, once)
		h.is(roster.NotFound, "who was taken off a project only", err)
		first := h.leave(o, once, twice)
		h.ok(h.db.RestorePeople(ctx, o.id, []int64{twice}))
		second := h.leave(o, twice)
		for user, want := range map[int64]int64{once: first, twice: second} {
			if op, err := h.db.Removal(ctx, o.id, user); err != nil || op.ID != want {
				h.Errorf("%d was deleted by %d, not %d: %v", user, op.ID, want, err)
			}
		}
		_, err = h.db.Removal(ctx, h.umbrella.id, once)
		h.is(roster.NotFound, "another organization's", err)
		since, err := h.db.RemovedSince(ctx, h.read(first))
		h.ok(err)
		same(h, "deleted again", since, twice)
		since, err = h.db.RemovedSince(ctx, h.read(second))
		h.ok(err)
		same(h, "deleted again since the last", since)
	})
}
