package roster

import "time"

// Tag is a label an organization puts on its members.
type Tag struct {
	ID             int64
	OrganizationID int64
	Label          string // 1 to 255 characters, unique in the organization ignoring case
	CreatedBy      User
	CreatedAt      time.Time
	UpdatedAt      time.Time
	MemberCount    int
}

// TagAssignment puts tags on the organization's people that a selector is
// about.
type TagAssignment struct {
	Selector  Selector
	Tags      []int64
	Overwrite bool // in place of the tags they have
}
