package membership

import (
	"context"
	"time"

	"roster"
)

// PastAccess is one page of the people who could see a project at some time of
// a span, and whom the filter matches; and how many there are in all. It says what
// the record says: who may read histories may read this.
func (a *Membership) PastAccess(ctx context.Context, project int64, span roster.Span, f roster.PastFilter,
	page roster.Page) (people []roster.PastAccess, total int, err error) {
	people, total, _, err = a.PastAccessBesideNow(ctx, project, span, f, page)
	return people, total, err
}

// PastAccessBesideNow is PastAccess with how many people there are of each comparison with
// today, where the filter asks for one. Who can see it since is asked about today.
func (a *Membership) PastAccessBesideNow(ctx context.Context, project int64, span roster.Span, f roster.PastFilter,
	page roster.Page) (people []roster.PastAccess, total int, counts roster.PastCounts, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		p, err := tx.auditable(ctx, project, span)
		if err != nil {
			return err
		}
		span, f, since, err := tx.seeingSince(ctx, p, span, f)
		if err != nil {
			return err
		}
		counts, err = tx.db.EachPastAccess(ctx, p, span, f, page, func(one roster.PastAccess, of int) error {
			people, total = append(people, one), of
			return nil
		})
		if since != nil {
			counts = *since
		}
		if err == nil && len(people) == 0 && page.Number > 1 { // behind the last
			total, err = tx.db.CountPastAccess(ctx, p, span, f)
		}
		return err
	})
	return people, total, counts, err
}

// seeingSince is the question, and its counts, that who can see a project since comes to: it
// is asked about today. Any other question stays as it is, and nil.
func (a *Membership) seeingSince(ctx context.Context, p roster.Project, span roster.Span,
	f roster.PastFilter) (roster.Span, roster.PastFilter, *roster.PastCounts, error) {
	if f.Now != roster.SeesSince {
		return span, f, nil, nil
	}
	ids, counts, err := a.db.SeeingSince(ctx, p, span)
	f.IDs, f.Now = ids, ""
	return roster.Span{Since: a.Now(), Until: a.Now().Add(time.Microsecond)}, f, &counts, err
}

// ExportPastAccess hands everybody of them to fn, one at a time, after begin.
func (a *Membership) ExportPastAccess(ctx context.Context, project int64, span roster.Span, f roster.PastFilter,
	begin func(), fn func(roster.PastAccess) error) error {
	return a.Stream(ctx, func(tx *Membership) error {
		p, err := tx.auditable(ctx, project, span)
		if err != nil {
			return err
		}
		if span, f, _, err = tx.seeingSince(ctx, p, span, f); err != nil {
			return err
		}
		begin()
		_, err = tx.db.EachPastAccess(ctx, p, span, f, roster.Everything,
			func(one roster.PastAccess, _ int) error { return fn(one) })
		return err
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
