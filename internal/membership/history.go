package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// History is one page of what became of whom in a project, a workspace or an
// organization, and how many steps there are in all.
func (a *Membership) History(ctx context.Context, of roster.History, id int64, f roster.HistoryFilter,
	page roster.Page) (steps []roster.Transition, total int, err error) {
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
	steps, err := a.db.MembershipSteps(ctx, p.OrganizationID, []int64{p.ID})
	return steps[p.ID], err
}

// ChartSteps is MembershipSteps as a chart shows them: what was taken back is left out, at the
// time it was done too, and the memberships of the deactivated count until they were
// deactivated, so that the last step leads to as many members as a project says it has.
func (a *Membership) ChartSteps(ctx context.Context, project int64) (steps []roster.MembershipStep, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		p, _, err := tx.AllowedProject(ctx, core.ViewMembers, project)
		if err != nil {
			return err
		}
		all, err := tx.db.ChartSteps(ctx, p.OrganizationID, []int64{p.ID})
		steps = charted(all[p.ID])
		return err
	})
	return steps, err
}

// charted is steps as a chart shows them, by time.
func charted(steps []roster.MembershipStep) []roster.MembershipStep {
	steps = withoutUndone(steps)
	slices.SortStableFunc(steps, func(a, b roster.MembershipStep) int { return a.At.Compare(b.At) })
	return steps
}

// withoutUndone is steps without what an undo gave back or took away again.
func withoutUndone(steps []roster.MembershipStep) (out []roster.MembershipStep) {
	at := map[int64]int{}
	for i, s := range steps {
		at[s.Operation] = i
	}
	for i, s := range steps {
		if undone, ok := at[s.Undoes]; ok && s.Undoes != 0 {
			steps[undone].Ended -= s.Begun
			steps[undone].Begun -= s.Ended
			steps[i].Begun, steps[i].Ended = 0, 0
		}
	}
	for _, s := range steps {
		if s.Begun != 0 || s.Ended != 0 || s.Stilled != 0 {
			out = append(out, s)
		}
	}
	return out
}
