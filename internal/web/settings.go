package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/identity"
)

var settingRoutes = []route{
	{method: "GET", path: "/settings/organization", handle: (*visit).organization},
	{method: "POST", path: "/settings/organization", handle: (*visit).editOrganization},
	{method: "POST", path: "/settings/sessions", handle: (*visit).editSessionPolicy},
	{method: "POST", path: "/settings/credentials", handle: (*visit).editTokenSettings},
	{method: "GET", path: "/settings/permissions", handle: (*visit).permissions},
	{method: "POST", path: "/settings/permissions", handle: (*visit).editPermissions},
	{method: "GET", path: "/settings/addresses", handle: (*visit).addresses},
}

// settingTabs is the tabs of the settings, for whom the policy lets see them.
var settingTabs = []struct {
	title  roster.Text
	path   string
	action core.Action
}{
	{"My account", "/settings", core.OwnAccount},
	{"Organization", "/settings/organization", core.EditOrganization},
	{"Permissions", "/settings/permissions", core.ViewPermissions},
	{"SCIM", "/settings/scim", core.EditSCIM},
	{"Mail", "/settings/mail", core.ManagePeople},
	{"Addresses", "/settings/addresses", core.ManagePeople},
	{"Activity log", "/settings/activity", core.ViewActivity},
}

// settingsTabs is them, with the one at current marked.
func (v *visit) settingsTabs(current string) (tabs []navItem) {
	for _, p := range settingTabs {
		if v.may(p.action) {
			tabs = append(tabs, navItem{p.title, v.link("%s", p.path), p.path == current})
		}
	}
	return tabs
}

// addressesPage is the people whose e-mail address is not theirs alone, or is one that
// nobody can be given.
type addressesPage struct {
	Tabs []navItem
	Odd  []roster.OddAddress
}

func (v *visit) addresses() (err error) {
	d := addressesPage{Tabs: v.settingsTabs("/settings/addresses")}
	if d.Odd, err = v.app.OddAddresses(v.ctx()); err != nil {
		return err
	}
	return v.show(http.StatusOK, "addresses.html", page{Title: "Addresses", Data: d})
}

// organizationPage is what holds in the whole organization.
type organizationPage struct {
	Tabs         []navItem
	Organization roster.Organization
	Roles        []choice // which can be the default
	Sessions     roster.SessionPolicy
	EditsPolicy  bool
	Tokens       roster.TokenSettings
}

func (v *visit) organization() error { return v.showOrganization(http.StatusOK, page{}) }

func (v *visit) showOrganization(status int, p page) (err error) {
	if _, err := v.app.May(v.ctx(), core.EditOrganization); err != nil {
		return err
	}
	d := organizationPage{EditsPolicy: v.may(core.EditSessionPolicy)}
	if d.Organization, err = v.app.Organization(v.ctx(), v.who.OrganizationID); err != nil {
		return err
	}
	if d.Sessions, err = v.app.SessionPolicy(v.ctx()); err != nil {
		return err
	}
	if d.Tokens, err = v.app.TokenSettings(v.ctx()); err != nil {
		return err
	}
	for _, r := range defaultRoles {
		if r != roster.RoleAdministrator || v.who.Role == roster.RoleOwner || d.Organization.DefaultRole == r {
			d.Roles = append(d.Roles, choice{string(r), roleName(r), r == d.Organization.DefaultRole})
		}
	}
	d.Tabs = v.settingsTabs("/settings/organization")
	p.Title, p.Data = "Organization settings", d
	return v.show(status, "organization.html", p)
}

// defaultRoles is the roles that new people can be given.
var defaultRoles = []roster.Role{roster.RoleNotActivated, roster.RoleAnnotator, roster.RoleReviewer,
	roster.RoleManager, roster.RoleAdministrator}

