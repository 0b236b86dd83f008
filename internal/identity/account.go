package identity

import (
	"context"

	"roster"
	"roster/internal/core"
)

// Authenticate finds out whose legacy token this is. Unsigned when it is
// nobody's, when the organization takes none, or when its person may not act.
func (a *Identity) Authenticate(ctx context.Context, token string, in ...*roster.Standing) (roster.Actor, error) {
	who, enabled, err := a.db.ActorByToken(ctx, core.TokenHash(token), in...)
	if roster.KindOf(err) == roster.NotFound {
		return who, roster.Errorf(roster.Unsigned, "Invalid token.")
	}
	if err != nil {
		return who, err
	}
	if !enabled {
		return roster.Actor{}, roster.Errorf(roster.Unsigned,
			"Authentication token no longer valid: legacy token authentication has been disabled for this organization")
	}
	who.Credential = roster.CredentialToken
	return who, Working(who)
}

// Working refuses those who may not act anywhere: without an active
// organization, deleted from it, deactivated, or not activated yet.
func Working(who roster.Actor) error {
	if who.Role == "" || !who.Role.Works() {
		return roster.Errorf(roster.Unsigned, "User inactive or deleted.")
	}
	return nil
}

// Touch records that the actor of ctx did something.
func (a *Identity) Touch(ctx context.Context) error {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return err
	}
	return a.db.TouchUser(ctx, who.UserID, a.Now())
}

// ActAs is the actor that the person with this e-mail is, working on the store
// itself as its operator.
func (a *Identity) ActAs(ctx context.Context, email string) (roster.Actor, error) {
	u, err := a.db.UserByEmail(ctx, email)
	if err != nil {
		return roster.Actor{}, err
	}
	who, err := a.db.ActorByUser(ctx, u.ID)
	who.Credential = roster.CredentialOperator
	return who, err
}

// Owner is the actor that the first organization's owner is; NotFound in an
// empty store.
func (a *Identity) Owner(ctx context.Context) (roster.Actor, error) {
	id, err := a.db.FirstOwner(ctx)
	if err != nil {
		return roster.Actor{}, err
	}
	who, err := a.db.ActorByUser(ctx, id)
	who.Credential = roster.CredentialOperator
	return who, err
}

// Token is a person's legacy token; they get one when they have none.
func (a *Identity) Token(ctx context.Context, user int64) (string, error) {
	sealed, err := a.db.SealedToken(ctx, user)
	if roster.KindOf(err) == roster.NotFound {
		sealed, err = a.firstToken(ctx, user)
	}
	if err != nil {
		return "", err
	}
	token, err := a.Sealer.Open(sealed)
	if err != nil {
		return "", &roster.Error{Kind: roster.Invalid, Err: err,
			Message: "The token cannot be shown: it was stored under another server key. It still works; reset it to " +
				"see a new one."}
	}
	return token, nil
}

// firstToken gives a person who has none a legacy token, unless somebody else
// who asked at the same time did: both get the one that works.
func (a *Identity) firstToken(ctx context.Context, user int64) ([]byte, error) {
	token := core.NewToken()
	if err := a.db.SetFirstToken(ctx, user, core.TokenHash(token), a.Sealer.Close(token), a.Now()); err != nil {
		return nil, err
	}
	return a.db.SealedToken(ctx, user)
}

// ResetToken gives a person a new legacy token; the old one stops working.
func (a *Identity) ResetToken(ctx context.Context, user int64) (string, error) {
	token := core.NewToken()
	return token, a.db.SetLegacyToken(ctx, user, core.TokenHash(token), a.Sealer.Close(token), a.Now())
}

// EndToken ends a person's legacy token, if they have one: nobody knows the one that they have
// then, until they look.
func (a *Identity) EndToken(ctx context.Context, user int64) error {
	_, err := a.db.SealedToken(ctx, user)
	if roster.KindOf(err) == roster.NotFound {
		return nil
	}
	if err == nil {
		_, err = a.ResetToken(ctx, user)
	}
	return err
}

// MyToken and ResetMyToken are the same for the actor's own.
func (a *Identity) MyToken(ctx context.Context) (string, error) {
	who, err := a.May(ctx, core.CreateTokens)
	if err != nil {
		return "", err
	}
	return a.Token(ctx, who.UserID)
}

// ResetMyToken replaces the actor's own token.
func (a *Identity) ResetMyToken(ctx context.Context) (string, error) {
	who, err := a.May(ctx, core.CreateTokens)
	if err != nil {
		return "", err
	}
	return a.ResetToken(ctx, who.UserID)
}

