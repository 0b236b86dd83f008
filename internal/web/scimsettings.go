package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

var scimRoutes = []route{
	{method: "GET", path: "/settings/scim", handle: (*visit).scim},
	{method: "POST", path: "/settings/scim", handle: (*visit).mapGroup},
	{method: "POST", path: "/settings/scim/remove", handle: (*visit).unmapGroup},
}

// scimPage is the identity provider: where it calls, and what its groups give.
type scimPage struct {
	Tabs              []navItem
	Address           string
	Mappings          []mappingRow
	Roles, Workspaces []choice
	Choice            projectChoice
	Group, Role       string // as they were sent, when something is wrong
}

// mappingRow is what being in a group gives, in words.
type mappingRow struct {
	roster.SCIMMapping
	Text roster.Text
}

// Value names what a mapping gives, as the form's choices do.
func (m mappingRow) Value() string { return mappingValue(m.SCIMMapping) }

func mappingValue(m roster.SCIMMapping) string {
	if m.Kind == roster.SCIMRole {
		return string(m.Kind) + " " + string(m.Role)
	}
	return string(m.Kind) + " " + strconv.FormatInt(m.Target, 10)
}

// mappedRoles is the organization roles that a group can give.
var mappedRoles = []roster.Role{roster.RoleAdministrator, roster.RoleManager, roster.RoleReviewer, roster.RoleAnnotator}

func (v *visit) scim() error { return v.showSCIM(http.StatusOK, page{}) }

func (v *visit) showSCIM(status int, p page) error {
	mappings, err := v.app.SCIMMappings(v.ctx())
	if err != nil {
		return err
	}
	d := scimPage{Tabs: v.settingsTabs("/settings/scim"), Address: v.app.Address("/scim/v2"),
		Group: v.field("group"), Role: v.field("role")}
	chosen := v.field("gives")
	for _, r := range mappedRoles {
		if r != roster.RoleAdministrator || v.who.Role == roster.RoleOwner {
			value := mappingValue(roster.SCIMMapping{Kind: roster.SCIMRole, Role: r})
			d.Roles = append(d.Roles, choice{value, roleName(r), value == chosen})
		}
	}
	spaces, err := v.app.Workspaces(v.ctx(), roster.WorkspaceFilter{}, "title")
	if err != nil {
		return err
	}
	for _, w := range spaces {
		value := mappingValue(roster.SCIMMapping{Kind: roster.SCIMWorkspace, Target: w.ID})
		d.Workspaces = append(d.Workspaces, choice{value, roster.Verbatim(w.Title), value == chosen})
	}
	id, _ := strconv.ParseInt(strings.TrimPrefix(chosen, string(roster.SCIMProject)+" "), 10, 64)
	if d.Choice, err = v.projectChoice(id); err != nil {
		return err
	}
	for i, c := range d.Choice.Projects {
		d.Choice.Projects[i].Value = string(roster.SCIMProject) + " " + c.Value
	}
	titles, err := v.mappedTitles(mappings)
	if err != nil {
		return err
	}
	for _, m := range mappings {
		d.Mappings = append(d.Mappings, mappingRow{m, mappingText(m, titles)})
	}
	p.Title, p.Data = "SCIM", d
	return v.show(status, "scim.html", p)
}

// mappedTitles is what the projects of mappings are called.
func (v *visit) mappedTitles(mappings []roster.SCIMMapping) (map[int64]string, error) {
	var ids []int64
	for _, m := range mappings {
		if m.Kind == roster.SCIMProject {
			ids = append(ids, m.Target)
		}
	}
	titles := map[int64]string{}
	if len(ids) == 0 {
		return titles, nil
	}
	projects, err := v.app.ProjectsToChoose(v.ctx(), core.FindProject, roster.ProjectFilter{IDs: ids}, len(ids))
	for _, p := range projects {
		titles[p.ID] = p.Title
	}
	return titles, err
}

