package app

import (
	"context"
	"slices"

	"roster"
)

// Undo of what was done to people in the organization: changed roles and seats,
// and removals. Who was changed again since is left alone and named.

// formerly is a membership as it is, and what the operation did to it.
type formerly struct {
	now  roster.OrganizationMembership
	then roster.Outcome
}

// mayUndoPeople holds an undo to the limits of who asks for it: it gives back
// the roles from before, and takes those from after.
func (a *App) mayUndoPeople(ctx context.Context, op roster.Operation) error {
	who, err := a.May(ctx, ManagePeople)
	if err != nil {
		return err
	}
	roles, err := a.db.RolesTouched(ctx, op.ID)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if mayChange(who, role) != nil {
			return roster.Errorf(roster.Forbidden, "Operation %d is about people with the role %s, which you may neither give nor take. Nothing was changed; somebody above them can undo it.", op.ID, role.Name())
		}
	}
	return nil
}

// lockFormer reads the memberships of the people an operation changed, and holds
// them until the transaction ends.
func (a *App) lockFormer(ctx context.Context, op roster.Operation) ([]formerly, error) {
	outcomes, err := a.db.Outcomes(ctx, op, roster.OutcomeFilter{Results: []roster.Result{roster.RoleSet, roster.Removed}}, roster.Everything)
	if err != nil {
		return nil, err
	}
	users, then := make([]int64, len(outcomes)), map[int64]roster.Outcome{}
	for i, o := range outcomes {
		users[i], then[o.UserID] = o.UserID, o
	}
	list, err := a.db.LockMemberships(ctx, op.OrganizationID, users)
	people := make([]formerly, len(list))
	for i, m := range list {
		people[i] = formerly{m, then[m.UserID]}
	}
	return people, err
}

// takeBackRoles gives people the role and the seat they had before op, and what
// they held in projects by that role alone.
func (a *App) takeBackRoles(ctx context.Context, people []formerly, op roster.Operation, undo int64) (int, error) {
	who, err := actor(ctx)
	if err != nil {
		return 0, err
	}
	var todo []transition
	left := map[roster.Result][]int64{}
	for _, p := range people {
		after := p.former()
		after.RoleSource = who.Source()
		switch {
		case p.now.Deleted():
			left[roster.GoneMeanwhile] = append(left[roster.GoneMeanwhile], p.now.UserID)
		case p.now.Role != p.then.RoleAfter || p.then.SeatBefore != "" && p.now.UserType != roster.SeatStandard:
			left[roster.ChangedMeanwhile] = append(left[roster.ChangedMeanwhile], p.now.UserID)
		default:
			todo = append(todo, transition{p.now, after})
		}
	}
	if err := a.recordLeft(ctx, left, undo); err != nil {
		return 0, err
	}
	if err := a.makeTransitions(ctx, todo, undo); err != nil {
		return 0, err
	}
	return len(todo), a.db.RevivePeople(ctx, op.OrganizationID, op.ID, undo)
}

// former is the membership as it was before the operation. A standard seat is
// the only one that can be given, so no other can have been taken since.
func (p formerly) former() roster.OrganizationMembership {
	m := p.now
	m.Role = p.then.RoleBefore
	if p.then.SeatBefore != "" {
		m.UserType = p.then.SeatBefore
	}
	return m
}

// takeBackRemoval brings deleted people back, with everything they had but their
// sessions. Who came back by themselves keeps what they have now.
func (a *App) takeBackRemoval(ctx context.Context, people []formerly, op roster.Operation, undo int64) (int, error) {
	again, err := a.db.RemovedSince(ctx, op)
	if err != nil {
		return 0, err
	}
	var users []int64
	byRole, left := map[roster.Role][]int64{}, map[roster.Result][]int64{}
	for _, p := range people {
		id := p.now.UserID
		switch {
		case !p.now.Deleted():
			left[roster.ReaddedMeanwhile] = append(left[roster.ReaddedMeanwhile], id)
		case slices.Contains(again, id): // they came back, and that later removal stands
			left[roster.ChangedMeanwhile] = append(left[roster.ChangedMeanwhile], id)
		default:
			users = append(users, id)
			byRole[p.now.Role] = append(byRole[p.now.Role], id)
		}
	}
	if err := a.recordLeft(ctx, left, undo); err != nil || len(users) == 0 {
		return 0, err
	}
	if err := a.db.RestorePeople(ctx, op.OrganizationID, users); err != nil {
		return 0, err
	}
	for role, users := range byRole {
		if err := a.db.RecordSame(ctx, undo, users, roster.Outcome{Result: roster.Restored, RoleAfter: role}); err != nil {
			return 0, err
		}
	}
	return len(users), a.db.RevivePeople(ctx, op.OrganizationID, op.ID, undo)
}

// recordLeft writes down whom an undo leaves alone, and why.
func (a *App) recordLeft(ctx context.Context, left map[roster.Result][]int64, undo int64) error {
	for result, users := range left {
		if err := a.db.RecordSame(ctx, undo, users, roster.Outcome{Result: result}); err != nil {
			return err
		}
	}
	return nil
}
