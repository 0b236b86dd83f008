package web

import (
	"roster"
	"roster/internal/membership"
)

// step is one thing that was done to a person, as a sentence.
type step struct {
	membership.PersonStep
	Text roster.Text
	Note roster.Text // what followed from it; "" when nothing did
}

// newSteps tells an operation: once for each place in which it did something
// to the person.
func newSteps(s membership.PersonStep) (steps []step) {
	for _, o := range s.Outcomes {
		project, space := s.Project, s.Space
		if o.ProjectID != 0 {
			project = o.Project
		}
		steps = append(steps, step{PersonStep: s, Text: toldOf(s.Operation, o, project, space), Note: keptBy[o.KeepsBy]})
	}
	return steps
}

var keptBy = map[roster.Path]roster.Text{
	roster.PathWorkspace:        "Kept access through the workspace.",
	roster.PathOrganizationRole: "Kept access by organization role.",
}

// toldOf is a sentence about an outcome, by where it happened.
func toldOf(op roster.Operation, o roster.Outcome, project, space string) roster.Text {
	at := outcomeTexts.organization
	name := ""
	switch {
	case project != "":
		at, name = outcomeTexts.project, project
	case space != "":
		at, name = outcomeTexts.workspace, space
	}
	if o.TagID != 0 {
		at, name = outcomeTexts.tag, o.Tag
	}
	text := at[o.Result]
	if text == "" {
		text = outcomeTexts.anywhere[o.Result]
	}
	if op.Kind == roster.OpUndo && o.Result == roster.Restored && name == "" {
		text = "Was brought back to the organization as before, by an undo."
	}
	if o.SeatOnly() {
		text = seatText(o)
	}
	if o.NameAfter != "" {
		return sentence("Name changed from {before} to {after}.", "before", roster.Name{Text: o.NameBefore}, "after",
			roster.Name{Text: o.NameAfter})
	}
	if text == "" {
		text = "Nothing changed for them."
	}
	if o.RoleBefore == "" && o.Result == roster.RoleSet && project != "" {
		text = "Was given the role {after} in {place}."
	}
	return sentence(text, "place", name, "before", roleName(o.RoleBefore),
		"after", roleName(o.RoleAfter))
}

// seatText says that somebody has another seat, and which it was where that was
// recorded.
func seatText(o roster.Outcome) roster.Text {
	if o.SeatBefore == "" {
		return "Seat changed."
	}
	return sentence("Seat changed; it was {seat} before.", "seat", seatName(o.SeatBefore))
}

// outcomeTexts is the sentences, by where something happened.
var outcomeTexts = struct {
	project, workspace, organization, tag, anywhere map[roster.Result]roster.Text
}{
	project: map[roster.Result]roster.Text{
		roster.Removed: "Was taken off {place}.", roster.Added: "Became a member of {place}.",
		roster.Restored:            "Was put back in {place} as before, by an undo.",
		roster.RemovedDormant:      "Was taken off {place} with everybody, while deactivated.",
		roster.RestoredDormant:     "Was put back in {place} as before, still deactivated, by an undo.",
		roster.Returned:            "Could work in {place} again.",
		roster.RoleSet:             "Role in {place} changed from {before} to {after}.",
		roster.RoleCleared:         "Lost the role {before} in {place}.",
		roster.TasksDeleted:        "Tasks in {place} that they had to do were deleted.",
		roster.MakerEnded:          "Joined again, and no longer has access to {place} for having created it.",
		roster.PauseLifted:         "Joined again, which ended a pause in {place}.",
		roster.NotAMember:          "Was to be taken off {place}, but was not a member.",
		roster.AlreadyMember:       "Was to be added to {place}, but was a member already.",
		roster.ImplicitByWorkspace: "Has access to {place} through the workspace; there was no membership to end.",
		roster.ImplicitByRole:      "Has access to {place} by organization role; there was no membership to end.",
		roster.Excluded:            "Was left out when others were taken off {place}.",
		roster.SkippedDeactivated:  "Was skipped in {place}, because deactivated.",
		roster.SkippedDeleted:      "Was skipped in {place}, because deleted from the organization.",
		roster.SkippedNotActivated: "Was skipped in {place}, because without a role yet.",
	},
	workspace: map[roster.Result]roster.Text{
		roster.Removed: "Was taken out of the workspace {place}.", roster.Added: "Became a member of the workspace {place}.",
		roster.Restored:        "Was put back in the workspace {place}, by an undo.",
		roster.AlreadyMember:   "Was to be added to the workspace {place}, but was in it already.",
		roster.RemovedDormant:  "Was taken out of the workspace {place} with everybody, while deactivated.",
		roster.RestoredDormant: "Was put back in the workspace {place}, still deactivated, by an undo.",
		roster.NotAMember:      "Was to be taken out of the workspace {place}, but was not in it.",
		roster.Excluded:        "Was left out when others were taken out of the workspace {place}.",
	},
	organization: map[roster.Result]roster.Text{
		roster.Removed: "Was deleted from the organization.", roster.Added: "Joined the organization.",
		roster.Restored: "Came back to the organization.",
		roster.RoleSet:  "Organization role changed from {before} to {after}.",
		roster.Created:  "Was created by an import.", roster.Updated: "Was updated by an import.",
	},
	tag: map[roster.Result]roster.Text{
		roster.Tagged: "Was given the tag {place}.", roster.Untagged: "Lost the tag {place}.",
		roster.AlreadyTagged:  "Was to be given the tag {place}, but had it already.",
		roster.NotTagged:      "Was to lose the tag {place}, but did not have it.",
		roster.SkippedDeleted: "Was skipped when the tag {place} was deleted, because deleted from the organization.",
	},
	anywhere: map[roster.Result]roster.Text{
		roster.ReaddedMeanwhile:    "An undo changed nothing for them: they had been added again.",
		roster.ChangedMeanwhile:    "An undo changed nothing for them: somebody had changed them since.",
		roster.GoneMeanwhile:       "An undo changed nothing for them: they had been deleted from the organization.",
		roster.NameTaken:           "An undo did not give a name back that the identity provider uses for somebody else now.",
		roster.AssignmentTaken:     "Was put back by an undo, but somebody else has a task of theirs now.",
		roster.SkippedDeactivated:  "Was skipped, because deactivated.",
		roster.SkippedDeleted:      "Was skipped, because deleted from the organization.",
		roster.SkippedNotActivated: "Was skipped, because without a role yet.", roster.Excluded: "Was left out of a change.",
	},
}
