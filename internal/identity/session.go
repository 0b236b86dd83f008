package identity

import (
	"context"
	"crypto/rand"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/metrics"
)

// SignIn checks a password and begins a session; from is the network address
// it is asked from. Whether the e-mail is unknown, has no password, or the
// password is wrong, the answer and the time it takes are the same.
func (a *Identity) SignIn(ctx context.Context, email, password, from string) (s roster.Session, err error) {
	defer func() { metrics.SignedIn("password", err) }()
	email = strings.TrimSpace(email)
	if err := a.Limits.SignIn(email, from, a.Now()); err != nil {
		return s, err
	}
	user, hash, err := a.db.Credentials(ctx, email)
	if err != nil {
		return s, err
	}
	right, err := proves(ctx, hash, password)
	if err != nil {
		return s, err
	}
	if !right {
		return s, roster.Errorf(roster.Unsigned, "The e-mail or the password is wrong.")
	}
	err = a.Update(ctx, func(tx *Identity) error {
		who, err := tx.db.ActorByUser(ctx, user)
		if err != nil {
			return err
		}
		if err := MaySignIn(who); err != nil {
			return err
		}
		if err := tx.db.TouchUser(ctx, user, tx.Now()); err != nil {
			return err
		}
		s, err = tx.BeginSession(ctx, who)
		return err
	})
	return s, err
}

// hashing bounds how many passwords are checked at once: each takes 19 MiB.
var hashing = make(chan struct{}, runtime.GOMAXPROCS(0))

// nobodysHash takes as long to check as anybody's.
var nobodysHash = sync.OnceValue(func() string { return core.HashPassword(rand.Text()) })

// proves reports whether password is the one of hash, in the same time when
// there is no hash.
func proves(ctx context.Context, hash, password string) (bool, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if hash == "" {
		core.CheckPassword(nobodysHash(), password)
		return false, nil
	}
	return core.CheckPassword(hash, password), nil
}

// MaySignIn refuses those who have proven who they are and may not act
// anywhere, and tells them why.
func MaySignIn(who roster.Actor) error {
	switch {
	case who.Role == "":
		return roster.Errorf(roster.Forbidden,
			"Your account was deleted from the organization. Ask an administrator to invite you again.")
	case who.Role == roster.RoleNotActivated:
		return roster.Errorf(roster.Forbidden,
			"You have joined, but nobody gave you a role yet. Ask an administrator for one.")
	case Working(who) != nil:
		return roster.Errorf(roster.Forbidden, "Your account is deactivated. Ask an administrator.")
	}
	return nil
}

// BeginSession makes a session of who, for as long as the policy lets it last.
func (a *Identity) BeginSession(ctx context.Context, who roster.Actor) (roster.Session, error) {
	policy, err := a.db.SessionPolicy(ctx, who.OrganizationID)
	if err != nil {
		return roster.Session{}, err
	}
	s := roster.Session{Token: core.NewToken(), Expires: a.Now().Add(time.Duration(policy.MaxAge) * time.Minute)}
	return s, a.db.AddSession(ctx, who.UserID, core.TokenHash(s.Token), a.Now())
}

// seenEvery is how exactly the last use of a session is known: not every
// request has to write.
const seenEvery = 10 * time.Second

// AuthenticateSession finds out whose session this is. Unsigned when it is
// nobody's, when the organization's policy has ended it, or when its person
// may not act.
func (a *Identity) AuthenticateSession(ctx context.Context, token string,
	in ...*roster.Standing) (roster.Actor, error) {
	who, seen, err := a.db.ActorBySession(ctx, core.TokenHash(token), a.Now(), in...)
	if roster.KindOf(err) == roster.NotFound {
		return who, roster.Errorf(roster.Unsigned, "Your session has ended. Sign in again.")
	}
	if err != nil {
		return who, err
	}
	if err := Working(who); err != nil {
		return roster.Actor{}, err
	}
	who.Credential = roster.CredentialSession
	if a.Now().Sub(seen) >= seenEvery {
		a.see(ctx, who)
	}
	return who, nil
}

// see records that a session was used. While a long change holds the store, a
// reader does not wait for that: it only counts as seen a little earlier.
func (a *Identity) see(ctx context.Context, who roster.Actor) {
	ctx, cancel := context.WithTimeout(ctx, a.config.SeenTimeout)
	defer cancel()
	if err := a.db.TouchSession(ctx, who.SessionID, a.Now()); err != nil {
		slog.DebugContext(ctx, "could not record that a session was used", "user", who.UserID, "error", err)
	}
}

// SignOut ends a session; one that has ended already is fine.
func (a *Identity) SignOut(ctx context.Context, token string) error {
	return a.db.EndSession(ctx, core.TokenHash(token))
}

// SessionPolicy is how long sessions last in the actor's organization.
func (a *Identity) SessionPolicy(ctx context.Context) (roster.SessionPolicy, error) {
	who, err := a.May(ctx, core.ViewSessionPolicy)
	if err != nil {
		return roster.SessionPolicy{}, err
	}
	return a.db.SessionPolicy(ctx, who.OrganizationID)
}

// maxMinutes is the longest a policy can say: the wire's largest integer.
const maxMinutes = 1<<31 - 1

// UpdateSessionPolicy changes it, for sessions under way too.
func (a *Identity) UpdateSessionPolicy(ctx context.Context,
	patch roster.SessionPolicyPatch) (p roster.SessionPolicy, err error) {
	for field, minutes := range map[string]*int{"max_session_age": patch.MaxAge,
		"max_time_between_activity": patch.MaxIdle} {
		if minutes != nil && (*minutes < 1 || *minutes > maxMinutes) {
			return p, roster.InvalidField(field, "Must be from 1 to %d minutes.", maxMinutes)
		}
	}
	err = a.Update(ctx, func(tx *Identity) error {
		who, err := tx.May(ctx, core.EditSessionPolicy)
		if err != nil {
			return err
		}
		if p, err = tx.db.SessionPolicy(ctx, who.OrganizationID); err != nil {
			return err
		}
		core.Set(&p.MaxAge, patch.MaxAge)
		core.Set(&p.MaxIdle, patch.MaxIdle)
		p.UpdatedAt = tx.Now()
		return tx.db.SetSessionPolicy(ctx, who.OrganizationID, p)
	})
	return p, err
}
