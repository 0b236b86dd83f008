package roster

import "time"

// Organization is the outermost boundary: people, projects, workspaces and
// tags belong to one, and nothing crosses it.
type Organization struct {
	ID          int64
	Title       string
	Token       string // the invite token; only those who may invite see it
	ContactInfo string
	DefaultRole Role
	CreatedBy   int64
	CreatedAt   time.Time
}

// OrganizationPatch changes an organization; nil leaves a field as it is.
type OrganizationPatch struct {
	Title       *string
	ContactInfo *string
}

// OrganizationMembership is a person's standing in an organization.
type OrganizationMembership struct {
	ID             int64
	OrganizationID int64
	UserID         int64
	Role           Role
	RoleSource     RoleSource // "" when unknown
	UserType       UserType   // "" counts as standard
	CreatedAt      time.Time
	DeletedAt      time.Time // zero unless soft-deleted
	// Invitation is the one that the person accepted last; nil when there is
	// none. Filled in lists of people.
	Invitation *Invitation
}

// Deleted reports whether the person was soft-deleted from the organization.
func (m OrganizationMembership) Deleted() bool { return !m.DeletedAt.IsZero() }

// Active reports whether the membership gives access to anything.
func (m OrganizationMembership) Active() bool {
	return !m.Deleted() && m.Role != RoleDeactivated
}

// MembershipChange changes a person's standing in an organization; zero fields
// leave it as it is.
type MembershipChange struct {
	Role     Role
	UserType UserType // the standard seat is the only one that can be given
}

// OrganizationMember is a row of the organization's member list.
type OrganizationMember struct {
	User       User
	Membership OrganizationMembership
	Tags       []Tag
	// Created and Contributed are projects the person made and projects whose
	// tasks were assigned to them; filled on request only.
	Created, Contributed []ProjectRef
}

// PeopleChanged is what a bulk change of an organization's people came to.
type PeopleChanged struct {
	Operation int64
	Count     int        // people it changed
	Passed    int        // selected, but not the actor's to change, or as asked already
	Awaited   []Awaiting // the projects to which some of them came back
}

// Awaiting is a project with memberships of deactivated people, of it or of its workspace,
// that count again when those can act: they are kept, and wait.
type Awaiting struct {
	Project ProjectRef
	People  int
}

// PeoplePreview is what a bulk change of people would do now.
type PeoplePreview struct {
	Plan          string // names exactly this set, and what they are
	Count, Passed int
	People        []OrganizationMember // the page of those it would change that is looked at
	Matching      int                  // how many of them the search matches
	Awaiting      []Awaiting           // the projects to which some of them come back
}
