package roster

import (
	"reflect"
	"strings"
	"time"
)

// MemberFilter narrows a list of people. Every field that is given must match; the
// zero filter matches everybody who is neither deactivated nor deleted. What a field
// is called, and where it is read, stands in MemberFilterFields. A list is not given
// while it is nil: one that is empty matches nobody.
type MemberFilter struct {
	IDs       []int64
	Search    string // every term must occur in a name, the e-mail or the username
	Roles     []Role // any of; in a project the effective role
	Tags      []int64
	EveryTag  bool // all of Tags instead of any
	UserTypes []UserType
	// ActiveFrom and ActiveTo bound the last activity, both inclusive; a
	// person who was never active matches neither. nil: no bound.
	ActiveFrom, ActiveTo *time.Time
	NeverActive          bool // only people who were never active
	// JoinedAfter and JoinedBefore bound the beginning of the tenure in a project, both
	// inclusive: an undo makes nobody new. Who has access another way only matches
	// neither. nil: no bound.
	JoinedAfter, JoinedBefore *time.Time
	Ability                   Ability
	// Access is read in projects only.
	Access       Access
	NoAnnotators bool
	NoViewOnly   bool // leaves out the view-only seats
	// WithInactive adds the deactivated and the deleted.
	WithInactive bool
	// OnlyDeleted lists the soft-deleted people of an organization instead.
	OnlyDeleted bool
	// ExcludeProject and ExcludeWorkspace leave out those who already have
	// access there; read in organizations only.
	ExcludeProject, ExcludeWorkspace int64
	// InWorkspace keeps only the members of this workspace, PausedIn those whom a
	// pause keeps from working in this project, and ByRole those whose
	// organization role alone gives access: Owner and Administrators.
	InWorkspace, PausedIn int64
	ByRole                bool
	// SharedWith keeps only the people who are in a project or a workspace that
	// this person sees, and themself. Of the actor the id is enough where an App reads it.
	SharedWith *Actor
	// Sight is whom the actor may know of, as SharedWith says it; nil: everybody. The
	// policy sets it and no face does. In additions it counts also where a selector names
	// people.
	Sight *Actor
	// NamesOnly compares Search with names alone. The policy sets it and no face does.
	NamesOnly bool
}

// Lists are kinds of lists of people, each bit one.
type Lists uint8

// The lists that a filter is read in.
const (
	ListProject   Lists = 1 << iota // the members of a project, and their export
	ListRemoval                     // whom a removal from a project takes, and its preview
	ListAddition                    // whom an addition to a project adds
	ListPeople                      // the organization's people, and what is done to many of them
	ListWorkspace                   // the members of a workspace, and who is added or taken out

	ofProject = ListProject | ListRemoval
	ofRoles   = ListProject | ListRemoval | ListAddition | ListPeople
	everyList = ofRoles | ListWorkspace
)

// Thing is what the ids of a filter are of, for faces on which it can be named.
type Thing string

// The things that have ids.
const (
	NoThing        Thing = ""
	ThingPerson    Thing = "person"
	ThingTag       Thing = "tag"
	ThingProject   Thing = "project"
	ThingWorkspace Thing = "workspace"
)

// FilterField is one field of a MemberFilter, and all that is said of it: the
// parameters of the wire with their description, what the client sends, the flags of the
// command line, what is kept of it in the record of an operation and how the record is
// told, and which lists it narrows are made from this.
type FilterField struct {
	Name   string // on the wire
	People string // on the wire in the lists of the organization's people, where it is another
	Flag   string // on the command line; "": Name with hyphens
	Record string // in the record of an operation; "": Name
	Lists  Lists  // where it is read; 0: no face says it
	Of     func(f *MemberFilter) any
	Thing  Thing // what its ids are of
	// Codes is what a flag that is a choice of words is called, false first; nil: true and
	// false.
	Codes []string
	Days  bool // a date alone is that whole day; else its midnight
	End   bool // a day counts by its end
	// Watches says that the field tells when people were active: only for who may list them.
	Watches bool
	Label   string // in a form
	Text    string // what it does, in one sentence or two
	Help    string // the same of the flag; "": Text
	Words   Text   // how a record tells it; {value} is the value
	// EveryWords is the same where all of them have to match; "": there is no such.
	EveryWords Text
}

