package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// SyncSCIM gives people what their groups come to: the organization role, the
// workspaces, the projects. Former is the mappings that were replaced, whose
// workspaces and projects may have to be left. Each role change, workspace and
// project is an operation of its own, and one that changes nothing is none.
func (a *Membership) SyncSCIM(ctx context.Context, organization int64, people []int64,
	former []roster.SCIMMapping) error {
	if len(people) == 0 {
		return nil
	}
	if err := a.syncSCIMRoles(ctx, organization, people); err != nil {
		return err
	}
	mappings, err := a.db.Mappings(ctx, organization)
	if err != nil {
		return err
	}
	done := map[roster.SCIMMapping]bool{}
	for _, m := range append(mappings, former...) {
		at := roster.SCIMMapping{Kind: m.Kind, Target: m.Target}
		if done[at] {
			continue
		}
		done[at] = true
		switch m.Kind {
		case roster.SCIMWorkspace:
			err = a.syncSCIMWorkspace(ctx, organization, m.Target, people)
		case roster.SCIMProject:
			err = a.syncSCIMProject(ctx, organization, m.Target, people)
		}
		if err != nil && roster.KindOf(err) != roster.NotFound { // deleted since it was mapped
			return err
		}
	}
	return nil
}

func (a *Membership) syncSCIMRoles(ctx context.Context, organization int64, people []int64) error {
	due, err := a.db.SCIMRolesDue(ctx, organization, people)
	if err != nil {
		return err
	}
	op := int64(0)
	if due {
		if op, err = a.Begin(ctx, roster.Operation{Kind: roster.OpSCIMSync}); err != nil {
			return err
		}
	}
	changed, err := a.db.SyncSCIMRoles(ctx, organization, people, op)
	if err != nil || !due {
		return err
	}
	if err := a.mayHaveChanged(ctx, op); err != nil {
		return err
	}
	if err := a.db.RecordReturned(ctx, organization, op); err != nil {
		return err
	}
	return a.Finish(ctx, op, changed)
}

// mayHaveChanged holds a mapping to the limits of whoever set it: an
// Administrator must not lower another one by way of a group. The provider
// itself acts for the Owner, also where it says the groups of who signs in.
func (a *Membership) mayHaveChanged(ctx context.Context, op int64) error {
	who, err := core.ActorOf(ctx)
	if err != nil || who.Credential == roster.CredentialSignOn {
		return err
	}
	roles, err := a.db.RolesBefore(ctx, op)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if err := core.MayChange(who, role); err != nil {
			return err
		}
	}
	return nil
}

func (a *Membership) syncSCIMWorkspace(ctx context.Context, organization, id int64, people []int64) error {
	if err := a.db.LockWorkspace(ctx, id); err != nil {
		return err
	}
	if err := a.db.LockProjectsOf(ctx, id); err != nil {
		return err
	}
	join, leave, err := a.db.SCIMDue(ctx, organization, roster.SCIMWorkspace, id, people)
	if err != nil || len(join)+len(leave) == 0 {
		return err
	}
	op, err := a.Begin(ctx, roster.Operation{Kind: roster.OpSCIMSync, WorkspaceID: id})
	if err != nil {
		return err
	}
	w := roster.Workspace{ID: id, OrganizationID: organization}
	begun, err := a.db.BeginWorkspaceMembers(ctx, w, roster.Selector{Included: join}, op)
	if err != nil {
		return err
	}
	ended, _, err := a.db.EndWorkspaceMembers(ctx, w, roster.Selector{Included: leave}, op)
	if err != nil {
		return err
	}
	return a.Finish(ctx, op, begun+ended)
}