// mappingText says what a mapping gives.
func mappingText(m roster.SCIMMapping, titles map[int64]string) roster.Text {
	switch m.Kind {
	case roster.SCIMRole:
		return sentence("The organization role {role}", "role", roleName(m.Role))
	case roster.SCIMWorkspace:
		return sentence("The workspace {title}", "title", roster.Name{Text: m.Title})
	}
	title := titles[m.Target]
	if title == "" {
		title = strconv.FormatInt(m.Target, 10)
	}
	if m.Role == "" {
		return sentence("The project {title}", "title", roster.Name{Text: title})
	}
	return sentence("The project {title}, as {role}", "title", roster.Name{Text: title}, "role", roleName(m.Role))
}

// mapping reads what the form says that a group gives.
func (v *visit) mapping(a *app.App) (m roster.SCIMMapping, err error) {
	m.Group = v.field("group")
	if shortened(m.Group, 256) != m.Group || m.Group == "" {
		return m, roster.InvalidField("group",
			"Enter the name of the group, at most 256 characters, without blanks around it.")
	}
	kind, target, _ := strings.Cut(v.field("gives"), " ")
	switch m.Kind = roster.SCIMTarget(kind); m.Kind {
	case roster.SCIMRole:
		m.Role = roster.Role(target)
		if m.Title = m.Role.Name(); slices.Contains(mappedRoles, m.Role) {
			return m, nil
		}
	case roster.SCIMWorkspace:
		spaces, err := a.Workspaces(v.ctx(), roster.WorkspaceFilter{}, "title")
		if err != nil {
			return m, err
		}
		for _, w := range spaces {
			if strconv.FormatInt(w.ID, 10) == target {
				m.Target, m.Title = w.ID, w.Title
				return m, nil
			}
		}
	case roster.SCIMProject:
		m.Target, err = strconv.ParseInt(target, 10, 64)
		m.Role = roster.Role(v.field("role"))
		if err == nil {
			_, err = a.MayInProject(v.ctx(), core.ManageMembers, m.Target)
		}
		if err == nil && (m.Role == "" || m.Role.Overridable()) {
			return m, nil
		}
	}
	return m, roster.InvalidField("gives", "Choose what the group gives from the list. Nothing was changed.")
}

// changeMappings carries out a change of the mappings, or shows the page again
// with what is wrong.
func (v *visit) changeMappings(text roster.Text,
	change func(tx *app.App, now []roster.SCIMMapping) ([]roster.SCIMMapping, roster.SCIMTarget, error)) error {
	err := v.once(func(tx *app.App) (done, error) {
		now, err := tx.SCIMMappings(v.ctx())
		if err != nil {
			return done{}, err
		}
		then, kind, err := change(tx, now)
		if err != nil {
			return done{}, err
		}
		then = slices.DeleteFunc(then, func(m roster.SCIMMapping) bool { return m.Kind != kind })
		_, err = tx.SetSCIMMappings(v.ctx(), map[roster.SCIMTarget][]roster.SCIMMapping{kind: then})
		return done{v.link("/settings/scim"), notice{Text: text}}, err
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{}, err)
	return v.showSCIM(status, p)
}

func (v *visit) mapGroup() error {
	return v.changeMappings("The mapping was added. It applies to everybody in the group.",
		func(tx *app.App, now []roster.SCIMMapping) ([]roster.SCIMMapping, roster.SCIMTarget, error) {
			m, err := v.mapping(tx)
			same := func(o roster.SCIMMapping) bool { return o.Group == m.Group && mappingValue(o) == mappingValue(m) }
			if err == nil && slices.ContainsFunc(now, same) {
				err = roster.InvalidField("group", "The group gives this already.")
			}
			return append(now, m), m.Kind, err
		})
}

func (v *visit) unmapGroup() error {
	return v.changeMappings("The mapping was removed, and with it what people had through it.",
		func(_ *app.App, now []roster.SCIMMapping) ([]roster.SCIMMapping, roster.SCIMTarget, error) {
			at := slices.IndexFunc(now, func(m roster.SCIMMapping) bool {
				return m.Group == v.field("group") && mappingValue(m) == v.field("gives")
			})
			if at < 0 {
				return nil, "", roster.Errorf(roster.NotFound, "This mapping was removed already.")
			}
			kind := now[at].Kind
			return slices.Delete(now, at, at+1), kind, nil
		})
}
