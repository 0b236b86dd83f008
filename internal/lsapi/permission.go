package lsapi

import (
	"roster"
)

func permissionRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/organizations/{id}/permissions", do: does((*call).listPermissions),
			summary: "List what the Owner decided about permissions", answer: "The decisions.",
		},
		{
			method: "POST", path: "/api/organizations/{id}/permissions", do: does((*call).setPermission),
			summary: "Decide who has a permission", answer: "The decision.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/permissions/options", do: does((*call).listPermissionOptions),
			summary: "List what can be decided",
			answer:  "The permissions, who usually has them, and who can be given them.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/permissions/{permission_key}",
			do:      does((*call).getPermission),
			summary: "Read a decision", answer: "The decision.",
		},
		{
			method: "PUT", path: "/api/organizations/{id}/permissions/{permission_key}",
			do:      does((*call).putPermission),
			summary: "Replace a decision", answer: "The decision as it is now.",
		},
		{
			method: "PATCH", path: "/api/organizations/{id}/permissions/{permission_key}",
			do:      does((*call).patchPermission),
			summary: "Change a decision", answer: "The decision as it is now.",
		},
		{
			method: "DELETE", path: "/api/organizations/{id}/permissions/{permission_key}",
			do:      does((*call).deletePermission),
			summary: "Go back to what is usual", answer: "Nothing is decided any more.",
		},
	}
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
	return permissionOptionJSON{o.Permission, string(o.Label), string(o.Tooltip), o.Group, o.Usual, o.Options}
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

type listPermissionsRequest struct {
	inOrganization
	Order ordering
}

// listPermissions is GET …/permissions (contract 3.12): what was decided, a
// bare list.
func (c *call) listPermissions(in listPermissionsRequest) ([]permissionJSON, error) {
	overrides, err := c.app.PermissionOverrides(c.r.Context(), in.Organization, string(in.Order))
	return each(overrides, permissionOf), err
}

func (c *call) listPermissionOptions(in listPermissionsRequest) ([]permissionOptionJSON, error) {
	options, err := c.app.PermissionOptions(c.r.Context(), in.Organization, string(in.Order))
	return each(options, permissionOptionOf), err
}

type inPermission struct {
	inOrganization
	Key string `path:"permission_key"`
}

func (c *call) getPermission(in inPermission) (permissionJSON, error) {
	o, err := c.app.PermissionOverride(c.r.Context(), in.Organization, in.Key)
	return permissionOf(o), err
}

type setPermissionRequest struct {
	inOrganization
	Permission string    `body:"permission,required" most:"255" doc:"One of the options."`
	Roles      roleCodes `body:"roles" doc:"Who has it; without it, who usually has it."`
}

// setPermission is POST …/permissions. It answers 200 because it decides,
// whether or not something was decided before.
func (c *call) setPermission(in setPermissionRequest) (permissionJSON, error) {
	o, err := c.app.SetPermissionOverride(c.r.Context(), in.Organization, in.Permission, in.Roles)
	return permissionOf(o), err
}

type putPermissionRequest struct {
	inPermission
	Permission *string   `body:"permission,required" most:"255" doc:"The same as in the path."`
	Roles      roleCodes `body:"roles" doc:"Who has it."`
}

func (in *putPermissionRequest) complete(r *request) { r.samePermission(in.Permission, in.Key) }

func (c *call) putPermission(in putPermissionRequest) (permissionJSON, error) {
	return c.patchPermission(patchPermissionRequest(in))
}

type patchPermissionRequest struct {
	inPermission
	Permission *string   `body:"permission" most:"255" doc:"The same as in the path."`
	Roles      roleCodes `body:"roles" doc:"Who has it."`
}

func (in *patchPermissionRequest) complete(r *request) { r.samePermission(in.Permission, in.Key) }

// patchPermission changes the roles of a decision; what it is about stays.
func (c *call) patchPermission(in patchPermissionRequest) (permissionJSON, error) {
	o, err := c.app.ChangePermissionOverride(c.r.Context(), in.Organization, in.Key, in.Roles)
	return permissionOf(o), err
}

// samePermission holds that a body names no other permission than the path.
func (r *request) samePermission(name *string, key string) {
	if b := r.body(); b.null("permission") || (name != nil && *name != key) {
		b.bad("permission", "The permission of a decision cannot be changed.")
	}
}

// roleCodes is a list of codes; nil when it is absent.
type roleCodes []roster.Role

func (roles *roleCodes) read(r *request, f field) {
	b, name := r.body(), f.name
	if !b.has(name) {
		return
	}
	if b.null(name) {
		b.bad(name, "This field may not be null.")
	}
	*roles = roleCodes{}
	for _, code := range b.texts(name, 2) {
		if *roles = append(*roles, roster.Role(code)); !roster.Role(code).Valid() {
			b.bad(name, "\""+code+"\" is not a valid choice.")
		}
	}
}

func (c *call) deletePermission(in inPermission) (out nothing, err error) {
	return out, c.app.DeletePermissionOverride(c.r.Context(), in.Organization, in.Key)
}
