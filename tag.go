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
// about, and takes others off them.
type TagAssignment struct {
	Selector  Selector
	Tags      []int64
	Off       []int64
	Overwrite bool // Tags come in place of all that they have
}

// TagsChanged is what a change of tags came to.
type TagsChanged struct {
	Operation int64 // 0 when there was nobody, or nothing to do
	Count     int   // people it was about
	Changed   int   // of them, those whose tags are not as before
}
