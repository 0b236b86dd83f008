package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/locale"
	"roster/internal/membership"
)

// memberFilter is what narrows a list of people, as the operations take it, as
// an address says it, and as the page offers it.
type memberFilter struct {
	roster.MemberFilter
	query url.Values

	Search   string
	RoleList []choice
	SeatList []choice
	TagList  []choice // those that were looked for, and the chosen
	ManyTags bool     // there are more than are offered: they can be looked for
	TagFind  string   // what was looked for
	At       string   // the list that is narrowed
	Activity []choice
	States   []choice // whether people can act; in the organization only
	Ways     []choice // how people have access; empty outside of projects
	From, To string   // dates in the viewer's zone
	// InProject offers when people joined, between two dates in the viewer's zone.
	InProject            bool
	Names                bool // people are known by name alone
	JoinedFrom, JoinedTo string
	Chips                []chip

	Columns []listColumn        // besides the name, in the viewer's order
	Views   string              // where views of the list are kept
	Saved   *membership.ViewRow // the one that is shown; its ID is 0 where it is gone; nil: none
	Viewing *viewBar            // what the list says of it
}

// chip is one value that narrows the list, and the view without it.
type chip struct {
	Text        roster.Text
	name, value string
}

// mostChips is how many filters of a view can be taken away one by one.
const mostChips = 50

// where is what people are listed of, for the filters that read it.
type where struct {
	project, workspace int64
	organization       bool                         // everybody, those too who cannot act
	names              bool                         // they are known by name alone: no activity, and no e-mail
	fixed              func(f *roster.MemberFilter) // what narrows the list whatever is chosen; nil: nothing
}

// narrowed is where only some are listed, whatever is chosen.
func (at where) narrowed(by func(f *roster.MemberFilter)) where {
	at.fixed = by
	return at
}

// byName is where people are listed to whoever may list nobody, and so knows them by name
// alone (app's discreet).
func (v *visit) byName() where { return where{names: !v.may(core.ListPeople)} }

// activities are the presets of how long ago somebody was active last.
var activities = []struct {
	value string
	label roster.Text
	days  int
}{
	{"30", "Inactive for 30 days", 30}, {"60", "Inactive for 60 days", 60}, {"90", "Inactive for 90 days", 90},
	{"never", "Never active", 0},
}

// ways are the ways to have access to a project, as filters.
var ways = []struct {
	value string
	label roster.Text
	set   func(f *roster.MemberFilter, at where)
}{
	{"direct", "Members of the project itself", func(f *roster.MemberFilter, _ where) {
		f.Access = roster.ExplicitAccess
	}},
	{"inherited", "Inherited access only", func(f *roster.MemberFilter, _ where) { f.Access = roster.ImplicitAccess }},
	{"workspace", "Members of the workspace", func(f *roster.MemberFilter, at where) { f.InWorkspace = at.workspace }},
	{"role", "Owner and Administrators", func(f *roster.MemberFilter, _ where) { f.ByRole = true }},
	{"paused", "Paused", func(f *roster.MemberFilter, at where) { f.PausedIn = at.project }},
}

// memberFilter reads the filters. What nobody could have chosen is an error that
// names it: to ignore it would show, and select, more people.
func (v *visit) memberFilter(at where) (*memberFilter, error) {
	if err := v.exact(at); err != nil {
		return nil, err
	}
	f := &memberFilter{query: url.Values{}, At: v.r.URL.Path, Names: at.names}
	if _, _, kept := v.viewedAt(v.r.URL.Path); kept {
		f.Views = v.link("/views")
	}
	var err error
	if f.Saved, err = v.readSavedView(f.query); err != nil {
		return nil, err
	}
	f.Columns = v.shownColumns(at)
	if f.Search = v.field("q"); strings.TrimSpace(f.Search) != "" {
		f.MemberFilter.Search = f.Search
		f.set("q", f.Search, roster.Verbatim(f.Search))
	}
	for _, read := range []func(*memberFilter, where) error{
		v.readRoles, v.readSeats, v.readTags, v.readActivity, v.readJoined, v.readStates, v.readWays,
	} {
		if err := read(f, at); err != nil {
			return nil, err
		}
	}
	if at.fixed != nil {
		at.fixed(&f.MemberFilter)
	}
	return f, nil
}

// set adds a value to the address, and a chip that takes it away.
func (f *memberFilter) set(name, value string, text roster.Text) {
	f.query.Add(name, value)
	f.Chips = append(f.Chips, chip{text, name, value})
}

