package web

import (
	"strconv"

	"roster"
	"roster/internal/membership"
)

// kindNames is the kinds of operation, as a filter offers them.
var kindNames = []struct {
	kind roster.OperationKind
	name roster.Text
}{
	{roster.OpUnassign, "Unassigned from a project"},
	{roster.OpAssign, "Assigned to a project"},
	{roster.OpProjectRole, "Role in a project"},
	{roster.OpTaskAssign, "First task in a project"},
	{roster.OpTaskDelete, "Assigned tasks deleted"},
	{roster.OpMove, "Project moved"},
	{roster.OpWorkspaceAssign, "Added to a workspace"},
	{roster.OpWorkspaceUnassign, "Removed from a workspace"},
	{roster.OpJoin, "Joined the organization"},
	{roster.OpOrganizationRole, "Role or seat in the organization"},
	{roster.OpOrganizationLeave, "Deleted from the organization"},
	{roster.OpImport, "Import"},
	{roster.OpSCIMSync, "Identity provider"},
	{roster.OpAdopt, "Label Studio's projects taken over"},
	{roster.OpTag, "Tags of people"},
	{roster.OpTagImport, "Import of tags"},
	{roster.OpTagDelete, "Tags deleted"},
	{roster.OpRename, "Name of a person"},
	{roster.OpUndo, "Undo"},
}

// credentials is what an operation was done with.
var credentials = map[roster.CredentialKind]roster.Text{
	roster.CredentialToken:      "Legacy API token",
	roster.CredentialPersonal:   "Personal access token",
	roster.CredentialSession:    "Console",
	roster.CredentialOperator:   "Command line on the server",
	roster.CredentialInvitation: "Invitation",
	roster.CredentialSCIM:       "SCIM",
	roster.CredentialSignOn:     "Single sign-on",
}

// counts is a sentence for nobody, for one person, and for many, whose number
// stands at %s.
type counts struct{ none, one, many roster.Text }

func (c counts) text(n int) roster.Text {
	if n == 0 {
		return c.none
	}
	return counted(n, c.one, c.many)
}

// operationTexts is what operations did, in whole sentences.
var operationTexts = map[roster.OperationKind]counts{
	roster.OpUnassign: {
		"{actor} unassigned nobody from {project}.",
		"{actor} unassigned one person from {project}.",
		"{actor} unassigned %s people from {project}.",
	},
	roster.OpAssign: {
		"{actor} assigned nobody new to {project}.",
		"{actor} assigned one person to {project}.",
		"{actor} assigned %s people to {project}.",
	},
	roster.OpProjectRole: {"{actor} changed nobody's role in {project}.",
		"{actor} changed the role of one person in {project}.",
		"{actor} changed the role of %s people in {project}."},
	roster.OpTaskAssign: {"{actor} gave nobody a first task in {project}.",
		"{actor} gave one person a first task in {project}.",
		"{actor} gave %s people a first task in {project}."},
	roster.OpTaskDelete: {
		"{actor} deleted tasks of {project} that nobody had.",
		"{actor} deleted tasks of {project} that one person had to do.",
		"{actor} deleted tasks of {project} that %s people had to do.",
	},
	roster.OpMove: {
		"{actor} moved {project} to another workspace.",
		"{actor} moved {project} to another workspace, which changed the access of one person.",
		"{actor} moved {project} to another workspace, which changed the access of %s people.",
	},
	roster.OpWorkspaceAssign: {"{actor} added nobody new to the workspace {space}.",
		"{actor} added one person to the workspace {space}.",
		"{actor} added %s people to the workspace {space}."},
	roster.OpWorkspaceUnassign: {
		"{actor} removed nobody from the workspace {space}.",
		"{actor} removed one person from the workspace {space}.",
		"{actor} removed %s people from the workspace {space}.",
	},
	roster.OpOrganizationRole: {
		"{actor} changed nobody's role or seat in the organization.",
		"{actor} changed the role or seat of one person in the organization.",
		"{actor} changed the role or seat of %s people in the organization.",
	},
	roster.OpOrganizationLeave: {"{actor} deleted nobody from the organization.",
		"{actor} deleted one person from the organization.",
		"{actor} deleted %s people from the organization."},
	roster.OpJoin: {
		"Nobody joined the organization.",
		"One person joined the organization, invited by {actor}.",
		"%s people joined the organization, invited by {actor}.",
	},
	roster.OpAdopt: {
		"Label Studio's projects began without members.",
		"Label Studio's projects began with one person, in the name of {actor}.",
		"Label Studio's projects began with %s people, in the name of {actor}.",
	},
	roster.OpTag: {
		"{actor} changed nobody's tags.",
		"{actor} changed the tags of one person.",
		"{actor} changed the tags of %s people.",
	},
	roster.OpTagImport: {
		"{actor} imported tags that everybody had.",
		"{actor} imported tags for one person.",
		"{actor} imported tags for %s people.",
	},
	roster.OpTagDelete: {
		"{actor} deleted tags that nobody had.",
		"{actor} deleted tags, which took them off one person.",
		"{actor} deleted tags, which took them off %s people.",
	},
	roster.OpRename: {"{actor} changed nobody's name.", "{actor} changed the name of one person.",
		"{actor} changed the names of %s people."},
	roster.OpImport: {
		"{actor} imported a file that changed nobody.",
		"{actor} imported a file that changed one person.",
		"{actor} imported a file that changed %s people.",
	},
}

