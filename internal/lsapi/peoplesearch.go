package lsapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"roster"
)

var peopleSearchRoutes = []route{
	{"GET", "/api/organizations/{id}/memberships/filter-schema", (*call).peopleFilterSchema},
	{"POST", "/api/organizations/{id}/memberships/search", (*call).searchPeople},
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

// peopleDimensions are the filters of peopleFilters, for who has to build a
// form for them.
func peopleDimensions() []filterJSON {
	roles := each(roster.Roles, func(r roster.Role) choiceJSON { return choiceJSON{string(r), r.Name()} })
	seats := each(roster.UserTypes, func(t roster.UserType) choiceJSON { return choiceJSON{string(t), seatNames[string(t)]} })
	return []filterJSON{
		{Name: "search", Label: "Name or e-mail", Type: "text"},
		{Name: "role", Label: "Role", Type: "choices", Choices: roles},
		{Name: "user_type", Label: "Seat type", Type: "choices", Choices: seats},
		{Name: "tags", Label: "Tags", Type: "ids"},
		{Name: "tags_operator", Label: "Any or all of the tags", Type: "choice", Choices: []choiceJSON{{"or", "Any"}, {"and", "All"}}},
		{Name: "user__last_activity__gte", Label: "Active since", Type: "datetime"},
		{Name: "user__last_activity__lte", Label: "Active until", Type: "datetime"},
		{Name: "is_deleted", Label: "Deleted", Type: "boolean"},
		{Name: "exclude_project_id", Label: "Not in the project", Type: "id"},
		{Name: "exclude_workspace_id", Label: "Not in the workspace", Type: "id"},
	}
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
	if b.require(name) && b.null(name) {
		b.bad(name, "This field may not be null.")
	}
	inside := b.object(name)
	if inside == nil {
		return roster.MemberFilter{}
	}
	p := &params{values: map[string][]string{}, errs: inside.errs, read: map[string]bool{}}
	names := each(peopleDimensions(), func(d filterJSON) string { return d.Name })
	p.take(inside, names...)
	f := peopleFilters(p)
	for _, field := range slices.Sorted(maps.Keys(inside.fields)) {
		if !slices.Contains(names, field) {
			inside.bad(field, "There is no such filter.")
		}
	}
	b.adopt(name, inside)
	return f
}
