package identity

import (
	"context"

	"roster"
	"roster/internal/core"
)

// Waiting is an invitation as the actor sees it.
type Waiting struct {
	roster.Invitation
	State   roster.InvitationState
	By      string // who invited, by name
	Revokes bool   // the actor may revoke it
}

// MailReaches reports whether letters go out of this server: not where they are only
// printed, or it was not told how.
func (a *Identity) MailReaches() bool {
	return a.config.Transport.Send != nil && !a.config.Transport.Prints
}

// InvitationList is Invitations with who made them and what the actor may do about them.
func (a *Identity) InvitationList(ctx context.Context, f roster.InvitationFilter,
	page roster.Page) (rows []Waiting, total int, err error) {
	err = a.View(ctx, func(tx *Identity) error {
		who, err := core.ActorOf(ctx)
		if err != nil {
			return err
		}
		list, n, err := tx.Invitations(ctx, f, page)
		if total = n; err != nil {
			return err
		}
		by := make([]int64, len(list))
		for n, i := range list {
			by[n] = i.InvitedBy
		}
		names, err := tx.db.Names(ctx, core.Sorted(by))
		rows = make([]Waiting, len(list))
		for n, i := range list {
			rows[n] = Waiting{i, i.State(tx.Now()), names[i.InvitedBy], core.MayRevoke(who, i) == nil}
		}
		return err
	})
	return rows, total, err
}

// waiting reads an invitation that is open or expired, and its link, sealed: one that the
// actor sees in the list and may revoke. NotFound, or NotAllowed where it was accepted or
// revoked meanwhile.
func (a *Identity) waiting(ctx context.Context, id int64) (i roster.Invitation, link []byte,
	who roster.Actor, err error) {
	if who, err = a.May(ctx, core.Invite); err != nil {
		return i, nil, who, err
	}
	if i, link, err = a.db.InvitationByID(ctx, who.OrganizationID, id); err != nil {
		return i, nil, who, err
	}
	if only := ownInvitations(who, roster.InvitationFilter{}).InvitedBy; only != 0 && only != i.InvitedBy {
		return i, nil, who, core.ErrNotFound
	}
	switch i.State(a.Now()) {
	case roster.InvitationAccepted:
		err = roster.Errorf(roster.NotAllowed, "%s has accepted the invitation. Nothing was changed.", i.Email)
	case roster.InvitationRevoked:
		err = roster.Errorf(roster.NotAllowed,
			"The invitation of %s was revoked, or a newer one took its place. Nothing was changed.", i.Email)
	default:
		err = core.MayRevoke(who, i)
	}
	return i, link, who, err
}

// Invitation is one that waits, for who may revoke it.
func (a *Identity) Invitation(ctx context.Context, id int64) (roster.Invitation, error) {
	i, _, _, err := a.waiting(ctx, id)
	return i, err
}

// Resend invites again whom an invitation is for, to the same, in the actor's name, and
// returns it. The earlier link dies.
func (a *Identity) Resend(ctx context.Context, id int64) (i roster.Invitation, err error) {
	err = a.Update(ctx, func(tx *Identity) error {
		if i, _, _, err = tx.waiting(ctx, id); err != nil {
			return err
		}
		again := roster.Invite{Emails: []string{i.Email}, Role: i.Role, UserType: i.UserType, Projects: i.Projects,
			Workspaces: i.Workspaces}
		if i.UserType == roster.SeatViewOnly {
			again.Role = ""
		}
		return tx.InvitePeople(ctx, again)
	})
	return i, err
}

// InvitationLink is where an open invitation leads, to be handed to its person where no
// mail reaches them. Whoever has it chooses the account's password, so that of somebody who
// has an account is for those only who could set its password.
func (a *Identity) InvitationLink(ctx context.Context, id int64) (i roster.Invitation, link string, err error) {
	err = a.View(ctx, func(tx *Identity) error {
		var sealed []byte
		var who roster.Actor
		if i, sealed, who, err = tx.waiting(ctx, id); err != nil {
			return err
		}
		if i.State(tx.Now()) != roster.InvitationOpen {
			return roster.Errorf(roster.NotAllowed, "The invitation of %s has expired. Send it again for a new link.", i.Email)
		}
		if err := tx.mayHandOn(ctx, who, i); err != nil {
			return err
		}
		token, err := tx.Sealer.Open(sealed)
		if err != nil {
			return roster.Errorf(roster.NotAllowed,
				"The link of this invitation is not kept: it is from before, or the server has another key since. Send it "+
					"again for a new link.")
		}
		link = tx.config.URL + InvitePath(token)
		return nil
	})
	return i, link, err
}

// mayHandOn holds who asks for a link to what they may do with the account behind it.
func (a *Identity) mayHandOn(ctx context.Context, who roster.Actor, i roster.Invitation) error {
	if err := core.MayChange(who, i.Role); err != nil {
		return err
	}
	u, err := a.db.UserByEmail(ctx, i.Email)
	if roster.KindOf(err) == roster.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	const why = "%s has an account from before, and whoever opens this link chooses its password. It goes to their " +
		"mailbox only."
	m, err := a.db.Membership(ctx, i.OrganizationID, u.ID)
	if err != nil && roster.KindOf(err) != roster.NotFound {
		return err
	}
	if err != nil || core.MayTakeOver(who, m.Role) != nil {
		return roster.Errorf(roster.Forbidden, why, i.Email)
	}
	elsewhere, err := a.db.MemberElsewhere(ctx, i.OrganizationID, u.ID)
	if err == nil && elsewhere {
		err = roster.Errorf(roster.Forbidden, why, i.Email)
	}
	return err
}
