package app

import (
	"context"

	"roster"
)

// Seats is one page of who takes which seat in an organization, and how many
// people the report has in all.
func (a *App) Seats(ctx context.Context, organization int64, f roster.SeatFilter, page roster.Page) (seats []roster.OrganizationMember, total int, err error) {
	err = a.View(ctx, func(tx *App) error {
		if _, err := tx.inOrganization(ctx, ManagePeople, organization); err != nil {
			return err
		}
		if total, err = tx.db.CountSeats(ctx, organization, f); err != nil || page.Offset() >= total {
			return err
		}
		seats, err = tx.db.Seats(ctx, organization, f, page)
		return err
	})
	return seats, total, err
}
