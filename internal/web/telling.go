package web

import (
	"maps"
	"slices"
	"strings"

	"roster"
	"roster/internal/membership"
)

// tellOperation is an operation in one sentence, with whom it was about where they are one
// or two. Personal says where a person's page is; nil: names lead nowhere.
func tellOperation(op membership.OperationRow, personal func(id int64) string) roster.Text {
	person := func(id int64, name string, met bool) roster.Name {
		if !met || personal == nil {
			return roster.Name{Text: name}
		}
		return roster.Name{Text: name, URL: personal(id)}
	}
	places := told{
		"project": roster.Name{Text: op.Project}, "space": roster.Name{Text: op.Space}, "undone": number64(op.Undoes),
		"actor": roster.Text("Somebody"),
	}
	if op.Actor != "" {
		places["actor"] = person(op.ActorID, op.Actor, op.Met)
	}
	var names []roster.Name
	for _, p := range op.People {
		names = append(names, person(p.ID, p.Name, p.Met))
	}
	text := roster.Text("")
	switch len(names) {
	case 1:
		places["people"], places["one"] = names[0], names[0]
		text = namedText(op, places)
	case 2:
		places["one"], places["two"] = names[0], names[1]
		places["people"] = sentence("{one} and {two}", "one", names[0], "two", names[1])
		text = namedText(op, places)
	}
	if text == "" {
		text = textsOf(op).text(op.Changed)
	}
	return both(places.in(text), besides(op.Operation))
}

// told is what the {places} of a sentence hold: names and texts.
type told map[string]any

// in is a sentence with its places filled.
func (t told) in(text roster.Text) roster.Text {
	for _, place := range slices.Sorted(maps.Keys(t)) {
		if strings.Contains(string(text), "{"+place+"}") {
			text = text.With(place, t[place])
		}
	}
	return text
}

// namedTexts is what operations did to people who are told by name.
var namedTexts = map[roster.OperationKind]roster.Text{
	roster.OpUnassign:          "{actor} unassigned {people} from {project}.",
	roster.OpAssign:            "{actor} assigned {people} to {project}.",
	roster.OpTaskAssign:        "{actor} gave {people} a first task in {project}.",
	roster.OpTaskDelete:        "{actor} deleted tasks of {project} that {people} had to do.",
	roster.OpMove:              "{actor} moved {project} to another workspace, which changed the access of {people}.",
	roster.OpWorkspaceAssign:   "{actor} added {people} to the workspace {space}.",
	roster.OpWorkspaceUnassign: "{actor} removed {people} from the workspace {space}.",
	roster.OpOrganizationLeave: "{actor} deleted {people} from the organization.",
	roster.OpAdopt:             "Label Studio's projects began with {people}, in the name of {actor}.",
	roster.OpTagImport:         "{actor} imported tags for {people}.",
	roster.OpTagDelete:         "{actor} deleted tags, which took them off {people}.",
	roster.OpImport:            "{actor} imported a file that changed {people}.",
}

// namedText is the sentence about people who are told by name, and fills in what else it
// needs; "" where there is none.
func namedText(op membership.OperationRow, places told) roster.Text {
	switch op.Kind {
	case roster.OpOrganizationRole:
		return alike(op, places, organizationRoleText)
	case roster.OpProjectRole:
		return alike(op, places, projectRoleText)
	case roster.OpTag:
		return tagText(op, places)
	case roster.OpRename:
		return renameText(op, places)
	case roster.OpJoin:
		return joinText(op)
	case roster.OpSCIMSync:
		return placed(op, "An identity provider changed the access of {people} to {project}.",
			"An identity provider changed the membership of {people} in the workspace {space}.",
			"An identity provider changed {people} in the organization.")
	case roster.OpUndo:
		n := len(op.People)
		return placed(op, counted(n, "{actor} undid operation {undone} in {project}: {people} is as before.",
			"{actor} undid operation {undone} in {project}: {people} are as before."),
			counted(n, "{actor} undid operation {undone} in the workspace {space}: {people} is as before.",
				"{actor} undid operation {undone} in the workspace {space}: {people} are as before."),
			counted(n, "{actor} undid operation {undone}: {people} is as before.",
				"{actor} undid operation {undone}: {people} are as before."))
	}
	return namedTexts[op.Kind]
}

// placed is one of three sentences, by where an operation was.
func placed(op membership.OperationRow, project, space, organization roster.Text) roster.Text {
	switch {
	case op.ProjectID != 0:
		return project
	case op.WorkspaceID != 0:
		return space
	}
	return organization
}

