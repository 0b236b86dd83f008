package lsapi

import (
	"net/http"
	"strings"

	"roster"
)

var organizationRoutes = []plainRoute{
	{"GET", "/api/organizations", (*call).listOrganizations},
	{"GET", "/api/organizations/{id}", (*call).getOrganization},
	{"PATCH", "/api/organizations/{id}", (*call).patchOrganization},
	{"PATCH", "/api/organizations/{id}/set-default-role", (*call).setDefaultRole},
	{"GET", "/api/organizations/{id}/memberships", (*call).listPeople},
	{"PATCH", "/api/organizations/{id}/memberships", (*call).patchMembership},
	{"POST", "/api/roster/organizations/{id}/memberships/preview", (*call).previewMembership},
	{"GET", "/api/organizations/{id}/memberships/{user_pk}", (*call).getMembership},
	{"DELETE", "/api/organizations/{id}/memberships/{user_pk}", (*call).deleteMembership},
}

// organizationIDJSON is the wire's OrganizationId.
type organizationIDJSON struct {
	ID          int64   `json:"id"`
	Title       string  `json:"title"`
	ContactInfo *string `json:"contact_info"`
	CreatedAt   stamp   `json:"created_at"`
}

func organizationIDOf(o roster.Organization) organizationIDJSON {
	return organizationIDJSON{o.ID, o.Title, nullable(o.ContactInfo), stamp(o.CreatedAt)}
}

// organizationJSON is the wire's LseOrganization and the contact. Roster bills
// nobody and embeds nothing, which the constants say.
type organizationJSON struct {
	organizationIDJSON
	Token             string         `json:"token"`
	DefaultRole       roster.Role    `json:"default_role"`
	Billing           billingJSON    `json:"billing"`
	EmailSettings     map[string]any `json:"email_notification_settings"`
	ReactCodeSettings map[string]any `json:"react_code_settings"`
	CustomInterfaces  bool           `json:"custom_interfaces_enabled"`
	CustomScripts     bool           `json:"custom_scripts_enabled"`
	EmbedEnabled      bool           `json:"embed_enabled"`
	EmbedDomains      any            `json:"embed_domains"`
	EmbedSettings     any            `json:"embed_settings"`
	InterfaceSettings any            `json:"interface_settings"`
	ExternalID        *string        `json:"external_id"`
}

// billingJSON is the wire's OrganizationBilling.
type billingJSON struct {
	SessionConcurrency  bool `json:"enforce_session_concurrency"`
	ManualRoles         bool `json:"manual_role_management"`
	ManualWorkspaces    bool `json:"manual_workspace_management"`
	MaxParallelSessions int  `json:"max_parallel_sessions"`
	ConcurrencyWindow   int  `json:"session_concurrency_window_seconds"`
}

func organizationOf(o roster.Organization) organizationJSON {
	return organizationJSON{
		organizationIDJSON: organizationIDOf(o), Token: o.Token, DefaultRole: o.DefaultRole,
		Billing:       billingJSON{ManualRoles: true, ManualWorkspaces: true},
		EmailSettings: map[string]any{}, ReactCodeSettings: map[string]any{},
	}
}

func (c *call) listOrganizations() error {
	p := c.params()
	order := p.str("ordering")
	if err := p.err(); err != nil {
		return err
	}
	list, err := c.app.Organizations(c.r.Context(), order)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(list, organizationIDOf))
}

func (c *call) getOrganization() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	o, err := c.app.Organization(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, organizationOf(o))
}

// unchangedOrganization is what is shown of an organization's settings that mean nothing
// in Roster, and are refused: most would guard something that nothing here guards.
var unchangedOrganization = map[string]any{
	"created_by": nil, "custom_interfaces_enabled": false, "custom_scripts_enabled": false, "email_notification_settings": nil,
	"embed_domains": nil, "embed_enabled": false, "embed_settings": nil, "interface_settings": nil, "react_code_settings": nil,
}

// patchOrganization changes the title and the contact; a contact of null is none. The
// link's token changes by being replaced, and not by being chosen.
func (c *call) patchOrganization() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	patch := roster.OrganizationPatch{Title: b.text("title", 1000), ContactInfo: b.text("contact_info", 254)}
	if b.has("contact_info") && b.null("contact_info") {
		patch.ContactInfo = new(string)
	}
	b.unchanged(unchangedOrganization)
	if b.has("token") {
		shown, err := c.app.Organization(c.r.Context(), id)
		if err != nil {
			return err
		}
		b.unchanged(map[string]any{"token": shown.Token})
	}
	if err := b.err(); err != nil {
		return err
	}
	o, err := c.app.UpdateOrganization(c.r.Context(), id, patch)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, organizationOf(o))
}

