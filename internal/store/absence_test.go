package store_test

import (
	"testing"

	"roster"
)

// TestWhatIsNotThereIsNotFound: what has an id is found by that of its own kind only, and
// by no other organization's, project's or person's.
func TestWhatIsNotThereIsNotFound(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, other, ctx := h.acme, h.umbrella, t.Context()
		one := o.annotators[0]
		_, err := h.db.CreateTags(ctx, o.id, o.owner, []string{"night shift"}, now)
		h.ok(err)
		tags, err := h.db.Tags(ctx, o.id, "", roster.Everything)
		h.ok(err)
		_, err = h.db.CreateSCIMGroup(ctx, o.id, roster.SCIMGroup{Name: "Night"}, now)
		h.ok(err)
		pause, err := h.db.CreatePause(ctx, roster.Pause{ProjectID: o.projects[0].ID, UserID: one,
			Reason: roster.PauseManual, PausedBy: roster.User{ID: o.owner}}, now)
		h.ok(err)
		const none = 999_999
		for what, ask := range map[string]func() error{
			"no user":                    func() error { _, err := h.db.User(ctx, none); return err },
			"no e-mail":                  func() error { _, err := h.db.UserByEmail(ctx, "nobody@example.com"); return err },
			"no membership":              func() error { _, err := h.db.Membership(ctx, other.id, one); return err },
			"no membership to lock":      func() error { _, err := h.db.LockMembership(ctx, other.id, one); return err },
			"no project":                 func() error { _, err := h.db.Project(ctx, none); return err },
			"no workspace":               func() error { _, err := h.db.Workspace(ctx, none, o.owner); return err },
			"no operation":               func() error { _, err := h.db.Operation(ctx, none); return err },
			"no organization":            func() error { _, err := h.db.Organization(ctx, none); return err },
			"another organization's tag": func() error { _, err := h.db.Tag(ctx, other.id, tags[0].ID); return err },
			"another project's pause": func() error {
				_, err := h.db.Pause(ctx, o.projects[1].ID, one, pause)
				return err
			},
			"another person's pause": func() error {
				_, err := h.db.Pause(ctx, o.projects[0].ID, o.owner, pause)
				return err
			},
			"no setting":    func() error { _, err := h.db.Setting(ctx, "nothing"); return err },
			"no invitation": func() error { _, err := h.db.Invitation(ctx, []byte("no hash")); return err },
			"no legacy token": func() error {
				_, _, err := h.db.ActorByToken(ctx, []byte("no hash"))
				return err
			},
			"no session": func() error {
				_, _, err := h.db.ActorBySession(ctx, []byte("no hash"), now)
				return err
			},
			"no permission that was decided": func() error { return h.db.DeletePermissionOverride(ctx, o.id, "nothing") },
		} {
			h.is(roster.NotFound, what, ask())
		}
		if got, err := h.db.Tag(ctx, o.id, tags[0].ID); err != nil || got.Label != "night shift" {
			h.Errorf("its own tag: %+v %v", got, err)
		}
		if got, err := h.db.Pause(ctx, o.projects[0].ID, one, pause); err != nil || got.ID != pause {
			h.Errorf("its own pause: %+v %v", got, err)
		}
		if n, err := h.db.CountTagsOf(ctx, other.id, []int64{tags[0].ID}); err != nil || n != 0 {
			h.Errorf("another organization has %d of the tags: %v", n, err)
		}
	})
}

