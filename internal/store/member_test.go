package store_test

import (
	"slices"
	"testing"

	"roster"
)

// TestBeginningIsCountedOnce: whoever is a member already, may not be one, or belongs to
// another organization begins nothing, and is told.
func TestBeginningIsCountedOnce(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two, gone := o.annotators[0], o.annotators[1], o.annotators[2]
		h.ok(h.db.SetMemberships(ctx, roster.OrganizationMembership{OrganizationID: o.id, Role: roster.RoleDeactivated,
			UserType: roster.SeatStandard}, []int64{gone}))
		h.assign(o, p, one)
		stranger := h.umbrella.annotators[0]

		skipped, err := h.db.Skipped(ctx, p, named(one, two, gone, stranger, 999_999))
		h.ok(err)
		why := map[int64]roster.Result{}
		for _, s := range skipped {
			why[s.UserID] = s.Result
		}
		if len(why) != 3 || why[gone] != "deactivated" || why[stranger] != "unknown" || why[999_999] != "unknown" {
			h.Errorf("skipped: %v", why)
		}
		if !slices.IsSortedFunc(skipped, func(a, b roster.Outcome) int { return int(a.UserID - b.UserID) }) {
			h.Errorf("skipped is not ascending: %v", skipped)
		}
		op := h.operation(o, roster.OpAssign, p.ID, 0)
		n, err := h.db.BeginMemberships(ctx, p, named(one, two, gone, stranger, 999_999), op)
		if h.ok(err); n != 1 {
			h.Errorf("%d began, of whom one could", n)
		}
		if s, err := h.db.Standing(ctx, p.ID, stranger); err != nil || s.Explicit || s.Role != "" {
			h.Errorf("another organization's: %+v %v", s, err)
		}
	})
}

// TestEndingIsWhatIsCounted: CountSelected says beforehand what EndMemberships ends, for
// every kind of selector, and what is ended stays ended.
func TestEndingIsWhatIsCounted(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		for name, s := range map[string]roster.Selector{
			"named":             named(o.annotators[0], o.annotators[3]),
			"named, not a one":  named(h.umbrella.annotators[0]),
			"nobody":            named(),
			"named and left":    {Included: o.annotators[:2], Excluded: o.annotators[:1]},
			"everybody":         {All: true},
			"everybody but one": {All: true, Excluded: o.annotators[:1]},
			"by role":           {All: true, Filter: roster.MemberFilter{Roles: []roster.Role{roster.RoleManager}}},
			"by search":         {All: true, Filter: roster.MemberFilter{Search: "annotator1"}},
		} {
			h.assign(o, p, append([]int64{o.manager}, o.annotators[:3]...)...)
			want, err := h.db.CountSelected(ctx, p, s)
			h.ok(err)
			op := h.operation(o, roster.OpUnassign, p.ID, 0)
			ended, dormant, err := h.db.EndMemberships(ctx, p, s, op)
			h.ok(err)
			expected := map[string]int{"named": 1, "named and left": 1, "everybody": 4, "everybody but one": 3,
				"by role": 1, "by search": 1}[name]
			if ended != want || ended != expected || dormant != 0 {
				h.Errorf("%s: %d of %d ended, %d dormant; %d expected", name, ended, want, dormant, expected)
			}
			if again, _, err := h.db.EndMemberships(ctx, p, s, h.operation(o, roster.OpUnassign, p.ID, 0)); err != nil ||
				again != 0 {
				h.Errorf("%s: %d ended twice: %v", name, again, err)
			}
		}
	})
}

// TestAnotherProjectIsLeftAlone: what ends in one project ends in no other, and in no other
// organization that has the same people.
func TestAnotherProjectIsLeftAlone(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		both := o.annotators[0]
		h.joins(h.umbrella.id, roster.RoleAnnotator, both)
		for _, p := range o.projects {
			h.assign(o, p, both)
		}
		h.assign(h.umbrella, h.umbrella.projects[0], both)
		_, _, err := h.db.EndMemberships(ctx, o.projects[0], roster.Selector{All: true},
			h.operation(o, roster.OpUnassign, o.projects[0].ID, 0))
		h.ok(err)
		standings, err := h.db.Standings(ctx, []int64{o.projects[0].ID, o.projects[1].ID, h.umbrella.projects[0].ID,
			999_999}, both)
		h.ok(err)
		if len(standings) != 3 || standings[o.projects[0].ID].Explicit || !standings[o.projects[1].ID].Explicit ||
			!standings[h.umbrella.projects[0].ID].Explicit {
			h.Errorf("%+v", standings)
		}
	})
}

