package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/metrics"
	"roster/internal/store"
)

// signOnTTL is how long somebody may take to sign in at their provider.
const signOnTTL = 10 * time.Minute

// signOn is what the browser keeps, sealed, while it is at the provider.
type signOn struct {
	State, Nonce, Verifier string
	Next                   string // where to go afterwards
	Until                  time.Time
}

// SignOnStart is where to send a browser, and what it must come back with.
type SignOnStart struct {
	Address string
	Sealed  string // for nobody but SignOn to read
	Expires time.Time
}

// SignOnName is what people know the identity provider by; "" when there is none.
func (a *Identity) SignOnName() string {
	if a.config.SignOn == nil {
		return ""
	}
	return a.config.SignOn.Name()
}

var noSignOn = roster.Errorf(roster.NotFound, "Single sign-on is not set up here.")

// BeginSignOn sends somebody to the identity provider. What the answer is held
// against is with the browser, sealed, so that any server can finish.
func (a *Identity) BeginSignOn(ctx context.Context, next, from string) (s SignOnStart, err error) {
	if a.config.SignOn == nil {
		return s, noSignOn
	}
	if err := a.Limits.Address(from, a.Now()); err != nil {
		return s, err
	}
	flow := signOn{rand.Text(), rand.Text(), rand.Text() + rand.Text(), next, a.Now().Add(signOnTTL)}
	text, err := json.Marshal(flow)
	if err != nil {
		return s, err
	}
	s.Address, err = a.config.SignOn.Address(ctx, flow.State, flow.Nonce, flow.Verifier)
	s.Sealed, s.Expires = string(a.flows.Close(string(text))), flow.Until
	return s, err
}

// SignOn begins a session for who comes back from the identity provider, with
// what BeginSignOn gave the browser. It returns where they wanted to go.
func (a *Identity) SignOn(ctx context.Context, sealed string, answer roster.SignOnAnswer,
	from string) (s roster.Session, next string, err error) {
	defer func() { metrics.SignedIn("provider", err) }()
	if a.config.SignOn == nil {
		return s, "", noSignOn
	}
	if err := a.Limits.Address(from, a.Now()); err != nil {
		return s, "", err
	}
	flow, err := a.returned(sealed, answer)
	if err != nil {
		return s, "", err
	}
	identity, err := a.config.SignOn.Identify(ctx, answer.Code, flow.Nonce, flow.Verifier)
	if err != nil {
		return s, "", err
	}
	if answer.Issuer != "" && answer.Issuer != identity.Issuer {
		return s, "", roster.Errorf(roster.Forbidden,
			"The answer came from another identity provider. Nobody was signed in; try again.")
	}
	s, err = a.signInAs(ctx, identity)
	return s, flow.Next, err
}

// returned is what a browser was sent away with, when it has it still, in time,
// and the answer is to it. What the provider says before that is not repeated.
func (a *Identity) returned(sealed string, answer roster.SignOnAnswer) (flow signOn, err error) {
	text, err := a.flows.Open([]byte(sealed))
	if err != nil || json.Unmarshal([]byte(text), &flow) != nil || answer.State == "" || answer.State != flow.State {
		return flow, roster.Errorf(roster.Forbidden,
			"This answer does not belong to a sign-in that began in this browser. Nobody was signed in; try again.")
	}
	if !a.Now().Before(flow.Until) {
		return flow, roster.Errorf(roster.Forbidden,
			"Signing in took longer than %d minutes. Nobody was signed in; try again.", signOnTTL/time.Minute)
	}
	if answer.Error != "" {
		return flow, roster.Errorf(roster.Forbidden, "%s did not sign you in: %s.", a.SignOnName(), reason(answer))
	}
	if answer.Code == "" {
		return flow, roster.Errorf(roster.Forbidden, "%s sent no code. Nobody was signed in; try again.", a.SignOnName())
	}
	return flow, nil
}

