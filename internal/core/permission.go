package core

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"roster"
)

// PermissionOptions is the permissions an organization may decide about, in
// the order of a column of theirs.
func (a *App) PermissionOptions(ctx context.Context, organization int64,
	order string) ([]roster.PermissionOption, error) {
	if _, err := a.InOrganization(ctx, ViewPermissions, organization); err != nil {
		return nil, err
	}
	options := make([]roster.PermissionOption, len(configurable))
	for i, c := range configurable {
		options[i] = c.PermissionOption
	}
	column, descending := strings.CutPrefix(order, "-")
	slices.SortStableFunc(options, func(a, b roster.PermissionOption) int {
		if descending {
			a, b = b, a
		}
		switch column {
		case "permission":
			return cmp.Compare(a.Permission, b.Permission)
		case "label":
			return cmp.Compare(a.Label, b.Label)
		}
		return 0
	})
	return options, nil
}

// PermissionOverrides is what an organization decided.
func (a *App) PermissionOverrides(ctx context.Context, organization int64,
	order string) ([]roster.PermissionOverride, error) {
	if _, err := a.InOrganization(ctx, ViewPermissions, organization); err != nil {
		return nil, err
	}
	overrides, err := a.db.PermissionOverrides(ctx, organization, order)
	for i := range overrides {
		overrides[i].PermissionOption, _ = optionOf(overrides[i].Permission)
	}
	return overrides, err
}

// PermissionOverride is what it decided about one permission; NotFound when it
// did not.
func (a *App) PermissionOverride(ctx context.Context, organization int64,
	name string) (o roster.PermissionOverride, err error) {
	if _, err := a.InOrganization(ctx, ViewPermissions, organization); err != nil {
		return o, err
	}
	option, ok := optionOf(name)
	if !ok {
		return o, ErrNotFound
	}
	o, err = a.db.PermissionOverride(ctx, organization, name)
	o.PermissionOption = option
	return o, err
}

// SetPermissionOverride decides who has a permission, from the next request on,
// whatever was decided before; nil gives it to those who usually have it.
func (a *App) SetPermissionOverride(ctx context.Context, organization int64, name string,
	roles []roster.Role) (o roster.PermissionOverride, err error) {
	err = a.Update(ctx, func(tx *App) error {
		if _, err := tx.InOrganization(ctx, EditPermissions, organization); err != nil {
			return err
		}
		option, ok := optionOf(name)
		if !ok {
			return roster.InvalidField("permission", "\"%s\" is not a valid choice.", name)
		}
		if roles == nil {
			roles = option.Usual
		}
		if roles, err = decidedRoles(option, roles); err != nil {
			return err
		}
		if err := tx.db.SetPermissionOverride(ctx, organization, name, roles); err != nil {
			return err
		}
		o, err = tx.PermissionOverride(ctx, organization, name)
		return err
	})
	return o, err
}

// ChangePermissionOverride is the same for a permission about which something
// was decided; NotFound for others, and nil leaves the roles as they are.
func (a *App) ChangePermissionOverride(ctx context.Context, organization int64, name string,
	roles []roster.Role) (o roster.PermissionOverride, err error) {
	err = a.Update(ctx, func(tx *App) error {
		if _, err := tx.InOrganization(ctx, EditPermissions, organization); err != nil {
			return err
		}
		if o, err = tx.PermissionOverride(ctx, organization, name); err != nil || roles == nil {
			return err
		}
		o, err = tx.SetPermissionOverride(ctx, organization, name, roles)
		return err
	})
	return o, err
}

// DeletePermissionOverride gives a permission back to those who usually have it.
func (a *App) DeletePermissionOverride(ctx context.Context, organization int64, name string) error {
	if _, err := a.InOrganization(ctx, EditPermissions, organization); err != nil {
		return err
	}
	return a.db.DeletePermissionOverride(ctx, organization, name)
}

func optionOf(name string) (roster.PermissionOption, bool) {
	for _, c := range configurable {
		if c.Permission == name {
			return c.PermissionOption, true
		}
	}
	return roster.PermissionOption{Permission: name}, false
}

// decidedRoles is roles in the option's order, each once, or a refusal of one that
// is no option. The Owner may be among them, who has the permission anyway.
func decidedRoles(option roster.PermissionOption, roles []roster.Role) ([]roster.Role, error) {
	for _, role := range roles {
		if role != roster.RoleOwner && !slices.Contains(option.Options, role) {
			return nil, roster.InvalidField("roles", "%s: it cannot be decided whether the role %q may.",
				option.Permission, role)
		}
	}
	out := []roster.Role{}
	for _, role := range option.Options {
		if slices.Contains(roles, role) {
			out = append(out, role)
		}
	}
	return out, nil
}
