package identity

import (
	"context"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

// Welcome is what the page needs to know that an invitation leads to.
type Welcome struct {
	roster.Invitation
	Organization string
	By           string      // who invites; "" with the organization's link
	Person       roster.User // whom the e-mail belongs to already; zero for somebody new
}

// Invited reads what a token invites to: an invitation by e-mail, or the
// organization's link. One that is not open is Forbidden, with the reason.
func (a *Identity) Invited(ctx context.Context, token string) (w Welcome, err error) {
	w.Invitation, err = a.db.LockInvitation(ctx, core.TokenHash(token))
	if roster.KindOf(err) == roster.NotFound {
		return a.byLink(ctx, token)
	}
	if err != nil {
		return w, err
	}
	if err := closed(w.State(a.Now())); err != nil {
		return w, err
	}
	org, err := a.db.Organization(ctx, w.OrganizationID)
	if err != nil {
		return w, err
	}
	by, err := a.db.User(ctx, w.InvitedBy)
	if err != nil {
		return w, err
	}
	w.Organization, w.By = org.Title, by.Name()
	w.Person, err = a.db.UserByEmail(ctx, w.Email)
	if roster.KindOf(err) == roster.NotFound {
		err = nil
	}
	return w, err
}

// byLink is what the organization's link invites to: to wait for a role.
func (a *Identity) byLink(ctx context.Context, token string) (w Welcome, err error) {
	org, err := a.db.OrganizationByToken(ctx, token)
	if roster.KindOf(err) == roster.NotFound {
		return w, roster.Errorf(roster.Forbidden,
			"This invitation is not known, or its link was replaced by another. Ask for a new one.")
	}
	w.OrganizationID, w.Organization = org.ID, org.Title
	w.Role, w.UserType = roster.RoleNotActivated, roster.SeatStandard
	return w, err
}

func closed(state roster.InvitationState) error {
	why := map[roster.InvitationState]roster.Text{
		roster.InvitationAccepted: "This invitation was accepted already. Sign in with the password you chose then.",
		roster.InvitationRevoked:  "This invitation was taken back, or a newer one took its place. Ask for a new one.",
		roster.InvitationExpired:  "This invitation has expired. Ask for a new one.",
	}[state]
	if why == "" {
		return nil
	}
	return roster.Errorf(roster.Forbidden, "%s", why)
}

// Join accepts what a token invites to. By e-mail the person has at once what
// they were invited to, as far as who invited them may still give it, and is
// signed in; by the organization's link they wait for a role, and there is no
// session. From is the network address it is asked from.
func (a *Identity) Join(ctx context.Context, token string, j roster.Joining,
	from string) (s roster.Session, err error) {
	if err := a.Limits.Address(from, a.Now()); err != nil {
		return s, err
	}
	if err := core.ValidPassword(j.Password); err != nil {
		return s, err
	}
	err = a.Update(ctx, func(tx *Identity) error {
		w, err := tx.Invited(ctx, token)
		if err != nil {
			return err
		}
		if w.ID == 0 {
			return tx.joinByLink(ctx, w, j)
		}
		s, err = tx.joinByMail(ctx, w, j)
		return err
	})
	return s, err
}

// joinByLink makes a person who waits for a role, in their own name.
func (a *Identity) joinByLink(ctx context.Context, w Welcome, j roster.Joining) error {
	id, err := a.Enroll(ctx, w.OrganizationID, newcomer(w, j.Email, j), roster.SourceManual)
	if err != nil {
		return err
	}
	self := roster.Actor{UserID: id, OrganizationID: w.OrganizationID, Role: w.Role,
		Credential: roster.CredentialInvitation}
	return a.RecordJoin(roster.WithActor(ctx, self), roster.OpJoin,
		roster.Outcome{UserID: id, Result: roster.Created, RoleAfter: w.Role})
}

func newcomer(w Welcome, email string, j roster.Joining) roster.NewUser {
	return roster.NewUser{Email: email, FirstName: j.FirstName, LastName: j.LastName, Password: j.Password,
		Role: w.Role, UserType: w.UserType}
}

// joinByMail makes a person a member, in the name of who invited them.
func (a *Identity) joinByMail(ctx context.Context, w Welcome, j roster.Joining) (s roster.Session, err error) {
	ctx, err = a.inNameOf(ctx, w.Invitation)
	if err != nil {
		return s, err
	}
	o := roster.Outcome{UserID: w.Person.ID, Result: roster.Created, RoleAfter: w.Role}
	if w.Person.ID == 0 {
		o.UserID, err = a.Enroll(ctx, w.OrganizationID, newcomer(w, w.Email, j), roster.SourceManual)
	} else {
		o.Result = roster.Restored
		o.RoleBefore, err = a.returning(ctx, w, j)
	}
	if err != nil {
		return s, err
	}
	if err := a.db.AcceptInvitation(ctx, w.ID, o.UserID, a.Now()); err != nil {
		return s, err
	}
	if err := a.RecordJoin(ctx, roster.OpJoin, o); err != nil {
		return s, err
	}
	if err := a.grantInvited(ctx, w.Invitation, o.UserID); err != nil {
		return s, err
	}
	if err := a.db.TouchUser(ctx, o.UserID, a.Now()); err != nil {
		return s, err
	}
	return a.BeginSession(ctx, roster.Actor{UserID: o.UserID, OrganizationID: w.OrganizationID})
}

// inNameOf is ctx with the person as the actor who made an invitation. Who may
// not give its role any more does not give it now either.
func (a *Identity) inNameOf(ctx context.Context, i roster.Invitation) (context.Context, error) {
	who, err := a.db.ActorByUser(ctx, i.InvitedBy)
	if err != nil {
		return ctx, err
	}
	who.Credential = roster.CredentialInvitation
	if who.OrganizationID != i.OrganizationID || core.May(who, core.Invite, nil) != nil ||
		core.MayChange(who, i.Role) != nil {
		return ctx, roster.Errorf(roster.Forbidden,
			"The person who invited you may not do so any more. Ask for a new invitation.")
	}
	return roster.WithActor(ctx, who), nil
}

// returning brings back somebody who has an account: who was deleted from the
// organization, or comes from another. The mail proves that the account is
// theirs, so they choose its password, and no credential from before lives on.
func (a *Identity) returning(ctx context.Context, w Welcome, j roster.Joining) (before roster.Role, err error) {
	if err := a.db.LockSCIM(ctx, w.OrganizationID); err != nil {
		return "", err
	}
	if err := a.unclaimed(ctx, w.OrganizationID, w.Person.ID, w.Person.Email); err != nil {
		return "", err
	}
	m, err := a.db.LockMembership(ctx, w.OrganizationID, w.Person.ID)
	switch {
	case roster.KindOf(err) == roster.NotFound:
		m = roster.OrganizationMembership{OrganizationID: w.OrganizationID, UserID: w.Person.ID, CreatedAt: a.Now()}
		m.Role, m.RoleSource, m.UserType = w.Role, roster.SourceManual, w.UserType
		err = a.db.AddOrganizationMember(ctx, m)
	case err == nil && m.DeletedAt.IsZero():
		err = roster.Errorf(roster.Forbidden, "You belong to %s already. Sign in.", w.Organization)
	case err == nil:
		before = m.Role
		m.Role, m.RoleSource, m.UserType = w.Role, roster.SourceManual, w.UserType
		err = a.db.RestoreMembership(ctx, m)
	}
	if err != nil {
		return before, err
	}
	return before, a.renew(ctx, w, j)
}

// renew gives a returning person's account its names and password, and ends
// what it was used with before.
func (a *Identity) renew(ctx context.Context, w Welcome, j roster.Joining) error {
	u := w.Person
	if err := membership.PatchUser(&u, roster.UserPatch{FirstName: &j.FirstName, LastName: &j.LastName}); err != nil {
		return err
	}
	if err := a.EndCredentials(ctx, u.ID); err != nil {
		return err
	}
	if err := a.db.UpdateUser(ctx, u, core.HashPassword(j.Password)); err != nil {
		return err
	}
	return a.db.SetActiveOrganization(ctx, u.ID, w.OrganizationID)
}

// EndCredentials ends everything that a person's account was used with, its password
// first: whoever has the e-mail now need not be who had it then.
func (a *Identity) EndCredentials(ctx context.Context, user int64) error {
	if err := a.db.ClearPassword(ctx, user); err != nil {
		return err
	}
	if err := a.db.EndSessionsOf(ctx, user, 0); err != nil {
		return err
	}
	if err := a.db.RevokePersonalTokens(ctx, user, a.Now()); err != nil {
		return err
	}
	if _, err := a.db.ForgetIdentities(ctx, user); err != nil {
		return err
	}
	if err := a.db.ForgetUpstreamLogin(ctx, user); err != nil {
		return err
	}
	_, err := a.ResetToken(ctx, user)
	return err
}

// RecordJoin writes the record of somebody's joining. Who comes again begins anew.
func (a *Identity) RecordJoin(ctx context.Context, kind roster.OperationKind, o roster.Outcome) error {
	op, err := a.Begin(ctx, roster.Operation{Kind: kind})
	if err != nil {
		return err
	}
	if err := a.membership.RecordOne(ctx, op, o); err != nil || o.Result != roster.Restored {
		return err
	}
	return a.endOfBefore(ctx, op, o.UserID)
}

// endOfBefore takes from somebody who comes again what a deletion leaves for its undo: tags
// come off, pauses are lifted, and what they made gives them no access. Nobody else changes
// those of the deleted, so that they need not be held for it.
func (a *Identity) endOfBefore(ctx context.Context, op, user int64) error {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return err
	}
	if err := a.db.RecordOtherTags(ctx, who.OrganizationID, op, []int64{user}, nil); err != nil {
		return err
	}
	if _, _, err = a.db.ApplyTags(ctx, op); err != nil {
		return err
	}
	if err := a.db.LiftPausesOf(ctx, who.OrganizationID, user, op, who.UserID, a.Now()); err != nil {
		return err
	}
	return a.db.EndMaking(ctx, who.OrganizationID, user, op, a.Now())
}

// grantInvited makes somebody a member of what they were invited to. What is
// gone, or not for who invited them to give any more, is left out. They were named
// by their e-mail: whether the inviter may list them does not matter.
func (a *Identity) grantInvited(ctx context.Context, i roster.Invitation, user int64) error {
	one := roster.Selector{Included: []int64{user}}
	left := func(err error) bool {
		return roster.KindOf(err) == roster.NotFound || roster.KindOf(err) == roster.Forbidden
	}
	for _, id := range i.Workspaces {
		if _, err := a.membership.AssignToWorkspaceUnseen(ctx, id, one); err != nil && !left(err) {
			return err
		}
	}
	for _, id := range i.Projects {
		if _, err := a.membership.AssignMembersUnseen(ctx, id, one, nil); err != nil && !left(err) {
			return err
		}
	}
	return nil
}
