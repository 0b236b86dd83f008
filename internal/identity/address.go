package identity

import (
	"context"
	"log/slog"

	"roster"
	"roster/internal/core"
)

// OddAddresses is the first people of the actor's organization who keep an e-mail address
// that nobody could be given today, or whose mailbox another person has.
func (a *Identity) OddAddresses(ctx context.Context) ([]roster.OddAddress, error) {
	who, err := a.May(ctx, core.ManagePeople)
	if err != nil {
		return nil, err
	}
	return a.db.OddAddresses(ctx, who.OrganizationID)
}

// mostTold is how many of them the log names; the console has a page of all.
const mostTold = 20

// TellOddAddresses names them in the log.
func (a *Identity) TellOddAddresses(ctx context.Context) error {
	odd, err := a.db.OddAddresses(ctx, 0)
	for _, o := range odd[:min(len(odd), mostTold)] {
		if o.Owner.ID != 0 {
			slog.WarnContext(ctx, "two people have one mailbox: both stay, and sign in with the spelling of their own",
				"user", o.User.ID, "email", o.User.Email, "other", o.Owner.ID, "other_email", o.Owner.Email)
			continue
		}
		slog.WarnContext(ctx,
			"somebody has an e-mail address that nobody can be given any more, and cannot use single sign-on", "user",
			o.User.ID, "email", o.User.Email)
	}
	if more := len(odd) - mostTold; more > 0 {
		slog.WarnContext(ctx, "more people have such an address: the console names them under Settings", "people", more)
	}
	return err
}
