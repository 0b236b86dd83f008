package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// SetProjectRole gives one member a role in a project, in place of the one
// they had there.
func (a *Membership) SetProjectRole(ctx context.Context, project, user int64,
	role roster.Role) (out roster.ProjectRole, op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if op, err = tx.SetProjectRoles(ctx, project, []int64{user}, role); err != nil {
			return err
		}
		out, err = tx.db.MemberRole(ctx, project, user)
		return err
	})
	return out, op, err
}

// SetProjectRoles gives members one role in a project, in place of those they had there.
// It is an error when one of them cannot have a role there, and then nothing is changed.
func (a *Membership) SetProjectRoles(ctx context.Context, project int64, users []int64,
	role roster.Role) (op int64, err error) {
	if !role.Overridable() {
		return 0, roster.InvalidField("role", "Only AN and RE can be given in a project.")
	}
	err = a.Update(ctx, func(tx *Membership) error {
		p, err := tx.ManageMembers(ctx, project)
		if err != nil {
			return err
		}
		who, err := core.ActorOf(ctx)
		if err != nil {
			return err
		}
		fit, err := tx.db.RoleTargets(ctx, p, users)
		if err != nil {
			return err
		}
		for _, user := range users {
			if !fit[user] {
				return roster.InvalidField("user",
					"User %d cannot have a project role: only members whose organization role is Annotator or Reviewer can.", user)
			}
		}
		if op, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpProjectRole, ProjectID: p.ID}); err != nil {
			return err
		}
		if err := tx.db.SetProjectRoles(ctx, p, users, role, who.Source(), op); err != nil {
			return err
		}
		return tx.Finish(ctx, op, len(users))
	})
	return op, err
}

// assignRoles gives project roles to people an assign is about. Anything that
// cannot be given as asked refuses the whole call.
func (a *Membership) assignRoles(ctx context.Context, p roster.Project, s roster.Selector,
	roles []roster.RoleAssignment, op int64) error {
	if len(roles) == 0 {
		return nil
	}
	who, err := core.ActorOf(ctx)
	if err != nil {
		return err
	}
	byRole := map[roster.Role][]int64{}
	for _, r := range roles {
		byRole[r.Role] = append(byRole[r.Role], r.UserID)
	}
	users := slices.Concat(byRole[roster.RoleAnnotator], byRole[roster.RoleReviewer])
	if len(users) != len(roles) {
		return roster.InvalidField("roles", "Only AN and RE can be given in a project.")
	}
	if err := a.checkRoleTargets(ctx, p, s, users); err != nil {
		return err
	}
	for role, users := range byRole {
		if err := a.db.SetProjectRoles(ctx, p, users, role, who.Source(), op); err != nil {
			return err
		}
	}
	return nil
}

func (a *Membership) checkRoleTargets(ctx context.Context, p roster.Project, s roster.Selector, users []int64) error {
	slices.Sort(users)
	if len(slices.Compact(slices.Clone(users))) != len(users) {
		return roster.InvalidField("roles", "Each user may be listed once.")
	}
	chosen := s.NamedIDs()
	excluded := slices.Sorted(slices.Values(s.Excluded))
	for _, id := range users {
		_, named := slices.BinarySearch(chosen, id)
		_, spared := slices.BinarySearch(excluded, id)
		if (!s.All && !named) || (s.All && spared) {
			return roster.InvalidField("roles", "User %d is not among the selected people.", id)
		}
	}
	fit, err := a.db.RoleTargets(ctx, p, users)
	if err != nil {
		return err
	}
	for _, id := range users {
		if !fit[id] {
			return roster.InvalidField("roles",
				"User %d cannot have a project role: only members whose organization role is Annotator or Reviewer can.", id)
		}
	}
	return nil
}

// ClearProjectRole takes away the override with the given id.
func (a *Membership) ClearProjectRole(ctx context.Context, id int64) (op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		r, err := tx.db.ProjectRole(ctx, id)
		if err != nil {
			return err
		}
		p, err := tx.ManageMembers(ctx, r.ProjectID)
		if err != nil {
			return err
		}
		if r, err = tx.db.ProjectRole(ctx, id); err != nil { // it may have ended before the lock
			return err
		}
		if op, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpProjectRole, ProjectID: p.ID}); err != nil {
			return err
		}
		if err := tx.db.ClearProjectRole(ctx, r, op); err != nil {
			return err
		}
		return tx.Finish(ctx, op, 1)
	})
	return op, err
}

// ProjectRoles is every override in a project.
func (a *Membership) ProjectRoles(ctx context.Context, project int64) ([]roster.ProjectRole, error) {
	if _, err := a.MayInProject(ctx, core.ViewMembers, project); err != nil {
		return nil, err
	}
	return a.db.ProjectRoles(ctx, project)
}

// MyRoles is the actor's own overrides, in the given projects (nil: in all), but
// for those in which they are paused.
func (a *Membership) MyRoles(ctx context.Context, projects []int64) ([]roster.ProjectRole, error) {
	a.Asked(ctx, projects...)
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return nil, err
	}
	roles, err := a.db.RolesOf(ctx, who.UserID, projects)
	if err != nil {
		return nil, err
	}
	paused, err := a.db.PausedAmong(ctx, who.UserID, projectsOf(roles))
	return slices.DeleteFunc(roles, func(r roster.ProjectRole) bool { return paused[r.ProjectID] }), err
}

func projectsOf(roles []roster.ProjectRole) []int64 {
	ids := make([]int64, len(roles))
	for i, r := range roles {
		ids[i] = r.ProjectID
	}
	return ids
}
