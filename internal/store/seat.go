package store

import (
	"context"

	"roster"
)

// seatSource is the organization's people whose seats a report is about: its
// member list, narrowed by what only the report asks.
func (db *DB) seatSource(ctx context.Context, organization int64, f roster.SeatFilter) (source,
	roster.MemberFilter, error) {
	owner, err := int64(0), error(nil)
	if f.Email != "" {
		if owner, err = db.owner(ctx, f.Email); isNotFound(err) {
			err = nil
		}
	}
	s, people := peopleOf(organization, roster.MemberFilter{Search: f.Search})
	listed := s.where
	s.where = func(q *query) {
		listed(q)
		if f.Email != "" {
			q.add(" AND om.user_id = ?", owner)
		}
		if f.Source != "" {
			q.add(" AND om.role_source = ?", f.Source)
		}
		if f.Counted != nil {
			q.add(" AND (om.role NOT IN ('DI', 'NO', 'VO') AND COALESCE(NULLIF(om.user_type, ''),"+
				" 'standard') IN ('standard', 'flex')) = ?", *f.Counted)
		}
		if f.Stale != nil && *f.Stale {
			q.add(" AND 1 = 0") // no identity provider assigns anything
		}
	}
	return s, people, err
}

// Seats is one page of a report of seats, by name unless the page says otherwise, and how
// many rows the report has in all.
func (db *DB) Seats(ctx context.Context, organization int64, f roster.SeatFilter,
	page roster.Page) ([]roster.OrganizationMember, int, error) {
	s, people, err := db.seatSource(ctx, organization, f)
	if err != nil {
		return nil, 0, err
	}
	return db.organizationPage(ctx, organization, s, people, page)
}

// CountSeats is how many rows the report has in all.
func (db *DB) CountSeats(ctx context.Context, organization int64, f roster.SeatFilter) (int, error) {
	s, people, err := db.seatSource(ctx, organization, f)
	if err != nil {
		return 0, err
	}
	return db.countOf(ctx, []source{s}, people)
}
