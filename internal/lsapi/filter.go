package lsapi

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"roster"
)

// filter reads what narrows a list of people.
func (p *params) filter(list roster.Lists) (f roster.MemberFilter) {
	for _, d := range roster.FilterFields(list) {
		p.field(filterField(d, list), d.Of(&f))
	}
	return f
}

// filterField is a field of a filter as a parameter.
func filterField(d roster.FilterField, list roster.Lists) field {
	return field{in: "query", name: d.Parameter(list), text: d.Text, codes: d.Codes, days: d.Days, end: d.End}
}

// filterFields is the filters of a list as parameters, with their types.
func filterFields(list roster.Lists) []field {
	return each(roster.FilterFields(list), func(d roster.FilterField) field {
		f := filterField(d, list)
		f.typ = reflect.TypeOf(d.Of(new(roster.MemberFilter))).Elem()
		return f
	})
}

// filterPart is the filters of a list that is shown.
func filterPart(list roster.Lists) part {
	return part{fields: filterFields(list), read: func(r *request, to any) {
		*to.(*roster.MemberFilter) = r.query().listFilter(list)
	}}
}

// lists is the lists of people as tags name them.
var lists = map[string]roster.Lists{
	"project": roster.ListProject, "removal": roster.ListRemoval, "addition": roster.ListAddition,
	"people": roster.ListPeople, "workspace": roster.ListWorkspace,
}

// time is a moment, or the end of a day. By a name of Roster's own a date alone is that
// day in UTC, all of it; Label Studio's names mean its midnight.
func (p *params) time(f field) time.Time {
	if f.days && f.end {
		return p.until(f.name)
	}
	return p.moment(f.name)
}

// truth is a field that is on or off, false where it is absent. Some are said in other
// words than true and false.
func (p *params) truth(f field) bool {
	if len(f.codes) == 0 {
		return p.flag(f.name)
	}
	switch strings.ToLower(strings.TrimSpace(p.str(f.name))) {
	case "", "or", "any":
		return false
	case "and", "all":
		return true
	}
	p.bad(f.name, mustBe(f.codes))
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
	return name == "included" || name == "excluded" || slices.ContainsFunc(roster.MemberFilterFields,
		func(d roster.FilterField) bool {
			return d.Repeats() && d.Name == name
		})
}
