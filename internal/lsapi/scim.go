package lsapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"roster"
)

var scimRoutes = []plainRoute{
	{"GET", "/api/scim/settings", (*call).getScimSettings},
	{"POST", "/api/scim/settings", (*call).setScimSettings},
}

// projectGroupJSON is the wire's ProjectGroup.
type projectGroupJSON struct {
	ProjectID int64  `json:"project_id"`
	Group     string `json:"group"`
	Role      string `json:"role"`
}

// scimSettingsJSON is the wire's ScimSettings.
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
var projectGroupRoles = map[string]roster.Role{"Inherit": "", "Annotator": roster.RoleAnnotator, "Reviewer": roster.RoleReviewer}

func scimSettingsOf(mappings []roster.ScimMapping) scimSettingsJSON {
	out := scimSettingsJSON{Roles: [][2]string{}, Workspaces: [][2]string{}, Projects: []projectGroupJSON{}, Seats: [][2]string{}}
	for _, m := range mappings {
		switch m.Kind {
		case roster.ScimRole:
			out.Roles = append(out.Roles, [2]string{m.Title, m.Group})
		case roster.ScimWorkspace:
			out.Workspaces = append(out.Workspaces, [2]string{m.Title, m.Group})
		case roster.ScimProject:
			role := "Inherit"
			if m.Role != "" {
				role = m.Role.Name()
			}
			out.Projects = append(out.Projects, projectGroupJSON{m.Target, m.Group, role})
		}
	}
	return out
}

func (c *call) getScimSettings() error {
	mappings, err := c.app.ScimMappings(c.r.Context())
	if err != nil {
		return err
	}
	capacities, err := c.capacities()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, scimReadJSON{scimSettingsOf(mappings), capacities})
}

// setScimSettings is POST /api/scim/settings (contract 3.16). Lists that are
// absent or null stay as they are.
func (c *call) setScimSettings() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	given := b.mappings()
	if err := b.err(); err != nil {
		return err
	}
	mappings, err := c.app.SetScimMappings(c.r.Context(), given)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, scimSettingsOf(mappings))
}

// mappings is what groups give, by the kinds that were sent.
func (b *body) mappings() map[roster.ScimTarget][]roster.ScimMapping {
	given := map[roster.ScimTarget][]roster.ScimMapping{}
	set := func(name string, kind roster.ScimTarget, read func(*body, string) []roster.ScimMapping) {
		if b.has(name) && !b.null(name) {
			given[kind] = read(b, name)
		}
	}
	set("roles_groups", roster.ScimRole, (*body).roleGroups)
	set("workspaces_groups", roster.ScimWorkspace, (*body).workspaceGroups)
	set("projects_groups", roster.ScimProject, (*body).projectGroups)
	b.unchanged(map[string]any{"user_type_groups": nil}) // a seat is a person's, and no group gives one
	return given
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
	return text != "" && utf8.RuneCountInString(text) <= 256 && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
}

// roleGroups reads roles by their code or their name. The roles that can be
// given are the working ones that are no seat.
func (b *body) roleGroups(name string) (out []roster.ScimMapping) {
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
		out = append(out, roster.ScimMapping{Kind: roster.ScimRole, Role: role, Title: pair[0], Group: pair[1]})
	}
	return out
}

func (b *body) workspaceGroups(name string) (out []roster.ScimMapping) {
	for _, pair := range b.pairs(name) {
		out = append(out, roster.ScimMapping{Kind: roster.ScimWorkspace, Title: pair[0], Group: pair[1]})
	}
	return out
}

func (b *body) projectGroups(name string) (out []roster.ScimMapping) {
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
		out = append(out, roster.ScimMapping{Kind: roster.ScimProject, Target: id, Role: code, Group: *group})
	}
	return out
}
