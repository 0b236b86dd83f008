package lsapi

import (
	"net/http"

	"roster"
)

var permissionRoutes = []plainRoute{
	{"GET", "/api/organizations/{id}/permissions", (*call).listPermissions},
	{"POST", "/api/organizations/{id}/permissions", (*call).setPermission},
	{"GET", "/api/organizations/{id}/permissions/options", (*call).listPermissionOptions},
	{"GET", "/api/organizations/{id}/permissions/{permission_key}", (*call).getPermission},
	{"PUT", "/api/organizations/{id}/permissions/{permission_key}", (*call).putPermission},
	{"PATCH", "/api/organizations/{id}/permissions/{permission_key}", (*call).patchPermission},
	{"DELETE", "/api/organizations/{id}/permissions/{permission_key}", (*call).deletePermission},
}

// permissionOptionJSON is the wire's ConfigurablePermissionOption.
type permissionOptionJSON struct {
	Permission string        `json:"permission"`
	Label      string        `json:"label"`
	Tooltip    string        `json:"tooltip"`
	Group      string        `json:"group"`
	Default    []roster.Role `json:"default"`
	Options    []roster.Role `json:"options"`
}

func permissionOptionOf(o roster.PermissionOption) permissionOptionJSON {
	return permissionOptionJSON{o.Permission, o.Label, o.Tooltip, o.Group, o.Usual, o.Options}
}

// permissionJSON is the wire's OrganizationPermission.
type permissionJSON struct {
	ID           int64 `json:"id"`
	Organization int64 `json:"organization"`
	permissionOptionJSON
	Roles []roster.Role `json:"roles"`
}

func permissionOf(o roster.PermissionOverride) permissionJSON {
	return permissionJSON{o.ID, o.OrganizationID, permissionOptionOf(o.PermissionOption), o.Roles}
}

// organizationAndOrder is what both lists are asked with.
func (c *call) organizationAndOrder() (id int64, order string, err error) {
	if id, err = c.id("id"); err != nil {
		return 0, "", err
	}
	p := c.params()
	order = p.str("ordering")
	return id, order, p.err()
}

// listPermissions is GET …/permissions (contract 3.12): what was decided, a
// bare list.
func (c *call) listPermissions() error {
	id, order, err := c.organizationAndOrder()
	if err != nil {
		return err
	}
	overrides, err := c.app.PermissionOverrides(c.r.Context(), id, order)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(overrides, permissionOf))
}

func (c *call) listPermissionOptions() error {
	id, order, err := c.organizationAndOrder()
	if err != nil {
		return err
	}
	options, err := c.app.PermissionOptions(c.r.Context(), id, order)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(options, permissionOptionOf))
}

func (c *call) getPermission() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	o, err := c.app.PermissionOverride(c.r.Context(), id, c.r.PathValue("permission_key"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, permissionOf(o))
}

// setPermission is POST …/permissions. It answers 200 because it decides,
// whether or not something was decided before.
func (c *call) setPermission() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	b.require("permission")
	name, roles := b.text("permission", 255), b.roleCodes()
	if err := b.err(); err != nil {
		return err
	}
	o, err := c.app.SetPermissionOverride(c.r.Context(), id, *name, roles)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, permissionOf(o))
}

func (c *call) putPermission() error { return c.changePermission(true) }

func (c *call) patchPermission() error { return c.changePermission(false) }

// changePermission changes the roles of a decision; what it is about stays.
func (c *call) changePermission(whole bool) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	if whole {
		b.require("permission")
	}
	key := c.r.PathValue("permission_key")
	name, roles := b.text("permission", 255), b.roleCodes()
	if b.null("permission") || (name != nil && *name != key) {
		b.bad("permission", "The permission of a decision cannot be changed.")
	}
	if err := b.err(); err != nil {
		return err
	}
	o, err := c.app.ChangePermissionOverride(c.r.Context(), id, key, roles)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, permissionOf(o))
}

// roleCodes is the field roles, a list of codes; nil when it is absent.
func (b *body) roleCodes() []roster.Role {
	if !b.has("roles") {
		return nil
	}
	if b.null("roles") {
		b.bad("roles", "This field may not be null.")
	}
	roles := []roster.Role{}
	for _, code := range b.texts("roles", 2) {
		if roles = append(roles, roster.Role(code)); !roster.Role(code).Valid() {
			b.bad("roles", "\""+code+"\" is not a valid choice.")
		}
	}
	return roles
}

func (c *call) deletePermission() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := c.app.DeletePermissionOverride(c.r.Context(), id, c.r.PathValue("permission_key")); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}