// alike is the sentence that is true of everybody whom op names, and says from what to what;
// where that differs, a sentence that says it of each.
func alike(op membership.OperationRow, places told, text func(o roster.Outcome) roster.Text) roster.Text {
	for i, suffix := range []string{"", "2"} {
		if i < len(op.People) {
			o := roleOutcome(op.People[i])
			places["before"+suffix], places["after"+suffix] = roleName(o.RoleBefore), roleName(o.RoleAfter)
			places["seat"+suffix] = seatName(o.SeatBefore)
		}
	}
	first := roleOutcome(op.People[0])
	if first.Result == "" {
		return ""
	}
	if len(op.People) == 1 {
		return text(first)
	}
	second := roleOutcome(op.People[1])
	switch {
	case text(first) == text(second) && first.RoleBefore == second.RoleBefore && first.RoleAfter == second.RoleAfter &&
		first.SeatBefore == second.SeatBefore:
		return text(first)
	case first.RoleBefore == "" || second.RoleBefore == "" || first.SeatOnly() || second.SeatOnly():
		return ""
	}
	return placed(op, "{actor} changed roles in {project}: {one} from {before} to {after}, {two} from "+
		"{before2} to {after2}.", "",
		"{actor} changed roles: {one} from {before} to {after}, {two} from {before2} to {after2}.")
}

// roleOutcome is what was done to a person's role; zero where nothing was.
func roleOutcome(p membership.Affected) roster.Outcome {
	for _, o := range p.Outcomes {
		if o.Result == roster.RoleSet || o.Result == roster.RoleCleared {
			return o
		}
	}
	return roster.Outcome{}
}

func organizationRoleText(o roster.Outcome) roster.Text {
	switch {
	case o.SeatOnly() && o.SeatBefore == "":
		return "{actor} changed the seat of {people}."
	case o.SeatOnly():
		return "{actor} changed the seat of {people}; it was {seat} before."
	case o.RoleAfter == roster.RoleDeactivated:
		return "{actor} deactivated {people}."
	case o.RoleBefore == roster.RoleDeactivated:
		return "{actor} reactivated {people} as {after}."
	case o.RoleBefore == "":
		return "{actor} made {people} {after}."
	}
	return "{actor} changed the role of {people} from {before} to {after}."
}

func projectRoleText(o roster.Outcome) roster.Text {
	switch {
	case o.Result == roster.RoleCleared:
		return "{actor} took the role {before} in {project} away from {people}."
	case o.RoleBefore == "":
		return "{actor} made {people} {after} in {project}."
	}
	return "{actor} changed the role of {people} in {project} from {before} to {after}."
}

// mostTagsTold is how many tags a sentence names.
const mostTagsTold = 3

// tagText says which tags were put on people, and which taken off, where those are few and
// the same for everybody.
func tagText(op membership.OperationRow, places told) roster.Text {
	on, off := tagsOf(op.People[0])
	for _, p := range op.People[1:] {
		if otherOn, otherOff := tagsOf(p); !slices.Equal(on, otherOn) || !slices.Equal(off, otherOff) {
			return "{actor} changed the tags of {people}."
		}
	}
	if len(on) > mostTagsTold || len(off) > mostTagsTold {
		return "{actor} changed the tags of {people}."
	}
	places["on"], places["off"] = namesIn(on, 0), namesIn(off, 0)
	switch {
	case len(off) == 0:
		return counted(len(on), "{actor} put the tag {on} on {people}.", "{actor} put the tags {on} on {people}.")
	case len(on) == 0:
		return counted(len(off), "{actor} took the tag {off} off {people}.", "{actor} took the tags {off} off {people}.")
	}
	return "{actor} changed the tags of {people}: {on} put on, {off} taken off."
}

// tagsOf is the tags that were put on a person, and taken off.
func tagsOf(p membership.Affected) (on, off []string) {
	for _, o := range p.Outcomes {
		switch o.Result {
		case roster.Tagged:
			on = append(on, o.Tag)
		case roster.Untagged:
			off = append(off, o.Tag)
		}
	}
	return on, off
}

// renameText says what somebody was called before: their name today says who they are.
func renameText(op membership.OperationRow, places told) roster.Text {
	if len(op.People) != 1 || len(op.People[0].Outcomes) == 0 {
		return ""
	}
	o := op.People[0].Outcomes[0]
	places["before"], places["after"] = roster.Name{Text: o.NameBefore}, roster.Name{Text: o.NameAfter}
	if o.UserID == op.ActorID {
		return "{actor} changed their own name from {before} to {after}."
	}
	return "{actor} changed the name of {people} from {before} to {after}."
}

// joinText says how people came.
func joinText(op membership.OperationRow) roster.Text {
	switch {
	case op.Credential == roster.CredentialSignOn:
		return "{people} joined the organization by single sign-on."
	case len(op.People) == 1 && op.People[0].ID == op.ActorID:
		return "{people} joined the organization by its link, and waits for a role."
	}
	return "{people} joined the organization, invited by {actor}."
}
