package lsapi

import (
	"strings"

	"roster"
)

func seatRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/organizations/{id}/seat-report", do: does((*call).seatReport),
			summary: "Report who takes a seat", answer: "A page of people.",
		},
	}
}

// seatJSON is the wire's SeatReport. Its lists are what an identity provider
// assigned by its groups, which nobody did.
type seatJSON struct {
	UserID       int64              `json:"user_id"`
	Email        string             `json:"email"`
	FirstName    string             `json:"first_name"`
	LastName     string             `json:"last_name"`
	Active       bool               `json:"account_is_active"`
	Counts       bool               `json:"counts_toward_seat_limit"`
	Stale        bool               `json:"has_stale_role_assignments"`
	Role         roster.Role        `json:"organization_role"`
	RoleName     string             `json:"organization_role_display"`
	Source       *roster.RoleSource `json:"role_source"`
	SourceName   *string            `json:"role_source_display"`
	UserType     *roster.UserType   `json:"user_type"`
	UserTypeName *string            `json:"user_type_display"`
	Roles        []struct{}         `json:"organization_role_assignments"`
	ProjectRoles []struct{}         `json:"project_role_assignments"`
	Workspaces   []struct{}         `json:"workspace_access_assignments"`
}

// seatNames are the words for seats and for sources of roles.
var seatNames = map[string]string{
	"standard": "Standard", "flex": "Flex", "viewonly": "View Only", "service": "Service",
	"manual": "Manual", "api": "API", "saml": "SAML", "scim": "SCIM", "ldap": "LDAP", "billing": "Billing",
}

func seatOf(m roster.OrganizationMember) seatJSON {
	n := m.Membership
	return seatJSON{
		UserID: m.User.ID, Email: m.User.Email, FirstName: m.User.FirstName, LastName: m.User.LastName,
		Active: n.Active() && n.Role.Works(), Counts: n.CountsAsSeat(), Role: n.Role, RoleName: n.Role.Name(),
		Source: nullable(n.RoleSource), SourceName: nullable(seatNames[string(n.RoleSource)]),
		UserType: nullable(n.UserType), UserTypeName: nullable(seatNames[string(n.UserType)]),
		Roles: []struct{}{}, ProjectRoles: []struct{}{}, Workspaces: []struct{}{},
	}
}

type seatReportRequest struct {
	inOrganization
	Search  string            `query:"search" doc:"As in the list of people."`
	Email   string            `query:"email" doc:"Only this e-mail."`
	Source  roster.RoleSource `query:"role_source" doc:"Only roles that were given this way."`
	Counted *bool             `query:"counts_toward_seat_limit" doc:"Only people who do, or do not."`
	Stale   *bool             `query:"has_stale_role_assignments" doc:"Only people who have, or have not."`
	Usage   *bool             `query:"include_seat_usage" doc:"Has no effect: there is no limit."`
	Page    roster.Page       `page:"20,1000"`
}

// seatReport is GET …/seat-report (contract 3.9).
func (c *call) seatReport(in seatReportRequest) (pageJSON[seatJSON], error) {
	f := roster.SeatFilter{
		Search: in.Search, Email: strings.TrimSpace(in.Email), Source: in.Source, Counted: in.Counted, Stale: in.Stale,
	}
	seats, total, err := c.app.Seats(c.r.Context(), in.Organization, f, in.Page)
	return pageOf(c, in.Page, total, each(seats, seatOf)), err
}
