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

// Billing is what a licence would count of an organization, and what there is of
// what one would allow. Nothing here is limited.
type Billing struct {
	Seats    int // people whose seat counts
	People   int // everybody who is not deleted
	Projects int
	Invites  bool // people can be invited
	SignOn   bool // people sign in at an identity provider
	Mail     bool // letters reach people
}
