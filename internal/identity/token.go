package identity

import (
	"context"
	"strings"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/limit"
	"roster/internal/store"
)

// AuthenticateAccess finds out who sends this access token. The signature says
// only that it was given out: whether its personal access token, its person and
// the organization still allow it is asked of the store, every time.
func (a *Identity) AuthenticateAccess(ctx context.Context, text string, in ...*roster.Standing) (roster.Actor, error) {
	c, err := a.signer.read(text, accessToken, a.Now())
	if err != nil {
		return roster.Actor{}, err
	}
	return a.holder(ctx, c, in...)
}

// AuthenticateProvider finds out who sends this token to provision people: a
// legacy token, or a personal one, which identity providers cannot exchange
// (contract 6.6), or an access token.
func (a *Identity) AuthenticateProvider(ctx context.Context, text string) (who roster.Actor, err error) {
	c, err := a.signer.read(text, refreshToken, a.Now())
	switch {
	case strings.Count(text, ".") != 2: // no legacy token has any
		who, err = a.Authenticate(ctx, text)
	case err == nil:
		who, err = a.holder(ctx, c)
	default:
		who, err = a.AuthenticateAccess(ctx, text)
	}
	who.Credential = roster.CredentialSCIM
	return who, err
}

// holder is who has the personal access token that c is or was got for.
func (a *Identity) holder(ctx context.Context, c claims, in ...*roster.Standing) (roster.Actor, error) {
	who, enabled, err := a.db.ActorByPersonalToken(ctx, core.TokenHash(c.personalID()), a.Now(), in...)
	if roster.KindOf(err) == roster.NotFound {
		return who, roster.Errorf(roster.Unsigned, "Token is revoked or expired.")
	}
	if err != nil {
		return who, err
	}
	if !enabled {
		return roster.Actor{}, roster.Errorf(roster.Unsigned,
			"Authentication token no longer valid: personal access tokens have been disabled for this organization")
	}
	who.Credential = roster.CredentialPersonal
	return who, Working(who)
}

// AccessToken exchanges a personal access token for an access token. Who asks
// needs no other credential; from is the network address they ask from.
func (a *Identity) AccessToken(ctx context.Context, personal, from string) (string, error) {
	if err := a.Limits.Refresh("address "+limit.Address(from), a.Now()); err != nil {
		return "", err
	}
	c, err := a.signer.read(personal, refreshToken, a.Now())
	if err != nil {
		return "", err
	}
	// By what is proven, so that nobody can use up somebody else's allowance.
	if err := a.Limits.Refresh("token "+c.ID, a.Now()); err != nil {
		return "", err
	}
	if _, err := a.holder(ctx, c); err != nil {
		return "", err
	}
	until := a.Now().Add(accessTTL)
	if c.ExpiresAt.Before(until) {
		until = c.ExpiresAt.Time
	}
	return a.signer.sign(newClaims(accessToken, c.ID+"."+newID(8), c.UserID, a.Now(), until))
}

// MyPersonalTokens is the actor's own that live, without their signatures.
func (a *Identity) MyPersonalTokens(ctx context.Context) ([]roster.PersonalToken, error) {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return nil, err
	}
	return a.personalTokens(ctx, who.UserID)
}

// personalTokens leaves out those that were made under another server key:
// nothing can be done with them.
func (a *Identity) personalTokens(ctx context.Context, user int64) (list []roster.PersonalToken, err error) {
	kept, err := a.db.PersonalTokens(ctx, user, a.Now())
	if err != nil {
		return nil, err
	}
	for _, k := range kept {
		id, err := a.Sealer.Open(k.Sealed)
		if err != nil {
			continue
		}
		text, err := a.signer.unsigned(newClaims(refreshToken, id, user, k.CreatedAt, k.ExpiresAt))
		if err != nil {
			return nil, err
		}
		list = append(list, roster.PersonalToken{Text: text, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt})
	}
	return list, nil
}

// CreateMyPersonalToken makes the actor's own. The text is shown this once.
func (a *Identity) CreateMyPersonalToken(ctx context.Context) (roster.PersonalToken, error) {
	who, err := a.May(ctx, core.CreateTokens)
	if err != nil {
		return roster.PersonalToken{}, err
	}
	return a.CreatePersonalToken(ctx, who.UserID)
}

// CreatePersonalToken makes a personal access token for a person; Exists when
// they have one that lives.
func (a *Identity) CreatePersonalToken(ctx context.Context, user int64) (roster.PersonalToken, error) {
	return a.newPersonalToken(ctx, user, func(tx *Identity) error {
		live, err := tx.personalTokens(ctx, user)
		if err == nil && len(live) > 0 {
			err = roster.Errorf(roster.Exists, "You already have a valid token. Please revoke it before creating a new one.")
		}
		return err
	})
}

// ResetPersonalToken is the same in place of what they have.
func (a *Identity) ResetPersonalToken(ctx context.Context, user int64) (roster.PersonalToken, error) {
	return a.newPersonalToken(ctx, user, func(tx *Identity) error {
		return tx.db.RevokePersonalTokens(ctx, user, tx.Now())
	})
}

