package core

import (
	"context"
	"strconv"

	"roster"
)

// This file is the gate's side of the operations: Roster in front of a Label
// Studio Community Edition, whose people and projects it mirrors by their ids.

// Upstream is what the gate found out about the upstream when it started.
type Upstream struct {
	OrganizationID int64
	Title          string
	Owner          roster.User // whose account the gate uses for its own questions
}

// UpstreamSetting says which organization of an upstream a store mirrors. Ids
// are the upstream's in such a store, and Roster's own in any other.
const UpstreamSetting = "upstream_organization"

// MirrorOwner makes the account of the upstream's owner, or follows it.
func (a *App) MirrorOwner(ctx context.Context, u Upstream, name string) error {
	err := a.db.MirrorOrganization(ctx, roster.Organization{
		ID: u.OrganizationID, Title: u.Title, Token: NewToken(), DefaultRole: roster.RoleAnnotator,
		CreatedBy: u.Owner.ID, CreatedAt: a.Now(),
	})
	if err != nil {
		return err
	}
	if err := a.db.MirrorPeople(ctx, []roster.User{u.Owner}, a.Now()); err != nil {
		return err
	}
	if err := a.db.MirrorMemberships(ctx, u.OrganizationID, []int64{u.Owner.ID}, roster.RoleOwner, a.Now()); err != nil {
		return err
	}
	_, err = a.db.SetSettingOnce(ctx, UpstreamSetting, []byte(name))
	return err
}

// Aside is the context of what is noted beside a request: the upstream has it so
// already, and that whoever asked hung up does not change that. The time that the
// request has in the store holds.
func Aside(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// OwnIDs refuses to make people, projects and tasks in a mirror, where the
// upstream gives the ids.
func (a *App) OwnIDs(ctx context.Context) error {
	if a.IsMirror(ctx) {
		return roster.Errorf(roster.NotAllowed,
			"People, projects and tasks of this organization are made in Label Studio. Nothing was changed.")
	}
	return nil
}

// IsMirror reports whether the store mirrors an upstream.
func (a *App) IsMirror(ctx context.Context) bool {
	mirrors, err := Once(a, UpstreamSetting, func() (bool, error) {
		_, err := a.db.Setting(ctx, UpstreamSetting)
		if roster.KindOf(err) == roster.NotFound {
			return false, nil
		}
		return true, err
	})
	return err == nil && mirrors
}

// MirrorOrganization is the organization that the store mirrors.
func (a *App) MirrorOrganization(ctx context.Context) (roster.Organization, error) {
	name, err := a.db.Setting(ctx, UpstreamSetting)
	if roster.KindOf(err) == roster.NotFound {
		return roster.Organization{}, roster.Errorf(roster.Invalid, "This store mirrors no Label Studio.")
	}
	if err != nil {
		return roster.Organization{}, err
	}
	id, err := strconv.ParseInt(string(name), 10, 64)
	if err != nil {
		return roster.Organization{}, err
	}
	return a.db.Organization(ctx, id)
}

// HookSecret is what the upstream shows when it tells the gate of changes. It is
// made of the server key, so that gates that share that share it too.
func (a *App) HookSecret() string { return a.hookSecret }
