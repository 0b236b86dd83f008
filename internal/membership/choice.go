package membership

import (
	"cmp"
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// TagLabels is the first tags of the actor's organization by label, with
// nothing but their names: what a filter offers.
func (a *Membership) TagLabels(ctx context.Context, search string, most int) ([]roster.Tag, error) {
	who, err := a.May(ctx, core.ViewTags)
	if err != nil {
		return nil, err
	}
	return a.db.TagLabels(ctx, who.OrganizationID, search, most)
}

// MembersPage is one page of the people with access to a project, for those
// who know how many there are.
func (a *Membership) MembersPage(ctx context.Context, project int64, f roster.MemberFilter,
	page roster.Page) ([]roster.Member, error) {
	p, f, err := a.MembersOf(ctx, core.ViewMembers, project, f)
	if err != nil {
		return nil, err
	}
	return a.db.ProjectMembersPage(ctx, p, f, a.undoableSince(), page)
}

// CountMembers is how many people with access to a project the filter matches.
func (a *Membership) CountMembers(ctx context.Context, project int64, f roster.MemberFilter) (int, error) {
	p, f, err := a.MembersOf(ctx, core.ViewMembers, project, f)
	if err != nil {
		return 0, err
	}
	return a.db.CountProjectMembers(ctx, p, f, a.undoableSince())
}

// Candidates is one page of the people whom the actor may add to a project, being in
// their sight and able to work, and without access to it, and how many there are in all.
func (a *Membership) Candidates(ctx context.Context, project int64, f roster.MemberFilter,
	page roster.Page) (people []roster.OrganizationMember, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		p, who, err := tx.AllowedProject(ctx, core.ManageMembers, project)
		if err != nil {
			return err
		}
		page.Order = cmp.Or(page.Order, "name")
		if f, page, err = core.Discreetly(who, f, page); err != nil {
			return err
		}
		if f, err = tx.Meant(ctx, f, p.WorkspaceID); err != nil {
			return err
		}
		f.ExcludeProject, f.Sight = p.ID, core.Within(who)
		people, total, err = tx.db.OrganizationMembers(ctx, p.OrganizationID, f, page)
		for i := range people {
			people[i].User = core.Unwatched(who, core.Addressed(who, people[i].User))
			people[i].Tags = core.Untagged(who, people[i].Tags)
		}
		return err
	})
	return people, total, err
}

// CountSelected is how many people an unassign with each of the selectors would remove
// now: those who have a membership of their own.
func (a *Membership) CountSelected(ctx context.Context, project int64, selectors ...roster.Selector) (found []int,
	err error) {
	err = a.View(ctx, func(tx *Membership) error {
		var p roster.Project
		meant := slices.Clone(selectors)
		for i, s := range selectors {
			if p, meant[i].Filter, err = tx.MembersOf(ctx, core.ViewMembers, project, s.Filter); err != nil {
				return err
			}
		}
		found, err = tx.db.CountEach(ctx, p, meant)
		return err
	})
	return found, err
}

// AssignMembersAs makes the people that s selects members of a project, and
// gives role, unless it is "", to those who may have one in a project.
func (a *Membership) AssignMembersAs(ctx context.Context, project int64, s roster.Selector,
	role roster.Role) (done roster.Assigned, err error) {
	if role != "" && !role.Overridable() {
		return done, roster.InvalidField("role", "Only Annotator and Reviewer can be given in a project.")
	}
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := core.ActorOf(ctx)
		if err != nil {
			return err
		}
		if done, err = tx.AssignMembers(ctx, project, s, nil); err != nil || role == "" {
			return err
		}
		p, err := tx.db.Project(ctx, project)
		if err != nil {
			return err
		}
		return tx.db.SetRoleOfAdded(ctx, p, role, who.Source(), done.Operation)
	})
	return done, err
}

// ClearMemberRole takes away the role that a project gave one person; NotFound
// when it gave none.
func (a *Membership) ClearMemberRole(ctx context.Context, project, user int64) (op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.ManageMembers(ctx, project); err != nil {
			return err
		}
		r, err := tx.db.MemberRole(ctx, project, user)
		if err != nil {
			return err
		}
		op, err = tx.ClearProjectRole(ctx, r.ID)
		return err
	})
	return op, err
}

// ResumeMember lifts every pause that keeps one member from working in a
// project, and returns how many stood.
func (a *Membership) ResumeMember(ctx context.Context, project, user int64) (lifted int, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.mayPause(ctx, project, user); err != nil {
			return err
		}
		pauses, err := tx.db.Pauses(ctx, project, user, false, "")
		if err != nil {
			return err
		}
		for _, p := range pauses {
			if err := tx.LiftPause(ctx, project, user, p.ID); err != nil {
				return err
			}
		}
		lifted = len(pauses)
		return nil
	})
	return lifted, err
}

// EverMembers is who the people with these ids are, of those who are or were
// members of a project.
func (a *Membership) EverMembers(ctx context.Context, project int64, ids []int64) ([]roster.User, error) {
	p, _, err := a.AllowedProject(ctx, core.ManageMembers, project)
	if err != nil {
		return nil, err
	}
	return a.db.EverMembers(ctx, p, ids)
}

// ExportAccess is ExportMembers with how each person has access, and whether
// they are paused (then Pause is not nil, but says no more).
func (a *Membership) ExportAccess(ctx context.Context, project int64, f roster.MemberFilter, order string,
	begin func(roster.Project), fn func(roster.Member) error) error {
	return a.Stream(ctx, func(tx *Membership) error {
		p, _, err := tx.AllowedProject(ctx, core.ManageMembers, project)
		if err != nil {
			return err
		}
		inWorkspace, err := tx.db.WorkspaceMemberIDs(ctx, p.WorkspaceID)
		if err != nil {
			return err
		}
		ids, err := tx.db.PausedIn(ctx, p.ID)
		if err != nil {
			return err
		}
		paused := make(map[int64]bool, len(ids))
		for _, id := range ids {
			paused[id] = true
		}
		return tx.ExportMembers(ctx, project, f, order, begin, func(m roster.Member) error {
			m.InWorkspace = inWorkspace[m.User.ID]
			if paused[m.User.ID] {
				m.Pause = &roster.Pause{ProjectID: project, UserID: m.User.ID}
			}
			return fn(m)
		})
	})
}
