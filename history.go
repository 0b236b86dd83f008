package roster

import "time"

// History names one of the four histories that Roster derives from the
// membership rows and the outcomes of operations. None is written by itself.
type History string

// The histories.
const (
	ProjectMembers      History = "project_members"
	ProjectRoles        History = "project_roles"
	WorkspaceMembers    History = "workspace_members"
	OrganizationMembers History = "organization_members"
)

// The states between which people move: these two, and for roles their code.
const (
	StateActive  = "active"
	StateRemoved = "removed"
)

// Transition is one step of one person in a history.
type Transition struct {
	UserID     int64
	Email      string
	State      string
	Previous   string        // "" where it is the first
	Operation  int64         // 0 where none was recorded
	Kind       OperationKind // "" without an operation
	ActorID    int64
	ActorEmail string
	At         time.Time
	// The person's, as they are now; in an organization's history only.
	RoleSource RoleSource
	UserType   UserType
}

// HistoryFilter narrows a history; the last two are read in organizations only.
type HistoryFilter struct {
	UserID       int64
	Since, Until time.Time
	RoleSource   RoleSource
	UserType     UserType
}

// MembershipStep is what one operation did to the number of a project's
// explicit memberships.
type MembershipStep struct {
	At           time.Time
	Begun, Ended int

	// What a chart is drawn by (ChartSteps).
	Operation, Undoes int64 // the operation, and which it took back; 0: none
	Stilled           int   // memberships that count no more, because their people were deactivated
}

// SettingsChange is one change of what an organization says of its identity
// providers. State is active while it says anything, and removed when it does not.
type SettingsChange struct {
	ID         int64
	Kind       MappingSource
	State      string
	Previous   string   // "" where it is the first
	Changed    []string // the fields that became other than they were, by name
	ActorID    int64
	ActorEmail string
	At         time.Time
}
