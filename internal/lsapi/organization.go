package lsapi

import (
	"strings"

	"roster"
)

func organizationRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/organizations", do: does((*call).listOrganizations),
			summary: "List organizations", answer: "The caller's organization.",
		},
		{
			method: "GET", path: "/api/organizations/{id}", do: does((*call).getOrganization),
			summary: "Read an organization", answer: "The organization.",
		},
		{
			method: "PATCH", path: "/api/organizations/{id}", do: does((*call).patchOrganization),
			summary: "Change an organization",
			text: "Its other settings mean nothing in Roster. They may be sent as they are shown, and are refused " +
				"else.",
			answer: "The organization as it is now.",
		},
		{
			method: "PATCH", path: "/api/organizations/{id}/set-default-role", do: does((*call).setDefaultRole),
			summary: "Set the role of new people",
			text: "Without the field it says which role it is. The other fields may be sent as they are shown, and " +
				"are refused else.",
			answer: "The default role; what Roster does not have is null.",
		},
	}
}

func membershipRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/organizations/{id}/memberships", do: does((*call).listPeople),
			summary: "List people", answer: "A page of people.",
		},
		{
			method: "PATCH", path: "/api/organizations/{id}/memberships", once: true, do: does((*call).patchMembership),
			summary: "Change a person's role or seat", answer: "The person as they are now.",
			others: []answer{{status: 405, like: detailJSON{}, text: "One's own role, or the Owner's."}},
		},
		{
			method: "POST", path: "/api/roster/organizations/{id}/memberships/preview",
			do:      does((*call).previewMembership),
			summary: "Preview a change of role",
			text: "What the change would make of a membership, and the projects to which somebody " +
				"deactivated would come back by it: those that they, or their workspaces, were members of. " +
				"Changes nothing.",
			answer: "The membership as it would be.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/memberships/{user_pk}", do: does((*call).getMembership),
			summary: "Read a person's membership", answer: "The membership.",
		},
		{
			method: "DELETE", path: "/api/organizations/{id}/memberships/{user_pk}", once: true,
			do:      does((*call).deleteMembership),
			summary: "Delete a person from the organization", answer: "They are gone; their past work stays.",
			others: []answer{{status: 405, like: detailJSON{}, text: "Oneself, or the Owner."}},
		},
	}
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

type listOrganizationsRequest struct{ Order ordering }

func (c *call) listOrganizations(in listOrganizationsRequest) ([]organizationIDJSON, error) {
	list, err := c.app.Organizations(c.r.Context(), string(in.Order))
	return each(list, organizationIDOf), err
}

func (c *call) getOrganization(in inOrganization) (organizationJSON, error) {
	o, err := c.app.Organization(c.r.Context(), in.Organization)
	return organizationOf(o), err
}

// unchangedOrganization is what is shown of an organization's settings that mean nothing
// in Roster, and are refused: most would guard something that nothing here guards.
var unchangedOrganization = map[string]any{
	"created_by": nil, "custom_interfaces_enabled": false, "custom_scripts_enabled": false,
	"email_notification_settings": nil,
	"embed_domains":               nil, "embed_enabled": false, "embed_settings": nil, "interface_settings": nil,
	"react_code_settings": nil,
}

type patchOrganizationRequest struct {
	inOrganization
	Title   *string          `body:"title" most:"1000" doc:"Its name."`
	Contact *string          `body:"contact_info,null" most:"254" doc:"An e-mail address."`
	Token   unheeded[string] `body:"token" doc:"As it is shown: POST /api/invite/reset-token replaces it."`
}

// complete refuses a change of what stays. The link's token changes by being replaced, and
// not by being chosen.
func (in *patchOrganizationRequest) complete(r *request) {
	b := r.body()
	b.unchanged(unchangedOrganization)
	if b.has("token") {
		shown, err := r.app.Organization(r.r.Context(), in.Organization)
		r.fail(err)
		b.unchanged(map[string]any{"token": shown.Token})
	}
}

// patchOrganization changes the title and the contact; a contact of null is none.
func (c *call) patchOrganization(in patchOrganizationRequest) (organizationJSON, error) {
	patch := roster.OrganizationPatch{Title: in.Title, ContactInfo: in.Contact}
	o, err := c.app.UpdateOrganization(c.r.Context(), in.Organization, patch)
	return organizationOf(o), err
}

// defaultRoleNulls are the fields of the wire's DefaultRole that Roster gives
// no meaning to.
var defaultRoleNulls = []string{
	"annotator_reviewer_firewall_enabled_at", "custom_interfaces_enabled", "custom_scripts_enabled_at",
	"email_notification_settings",
	"embed_domains", "embed_enabled", "embed_settings", "external_id", "interface_settings",
	"label_stream_navigation_disabled_at",
	"react_code_settings", "read_only_quick_view_enabled_at",
}

