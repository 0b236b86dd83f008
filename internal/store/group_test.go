package store_test

import (
	"slices"
	"testing"
	"time"

	"roster"
)

// everyGroup is the groups of an organization by name.
func (h *house) everyGroup(organization int64) map[string]roster.SCIMGroup {
	h.Helper()
	list, err := h.db.SCIMGroups(h.Context(), organization, nil, roster.SCIMPage{Start: 1, Count: 100}, true)
	h.ok(err)
	groups := map[string]roster.SCIMGroup{}
	for _, g := range list {
		groups[g.Name] = g
	}
	return groups
}

// TestGroupsAreOneOrganizations: a name is one group in each organization, and who is in it
// is there once.
func TestGroupsAreOneOrganizations(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, other, ctx := h.acme, h.umbrella, t.Context()
		night, err := h.db.CreateSCIMGroup(ctx, o.id, roster.SCIMGroup{Name: "Night", ExternalID: "n"}, now)
		h.ok(err)
		_, err = h.db.CreateSCIMGroup(ctx, o.id, roster.SCIMGroup{Name: "Night"}, now)
		h.is(roster.Exists, "the name again", err)
		_, err = h.db.CreateSCIMGroup(ctx, other.id, roster.SCIMGroup{Name: "Night"}, now)
		h.ok(err)
		h.ok(h.db.AddSCIMMembers(ctx, night, o.annotators[:3]))
		h.ok(h.db.AddSCIMMembers(ctx, night, o.annotators[:2]))
		in := func() []int64 {
			ids, err := h.db.SCIMMemberIDs(ctx, night)
			h.ok(err)
			slices.Sort(ids)
			return ids
		}
		if got := in(); !slices.Equal(got, o.annotators[:3]) {
			h.Errorf("in it: %v", got)
		}
		if g := h.everyGroup(o.id)["Night"]; g.ID != night || g.ExternalID != "n" || len(g.Members) != 3 {
			h.Errorf("%+v", g)
		}
		if g := h.everyGroup(other.id)["Night"]; g.ID == night || len(g.Members) != 0 {
			h.Errorf("the other organization's: %+v", g)
		}
		h.ok(h.db.RemoveSCIMMembers(ctx, night, roster.SCIMMembersChange{
			Remove: true, People: []int64{o.annotators[0], o.manager}}))
		if got := in(); !slices.Equal(got, o.annotators[1:3]) {
			h.Errorf("after one left: %v", got)
		}
		h.ok(h.db.RemoveSCIMMembers(ctx, night, roster.SCIMMembersChange{Remove: true, All: true}))
		if got := in(); len(got) != 0 {
			h.Errorf("after all left: %v", got)
		}
		h.ok(h.db.UpdateSCIMGroup(ctx, roster.SCIMGroup{ID: night, Name: "Day", ExternalID: "d"}))
		if groups := h.everyGroup(o.id); len(groups) != 1 || groups["Day"].ExternalID != "d" {
			h.Errorf("renamed: %+v", groups)
		}
		h.ok(h.db.DeleteSCIMGroup(ctx, night))
		if n, err := h.db.CountSCIMGroups(ctx, o.id, nil); err != nil || n != 0 {
			h.Errorf("%d groups: %v", n, err)
		}
		if n, err := h.db.CountSCIMGroups(ctx, other.id, nil); err != nil || n != 1 {
			h.Errorf("%d of the other organization: %v", n, err)
		}
	})
}

