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
	Projects int              // those the actor may see
	Newest   []GlancedProject // the first of them
	Everyone bool             // the actor looks after everybody: what waits is counted
	Waits    roster.Waits     // inactive are those who were for 90 days

	Changes []OperationRow // the newest since a time
	Changed int            // how many there are
	Undo    []OperationRow // the newest that the actor can take back
}

// The most that an overview names of each, and looks through to find as many that can be undone.
const (
	mostOverviewed = 5
	lookedThrough  = 4 * mostOverviewed
)

// Overview looks at the organization, or at what the actor manages of it, since a time.
// Inactive are those who did nothing since another. However much there is, it asks about ten
// times.
func (a *Membership) Overview(ctx context.Context, since, inactive time.Time) (o Overview, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.ViewOperations)
		if err != nil {
			return err
		}
		if o.Everyone = core.May(who, core.ManagePeople, nil) == nil; o.Everyone {
			o.Waits, err = tx.db.Waits(ctx, who.OrganizationID, inactive, mostOverviewed)
		}
		if err != nil {
			return err
		}
		newest, n, err := tx.db.CountedProjects(ctx, who, roster.ProjectFilter{},
			roster.Page{Number: 1, Size: mostOverviewed, Order: "-created_at"})
		if o.Projects = n; err != nil {
			return err
		}
		if err := tx.lookBack(ctx, since, idsOfProjects(newest), &o); err != nil {
			return err
		}
		rows, err := tx.projectRows(ctx, who, newest)
		if err == nil {
			o.Newest, err = tx.glanceAtProjects(ctx, rows, inactive)
		}
		return err
	})
	return o, err
}

// lookBack fills in what was done since a time, and what can be undone. What the policy asks about
// other projects is read along with it.
func (a *Membership) lookBack(ctx context.Context, since time.Time, projects []int64, o *Overview) error {
	earliest := a.undoableSince()
	if since.Before(earliest) {
		earliest = since
	}
	who, visible, f, err := a.readable(ctx, roster.OperationFilter{Since: earliest})
	if err != nil {
		return err
	}
	ops, changed, err := a.db.NewestOperations(ctx, who.OrganizationID, visible, f, since, lookedThrough)
	if o.Changed = changed; err != nil {
		return err
	}
	rows, err := a.operationRows(ctx, ops)
	if err != nil {
		return err
	}
	mine, err := a.undoableNow(ctx, ops, projects...)
	for _, row := range rows {
		if !row.At.Before(since) && len(o.Changes) < mostOverviewed {
			o.Changes = append(o.Changes, row)
		}
		if mine[row.ID] && len(o.Undo) < mostOverviewed {
			o.Undo = append(o.Undo, row)
		}
	}
	return err
}