func (a *Membership) syncSCIMProject(ctx context.Context, organization, id int64, people []int64) error {
	p, err := a.db.LockProject(ctx, id)
	if err != nil {
		return err
	}
	join, leave, err := a.db.SCIMDue(ctx, organization, roster.SCIMProject, id, people)
	if err != nil {
		return err
	}
	op, changed := int64(0), 0
	begin := func() error {
		if op != 0 {
			return nil
		}
		op, err = a.Begin(ctx, roster.Operation{Kind: roster.OpSCIMSync, ProjectID: id})
		return err
	}
	if len(join)+len(leave) > 0 {
		if err := begin(); err != nil {
			return err
		}
		if changed, err = a.scimMembers(ctx, p, join, leave, op); err != nil {
			return err
		}
	}
	roles, err := a.db.SCIMProjectRoles(ctx, p, people)
	if err != nil || (len(roles) == 0 && op == 0) {
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	n, err := a.scimRolesIn(ctx, p, roles, op)
	if err != nil {
		return err
	}
	return a.Finish(ctx, op, max(changed, n))
}

// scimMembers begins and ends memberships of a project.
func (a *Membership) scimMembers(ctx context.Context, p roster.Project, join, leave []int64, op int64) (int, error) {
	begun, err := a.db.BeginMemberships(ctx, p, roster.Selector{Included: join}, op)
	if err != nil {
		return 0, err
	}
	ended, _, err := a.db.EndMemberships(ctx, p, roster.Selector{Included: leave}, op)
	return begun + ended, err
}

// scimRolesIn sets and clears roles in a project.
func (a *Membership) scimRolesIn(ctx context.Context, p roster.Project, roles map[roster.Role][]int64,
	op int64) (changed int, err error) {
	for _, role := range roster.Roles {
		if people := roles[role]; len(people) > 0 {
			changed += len(people)
			if err := a.db.SetProjectRoles(ctx, p, people, role, roster.SourceSCIM, op); err != nil {
				return 0, err
			}
		}
	}
	if people := roles[""]; len(people) > 0 {
		changed += len(people)
		err = a.db.ClearProjectRoles(ctx, p, people, op)
	}
	return changed, err
}

// SCIMMappings is what the identity provider's groups give.
func (a *Membership) SCIMMappings(ctx context.Context) ([]roster.SCIMMapping, error) {
	who, err := a.May(ctx, core.EditSCIM)
	if err != nil {
		return nil, err
	}
	return a.db.MappingsOf(ctx, who.OrganizationID, roster.MappingSCIM)
}

// SetSCIMMappings replaces the mappings of the given kinds and applies them to
// everybody the provider knows. It deactivates nobody: they left no group.
func (a *Membership) SetSCIMMappings(ctx context.Context,
	given map[roster.SCIMTarget][]roster.SCIMMapping) (all []roster.SCIMMapping, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.EditSCIM)
		if err != nil {
			return err
		}
		if err := tx.db.LockSCIM(ctx, who.OrganizationID); err != nil {
			return err
		}
		err = tx.RecordingSettings(ctx, who, func() error { return tx.SetMappings(ctx, who, roster.MappingSCIM, given) })
		if err != nil {
			return err
		}
		all, err = tx.db.MappingsOf(ctx, who.OrganizationID, roster.MappingSCIM)
		return err
	})
	return all, err
}

// SetMappings replaces the mappings of one source, of the given kinds.
func (a *Membership) SetMappings(ctx context.Context, who roster.Actor, source roster.MappingSource,
	given map[roster.SCIMTarget][]roster.SCIMMapping) error {
	former, err := a.db.Mappings(ctx, who.OrganizationID)
	if err != nil {
		return err
	}
	for _, kind := range []roster.SCIMTarget{roster.SCIMRole, roster.SCIMWorkspace, roster.SCIMProject} {
		mappings, ok := given[kind]
		if !ok {
			continue
		}
		was, err := a.db.MappingsOf(ctx, who.OrganizationID, source)
		if err != nil {
			return err
		}
		was = slices.DeleteFunc(was, func(m roster.SCIMMapping) bool { return m.Kind != kind })
		if err := a.checkMappings(ctx, who, mappings, was); err != nil {
			return err
		}
		if err := a.mayRemap(ctx, who, was, mappings); err != nil {
			return err
		}
		if err := a.db.SetMappings(ctx, who.OrganizationID, source, kind, mappings); err != nil {
			return err
		}
	}
	return a.applyMappings(ctx, who.OrganizationID, former)
}

// mayRemap refuses to change what groups give to who is paused in a project that
// would be given or taken by it: taking a mapping away takes people off as well.
func (a *Membership) mayRemap(ctx context.Context, who roster.Actor, was, given []roster.SCIMMapping) error {
	if !core.Bound(who.Role) {
		return nil
	}
	for _, m := range slices.Concat(was, given) {
		if slices.Contains(was, m) && slices.Contains(given, m) {
			continue
		}
		if err := a.mayChangeTarget(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (a *Membership) mayChangeTarget(ctx context.Context, m roster.SCIMMapping) error {
	switch m.Kind {
	case roster.SCIMProject:
		return a.notPausedIn(ctx, m.Target)
	case roster.SCIMWorkspace:
		return a.mayChangeMembersOf(ctx, m.Target)
	}
	return nil
}

func (a *Membership) applyMappings(ctx context.Context, organization int64, former []roster.SCIMMapping) error {
	if err := a.db.UngroupSCIMUsers(ctx, organization); err != nil {
		return err
	}
	people, err := a.db.SCIMPeople(ctx, organization)
	if err != nil {
		return err
	}
	return a.SyncSCIM(ctx, organization, people, former)
}

// checkMappings completes mappings and refuses those to what is not there, or
// not for the actor to give; those to projects that were there stay.
func (a *Membership) checkMappings(ctx context.Context, who roster.Actor, mappings, was []roster.SCIMMapping) error {
	titles, err := a.db.WorkspacesTitled(ctx, who.OrganizationID)
	if err != nil {
		return err
	}
	for i, m := range mappings {
		switch m.Kind {
		case roster.SCIMRole:
			if err := core.MayChange(who, m.Role); err != nil {
				return err
			}
		case roster.SCIMWorkspace:
			if mappings[i].Target = titles[m.Title]; mappings[i].Target == 0 {
				return roster.InvalidField("workspaces_groups", "Workspace %q does not exist.", m.Title)
			}
		case roster.SCIMProject:
			if slices.Contains(was, m) {
				continue
			}
			_, err := a.MayInProject(ctx, core.ManageMembers, m.Target)
			if roster.KindOf(err) == roster.NotFound {
				return roster.InvalidField("projects_groups", "Project %d does not exist.", m.Target)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
