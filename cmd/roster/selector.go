package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"roster"
	"roster/client"
)

// filterFlags narrow a list of people, as the wire's filters do.
type filterFlags struct {
	Search       string   `placeholder:"TEXT" help:"People whose name, e-mail or username holds every word."`
	Role         []string `placeholder:"CODE" help:"Any of these roles: OW, AD, MA, RE, AN, VO, NO, DI. In a project the role held there counts."`
	Tag          []string `placeholder:"TAG" help:"Any of these tags, by id or label."`
	TagsOperator string   `enum:"or,and" default:"or" help:"Whether a person needs any (or) or all (and) of the tags."`
	UserType     []string `placeholder:"SEAT" help:"Any of these seats: standard, flex, viewonly, service."`
	ActiveSince  string   `placeholder:"TIME" help:"Last active on this day or later, such as 2026-01-31; or at this time, such as 2026-01-31T12:00:00Z."`
	ActiveUntil  string   `placeholder:"TIME" help:"Last active on this day (all of it) or before, or at this time. Who was never active matches neither."`
	Zone         string   `default:"UTC" placeholder:"NAME" help:"The time zone that days are of, such as Europe/Berlin (default: ${default})."`
}

// given reports whether any filter is.
func (f filterFlags) given() bool {
	return f.Search+f.ActiveSince+f.ActiveUntil != "" || len(f.Role)+len(f.Tag)+len(f.UserType) > 0
}

// selectorFlags say whom a bulk operation is about.
type selectorFlags struct {
	All     bool     `help:"Everybody whom the filters match."`
	Include []string `placeholder:"ID|EMAIL" help:"These people and nobody else."`
	Exclude []string `placeholder:"ID|EMAIL" help:"All but these people."`
	filterFlags
}

// narrowing are the names of filterFlags.
var narrowing = []string{"search", "role", "tag", "user-type", "active-since", "active-until"}

// Validate refuses flags that contradict each other, and filters without a
// value: a script's variable that was never set would mean everybody.
func (f selectorFlags) Validate(k *kong.Context) error {
	for _, p := range k.Path {
		if p.Flag != nil && slices.Contains(narrowing, p.Flag.Name) && strings.Trim(fmt.Sprint(p.Flag.Target), "[, ]") == "" {
			return misuse("--%s has no value: leave it out to mean everybody", p.Flag.Name)
		}
	}
	switch {
	case !f.All && len(f.Include) == 0:
		return misuse("say whom: --all, or --include with people")
	case f.All && len(f.Include) > 0:
		return misuse("--all and --include contradict each other")
	case !f.All && f.given():
		return misuse("filters narrow --all; with --include they would do nothing")
	}
	return nil
}

// filter works out what the flags mean in this organization.
func (s *session) filter(f filterFlags) (out roster.MemberFilter, err error) {
	out = roster.MemberFilter{Search: f.Search, EveryTag: f.TagsOperator == "and"}
	if out.Roles, err = codes("--role", f.Role, roster.Role.Valid); err != nil {
		return out, err
	}
	if out.UserTypes, err = codes("--user-type", f.UserType, roster.UserType.Valid); err != nil {
		return out, err
	}
	since, err := f.window("--active-since", f.ActiveSince)
	if err != nil {
		return out, err
	}
	until, err := f.window("--active-until", f.ActiveUntil)
	if err != nil {
		return out, err
	}
	out.ActiveFrom, out.ActiveTo = since.Start, until.End
	out.Tags, err = s.ids(f.Tag, s.tag)
	return out, err
}

// selector works out whom the flags mean.
func (s *session) selector(f selectorFlags) (out roster.Selector, err error) {
	out.All = f.All
	if out.Included, err = s.ids(f.Include, s.person); err != nil {
		return out, err
	}
	if out.Excluded, err = s.ids(f.Exclude, s.person); err != nil {
		return out, err
	}
	out.Filter, err = s.filter(f.filterFlags)
	return out, err
}

// codes reads values of which valid knows all.
func codes[T ~string](flag string, texts []string, valid func(T) bool) ([]T, error) {
	var out []T
	for _, text := range texts {
		if !valid(T(text)) {
			return nil, misuse("%s: %q is not a valid choice", flag, text)
		}
		out = append(out, T(text))
	}
	return out, nil
}

// window reads a day, or a time, which is one of a microsecond. The zero time would
// bound nothing, and so is none.
func (f filterFlags) window(flag, text string) (day roster.Day, err error) {
	if text == "" {
		return day, nil
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "Local" || f.Zone == "" { // the machine's own would say something else elsewhere
		return day, misuse("--zone: %q is not a time zone such as Europe/Berlin", f.Zone)
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

// ids reads names, each an id or something that find knows the id of.
func (s *session) ids(names []string, find func(string) (int64, error)) ([]int64, error) {
	var out []int64
	for _, name := range names {
		id, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			id, err = find(name)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// phrase is a search for text as a whole; at quotes, which a search cannot
// hold, it falls into parts.
func phrase(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// person finds somebody by e-mail.
func (s *session) person(email string) (int64, error) {
	for p, err := range s.People(s.ctx, s.organization, roster.MemberFilter{Search: phrase(email)}) {
		if err != nil {
			return 0, err
		}
		if strings.EqualFold(p.User.Email, email) {
			return p.User.ID, nil
		}
	}
	return 0, roster.Errorf(roster.NotFound, "There is nobody with the e-mail %s. Nothing was changed.", email)
}

// tag finds a tag by its label.
func (s *session) tag(label string) (int64, error) {
	for t, err := range s.Tags(s.ctx, s.organization, phrase(label)) {
		if err != nil {
			return 0, err
		}
		if strings.EqualFold(t.Label, label) {
			return t.ID, nil
		}
	}
	return 0, roster.Errorf(roster.NotFound, "There is no tag %q. Nothing was changed.", label)
}

// project finds a project by id or by title.
func (s *session) project(name string) (client.Project, error) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		return s.Project(s.ctx, id)
	}
	var found []client.Project
	for p, err := range s.Projects(s.ctx, roster.ProjectFilter{Title: name}) {
		if err != nil {
			return p, err
		}
		if strings.EqualFold(p.Title, name) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return client.Project{}, roster.Errorf(roster.NotFound, "There is no project %q. Nothing was changed.", name)
	case 1:
		return found[0], nil
	}
	var ids []string
	for _, p := range found {
		ids = append(ids, strconv.FormatInt(p.ID, 10))
	}
	return client.Project{}, roster.Errorf(roster.Invalid, "There are %d projects %q; say which by id: %s.", len(found), name, strings.Join(ids, ", "))
}