// filterValues is the values of a filter, each once; an empty one is none.
func (v *visit) filterValues(name string) []string {
	var out []string
	for _, value := range v.r.Form[name] {
		if value = clean(value); value != "" && !slices.Contains(out, value) {
			out = append(out, value)
		}
	}
	return out
}

func noChoice(name, value string) error {
	return roster.InvalidField(name, "The filter %s cannot be %s. Choose it again from the list.", name,
		strconv.Quote(shortened(value, 40)))
}

func (v *visit) readRoles(f *memberFilter, _ where) error {
	chosen := v.filterValues("role")
	for _, r := range roster.Roles {
		on := slices.Contains(chosen, string(r))
		f.RoleList = append(f.RoleList, choice{string(r), roleName(r), on})
		if on {
			f.Roles = append(f.Roles, r)
			f.set("role", string(r), roleName(r))
		}
	}
	return unknownChoice("role", chosen, f.RoleList)
}

func (v *visit) readSeats(f *memberFilter, _ where) error {
	chosen := v.filterValues("seat")
	for _, s := range roster.UserTypes {
		on := slices.Contains(chosen, string(s))
		f.SeatList = append(f.SeatList, choice{string(s), seatNames[s], on})
		if on {
			f.UserTypes = append(f.UserTypes, s)
			f.set("seat", string(s), sentence("Seat: {seat}", "seat", seatNames[s]))
		}
	}
	return unknownChoice("seat", chosen, f.SeatList)
}

// unknownChoice refuses a value that is not among the choices.
func unknownChoice(name string, chosen []string, choices []choice) error {
	for _, value := range chosen {
		if !slices.ContainsFunc(choices, func(c choice) bool { return c.Value == value }) {
			return noChoice(name, value)
		}
	}
	return nil
}

// mostTags is how many tags a filter offers; more can be looked for.
const mostTags = 500

func (v *visit) readTags(f *memberFilter, _ where) error {
	if !v.may(core.ViewTags) {
		return nil
	}
	chosen := texts(v.ids("tag"))
	if err := v.offerTags(f, chosen); err != nil {
		return err
	}
	for _, c := range f.TagList {
		if c.Chosen {
			id, _ := strconv.ParseInt(c.Value, 10, 64)
			f.Tags = append(f.Tags, id)
			f.set("tag", c.Value, c.Label)
		}
	}
	if f.EveryTag = v.field("every") == "1"; f.EveryTag && len(f.Tags) > 1 {
		f.set("every", "1", "With all of these tags")
	}
	return nil
}

// offerTags fills in the first tags that match what is looked for, behind the
// chosen ones that are not among them.
func (v *visit) offerTags(f *memberFilter, chosen []string) error {
	f.TagFind = shortened(v.field("tagfind"), maxSearch)
	tags, err := v.tagLabels(f.TagFind)
	if err != nil {
		return err
	}
	f.ManyTags = f.TagFind != "" || len(tags) > mostTags
	for _, t := range tags[:min(len(tags), mostTags)] {
		value := strconv.FormatInt(t.ID, 10)
		f.TagList = append(f.TagList, choice{value, roster.Verbatim(t.Label), slices.Contains(chosen, value)})
	}
	var others []choice
	for _, value := range chosen {
		if slices.ContainsFunc(f.TagList, func(c choice) bool { return c.Value == value }) {
			continue
		}
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil || strconv.FormatInt(id, 10) != value {
			return noChoice("tag", value)
		}
		t, err := v.app.Tag(v.ctx(), v.who.OrganizationID, id)
		if roster.KindOf(err) == roster.NotFound {
			return roster.InvalidField("tag",
				"The tag with the number %s, by which this list is filtered, is not there any more. Choose it again from the "+
					"list. Nobody was selected, and nothing was changed.", value)
		}
		if err != nil {
			return err
		}
		others = append(others, choice{value, roster.Verbatim(t.Label), true})
	}
	f.TagList = append(others, f.TagList...)
	return nil
}

// tagLabels is the tags that a filter offers: read once, for the filters of the selection too.
func (v *visit) tagLabels(find string) ([]roster.Tag, error) {
	if tags, ok := v.offered[find]; ok {
		return tags, nil
	}
	tags, err := v.app.TagLabels(v.ctx(), find, mostTags+1)
	v.offered = map[string][]roster.Tag{find: tags}
	return tags, err
}

