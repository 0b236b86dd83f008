package lsapi

import (
	"slices"
	"strings"

	"roster"
)

// selection is what a request says about whom it means. given tells an empty
// selection from none.
type selection struct {
	all                *bool
	included, excluded []int64
	given              bool
}

func (p *params) selection() selection {
	s := selection{all: p.boolean("all"), included: p.ids("included"), excluded: p.ids("excluded")}
	s.given = p.given("all") || p.given("included") || p.given("excluded")
	return s
}

func (b *body) selection() selection {
	s := selection{all: b.boolean("all"), included: b.ids("included"), excluded: b.ids("excluded")}
	s.given = b.has("all") || b.has("included") || b.has("excluded")
	return s
}

func (s selection) equal(other selection) bool {
	return truth(s.all) == truth(other.all) && sameIDs(s.included, other.included) && sameIDs(s.excluded, other.excluded)
}

func truth(v *bool) bool { return v != nil && *v }

func sameIDs(a, b []int64) bool {
	sorted := func(ids []int64) []int64 {
		out := slices.Sorted(slices.Values(ids))
		return slices.Compact(out)
	}
	return slices.Equal(sorted(a), sorted(b))
}

// removal reads whom a bulk removal is about, from the query or the legacy
// body: the table of contract 3.1, row by row. Filters come from the query
// only and are read for everybody (all=true) only; ignored names those given
// in vain.
func removal(p *params, b *body, list roster.Lists) (sel roster.Selector, ignored []string, err error) {
	keep := p.flag(keepMade)
	query, legacy := p.selection(), b.selection()
	switch {
	case !query.given && !b.empty() && legacy.all == nil && b.errs["all"] == nil:
		b.bad("all", "This field is required.")
	case !query.given && !legacy.given && p.errs["all"] == nil && b.errs["all"] == nil:
		p.bad("all", "This field is required: say all=true, or all=false with included. Nothing was changed.")
	case query.given && legacy.given && !query.equal(legacy):
		p.bad("all", "The query and the body select different people. Nothing was changed.")
	}
	chosen := query
	if !query.given {
		chosen = legacy
	}
	if chosen.all == nil && len(chosen.included) == 0 && len(chosen.excluded) > 0 && p.errs["all"] == nil {
		p.bad("all", "This field is required with excluded. Nothing was changed.")
	}
	sel, ignored, err = p.selector(b, chosen, list)
	sel.KeepMade = keep
	return sel, ignored, err
}

// keepMade is the parameter that leaves at work what the people made in the
// upstream of a gate; an addition of Roster.
const keepMade = "keep_made"

// addition reads whom a bulk addition is about: selectors from the body,
// filters from the query.
func addition(p *params, b *body, list roster.Lists) (roster.Selector, []string, error) {
	chosen := b.selection()
	if chosen.all == nil && b.errs["all"] == nil {
		b.bad("all", "This field is required.")
	}
	return p.selector(b, chosen, list)
}

// selector is chosen with its filters. Whatever would quietly turn "some" into
// "everybody" is refused: a filter that is misspelt, in the body, or empty.
func (p *params) selector(b *body, chosen selection, list roster.Lists) (roster.Selector, []string, error) {
	sel := roster.Selector{All: truth(chosen.all), Included: chosen.included, Excluded: chosen.excluded}
	filter := p.filter(list)
	var ignored []string
	if sel.All {
		sel.Filter = filter
		p.refuseBlank()
	} else {
		ignored = p.namesBesides("all", "included", "excluded", keepMade)
	}
	p.refuseDisagreeing()
	b.refuseDisagreeing()
	for _, name := range p.unread() {
		p.bad(name, "Unknown parameter. Nothing was changed.")
	}
	for _, name := range b.unread() {
		p.bad(name, "Unknown field of the body; filters belong in the query. Nothing was changed.")
	}
	for field, messages := range b.errs {
		p.errs[field] = append(p.errs[field], messages...)
	}
	if err := p.err(); err != nil {
		return roster.Selector{}, nil, err
	}
	return sel, ignored, sel.Validate()
}

// refuseBlank complains of filters that narrow nothing, as those of a variable
// that was never set do.
func (p *params) refuseBlank() {
	for name, values := range p.values {
		if name != "included" && name != "excluded" && !says(strings.Join(values, "")) {
			p.bad(name, "Given without a value: leave it out to mean everybody. Nothing was changed.")
		}
	}
}

// refuseDisagreeing complains of what can have one value and was given several.
func (p *params) refuseDisagreeing() {
	for name, values := range p.values {
		differs := func(v string) bool { return v != values[0] }
		if !repeats(name) && slices.ContainsFunc(values, differs) {
			p.bad(name, "Given more than once, with different values. Nothing was changed.")
		}
	}
}

// namesBesides is the parameters that were given, but for the named ones.
func (p *params) namesBesides(names ...string) []string {
	var out []string
	for name := range p.values {
		if p.given(name) && !slices.Contains(names, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// ignored names the parameters that had no effect (Roster's addition).
func (c *call) ignored(names []string) {
	if len(names) > 0 {
		c.w.Header().Set("Roster-Ignored", strings.Join(names, ", "))
	}
}
