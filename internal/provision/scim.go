package provision

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
	"roster/internal/mailbox"
)

// Condition refuses a change of something that is not in the state it is meant
// for, by the name of its version; nil refuses nothing.
type Condition func(version string) error

func (c Condition) holds(version string) error {
	if c == nil {
		return nil
	}
	return c(version)
}

// provisioning is a change an identity provider makes: one transaction, in
// which no other one changes what providers say of the organization.
func (a *Provision) provisioning(ctx context.Context, fn func(tx *Provision, who roster.Actor) error) error {
	return a.Update(ctx, func(tx *Provision) error {
		who, err := tx.May(ctx, core.Provision)
		if err != nil {
			return err
		}
		if err := tx.db.LockSCIM(ctx, who.OrganizationID); err != nil {
			return err
		}
		return fn(tx, who)
	})
}

// SCIMUsers is a stretch of the organization's people as an identity provider
// sees them, and how many the filter (nil: none) matches in all.
func (a *Provision) SCIMUsers(ctx context.Context, f *roster.SCIMFilter, page roster.SCIMPage,
	groups bool) (users []roster.SCIMUser, total int, err error) {
	err = a.View(ctx, func(tx *Provision) error {
		who, err := tx.May(ctx, core.Provision)
		if err != nil {
			return err
		}
		if total, err = tx.db.CountSCIMUsers(ctx, who.OrganizationID, f); err != nil || page.Count == 0 {
			return err
		}
		users, err = tx.db.SCIMUsers(ctx, who.OrganizationID, f, page, groups)
		return err
	})
	return users, total, err
}

// SCIMUser is one of them.
func (a *Provision) SCIMUser(ctx context.Context, id int64) (roster.SCIMUser, error) {
	who, err := a.May(ctx, core.Provision)
	if err != nil {
		return roster.SCIMUser{}, err
	}
	return a.scimUser(ctx, who.OrganizationID, id)
}

func (a *Provision) scimUser(ctx context.Context, organization, id int64) (roster.SCIMUser, error) {
	users, err := a.db.SCIMUsers(ctx, organization, byID(id), roster.SCIMPage{Start: 1, Count: 1}, true)
	if err != nil {
		return roster.SCIMUser{}, err
	}
	if len(users) == 0 {
		return roster.SCIMUser{}, core.ErrNotFound
	}
	return users[0], nil
}

// CreateSCIMUser makes a person, with the organization's default role until a
// group gives another. Somebody who was deleted from the organization comes
// back, and no credential from before comes with them.
func (a *Provision) CreateSCIMUser(ctx context.Context, change roster.SCIMUserChange) (u roster.SCIMUser, err error) {
	err = a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		named, err := nameSCIMUser(roster.SCIMUser{}, change)
		if err != nil {
			return err
		}
		id, err := tx.provision(ctx, who.OrganizationID, named)
		if err != nil {
			return err
		}
		if err := tx.db.KnowSCIMUsers(ctx, who.OrganizationID, []int64{id}); err != nil {
			return err
		}
		change.UserName, change.Email = &named.UserName, &named.User.Email
		u, err = tx.changeSCIMUser(ctx, who.OrganizationID, id, change, nil)
		return err
	})
	return u, err
}

// nameSCIMUser gives a person the userName and the e-mail of a change. A userName that
// is an e-mail is the person's, unless a work e-mail stands beside it or they have a
// userName of their own; and whoever has none is called by their e-mail.
func nameSCIMUser(u roster.SCIMUser, change roster.SCIMUserChange) (_ roster.SCIMUser, err error) {
	had, follows := u.User.Email, u.UserName == u.User.Email
	if change.UserName != nil {
		if u.UserName, err = cleanUserName(*change.UserName, u); err != nil {
			return u, err
		}
	}
	switch {
	case change.Email != nil:
		u.User.Email, err = cleanSCIMEmail(*change.Email, had)
	case change.UserName != nil && follows:
		email, bad := cleanSCIMEmail(u.UserName, had)
		switch {
		case bad == nil:
			u.User.Email = email
		case had == "":
			err = roster.InvalidField("userName", "Must be an e-mail address, or have a work e-mail beside it.")
		}
	}
	if email, bad := core.KnownEmail(u.UserName); u.UserName == "" || bad == nil && core.SameEmail(email, u.User.Email) {
		u.UserName = u.User.Email
	}
	return u, err
}

