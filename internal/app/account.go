package app

import (
	"context"
	"strings"

	"roster"
	"roster/internal/mailbox"
)

// Authenticate finds out whose legacy token this is. Unsigned when it is
// nobody's, when the organization takes none, or when its person may not act.
func (a *App) Authenticate(ctx context.Context, token string, in ...*roster.Standing) (roster.Actor, error) {
	who, enabled, err := a.db.ActorByToken(ctx, tokenHash(token), in...)
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
	return who, working(who)
}

// working refuses those who may not act anywhere: without an active
// organization, deleted from it, deactivated, or not activated yet.
func working(who roster.Actor) error {
	if who.Role == "" || !who.Role.Works() {
		return roster.Errorf(roster.Unsigned, "User inactive or deleted.")
	}
	return nil
}

// Touch records that the actor of ctx did something.
func (a *App) Touch(ctx context.Context) error {
	who, err := actor(ctx)
	if err != nil {
		return err
	}
	return a.db.TouchUser(ctx, who.UserID, a.now())
}

// ActAs is the actor that the person with this e-mail is, working on the store
// itself as its operator.
func (a *App) ActAs(ctx context.Context, email string) (roster.Actor, error) {
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
func (a *App) Owner(ctx context.Context) (roster.Actor, error) {
	id, err := a.db.FirstOwner(ctx)
	if err != nil {
		return roster.Actor{}, err
	}
	who, err := a.db.ActorByUser(ctx, id)
	who.Credential = roster.CredentialOperator
	return who, err
}

// Token is a person's legacy token; they get one when they have none.
func (a *App) Token(ctx context.Context, user int64) (string, error) {
	sealed, err := a.db.SealedToken(ctx, user)
	if roster.KindOf(err) == roster.NotFound {
		sealed, err = a.firstToken(ctx, user)
	}
	if err != nil {
		return "", err
	}
	token, err := a.seal.open(sealed)
	if err != nil {
		return "", &roster.Error{Kind: roster.Invalid, Err: err,
			Message: "The token cannot be shown: it was stored under another server key. It still works; reset it to see a new one."}
	}
	return token, nil
}

// firstToken gives a person who has none a legacy token, unless somebody else
// who asked at the same time did: both get the one that works.
func (a *App) firstToken(ctx context.Context, user int64) ([]byte, error) {
	token := newToken()
	if err := a.db.SetFirstToken(ctx, user, tokenHash(token), a.seal.close(token), a.now()); err != nil {
		return nil, err
	}
	return a.db.SealedToken(ctx, user)
}

// ResetToken gives a person a new legacy token; the old one stops working.
func (a *App) ResetToken(ctx context.Context, user int64) (string, error) {
	token := newToken()
	return token, a.db.SetLegacyToken(ctx, user, tokenHash(token), a.seal.close(token), a.now())
}

// MyToken and ResetMyToken are the same for the actor's own.
func (a *App) MyToken(ctx context.Context) (string, error) {
	who, err := a.May(ctx, CreateTokens)
	if err != nil {
		return "", err
	}
	return a.Token(ctx, who.UserID)
}

// ResetMyToken replaces the actor's own token.
func (a *App) ResetMyToken(ctx context.Context) (string, error) {
	who, err := a.May(ctx, CreateTokens)
	if err != nil {
		return "", err
	}
	return a.ResetToken(ctx, who.UserID)
}

// CleanEmail is an e-mail address that somebody is to have from now on, in the spelling
// in which it is kept. One that could be taken for another person's is refused.
func CleanEmail(email string) (string, error) {
	address, err := mailbox.Parse(email)
	if err != nil {
		return "", roster.InvalidField("email", "%s", err)
	}
	return address.Text, nil
}

// EmailReason is why CleanEmail refuses an address, as a second sentence with a blank
// before it; "" for what is no address at all.
func EmailReason(email string) string { return mailbox.Why(email) }

// BarredEmail reports whether a text is an e-mail address, and one that nobody can have.
func BarredEmail(email string) bool { return mailbox.Barred(email) }

// KnownEmail is an e-mail address that somebody is looked for by, who may have one from
// before that nobody could be given today. It refuses what is none at all.
func KnownEmail(email string) (string, error) {
	if _, err := mailbox.Parse(email); err != nil && !BarredEmail(email) {
		return "", roster.InvalidField("email", "%s", err)
	}
	return mailbox.Clean(email), nil
}

// SameEmail reports whether two addresses are one mailbox.
func SameEmail(one, other string) bool { return mailbox.Key(one) == mailbox.Key(other) }

// validUser completes and checks what a new person is made of.
func validUser(n *roster.NewUser) (err error) {
	if n.Email, err = CleanEmail(n.Email); err != nil {
		return err
	}
	if n.Username == "" {
		n.Username = n.Email
	}
	if n.UserType == "" {
		n.UserType = roster.SeatStandard
	}
	fields := map[string]string{"username": n.Username, "first_name": n.FirstName, "last_name": n.LastName, "phone": n.Phone}
	for _, name := range []string{"username", "first_name", "last_name", "phone"} {
		if err := validLine(name, fields[name], 256); err != nil {
			return err
		}
	}
	if n.Password != "" {
		return validPassword(n.Password)
	}
	return nil
}

// validText refuses text that is too long or holds control characters.
func validText(field, text string, most int) error {
	if len([]rune(text)) > most {
		return roster.InvalidField(field, "Ensure this field has no more than %d characters.", most)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' }) {
		return roster.InvalidField(field, "Control characters are not allowed.")
	}
	return nil
}

// validLine is validText for what has one line, such as a name: in a mail a
// second line could pass for a header, or for the mail's own words.
func validLine(field, text string, most int) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029 }) {
		return roster.InvalidField(field, "Line breaks are not allowed.")
	}
	return validText(field, text, most)
}

