package membership

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"roster"
	"roster/internal/core"
)

// Bulk changes of an organization's people. Whom the actor may change, and how,
// is decided for each person as it is for one alone; who may not be changed is
// passed over and counted.

// SelectedMemberships authorizes a change of people and reads the memberships
// that s selects: those the actor sees, held until the transaction ends.
func (a *Membership) SelectedMemberships(ctx context.Context, s roster.Selector) (who roster.Actor,
	list []roster.OrganizationMembership, err error) {
	if err := s.Validate(); err != nil {
		return who, nil, err
	}
	if who, err = a.May(ctx, core.ManagePeople); err != nil {
		return who, nil, err
	}
	if s.Filter, err = a.Meant(ctx, s.Filter, 0); err != nil {
		return who, nil, err
	}
	ids, err := a.db.SelectedPeople(ctx, who.OrganizationID, s)
	if err != nil || len(ids) == 0 {
		return who, nil, err
	}
	list, err = a.db.LockMemberships(ctx, who.OrganizationID, ids)
	return who, slices.DeleteFunc(list, roster.OrganizationMembership.Deleted), err
}

// CountPeople is how many of the organization's people s selects.
func (a *Membership) CountPeople(ctx context.Context, s roster.Selector) (int, error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	who, err := a.May(ctx, core.ListPeople)
	if err != nil {
		return 0, err
	}
	f, err := a.Meant(ctx, s.Filter, 0)
	if err != nil {
		return 0, err
	}
	s.Filter = core.Accessible(who, f)
	return a.db.CountSelectedPeople(ctx, who.OrganizationID, s)
}

// LookAtPeople is a page of the organization's people whom s selects, how many of them its
// search matches, and how many s selects in all.
func (a *Membership) LookAtPeople(ctx context.Context, s roster.Selector,
	look roster.Look) (people []roster.OrganizationMember, matching, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := core.ActorOf(ctx)
		if err != nil {
			return err
		}
		ids, err := tx.SelectedPeople(ctx, s)
		if total = len(ids); err != nil {
			return err
		}
		people, matching, err = tx.lookAt(ctx, who.OrganizationID, ids, look)
		return err
	})
	return people, matching, total, err
}

// Transition is what a change makes of one membership.
type Transition struct{ Before, After roster.OrganizationMembership }

// transitions is what change makes of each membership that the actor may
// change so, and how many are left as they are.
func transitions(who roster.Actor, list []roster.OrganizationMembership,
	change roster.MembershipChange) (todo []Transition, passed int) {
	for _, m := range list {
		after, err := Changed(m, change)
		same := m.Role == after.Role && m.UserType == after.UserType
		if err != nil || same || core.MayChange(who, m.Role) != nil || core.MayChange(who, after.Role) != nil {
			passed++
			continue
		}
		after.RoleSource = who.Source()
		todo = append(todo, Transition{m, after})
	}
	return todo, passed
}

// peopleToChange authorizes a change of people, and is what it would make of each, held until
// the transaction ends, and how many are passed over.
func (a *Membership) peopleToChange(ctx context.Context, s roster.Selector,
	change roster.MembershipChange) (who roster.Actor, todo []Transition, passed int, err error) {
	who, list, err := a.SelectedMemberships(ctx, s)
	if err == nil {
		err = validChange(who, change)
	}
	if err != nil {
		return who, nil, 0, err
	}
	todo, passed = transitions(who, list, change)
	return who, todo, passed, nil
}

// validChange refuses a change that could be made to nobody.
func validChange(who roster.Actor, change roster.MembershipChange) error {
	_, err := Changed(roster.OrganizationMembership{Role: roster.RoleAnnotator, UserType: roster.SeatStandard}, change)
	if err == nil && change.Role != "" {
		err = core.MayChange(who, change.Role)
	}
	return err
}

// PreviewPeople says what ChangePeople would do now, with a page of the people.
func (a *Membership) PreviewPeople(ctx context.Context, s roster.Selector, change roster.MembershipChange,
	look roster.Look) (p roster.PeoplePreview, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, todo, passed, err := tx.peopleToChange(ctx, s, change)
		if err != nil {
			return err
		}
		ids := make([]int64, len(todo))
		for i, t := range todo {
			ids[i] = t.Before.UserID
		}
		p.Count, p.Passed, p.Plan = len(todo), passed, planOf(befores(todo))
		if p.Awaiting, err = tx.awaiting(ctx, who, todo); err != nil {
			return err
		}
		p.People, p.Matching, err = tx.lookAt(ctx, who.OrganizationID, ids, look)
		return err
	})
	return p, err
}

