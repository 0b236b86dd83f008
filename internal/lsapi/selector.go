package lsapi

import (
	"reflect"
	"slices"
	"strings"

	"roster"
)

// sentSelector is what a request says about whom it means. given tells an empty
// selector from none.
type sentSelector struct {
	all                *bool
	included, excluded []int64
	given              bool
}

func (p *params) sentSelector() sentSelector {
	s := sentSelector{all: p.boolean("all"), included: p.ids("included"), excluded: p.ids("excluded")}
	s.given = p.given("all") || p.given("included") || p.given("excluded")
	return s
}

func (b *body) sentSelector() sentSelector {
	s := sentSelector{all: b.boolean("all"), included: b.ids("included"), excluded: b.ids("excluded")}
	s.given = b.has("all") || b.has("included") || b.has("excluded")
	return s
}

func (s sentSelector) equal(other sentSelector) bool {
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

// removal is whom a bulk removal is about, from the query or the legacy body: the table of
// contract 3.1, row by row. Filters come from the query only and are read for everybody
// (all=true) only; those given in vain are named in the answer. Whatever is not read before
// it is refused, so that it stands last in a request.
type removal struct{ roster.Selector }

func (s *removal) read(r *request, f field) {
	b, p := r.body(), r.query()
	keep := p.flag(keepMade)
	query, legacy := p.sentSelector(), b.sentSelector()
	switch {
	case !query.given && !b.empty() && legacy.all == nil && b.errs["all"] == nil:
		b.bad("all", "This field is required.")
	case !query.given && !legacy.given && p.errs["all"] == nil && b.errs["all"] == nil:
		p.bad("all", "This field is required: say all=true, or all=false with included. Nothing was changed.")
	case query.given && legacy.given && !query.equal(legacy):
		p.bad("all", "The query and the body select different people. Nothing was changed.")
	}
	sent := query
	if !query.given {
		sent = legacy
	}
	if sent.all == nil && len(sent.included) == 0 && len(sent.excluded) > 0 && p.errs["all"] == nil {
		p.bad("all", "This field is required with excluded. Nothing was changed.")
	}
	s.Selector = r.selector(sent, f.list)
	s.KeepMade = keep
}

func (s *removal) fields(f field) []field {
	return slices.Concat(selectorFields("query"), filterFields(f.list), selectorFields("body"), []field{keepMadeField})
}

// keepMade is the parameter that leaves at work what the people made in the
// upstream of a gate; an addition of Roster.
const keepMade = "keep_made"

var keepMadeField = field{
	in: "query", name: keepMade, typ: reflect.TypeFor[bool](),
	text: "Leaves at work what they made in the Label Studio behind a gate, which is disabled otherwise.",
}

// addition is whom a bulk addition is about: selectors from the body, filters from the
// query. It stands last in a request, as removal does.
type addition struct{ roster.Selector }

func (s *addition) read(r *request, f field) {
	b := r.body()
	sent := b.sentSelector()
	if sent.all == nil && b.errs["all"] == nil {
		b.bad("all", "This field is required.")
	}
	s.Selector = r.selector(sent, f.list)
}

func (s *addition) fields(f field) []field {
	return slices.Concat(filterFields(f.list), selectorFields("body"))
}

// selectorFields is what says whom a request means, in the query or the body.
func selectorFields(in string) []field {
	ids := reflect.TypeFor[[]int64]()
	return []field{
		{
			in: in, name: "all", typ: reflect.TypeFor[bool](),
			text: "Everybody who matches the filters, which come in the query, but for excluded. When false, " +
				"only included.",
		},
		{in: in, name: "included", typ: ids, null: in == "body", text: "The people it is about, by user id."},
		{in: in, name: "excluded", typ: ids, null: in == "body", text: "The people it is not about, whatever else is said."},
	}
}

// selector is sent with its filters. Whatever would quietly turn "some" into
// "everybody" is refused: a filter that is misspelt, in the body, or empty.
func (r *request) selector(sent sentSelector, list roster.Lists) roster.Selector {
	p, b := r.query(), r.body()
	sel := roster.Selector{All: truth(sent.all), Included: sent.included, Excluded: sent.excluded}
	filter := p.filter(list)
	if sel.All {
		sel.Filter = filter
		p.refuseBlank()
	} else {
		r.ignored(p.namesBesides("all", "included", "excluded", keepMade))
	}
	p.refuseDisagreeing()
	b.refuseDisagreeing()
	p.nothingElse()
	for _, name := range b.unread() {
		p.bad(name, "Unknown field of the body; filters belong in the query. Nothing was changed.")
	}
	if r.complaints() == nil {
		r.fail(sel.Validate())
	}
	return sel
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
		c.head.Set("Roster-Ignored", strings.Join(names, ", "))
	}
}