// TestTagsAreToldApartWithoutCase: a label is one tag of an organization, however it is
// written, and searched by every term.
func TestTagsAreToldApartWithoutCase(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		for _, c := range []struct {
			organization int64
			labels       []string
			made         int
		}{
			{o.id, []string{"Night shift", "ÉTÉ"}, 2},
			{o.id, []string{"night SHIFT", "été", "day shift"}, 1},
			{h.umbrella.id, []string{"night shift"}, 1},
		} {
			if made, err := h.db.CreateTags(ctx, c.organization, o.owner, c.labels, now); err != nil || made != c.made {
				h.Errorf("%v: %d made %v", c.labels, made, err)
			}
		}
		for search, want := range map[string]int{"": 3, "shift": 2, "SHIFT night": 1, "été": 1, "none": 0, "%": 0} {
			if tags, err := h.db.Tags(ctx, o.id, search, roster.Everything); err != nil || len(tags) != want {
				h.Errorf("%q: %+v %v", search, tags, err)
			}
		}
		if tags, err := h.db.TagLabels(ctx, o.id, "", 2); err != nil || len(tags) != 2 || tags[0].Label != "day shift" {
			h.Errorf("the first: %+v %v", tags, err)
		}
		all, err := h.db.Tags(ctx, o.id, "", roster.Everything)
		h.ok(err)
		h.is(roster.Invalid, "another's label", h.db.RenameTag(ctx, all[0].ID, "été", now))
		h.ok(h.db.RenameTag(ctx, all[0].ID, "Day Shift", now))
		if tag, err := h.db.Tag(ctx, o.id, all[0].ID); err != nil || tag.Label != "Day Shift" {
			h.Errorf("renamed: %+v %v", tag, err)
		}
	})
}

// TestAPauseStandsUntilItIsLifted: it is of one person in one project, is lifted once, and
// then is told only where the lifted are asked for.
func TestAPauseStandsUntilItIsLifted(t *testing.T) {
	eachHouse(t, func(h *house) {
		p, one, ctx := h.acme.projects[0].ID, h.acme.annotators[0], t.Context()
		pause := roster.Pause{ProjectID: p, UserID: one, Reason: roster.PauseManual, Message: "come and see me",
			PausedBy: roster.User{ID: h.acme.owner}}
		id, err := h.db.CreatePause(ctx, pause, now)
		h.ok(err)
		paused := func(user int64) bool {
			projects, err := h.db.PausedProjects(ctx, user)
			h.ok(err)
			return projects[p]
		}
		if !paused(one) || paused(h.acme.annotators[1]) {
			h.Error("it does not stand against them alone")
		}
		pause.ID, pause.Message = id, "come at once"
		h.ok(h.db.UpdatePause(ctx, pause, now.Add(time.Minute)))
		if got, err := h.db.Pause(ctx, p, one, id); err != nil || got.Message != "come at once" ||
			!got.UpdatedAt.Equal(now.Add(time.Minute)) {
			h.Errorf("%+v %v", got, err)
		}
		for i, want := range []bool{false, true, false} {
			project, user := p, one
			if i == 0 {
				project = h.acme.projects[1].ID
			}
			if stood, err := h.db.LiftPause(ctx, project, user, id, h.acme.owner, now); err != nil || stood != want {
				h.Errorf("lifted %d: %v %v", i, stood, err)
			}
		}
		if paused(one) {
			h.Error("it stands when it was lifted")
		}
		_, err = h.db.Pause(ctx, p, one, id)
		h.is(roster.NotFound, "a lifted one", err)
		for lifted, want := range map[bool]int{false: 0, true: 1} {
			if list, err := h.db.Pauses(ctx, p, one, lifted, ""); err != nil || len(list) != want {
				h.Errorf("lifted too, %v: %+v %v", lifted, list, err)
			}
		}
	})
}

// TestAnUndoGivesBackTheSameStay: what an unassign ended begins again within the same stay, but
// for whoever was added meanwhile.
func TestAnUndoGivesBackTheSameStay(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two := o.annotators[0], o.annotators[1]
		h.assign(o, p, one, two)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{one}, roster.RoleReviewer, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, p.ID, 0)))
		op := h.operation(o, roster.OpUnassign, p.ID, 0)
		_, _, err := h.db.EndMemberships(ctx, p, named(one, two), op)
		h.ok(err)
		h.assign(o, p, two)
		unassign, err := h.db.Operation(ctx, op)
		h.ok(err)
		undo := h.operation(o, roster.OpUndo, p.ID, 0)
		restored, err := h.db.RestoreMemberships(ctx, p, unassign, undo)
		if h.ok(err); restored != 1 {
			h.Errorf("%d came back, of whom one was added meanwhile", restored)
		}
		s, err := h.db.Standing(ctx, p.ID, one)
		if h.ok(err); !s.Explicit || s.Override != roster.RoleReviewer {
			h.Errorf("without what they had: %+v", s)
		}
		if s, err := h.db.Standing(ctx, p.ID, two); err != nil || !s.Explicit || s.Override != "" {
			h.Errorf("who was added again: %+v %v", s, err)
		}
	})
}
