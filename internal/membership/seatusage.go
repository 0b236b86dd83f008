package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// SeatUsage is how many people with a working role have each seat.
func (a *Membership) SeatUsage(ctx context.Context) (map[roster.UserType]int, error) {
	who, err := a.May(ctx, core.ManagePeople)
	if err != nil {
		return nil, err
	}
	return a.db.SeatUsage(ctx, who.OrganizationID)
}
