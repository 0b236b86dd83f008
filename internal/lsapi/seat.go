package lsapi

import (
	"strings"

	"roster"
)

var seatRoutes = []plainRoute{
	{"GET", "/api/organizations/{id}/seat-report", (*call).seatReport},
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

// seatReport is GET …/seat-report (contract 3.9).
func (c *call) seatReport() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	f := roster.SeatFilter{
		Search: p.search("search"), Email: strings.TrimSpace(p.search("email")), Source: choice(p, "role_source", roster.RoleSource.Valid),
		Counted: p.boolean("counts_toward_seat_limit"), Stale: p.boolean("has_stale_role_assignments"),
	}
	p.boolean("include_seat_usage") // there is no limit that could be used up
	page, err := p.page(defaultPeople, maxPeople)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	seats, total, err := c.app.Seats(c.r.Context(), id, f, page)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(seats, seatOf))
}
