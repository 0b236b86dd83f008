package roster

import (
	"slices"
	"time"
)

// OperationKind says what an operation did.
type OperationKind string

// The kinds of operation.
const (
	OpAssign            OperationKind = "assign"             // people became members of a project
	OpUnassign          OperationKind = "unassign"           // people stopped being members of a project
	OpProjectRole       OperationKind = "project_role"       // a project gave or took a role
	OpWorkspaceAssign   OperationKind = "workspace_assign"   // people became members of a workspace
	OpWorkspaceUnassign OperationKind = "workspace_unassign" // people stopped being members of a workspace
	OpOrganizationRole  OperationKind = "organization_role"  // the organization changed a role or seat
	OpOrganizationLeave OperationKind = "organization_leave" // people were deleted from the organization
	OpJoin              OperationKind = "organization_join"  // somebody accepted an invitation, or came by single sign-on
	OpImport            OperationKind = "import"             // a file created or updated people
	OpSCIMSync          OperationKind = "scim_sync"          // an identity provider changed people or their groups
	OpMove              OperationKind = "project_move"       // a project changed its workspace
	// people without a membership of their own got their first task
	OpTaskAssign OperationKind = "task_assign"
	OpTaskDelete OperationKind = "task_delete" // tasks were deleted that were assigned to people
	// the projects of a Label Studio got their first members when a gate came to stand in front of it
	OpAdopt     OperationKind = "adopt"
	OpTag       OperationKind = "tag"           // tags were put on people, or taken off them
	OpTagImport OperationKind = "tag_import"    // a file put tags on people
	OpTagDelete OperationKind = "tag_delete"    // tags were deleted, and taken off whoever had them
	OpRename    OperationKind = "person_rename" // a person was given another name
	OpUndo      OperationKind = "undo"          // an earlier operation was taken back
)

// Operation is the record of one change of membership, written in the same
// transaction as the change.
type Operation struct {
	ID             int64
	OrganizationID int64
	ProjectID      int64 // 0 unless about one project
	WorkspaceID    int64 // 0 unless about one workspace
	Kind           OperationKind
	ActorID        int64
	ActorEmail     string
	Actor          string // who did it, by name; "" when nobody is known
	Project        string // what its project is called, the deleted too; "" when it is about none
	Space          string // what its workspace is called; "" when it is about none
	Credential     CredentialKind
	RequestID      string
	At             time.Time
	Selector       string // JSON, as the operation understood it; "" when none
	Changed        int    // people whose membership changed
	Unnamed        int    // ids that name nobody, beyond those that its outcomes name
	Dormant        int    // memberships of deactivated people that it ended, or brought back, besides
	Undoes         int64  // the operation this one took back; 0 unless an undo
	UndoneBy       int64  // the operation that took this one back; 0 while it stands
}

// Outcome is what an operation did to one person.
type Outcome struct {
	UserID     int64
	Email      string
	Name       string
	ProjectID  int64  // where; 0 when the operation's own project or workspace says it
	Project    string // and its title
	TagID      int64  // the tag it is about; 0: none
	Tag        string // and its label
	Result     Result
	KeepsBy    Path // the path by which a removed person still has access; "" when none
	RoleBefore Role
	RoleAfter  Role
	SeatBefore UserType // the seat that a change of people took them from; "" where it stayed
	NameBefore string   // what they were called, and are since; "" where nobody renamed them
	NameAfter  string
}

// SeatOnly reports whether the seat changed and the role stayed.
func (o Outcome) SeatOnly() bool {
	return o.Result == RoleSet && o.RoleBefore == o.RoleAfter && o.RoleBefore != ""
}

// Path is a way to have access to a project.
type Path string

// The paths that outlive a membership row.
const (
	PathWorkspace        Path = "workspace"
	PathOrganizationRole Path = "organization_role"
)

// Result is the closed list of what can happen to a person in an operation.
type Result string

