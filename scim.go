package roster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// SCIMUser is a person as an identity provider sees them.
type SCIMUser struct {
	User       User
	UserName   string     // the provider's name for the person to sign in by: their e-mail, or one of its own
	ExternalID string     // the provider's own name for the person; "" when it gave none
	Active     bool       // what the provider said last, unless somebody here decided since
	Groups     []SCIMName // the provider's groups they are in, by name
}

// Version names this state of the person.
func (u SCIMUser) Version() string {
	return version(u.User.ID, u.UserName, u.User.Email, u.User.FirstName, u.User.LastName, u.ExternalID,
		u.Active, u.Groups)
}

// SCIMGroup is a group of an identity provider's.
type SCIMGroup struct {
	ID         int64
	Name       string
	ExternalID string
	Members    []SCIMName // by id
}

// Version names this state of the group.
func (g SCIMGroup) Version() string { return version(g.ID, g.Name, g.ExternalID, g.Members) }

// SCIMName is a reference to a group or a person, with what it is called.
type SCIMName struct {
	ID   int64
	Name string
}

func version(state ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", state))
	return hex.EncodeToString(sum[:8])
}

// SCIMUserChange says what becomes of a person; nil leaves a field as it is.
type SCIMUserChange struct {
	UserName, Email, FirstName, LastName, ExternalID *string
	Active                                           *bool
}

// SCIMGroupChange says what becomes of a group; nil leaves a field as it is.
type SCIMGroupChange struct {
	Name, ExternalID *string
	Members          []SCIMMembersChange // in this order
}

// SCIMMembersChange adds people to a group or takes them out of it.
type SCIMMembersChange struct {
	All    bool // everybody, instead of People; with Remove only
	Remove bool
	People []int64
}

// SCIMMapping is what being in a group with this name gives: an organization
// role, membership of a workspace, or membership of a project and, unless it
// is "", a role there.
type SCIMMapping struct {
	Kind   SCIMTarget
	Target int64  // the workspace's or project's id; 0 with roles
	Title  string // the workspace's title, or the role as it was written
	Role   Role
	Group  string
}

// SCIMTarget is what a group can be mapped to.
type SCIMTarget string

// The targets.
const (
	SCIMRole      SCIMTarget = "role"
	SCIMWorkspace SCIMTarget = "workspace"
	SCIMProject   SCIMTarget = "project"
)

// SCIMFilter is a condition on people or groups, as a tree: And and Or have
// parts, Not has one, and everything else compares an attribute with a value.
type SCIMFilter struct {
	Op        SCIMOp
	Parts     []SCIMFilter
	Attribute string // as the schema spells it, in lower case, sub-attributes after a dot
	Value     string // text as it was, booleans as true and false, null as ""
}

// SCIMOp is what a filter does.
type SCIMOp string

// The operators of RFC 7644 §3.4.2.2.
const (
	SCIMAnd            SCIMOp = "and"
	SCIMOr             SCIMOp = "or"
	SCIMNot            SCIMOp = "not"
	SCIMEqual          SCIMOp = "eq"
	SCIMNotEqual       SCIMOp = "ne"
	SCIMContains       SCIMOp = "co"
	SCIMStarts         SCIMOp = "sw"
	SCIMEnds           SCIMOp = "ew"
	SCIMPresent        SCIMOp = "pr"
	SCIMGreater        SCIMOp = "gt"
	SCIMGreaterOrEqual SCIMOp = "ge"
	SCIMLess           SCIMOp = "lt"
	SCIMLessOrEqual    SCIMOp = "le"
)

// SCIMPage is a stretch of a list: Count items from Start, which begins at 1.
type SCIMPage struct{ Start, Count int }