// cleanUserName is a userName, e-mail or not. The one that somebody has stays good, and so
// does their e-mail.
func cleanUserName(name string, had roster.SCIMUser) (string, error) {
	if had.User.Email != "" && mailbox.Clean(name) == mailbox.Clean(had.User.Email) {
		return had.User.Email, nil
	}
	name, err := core.ValidLabel("userName", name, mailbox.MostName)
	if err != nil || name == had.UserName {
		return name, err
	}
	if err := core.ValidLine("userName", name, mailbox.MostName); err != nil {
		return name, err
	}
	if err := mailbox.AdmitName(name); err != nil {
		return name, roster.InvalidField("userName", "This cannot be a userName.%s", mailbox.WhyName(name))
	}
	return name, nil
}

// cleanSCIMEmail is an e-mail that a provider gives; the one that somebody had stays good.
func cleanSCIMEmail(text, had string) (string, error) {
	if email, err := core.KnownEmail(text); err == nil && email == had {
		return email, nil
	}
	email, err := core.CleanEmail(text)
	if err != nil {
		return "", roster.InvalidField("emails", "The work e-mail must be an e-mail address.%s", core.EmailReason(text))
	}
	return email, nil
}

// provision makes or brings back the person with this userName or this e-mail, with its
// record.
func (a *Provision) provision(ctx context.Context, organization int64, named roster.SCIMUser) (id int64, err error) {
	org, err := a.db.Organization(ctx, organization)
	if err != nil {
		return 0, err
	}
	o := roster.Outcome{Result: roster.Created, RoleAfter: org.DefaultRole}
	id, err = a.namedAlready(ctx, organization, named)
	switch {
	case err == nil && id == 0:
		o.UserID, err = a.identity.Enroll(ctx, organization, roster.NewUser{Email: named.User.Email, Role: org.DefaultRole},
			roster.SourceSCIM)
	case err == nil:
		o.UserID, o.Result = id, roster.Restored
		o.RoleBefore, err = a.provisionAgain(ctx, org, id)
	}
	if err != nil {
		return 0, err
	}
	return o.UserID, a.identity.RecordJoin(ctx, roster.OpSCIMSync, o)
}

// namedAlready is who here has this userName or this e-mail, and who has the e-mail that
// was deleted or is elsewhere; 0: nobody. Exists when those are two.
func (a *Provision) namedAlready(ctx context.Context, organization int64, named roster.SCIMUser) (int64, error) {
	found, err := a.db.SCIMNamed(ctx, organization, named.UserName, named.User.Email)
	if err != nil {
		return 0, err
	}
	u, err := a.db.UserByEmail(ctx, named.User.Email)
	if err == nil && !slices.Contains(found, u.ID) {
		found = append(found, u.ID)
	}
	switch {
	case len(found) > 1:
		return 0, roster.Errorf(roster.Exists, "One user has this userName, and another this e-mail.")
	case err != nil && roster.KindOf(err) != roster.NotFound:
		return 0, err
	case len(found) == 0:
		return 0, nil
	}
	return found[0], nil
}

// provisionAgain brings back somebody who was deleted from the organization.
// The account of somebody who is in it, or in another one, is not for an
// identity provider to take.
func (a *Provision) provisionAgain(ctx context.Context, org roster.Organization,
	user int64) (before roster.Role, err error) {
	m, err := a.db.LockMembership(ctx, org.ID, user)
	if roster.KindOf(err) == roster.NotFound || (err == nil && m.DeletedAt.IsZero()) {
		return "", roster.Errorf(roster.Exists, "A user with this userName exists already.")
	}
	if err != nil {
		return "", err
	}
	if err := a.membership.Unshared(ctx, org.ID, user, roster.Exists,
		"A user with this userName exists already."); err != nil {
		return "", err
	}
	before = m.Role
	m.Role, m.RoleSource, m.UserType = org.DefaultRole, roster.SourceSCIM, roster.SeatStandard
	if err := a.db.RestoreMembership(ctx, m); err != nil {
		return "", err
	}
	if err := a.identity.EndCredentials(ctx, user); err != nil {
		return "", err
	}
	return before, a.db.SetActiveOrganization(ctx, user, org.ID)
}

// UpdateSCIMUser changes a person. Who is not active is Deactivated, and gets
// the role from before back with a later change.
func (a *Provision) UpdateSCIMUser(ctx context.Context, id int64, change roster.SCIMUserChange,
	when Condition) (u roster.SCIMUser, err error) {
	err = a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		u, err = tx.changeSCIMUser(ctx, who.OrganizationID, id, change, when)
		return err
	})
	return u, err
}

