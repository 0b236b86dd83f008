package store_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster"
)

// entry is what the reference knows of somebody in one project.
type entry struct{ explicit, inWorkspace, byRole, maker, paused bool }

// able reports whether a role gives any access.
func able(role roster.Role) bool { return role.Works() && role != "" }

func (e entry) sees() bool { return e.explicit || e.inWorkspace || e.byRole || e.maker }

// scene is people of every role with random ways into random projects.
type scene struct {
	*house
	projects []roster.Project // the third is in the Manager's sandbox
	roles    map[int64]roster.Role
	entries  map[spot]entry
}

func newScene(h *house, t *rapid.T) *scene {
	o, ctx := h.acme, h.Context()
	s := &scene{house: h, projects: o.projects[:], roles: map[int64]roster.Role{o.owner: "OW", o.admin: "AD",
		o.manager: "MA"}, entries: map[spot]entry{}}
	box, err := h.db.CreateWorkspace(ctx, roster.Workspace{OrganizationID: o.id, Title: "own", CreatedBy: o.manager,
		Personal: true}, now)
	h.ok(err)
	id, err := h.db.CreateProject(ctx, roster.Project{OrganizationID: o.id, Title: "a trial", WorkspaceID: box,
		CreatedBy: roster.User{ID: o.manager}}, now)
	h.ok(err)
	trial, err := h.db.Project(ctx, id)
	h.ok(err)
	s.projects = append(s.projects, trial)
	for _, user := range o.annotators {
		s.roles[user] = evenly(t, []roster.Role{"AN", "RE", "MA", "DI", "NO", "VO"})
	}
	inside := s.some(t)
	h.enter(o, inside...)
	for _, p := range s.projects {
		explicit := s.some(t)
		h.assign(o, p, explicit...)
		for user, role := range s.roles {
			s.entries[spot{p.ID, user}] = entry{
				explicit:    slices.Contains(explicit, user),
				inWorkspace: p.WorkspaceID == o.workspace.ID && slices.Contains(inside, user),
				byRole:      role.SeesEveryProject() && (p.SandboxOf == 0 || p.SandboxOf == user),
				maker:       role == roster.RoleManager && p.CreatedBy.ID == user,
			}
		}
		s.pause(p, s.some(t)...)
	}
	for _, user := range o.annotators {
		h.ok(h.db.SetMemberships(ctx, roster.OrganizationMembership{OrganizationID: o.id, Role: s.roles[user],
			UserType: roster.SeatStandard}, []int64{user}))
	}
	return s
}

// some is some of the people.
func (s *scene) some(t *rapid.T) (users []int64) {
	for _, user := range append([]int64{s.acme.owner, s.acme.admin, s.acme.manager}, s.acme.annotators...) {
		if rapid.Bool().Draw(t, "is there") {
			users = append(users, user)
		}
	}
	return users
}

func (s *scene) pause(p roster.Project, users ...int64) {
	for _, user := range users {
		at := spot{p.ID, user}
		e := s.entries[at]
		e.paused = true
		s.entries[at] = e
	}
	s.ok(s.db.CreatePauses(s.Context(), roster.Pause{ProjectID: p.ID, Reason: roster.PauseManual,
		PausedBy: roster.User{ID: s.acme.owner}}, users, now))
}

// asks compares every way of asking for what one person can enter.
func (s *scene) asks(user int64) {
	o, ctx, role := s.acme, s.Context(), s.roles[user]
	who := o.who(user, role)
	var visible, entered []int64
	for _, p := range s.projects {
		e := s.entries[spot{p.ID, user}]
		if able(role) && e.sees() {
			visible = append(visible, p.ID)
		}
		if e.explicit || e.inWorkspace || e.byRole {
			entered = append(entered, p.ID)
		}
		got, err := s.db.Standing(ctx, p.ID, user)
		if s.ok(err); got.Explicit != e.explicit || got.InWorkspace != e.inWorkspace || got.Paused != e.paused ||
			got.Role != role || got.Sandbox != (p.SandboxOf != 0 && p.SandboxOf != user) ||
			got.Creator != (p.CreatedBy.ID == user) {
			s.Errorf("%d in %q: %+v, not %+v", user, p.Title, got, e)
		}
		// who is let in by a list alone is let in by Standing, too
		can, err := s.db.Assignable(ctx, p, []int64{user})
		if s.ok(err); can[user] != (able(role) && (e.explicit || e.inWorkspace || e.byRole)) {
			s.Errorf("%d may be given tasks of %q: %v", user, p.Title, can)
		}
	}
	listed, err := s.db.Projects(ctx, who, roster.ProjectFilter{}, roster.Everything)
	s.ok(err)
	var ids []int64
	for _, p := range listed {
		ids = append(ids, p.ID)
	}
	same(s.house, "listed", sorted(ids...), visible...)
	found, err := s.db.VisibleProjects(ctx, who)
	s.ok(err)
	same(s.house, "to be found", sorted(found...), visible...)
	named, err := s.db.ProjectTitles(ctx, who)
	if s.ok(err); len(named) != len(visible) {
		s.Errorf("%d are named of %d", len(named), len(visible))
	}
	if n, err := s.db.CountProjects(ctx, who, roster.ProjectFilter{}); err != nil || n != len(visible) {
		s.Errorf("%d are counted of %d: %v", n, len(visible), err)
	}
	s.reached(user, entered)
}

