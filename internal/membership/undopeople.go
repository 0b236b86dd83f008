package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// Undo of what was done to people in the organization: changed roles and seats,
// removals, imports and adoptions. Who was changed again since is left alone and
// named.

// formerly is a membership as it is, and what the operation did to it.
type formerly struct {
	now  roster.OrganizationMembership
	then roster.Outcome
}

// mayUndoPeople holds an undo to the limits of who asks for it: it gives back
// the roles from before, and takes those from after.
func (a *Membership) mayUndoPeople(ctx context.Context, op roster.Operation) error {
	touched, err := a.db.TouchedBy(ctx, []int64{op.ID})
	if err != nil {
		return err
	}
	return a.mayUndoTouched(ctx, op, touched[op.ID])
}

func (a *Membership) mayUndoTouched(ctx context.Context, op roster.Operation, touched []store.Touched) error {
	who, err := a.May(ctx, core.ManagePeople)
	if err != nil {
		return err
	}
	for _, t := range touched {
		if role := t.Role; core.MayChange(who, role) != nil {
			return roster.Errorf(roster.Forbidden,
				"Operation %d is about people with the role %s, which you may neither give nor take. Nothing was changed; "+
					"somebody above them can undo it.", op.ID, role.Name())
		}
	}
	return nil
}

// lockFormer reads the memberships of the people an operation changed in the
// organization, and holds them until the transaction ends.
func (a *Membership) lockFormer(ctx context.Context, op roster.Operation) ([]formerly, error) {
	inOrganization := roster.OutcomeFilter{Results: []roster.Result{roster.RoleSet, roster.Removed, roster.Created,
		roster.Updated}}
	outcomes, err := a.db.Outcomes(ctx, op, inOrganization, roster.Everything)
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

// apart separates the people who get back what they had from those an undo
// leaves alone, and writes down why; "" is no reason to.
func (a *Membership) apart(ctx context.Context, people []formerly, why func(formerly) roster.Result,
	undo int64) (back []formerly, err error) {
	left := map[roster.Result][]int64{}
	for _, p := range people {
		if reason := why(p); reason != "" {
			left[reason] = append(left[reason], p.now.UserID)
		} else {
			back = append(back, p)
		}
	}
	for reason, users := range left {
		if err := a.db.RecordSame(ctx, undo, users, roster.Outcome{Result: reason}); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// takeBackRoles gives people the role and the seat they had before op, and what
// they held in projects by that role alone.
func (a *Membership) takeBackRoles(ctx context.Context, people []formerly, op roster.Operation,
	undo int64) (int, error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return 0, err
	}
	left, err := a.db.LeftSince(ctx, op)
	if err != nil {
		return 0, err
	}
	slices.Sort(left)
	back, err := a.apart(ctx, people, func(p formerly) roster.Result {
		if _, gone := slices.BinarySearch(left, p.now.UserID); gone {
			return roster.GoneMeanwhile
		}
		return p.changedSince()
	}, undo)
	if err != nil {
		return 0, err
	}
	todo := make([]Transition, len(back))
	for i, p := range back {
		todo[i] = Transition{p.now, p.former()}
		todo[i].After.RoleSource = who.Source()
	}
	if err := a.MakeTransitions(ctx, todo, undo); err != nil {
		return 0, err
	}
	return len(todo), a.db.RevivePeople(ctx, op.OrganizationID, op.ID, undo)
}

// changedSince is why a person keeps the role and the seat they have. A standard
// seat is the only one that can be given.
func (p formerly) changedSince() roster.Result {
	switch {
	case p.now.Deleted():
		return roster.GoneMeanwhile
	case p.then.RoleAfter != "" && p.now.Role != p.then.RoleAfter, p.then.SeatBefore != "" &&
		p.now.UserType != roster.SeatStandard:
		return roster.ChangedMeanwhile
	}
	return ""
}

// former is the membership as it was before the operation.
func (p formerly) former() roster.OrganizationMembership {
	m := p.now
	if p.then.RoleBefore != "" {
		m.Role = p.then.RoleBefore
	}
	if p.then.SeatBefore != "" {
		m.UserType = p.then.SeatBefore
	}
	return m
}

// takeBackRemoval brings deleted people back, with everything they had but their
// sessions. Who came back by themselves keeps what they have now.
func (a *Membership) takeBackRemoval(ctx context.Context, people []formerly, op roster.Operation,
	undo int64) (int, error) {
	again, err := a.db.RemovedSince(ctx, op)
	if err != nil {
		return 0, err
	}
	taken, err := a.db.TakenNames(ctx, op.OrganizationID, usersOf(people))
	if err != nil {
		return 0, err
	}
	back, err := a.apart(ctx, people, func(p formerly) roster.Result {
		switch {
		case !p.now.Deleted():
			return roster.ReaddedMeanwhile
		case slices.Contains(again, p.now.UserID): // they came back, and that later removal stands
			return roster.ChangedMeanwhile
		case slices.Contains(taken, p.now.UserID):
			return roster.ChangedMeanwhile
		}
		return ""
	}, undo)
	if err != nil {
		return 0, err
	}
	if err := a.db.RecordSame(ctx, undo, taken, roster.Outcome{Result: roster.NameTaken}); err != nil || len(back) == 0 {
		return 0, err
	}
	users, byRole := usersOf(back), map[roster.Role][]int64{}
	for _, p := range back {
		byRole[p.now.Role] = append(byRole[p.now.Role], p.now.UserID)
	}
	if err := a.db.RestorePeople(ctx, op.OrganizationID, users); err != nil {
		return 0, err
	}
	for role, users := range byRole {
		if err := a.db.RecordSame(ctx, undo, users, roster.Outcome{Result: roster.Restored, RoleAfter: role}); err != nil {
			return 0, err
		}
	}
	if err := a.db.RecallSCIMUsers(ctx, users, op.ID, undo); err != nil {
		return 0, err
	}
	return len(back), a.db.RevivePeople(ctx, op.OrganizationID, op.ID, undo)
}

func usersOf(people []formerly) []int64 {
	users := make([]int64, len(people))
	for i, p := range people {
		users[i] = p.now.UserID
	}
	return users
}

// takeBackImport ends the memberships that an import or an adoption began, and
// gives the people it changed their former role, seat and tags. The people it made
// stay, in no project, so that a corrected file finds them; names stay too: it is
// not recorded what they were.
func (a *Membership) takeBackImport(ctx context.Context, people []formerly, op roster.Operation,
	undo int64) (int, error) {
	if err := a.endBegunIn(ctx, op.ID, undo); err != nil {
		return 0, err
	}
	changed := slices.DeleteFunc(people, func(p formerly) bool {
		return p.then.RoleBefore == "" && p.then.SeatBefore == ""
	})
	if _, err := a.takeBackRoles(ctx, changed, op, undo); err != nil {
		return 0, err
	}
	return a.takeBackTags(ctx, op, undo)
}

// endBegunIn ends the memberships that an operation on several projects began.
func (a *Membership) endBegunIn(ctx context.Context, op, undo int64) error {
	projects, err := a.db.ProjectsOf(ctx, op)
	if err != nil {
		return err
	}
	for _, id := range projects {
		p, err := a.ManageMembers(ctx, id)
		if roster.KindOf(err) == roster.NotFound {
			continue // it is gone, and its memberships with it
		}
		if err != nil {
			return err
		}
		if _, err := a.db.EndBegun(ctx, p, op, undo); err != nil {
			return err
		}
		if err := a.db.RecordEnded(ctx, p, undo); err != nil {
			return err
		}
	}
	return nil
}