// TestStandingIsEveryPath: a row, the workspace, having made it and a pause are each told
// of one person and no other, and a project that is not there is not found.
func TestStandingIsEveryPath(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[1], t.Context()
		one, two := o.annotators[0], o.annotators[1]
		h.assign(o, p, one)
		_, err := h.db.BeginWorkspaceMembers(ctx, o.workspace, named(two),
			h.operation(o, roster.OpWorkspaceAssign, 0, o.workspace.ID))
		h.ok(err)
		_, err = h.db.CreatePause(ctx, roster.Pause{ProjectID: p.ID, UserID: two, Reason: roster.PauseManual,
			PausedBy: roster.User{ID: o.owner}}, now)
		h.ok(err)
		want := map[int64]roster.Standing{
			one:             {Explicit: true, Role: roster.RoleAnnotator},
			two:             {InWorkspace: true, Paused: true, Role: roster.RoleAnnotator},
			o.owner:         {Creator: true, Role: roster.RoleOwner},
			o.annotators[3]: {Role: roster.RoleAnnotator},
		}
		for user, w := range want {
			w.ProjectID, w.OrganizationID, w.WorkspaceID, w.UserID = p.ID, o.id, o.workspace.ID, user
			if got, err := h.db.Standing(ctx, p.ID, user); err != nil || got != w {
				h.Errorf("%+v %v, not %+v", got, err, w)
			}
		}
		_, err = h.db.Standing(ctx, 999_999, one)
		h.is(roster.NotFound, "no project", err)
		h.ok(h.db.DeleteProject(ctx, p.ID, now))
		_, err = h.db.Standing(ctx, p.ID, one)
		h.is(roster.NotFound, "a deleted project", err)
	})
}

// TestReachIsByTitleAndSight: every project of a person, by title, and of those only what
// the viewer may see.
func TestReachIsByTitleAndSight(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		one, two := o.annotators[0], o.annotators[1]
		h.assign(o, o.projects[1], one)
		h.assign(o, o.projects[0], one)
		h.assign(o, o.projects[0], two)
		titles := func(viewer roster.Actor) (out []string) {
			list, err := h.db.Reach(ctx, viewer, one)
			h.ok(err)
			for _, r := range list {
				out = append(out, r.Project.Title)
			}
			return out
		}
		if got := titles(o.who(o.owner, roster.RoleOwner)); !slices.Equal(got, []string{"acme 0", "acme 1"}) {
			h.Errorf("the Owner sees %v", got)
		}
		if got := titles(o.who(two, roster.RoleAnnotator)); !slices.Equal(got, []string{"acme 0"}) {
			h.Errorf("who shares one sees %v", got)
		}
		if got := titles(h.umbrella.who(h.umbrella.owner, roster.RoleOwner)); len(got) != 0 {
			h.Errorf("another organization sees %v", got)
		}
	})
}

// TestWorkspaceMembersComeAndGo: who is in a workspace, its pages, and what leaving counts.
func TestWorkspaceMembersComeAndGo(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, w, ctx := h.acme, h.acme.workspace, t.Context()
		op := h.operation(o, roster.OpWorkspaceAssign, 0, w.ID)
		n, err := h.db.BeginWorkspaceMembers(ctx, w, named(append(slices.Clone(o.annotators), h.umbrella.owner)...), op)
		if h.ok(err); n != len(o.annotators) {
			h.Errorf("%d came in, of %d", n, len(o.annotators))
		}
		var seen []int64
		for page := 1; page <= 3; page++ {
			members, total, err := h.db.WorkspaceMembers(ctx, w, roster.MemberFilter{},
				roster.Page{Number: page, Size: 3, Order: "id"})
			if h.ok(err); total != len(o.annotators) || page == 3 && len(members) != 0 {
				h.Errorf("page %d: %d of %d", page, len(members), total)
			}
			for _, m := range members {
				seen = append(seen, m.User.ID)
			}
		}
		if !slices.Equal(seen, o.annotators) {
			h.Errorf("pages hold %v", seen)
		}
		ended, _, err := h.db.EndWorkspaceMembers(ctx, w, roster.Selector{All: true, Excluded: o.annotators[:1]},
			h.operation(o, roster.OpWorkspaceUnassign, 0, w.ID))
		if h.ok(err); ended != len(o.annotators)-1 {
			h.Errorf("%d left", ended)
		}
	})
}