type setDefaultRoleRequest struct {
	inOrganization
	Said unheeded[int64] `body:"organization,null" doc:"Passed over: the path says it."`
	Role roster.Role     `body:"default_role,some" doc:"NO, AN, RE or MA, and AD for the Owner only."`
}

func (in *setDefaultRoleRequest) complete(r *request) {
	r.body().unchanged(unchangedDefaultRole(in.Organization))
}

// defaultRoleJSON is the wire's DefaultRole, made field by field.
type defaultRoleJSON map[string]any

// setDefaultRole is PATCH …/set-default-role; without the field it says which
// role is the default.
func (c *call) setDefaultRole(in setDefaultRoleRequest) (defaultRoleJSON, error) {
	o, err := c.app.SetDefaultRole(c.r.Context(), in.Organization, in.Role)
	return defaultRoleOf(o), err
}

func defaultRoleOf(o roster.Organization) defaultRoleJSON {
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

type listPeopleRequest struct {
	inOrganization
	// Scope only has to be one of the two: Managers see the accessible people either way
	// and everybody else sees all (contract 5).
	Scope        string `query:"scope" codes:"accessible all" doc:"Managers always get the people who share a project or workspace with them."`
	Filter       peopleFilter
	WithProjects bool        `query:"contributed_to_projects" doc:"Say which projects they made and belong to."`
	Page         roster.Page `page:"20,1000"`
}

// listPeople is GET …/memberships (contract 3.9) and GET …/memberships/search,
// as newer clients ask for the same.
func (c *call) listPeople(in listPeopleRequest) (out pageJSON[personRowJSON], err error) {
	people, total, err := c.people(in.Organization, in.Filter.MemberFilter, in.Page)
	if err == nil && in.WithProjects {
		err = c.app.AddProjects(c.r.Context(), people)
	}
	shown := func(m roster.OrganizationMember) personRowJSON { return personRowOf(m, in.WithProjects) }
	return pageOf(c, in.Page, total, each(people, shown)), err
}

// people is a page of the organization's people. The filters name the person's fields
// user__…, so an order may as well.
func (c *call) people(organization int64, f roster.MemberFilter, page roster.Page) ([]roster.OrganizationMember,
	int, error) {
	page.Order = strings.Replace(page.Order, "user__", "", 1)
	return c.app.OrganizationMembers(c.r.Context(), organization, f, page)
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

type membershipChangeRequest struct {
	inOrganization
	User     int64           `body:"user_id,required" doc:"Who."`
	Role     roster.Role     `body:"role" doc:"The new role."`
	UserType roster.UserType `body:"user_type" doc:"The new seat: standard or flex."`
}

func (in membershipChangeRequest) change() roster.MembershipChange {
	return roster.MembershipChange{Role: in.Role, UserType: in.UserType}
}

// patchMembership is PATCH …/memberships: the role or the seat of one person.
func (c *call) patchMembership(in membershipChangeRequest) (personRowJSON, error) {
	m, op, err := c.app.ChangeMembership(c.r.Context(), in.Organization, in.User, in.change())
	c.operation(op)
	return personRowOf(m, false), err
}

// previewMembership is Roster's own POST …/memberships/preview: to which projects a PATCH
// with the same body would bring the person back.
func (c *call) previewMembership(in membershipChangeRequest) (membershipPreviewJSON, error) {
	before, after, back, err := c.app.PreviewMembership(c.r.Context(), in.Organization, in.User, in.change())
	return membershipPreviewJSON{
		UserID: in.User, RoleBefore: before.Role, Role: after.Role, UserTypeBefore: before.UserType, UserType: after.UserType,
		Returns: each(back, func(a roster.Awaiting) projectRefJSON { return projectRefJSON{a.Project.ID, a.Project.Title} }),
	}, err
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

type inMembership struct {
	inOrganization
	User int64 `path:"user_pk"`
}

type getMembershipRequest struct {
	inMembership
	WithProjects bool `query:"contributed_to_projects" doc:"Say which projects they made and belong to."`
}

func (c *call) getMembership(in getMembershipRequest) (out membershipDetailJSON, err error) {
	m, err := c.app.OrganizationMember(c.r.Context(), in.Organization, in.User)
	if err != nil {
		return out, err
	}
	one := []roster.OrganizationMember{m}
	err = c.app.AddProjects(c.r.Context(), one)
	return membershipDetailJSON{
		User: in.User, Organization: in.Organization, CreatedAt: stamp(m.Membership.CreatedAt),
		ContributedCount: len(one[0].Contributed), projectsJSON: projectsOf(one[0], in.WithProjects),
	}, err
}

func (c *call) deleteMembership(in inMembership) (out nothing, err error) {
	op, err := c.app.RemoveFromOrganization(c.r.Context(), in.Organization, in.User)
	c.operation(op)
	return out, err
}
