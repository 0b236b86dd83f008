package web

import (
	"slices"
	"strings"

	"roster"
	"roster/internal/membership"
)

// piece is a part of a sentence: words, or a name.
type piece struct {
	Text string
	Name bool
	URL  string // where the name leads; "" where it leads nowhere
}

// telling is a sentence with the names in it.
type telling []piece

// String is the sentence as plain text.
func (t telling) String() string {
	var out strings.Builder
	for _, p := range t {
		if p.Name {
			p.Text = isolated(p.Text)
		}
		out.WriteString(p.Text)
	}
	return out.String()
}

// words is plain words in a sentence.
func words(text string) telling { return telling{{Text: text}} }

// nameOf is a name in a sentence.
func nameOf(text, address string) telling { return telling{{Text: text, Name: true, URL: address}} }

// tell fills a whole sentence's {places} with names and words. A place that nothing is said
// of stays empty.
func tell(text string, places map[string]telling) (out telling) {
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			out = append(out, piece{Text: before})
		}
		if !found {
			return out
		}
		name, after, _ := strings.Cut(rest, "}")
		out = append(out, places[name]...)
		text = after
	}
	return out
}

// tellOperation is an operation in one sentence, with whom it was about where they are one
// or two. Personal says where a person's page is; nil: names lead nowhere.
func tellOperation(op membership.OperationRow, personal func(id int64) string) telling {
	person := func(id int64, name string, met bool) telling {
		if !met || personal == nil {
			return nameOf(name, "")
		}
		return nameOf(name, personal(id))
	}
	places := map[string]telling{
		"project": nameOf(op.Project, ""), "space": nameOf(op.Space, ""), "undone": words(number64(op.Undoes)),
		"actor": words("Somebody"),
	}
	if op.Actor != "" {
		places["actor"] = person(op.ActorID, op.Actor, op.Met)
	}
	var names []telling
	for _, p := range op.People {
		names = append(names, person(p.ID, p.Name, p.Met))
	}
	text := ""
	switch len(names) {
	case 1:
		places["people"], places["one"] = names[0], names[0]
		text = namedText(op, places)
	case 2:
		places["one"], places["two"] = names[0], names[1]
		places["people"] = tell("{one} and {two}", places)
		text = namedText(op, places)
	}
	if text == "" {
		text = textsOf(op).text(op.Changed)
	}
	return append(tell(text, places), words(besides(op.Operation))...)
}

// namedTexts is what operations did to people who are told by name.
var namedTexts = map[roster.OperationKind]string{
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
func namedText(op membership.OperationRow, places map[string]telling) string {
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
		are := counted(len(op.People), "is", "are")
		return placed(op, "{actor} undid operation {undone} in {project}: {people} "+are+" as before.",
			"{actor} undid operation {undone} in the workspace {space}: {people} "+are+" as before.",
			"{actor} undid operation {undone}: {people} "+are+" as before.")
	}
	return namedTexts[op.Kind]
}

// placed is one of three sentences, by where an operation was.
func placed(op membership.OperationRow, project, space, organization string) string {
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
func alike(op membership.OperationRow, places map[string]telling, text func(o roster.Outcome) string) string {
	for i, suffix := range []string{"", "2"} {
		if i < len(op.People) {
			o := roleOutcome(op.People[i])
			places["before"+suffix], places["after"+suffix] = words(o.RoleBefore.Name()), words(o.RoleAfter.Name())
			places["seat"+suffix] = words(seatName(o.SeatBefore))
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

func organizationRoleText(o roster.Outcome) string {
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

func projectRoleText(o roster.Outcome) string {
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
func tagText(op membership.OperationRow, places map[string]telling) string {
	on, off := tagsOf(op.People[0])
	for _, p := range op.People[1:] {
		if otherOn, otherOff := tagsOf(p); !slices.Equal(on, otherOn) || !slices.Equal(off, otherOff) {
			return "{actor} changed the tags of {people}."
		}
	}
	if len(on) > mostTagsTold || len(off) > mostTagsTold {
		return "{actor} changed the tags of {people}."
	}
	places["on"], places["off"] = enumerated(on), enumerated(off)
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

// enumerated is names with commas between them.
func enumerated(names []string) (out telling) {
	for i, name := range names {
		if i > 0 {
			out = append(out, piece{Text: ", "})
		}
		out = append(out, nameOf(name, "")...)
	}
	return out
}

// renameText says what somebody was called before: their name today says who they are.
func renameText(op membership.OperationRow, places map[string]telling) string {
	if len(op.People) != 1 || len(op.People[0].Outcomes) == 0 {
		return ""
	}
	o := op.People[0].Outcomes[0]
	places["before"], places["after"] = nameOf(o.NameBefore, ""), nameOf(o.NameAfter, "")
	if o.UserID == op.ActorID {
		return "{actor} changed their own name from {before} to {after}."
	}
	return "{actor} changed the name of {people} from {before} to {after}."
}

// joinText says how people came.
func joinText(op membership.OperationRow) string {
	switch {
	case op.Credential == roster.CredentialSignOn:
		return "{people} joined the organization by single sign-on."
	case len(op.People) == 1 && op.People[0].ID == op.ActorID:
		return "{people} joined the organization by its link, and waits for a role."
	}
	return "{people} joined the organization, invited by {actor}."
}
