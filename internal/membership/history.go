package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// History is one page of what became of whom in a project, a workspace or an
// organization, and how many steps there are in all.
func (a *Membership) History(ctx context.Context, of roster.History, id int64, f roster.HistoryFilter, page roster.Page) (steps []roster.Transition, total int, err error) {
	who, err := a.mayReadHistory(ctx, of, id)
	if err != nil {
		return nil, 0, err
	}
	if total, err = a.db.CountHistory(ctx, of, who.OrganizationID, id, f); err != nil || page.Offset() >= total {
		return nil, total, err
	}
	steps, err = a.db.History(ctx, of, who.OrganizationID, id, f, page)
	return steps, total, err
}

// mayReadHistory asks the policy; a place that is not visible has no history.
func (a *Membership) mayReadHistory(ctx context.Context, of roster.History, id int64) (who roster.Actor, err error) {
	switch of {
	case roster.ProjectMembers, roster.ProjectRoles:
		_, err = a.MayInProject(ctx, core.ViewProject, id)
	case roster.WorkspaceMembers:
		_, _, err = a.MayInWorkspace(ctx, core.ViewWorkspace, id)
	case roster.OrganizationMembers:
		return a.InOrganization(ctx, core.ViewHistory, id)
	}
	if err != nil {
		return who, err
	}
	return a.May(ctx, core.ViewHistory)
}

// MayReadHistory reports whether the actor may read what became of people in
// an organization, for histories that Roster does not have.
func (a *Membership) MayReadHistory(ctx context.Context, organization int64) error {
	_, err := a.InOrganization(ctx, core.ViewHistory, organization)
	return err
}

// MembershipSteps is how the number of a project's explicit memberships came
// about, operation by operation, oldest first.
func (a *Membership) MembershipSteps(ctx context.Context, project int64) ([]roster.MembershipStep, error) {
	p, _, err := a.AllowedProject(ctx, core.ViewMembers, project)
	if err != nil {
		return nil, err
	}
	return a.db.MembershipSteps(ctx, p)
}
