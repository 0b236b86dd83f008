package store_test

import (
	"testing"

	"roster"
)

// TestDormantGoWithEverybody: the memberships of the deactivated end besides where
// everybody is meant, and not where people, roles or abilities are asked for that they are
// none of.
func TestDormantGoWithEverybody(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		idle, other := o.annotators[0], o.annotators[1]
		tag, err := h.db.CreateTag(ctx, o.id, o.owner, "night", now)
		h.ok(err)
		h.ok(h.db.LoadMemberTags(ctx, tag, []int64{idle}))
		h.role(o, roster.RoleDeactivated, idle)
		for _, c := range []struct {
			what           string
			s              roster.Selector
			ended, dormant int
		}{
			{"everybody", roster.Selector{All: true}, 1, 1},
			{"everybody but them", roster.Selector{All: true, Excluded: []int64{idle}}, 1, 0},
			{"those with their tag", roster.Selector{All: true, Filter: roster.MemberFilter{Tags: []int64{tag}}}, 0, 1},
			{"found by their name", roster.Selector{All: true, Filter: roster.MemberFilter{Search: "annotator0"}}, 0, 1},
			{"another name", roster.Selector{All: true, Filter: roster.MemberFilter{Search: "annotator1"}}, 1, 0},
			{"explicit ones", roster.Selector{All: true, Filter: roster.MemberFilter{Access: roster.ExplicitAccess}}, 1, 1},
			{"implicit ones", roster.Selector{All: true, Filter: roster.MemberFilter{Access: roster.ImplicitAccess}}, 0, 0},
			{"annotators", roster.Selector{All: true, Filter: roster.MemberFilter{
				Roles: []roster.Role{roster.RoleAnnotator}}}, 1, 0},
			{"the able", roster.Selector{All: true, Filter: roster.MemberFilter{Ability: roster.Able}}, 1, 0},
			{"the deactivated", roster.Selector{All: true, Filter: roster.MemberFilter{Ability: roster.Deactivated}}, 1, 0},
			{"their role", roster.Selector{All: true, Filter: roster.MemberFilter{
				Roles: []roster.Role{roster.RoleDeactivated}}}, 1, 0},
			{"they are named", named(idle), 1, 0},
		} {
			h.role(o, roster.RoleAnnotator, idle)
			h.assign(o, p, idle, other)
			h.role(o, roster.RoleDeactivated, idle)
			op := h.operation(o, roster.OpUnassign, p.ID, 0)
			ended, dormant, err := h.db.EndMemberships(ctx, p, c.s, op)
			if h.ok(err); ended != c.ended || dormant != c.dormant {
				h.Errorf("%s: %d ended and %d dormant", c.what, ended, dormant)
			}
			h.ok(h.db.FinishOperation(ctx, op, ended))
			if read := h.read(op); read.Dormant != c.dormant || read.Changed != c.ended {
				h.Errorf("%s: %+v", c.what, read)
			}
		}
		h.whole()
	})
}

// TestDormantComeBackAsTheyAre: an undo brings back who still waits, and says so; who can
// act again is counted like anybody.
func TestDormantComeBackAsTheyAre(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p := h.acme, h.acme.projects[0]
		waits, acts := o.annotators[0], o.annotators[1]
		h.assign(o, p, waits, acts)
		h.role(o, roster.RoleDeactivated, waits, acts)
		op := h.operation(o, roster.OpUnassign, p.ID, 0)
		_, _, err := h.db.EndMemberships(t.Context(), p, roster.Selector{All: true}, op)
		h.ok(err)
		h.role(o, roster.RoleAnnotator, acts)
		n, undo := h.restore(o, p, op)
		if read := h.read(undo); n != 1 || read.Dormant != 1 {
			h.Errorf("%d came back: %+v", n, read)
		}
		h.told(undo, map[int64]roster.Result{waits: roster.RestoredDormant, acts: roster.Restored})
	})
}

// TestWhatAwaitsSomebody: a membership of the project or of its workspace awaits who is
// deactivated, as far as the viewer sees the project; and the record says where they are
// back when they can act again.
func TestWhatAwaitsSomebody(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		both, inside, acts := o.annotators[0], o.annotators[1], o.annotators[2]
		h.enter(o, inside, both)
		h.assign(o, o.projects[0], both, acts, o.manager)
		h.assign(o, o.projects[1], both)
		h.role(o, roster.RoleDeactivated, both, inside)
		awaited := func(viewer roster.Actor) map[int64]int {
			list, err := h.db.Awaiting(ctx, viewer, []int64{both, inside, acts})
			h.ok(err)
			out := map[int64]int{}
			for _, a := range list {
				out[a.Project.ID] = a.People
			}
			return out
		}
		if got := awaited(o.who(o.owner, roster.RoleOwner)); len(got) != 2 || got[o.projects[0].ID] != 1 ||
			got[o.projects[1].ID] != 2 {
			h.Errorf("the Owner is told %v", got)
		}
		if got := awaited(o.who(o.manager, roster.RoleManager)); len(got) != 1 || got[o.projects[0].ID] != 1 {
			h.Errorf("a Manager is told %v", got)
		}
		if got := awaited(h.umbrella.who(h.umbrella.owner, roster.RoleOwner)); len(got) != 0 {
			h.Errorf("another organization is told %v", got)
		}
		op := h.role(o, roster.RoleReviewer, both)
		h.ok(h.db.RecordReturned(ctx, o.id, op))
		list, err := h.db.Outcomes(ctx, h.read(op), roster.OutcomeFilter{Results: []roster.Result{roster.Returned}},
			roster.Everything)
		h.ok(err)
		var back []int64
		for _, r := range list {
			back = append(back, r.ProjectID)
			if r.UserID != both {
				h.Errorf("%+v", r)
			}
		}
		same(h, "back in", back, o.projects[0].ID, o.projects[1].ID)
	})
}
