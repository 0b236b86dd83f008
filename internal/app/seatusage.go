package app

import (
	"context"

	"roster"
)

// SeatUsage is how many people with a working role have each seat.
func (a *App) SeatUsage(ctx context.Context) (map[roster.UserType]int, error) {
	who, err := a.May(ctx, ManagePeople)
	if err != nil {
		return nil, err
	}
	return a.db.SeatUsage(ctx, who.OrganizationID)
}
