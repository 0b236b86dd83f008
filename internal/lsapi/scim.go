package lsapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"roster"
)

func scimRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/scim/settings", do: does((*call).getSCIMSettings),
			summary: "Read what groups mean", answer: "Groups by role, workspace and project.",
		},
		{
			method: "POST", path: "/api/scim/settings", do: does((*call).setSCIMSettings),
			summary: "Change what groups mean", status: http.StatusCreated, answer: "The settings as they are now.",
		},
	}
}

// projectGroupJSON is the wire's ProjectGroup.
type projectGroupJSON struct {
	ProjectID int64  `json:"project_id"`
	Group     string `json:"group"`
	Role      string `json:"role"`
}

// scimSettingsJSON is the wire's SCIMSettings.
type scimSettingsJSON struct {
	Roles      [][2]string        `json:"roles_groups"`
	Workspaces [][2]string        `json:"workspaces_groups"`
	Projects   []projectGroupJSON `json:"projects_groups"`
	Seats      [][2]string        `json:"user_type_groups"`
}

// scimReadJSON adds what only reading shows.
type scimReadJSON struct {
	scimSettingsJSON
	Capacities map[roster.UserType]capacityJSON `json:"user_type_capacities"`
}

// capacityJSON is how many seats of a kind are taken. There is no limit to any.
type capacityJSON struct {
	Used  int  `json:"used"`
	Limit *int `json:"limit"`
}

func (c *call) capacities() (map[roster.UserType]capacityJSON, error) {
	used, err := c.app.SeatUsage(c.r.Context())
	out := map[roster.UserType]capacityJSON{}
	for _, seat := range []roster.UserType{roster.SeatStandard, roster.SeatViewOnly, roster.SeatFlex} {
		out[seat] = capacityJSON{Used: used[seat]}
	}
	return out, err
}

// projectGroupRoles is the wire's ProjectGroupRoleEnum.
var projectGroupRoles = map[string]roster.Role{"Inherit": "", "Annotator": roster.RoleAnnotator,
	"Reviewer": roster.RoleReviewer}

func scimSettingsOf(mappings []roster.SCIMMapping) scimSettingsJSON {
	out := scimSettingsJSON{Roles: [][2]string{}, Workspaces: [][2]string{}, Projects: []projectGroupJSON{},
		Seats: [][2]string{}}
	for _, m := range mappings {
		switch m.Kind {
		case roster.SCIMRole:
			out.Roles = append(out.Roles, [2]string{m.Title, m.Group})
		case roster.SCIMWorkspace:
			out.Workspaces = append(out.Workspaces, [2]string{m.Title, m.Group})
		case roster.SCIMProject:
			role := "Inherit"
			if m.Role != "" {
				role = m.Role.Name()
			}
			out.Projects = append(out.Projects, projectGroupJSON{m.Target, m.Group, role})
		}
	}
	return out
}

func (c *call) getSCIMSettings(nothing) (out scimReadJSON, err error) {
	mappings, err := c.app.SCIMMappings(c.r.Context())
	if err != nil {
		return out, err
	}
	capacities, err := c.capacities()
	return scimReadJSON{scimSettingsOf(mappings), capacities}, err
}

type setSCIMSettingsRequest struct{ Mappings groupMappings }

// setSCIMSettings is POST /api/scim/settings (contract 3.16). Lists that are
// absent or null stay as they are.
func (c *call) setSCIMSettings(in setSCIMSettingsRequest) (scimSettingsJSON, error) {
	mappings, err := c.app.SetSCIMMappings(c.r.Context(), in.Mappings)
	return scimSettingsOf(mappings), err
}

// groupMappings is what groups give, by the kinds that were sent.
type groupMappings map[roster.SCIMTarget][]roster.SCIMMapping

func (m *groupMappings) read(r *request, _ field) {
	b := r.body()
	*m = groupMappings{}
	set := func(name string, kind roster.SCIMTarget, read func(*body, string) []roster.SCIMMapping) {
		if b.has(name) && !b.null(name) {
			(*m)[kind] = read(b, name)
		}
	}
	set("roles_groups", roster.SCIMRole, (*body).roleGroups)
	set("workspaces_groups", roster.SCIMWorkspace, (*body).workspaceGroups)
	set("projects_groups", roster.SCIMProject, (*body).projectGroups)
	b.unchanged(map[string]any{"user_type_groups": nil}) // a seat is a person's, and no group gives one
}

func (m *groupMappings) fields(field) []field {
	list := reflect.TypeFor[[]any]()
	return []field{
		{in: "body", name: "roles_groups", typ: list, text: "Pairs of a role and a group."},
		{in: "body", name: "workspaces_groups", typ: list, text: "Pairs of a workspace and a group."},
		{in: "body", name: "projects_groups", typ: list, text: "Projects with a group and a role."},
		{in: "body", name: "user_type_groups", typ: list, text: "Empty: a seat is a person's, and no group gives one."},
	}
}

// mostGroups bounds each list of mappings.
const mostGroups = 1000

// pairs is a list of pairs of texts, neither of them empty.
func (b *body) pairs(name string) [][]string {
	var list [][]string
	if b.isForm || json.Unmarshal(b.fields[name], &list) != nil {
		b.bad(name, "Expected a list of pairs of strings.")
		return nil
	}
	if len(list) > mostGroups {
		b.bad(name, "At most 1000 groups can be mapped.")
		return nil
	}
	for _, pair := range list {
		if len(pair) != 2 || !groupName(pair[0]) || !groupName(pair[1]) {
			b.bad(name, "Expected a list of pairs of strings of 1 to 256 characters.")
			return nil
		}
	}
	return list
}

func groupName(text string) bool {
	return text != "" && utf8.RuneCountInString(text) <= 256 &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
}

// roleGroups reads roles by their code or their name. The roles that can be
// given are the working ones that are no seat.
func (b *body) roleGroups(name string) (out []roster.SCIMMapping) {
	for _, pair := range b.pairs(name) {
		role := roster.Role("")
		for _, r := range roster.Roles {
			if strings.EqualFold(pair[0], string(r)) || strings.EqualFold(pair[0], r.Name()) {
				role = r
			}
		}
		if !role.Assignable() || !role.Works() {
			b.bad(name, "\""+pair[0]+"\" is not a role that a group can give.")
			return nil
		}
		out = append(out, roster.SCIMMapping{Kind: roster.SCIMRole, Role: role, Title: pair[0], Group: pair[1]})
	}
	return out
}

func (b *body) workspaceGroups(name string) (out []roster.SCIMMapping) {
	for _, pair := range b.pairs(name) {
		out = append(out, roster.SCIMMapping{Kind: roster.SCIMWorkspace, Title: pair[0], Group: pair[1]})
	}
	return out
}

func (b *body) projectGroups(name string) (out []roster.SCIMMapping) {
	for item := range b.objects(name) {
		if len(out) == mostGroups {
			b.bad(name, "At most 1000 groups can be mapped.")
			return nil
		}
		item.require("project_id")
		item.require("group")
		item.require("role")
		id, group, role := item.id("project_id"), item.text("group", 256), item.text("role", 64)
		if item.err() != nil || group == nil || !groupName(*group) || role == nil {
			b.bad(name, "Every mapping needs a project_id, a group and a role.")
			return nil
		}
		code, known := projectGroupRoles[*role]
		if !known {
			b.bad(name, "\""+*role+"\" is not a valid choice.")
			return nil
		}
		out = append(out, roster.SCIMMapping{Kind: roster.SCIMProject, Target: id, Role: code, Group: *group})
	}
	return out
}
