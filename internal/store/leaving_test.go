package store_test

import (
	"testing"
	"time"

	"roster"
)

// TestLeavingEndsEverythingThere: memberships, roles and tasks end with the deletion, in
// that organization and no other, and credentials are good for nothing there.
func TestLeavingEndsEverythingThere(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, other, p, ctx := h.acme, h.umbrella, h.acme.projects[1], t.Context()
		gone, stays := o.annotators[0], o.annotators[1]
		h.joins(other.id, roster.RoleAnnotator, gone)
		h.ok(h.db.SetActiveOrganization(ctx, gone, o.id))
		h.enter(o, gone, stays)
		h.enter(other, gone)
		for _, in := range o.projects {
			h.assign(o, in, gone, stays)
		}
		h.assign(other, other.projects[0], gone)
		before := h.unassign(o, o.projects[0], gone)
		task := h.task(p, gone, stays)
		h.leave(o, gone)
		h.told(before, map[int64]roster.Result{gone: roster.Removed}) // what ended before is as it was
		for _, in := range o.projects {
			same(h, "members of "+in.Title, h.members(in), stays)
		}
		same(h, "members elsewhere", h.members(other.projects[0]), gone)
		same(h, "whose task", h.doing(task), stays)
		for w, want := range map[int64]bool{o.workspace.ID: false, other.workspace.ID: true} {
			if inside, err := h.db.WorkspaceMemberIDs(ctx, w); err != nil || inside[gone] != want {
				h.Errorf("in workspace %d: %v %v", w, inside, err)
			}
		}
		if a, err := h.db.ActorByUser(ctx, gone); err != nil || a.OrganizationID != 0 || a.Role != "" {
			h.Errorf("acts as %+v %v", a, err)
		}
		if m, err := h.db.Membership(ctx, o.id, gone); err != nil || !m.Deleted() || !m.DeletedAt.Equal(now) {
			h.Errorf("%+v %v", m, err)
		}
		for organization, want := range map[int64]bool{o.id: true, other.id: false} {
			if elsewhere, err := h.db.MemberElsewhere(ctx, organization, gone); err != nil || elsewhere != want {
				h.Errorf("elsewhere than %d: %v %v", organization, elsewhere, err)
			}
		}
		h.whole()
	})
}

// TestTheDeletedAreListedWithWhatTheyHad: until a time, a list with the deleted shows them
// with the membership, role and path that ended when they were deleted.
func TestTheDeletedAreListedWithWhatTheyHad(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[1], t.Context()
		direct, inside, before, stays := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.enter(o, inside)
		h.assign(o, p, direct, before, stays)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{direct}, roster.RoleReviewer, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, p.ID, 0)))
		h.unassign(o, p, before)
		h.leave(o, direct, inside, before)
		list := func(f roster.MemberFilter, since time.Time) map[int64]roster.Member {
			members, total, err := h.db.ProjectMembers(ctx, p, f, since, roster.Everything)
			h.ok(err)
			if n, err := h.db.CountProjectMembers(ctx, p, f, since); err != nil || n != total || n != len(members) {
				h.Errorf("%d are counted, %d said, %d listed: %v", n, total, len(members), err)
			}
			out := map[int64]roster.Member{}
			for _, m := range members {
				out[m.User.ID] = m
			}
			return out
		}
		deleted := roster.MemberFilter{WithInactive: true}
		all := list(deleted, now)
		if m := all[direct]; !m.Explicit || m.ProjectRole != roster.RoleReviewer || !m.Membership.Deleted() {
			h.Errorf("who was a member: %+v", m)
		}
		if m := all[inside]; m.Explicit || !m.InWorkspace || !m.Membership.Deleted() {
			h.Errorf("who was in the workspace: %+v", m)
		}
		if _, there := all[before]; there || all[stays].Membership.Deleted() || !all[stays].Explicit {
			h.Errorf("others: %+v", all)
		}
		for what, members := range map[string]map[int64]roster.Member{
			"since later":          list(deleted, now.Add(time.Microsecond)),
			"without the inactive": list(roster.MemberFilter{}, now),
			"of none since":        list(deleted, time.Time{}),
		} {
			if _, there := members[direct]; there || len(members) != 3 { // Owner, Administrator and who stays
				h.Errorf("%s: %v", what, members)
			}
		}
		explicit := list(roster.MemberFilter{WithInactive: true, Access: roster.ExplicitAccess}, now)
		if _, there := explicit[inside]; there || len(explicit) != 2 {
			h.Errorf("explicit ones: %v", explicit)
		}
		for since, want := range map[time.Time][]int64{now: {direct, inside}, now.Add(time.Second): {}} {
			left, err := h.db.LeftAmong(ctx, p, []int64{inside, direct, before, stays, 999_999}, since)
			h.ok(err)
			same(h, "left", left, want...)
		}
	})
}

