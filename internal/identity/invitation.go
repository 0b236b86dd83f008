package identity

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

const (
	invitationTTL  = 7 * 24 * time.Hour
	maxInvited     = 100   // people in one call
	maxPlaces      = 100   // projects, and workspaces, in one invitation
	maxInvitedHour = 1_000 // people an organization invites in an hour
)

// InviteToken is what the organization's invite link holds.
func (a *Identity) InviteToken(ctx context.Context) (string, error) {
	who, err := a.May(ctx, core.Invite)
	if err != nil {
		return "", err
	}
	org, err := a.db.Organization(ctx, who.OrganizationID)
	return org.Token, err
}

// InviteLink is the organization's invite link, as people can be sent it.
func (a *Identity) InviteLink(ctx context.Context) (string, error) {
	token, err := a.InviteToken(ctx)
	return a.config.URL + InvitePath(token), err
}

// ResetInviteToken gives the organization another link; the old one dies, whoever was sent it.
func (a *Identity) ResetInviteToken(ctx context.Context) (string, error) {
	who, err := a.May(ctx, core.Invite)
	if err != nil {
		return "", err
	}
	token := core.NewToken()
	return token, a.db.SetInviteToken(ctx, who.OrganizationID, token)
}

// InvitePeople invites people by e-mail: all of them, or nobody. What they get
// is theirs as soon as they accept. Earlier invitations of theirs die.
func (a *Identity) InvitePeople(ctx context.Context, invite roster.Invite) error {
	return a.Update(ctx, func(tx *Identity) error {
		who, err := tx.May(ctx, core.Invite)
		if err != nil {
			return err
		}
		i, emails, err := tx.invitable(ctx, who, invite)
		if err != nil {
			return err
		}
		if err := tx.mayInviteNow(ctx, who, len(emails)); err != nil {
			return err
		}
		if err := tx.db.RevokeInvitations(ctx, who.OrganizationID, emails, tx.Now()); err != nil {
			return err
		}
		list, err := tx.letters(ctx, who, i, emails)
		if err != nil {
			return err
		}
		return tx.db.AddInvitations(ctx, list)
	})
}

// invitable checks what is asked for, and returns it as an invitation for
// nobody yet, with whom it is for.
func (a *Identity) invitable(ctx context.Context, who roster.Actor, invite roster.Invite) (i roster.Invitation,
	emails []string, err error) {
	if emails, err = cleanEmails(invite.Emails); err != nil {
		return i, nil, err
	}
	role, seat, err := invitedRole(invite.Role, invite.UserType)
	if err != nil {
		return i, nil, err
	}
	i = roster.Invitation{
		OrganizationID: who.OrganizationID, Role: role, UserType: seat, InvitedBy: who.UserID,
		Projects: core.Sorted(invite.Projects), Workspaces: core.Sorted(invite.Workspaces),
		CreatedAt: a.Now(), ExpiresAt: a.Now().Add(invitationTTL),
	}
	if err := core.MayChange(who, role); err != nil {
		return i, nil, err
	}
	if err := a.mayGrant(ctx, i); err != nil {
		return i, nil, err
	}
	known, err := a.db.KnownPeople(ctx, who.OrganizationID, emails)
	if err == nil && len(known) > 0 {
		err = roster.InvalidField("emails", "Already in the organization: %s.", strings.Join(known, ", "))
	}
	if err != nil {
		return i, emails, err
	}
	called, err := a.db.Called(ctx, who.OrganizationID, emails)
	if err == nil && len(called) > 0 {
		err = roster.InvalidField("emails", Claimed, strings.Join(slices.Sorted(maps.Keys(called)), ", "))
	}
	return i, emails, err
}

func cleanEmails(list []string) ([]string, error) {
	switch {
	case len(list) == 0:
		return nil, roster.InvalidField("emails", "This list may not be empty.")
	case len(list) > maxInvited:
		return nil, roster.InvalidField("emails", "Ensure this field has no more than %d elements.", maxInvited)
	}
	var emails []string
	for _, text := range list {
		email, err := core.CleanEmail(text)
		if err != nil {
			return nil, notAnEmail(text)
		}
		if !slices.ContainsFunc(emails, func(other string) bool { return core.SameEmail(email, other) }) {
			emails = append(emails, email)
		}
	}
	return emails, nil
}

// notAnEmail says that a text is no e-mail address, and why where there is a reason.
func notAnEmail(text string) error {
	if why := core.EmailText(text); why != "" {
		return roster.InvalidField("emails", "%q is not a valid email address. %s", text, why)
	}
	return roster.InvalidField("emails", "%q is not a valid email address.", text)
}

// invitedRole is what somebody gets who is invited to a role and a seat. The
// role must be said, unless the seat is View Only, which brings its own.
func invitedRole(role roster.Role, seat roster.UserType) (roster.Role, roster.UserType, error) {
	switch {
	case seat == roster.SeatService:
		return "", "", roster.InvalidField("user_type", "\"service\" is not a valid choice.")
	case seat == roster.SeatViewOnly && role != "":
		return "", "", roster.InvalidField("role", "Leave the role out: a View Only seat brings its own.")
	case seat == roster.SeatViewOnly:
		return roster.RoleViewOnly, seat, nil
	case role == "":
		return "", "", roster.InvalidField("role", "This field is required unless user_type is viewonly.")
	case !role.Assignable() || !role.Works():
		return "", "", roster.InvalidField("role", "The role %q cannot be given by an invitation.", role)
	case seat == "":
		seat = roster.SeatStandard
	}
	return role, seat, nil
}

