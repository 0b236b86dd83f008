package lsapi

import (
	"net/http"

	"roster"
	"roster/internal/app"
)

var invitationRoutes = []plainRoute{
	{"GET", "/api/invite", (*call).getInvite},
	{"POST", "/api/invite/reset-token", (*call).resetInvite},
	{"POST", "/api/invite/send-email", (*call).sendInvites},
	{"POST", "/api/invite/revoke", (*call).revokeInvite},
	{"GET", "/api/roster/invitations", (*call).listInvitations},
}

// invite answers with the wire's OrganizationInvite.
func (c *call) invite(status int, token string) error {
	return c.json(status, map[string]string{"token": token, "invite_url": app.InvitePath(token)})
}

// getInvite is GET /api/invite (contract 3.11): the organization's link.
func (c *call) getInvite() error {
	token, err := c.app.InviteToken(c.r.Context())
	if err != nil {
		return err
	}
	return c.invite(http.StatusOK, token)
}

func (c *call) resetInvite() error {
	token, err := c.app.ResetInviteToken(c.r.Context())
	if err != nil {
		return err
	}
	return c.invite(http.StatusCreated, token)
}

// sendInvites is POST /api/invite/send-email. It answers with nothing.
func (c *call) sendInvites() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	b.require("emails")
	invite := roster.Invite{
		Emails: b.texts("emails", 254), Role: code(b, "role", roster.Role.Valid), UserType: code(b, "user_type", roster.UserType.Valid),
		Projects: b.ids("projects"), Workspaces: b.ids("workspaces"),
	}
	if err := b.err(); err != nil {
		return err
	}
	if err := c.app.InvitePeople(c.r.Context(), invite); err != nil {
		return err
	}
	return c.empty(http.StatusOK)
}

func (c *call) revokeInvite() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	b.require("email")
	email := b.string("email", 254)
	if err := b.err(); err != nil {
		return err
	}
	if err := c.app.RevokeInvitation(c.r.Context(), email); err != nil {
		return err
	}
	return c.empty(http.StatusOK)
}

// invitationJSON is an invitation by e-mail (Roster's addition).
type invitationJSON struct {
	ID         int64                  `json:"id"`
	Email      string                 `json:"email"`
	State      roster.InvitationState `json:"state"`
	Role       roster.Role            `json:"role"`
	UserType   roster.UserType        `json:"user_type"`
	Projects   []int64                `json:"projects"`
	Workspaces []int64                `json:"workspaces"`
	InvitedBy  int64                  `json:"invited_by"`
	InvitedAt  stamp                  `json:"invited_at"`
	ExpiresAt  stamp                  `json:"expires_at"`
	AcceptedAt stamp                  `json:"accepted_at"`
	RevokedAt  stamp                  `json:"revoked_at"`
	User       *int64                 `json:"user"`
	Mail       mailJSON               `json:"mail"`
}

// mailJSON is how the mail of an invitation is doing: it was sent, or there is
// a next attempt, or it was given up.
type mailJSON struct {
	Attempts int    `json:"attempts"`
	SentAt   stamp  `json:"sent_at"`
	NextAt   stamp  `json:"next_at"`
	Error    string `json:"error"`
}

func (c *call) invitation(i roster.Invitation) invitationJSON {
	return invitationJSON{
		ID: i.ID, Email: i.Email, State: c.app.InvitationState(i), Role: i.Role, UserType: i.UserType,
		Projects: orEmpty(i.Projects), Workspaces: orEmpty(i.Workspaces), InvitedBy: i.InvitedBy,
		InvitedAt: stamp(i.CreatedAt), ExpiresAt: stamp(i.ExpiresAt), AcceptedAt: stamp(i.AcceptedAt), RevokedAt: stamp(i.RevokedAt),
		User: nullable(i.UserID), Mail: mailJSON{i.Mail.Attempts, stamp(i.Mail.SentAt), stamp(i.Mail.NextAt), i.Mail.Error},
	}
}

// listInvitations is GET /api/roster/invitations/, newest first.
func (c *call) listInvitations() error {
	p := c.params()
	page, err := p.page(defaultPeople, maxPeople)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	list, total, err := c.app.Invitations(c.r.Context(), page)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(list, c.invitation))
}