// Where a kind is about different places, each place has its own sentence.
var (
	joinedAlone = counts{
		"{actor} signed in through the identity provider and joined nothing.",
		"{actor} joined the organization by single sign-on.",
		"{actor} joined the organization by single sign-on.",
	}

	syncTexts = struct{ project, space, organization counts }{
		counts{
			"An identity provider changed nobody's access to {project}.",
			"An identity provider changed the access of one person to {project}.",
			"An identity provider changed the access of %s people to {project}.",
		},
		counts{
			"An identity provider changed nobody in the workspace {space}.",
			"An identity provider changed the membership of one person in the workspace {space}.",
			"An identity provider changed the membership of %s people in the workspace {space}.",
		},
		counts{
			"An identity provider changed nobody in the organization.",
			"An identity provider changed one person in the organization.",
			"An identity provider changed %s people in the organization.",
		},
	}
	undoTexts = struct{ project, space, organization counts }{
		counts{
			"{actor} undid operation {undone} in {project}, which changed nobody.",
			"{actor} undid operation {undone} in {project}: one person is as before.",
			"{actor} undid operation {undone} in {project}: %s people are as before.",
		},
		counts{
			"{actor} undid operation {undone} in the workspace {space}, which changed nobody.",
			"{actor} undid operation {undone} in the workspace {space}: one person is as before.",
			"{actor} undid operation {undone} in the workspace {space}: %s people are as before.",
		},
		counts{
			"{actor} undid operation {undone}, which changed nobody.",
			"{actor} undid operation {undone}: one person is as before.",
			"{actor} undid operation {undone}: %s people are as before.",
		},
	}
)

// operationText is an operation in one sentence, in which names lead nowhere.
func operationText(op membership.OperationRow) roster.Text { return tellOperation(op, nil) }

// textsOf is the sentences that count the people of an operation.
func textsOf(op membership.OperationRow) counts {
	switch {
	case op.Kind == roster.OpSCIMSync && op.ProjectID != 0:
		return syncTexts.project
	case op.Kind == roster.OpSCIMSync && op.WorkspaceID != 0:
		return syncTexts.space
	case op.Kind == roster.OpSCIMSync:
		return syncTexts.organization
	case op.Kind == roster.OpUndo && op.ProjectID != 0:
		return undoTexts.project
	case op.Kind == roster.OpUndo && op.WorkspaceID != 0:
		return undoTexts.space
	case op.Kind == roster.OpUndo:
		return undoTexts.organization
	case op.Kind == roster.OpJoin && op.Credential == roster.CredentialSignOn:
		return joinedAlone
	}
	if texts, known := operationTexts[op.Kind]; known {
		return texts
	}
	return counts{"{actor} changed nobody.", "{actor} changed one person.", "{actor} changed %s people."}
}

