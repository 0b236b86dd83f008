package membership

import (
	"context"
	"encoding/json"

	"roster"
	"roster/internal/core"
)

// People is the people of the actor's organization whom the actor may see.
func (a *Membership) People(ctx context.Context, order string) ([]roster.OrganizationMember, error) {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return nil, err
	}
	page := roster.Everything
	page.Order = order
	people, _, err := a.db.OrganizationMembers(ctx, who.OrganizationID, core.Accessible(who, roster.MemberFilter{}), page)
	return people, err
}

// Person is one of them; NotFound when the actor may not see them.
func (a *Membership) Person(ctx context.Context, id int64) (roster.OrganizationMember, error) {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return roster.OrganizationMember{}, err
	}
	return a.member(ctx, who, id)
}

// UpdatePerson changes somebody's account: one's own, or that of a person
// whom the actor outranks. A password that an Administrator could set
// for the Owner would make the Administrator the Owner.
func (a *Membership) UpdatePerson(ctx context.Context, id int64,
	patch roster.UserPatch) (m roster.OrganizationMember, err error) {
	m, _, err = a.updatePerson(ctx, id, patch)
	return m, err
}

// updatePerson is UpdatePerson with the operation that records another name; 0 where the
// name stays.
func (a *Membership) updatePerson(ctx context.Context, id int64,
	patch roster.UserPatch) (m roster.OrganizationMember, op int64, err error) {
	hash, err := newPassword(patch.Password)
	if err != nil {
		return m, 0, err
	}
	err = a.Update(ctx, func(tx *Membership) error {
		if m, err = tx.Person(ctx, id); err != nil {
			return err
		}
		if err := tx.MayEdit(ctx, m); err != nil {
			return err
		}
		before := m.User
		if err := PatchUser(&m.User, patch); err != nil {
			return err
		}
		if err := tx.maySetPassword(ctx, m, patch.Password); err != nil {
			return err
		}
		if op, err = tx.recordName(ctx, before, m.User); err != nil {
			return err
		}
		if err := tx.db.UpdateUser(ctx, m.User, hash); err != nil || hash == "" {
			return err
		}
		return tx.EndSessionsOf(ctx, id)
	})
	return m, op, err
}

// newPassword is how a password is kept that somebody sets; "" when they set none.
func newPassword(password *string) (string, error) {
	if password == nil {
		return "", nil
	}
	if err := core.ValidPassword(*password); err != nil {
		return "", err
	}
	return core.HashPassword(*password), nil
}

// MayEdit is nil where the actor may change somebody's account.
func (a *Membership) MayEdit(ctx context.Context, m roster.OrganizationMember) error {
	who, err := core.ActorOf(ctx)
	if err != nil || who.UserID == m.User.ID {
		return err
	}
	if _, err := a.May(ctx, core.ManagePeople); err != nil {
		return err
	}
	return core.MayTakeOver(who, m.Membership.Role)
}

// maySetPassword refuses to whoever it is not a password (nil: none) with which they could
// sign in to another organization that uses the account, too.
func (a *Membership) maySetPassword(ctx context.Context, m roster.OrganizationMember, password *string) error {
	who, err := core.ActorOf(ctx)
	if err != nil || password == nil || who.UserID == m.User.ID {
		return err
	}
	return a.Unshared(ctx, m.Membership.OrganizationID, m.User.ID, roster.Forbidden,
		"The account belongs to another organization, too, so its password is for whoever has it to choose. "+
			"Nothing was changed.")
}

// Unshared refuses, as kind and why say, what is not for one organization to do to an
// account that another uses, too.
func (a *Membership) Unshared(ctx context.Context, organization, user int64, kind roster.Kind,
	why roster.Text) error {
	elsewhere, err := a.db.MemberElsewhere(ctx, organization, user)
	if err == nil && elsewhere {
		err = roster.Errorf(kind, "%s", why)
	}
	return err
}

// maxHotkeys bounds what a person may keep as hotkeys, in bytes.
const maxHotkeys = 64 << 10

// ValidHotkeys refuses hotkeys that are no JSON, or too much of it.
func ValidHotkeys(text string) error {
	if len(text) <= maxHotkeys && (text == "" || json.Valid([]byte(text))) &&
		roster.Nesting(text) <= roster.MostNestedKeys {
		return nil
	}
	return roster.InvalidField("custom_hotkeys",
		"Must be JSON of at most %d bytes, nested at most %d levels deep. Nothing was changed.",
		maxHotkeys, roster.MostNestedKeys)
}

// PatchUser applies the fields that a patch sets.
func PatchUser(u *roster.User, patch roster.UserPatch) (err error) {
	for _, field := range []struct {
		name string
		text *string
		into *string
	}{
		{"first_name", patch.FirstName, &u.FirstName}, {"last_name", patch.LastName, &u.LastName},
		{"phone", patch.Phone, &u.Phone},
	} {
		if field.text == nil {
			continue
		}
		if err := core.ValidLine(field.name, *field.text, 256); err != nil {
			return err
		}
		*field.into = *field.text
	}
	if patch.Username != nil {
		if u.Username, err = core.ValidLabel("username", *patch.Username, 256); err != nil {
			return err
		}
	}
	if patch.AllowNewsletters != nil {
		u.AllowNewsletters = patch.AllowNewsletters
	}
	if patch.CustomHotkeys != nil {
		if err := ValidHotkeys(*patch.CustomHotkeys); err != nil {
			return err
		}
		u.CustomHotkeys = *patch.CustomHotkeys
	}
	return nil
}