// reached compares what an Owner is told of a person's projects, who is shown all but
// other people's sandboxes, and none where they are paused themselves, which binds no Owner.
func (s *scene) reached(user int64, entered []int64) {
	list, err := s.db.Reach(s.Context(), s.acme.who(s.acme.owner, roster.RoleOwner), user)
	s.ok(err)
	var got, want []int64
	for _, r := range list {
		got = append(got, r.Project.ID)
		e := s.entries[spot{r.Project.ID, user}]
		if r.Explicit != e.explicit || r.InWorkspace != e.inWorkspace || r.ByRole != e.byRole || r.Paused != e.paused {
			s.Errorf("%d reaches %+v, not %+v", user, r, e)
		}
	}
	for _, p := range s.projects {
		open := p.SandboxOf == 0 || s.entries[spot{p.ID, s.acme.owner}].explicit
		if open && slices.Contains(entered, p.ID) {
			want = append(want, p.ID)
		}
	}
	same(s.house, "reached", sorted(got...), want...)
}

// lists compares what is told of everybody in a project.
func (s *scene) lists(p roster.Project) {
	ctx := s.Context()
	var everybody, explicit, managers []int64
	for user, role := range s.roles {
		e := s.entries[spot{p.ID, user}]
		if role != roster.RoleDeactivated && (e.explicit || e.inWorkspace || e.byRole) {
			everybody = append(everybody, user)
		}
		if role != roster.RoleDeactivated && e.explicit {
			explicit = append(explicit, user)
		}
		if role == roster.RoleManager && (e.explicit || e.inWorkspace) {
			managers = append(managers, user)
		}
	}
	listed, total, err := s.db.ProjectMembers(ctx, p, roster.MemberFilter{}, time.Time{}, roster.Everything)
	if s.ok(err); total != len(everybody) {
		s.Errorf("%d have access to %q, not %d", total, p.Title, len(everybody))
	}
	same(s.house, "members", sorted(idsOf(listed)...), sorted(everybody...)...)
	counted := []roster.Project{p}
	s.ok(s.db.FillCounts(ctx, counted))
	inherited, err := s.db.CountInherited(ctx, s.acme.id, []int64{p.ID})
	if s.ok(err); counted[0].MembersCount != len(explicit) || inherited[p.ID] != len(everybody)-len(explicit) {
		s.Errorf("%d are counted and %d inherit it, not %d and %d", counted[0].MembersCount, inherited[p.ID],
			len(explicit), len(everybody)-len(explicit))
	}
	first, err := s.db.FirstMembers(ctx, []int64{p.ID}, 3)
	s.ok(err)
	same(s.house, "the first", userIDs(first[p.ID]), sorted(explicit...)[:min(3, len(explicit))]...)
	of, err := s.db.ManagersOf(ctx, s.acme.id, []int64{p.ID})
	s.ok(err)
	same(s.house, "managers", sorted(userIDs(of[p.ID])...), sorted(managers...)...)
}

func userIDs(users []roster.User) (ids []int64) {
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}

// TestEveryQuestionAboutAccessAgrees: lists of projects and of members, counts, and what is
// asked of one person in one project come to the same, for every role, path and pause.
func TestEveryQuestionAboutAccessAgrees(t *testing.T) {
	eachHouse(t, func(h *house) {
		h.tries(func(h *house, t *rapid.T) {
			s := newScene(h, t)
			for user := range s.roles {
				s.asks(user)
			}
			for _, p := range s.projects {
				s.lists(p)
			}
		})
	})
}