// MemberFilterFields is every field of a MemberFilter, in the order in which they are
// told. A field that is not here is a test that fails.
var MemberFilterFields = []FilterField{
	{
		Name: "search", Lists: everyList, Of: func(f *MemberFilter) any { return &f.Search }, Label: "Name or e-mail",
		Text: "Words that first name, last name, e-mail or username contain, ignoring case, accents and apostrophes. " +
			"Quotes keep a phrase together.",
		Help:  "People whose name, e-mail or username holds every word, whatever its case and accents.",
		Words: "Name or e-mail matching {value}.",
	},
	{
		Name: "role", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.Roles }, Label: "Role",
		Text:  "Only these roles: in a project, the role that is in effect there.",
		Help:  "Any of these roles: OW, AD, MA, RE, AN, VO, NO, DI. In a project the role held there counts.",
		Words: "Role: {value}.",
	},
	{
		Name: "user_type", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.UserTypes }, Label: "Seat type",
		Text:  "Only these seat types.",
		Help:  "Any of these seats: standard, flex, viewonly, service.",
		Words: "Seat: {value}.",
	},
	{
		Name: "tags", Flag: "tag", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.Tags }, Thing: ThingTag,
		Label:      "Tags",
		Text:       "Only people with these tags.",
		Help:       "Any of these tags, by label or id; id:3 or label:3 where both could be meant.",
		Words:      "With any of these tags: {value}.",
		EveryWords: "With all of these tags: {value}.",
	},
	{
		Name: "tags_operator", Record: "every_tag", Lists: ofRoles,
		Of: func(f *MemberFilter) any { return &f.EveryTag }, Codes: []string{"or", "and"},
		Label: "Any or all of the tags",
		Text:  "With any of the tags (or, the default) or with all of them (and).",
		Help:  "or: people with any of the tags; and: people with all of them.",
	},
	{
		Name: "last_activity__gte", People: "user__last_activity__gte", Flag: "active-since", Record: "active_from",
		Lists: ofRoles,
		Of:    func(f *MemberFilter) any { return &f.ActiveFrom }, Watches: true, Label: "Active since",
		Text:  "Last active at this moment or later. A date alone is its midnight UTC.",
		Help:  "Last active on this day or later, such as 2026-01-31; or at this time, such as 2026-01-31T12:00:00Z.",
		Words: "Active since {value}.",
	},
	{
		Name: "last_activity__lte", People: "user__last_activity__lte", Flag: "active-until", Record: "active_to",
		Lists: ofRoles, End: true,
		Of: func(f *MemberFilter) any { return &f.ActiveTo }, Watches: true, Label: "Active until",
		Text:  "Last active at this moment or earlier. A date alone is its midnight UTC, so that day does not count.",
		Help:  "Last active on this day (all of it) or before, or at this time. Who was never active matches neither.",
		Words: "Not active since {value}.",
	},
	{
		Name: "never_active", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.NeverActive }, Watches: true,
		Label: "Never active",
		Text:  "Only the people who were never active.",
		Words: "Never active.",
	},
	{
		Name: "joined_after", Lists: ofProject, Days: true, Of: func(f *MemberFilter) any { return &f.JoinedAfter },
		Label: "Joined since",
		Text: "Only the members who joined the project on this day (UTC) or later, or since this moment. " +
			"Being taken back by an undo is not joining; who has access without a membership of their own never joined.",
		Help:  "Joined the project on this day or later, or since this time. An undo makes nobody new.",
		Words: "Joined since {value}.",
	},
	{
		Name: "joined_before", Lists: ofProject, Days: true, End: true,
		Of: func(f *MemberFilter) any { return &f.JoinedBefore }, Label: "Joined until",
		Text:  "Only the members who joined the project on this day (UTC, all of it) or before, or until this moment.",
		Help:  "Joined the project on this day (all of it) or before, or until this time.",
		Words: "Joined until {value}.",
	},
	{
		Name: "ability", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.Ability }, Label: "Able to work",
		Text: "Only the people whose organization role lets them work (able), or has been taken (deactivated), or who " +
			"wait for one (waiting).",
		Help:  "Only the people who can work (able), are deactivated, or wait for a role (waiting).",
		Words: "{value}.",
	},
	{
		Name: "implicit", Record: "access", Lists: ListProject, Of: func(f *MemberFilter) any { return &f.Access },
		Label: "By another path only",
		Text:  "Only who is a member by another path than a row of their own (true), or only who has one (false).",
		Help: "Only who has access through the workspace or the organization role alone; --no-implicit: only " +
			"who is a member.",
		Words: "{value}.",
	},
	{
		Name: "in_workspace", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.InWorkspace },
		Thing: ThingWorkspace, Label: "In the workspace",
		Text:  "Only the members of this workspace.",
		Help:  "Only the members of this workspace, by its id.",
		Words: "Members of the workspace {value}.",
	},
	{
		Name: "by_organization_role", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.ByRole },
		Label: "Owner and Administrators",
		Text:  "Only the people whose organization role alone gives access to every project: Owner and Administrators.",
		Words: "Owner and Administrators.",
	},
	{
		Name: "paused_in", Record: "paused", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.PausedIn },
		Thing: ThingProject, Label: "Paused in the project",
		Text:  "Only the people whom a pause keeps from working in this project.",
		Help:  "Only the people who are paused in this project.",
		Words: "Paused in {value}.",
	},
	{
		Name: "shared_with", Lists: ofRoles, Of: func(f *MemberFilter) any { return &f.SharedWith },
		Thing: ThingPerson, Label: "Sharing with",
		Text: "Only the people who are in a project or a workspace that this person sees, and themself. Not together " +
			"with with_deleted.",
		Help:  "Only the people who share a project or a workspace with this person, and the person.",
		Words: "Sharing a project or a workspace with {value}.",
	},
	{
		Name: "ids", Flag: "include", Lists: ListProject | ListWorkspace,
		Of: func(f *MemberFilter) any { return &f.IDs }, Thing: ThingPerson, Label: "People",
		Text:  "Only these people.",
		Words: "Only these people: {value}.",
	},
	{
		Name: "no_annotators", Lists: ListProject, Of: func(f *MemberFilter) any { return &f.NoAnnotators },
		Label: "Without annotators",
		Text:  "Without the annotators.",
		Help:  "Leave out the annotators.",
		Words: "Without annotators.",
	},
	{
		Name: "no_view_only", Lists: ListProject, Of: func(f *MemberFilter) any { return &f.NoViewOnly },
		Label: "Without view-only seats",
		Text:  "Without the people who only view.",
		Help:  "Leave out people who may only view.",
		Words: "Without view-only seats.",
	},
	{
		Name: "with_deleted", Lists: ListProject, Of: func(f *MemberFilter) any { return &f.WithInactive },
		Label: "With the deactivated and the deleted",
		Text: "With the deactivated, and with those who were deleted from the organization, as they were, while that " +
			"can be undone. " +
			"Filters compare what they had until then; not together with shared_with.",
		Help:  "Deactivated and deleted people too, the deleted as they were. Not together with --shared-with.",
		Words: "The deactivated and the deleted too.",
	},
	{
		Name: "is_deleted", Flag: "deleted", Lists: ListPeople, Of: func(f *MemberFilter) any { return &f.OnlyDeleted },
		Label: "Deleted",
		Text:  "Only the deleted people.",
		Help:  "List the people who were deleted from the organization instead.",
		Words: "Deleted from the organization.",
	},
	{
		Name: "exclude_project_id", Flag: "not-in-project", Lists: ListPeople,
		Of: func(f *MemberFilter) any { return &f.ExcludeProject }, Thing: ThingProject,
		Label: "Not in the project",
		Text:  "Only people who are not members of this project.",
		Words: "Without access to {value}.",
	},
	{
		Name: "exclude_workspace_id", Flag: "not-in-workspace", Lists: ListPeople,
		Of: func(f *MemberFilter) any { return &f.ExcludeWorkspace }, Thing: ThingWorkspace,
		Label: "Not in the workspace",
		Text:  "Only people who are not members of this workspace.",
		Help:  "Only people who are not members of this workspace, by its id.",
		Words: "Not in the workspace {value}.",
	},
	{
		Name: "in_sight", Of: func(f *MemberFilter) any { return &f.Sight },
		Words: "Only people with whom they shared a project or a workspace.",
	},
	{
		Name: "names_only", Of: func(f *MemberFilter) any { return &f.NamesOnly },
		Words: "The search looked at names only.",
	},
}