// edited carries a form of the organization's page out, or shows the page
// again with what is wrong.
func (v *visit) edited(text roster.Text, change func(tx *app.App) error) error {
	err := v.once(func(tx *app.App) (done, error) {
		return done{v.link("/settings/organization"), notice{Text: text}}, change(tx)
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{}, err)
	return v.showOrganization(status, p)
}

func (v *visit) editOrganization() error {
	title, role := v.field("title"), roster.Role(v.field("default_role"))
	return v.edited("The organization was changed.", func(tx *app.App) error {
		if _, err := tx.UpdateOrganization(v.ctx(), v.who.OrganizationID, roster.OrganizationPatch{
			Title: &title}); err != nil {
			return err
		}
		now, err := tx.Organization(v.ctx(), v.who.OrganizationID)
		if err != nil || now.DefaultRole == role {
			return err
		}
		_, err = tx.SetDefaultRole(v.ctx(), v.who.OrganizationID, role)
		return err
	})
}

// whole reads a whole number of a form.
func (v *visit) whole(name string) (int, error) {
	n, err := strconv.Atoi(v.field(name))
	if err != nil {
		return 0, roster.InvalidField(name, "Enter a whole number. Nothing was changed.")
	}
	return n, nil
}

func (v *visit) editSessionPolicy() error {
	return v.edited("The session policy was changed. It also applies to people who are signed in now.",
		func(tx *app.App) error {
			age, err := v.whole("max_session_age")
			if err != nil {
				return err
			}
			idle, err := v.whole("max_time_between_activity")
			if err != nil {
				return err
			}
			_, err = tx.UpdateSessionPolicy(v.ctx(), roster.SessionPolicyPatch{MaxAge: &age, MaxIdle: &idle})
			return err
		})
}

func (v *visit) editTokenSettings() error {
	return v.edited("The settings for API tokens were changed.", func(tx *app.App) error {
		days, err := v.whole("api_token_ttl_days")
		if err != nil {
			return err
		}
		personal, legacy := v.field("personal") != "", v.field("legacy") != ""
		_, err = tx.SetTokenSettings(v.ctx(), identity.TokenSettingsChange{Personal: &personal, Legacy: &legacy,
			TTLDays: days})
		return err
	})
}

// permissionsPage is who has the permissions that can be decided about.
type permissionsPage struct {
	Tabs  []navItem
	Roles []roster.Role
	Rows  []permissionRow
	Edits bool
}

// permissionRow is one of them.
type permissionRow struct {
	roster.PermissionOption
	Cells   []permissionCell // by role
	Decided bool             // differently from what is usual
}

// Was is the roles that have it as the form shows them, by which it is noticed
// that somebody else decided meanwhile.
func (r permissionRow) Was() string {
	var was []roster.Role
	for _, c := range r.Cells {
		if c.Option && c.Has {
			was = append(was, c.Role)
		}
	}
	return listed(was)
}

// permissionCell is whether a role has a permission.
type permissionCell struct {
	Role               roster.Role
	Option, Has, Usual bool
}

// permissionRoles is the columns; the Owner has every permission.
var permissionRoles = []roster.Role{roster.RoleAdministrator, roster.RoleManager, roster.RoleReviewer,
	roster.RoleAnnotator, roster.RoleViewOnly}

func (v *visit) permissions() error {
	rows, err := v.permissionRows(v.app)
	if err != nil {
		return err
	}
	data := permissionsPage{v.settingsTabs("/settings/permissions"), permissionRoles, rows, v.may(core.EditPermissions)}
	return v.show(http.StatusOK, "permissions.html", page{Title: "Permissions", Data: data})
}

func (v *visit) permissionRows(a *app.App) (rows []permissionRow, err error) {
	options, err := a.PermissionOptions(v.ctx(), v.who.OrganizationID, "")
	if err != nil {
		return nil, err
	}
	overrides, err := a.PermissionOverrides(v.ctx(), v.who.OrganizationID, "")
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		row, has := permissionRow{PermissionOption: o}, o.Usual
		for _, d := range overrides {
			if d.Permission == o.Permission {
				has = d.Roles
			}
		}
		for _, r := range permissionRoles {
			cell := permissionCell{r, slices.Contains(o.Options, r), slices.Contains(has, r), slices.Contains(o.Usual, r)}
			row.Decided = row.Decided || (cell.Option && cell.Has != cell.Usual)
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// editPermissions decides about every permission that the form changes, all of
// them or none. What comes to the usual is given back to it.
func (v *visit) editPermissions() error {
	return v.once(func(tx *app.App) (done, error) {
		if _, err := tx.May(v.ctx(), core.EditPermissions); err != nil {
			return done{}, err
		}
		rows, err := v.permissionRows(tx)
		if err != nil {
			return done{}, err
		}
		for _, row := range rows {
			if err := v.decide(tx, row); err != nil {
				return done{}, err
			}
		}
		return done{v.link("/settings/permissions"),
			notice{Text: "The permissions were changed. They apply from now on."}}, nil
	})
}

func (v *visit) decide(tx *app.App, row permissionRow) error {
	roles, usual, was := []roster.Role{}, true, v.field("was."+row.Permission)
	for _, c := range row.Cells {
		on := c.Option && slices.Contains(v.r.PostForm[row.Permission], string(c.Role))
		if on {
			roles = append(roles, c.Role)
		}
		usual = usual && (!c.Option || on == c.Usual)
	}
	switch {
	case listed(roles) == was:
		return nil
	case was != row.Was():
		return roster.Errorf(roster.Changed,
			"Somebody else has changed “%s” in the meantime. Nothing was changed; look at the permissions again.", row.Label)
	case usual:
		return tx.DeletePermissionOverride(v.ctx(), v.who.OrganizationID, row.Permission)
	}
	_, err := tx.SetPermissionOverride(v.ctx(), v.who.OrganizationID, row.Permission, roles)
	return err
}

// listed is roles as a form holds them.
func listed(roles []roster.Role) string {
	texts := make([]string, len(roles))
	for i, r := range roles {
		texts[i] = string(r)
	}
	return strings.Join(texts, ",")
}
