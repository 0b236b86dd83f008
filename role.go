package roster

import "slices"

// Role is what a person may do, in an organization or in one project. The
// codes are the ones the Label Studio API uses and are stored as they are.
type Role string

// The eight role codes (the wire's OrganizationRoleEnum).
const (
	RoleOwner         Role = "OW"
	RoleAdministrator Role = "AD"
	RoleManager       Role = "MA"
	RoleReviewer      Role = "RE"
	RoleAnnotator     Role = "AN"
	RoleViewOnly      Role = "VO"
	RoleNotActivated  Role = "NO"
	RoleDeactivated   Role = "DI"
)

// Roles lists every role, highest first.
var Roles = []Role{
	RoleOwner, RoleAdministrator, RoleManager, RoleReviewer,
	RoleAnnotator, RoleViewOnly, RoleNotActivated, RoleDeactivated,
}

// Valid reports whether r is one of the eight codes.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Name is the word people use for the role.
func (r Role) Name() string { return string(r.Text()) }

// Text is the same, to be said in any language.
func (r Role) Text() Text {
	return map[Role]Text{
		RoleOwner: "Owner", RoleAdministrator: "Administrator", RoleManager: "Manager",
		RoleReviewer: "Reviewer", RoleAnnotator: "Annotator", RoleViewOnly: "View Only",
		RoleNotActivated: "Not Activated", RoleDeactivated: "Deactivated",
	}[r]
}

// Outranks reports whether r stands strictly above other.
func (r Role) Outranks(other Role) bool {
	return slices.Index(Roles, r) < slices.Index(Roles, other)
}

// SeesEveryProject reports whether the organization role alone gives access to
// the organization's projects (implicit membership: Owner and Administrator).
func (r Role) SeesEveryProject() bool { return r == RoleOwner || r == RoleAdministrator }

// Works reports whether the role gives any access at all: not deactivated,
// not waiting for activation.
func (r Role) Works() bool { return r != RoleDeactivated && r != RoleNotActivated }

// Overridable reports whether a project may give a person with this
// organization role another one. Managers and above cannot be downgraded.
func (r Role) Overridable() bool { return r == RoleAnnotator || r == RoleReviewer }

// Assignable reports whether the role can be given to somebody: there is one
// Owner, made with the organization, and View Only is a seat, not a role.
func (r Role) Assignable() bool { return r.Valid() && r != RoleOwner && r != RoleViewOnly }

// Effective is the role a person with organization role org acts with in a
// project where override is set ("" when there is none).
func Effective(org, override Role) Role {
	if override != "" && org.Overridable() {
		return override
	}
	return org
}

// RoleSource says who set a role.
type RoleSource string

// The sources of a role (the wire's RoleSourceEnum).
const (
	SourceManual RoleSource = "manual"
	SourceAPI    RoleSource = "api"
	SourceSAML   RoleSource = "saml"
	SourceSCIM   RoleSource = "scim"
)

// RoleSources lists every source; Roster itself never sets SAML, LDAP and billing.
var RoleSources = []RoleSource{SourceManual, SourceAPI, SourceSAML, SourceSCIM, "ldap", "billing"}

// Valid reports whether s is one of the sources.
func (s RoleSource) Valid() bool { return slices.Contains(RoleSources, s) }

// UserType is the kind of seat a person takes.
type UserType string

// The seat types. Service is read only: it marks non-human accounts.
const (
	SeatStandard UserType = "standard"
	SeatFlex     UserType = "flex"
	SeatViewOnly UserType = "viewonly"
	SeatService  UserType = "service"
)

// UserTypes lists every seat type.
var UserTypes = []UserType{SeatStandard, SeatFlex, SeatViewOnly, SeatService}

// Valid reports whether t is a known seat type.
func (t UserType) Valid() bool { return slices.Contains(UserTypes, t) }
