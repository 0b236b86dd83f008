package web

import (
	"encoding/json"
	"strconv"
	"time"

	"roster"
)

// selectorText tells the selector of an operation, as it was recorded: everything that is
// kept of it.
func (v *visit) selectorText(recorded string) (out []roster.Text) {
	var s struct {
		All           bool    `json:"all"`
		Included      []int64 `json:"included"`
		IncludedCount int     `json:"included_count"`
		Excluded      []int64 `json:"excluded"`
		ExcludedCount int     `json:"excluded_count"`
		KeepMade      bool    `json:"keep_made"`
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(recorded), &s) != nil || json.Unmarshal([]byte(recorded), &fields) != nil {
		return nil
	}
	say := func(given bool, text roster.Text) {
		if given {
			out = append(out, text)
		}
	}
	included, excluded := max(s.IncludedCount, len(s.Included)), max(s.ExcludedCount, len(s.Excluded))
	say(s.All, "Everybody who matched the filters at the time.")
	say(!s.All && included > 0, counted(included, "One person, selected one by one.", "%s people, selected one by one."))
	for _, d := range roster.MemberFilterFields {
		if raw, given := fields[d.Recorded()]; given && d.Words != "" {
			out = append(out, v.filterText(d, raw, string(fields["every_tag"]) == "true"))
		}
	}
	say(excluded > 0, counted(excluded, "Except one person.", "Except %s people."))
	say(s.KeepMade, "What they set up was left running.")
	return out
}

// filterText is a recorded filter in words.
func (v *visit) filterText(d roster.FilterField, raw json.RawMessage, every bool) roster.Text {
	words := d.Words
	if every && d.EveryWords != "" {
		words = d.EveryWords
	}
	return sentence(words, "value", v.filterValue(d, raw))
}

// filterValue is the recorded value of a filter, as people say it.
func (v *visit) filterValue(d roster.FilterField, raw json.RawMessage) roster.Text {
	switch d.Of(new(roster.MemberFilter)).(type) {
	case *string:
		return nameText(read[string](raw))
	case *[]roster.Role:
		return roleList(read[[]roster.Role](raw))
	case *[]roster.UserType:
		return seatList(read[[]roster.UserType](raw))
	case **time.Time:
		return roster.Verbatim(read[time.Time](raw).In(v.zone()).Format(time.DateOnly))
	case *roster.Ability:
		return read[roster.Ability](raw).Text()
	case *roster.Access:
		return accessNames[read[roster.Access](raw)]
	case *[]int64:
		return v.thingList(d.Thing, raw)
	case *int64, **roster.Actor:
		return v.thing(d.Thing, read[int64](raw))
	}
	return ""
}

var accessNames = map[roster.Access]roster.Text{
	roster.ExplicitAccess: "Members of the project itself", roster.ImplicitAccess: "Inherited access only",
}

// read reads a recorded value; the zero value where it is of an older kind.
func read[T any](raw json.RawMessage) (v T) {
	if json.Unmarshal(raw, &v) != nil {
		return *new(T)
	}
	return v
}

// mostThings is how many things are named.
const mostThings = 10

// thingList is the things of a list, the first by name. Older records hold how many
// there were.
func (v *visit) thingList(thing roster.Thing, raw json.RawMessage) roster.Text {
	ids := read[[]int64](raw)
	if ids == nil {
		return sentence("{n}", "n", read[int](raw))
	}
	var names []roster.Text
	for _, id := range ids[:min(len(ids), mostThings)] {
		names = append(names, v.thing(thing, id))
	}
	if more := len(ids) - len(names); more > 0 {
		return sentence(counted(more, "{names} and one more", "{names} and %s more"), "names", enumerated(names))
	}
	return enumerated(names)
}

// thing is what has an id, by its name where there is one and the viewer may see it.
// Older records name no project: it is the operation's own.
func (v *visit) thing(thing roster.Thing, id int64) roster.Text {
	if id == 0 {
		return "the project"
	}
	name := ""
	switch thing {
	case roster.ThingTag:
		t, _ := v.app.Tag(v.ctx(), v.who.OrganizationID, id)
		name = t.Label
	case roster.ThingProject:
		p, _ := v.app.ProjectRow(v.ctx(), id)
		name = p.Title
	case roster.ThingWorkspace:
		w, _ := v.app.Workspace(v.ctx(), id)
		name = w.Title
	case roster.ThingPerson:
		m, _ := v.app.OrganizationMember(v.ctx(), v.who.OrganizationID, id)
		name = m.User.Name()
	}
	if name == "" {
		return sentence("number {id}", "id", strconv.FormatInt(id, 10))
	}
	return nameText(name)
}