// defaultRoleNulls are the fields of the wire's DefaultRole that Roster gives
// no meaning to.
var defaultRoleNulls = []string{
	"annotator_reviewer_firewall_enabled_at", "custom_interfaces_enabled", "custom_scripts_enabled_at", "email_notification_settings",
	"embed_domains", "embed_enabled", "embed_settings", "external_id", "interface_settings", "label_stream_navigation_disabled_at",
	"react_code_settings", "read_only_quick_view_enabled_at",
}

// setDefaultRole is PATCH …/set-default-role; without the field it says which
// role is the default.
func (c *call) setDefaultRole() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	role := code(b, "default_role", roster.Role.Valid)
	if b.has("default_role") && role == "" && b.errs["default_role"] == nil {
		b.bad("default_role", "This field may not be null.")
	}
	b.unchanged(unchangedDefaultRole(id))
	if err := b.err(); err != nil {
		return err
	}
	o, err := c.app.SetDefaultRole(c.r.Context(), id, role)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, defaultRoleOf(o))
}

func defaultRoleOf(o roster.Organization) map[string]any {
	out := unchangedDefaultRole(o.ID)
	out["default_role"] = o.DefaultRole
	return out
}

// unchangedDefaultRole is what stands beside the default role, and stays.
func unchangedDefaultRole(organization int64) map[string]any {
	out := map[string]any{"organization": organization, "extra_data_on_activity_logs": false}
	for _, name := range defaultRoleNulls {
		out[name] = nil
	}
	return out
}

const (
	defaultPeople = 20
	maxPeople     = 1000
)

// scope reads scope=accessible|all. Managers see the accessible people either
// way and everybody else sees all (contract 5), so that it only has to be one
// of the two.
func (p *params) scope() {
	switch p.str("scope") {
	case "", "accessible", "all":
	default:
		p.bad("scope", "Must be \"accessible\" or \"all\".")
	}
}

// listPeople is GET …/memberships (contract 3.9) and GET …/memberships/search,
// as newer clients ask for the same.
func (c *call) listPeople() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	p.scope()
	p.takeFilters()
	f, withProjects := p.listFilter(roster.ListPeople), p.flag("contributed_to_projects")
	page, err := p.page(defaultPeople, maxPeople)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	// the filters name the person's fields user__…, so an order may as well
	page.Order = strings.Replace(page.Order, "user__", "", 1)
	people, total, err := c.app.OrganizationMembers(c.r.Context(), id, f, page)
	if err != nil {
		return err
	}
	if withProjects {
		if err := c.app.AddProjects(c.r.Context(), people); err != nil {
			return err
		}
	}
	return paged(c, page, total, each(people, func(m roster.OrganizationMember) personRowJSON { return personRowOf(m, withProjects) }))
}

// personRowJSON is the wire's LseOrganizationMemberList.
type personRowJSON struct {
	ID           int64              `json:"id"`
	Organization int64              `json:"organization"`
	User         rowUserJSON        `json:"user"`
	Role         roster.Role        `json:"role"`
	RoleSource   *roster.RoleSource `json:"role_source"`
	UserType     *roster.UserType   `json:"user_type"`
	Tags         []tagJSON          `json:"tags"`
	Flex         any                `json:"flex"`
	Concurrency  any                `json:"concurrency"`
	projectsJSON
}

// rowUserJSON is the wire's LseUserOrganizationMemberList.
type rowUserJSON struct {
	personJSON
	LseFields lseFields `json:"lse_fields"`
	Pause     any       `json:"pause"`
	projectsJSON
}

// projectsJSON is the two lists of projects beside a person: null unless they
// were asked for.
type projectsJSON struct {
	Created     []projectRefJSON `json:"created_projects"`
	Contributed []projectRefJSON `json:"contributed_to_projects"`
}

type projectRefJSON struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

func projectsOf(m roster.OrganizationMember, asked bool) projectsJSON {
	if !asked {
		return projectsJSON{}
	}
	ref := func(r roster.ProjectRef) projectRefJSON { return projectRefJSON{r.ID, r.Title} }
	return projectsJSON{each(m.Created, ref), each(m.Contributed, ref)}
}

