package roster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// ScimUser is a person as an identity provider sees them.
type ScimUser struct {
	User       User
	UserName   string     // the provider's name for the person to sign in by: their e-mail, or one of its own
	ExternalID string     // the provider's own name for the person; "" when it gave none
	Active     bool       // what the provider said last, unless somebody here decided since
	Groups     []ScimName // the provider's groups they are in, by name
}

// Version names this state of the person.
func (u ScimUser) Version() string {
	return version(u.User.ID, u.UserName, u.User.Email, u.User.FirstName, u.User.LastName, u.ExternalID, u.Active, u.Groups)
}

// ScimGroup is a group of an identity provider's.
type ScimGroup struct {
	ID         int64
	Name       string
	ExternalID string
	Members    []ScimName // by id
}

// Version names this state of the group.
func (g ScimGroup) Version() string { return version(g.ID, g.Name, g.ExternalID, g.Members) }

// ScimName is a reference to a group or a person, with what it is called.
type ScimName struct {
	ID   int64
	Name string
}

func version(state ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", state))
	return hex.EncodeToString(sum[:8])
}

// ScimUserChange says what becomes of a person; nil leaves a field as it is.
type ScimUserChange struct {
	UserName, Email, FirstName, LastName, ExternalID *string
	Active                                           *bool
}

// ScimGroupChange says what becomes of a group; nil leaves a field as it is.
type ScimGroupChange struct {
	Name, ExternalID *string
	Members          []ScimMembersChange // in this order
}

// ScimMembersChange adds people to a group or takes them out of it.
type ScimMembersChange struct {
	All    bool // everybody, instead of People; with Remove only
	Remove bool
	People []int64
}

// ScimMapping is what being in a group with this name gives: an organization
// role, membership of a workspace, or membership of a project and, unless it
// is "", a role there.
type ScimMapping struct {
	Kind   ScimTarget
	Target int64  // the workspace's or project's id; 0 with roles
	Title  string // the workspace's title, or the role as it was written
	Role   Role
	Group  string
}

// ScimTarget is what a group can be mapped to.
type ScimTarget string

// The targets.
const (
	ScimRole      ScimTarget = "role"
	ScimWorkspace ScimTarget = "workspace"
	ScimProject   ScimTarget = "project"
)

// ScimFilter is a condition on people or groups, as a tree: And and Or have
// parts, Not has one, and everything else compares an attribute with a value.
type ScimFilter struct {
	Op        ScimOp
	Parts     []ScimFilter
	Attribute string // as the schema spells it, in lower case, sub-attributes after a dot
	Value     string // text as it was, booleans as true and false, null as ""
}

// ScimOp is what a filter does.
type ScimOp string

// The operators of RFC 7644 §3.4.2.2.
const (
	ScimAnd            ScimOp = "and"
	ScimOr             ScimOp = "or"
	ScimNot            ScimOp = "not"
	ScimEqual          ScimOp = "eq"
	ScimNotEqual       ScimOp = "ne"
	ScimContains       ScimOp = "co"
	ScimStarts         ScimOp = "sw"
	ScimEnds           ScimOp = "ew"
	ScimPresent        ScimOp = "pr"
	ScimGreater        ScimOp = "gt"
	ScimGreaterOrEqual ScimOp = "ge"
	ScimLess           ScimOp = "lt"
	ScimLessOrEqual    ScimOp = "le"
)

// ScimPage is a stretch of a list: Count items from Start, which begins at 1.
type ScimPage struct{ Start, Count int }