// RotatePersonalToken ends the actor's personal access token with this text
// and makes another; NotFound when it does not live. Invalid when it is none.
func (a *Identity) RotatePersonalToken(ctx context.Context, text string) (t roster.PersonalToken, err error) {
	who, err := a.May(ctx, core.CreateTokens)
	if err != nil {
		return t, err
	}
	c, err := a.signer.read(text, refreshToken, a.Now())
	if err != nil {
		return t, roster.InvalidField("refresh", "Invalid refresh token")
	}
	return a.newPersonalToken(ctx, who.UserID, func(tx *Identity) error {
		return tx.db.RevokePersonalToken(ctx, who.UserID, core.TokenHash(c.ID), tx.Now())
	})
}

// RevokePersonalToken ends the actor's personal access token with this text,
// with or without its signature; NotFound when it does not live. The access
// tokens that were got for it end too.
func (a *Identity) RevokePersonalToken(ctx context.Context, text string) error {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return err
	}
	return a.db.RevokePersonalToken(ctx, who.UserID, core.TokenHash(idOf(text)), a.Now())
}

// newPersonalToken makes one once first has made room for it.
func (a *Identity) newPersonalToken(ctx context.Context, user int64,
	first func(tx *Identity) error) (t roster.PersonalToken, err error) {
	err = a.Update(ctx, func(tx *Identity) error {
		who, err := tx.db.ActorByUser(ctx, user)
		if err != nil {
			return err
		}
		if _, err := tx.db.LockMembership(ctx, who.OrganizationID, user); err != nil { // or two at once make two
			return err
		}
		settings, err := tx.db.TokenSettings(ctx, who.OrganizationID)
		if err != nil {
			return err
		}
		if !settings.Personal {
			return roster.Errorf(roster.Forbidden, "Personal access tokens have been disabled for this organization.")
		}
		if err := first(tx); err != nil {
			return err
		}
		t, err = tx.issue(ctx, user, settings.TTLDays)
		return err
	})
	return t, err
}

// issue makes a personal access token. Its times are whole seconds, as a JWT
// says them: a list shows the same text again.
func (a *Identity) issue(ctx context.Context, user int64, days int) (roster.PersonalToken, error) {
	id, from := newID(16), a.Now().Truncate(time.Second)
	until := from.AddDate(0, 0, days)
	text, err := a.signer.sign(newClaims(refreshToken, id, user, from, until))
	if err != nil {
		return roster.PersonalToken{}, err
	}
	return roster.PersonalToken{Text: text, CreatedAt: from, ExpiresAt: until},
		a.db.AddPersonalToken(ctx, user, store.PersonalToken{Hash: core.TokenHash(id), Sealed: a.Sealer.Close(id),
			CreatedAt: from, ExpiresAt: until})
}

// TokenSettings is which tokens the actor's organization takes.
func (a *Identity) TokenSettings(ctx context.Context) (roster.TokenSettings, error) {
	who, err := a.May(ctx, core.ManageTokens)
	if err != nil {
		return roster.TokenSettings{}, err
	}
	return a.db.TokenSettings(ctx, who.OrganizationID)
}

// TokenSettingsChange changes them; nil leaves a switch as it is.
type TokenSettingsChange struct {
	Personal, Legacy *bool
	TTLDays          int
}

// SetTokenSettings changes which tokens the actor's organization takes, from
// the next request on. How long a token lives is decided when it is made.
func (a *Identity) SetTokenSettings(ctx context.Context,
	change TokenSettingsChange) (s roster.TokenSettings, err error) {
	if change.TTLDays < 1 || change.TTLDays > roster.MaxTokenDays {
		return s, roster.InvalidField("api_token_ttl_days", "Ensure this value is between 1 and %d.", roster.MaxTokenDays)
	}
	err = a.Update(ctx, func(tx *Identity) error {
		who, err := tx.May(ctx, core.ManageTokens)
		if err != nil {
			return err
		}
		if s, err = tx.db.TokenSettings(ctx, who.OrganizationID); err != nil {
			return err
		}
		s.TTLDays = change.TTLDays
		if change.Personal != nil {
			s.Personal = *change.Personal
		}
		if change.Legacy != nil {
			s.Legacy = *change.Legacy
		}
		if err := tx.leavesAWayIn(ctx, who.OrganizationID, s); err != nil {
			return err
		}
		return tx.db.SetTokenSettings(ctx, who.OrganizationID, s)
	})
	return s, err
}

// leavesAWayIn refuses to turn off all tokens where no Owner could sign in to
// turn them on again.
func (a *Identity) leavesAWayIn(ctx context.Context, organization int64, s roster.TokenSettings) error {
	if s.Personal || s.Legacy {
		return nil
	}
	can, err := a.db.OwnerCanSignIn(ctx, organization, a.config.SignOn != nil)
	if err == nil && !can {
		err = roster.InvalidField("legacy_api_tokens_enabled",
			"Without any tokens nobody could undo this: no Owner has a password, or has used single sign-on. Set the "+
				"Owner's password first. Nothing was changed.")
	}
	return err
}
