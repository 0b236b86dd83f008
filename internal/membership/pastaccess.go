package membership

import (
	"context"
	"slices"
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
		if span, f, counts, err = tx.besideNow(ctx, p, span, f); err != nil {
			return err
		}
		err = tx.db.EachPastAccess(ctx, p, span, f, page, func(one roster.PastAccess, of int) error {
			people, total = append(people, one), of
			return nil
		})
		if err == nil && len(people) == 0 && page.Number > 1 { // behind the last
			total, err = tx.db.CountPastAccess(ctx, p, span, f)
		}
		return err
	})
	return people, total, counts, err
}

// besideNow is the question that a comparison with today comes to.
func (a *Membership) besideNow(ctx context.Context, p roster.Project, span roster.Span,
	f roster.PastFilter) (roster.Span, roster.PastFilter, roster.PastCounts, error) {
	var counts roster.PastCounts
	if f.Now == "" {
		return span, f, counts, nil
	}
	now := roster.Span{Since: a.Now(), Until: a.Now().Add(time.Microsecond)}
	then, err := a.db.PastAccessIDs(ctx, p, span)
	if err != nil {
		return span, f, counts, err
	}
	today, err := a.db.PastAccessIDs(ctx, p, now)
	if err != nil {
		return span, f, counts, err
	}
	slices.Sort(today)
	for _, id := range then {
		if _, still := slices.BinarySearch(today, id); still {
			counts.Still++
		}
	}
	counts.Gone, counts.New = len(then)-counts.Still, len(today)-counts.Still
	switch f.Now {
	case roster.StillSees:
		f.IDs = append([]int64{}, today...)
	case roster.SeesNoMore:
		f.But = today
	case roster.SeesSince:
		span, f.But = now, then
	}
	return span, f, counts, nil
}

// ExportPastAccess hands everybody of them to fn, one at a time, after begin.
func (a *Membership) ExportPastAccess(ctx context.Context, project int64, span roster.Span, f roster.PastFilter,
	begin func(), fn func(roster.PastAccess) error) error {
	return a.Stream(ctx, func(tx *Membership) error {
		p, err := tx.auditable(ctx, project, span)
		if err != nil {
			return err
		}
		if span, f, _, err = tx.besideNow(ctx, p, span, f); err != nil {
			return err
		}
		begin()
		return tx.db.EachPastAccess(ctx, p, span, f, roster.Everything,
			func(one roster.PastAccess, _ int) error { return fn(one) })
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