// reason is what a provider said went wrong, as one short line.
func reason(answer roster.SignOnAnswer) string {
	text := answer.Error
	if answer.Reason != "" {
		text = answer.Reason + " (" + answer.Error + ")"
	}
	return core.Shortened(core.OneLine(text), 300)
}

// signInAs begins a session for an identity. What their groups come to stands
// even where it is that they may not sign in.
func (a *Identity) signInAs(ctx context.Context, id roster.Identity) (s roster.Session, err error) {
	var refused error
	err = a.Update(ctx, func(tx *Identity) error {
		user, err := tx.identified(ctx, id)
		if err != nil {
			return err
		}
		if id.Groups != nil {
			if err := tx.claimGroups(ctx, user, id.Groups); err != nil {
				return err
			}
		}
		who, err := tx.db.ActorByUser(ctx, user)
		if err != nil {
			return err
		}
		if refused = MaySignIn(who); refused != nil {
			return nil
		}
		if err := tx.db.TouchUser(ctx, user, tx.Now()); err != nil {
			return err
		}
		s, err = tx.BeginSession(ctx, who)
		return err
	})
	if err == nil {
		err = refused
	}
	return s, err
}

// identified is the person an identity belongs to: by the link, else by an
// e-mail that the provider answers for, else somebody new. With an address that
// nobody can have it is nobody, also where somebody has it from before.
func (a *Identity) identified(ctx context.Context, id roster.Identity) (user int64, err error) {
	if core.BarredEmail(id.Email) {
		return 0, a.badEmail(id)
	}
	user, proven, err := a.db.UserByIdentity(ctx, id.Issuer, id.Subject)
	if err == nil {
		return user, a.linkedRight(ctx, user, proven, id)
	}
	if roster.KindOf(err) != roster.NotFound {
		return user, err
	}
	email, err := core.KnownEmail(id.Email)
	if err != nil {
		return 0, a.noEmail()
	}
	if !id.EmailVerified {
		return 0, roster.Errorf(roster.Forbidden,
			"%s has not verified that %s is your e-mail address. Verify it there, then sign in again.", a.SignOnName(), email)
	}
	u, err := a.db.UserByEmail(ctx, email)
	if roster.KindOf(err) == roster.NotFound {
		u.ID, err = a.comeBySignOn(ctx, email, id)
	}
	if err != nil {
		return 0, err
	}
	err = a.db.AddIdentity(ctx, u.ID, id.Issuer, id.Subject, a.Now())
	if roster.KindOf(err) == roster.Exists {
		err = roster.Errorf(roster.Forbidden,
			"The account of %s belongs to somebody else at %s, who had this e-mail before. Ask an administrator.", email,
			a.SignOnName())
	}
	return u.ID, err
}

// badEmail refuses who comes with an e-mail address that could be taken for another one.
func (a *Identity) badEmail(id roster.Identity) error {
	email, why := core.Shortened(core.OneLine(id.Email), 300), core.EmailText(id.Email)
	if why == "" {
		return roster.Errorf(roster.Forbidden,
			"%s says that your e-mail address is %s. Nobody signs in with it. Ask an administrator.", a.SignOnName(), email)
	}
	return roster.Errorf(roster.Forbidden,
		"%s says that your e-mail address is %s. Nobody signs in with it. %s Ask an administrator.",
		a.SignOnName(), email, why)
}

// noEmail refuses who comes without an e-mail address.
func (a *Identity) noEmail() error {
	return roster.Errorf(roster.Forbidden,
		"%s does not say your e-mail address, by which Roster knows you. Ask an administrator.", a.SignOnName())
}