// number64 is an operation's number.
func number64(id int64) string { return strconv.FormatInt(id, 10) }

// besides says what an operation did to dormant memberships; "" where there were none.
func besides(op roster.Operation) roster.Text {
	switch {
	case op.Dormant == 0:
		return ""
	case op.Kind == roster.OpUndo:
		return counted(op.Dormant, "One dormant membership came back, too.", "%s dormant memberships came back, too.")
	}
	return dormantEnded(op.Dormant)
}

// dormantEnded says how many dormant memberships ended; "" where none did.
func dormantEnded(n int) roster.Text {
	if n == 0 {
		return ""
	}
	return counted(n, "The dormant membership of one deactivated person ended, too.",
		"The dormant memberships of %s deactivated people ended, too.")
}

// resultNames is what happened to people, as a list counts it: with where one
// can be, and in the order in which they are told.
var resultNames = []struct {
	result roster.Result
	name   roster.Text
	about  roster.Text // what it means; "" where that is plain
}{
	{roster.Removed, "Removed", ""},
	{roster.RemovedDormant, "Dormant membership ended",
		"Of deactivated people, who are not listed: they are not members when they come back."},
	{roster.Added, "Added", ""},
	{roster.Restored, "Put back", "As before: the role, and the tasks that nobody else had taken."},
	{roster.RestoredDormant, "Dormant membership put back", "Of deactivated people: it counts when they come back."},
	{roster.Returned, "Back in a project", "Were deactivated: the membership that was kept counts again."},
	{roster.RoleSet, "Changed", "The role, or the seat in the organization."},
	{roster.RoleCleared, "Role taken away", "The role in the organization counts again."},
	{roster.Created, "Created", ""},
	{roster.Updated, "Updated", ""},
	{roster.TasksDeleted, "Tasks deleted", "Tasks they had to do were deleted. They stay members."},
	{roster.MakerEnded, "No access for having created it",
		"They were deleted and joined again, and have only what they were given since."},
	{roster.PauseLifted, "Pause ended", "They were deleted and joined again, which ends a pause from before."},
	{roster.Tagged, "Tag put on", ""},
	{roster.Untagged, "Tag taken off", ""},
	{roster.AlreadyTagged, "Had the tag already", ""},
	{roster.Renamed, "Renamed", ""},
	{roster.NotTagged, "Did not have the tag", "There was nothing to take off."},
	{
		roster.NameTaken, "A name was taken",
		"The identity provider uses it for somebody else now. People who have it as their e-mail stay deleted.",
	},
	{roster.AssignmentTaken, "Put back without a task", "Somebody else has the task now."},
	{roster.NotAMember, "Was not a member", "There was nothing to end."},
	{roster.AlreadyMember, "Was a member already", ""},
	{roster.ImplicitByWorkspace, "Access through the workspace", "Has no membership of their own to end."},
	{roster.ImplicitByRole, "Access by organization role", "Has no membership of their own to end."},
	{roster.Excluded, "Left out", "Excepted from the selection."},
	{roster.SkippedDeactivated, "Skipped because deactivated", ""},
	{roster.SkippedDeleted, "Skipped because deleted", "Deleted from the organization before."},
	{roster.SkippedNotActivated, "Skipped because without a role yet", ""},
	{roster.UnknownPerson, "Unknown", "There is no person with this number."},
	{roster.ReaddedMeanwhile, "Left alone because added again", "They are members again."},
	{roster.ChangedMeanwhile, "Left alone because changed since", "A later operation changed it again."},
	{roster.GoneMeanwhile, "Left alone because deleted since", "Deleted from the organization since."},
}

func resultName(r roster.Result) roster.Text {
	for _, n := range resultNames {
		if n.result == r {
			return n.name
		}
	}
	return roster.Verbatim(string(r))
}
