package roster

// PermissionOption is a permission that an organization may give to other
// roles than the usual ones.
type PermissionOption struct {
	Permission string // the wire's name
	Group      string
	Label      Text
	Tooltip    Text
	Usual      []Role // who has it where nobody decided
	Options    []Role // who may have it, or not; the Owner always has it and is never named
}

// PermissionOverride is who an organization decided has a permission.
type PermissionOverride struct {
	ID             int64
	OrganizationID int64
	PermissionOption
	Roles []Role
}