// The results. Those that are not among Changes mean that nothing changed for the person.
const (
	Removed Result = "removed" // membership ended
	// RemovedDormant and RestoredDormant are of somebody deactivated, whose membership
	// was in no list.
	RemovedDormant  Result = "removed_dormant"  // it ended besides, with everybody's
	RestoredDormant Result = "restored_dormant" // undo: it is back as it was, and waits

	Added       Result = "assigned"     // membership began
	Restored    Result = "restored"     // undo: membership is back as it was
	RoleSet     Result = "role_set"     // role changed, from RoleBefore to RoleAfter
	RoleCleared Result = "role_cleared" // project role taken away
	Returned    Result = "returned"     // can act again, and so in this project
	Created     Result = "created"      // import: a new person
	Updated     Result = "updated"      // import: an existing person changed
	Tagged      Result = "tagged"       // has a tag they had not
	Untagged    Result = "untagged"     // has a tag no more
	Renamed     Result = "renamed"      // has another name

	TasksDeleted Result = "tasks_deleted" // tasks they had to do were deleted
	PauseLifted  Result = "pause_lifted"  // came again: a pause of before keeps them from nothing
	MakerEnded   Result = "maker_ended"   // came again: having made it gives them no access

	AlreadyTagged       Result = "already_tagged"
	NotTagged           Result = "not_tagged" // had none to lose
	NotAMember          Result = "not_a_member"
	AlreadyMember       Result = "already_a_member"
	ImplicitByWorkspace Result = "implicit_via_workspace"
	ImplicitByRole      Result = "implicit_via_organization_role"
	Excluded            Result = "excluded"
	SkippedDeactivated  Result = "deactivated"
	SkippedDeleted      Result = "deleted"
	SkippedNotActivated Result = "not_activated"
	UnknownPerson       Result = "unknown"
	ReaddedMeanwhile    Result = "readded_meanwhile" // undo: a newer membership stands
	ChangedMeanwhile    Result = "changed_meanwhile" // undo: a later operation changed it again
	GoneMeanwhile       Result = "gone_meanwhile"    // undo: deleted from the organization since, be they back or not
	// undo: a name of theirs is somebody else's now, and was not given back
	NameTaken       Result = "name_taken"
	AssignmentTaken Result = "assignment_taken" // undo: restored, but a task went to somebody else
)

// Changes is the results that mean that something changed for a person.
var Changes = []Result{
	Removed, RemovedDormant, RestoredDormant, Added, Restored, RoleSet, RoleCleared, Returned, Created, Updated,
	Tagged, Untagged, Renamed, TasksDeleted, PauseLifted, MakerEnded,
}

// Presences is the results that say that a person really was in the place: a member,
// or with access another way. The others say only that an operation named somebody.
var Presences = slices.Concat(Changes, []Result{
	AlreadyTagged, AlreadyMember, ImplicitByWorkspace, ImplicitByRole,
	ReaddedMeanwhile, ChangedMeanwhile, GoneMeanwhile, NameTaken, AssignmentTaken,
})

// OperationFilter narrows the list of operations; zero fields match all.
type OperationFilter struct {
	ProjectID    int64
	WorkspaceID  int64
	ActorID      int64
	PersonID     int64 // operations that touched this person
	Present      bool  // only those that found the person in the place, and did not merely name them
	Viewer       int64 // none of projects in which this person is paused; 0: of all
	Kind         OperationKind
	Since, Until time.Time
}

// UndoExceptions is the results by which an undo tells whom it left alone, or
// did not give everything back.
var UndoExceptions = []Result{ReaddedMeanwhile, ChangedMeanwhile, GoneMeanwhile, NameTaken, AssignmentTaken}

// OutcomeFilter narrows the outcomes of an operation; zero fields match all.
type OutcomeFilter struct {
	Search  string // terms of the name and the e-mail
	Results []Result
	// Hidden is people whom who reads may not know of: where an outcome does not say that
	// they were in the place, they are a number, as unknown as one that nobody has.
	Hidden []int64
}
