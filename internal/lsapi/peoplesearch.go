package lsapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"roster"
	"roster/internal/app"
)

var peopleSearchRoutes = []plainRoute{
	{"GET", "/api/organizations/{id}/memberships/filter-schema", (*call).peopleFilterSchema},
	{"GET", "/api/organizations/{id}/memberships/search", (*call).listPeople},
	{"POST", "/api/organizations/{id}/memberships/search", (*call).searchPeople},
	{"GET", "/api/organizations/{id}/memberships/filter-options/membership", (*call).membershipOptions},
	{"GET", "/api/organizations/{id}/memberships/filter-options/skills", (*call).skillOptions},
}

// filterJSON is one dimension by which people can be searched.
type filterJSON struct {
	Name    string       `json:"name"`
	Label   string       `json:"label"`
	Type    string       `json:"type"`
	Choices []choiceJSON `json:"choices,omitempty"`
}

type choiceJSON struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// peopleDimensions are the filters of the organization's people, for who has to build a
// form for them.
func peopleDimensions() []filterJSON {
	return each(roster.FilterFields(roster.ListPeople), func(d roster.FilterField) filterJSON {
		kind, choices := dimension(d)
		return filterJSON{Name: d.Parameter(roster.ListPeople), Label: d.Label, Type: kind, Choices: choices}
	})
}

// dimension is what a form asks for.
func dimension(d roster.FilterField) (kind string, choices []choiceJSON) {
	switch d.Of(new(roster.MemberFilter)).(type) {
	case *string:
		return "text", nil
	case *[]roster.Role:
		return "choices", each(roster.Roles, func(r roster.Role) choiceJSON { return choiceJSON{string(r), r.Name()} })
	case *[]roster.UserType:
		return "choices", each(roster.UserTypes, func(t roster.UserType) choiceJSON { return choiceJSON{string(t), seatNames[string(t)]} })
	case *[]int64:
		return "ids", nil
	case *int64, **roster.Actor:
		return "id", nil
	case **time.Time:
		return "datetime", nil
	case *roster.Ability:
		return "choice", each(roster.Abilities, func(a roster.Ability) choiceJSON { return choiceJSON{string(a), a.Name()} })
	}
	if d.Codes != nil {
		return "choice", []choiceJSON{{d.Codes[0], "Any"}, {d.Codes[1], "All"}}
	}
	return "boolean", nil
}

// peopleFilterSchema is GET …/memberships/filter-schema (contract 8).
func (c *call) peopleFilterSchema() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := c.app.MayListPeople(c.r.Context(), id); err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"version": 1, "filters": peopleDimensions()})
}

// foundJSON is a person as a search shows them; skills are asked for, and
// nobody has any.
type foundJSON struct {
	personRowJSON
	Skills *[]struct{} `json:"skills,omitempty"`
}

// searchPeople is POST …/memberships/search (contract 8): the list of people,
// with its filters in the body.
func (c *call) searchPeople() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	skills := p.flag("include_skills")
	page, err := p.page(defaultPeople, maxPeople)
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	f := b.peopleFilters("filters")
	for field, messages := range b.errs {
		p.errs[field] = append(p.errs[field], messages...)
	}
	if err := p.err(); err != nil {
		return err
	}
	page.Order = strings.Replace(page.Order, "user__", "", 1)
	people, total, err := c.app.OrganizationMembers(c.r.Context(), id, f, page)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(people, func(m roster.OrganizationMember) foundJSON {
		found := foundJSON{personRowJSON: personRowOf(m, false)}
		if skills {
			found.Skills = &[]struct{}{}
		}
		return found
	}))
}

// peopleFilters reads an object of filters, by the names and with the values
// that the list takes in its query.
func (b *body) peopleFilters(name string) roster.MemberFilter {
	b.require(name)
	inside := b.object(name)
	if inside == nil {
		return roster.MemberFilter{}
	}
	p := &params{values: map[string][]string{}, errs: inside.errs, read: map[string]bool{}}
	p.take(inside, peopleFilterNames()...)
	f := p.filter(roster.ListPeople)
	for _, field := range inside.strangers() {
		inside.bad(field, noSuchFilter)
	}
	b.adopt(name, inside)
	return f
}