// lookAt is the page of some people of an organization that is looked at, and how many of them
// its search matches.
func (a *Membership) lookAt(ctx context.Context, organization int64, ids []int64,
	look roster.Look) ([]roster.OrganizationMember, int, error) {
	if len(ids) == 0 {
		return nil, 0, nil
	}
	return a.db.OrganizationMembers(ctx, organization, roster.MemberFilter{IDs: ids, Search: look.Search}, look.Page)
}

// planOf names a set of people as they are.
func planOf(list []roster.OrganizationMembership) string {
	h := sha256.New()
	for _, m := range list {
		fmt.Fprintln(h, m.UserID, m.Role, m.UserType)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func befores(todo []Transition) []roster.OrganizationMembership {
	list := make([]roster.OrganizationMembership, len(todo))
	for i, t := range todo {
		list[i] = t.Before
	}
	return list
}

// sameAsPlanned refuses to go on where the people are not those of a preview
// any more; "" is no preview.
func sameAsPlanned(plan string, list []roster.OrganizationMembership) error {
	if plan == "" || plan == planOf(list) {
		return nil
	}
	return roster.Errorf(roster.Changed,
		"The people this is about are not those you were asked about any more. Nothing was changed; look again.")
}

// toPeople records what change does to the people listed, who must be those of
// the plan; 0 where there is nobody to do it to.
func (a *Membership) toPeople(ctx context.Context, record roster.Operation, list []roster.OrganizationMembership,
	plan string, change func(op int64) error) (int64, error) {
	if err := sameAsPlanned(plan, list); err != nil || len(list) == 0 {
		return 0, err
	}
	op, err := a.Begin(ctx, record)
	if err != nil {
		return 0, err
	}
	if err := change(op); err != nil {
		return 0, err
	}
	return op, a.Finish(ctx, op, len(list))
}

// ChangePeople changes the role or the seat of the people that s selects, as
// ChangeMembership does for one. With a preview's plan it does so only while
// the people are the same; else Changed.
func (a *Membership) ChangePeople(ctx context.Context, s roster.Selector, change roster.MembershipChange,
	plan string) (done roster.PeopleChanged, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, todo, passed, err := tx.peopleToChange(ctx, s, change)
		if err != nil {
			return err
		}
		done = roster.PeopleChanged{Count: len(todo), Passed: passed}
		if done.Awaited, err = tx.awaiting(ctx, who, todo); err != nil {
			return err
		}
		done.Operation, err = tx.toPeople(ctx, roster.Operation{Kind: roster.OpOrganizationRole, Selector: Describe(s)},
			befores(todo), plan,
			func(op int64) error { return tx.MakeTransitions(ctx, todo, op) })
		return err
	})
	return done, err
}

// MakeTransitions writes the new memberships and what follows from them: a few
// statements for each pair of states, of which there are few.
func (a *Membership) MakeTransitions(ctx context.Context, todo []Transition, op int64) error {
	type states struct{ role, seat, newRole, newSeat string }
	groups := map[states][]Transition{}
	for _, t := range todo {
		k := states{string(t.Before.Role), string(t.Before.UserType), string(t.After.Role), string(t.After.UserType)}
		groups[k] = append(groups[k], t)
	}
	for _, group := range groups {
		users := make([]int64, len(group))
		for i, t := range group {
			users[i] = t.Before.UserID
		}
		slices.Sort(users)
		if err := a.makeAlike(ctx, group[0], users, op); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(todo, Transition.reactivates) {
		return nil
	}
	return a.db.RecordReturned(ctx, todo[0].Before.OrganizationID, op)
}

// reactivates reports whether somebody deactivated can act again.
func (t Transition) reactivates() bool {
	return t.Before.Role == roster.RoleDeactivated && t.After.Role.Works()
}

// awaiting is the projects to which some of the people come back.
func (a *Membership) awaiting(ctx context.Context, who roster.Actor, todo []Transition) ([]roster.Awaiting, error) {
	var back []int64
	for _, t := range todo {
		if t.reactivates() {
			back = append(back, t.Before.UserID)
		}
	}
	if len(back) == 0 {
		return nil, nil
	}
	return a.db.Awaiting(ctx, who, back)
}

// PreviewMembership says to which projects ChangeMembership would bring the person back.
func (a *Membership) PreviewMembership(ctx context.Context, organization, user int64,
	change roster.MembershipChange) (before, after roster.OrganizationMembership, back []roster.Awaiting, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if before, after, err = tx.changing(ctx, organization, user, change); err != nil {
			return err
		}
		who, err := core.ActorOf(ctx)
		if err == nil {
			back, err = tx.awaiting(ctx, who, []Transition{{before, after}})
		}
		return err
	})
	return before, after, back, err
}