// TestDeletedIsAbsent: what is deleted is in no list and not found, and its name stays for
// the record.
func TestDeletedIsAbsent(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		owner := o.who(o.owner, roster.RoleOwner)
		h.ok(h.db.DeleteProject(ctx, o.projects[0].ID, now))
		h.ok(h.db.DeleteWorkspace(ctx, o.workspace.ID, now))
		_, err := h.db.Project(ctx, o.projects[0].ID)
		h.is(roster.NotFound, "a deleted project", err)
		_, err = h.db.Workspace(ctx, o.workspace.ID, o.owner)
		h.is(roster.NotFound, "a deleted workspace", err)
		projects, err := h.db.Projects(ctx, owner, roster.ProjectFilter{}, roster.Everything)
		if h.ok(err); len(projects) != 1 || projects[0].ID != o.projects[1].ID {
			h.Errorf("the list: %+v", projects)
		}
		if n, err := h.db.CountProjects(ctx, owner, roster.ProjectFilter{}); err != nil || n != 1 {
			h.Errorf("%d projects: %v", n, err)
		}
		if list, err := h.db.Workspaces(ctx, owner, roster.WorkspaceFilter{}, ""); err != nil || len(list) != 0 {
			h.Errorf("the workspaces: %+v %v", list, err)
		}
		if ids, err := h.db.VisibleProjects(ctx, owner); err != nil || len(ids) != 1 {
			h.Errorf("to be found: %v %v", ids, err)
		}
		titles, spaces, err := h.db.Titles(ctx, o.id, []int64{o.projects[0].ID, h.umbrella.projects[0].ID},
			[]int64{o.workspace.ID})
		if h.ok(err); len(titles) != 1 || titles[o.projects[0].ID] != "acme 0" || spaces[o.workspace.ID] != "acme space" {
			h.Errorf("called %v and %v", titles, spaces)
		}
	})
}

// TestPagesEnd: pages of a list hold everything once, and what is behind the last is empty.
func TestPagesEnd(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		_, err := h.db.CreateTags(ctx, o.id, o.owner, []string{"b", "a", "E", "c", "D", "A"}, now) // A is a again
		h.ok(err)
		var labels string
		for number := 1; number <= 4; number++ {
			tags, err := h.db.Tags(ctx, o.id, "", roster.Page{Number: number, Size: 2})
			if h.ok(err); number == 4 && len(tags) != 0 || number < 3 && len(tags) != 2 {
				h.Errorf("page %d has %d", number, len(tags))
			}
			for _, tag := range tags {
				labels += tag.Label
			}
		}
		if labels != "abcDE" {
			h.Errorf("by label: %s", labels)
		}
		owner := o.who(o.owner, roster.RoleOwner)
		for order, first := range map[string]int64{"title": o.projects[0].ID, "-title": o.projects[1].ID,
			"id": o.projects[0].ID, "-id": o.projects[1].ID} {
			list, err := h.db.Projects(ctx, owner, roster.ProjectFilter{}, roster.Page{Number: 1, Size: 1, Order: order})
			if h.ok(err); len(list) != 1 || list[0].ID != first {
				h.Errorf("by %s: %+v", order, list)
			}
		}
		if list, err := h.db.Projects(ctx, owner, roster.ProjectFilter{}, roster.Page{Number: 3, Size: 1}); err != nil ||
			len(list) != 0 {
			h.Errorf("behind the last page: %v %v", list, err)
		}
	})
}

// TestListsAreOneOrganizations: nothing of another organization is in a list.
func TestListsAreOneOrganizations(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, other, ctx := h.acme, h.umbrella, t.Context()
		h.assign(o, o.projects[0], o.annotators...)
		if list, _, err := h.db.Operations(ctx, other.id, nil, roster.OperationFilter{}, roster.Everything); err != nil ||
			len(list) != 0 {
			h.Errorf("operations: %v %v", list, err)
		}
		list, _, err := h.db.Operations(ctx, o.id, nil, roster.OperationFilter{}, roster.Everything)
		if h.ok(err); len(list) != 1 || list[0].Changed != len(o.annotators) || list[0].ProjectID != o.projects[0].ID {
			h.Errorf("operations: %+v", list)
		}
		if list, _, err := h.db.Operations(ctx, o.id, []int64{o.projects[1].ID}, roster.OperationFilter{},
			roster.Everything); err != nil || len(list) != 0 {
			h.Errorf("of projects that are not visible: %v %v", list, err)
		}
		for _, viewer := range []roster.Actor{other.who(other.owner, roster.RoleOwner),
			other.who(other.annotators[0], roster.RoleAnnotator)} {
			ids, err := h.db.VisibleProjects(ctx, viewer)
			h.ok(err)
			for _, id := range ids {
				if id == o.projects[0].ID || id == o.projects[1].ID {
					h.Errorf("%+v finds %d", viewer, id)
				}
			}
		}
		if n, err := h.db.CountOrganizationMembers(ctx, o.id, roster.MemberFilter{}); err != nil || n != 7 {
			h.Errorf("%d people: %v", n, err)
		}
	})
}