func (a *Provision) changeSCIMUser(ctx context.Context, organization, id int64, change roster.SCIMUserChange,
	when Condition) (roster.SCIMUser, error) {
	before, err := a.scimUser(ctx, organization, id)
	if err != nil {
		return before, err
	}
	if err := when.holds(before.Version()); err != nil {
		return before, err
	}
	after, err := patchSCIMUser(before, change)
	if err != nil {
		return before, err
	}
	if err := a.unlikeOthers(ctx, organization, before, after); err != nil {
		return before, err
	}
	if after.User != before.User {
		if err := a.renameUser(ctx, organization, before.User, after.User); err != nil {
			return before, err
		}
	}
	if err := a.setSCIMUser(ctx, organization, before, after); err != nil {
		return before, err
	}
	if err := a.membership.SyncSCIM(ctx, organization, []int64{id}, nil); err != nil {
		return before, err
	}
	return a.scimUser(ctx, organization, id)
}

// renameUser gives a person other names, or another e-mail, which single sign-on follows.
func (a *Provision) renameUser(ctx context.Context, organization int64, before, after roster.User) error {
	if after.Email != before.Email {
		if err := a.membership.Unshared(ctx, organization, after.ID, roster.Exists,
			"The account belongs to another organization, too, so its e-mail stays. Nothing was changed."); err != nil {
			return err
		}
	}
	return a.db.RenameUser(ctx, after)
}

// unlikeOthers refuses names that somebody else has: a userName or an e-mail in the
// organization, and an external id that the provider gave them.
func (a *Provision) unlikeOthers(ctx context.Context, organization int64, before, u roster.SCIMUser) error {
	if u.UserName != before.UserName || u.User.Email != before.User.Email {
		found, err := a.db.SCIMNamed(ctx, organization, u.UserName, u.User.Email)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(found, func(id int64) bool { return id != u.User.ID }) {
			return roster.Errorf(roster.Exists, "Another user has this userName.")
		}
	}
	if u.ExternalID == "" || u.ExternalID == before.ExternalID {
		return nil
	}
	taken, err := a.db.SCIMExternalIDTaken(ctx, organization, u.User.ID, u.ExternalID)
	if err == nil && taken {
		err = roster.Errorf(roster.Exists, "Another user has this externalId.")
	}
	return err
}

// setSCIMUser keeps what the provider says of a person.
func (a *Provision) setSCIMUser(ctx context.Context, organization int64, before, after roster.SCIMUser) error {
	m, err := a.db.LockMembership(ctx, organization, after.User.ID)
	if err != nil {
		return err
	}
	if !after.Active && m.Role == roster.RoleOwner {
		return roster.Errorf(roster.Forbidden, "The Owner cannot be deactivated.")
	}
	if err := a.db.KnowSCIMUsers(ctx, organization, []int64{after.User.ID}); err != nil {
		return err
	}
	if err := a.db.SetSCIMUser(ctx, organization, after); err != nil || !after.Active || before.Active {
		return err
	}
	org, err := a.db.Organization(ctx, organization)
	if err != nil {
		return err
	}
	return a.db.ReturnSCIMUser(ctx, organization, after.User.ID, org.DefaultRole)
}

// patchSCIMUser applies a change. A username that was the e-mail stays it.
func patchSCIMUser(u roster.SCIMUser, change roster.SCIMUserChange) (_ roster.SCIMUser, err error) {
	had := u.User.Email
	if u, err = nameSCIMUser(u, change); err != nil {
		return u, err
	}
	if u.User.Username == had {
		u.User.Username = u.User.Email
	}
	for _, field := range []struct {
		name string
		text *string
		into *string
	}{
		{"name.givenName", change.FirstName, &u.User.FirstName}, {"name.familyName", change.LastName, &u.User.LastName},
		{"externalId", change.ExternalID, &u.ExternalID},
	} {
		if field.text == nil {
			continue
		}
		if err := core.ValidLine(field.name, *field.text, 256); err != nil {
			return u, err
		}
		*field.into = *field.text
	}
	if change.Active != nil {
		u.Active = *change.Active
	}
	return u, nil
}

// DeleteSCIMUser soft-deletes a person from the organization.
func (a *Provision) DeleteSCIMUser(ctx context.Context, id int64, when Condition) error {
	return a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		u, err := tx.scimUser(ctx, who.OrganizationID, id)
		if err != nil {
			return err
		}
		if err := when.holds(u.Version()); err != nil {
			return err
		}
		_, err = tx.membership.RemoveFromOrganization(ctx, who.OrganizationID, id)
		return err
	})
}