func personRowOf(m roster.OrganizationMember, withProjects bool) personRowJSON {
	projects := projectsOf(m, withProjects)
	return personRowJSON{
		ID: m.Membership.ID, Organization: m.Membership.OrganizationID,
		User: rowUserJSON{personJSON: personOf(m.User), LseFields: lseFieldsOf(m.Membership), projectsJSON: projects},
		Role: m.Membership.Role, RoleSource: nullable(m.Membership.RoleSource), UserType: nullable(m.Membership.UserType),
		Tags: tagsOf(m.Tags), projectsJSON: projects,
	}
}

// patchMembership is PATCH …/memberships: the role or the seat of one person.
func (c *call) patchMembership() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	user, change, err := c.membershipChange()
	if err != nil {
		return err
	}
	m, op, err := c.app.ChangeMembership(c.r.Context(), id, user, change)
	if err != nil {
		return err
	}
	c.operation(op)
	return c.json(http.StatusOK, personRowOf(m, false))
}

// membershipChange reads who is to be changed, and how.
func (c *call) membershipChange() (user int64, change roster.MembershipChange, err error) {
	b, err := c.body()
	if err != nil {
		return 0, change, err
	}
	b.require("user_id")
	user = b.id("user_id")
	if b.null("user_id") {
		b.bad("user_id", "This field may not be null.")
	}
	change = roster.MembershipChange{Role: code(b, "role", roster.Role.Valid), UserType: code(b, "user_type", roster.UserType.Valid)}
	return user, change, b.err()
}

// previewMembership is Roster's own POST …/memberships/preview: to which projects a PATCH
// with the same body would bring the person back.
func (c *call) previewMembership() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	user, change, err := c.membershipChange()
	if err != nil {
		return err
	}
	before, after, back, err := c.app.PreviewMembership(c.r.Context(), id, user, change)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, membershipPreviewJSON{
		UserID: user, RoleBefore: before.Role, Role: after.Role, UserTypeBefore: before.UserType, UserType: after.UserType,
		Returns: each(back, func(a roster.Awaiting) projectRefJSON { return projectRefJSON{a.Project.ID, a.Project.Title} }),
	})
}

// membershipPreviewJSON is what a change would make of a membership.
type membershipPreviewJSON struct {
	UserID         int64            `json:"user_id"`
	RoleBefore     roster.Role      `json:"role_before"`
	Role           roster.Role      `json:"role"`
	UserTypeBefore roster.UserType  `json:"user_type_before"`
	UserType       roster.UserType  `json:"user_type"`
	Returns        []projectRefJSON `json:"returns_to"`
}

// membershipDetailJSON is the wire's OrganizationMember. Roster keeps no
// annotations, so it counts none.
type membershipDetailJSON struct {
	User             int64 `json:"user"`
	Organization     int64 `json:"organization"`
	CreatedAt        stamp `json:"created_at"`
	AnnotationsCount int   `json:"annotations_count"`
	ContributedCount int   `json:"contributed_projects_count"`
	projectsJSON
}

func (c *call) getMembership() error {
	id, user, err := c.membershipIDs()
	if err != nil {
		return err
	}
	p := c.params()
	withProjects := p.flag("contributed_to_projects")
	if err := p.err(); err != nil {
		return err
	}
	m, err := c.app.OrganizationMember(c.r.Context(), id, user)
	if err != nil {
		return err
	}
	one := []roster.OrganizationMember{m}
	if err := c.app.AddProjects(c.r.Context(), one); err != nil {
		return err
	}
	return c.json(http.StatusOK, membershipDetailJSON{
		User: user, Organization: id, CreatedAt: stamp(m.Membership.CreatedAt),
		ContributedCount: len(one[0].Contributed), projectsJSON: projectsOf(one[0], withProjects),
	})
}

func (c *call) deleteMembership() error {
	id, user, err := c.membershipIDs()
	if err != nil {
		return err
	}
	op, err := c.app.RemoveFromOrganization(c.r.Context(), id, user)
	if err != nil {
		return err
	}
	c.operation(op)
	return c.empty(http.StatusNoContent)
}

func (c *call) membershipIDs() (organization, user int64, err error) {
	if organization, err = c.id("id"); err != nil {
		return 0, 0, err
	}
	user, err = c.id("user_pk")
	return organization, user, err
}
