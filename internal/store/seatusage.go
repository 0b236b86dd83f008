package store

import (
	"context"

	"roster"
)

// SeatUsage is how many people with a working role have each seat in an organization.
func (db *DB) SeatUsage(ctx context.Context, organization int64) (map[roster.UserType]int, error) {
	used := map[roster.UserType]int{}
	q := db.query(`SELECT COALESCE(NULLIF(user_type, ''), 'standard'), count(*) FROM organization_members
WHERE organization_id = ? AND {{able}} GROUP BY 1`, organization)
	err := db.each(ctx, q, func(s scanner) error {
		var seat roster.UserType
		var n int
		err := s.Scan(&seat, &n)
		used[seat] = n
		return err
	})
	return used, err
}
