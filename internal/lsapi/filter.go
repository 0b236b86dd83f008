package lsapi

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roster"
)

// filter reads what narrows a list of people.
func (p *params) filter(list roster.Lists) (f roster.MemberFilter) {
	for _, d := range roster.FilterFields(list) {
		p.field(d, d.Parameter(list), d.Of(&f))
	}
	return f
}

// field reads one field of a filter into what it points at.
func (p *params) field(d roster.FilterField, name string, to any) {
	switch to := to.(type) {
	case *string:
		*to = p.search(name)
	case *[]roster.Role:
		*to = codes(p, name, roster.Role.Valid)
	case *[]roster.UserType:
		*to = codes(p, name, roster.UserType.Valid)
	case *[]int64:
		*to = p.ids(name)
	case *int64:
		*to = p.id(name)
	case **time.Time:
		*to = p.bound(d, name)
	case *bool:
		*to = p.truth(d, name)
	case *roster.Ability:
		*to = p.ability(name)
	case *roster.Access:
		*to = p.access(name)
	case **roster.Actor:
		if id := p.id(name); id != 0 {
			*to = &roster.Actor{UserID: id}
		}
	default:
		panic(fmt.Sprintf("lsapi: no parameter is a %T", to))
	}
}

// bound is one end of a window; nil when absent or not a time. By a name of Roster's own
// a date alone is that day in UTC, all of it; Label Studio's names mean its midnight.
func (p *params) bound(d roster.FilterField, name string) *time.Time {
	if !p.given(name) {
		return nil
	}
	read := p.moment
	if d.Days && d.End {
		read = p.until
	}
	return new(read(name))
}

// truth is a field that is on or off, false where it is absent. Some are said in other
// words than true and false.
func (p *params) truth(d roster.FilterField, name string) bool {
	if d.Codes == nil {
		return p.flag(name)
	}
	switch strings.ToLower(strings.TrimSpace(p.str(name))) {
	case "", "or", "any":
		return false
	case "and", "all":
		return true
	}
	p.bad(name, "Must be \"or\" or \"and\".")
	return false
}

func (p *params) ability(name string) roster.Ability {
	v := roster.Ability(p.str(name))
	if v != roster.AnyAbility && !slices.Contains(roster.Abilities, v) {
		p.bad(name, "\""+string(v)+"\" is not a valid choice.")
	}
	return v
}

func (p *params) access(name string) roster.Access {
	switch implicit := p.boolean(name); {
	case implicit == nil:
		return roster.AnyAccess
	case *implicit:
		return roster.ImplicitAccess
	}
	return roster.ExplicitAccess
}

// refuseOthers complains of filters of people that a list is not narrowed by. What is
// none is passed over in a list, as the original does.
func (p *params) refuseOthers() {
	for _, d := range roster.MemberFilterFields {
		for _, name := range []string{d.Name, d.People} {
			if p.values.Has(name) && !p.read[name] {
				p.bad(name, "This list has no such filter.")
			}
		}
	}
}

// listFilter is filter for a list that is shown.
func (p *params) listFilter(list roster.Lists) roster.MemberFilter {
	f := p.filter(list)
	p.refuseOthers()
	return f
}

// parameterNames is what the filters of a list are called.
func parameterNames(list roster.Lists) []string {
	return each(roster.FilterFields(list), func(d roster.FilterField) string { return d.Parameter(list) })
}

// repeats reports whether every one of several values of a parameter counts.
func repeats(name string) bool {
	return name == "included" || name == "excluded" || slices.ContainsFunc(roster.MemberFilterFields, func(d roster.FilterField) bool {
		return d.Repeats() && d.Name == name
	})
}

// filterLines describe the filters of a list in the notation of package schema: as
// parameters of the query (?), or as fields of a body ({).
func filterLines(mark string, list roster.Lists) []string {
	return each(roster.FilterFields(list), func(d roster.FilterField) string {
		kind := parameterType(d)
		if mark == "{" && d.Repeats() {
			kind = "any" // one, or a list of them
		}
		return fmt.Sprintf("%s %s %s | %s", mark, d.Parameter(list), kind, d.Text)
	})
}

// parameterType is the type of a field in the notation of package schema.
func parameterType(d roster.FilterField) string {
	switch d.Of(new(roster.MemberFilter)).(type) {
	case *string:
		return "string"
	case *[]roster.Role:
		return "[Role]"
	case *[]roster.UserType:
		return "[UserType]"
	case *[]int64:
		return "[id]"
	case *int64, **roster.Actor:
		return "id"
	case **time.Time:
		return "time"
	case *roster.Ability:
		return strings.Join(codesOf(roster.Abilities), "|")
	}
	if d.Codes != nil {
		return "or|and|any|all"
	}
	return "bool"
}

// filterSets are the sets of the description that the filters come to.
func filterSets() map[string][]string {
	return map[string][]string{
		"+filters": filterLines("?", roster.ListRemoval), "+addfilters": filterLines("?", roster.ListAddition),
		"+people":        filterLines("?", roster.ListPeople),
		"+memberfilters": filterLines("?", roster.ListProject),
		"+spacefilters":  filterLines("?", roster.ListWorkspace),
		"+body-filters":  filterLines("{", roster.ListRemoval),
	}
}