// makeAlike makes one transition of many people. A role that takes access away
// ends what they held by it; deactivation does not, because it is there to be
// reversed.
func (a *Membership) makeAlike(ctx context.Context, t Transition, users []int64, op int64) error {
	if err := a.db.SetMemberships(ctx, t.After, users); err != nil {
		return err
	}
	if !t.After.Role.Works() {
		if err := a.EndSessionsOf(ctx, users...); err != nil {
			return err
		}
	}
	if t.After.Role != roster.RoleDeactivated {
		if err := a.db.EndInheritedOf(ctx, users, op); err != nil {
			return err
		}
	}
	return a.db.RecordSame(ctx, op, users, t.Outcome())
}

// Outcome is what a transition is recorded as.
func (t Transition) Outcome() roster.Outcome {
	o := roster.Outcome{Result: roster.RoleSet, RoleBefore: t.Before.Role, RoleAfter: t.After.Role}
	if t.Before.UserType != t.After.UserType {
		o.SeatBefore = t.Before.UserType
	}
	return o
}

// holdNames keeps others from giving or freeing names, by which a provider calls the
// people of the actor's organization, until the transaction ends. It goes before any
// membership is held, as it does where providers change people.
func (a *Membership) holdNames(ctx context.Context, action core.Action) error {
	who, err := a.May(ctx, action)
	if err != nil {
		return err
	}
	return a.db.LockSCIM(ctx, who.OrganizationID)
}

// leavable tells the memberships that the actor may end from the others.
func leavable(who roster.Actor, list []roster.OrganizationMembership) (leave, stay []roster.OrganizationMembership) {
	for _, m := range list {
		if m.UserID == who.UserID || core.MayChange(who, m.Role) != nil {
			stay = append(stay, m)
		} else {
			leave = append(leave, m)
		}
	}
	return leave, stay
}

// PreviewRemoval says what RemovePeople would do now, with a page of the people.
func (a *Membership) PreviewRemoval(ctx context.Context, s roster.Selector,
	look roster.Look) (p roster.PeoplePreview, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, list, err := tx.SelectedMemberships(ctx, s)
		if err != nil {
			return err
		}
		leave, stay := leavable(who, list)
		ids := make([]int64, len(leave))
		for i, m := range leave {
			ids[i] = m.UserID
		}
		p.Count, p.Passed, p.Plan = len(leave), len(stay), planOf(leave)
		p.People, p.Matching, err = tx.lookAt(ctx, who.OrganizationID, ids, look)
		return err
	})
	return p, err
}

// RemovePeople soft-deletes the people that s selects, as
// RemoveFromOrganization does one; with a plan, as ChangePeople.
func (a *Membership) RemovePeople(ctx context.Context, s roster.Selector,
	plan string) (done roster.PeopleChanged, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if err := tx.holdNames(ctx, core.ManagePeople); err != nil {
			return err
		}
		who, list, err := tx.SelectedMemberships(ctx, s)
		if err != nil {
			return err
		}
		leave, stay := leavable(who, list)
		done = roster.PeopleChanged{Count: len(leave), Passed: len(stay)}
		done.Operation, err = tx.toPeople(ctx, roster.Operation{Kind: roster.OpOrganizationLeave,
			Selector: Describe(s)}, leave, plan,
			func(op int64) error { return tx.remove(ctx, leave, op) })
		return err
	})
	return done, err
}

// remove ends memberships of the actor's organization, and everything that people had by
// them.
func (a *Membership) remove(ctx context.Context, leave []roster.OrganizationMembership, op int64) error {
	byRole := map[roster.Role][]int64{}
	var users []int64
	for _, m := range leave {
		users = append(users, m.UserID)
		byRole[m.Role] = append(byRole[m.Role], m.UserID)
	}
	if err := a.db.DeleteMemberships(ctx, leave[0].OrganizationID, users, op, a.Now()); err != nil {
		return err
	}
	if err := a.EndSessionsOf(ctx, users...); err != nil {
		return err
	}
	if err := a.db.ForgetSCIMUsers(ctx, leave[0].OrganizationID, users, op); err != nil {
		return err
	}
	for role, users := range byRole {
		if err := a.db.RecordSame(ctx, op, users, roster.Outcome{Result: roster.Removed, RoleBefore: role}); err != nil {
			return err
		}
	}
	return nil
}