const noSuchFilter = "There is no such filter."

func peopleFilterNames() []string {
	return parameterNames(roster.ListPeople)
}

// strangers is the fields that are no filter of people, by name.
func (b *body) strangers() (out []string) {
	for _, field := range slices.Sorted(maps.Keys(b.fields)) {
		if !slices.Contains(peopleFilterNames(), field) {
			out = append(out, field)
		}
	}
	return out
}

// takeFilters lets the filters of people come as one JSON object in the query.
// One that comes by itself too would have two meanings, and is refused.
func (p *params) takeFilters() {
	if !p.given("filters") {
		return
	}
	inside := newBody(nil)
	text := p.str("filters")
	if roster.Nesting(text) > roster.MostNested {
		p.bad("filters", roster.TooNested)
		return
	}
	if json.Unmarshal([]byte(text), &inside.fields) != nil {
		p.bad("filters", "Expected a JSON object.")
		return
	}
	for _, field := range inside.strangers() {
		p.bad("filters", field+": "+noSuchFilter)
	}
	for _, name := range peopleFilterNames() {
		if inside.fields[name] != nil && p.given(name) {
			p.bad("filters", name+": Comes in the query too.")
			delete(inside.fields, name)
		}
	}
	p.take(inside, peopleFilterNames()...)
}

// membershipOptionJSON is a workspace with its projects, or a project in none.
type membershipOptionJSON struct {
	ID       int64                   `json:"id"`
	Kind     string                  `json:"kind"`
	Label    string                  `json:"label"`
	Projects *[]membershipOptionJSON `json:"projects,omitempty"`
}

// membershipOptions is GET …/filter-options/membership: what somebody can be a
// member of, as far as the caller sees it.
func (c *call) membershipOptions() error {
	search, err := c.optionSearch()
	if err != nil {
		return err
	}
	workspaces, err := c.app.Workspaces(c.r.Context(), roster.WorkspaceFilter{}, "title")
	if err != nil {
		return err
	}
	projects, _, err := c.app.Projects(c.r.Context(), roster.ProjectFilter{}, roster.Page{Number: 1, Size: roster.Everything.Size, Order: "title"}, 0)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, orEmpty(membershipTree(workspaces, projects, search)))
}

// membershipTree keeps of workspaces and projects what matches, and the
// workspaces of projects that do. A workspace that matches has all its projects.
func membershipTree(workspaces []roster.Workspace, projects []app.ProjectView, search string) (out []membershipOptionJSON) {
	matches := func(title string) bool { return strings.Contains(strings.ToLower(title), strings.ToLower(search)) }
	inside, seen := map[int64][]membershipOptionJSON{}, map[int64]string{}
	for _, w := range workspaces {
		seen[w.ID] = w.Title
	}
	for _, p := range projects {
		title, parent := seen[p.WorkspaceID]
		if matches(p.Title) || (parent && matches(title)) {
			at := p.WorkspaceID
			if !parent {
				at = 0
			}
			inside[at] = append(inside[at], membershipOptionJSON{ID: p.ID, Kind: "project", Label: p.Title})
		}
	}
	for _, w := range workspaces {
		if within := orEmpty(inside[w.ID]); matches(w.Title) || len(within) > 0 {
			out = append(out, membershipOptionJSON{w.ID, "workspace", w.Title, &within})
		}
	}
	return append(out, inside[0]...)
}

// skillOptions is GET …/filter-options/skills: nobody has any.
func (c *call) skillOptions() error {
	if _, err := c.optionSearch(); err != nil {
		return err
	}
	return c.json(http.StatusOK, []struct{}{})
}

// optionSearch is what the options of a filter of people are searched for by,
// once it is known that the caller may list people.
func (c *call) optionSearch() (string, error) {
	id, err := c.id("id")
	if err != nil {
		return "", err
	}
	p := c.params()
	search := strings.TrimSpace(p.search("search"))
	if err := p.err(); err != nil {
		return "", err
	}
	return search, c.app.MayListPeople(c.r.Context(), id)
}