// Enroll makes a person and their membership in an organization. A seat of
// the view-only type brings the role of that name.
func (a *Identity) Enroll(ctx context.Context, organization int64, n roster.NewUser,
	source roster.RoleSource) (int64, error) {
	if err := core.ValidUser(&n); err != nil {
		return 0, err
	}
	if n.UserType == roster.SeatViewOnly && n.Role.Works() {
		n.Role = roster.RoleViewOnly
	}
	hash := ""
	if n.Password != "" {
		hash = core.HashPassword(n.Password)
	}
	if err := a.db.LockSCIM(ctx, organization); err != nil { // before any other lock, as everywhere
		return 0, err
	}
	if err := a.OwnIDs(ctx); err != nil {
		return 0, err
	}
	if err := a.unused(ctx, organization, n.Email); err != nil {
		return 0, err
	}
	id, err := a.db.CreateUser(ctx, n, hash, a.Now())
	if err != nil {
		return 0, err
	}
	if err := a.db.SetActiveOrganization(ctx, id, organization); err != nil {
		return 0, err
	}
	return id, a.db.AddOrganizationMember(ctx, roster.OrganizationMembership{
		OrganizationID: organization, UserID: id, Role: n.Role, RoleSource: source, UserType: n.UserType, CreatedAt: a.Now(),
	})
}

// unused refuses the e-mail of somebody who has an account already, and one by which a
// provider calls somebody; people who
// were deleted from the organization come back by an invitation only.
func (a *Identity) unused(ctx context.Context, organization int64, email string) error {
	u, err := a.db.UserByEmail(ctx, email)
	if roster.KindOf(err) == roster.NotFound {
		return a.unclaimed(ctx, organization, 0, email)
	}
	if err != nil {
		return err
	}
	m, err := a.db.Membership(ctx, organization, u.ID)
	if err != nil && roster.KindOf(err) != roster.NotFound {
		return err
	}
	if !m.DeletedAt.IsZero() {
		return roster.InvalidField("email", "The user with this email was deleted from the organization. Invite them again.")
	}
	return roster.InvalidField("email", "User with this email already exists.")
}

// unclaimed refuses an e-mail for a person by which a provider calls somebody else in the
// organization. The caller holds the organization's names.
func (a *Identity) unclaimed(ctx context.Context, organization, person int64, email string) error {
	called, err := a.db.Called(ctx, organization, []string{email})
	if other := called[email]; err == nil && other != 0 && other != person {
		err = roster.InvalidField("email", Claimed, email)
	}
	return err
}

// Claimed says of an e-mail that it is somebody else's userName.
const Claimed = "The identity provider calls somebody else in the organization %s. Change that userName first. " +
	"Nothing was changed."

// CreateUser makes a person in the actor's organization.
func (a *Identity) CreateUser(ctx context.Context, n roster.NewUser) (u roster.User, err error) {
	err = a.Update(ctx, func(tx *Identity) error {
		who, err := tx.May(ctx, core.ManagePeople)
		if err != nil {
			return err
		}
		n := n // the role is read anew where this is repeated
		if n.Role == "" {
			org, err := tx.db.Organization(ctx, who.OrganizationID)
			if err != nil {
				return err
			}
			n.Role = org.DefaultRole
		}
		if err := core.MayChange(who, n.Role); err != nil {
			return err
		}
		id, err := tx.Enroll(ctx, who.OrganizationID, n, who.Source())
		if err != nil {
			return err
		}
		u, err = tx.db.User(ctx, id)
		return err
	})
	return u, err
}

// Setup makes an organization and its owner in an empty store, and nothing in
// one that has an organization; made says which.
func (a *Identity) Setup(ctx context.Context, title string, owner roster.NewUser) (made bool, err error) {
	err = a.Update(ctx, func(tx *Identity) error {
		made = false
		if err := tx.db.LockSetup(ctx); err != nil {
			return err
		}
		n, err := tx.db.CountOrganizations(ctx)
		if err != nil || n > 0 {
			return err
		}
		org, err := tx.db.CreateOrganization(ctx, roster.Organization{
			Title: title, Token: core.NewToken(), DefaultRole: roster.RoleAnnotator, CreatedAt: tx.Now(),
		})
		if err != nil {
			return err
		}
		owner.Role, owner.UserType = roster.RoleOwner, roster.SeatStandard
		id, err := tx.Enroll(ctx, org, owner, roster.SourceManual)
		if err != nil {
			return err
		}
		made = true
		return tx.db.SetOrganizationCreator(ctx, org, id)
	})
	return made, err
}

// Me is the actor as a person, with their membership.
func (a *Identity) Me(ctx context.Context) (u roster.User, m roster.OrganizationMembership, err error) {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return u, m, err
	}
	if u, err = a.db.User(ctx, who.UserID); err != nil {
		return u, m, err
	}
	if m, err = a.db.Membership(ctx, who.OrganizationID, who.UserID); err != nil {
		return u, m, err
	}
	m.Invitation, err = a.db.InvitationOf(ctx, who.OrganizationID, who.UserID)
	return u, m, err
}

// OwnerEmail is the e-mail of whoever made the actor's organization.
func (a *Identity) OwnerEmail(ctx context.Context) (string, error) {
	org, err := a.MyOrganization(ctx)
	if err != nil {
		return "", err
	}
	u, err := a.db.User(ctx, org.CreatedBy)
	return u.Email, err
}

// MyOrganization is the one the actor acts in.
func (a *Identity) MyOrganization(ctx context.Context) (roster.Organization, error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return roster.Organization{}, err
	}
	return a.db.Organization(ctx, who.OrganizationID)
}
