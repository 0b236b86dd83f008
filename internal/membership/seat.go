package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// Seats is one page of who takes which seat in an organization, and how many
// people the report has in all.
func (a *Membership) Seats(ctx context.Context, organization int64, f roster.SeatFilter,
	page roster.Page) (seats []roster.OrganizationMember, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		if _, err := tx.InOrganization(ctx, core.ManagePeople, organization); err != nil {
			return err
		}
		seats, total, err = tx.db.Seats(ctx, organization, f, page)
		return err
	})
	return seats, total, err
}

// Billing is what a licence would count of the actor's organization.
func (a *Membership) Billing(ctx context.Context) (b roster.Billing, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.ViewBilling)
		if err != nil {
			return err
		}
		counted := true
		if b.Seats, err = tx.db.CountSeats(ctx, who.OrganizationID, roster.SeatFilter{Counted: &counted}); err != nil {
			return err
		}
		if b.People, err = tx.db.CountSeats(ctx, who.OrganizationID, roster.SeatFilter{}); err != nil {
			return err
		}
		b.Projects, err = tx.db.ProjectsIn(ctx, who.OrganizationID)
		b.Invites, b.SignOn = !tx.IsMirror(ctx), tx.config.SignOn != nil
		b.Mail = tx.config.Transport.Send != nil && !tx.config.Transport.Prints
		return err
	})
	return b, err
}