// mayGrant refuses an invitation to projects and workspaces whose members the
// actor may not change.
func (a *Identity) mayGrant(ctx context.Context, i roster.Invitation) error {
	for field, ids := range map[string][]int64{"projects": i.Projects, "workspaces": i.Workspaces} {
		if len(ids) > maxPlaces {
			return roster.InvalidField(field, "Ensure this field has no more than %d elements.", maxPlaces)
		}
	}
	for _, id := range i.Projects {
		if _, err := a.MayInProject(ctx, core.ManageMembers, id); err != nil {
			return orUnknown(err, "projects", id)
		}
	}
	for _, id := range i.Workspaces {
		w, _, err := a.MayInWorkspace(ctx, core.ManageWorkspace, id)
		if err != nil {
			return orUnknown(err, "workspaces", id)
		}
		if w.Personal {
			return roster.InvalidField("workspaces", "Workspace %d is personal: its owner's alone.", id)
		}
	}
	return nil
}

// orUnknown says of something the actor cannot see that it is not there.
func orUnknown(err error, field string, id int64) error {
	if roster.KindOf(err) == roster.NotFound {
		return core.Unknown(field, id)
	}
	return err
}

// mayInviteNow keeps an organization from sending mail without end. Another server's clock
// may be ahead; what lies further ahead than an hour was made under one that went back.
func (a *Identity) mayInviteNow(ctx context.Context, who roster.Actor, more int) error {
	n, err := a.db.InvitationsBetween(ctx, who.OrganizationID, a.Now().Add(-time.Hour), a.Now().Add(time.Hour))
	if err == nil && n+more > maxInvitedHour {
		err = roster.Error{Kind: roster.TooMany, RetryAfter: time.Hour}.Says(
			"An organization invites at most %d people an hour. Nobody was invited; try again later.", maxInvitedHour)
	}
	return err
}

// letters is an invitation for each of the e-mails, with its own token and the
// mail that brings it.
func (a *Identity) letters(ctx context.Context, who roster.Actor, i roster.Invitation,
	emails []string) ([]store.NewInvitation, error) {
	org, err := a.db.Organization(ctx, who.OrganizationID)
	if err != nil {
		return nil, err
	}
	by, err := a.db.User(ctx, who.UserID)
	if err != nil {
		return nil, err
	}
	language, err := a.languages(ctx, by.Email, emails)
	if err != nil {
		return nil, err
	}
	list := make([]store.NewInvitation, len(emails))
	for n, email := range emails {
		token := core.NewToken()
		i.Email = email
		subject, text := a.invitationMail(language(email), org, by, i, token)
		list[n] = store.NewInvitation{Invitation: i, Hash: core.TokenHash(token), Link: a.Sealer.Close(token),
			Subject: subject, Sealed: a.Sealer.Close(text)}
	}
	return list, nil
}

// RevokeInvitation closes the invitation of an e-mail. Doing it again is fine:
// a client may repeat what it got no answer to.
func (a *Identity) RevokeInvitation(ctx context.Context, email string) error {
	email, err := core.KnownEmail(email)
	if err != nil {
		return err
	}
	return a.Update(ctx, func(tx *Identity) error {
		who, err := tx.May(ctx, core.Invite)
		if err != nil {
			return err
		}
		i, err := tx.db.LastInvitation(ctx, who.OrganizationID, email)
		if err != nil && roster.KindOf(err) != roster.NotFound {
			return err
		}
		if err != nil || !i.AcceptedAt.IsZero() {
			return roster.InvalidField("email", "There is no open invitation for %s.", email)
		}
		if err := core.MayRevoke(who, i); err != nil {
			return err
		}
		return tx.db.RevokeInvitations(ctx, who.OrganizationID, []string{email}, tx.Now())
	})
}

// Invitations is one page of the organization's invitations, newest first, and
// how many there are in all. Who does not see all people sees their own.
func (a *Identity) Invitations(ctx context.Context, f roster.InvitationFilter,
	page roster.Page) (list []roster.Invitation, total int, err error) {
	who, err := a.May(ctx, core.Invite)
	if err != nil {
		return nil, 0, err
	}
	return a.db.Invitations(ctx, who.OrganizationID, ownInvitations(who, f), page)
}

// CountInvitations is how many of them there are.
func (a *Identity) CountInvitations(ctx context.Context, f roster.InvitationFilter) (int, error) {
	who, err := a.May(ctx, core.Invite)
	if err != nil {
		return 0, err
	}
	return a.db.CountInvitations(ctx, who.OrganizationID, ownInvitations(who, f))
}

// ownInvitations narrows f to the actor's own where they do not see all people.
func ownInvitations(who roster.Actor, f roster.InvitationFilter) roster.InvitationFilter {
	if core.Granted(who, core.ListPeople) != core.All {
		f.InvitedBy = who.UserID
	}
	return f
}

// InvitationState says what can be done with an invitation now.
func (a *Identity) InvitationState(i roster.Invitation) roster.InvitationState {
	return i.State(a.Now())
}
