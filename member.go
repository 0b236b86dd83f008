package roster

import (
	"slices"
	"time"
)

// Access narrows a project's people by how they come to have access.
type Access string

// The three readings of access.
const (
	AnyAccess      Access = ""
	ExplicitAccess Access = "explicit" // a membership row of their own
	ImplicitAccess Access = "implicit" // only through workspace or organization role
)

// Ability narrows people by whether their organization role lets them act.
type Ability string

// The readings of ability.
const (
	AnyAbility  Ability = ""
	Able        Ability = "able"        // has a working role
	Deactivated Ability = "deactivated" // keeps everything, and may do nothing
	Waiting     Ability = "waiting"     // nobody gave them a role yet
)

// Abilities is every reading but any.
var Abilities = []Ability{Able, Deactivated, Waiting}

// Name is the ability in words.
func (a Ability) Name() string { return string(a.Text()) }

// Text is the same, to be said in any language.
func (a Ability) Text() Text {
	return map[Ability]Text{Able: "Active", Deactivated: "Deactivated", Waiting: "Waiting for a role"}[a]
}

// Selector says whom a bulk operation is about: everybody the filter matches
// but the excluded, or the included people and nobody else. The zero Selector
// selects nobody.
type Selector struct {
	All      bool
	Included []int64
	Excluded []int64
	Filter   MemberFilter // read with All only, but for Sight
	// KeepMade leaves at work what the people made in the upstream of a gate; read
	// by what takes access away.
	KeepMade bool
}

// Validate refuses a selector that contradicts itself: everybody, and a list.
func (s Selector) Validate() error {
	if s.All && len(s.Included) > 0 {
		return InvalidField("included", "Cannot be combined with all=true. Nothing was changed.")
	}
	for field, ids := range map[string][]int64{"included": s.Included, "excluded": s.Excluded} {
		if len(ids) > MostIDs {
			return InvalidField(field, "%s", TooManyIDs)
		}
	}
	return nil
}

// NamedIDs is the ids a selector without All comes to: included minus excluded,
// ascending, each once.
func (s Selector) NamedIDs() []int64 {
	out := slices.Clone(s.Included)
	slices.Sort(out)
	out = slices.Compact(out)
	drop := make(map[int64]bool, len(s.Excluded))
	for _, id := range s.Excluded {
		drop[id] = true
	}
	return slices.DeleteFunc(out, func(id int64) bool { return drop[id] })
}

// Member is one person in a project's member list.
type Member struct {
	User              User
	Membership        OrganizationMembership
	Explicit          bool
	InWorkspace       bool
	ProjectRole       Role // the override; "" when none
	ProjectRoleSource RoleSource
	Tags              []Tag
	Pause             *Pause // the newest that stands; nil when none does
}

// Effective is the role the person acts with in the project.
func (m Member) Effective() Role { return Effective(m.Membership.Role, m.ProjectRole) }

// ProjectRole is a role that one project gives one person.
type ProjectRole struct {
	ID        int64
	ProjectID int64
	UserID    int64
	Role      Role
	Source    RoleSource
}

// RoleAssignment asks for a project role for a person.
type RoleAssignment struct {
	UserID int64
	Role   Role
}

// Unassigned is what a bulk unassign did.
type Unassigned struct {
	Operation int64
	Count     int // people whose own membership ended
	Dormant   int // memberships of deactivated people that ended besides
}

// Ended is what a bulk unassign came to, as its record has it.
type Ended struct {
	Unassigned
	KeepByWorkspace        int // of the people: still in through the workspace
	KeepByOrganizationRole int // of them: still in as Owner or Administrator
	Released               int // open assignments that were dropped
}

// Assigned is what a bulk assign did.
type Assigned struct {
	Operation int64
	Count     int     // people who became members
	Skipped   []int64 // matched, but may not be members; ascending
}

// Preview is what an unassign with the same selector would do now.
type Preview struct {
	Plan                   string // names exactly this set; see PlanChange
	Count                  int    // people who would be removed
	Dormant                int    // memberships of deactivated people that would end besides
	KeepByWorkspace        int    // of them: still in through the workspace
	KeepByOrganizationRole int    // of them: still in as Owner or Administrator
	OpenAssignments        int    // open task assignments that would be dropped
	People                 []Member
	Keepers                []Member    // the first of those who would keep access
	Made                   MadeOutcome // what they made in the upstream of a gate, and would be disabled
	ExpiresAt              time.Time
}

// Group is some of the people of a preview.
type Group string

// The groups. Everybody is those who would be removed and those who are spared.
const (
	GroupAll     Group = ""
	GroupLose    Group = "lose"    // removed, and without access then
	GroupKeep    Group = "keep"    // removed, and still in by another path
	GroupDormant Group = "dormant" // deactivated; their memberships would end besides
	GroupSpared  Group = "spared"  // match, and are excluded
)

// Groups is every group.
var Groups = []Group{GroupAll, GroupLose, GroupKeep, GroupDormant, GroupSpared}

// Look is which people of a preview are looked at.
type Look struct {
	Group  Group
	Search string // terms of the name and the e-mail
	Page
}

// Looked is a preview as somebody looks at it: People is the page.
type Looked struct {
	Preview
	Matching   int     // how many people the group has whom the search matches
	Spared     int     // how many of the excluded match
	SparedSome []User  // the first of them by name
	Going      []int64 // who would be removed, ascending
}

// Keeping is how many would keep access.
func (p Preview) Keeping() int { return p.KeepByWorkspace + p.KeepByOrganizationRole }

// PlanChange says how the set of people a plan was made for differs from the
// set the selector matches now. The lists hold the first hundred each.
type PlanChange struct {
	Known                 bool // false: no such plan, or it expired
	AddedCount, GoneCount int
	Added, Gone           []int64 // now matched and not in the plan; in the plan and no longer matched
}