// readActivity reads the window of the last activity: a preset, counted from
// the beginning of today so that it stays the same people all day, or dates.
func (v *visit) readActivity(f *memberFilter, at where) error {
	if at.names {
		return nil
	}
	preset := v.field("active")
	today := roster.DayOf(v.app.Now().In(v.zone()))
	if _, err := v.ownZone("active"); err != nil && preset != "" {
		return err
	}
	for _, a := range activities {
		f.Activity = append(f.Activity, choice{a.value, a.label, a.value == preset})
		switch {
		case a.value != preset:
			continue
		case a.days == 0:
			f.NeverActive = true
		default:
			f.ActiveTo = new(today.Before(a.days).Start)
		}
		f.set("active", a.value, a.label)
	}
	if preset == "" {
		return v.readDates(f)
	}
	if v.field("from")+v.field("to") != "" {
		return roster.InvalidField("active", "Choose a time or dates for the activity, not both. Nothing was changed.")
	}
	return unknownChoice("active", []string{preset}, f.Activity)
}

// window is two days that bound something, both included, by the names of their fields.
type window struct {
	name  string
	text  roster.Text
	shown *string
	bound func(time.Time)
	end   bool
}

// optional keeps a bound that may be none.
func optional(at **time.Time) func(time.Time) { return func(bound time.Time) { *at = &bound } }

// readDates reads two days of the last activity.
func (v *visit) readDates(f *memberFilter) error {
	return v.readWindow(f.set,
		window{"from", "Active since {day}", &f.From, optional(&f.ActiveFrom), false},
		window{"to", "Active until {day}", &f.To, optional(&f.ActiveTo), true})
}

// readJoined reads between which days people joined a project.
func (v *visit) readJoined(f *memberFilter, at where) error {
	if f.InProject = at.project != 0; !f.InProject {
		return nil
	}
	return v.readWindow(f.set,
		window{"joined_after", "Joined since {day}", &f.JoinedFrom, optional(&f.JoinedAfter), false},
		window{"joined_before", "Joined until {day}", &f.JoinedTo, optional(&f.JoinedBefore), true})
}

// readWindow reads days in the viewer's zone, and has those that are there said by set.
func (v *visit) readWindow(set func(name, value string, text roster.Text), days ...window) error {
	for _, d := range days {
		text := v.field(d.name)
		if text == "" {
			continue
		}
		day, err := v.day(d.name, text)
		if err != nil {
			return err
		}
		*d.shown = text
		if d.end {
			d.bound(day.End)
		} else {
			d.bound(day.Start)
		}
		set(d.name, text, sentence(d.text, "day", locale.ShortDay(day.Start)))
	}
	return nil
}

// states are whether people can act, as filters.
var states = []struct {
	value string
	label roster.Text
	set   func(f *roster.MemberFilter)
}{
	{"active", "Active", func(f *roster.MemberFilter) { f.Ability = roster.Able }},
	{"deactivated", "Deactivated", func(f *roster.MemberFilter) { f.Ability = roster.Deactivated }},
	{"waiting", "Waiting for a role", func(f *roster.MemberFilter) { f.Ability = roster.Waiting }},
	{"deleted", "Deleted", func(f *roster.MemberFilter) { f.OnlyDeleted = true }},
}

func (v *visit) readStates(f *memberFilter, at where) error {
	if !at.organization {
		return nil
	}
	value := v.field("state")
	for _, s := range states {
		if s.value == "deleted" && !v.may(core.ManagePeople) {
			continue
		}
		on := s.value == value
		f.States = append(f.States, choice{s.value, s.label, on})
		if on {
			s.set(&f.MemberFilter)
			f.set("state", value, s.label)
		}
	}
	if value == "" {
		return nil
	}
	return unknownChoice("state", []string{value}, f.States)
}

func (v *visit) readWays(f *memberFilter, at where) error {
	if at.project == 0 {
		return nil
	}
	value := v.field("access")
	for _, w := range ways {
		if w.value == "workspace" && at.workspace == 0 {
			continue
		}
		on := w.value == value
		f.Ways = append(f.Ways, choice{w.value, w.label, on})
		if on {
			w.set(&f.MemberFilter, at)
			f.set("access", value, w.label)
		}
	}
	if value == "" {
		return nil
	}
	return unknownChoice("access", []string{value}, f.Ways)
}

// Count is how many values narrow the list.
func (f *memberFilter) Count() int { return len(f.Chips) }
