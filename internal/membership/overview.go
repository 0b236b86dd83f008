package membership

import (
	"context"
	"time"

	"roster"
	"roster/internal/core"
)

// Overview is what somebody who manages may want to look after. What they may not see is
// left out.
type Overview struct {
	Projects int  // those the actor may see
	People   int  // in the organization; 0 where the actor may not see everybody
	Everyone bool // the actor looks after everybody: what follows is counted

	Inactive, Never, Waiting int // people who were inactive for 90 days, were never active, wait for a role
	Unmanaged                []roster.Project
	UnmanagedTotal           int // projects without a Manager
	Idle                     []roster.User
	IdleTotal                int // people without work (WithoutWork)

	Changes []OperationRow // the newest since a time
	Changed int            // how many there are
	Undo    []OperationRow // the newest that the actor can take back
}

// The most that an overview names of each.
const mostOverviewed = 5

// Overview looks at the organization, or at what the actor manages of it, since a time.
// Inactive are those who did nothing since another.
func (a *Membership) Overview(ctx context.Context, since, inactive time.Time) (o Overview, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.ViewOperations)
		if err != nil {
			return err
		}
		if o.Projects, err = tx.db.CountProjects(ctx, who, roster.ProjectFilter{}); err != nil {
			return err
		}
		if o.Everyone = core.May(who, core.ManagePeople, nil) == nil; o.Everyone {
			if err := tx.lookAfterPeople(ctx, who, inactive, &o); err != nil {
				return err
			}
		}
		if o.Changes, o.Changed, err = tx.OperationList(ctx, roster.OperationFilter{Since: since},
			roster.Page{Number: 1, Size: mostOverviewed}); err != nil {
			return err
		}
		latest, _, err := tx.OperationList(ctx, roster.OperationFilter{Since: tx.undoableSince()},
			roster.Page{Number: 1, Size: 4 * mostOverviewed})
		for _, op := range latest {
			if undoes(op.Kind) && len(o.Undo) < mostOverviewed && tx.mayUndoNow(ctx, op.Operation) {
				o.Undo = append(o.Undo, op)
			}
		}
		return err
	})
	return o, err
}

func (a *Membership) lookAfterPeople(ctx context.Context, who roster.Actor, inactive time.Time,
	o *Overview) (err error) {
	for _, c := range []struct {
		n *int
		f roster.MemberFilter
	}{
		{&o.People, roster.MemberFilter{}}, {&o.Inactive, roster.MemberFilter{Ability: roster.Able, ActiveTo: &inactive}},
		{&o.Never, roster.MemberFilter{Ability: roster.Able, NeverActive: true}},
		{&o.Waiting, roster.MemberFilter{Ability: roster.Waiting}},
	} {
		if *c.n, err = a.db.CountOrganizationMembers(ctx, who.OrganizationID, c.f); err != nil {
			return err
		}
	}
	if o.Unmanaged, o.UnmanagedTotal, err = a.db.UnmanagedProjects(ctx, who.OrganizationID, mostOverviewed); err != nil {
		return err
	}
	o.Idle, o.IdleTotal, err = a.db.WithoutWork(ctx, who.OrganizationID, roster.Page{Number: 1, Size: mostOverviewed})
	return err
}
