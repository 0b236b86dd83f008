package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"roster"
)

// filterFlags narrow a list of people, as the wire's filters do. The flags are made from
// the declaration of the filters.
type filterFlags struct {
	Fields kong.Plugins `embed:""`
	Zone   string       `default:"UTC" placeholder:"NAME" help:"The time zone in which days begin and end, such as Europe/Berlin (default: ${default})."`

	list roster.Lists
}

// filtersOf is the flags of a list.
func filtersOf(list roster.Lists) filterFlags {
	var fields []reflect.StructField
	for i, d := range roster.FilterFields(list) {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: flagType(d), Tag: flagTag(d)})
	}
	return filterFlags{Fields: kong.Plugins{reflect.New(reflect.StructOf(fields)).Interface()}, list: list}
}

// flagType is what a flag holds until it is known what it means.
func flagType(d roster.FilterField) reflect.Type {
	switch d.Of(new(roster.MemberFilter)).(type) {
	case *[]roster.Role, *[]roster.UserType, *[]int64:
		return reflect.TypeFor[[]string]()
	case *roster.Access:
		return reflect.TypeFor[*bool]()
	case *bool:
		if d.Codes == nil {
			return reflect.TypeFor[bool]()
		}
	}
	return reflect.TypeFor[string]()
}

func flagTag(d roster.FilterField) reflect.StructTag {
	help := d.Help
	if help == "" {
		help = d.Text
	}
	tag := fmt.Sprintf("name:%q help:%q", d.FlagName(), help)
	switch value := d.Of(new(roster.MemberFilter)).(type) {
	case *roster.Access:
		tag += ` negatable:""`
	case *bool:
		if d.Codes != nil {
			tag += fmt.Sprintf(` enum:"%s" default:"%s"`, strings.Join(d.Codes, ","), d.Codes[0])
		}
	default:
		tag += fmt.Sprintf(" placeholder:%q", placeholder(d, value))
	}
	return reflect.StructTag(tag)
}

// placeholder is what stands for a flag's value in the help.
func placeholder(d roster.FilterField, value any) string {
	named := map[roster.Thing]string{
		roster.ThingPerson: "ID|EMAIL", roster.ThingTag: "TAG", roster.ThingProject: "ID|TITLE", roster.ThingWorkspace: "ID",
	}
	switch value.(type) {
	case *string:
		return "TEXT"
	case *[]roster.Role:
		return "CODE"
	case *[]roster.UserType:
		return "SEAT"
	case **time.Time:
		return "TIME"
	case *roster.Ability:
		return "able|deactivated|waiting"
	}
	return named[d.Thing]
}

// values is the flags with what they hold.
func (f filterFlags) values(yield func(d roster.FilterField, value reflect.Value) bool) {
	holder := reflect.ValueOf(f.Fields[0]).Elem()
	for i, d := range roster.FilterFields(f.list) {
		if !yield(d, holder.Field(i)) {
			return
		}
	}
}

// given reports whether any filter is. What narrows nothing without another is none.
func (f filterFlags) given() bool {
	for d, value := range f.values {
		if d.Codes == nil && !value.IsZero() {
			return true
		}
	}
	return false
}

// valued refuses filters without a value.
func (f filterFlags) valued(k *kong.Context) error {
	names := map[string]bool{}
	for d := range f.values {
		names[d.FlagName()] = true
	}
	if name := valueless(k, names); name != "" {
		return misuse("--%s has no value: leave it out to mean everybody", name)
	}
	return nil
}

// valueless is the first of some flags that was given without a value; "" where there is none.
func valueless(k *kong.Context, names map[string]bool) string {
	for _, p := range k.Path {
		if p.Flag != nil && names[p.Flag.Name] && strings.Trim(fmt.Sprint(p.Flag.Target), "[, ]\"") == "" {
			return p.Flag.Name
		}
	}
	return ""
}

// filter works out what the flags mean in this organization.
func (s *session) filter(f filterFlags) (out roster.MemberFilter, err error) {
	if _, err := f.zone(); err != nil {
		return out, err
	}
	for d, value := range f.values {
		if value.IsZero() {
			continue
		}
		if err := s.field(f, d, value.Interface(), d.Of(&out)); err != nil {
			return out, err
		}
	}
	return out, nil
}

// field works out what one flag means.
func (s *session) field(f filterFlags, d roster.FilterField, value, to any) (err error) {
	flag := "--" + d.FlagName()
	switch to := to.(type) {
	case *string:
		*to = value.(string)
	case *[]roster.Role:
		*to, err = codes(flag, value.([]string), roster.Role.Valid)
	case *[]roster.UserType:
		*to, err = codes(flag, value.([]string), roster.UserType.Valid)
	case *[]int64:
		*to, err = s.ids(value.([]string), s.finder(d.Thing))
	case *int64:
		*to, err = s.id(value.(string), s.finder(d.Thing))
	case **roster.Actor:
		*to = new(roster.Actor)
		(*to).UserID, err = s.id(value.(string), s.finder(d.Thing))
	case **time.Time:
		*to, err = f.bound(flag, value.(string), d.End)
	case *bool:
		*to = value == true || d.Codes != nil && value == d.Codes[1]
	case *roster.Ability:
		*to, err = ability(flag, value.(string))
	case *roster.Access:
		*to = roster.ExplicitAccess
		if *value.(*bool) {
			*to = roster.ImplicitAccess
		}
	default:
		panic(fmt.Sprintf("no flag is a %T", to))
	}
	return err
}

// finder finds the id of a thing by what it is called.
func (s *session) finder(thing roster.Thing) func(string) (int64, error) {
	switch thing {
	case roster.ThingTag:
		return s.tag
	case roster.ThingProject:
		return func(text string) (int64, error) {
			p, err := s.project(text)
			return p.ID, err
		}
	case roster.ThingWorkspace:
		return workspace
	}
	return s.person
}

// id finds what one text names.
func (s *session) id(text string, find func(string) (int64, error)) (int64, error) {
	ids, err := s.ids([]string{text}, find)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// workspace reads the id of a workspace.
func workspace(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, misuse("%q is not the id of a workspace", text)
	}
	return id, nil
}

func ability(flag, text string) (roster.Ability, error) {
	known, err := codes(flag, []string{text}, func(a roster.Ability) bool { return slices.Contains(roster.Abilities, a) })
	return slices.Concat(known, []roster.Ability{""})[0], err
}

// bound is one end of a window.
func (f filterFlags) bound(flag, text string, end bool) (*time.Time, error) {
	day, err := f.window(flag, text)
	if err != nil {
		return nil, err
	}
	if end {
		return &day.End, nil
	}
	return &day.Start, nil
}

func (f filterFlags) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "Local" || f.Zone == "" { // the machine's own would say something else elsewhere
		return nil, misuse("--zone: %q is not a time zone such as Europe/Berlin", f.Zone)
	}
	return zone, nil
}

// window reads a day, or a time, which is one of a microsecond. The zero time would
// bound nothing, and so is none.
func (f filterFlags) window(flag, text string) (day roster.Day, err error) {
	zone, err := f.zone()
	if err != nil {
		return day, err
	}
	if day, err = roster.ParseDay(text, zone); err == nil && !day.Start.IsZero() {
		return day, nil
	}
	at, err := roster.ParseMoment(text)
	if err != nil {
		return day, misuse("%s: %q is not a day such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z", flag, text)
	}
	return roster.Day{Start: at, End: at}, nil
}
