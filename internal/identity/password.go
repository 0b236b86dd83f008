package identity

import (
	"context"

	"roster"
	"roster/internal/core"
)

// ChangeMyPassword gives the actor another password, when they prove that they
// know the one they have; from is the network address they ask from. Their
// other sessions end.
func (a *Identity) ChangeMyPassword(ctx context.Context, current, next, from string) error {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return err
	}
	if err := a.Limits.SignIn(who.Email, from, a.Now()); err != nil {
		return err
	}
	hash, err := a.db.PasswordHash(ctx, who.UserID)
	if err != nil {
		return err
	}
	right, err := proves(ctx, hash, current)
	if err != nil {
		return err
	}
	if !right {
		return roster.InvalidField("current", "This is not your password. Nothing was changed.")
	}
	_, err = a.membership.UpdatePerson(ctx, who.UserID, roster.UserPatch{Password: &next})
	return err
}

// Address is where programs reach Roster: path below the address that its
// operator gave it.
func (a *Identity) Address(path string) string { return a.config.URL + path }

// Root is what all paths of this Roster begin with: "" or, as "/labels", the path of its
// address.
func (a *Identity) Root() string { return a.config.Root() }

// Link is a path of this Roster as answers name it.
func (a *Identity) Link(path string) string { return a.config.Links + path }
