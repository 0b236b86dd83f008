package roster

// SeatFilter narrows a report of seats; nil and zero leave a field open.
type SeatFilter struct {
	Search  string
	Email   string
	Source  RoleSource
	Counted *bool // whether the seat counts toward a limit
	Stale   *bool // whether an identity provider's assignment no longer fits
}

// CountsAsSeat reports whether the membership takes a place that is paid for:
// a working role on a standard or flexible seat.
func (m OrganizationMembership) CountsAsSeat() bool {
	paid := m.UserType == "" || m.UserType == SeatStandard || m.UserType == SeatFlex
	return m.DeletedAt.IsZero() && m.Role.Works() && m.Role != RoleViewOnly && paid
}