// enroll makes a person and their membership in an organization. A seat of
// the view-only type brings the role of that name.
func (a *App) enroll(ctx context.Context, organization int64, n roster.NewUser, source roster.RoleSource) (int64, error) {
	if err := validUser(&n); err != nil {
		return 0, err
	}
	if n.UserType == roster.SeatViewOnly && n.Role.Works() {
		n.Role = roster.RoleViewOnly
	}
	hash := ""
	if n.Password != "" {
		hash = hashPassword(n.Password)
	}
	if err := a.db.LockScim(ctx, organization); err != nil { // before any other lock, as everywhere
		return 0, err
	}
	if err := a.ownIDs(ctx); err != nil {
		return 0, err
	}
	if err := a.unused(ctx, organization, n.Email); err != nil {
		return 0, err
	}
	id, err := a.db.CreateUser(ctx, n, hash, a.now())
	if err != nil {
		return 0, err
	}
	if err := a.db.SetActiveOrganization(ctx, id, organization); err != nil {
		return 0, err
	}
	return id, a.db.AddOrganizationMember(ctx, roster.OrganizationMembership{
		OrganizationID: organization, UserID: id, Role: n.Role, RoleSource: source, UserType: n.UserType, CreatedAt: a.now(),
	})
}

// unused refuses the e-mail of somebody who has an account already, and one by which a
// provider calls somebody; people who
// were deleted from the organization come back by an invitation only.
func (a *App) unused(ctx context.Context, organization int64, email string) error {
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
func (a *App) unclaimed(ctx context.Context, organization, person int64, email string) error {
	called, err := a.db.Called(ctx, organization, []string{email})
	if other := called[email]; err == nil && other != 0 && other != person {
		err = roster.InvalidField("email", claimed, email)
	}
	return err
}

// claimed says of an e-mail that it is somebody else's userName.
const claimed = "The identity provider calls somebody else in the organization %s. Change that userName first. Nothing was changed."

// CreateUser makes a person in the actor's organization.
func (a *App) CreateUser(ctx context.Context, n roster.NewUser) (u roster.User, err error) {
	err = a.Update(ctx, func(tx *App) error {
		who, err := tx.May(ctx, ManagePeople)
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
		if err := mayChange(who, n.Role); err != nil {
			return err
		}
		id, err := tx.enroll(ctx, who.OrganizationID, n, who.Source())
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
func (a *App) Setup(ctx context.Context, title string, owner roster.NewUser) (made bool, err error) {
	err = a.Update(ctx, func(tx *App) error {
		made = false
		if err := tx.db.LockSetup(ctx); err != nil {
			return err
		}
		n, err := tx.db.CountOrganizations(ctx)
		if err != nil || n > 0 {
			return err
		}
		org, err := tx.db.CreateOrganization(ctx, roster.Organization{
			Title: title, Token: newToken(), DefaultRole: roster.RoleAnnotator, CreatedAt: tx.now(),
		})
		if err != nil {
			return err
		}
		owner.Role, owner.UserType = roster.RoleOwner, roster.SeatStandard
		id, err := tx.enroll(ctx, org, owner, roster.SourceManual)
		if err != nil {
			return err
		}
		made = true
		return tx.db.SetOrganizationCreator(ctx, org, id)
	})
	return made, err
}

// Me is the actor as a person, with their membership.
func (a *App) Me(ctx context.Context) (u roster.User, m roster.OrganizationMembership, err error) {
	who, err := a.May(ctx, OwnAccount)
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
func (a *App) OwnerEmail(ctx context.Context) (string, error) {
	org, err := a.MyOrganization(ctx)
	if err != nil {
		return "", err
	}
	u, err := a.db.User(ctx, org.CreatedBy)
	return u.Email, err
}

// MyOrganization is the one the actor acts in.
func (a *App) MyOrganization(ctx context.Context) (roster.Organization, error) {
	who, err := actor(ctx)
	if err != nil {
		return roster.Organization{}, err
	}
	return a.db.Organization(ctx, who.OrganizationID)
}
