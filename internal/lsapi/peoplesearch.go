package lsapi

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"roster"
	"roster/internal/membership"
)

func peopleSearchRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/organizations/{id}/memberships/filter-schema",
			do:      does((*call).peopleFilterSchema),
			summary: "Read by what people can be searched", answer: "The filters of the search.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/memberships/search", do: does((*call).listPeople),
			summary: "List people, with the filters as JSON",
			text:    "The same as the list of people, for clients that ask here.",
			answer:  "A page of people.",
		},
		{
			method: "POST", path: "/api/organizations/{id}/memberships/search", do: does((*call).searchPeople),
			summary: "Search people",
			text:    "The list of people, with its filters in the body.",
			answer:  "A page of people.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/memberships/filter-options/membership",
			do:      does((*call).membershipOptions),
			summary: "List what people can be members of",
			text:    "The workspaces that the caller sees, each with its projects, and the projects in none.",
			answer:  "Workspaces, then projects in none.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/memberships/filter-options/skills",
			do:      does((*call).skillOptions),
			summary: "List what skills there are",
			text:    "Roster keeps none.",
			answer:  "An empty list.",
		},
	}
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
		return "choices", each(roster.UserTypes, func(t roster.UserType) choiceJSON {
			return choiceJSON{string(t), seatNames[string(t)]}
		})
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

type filterSchemaJSON struct {
	Filters []filterJSON `json:"filters"`
	Version int          `json:"version"`
}

// peopleFilterSchema is GET …/memberships/filter-schema (contract 8).
func (c *call) peopleFilterSchema(in inOrganization) (filterSchemaJSON, error) {
	return filterSchemaJSON{peopleDimensions(), 1}, c.app.MayListPeople(c.r.Context(), in.Organization)
}

// foundJSON is a person as a search shows them; skills are asked for, and
// nobody has any.
type foundJSON struct {
	personRowJSON
	Skills *[]struct{} `json:"skills,omitempty"`
}

type searchPeopleRequest struct {
	inOrganization
	Page   roster.Page `page:"20,1000"`
	Filter bodyFilter  `body:"filters,required" doc:"The filters of the list by name. An unknown one is refused."`
	Skills bool        `query:"include_skills" doc:"Say everybody's skills, of which there are none."`
}

// searchPeople is POST …/memberships/search (contract 8): the list of people,
// with its filters in the body.
func (c *call) searchPeople(in searchPeopleRequest) (pageJSON[foundJSON], error) {
	people, total, err := c.people(in.Organization, in.Filter.MemberFilter, in.Page)
	return pageOf(c, in.Page, total, each(people, func(m roster.OrganizationMember) foundJSON {
		found := foundJSON{personRowJSON: personRowOf(m, false)}
		if in.Skills {
			found.Skills = &[]struct{}{}
		}
		return found
	})), err
}

// bodyFilter is an object of filters in the body, by the names and with the values that
// the list takes in its query.
type bodyFilter struct{ roster.MemberFilter }

func (s *bodyFilter) read(r *request, f field) {
	b, name := r.body(), f.name
	b.require(name)
	inside := b.object(name)
	if inside == nil {
		return
	}
	p := newParams(url.Values{})
	p.errs = inside.errs
	p.take(inside, peopleFilterNames()...)
	s.MemberFilter = p.filter(roster.ListPeople)
	for _, field := range inside.strangers() {
		inside.bad(field, noSuchFilter)
	}
	b.adopt(name, inside)
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

// peopleFilter is the filters of people in the query, one by one or as one JSON object.
type peopleFilter struct{ roster.MemberFilter }

func (f *peopleFilter) read(r *request, _ field) {
	r.query().takeFilters()
	f.MemberFilter = r.query().listFilter(roster.ListPeople)
}

func (f *peopleFilter) fields(field) []field {
	return append(filterFields(roster.ListPeople), field{
		in: "query", name: "filters", typ: reflect.TypeFor[string](),
		text: "The filters as one JSON object, by name. An unknown one is refused, and one that comes in the " +
			"query too.",
	})
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

type optionsRequest struct {
	inOrganization
	Search string `query:"search" doc:"Words in the titles, ignoring case."`
}

// membershipOptions is GET …/filter-options/membership: what somebody can be a
// member of, as far as the caller sees it.
func (c *call) membershipOptions(in optionsRequest) (out []membershipOptionJSON, err error) {
	if err := c.app.MayListPeople(c.r.Context(), in.Organization); err != nil {
		return out, err
	}
	workspaces, err := c.app.Workspaces(c.r.Context(), roster.WorkspaceFilter{}, "title")
	if err != nil {
		return out, err
	}
	all := roster.Page{Number: 1, Size: roster.Everything.Size, Order: "title"}
	projects, _, err := c.app.Projects(c.r.Context(), roster.ProjectFilter{}, all, 0)
	return orEmpty(membershipTree(workspaces, projects, strings.TrimSpace(in.Search))), err
}

// membershipTree keeps of workspaces and projects what matches, and the
// workspaces of projects that do. A workspace that matches has all its projects.
func membershipTree(workspaces []roster.Workspace, projects []membership.ProjectView,
	search string) (out []membershipOptionJSON) {
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
func (c *call) skillOptions(in optionsRequest) ([]any, error) {
	return []any{}, c.app.MayListPeople(c.r.Context(), in.Organization)
}
