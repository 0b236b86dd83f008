package web

import (
	"net/url"
	"slices"
	"strconv"

	"roster"
)

// The people whom a question is about can be read whole in it: searched, and page by page.

// browsed is the page of them that is looked at, for the part going.
type browsed struct {
	Look   roster.Look
	Groups []lookChoice // of which one can be looked at; none: they are all alike
	List   list
	Rows   []memberRow
	// Outcomes are they with what will happen to each, where that differs.
	Outcomes []outcomeRow
	Ticks    bool // they can be left out one by one
}

// lookChoice is a group of the people that can be looked at.
type lookChoice struct {
	Value, URL string
	Label      roster.Text
	Count      int
	Chosen     bool
}

// looking is which people of a preview are looked at.
func (v *visit) looking() (look roster.Look, err error) {
	look = roster.Look{Group: roster.Group(v.field("group")), Search: shortened(v.field("find"), maxSearch),
		Page: roster.Page{Number: 1, Size: 25, Order: "name"}}
	if !slices.Contains(roster.Groups, look.Group) {
		return look, noChoice("group", v.field("group"))
	}
	if n, err := strconv.Atoi(v.field("sheet")); err == nil && n > 0 && n < 1<<31 {
		look.Number = n
	}
	return look, nil
}

// browsed is how the people of the question are looked at, of whom so many match.
func (v *visit) browsed(look roster.Look, matching int) browsed {
	return browsed{Look: look, List: list{path: v.link("%s", v.place()), query: v.lookQuery(look),
		usual: roster.Page{Number: 1, Size: look.Size, Order: "name"},
		Page:  look.Page, Total: matching, pageField: "sheet"}}
}

// Browsing reports whether somebody looks for people among them: they are in sight then.
func (b browsed) Browsing() bool { return b.Look.Search != "" || b.Look.Number > 1 }

// lookAtChosen is the people who are selected, to be looked through, and how many there are.
func (v *visit) lookAtChosen(who roster.Selector) (b browsed, total int, err error) {
	look, err := v.looking()
	if err != nil {
		return b, 0, err
	}
	people, matching, total, err := v.app.LookAtPeople(v.ctx(), who, look)
	return v.browsedPeople(look, people, matching), total, err
}

// browsedPeople is the same of people of the organization.
func (v *visit) browsedPeople(look roster.Look, people []roster.OrganizationMember, matching int) browsed {
	b := v.browsed(look, matching)
	for _, m := range people {
		b.Rows = append(b.Rows, rowOf(m))
	}
	return b
}

// lookQuery says in an address which people of the question are looked at.
func (v *visit) lookQuery(look roster.Look) url.Values {
	query := url.Values{"asked": {v.asked}}
	if look.Group != "" {
		query.Set("group", string(look.Group))
	}
	if look.Search != "" {
		query.Set("find", look.Search)
	}
	return query
}