// TestRevivingGivesAllOfIt: who is brought back by undoing their deletion has their
// memberships, roles and tasks again, in the same stays; and not where they have newer ones.
func TestRevivingGivesAllOfIt(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[1], t.Context()
		direct, inside := o.annotators[0], o.annotators[1]
		h.enter(o, inside)
		h.assign(o, p, direct)
		h.assign(o, o.projects[0], direct, inside)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{direct, inside}, roster.RoleReviewer, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, p.ID, 0)))
		task, taken := h.task(p, direct, inside), h.task(p, direct)
		op := h.leave(o, direct, inside)
		h.assign(o, p, o.annotators[2])
		h.give(p, taken, o.annotators[2])
		undo, _ := h.undoing(o, op)
		h.ok(h.db.RestorePeople(ctx, o.id, []int64{direct, inside}))
		h.ok(h.db.RevivePeople(ctx, o.id, op, undo))
		for user, want := range map[int64]roster.Standing{direct: {Explicit: true}, inside: {InWorkspace: true}} {
			s, err := h.db.Standing(ctx, p.ID, user)
			if h.ok(err); s.Explicit != want.Explicit || s.InWorkspace != want.InWorkspace ||
				s.Override != roster.RoleReviewer || s.Role != roster.RoleAnnotator {
				h.Errorf("%d has %+v", user, s)
			}
			if a, err := h.db.ActorByUser(ctx, user); err != nil || a.OrganizationID != o.id {
				h.Errorf("%d acts as %+v %v", user, a, err)
			}
		}
		same(h, "the other project", h.members(o.projects[0]), direct, inside)
		same(h, "whose task", h.doing(task), direct, inside)
		same(h, "whose the one is that went on", h.doing(taken), o.annotators[2])
		h.whole()
	})
}

// TestHavingMadeItEnds: who is let in again has nothing by having made projects and
// workspaces, but keeps their own sandbox; and the record names the projects.
func TestHavingMadeItEnds(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		make := func(title string, workspace, by int64) int64 {
			id, err := h.db.CreateProject(ctx, roster.Project{OrganizationID: o.id, Title: title, WorkspaceID: workspace,
				CreatedBy: roster.User{ID: by}}, now)
			h.ok(err)
			return id
		}
		space := func(title string, personal bool) int64 {
			id, err := h.db.CreateWorkspace(ctx, roster.Workspace{OrganizationID: o.id, Title: title, CreatedBy: o.manager,
				Personal: personal}, now)
			h.ok(err)
			return id
		}
		sandbox, shared := space("own", true), space("shared", false)
		kept, ended, inShared, others := make("kept", sandbox, o.manager), make("ended", 0, o.manager),
			make("in shared", shared, o.manager), make("others", 0, o.admin)
		op := h.operation(o, roster.OpJoin, 0, 0)
		h.ok(h.db.EndMaking(ctx, h.umbrella.id, o.manager, op, now)) // another organization's
		h.ok(h.db.EndMaking(ctx, o.id, o.manager, op, now.Add(time.Hour)))
		h.ok(h.db.EndMaking(ctx, o.id, o.manager, h.operation(o, roster.OpJoin, 0, 0), now.Add(2*time.Hour)))
		for project, want := range map[int64]bool{kept: true, ended: false, inShared: false} {
			p, err := h.db.Project(ctx, project)
			if h.ok(err); p.MakerUntil.IsZero() != want || !want && !p.MakerUntil.Equal(now.Add(time.Hour)) {
				h.Errorf("%q: %v", p.Title, p.MakerUntil)
			}
			if s, err := h.db.Standing(ctx, project, o.manager); err != nil || s.Creator != want {
				h.Errorf("%q: %+v %v", p.Title, s, err)
			}
		}
		if p, err := h.db.Project(ctx, others); err != nil || !p.MakerUntil.IsZero() {
			h.Errorf("somebody else's: %+v %v", p, err)
		}
		for id, want := range map[int64]bool{sandbox: true, shared: false} {
			if w, err := h.db.Workspace(ctx, id, o.manager); err != nil || w.MakerUntil.IsZero() != want {
				h.Errorf("%q: %+v %v", w.Title, w, err)
			}
		}
		told, err := h.db.OutcomesOf(ctx, o.manager, []int64{op})
		h.ok(err)
		var projects []int64
		for _, r := range told[op] {
			projects = append(projects, r.ProjectID)
			if r.Result != roster.MakerEnded {
				h.Errorf("%+v", r)
			}
		}
		same(h, "told", projects, sorted(ended, inShared)...)
	})
}