// linkedRight refuses a link that was made when addresses were compared as searches
// compare texts: to the account of x@strasse.example from x@straße.example, which is
// another mailbox. One that was made since is between addresses that differ more. Without
// an e-mail, a link of then is refused until it was seen to be right.
func (a *Identity) linkedRight(ctx context.Context, user int64, proven bool, id roster.Identity) error {
	if _, err := core.KnownEmail(id.Email); err != nil {
		if proven {
			return nil
		}
		return a.noEmail()
	}
	u, err := a.db.User(ctx, user)
	switch {
	case err != nil:
		return err
	case core.SameEmail(u.Email, id.Email) && proven:
		return nil
	case core.SameEmail(u.Email, id.Email):
		return a.db.ProveIdentity(ctx, id.Issuer, id.Subject)
	case store.Fold(u.Email) != store.Fold(id.Email):
		return nil
	}
	return roster.Errorf(roster.Forbidden,
		"%s says that your e-mail address is %s, and your account's is %s, which is another one. Ask an administrator "+
			"to unlink them.",
		a.SignOnName(), id.Email, u.Email)
}

// comeBySignOn makes a person of the first organization, in their own name,
// with its default role.
func (a *Identity) comeBySignOn(ctx context.Context, email string, id roster.Identity) (user int64, err error) {
	if a.config.SignOnKnownOnly {
		return 0, roster.Errorf(roster.Forbidden,
			"There is no account for %s. Ask an administrator for an invitation.", email)
	}
	if core.RefusedEmail(email) {
		return 0, a.badEmail(id)
	}
	owner, err := a.Owner(ctx)
	if err != nil {
		return 0, err
	}
	org, err := a.db.Organization(ctx, owner.OrganizationID)
	if err != nil {
		return 0, err
	}
	n := roster.NewUser{Email: email, FirstName: core.Shortened(core.OneLine(id.FirstName), 256),
		LastName: core.Shortened(core.OneLine(id.LastName), 256), Role: org.DefaultRole}
	if user, err = a.Enroll(ctx, org.ID, n, roster.SourceSAML); err != nil { // the wire's word for single sign-on
		return 0, err
	}
	ctx = roster.WithActor(ctx, signingOn(user, org.ID))
	return user, a.RecordJoin(ctx, roster.OpJoin, roster.Outcome{UserID: user, Result: roster.Created,
		RoleAfter: org.DefaultRole})
}

func signingOn(user, organization int64) roster.Actor {
	return roster.Actor{UserID: user, OrganizationID: organization, Credential: roster.CredentialSignOn}
}

// maxClaimedGroups bounds the groups that somebody signs in with.
const maxClaimedGroups = 1000

// claimGroups takes down the groups that somebody signs in with, and gives
// them what those come to. Who was deactivated by hand stays so.
func (a *Identity) claimGroups(ctx context.Context, user int64, names []string) error {
	if len(names) > maxClaimedGroups {
		return roster.Errorf(roster.Forbidden,
			"%s says that you are in more than %d groups. Ask an administrator to have it send those that matter.",
			a.SignOnName(), maxClaimedGroups)
	}
	who, err := a.db.ActorByUser(ctx, user)
	if err != nil || who.Role == "" {
		return err
	}
	if err := a.db.LockSCIM(ctx, who.OrganizationID); err != nil {
		return err
	}
	m, err := a.db.LockMembership(ctx, who.OrganizationID, user)
	if err != nil || (m.Role == roster.RoleDeactivated && m.RoleSource != roster.SourceSCIM) {
		return err
	}
	if err := a.db.KnowSCIMUsers(ctx, who.OrganizationID, []int64{user}); err != nil {
		return err
	}
	// no mapping is of a name that is longer, or of two lines
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return name == "" || core.ValidLine("group", name, 256) != nil
	})
	if err := a.db.SetClaimedGroups(ctx, who.OrganizationID, user, names); err != nil {
		return err
	}
	ctx = roster.WithActor(ctx, signingOn(user, who.OrganizationID))
	return a.membership.SyncSCIM(ctx, who.OrganizationID, []int64{user}, nil)
}

// Unlink lets a person sign in with another identity than before: they
// are found by their e-mail the next time. It returns whether they had one.
func (a *Identity) Unlink(ctx context.Context, user int64) (bool, error) {
	n, err := a.db.ForgetIdentities(ctx, user)
	slog.InfoContext(ctx, "forgot who a person is at the identity provider", "user", user, "identities", n)
	return n > 0, err
}