// Read reports whether any of the lists is narrowed by the field.
func (d FilterField) Read(lists Lists) bool { return d.Lists&lists != 0 }

// Parameter is what the field is called on the wire in a list.
func (d FilterField) Parameter(list Lists) string {
	if list == ListPeople && d.People != "" {
		return d.People
	}
	return d.Name
}

// FlagName is what the field is called on the command line, without the hyphens in front.
func (d FilterField) FlagName() string {
	if d.Flag != "" {
		return d.Flag
	}
	return strings.ReplaceAll(d.Name, "_", "-")
}

// Recorded is what the field is called in the record of an operation.
func (d FilterField) Recorded() string {
	if d.Record != "" {
		return d.Record
	}
	return d.Name
}

// Repeats reports whether every one of several values counts.
func (d FilterField) Repeats() bool {
	return reflect.TypeOf(d.Of(new(MemberFilter))).Elem().Kind() == reflect.Slice
}

// Given reports whether a filter narrows by the field.
func (d FilterField) Given(f MemberFilter) bool { return !reflect.ValueOf(d.Of(&f)).Elem().IsZero() }

// Value is the field's value in a filter.
func (d FilterField) Value(f MemberFilter) any { return reflect.ValueOf(d.Of(&f)).Elem().Interface() }

// Given is the fields by which a filter narrows. Which of the tags somebody needs is
// nothing without tags.
func (f MemberFilter) Given() (out []FilterField) {
	f.EveryTag = f.EveryTag && len(f.Tags) > 0
	for _, d := range MemberFilterFields {
		if d.Given(f) {
			out = append(out, d)
		}
	}
	return out
}

// FilterFields is the fields that a list is narrowed by.
func FilterFields(list Lists) (out []FilterField) {
	for _, d := range MemberFilterFields {
		if d.Read(list) {
			out = append(out, d)
		}
	}
	return out
}
