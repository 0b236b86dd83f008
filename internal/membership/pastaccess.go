package membership

import (
	"context"

	"roster"
)

// PastAccess is one page of the people who could see a project at some time of
// a span, and match the search; and how many there are in all. It says what
// the record says: who may read histories may read this.
func (a *Membership) PastAccess(ctx context.Context, project int64, span roster.Span, search string, page roster.Page) (people []roster.PastAccess, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		p, err := tx.auditable(ctx, project, span)
		if err != nil {
			return err
		}
		err = tx.db.EachPastAccess(ctx, p, span, search, page, func(one roster.PastAccess, of int) error {
			people, total = append(people, one), of
			return nil
		})
		if err == nil && len(people) == 0 && page.Number > 1 { // behind the last
			total, err = tx.db.CountPastAccess(ctx, p, span, search)
		}
		return err
	})
	return people, total, err
}

// ExportPastAccess hands everybody of them to fn, one at a time, after begin.
func (a *Membership) ExportPastAccess(ctx context.Context, project int64, span roster.Span, search string, begin func(), fn func(roster.PastAccess) error) error {
	return a.Stream(ctx, func(tx *Membership) error {
		p, err := tx.auditable(ctx, project, span)
		if err != nil {
			return err
		}
		begin()
		return tx.db.EachPastAccess(ctx, p, span, search, roster.Everything, func(one roster.PastAccess, _ int) error { return fn(one) })
	})
}

// MayAudit reports whether the actor may ask who could see a project.
func (a *Membership) MayAudit(ctx context.Context, project int64) error {
	_, err := a.mayReadHistory(ctx, roster.ProjectMembers, project)
	return err
}

// auditable is a project whose past the actor may ask about, for a span that
// has begun.
func (a *Membership) auditable(ctx context.Context, project int64, span roster.Span) (p roster.Project, err error) {
	if err := a.MayAudit(ctx, project); err != nil {
		return p, err
	}
	if span.Since.After(a.Now()) {
		return p, roster.InvalidField("day", "This day has not come yet. Choose today or an earlier day.")
	}
	return a.db.Project(ctx, project)
}
