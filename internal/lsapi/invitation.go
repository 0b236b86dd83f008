package lsapi

import (
	"net/http"

	"roster"
	"roster/internal/identity"
)

func invitationRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/invite", do: does((*call).getInvite),
			summary: "Read the invite link", answer: "The organization's link.",
		},
		{
			method: "POST", path: "/api/invite/reset-token", do: does((*call).resetInvite),
			summary: "Replace the invite link", status: http.StatusCreated, answer: "The new link; the old one ends.",
		},
		{
			method: "POST", path: "/api/invite/send-email", do: does((*call).sendInvites),
			summary: "Invite people by e-mail", status: http.StatusOK, answer: "The e-mails are on their way.",
		},
		{
			method: "POST", path: "/api/invite/revoke", do: does((*call).revokeInvite),
			summary: "Revoke an invitation", status: http.StatusOK, answer: "It is revoked.",
		},
		{
			method: "GET", path: "/api/roster/invitations", do: does((*call).listInvitations),
			summary: "List invitations", answer: "A page of invitations.",
		},
	}
}

// inviteJSON is the wire's OrganizationInvite.
type inviteJSON struct {
	URL   string `json:"invite_url"`
	Token string `json:"token"`
}

func inviteOf(token string) inviteJSON { return inviteJSON{identity.InvitePath(token), token} }

// getInvite is GET /api/invite (contract 3.11): the organization's link.
func (c *call) getInvite(nothing) (inviteJSON, error) {
	token, err := c.app.InviteToken(c.r.Context())
	return inviteOf(token), err
}

func (c *call) resetInvite(nothing) (inviteJSON, error) {
	token, err := c.app.ResetInviteToken(c.r.Context())
	return inviteOf(token), err
}

type sendInvitesRequest struct {
	Emails     []string        `body:"emails,required" most:"254" doc:"Whom."`
	Role       roster.Role     `body:"role" doc:"The role they get; without it, the default role."`
	UserType   roster.UserType `body:"user_type" doc:"The seat they get."`
	Projects   []int64         `body:"projects,null" doc:"The projects they become members of."`
	Workspaces []int64         `body:"workspaces,null" doc:"The workspaces they become members of."`
}

// sendInvites is POST /api/invite/send-email. It answers with nothing.
func (c *call) sendInvites(in sendInvitesRequest) (out nothing, err error) {
	return out, c.app.InvitePeople(c.r.Context(), roster.Invite{
		Emails: in.Emails, Role: in.Role, UserType: in.UserType, Projects: in.Projects, Workspaces: in.Workspaces,
	})
}

type revokeInviteRequest struct {
	Email string `body:"email,required" most:"254" doc:"Whose."`
}

func (c *call) revokeInvite(in revokeInviteRequest) (out nothing, err error) {
	return out, c.app.RevokeInvitation(c.r.Context(), in.Email)
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
	Printed  bool   `json:"printed,omitempty"` // it was printed where the server runs, and reached nobody
}

func (c *call) invitation(i roster.Invitation) invitationJSON {
	return invitationJSON{
		ID: i.ID, Email: i.Email, State: c.app.InvitationState(i), Role: i.Role, UserType: i.UserType,
		Projects: orEmpty(i.Projects), Workspaces: orEmpty(i.Workspaces), InvitedBy: i.InvitedBy,
		InvitedAt: stamp(i.CreatedAt), ExpiresAt: stamp(i.ExpiresAt), AcceptedAt: stamp(i.AcceptedAt),
		RevokedAt: stamp(i.RevokedAt),
		User:      nullable(i.UserID), Mail: mailJSON{i.Mail.Attempts, stamp(i.Mail.SentAt), stamp(i.Mail.NextAt),
			i.Mail.Error, i.Mail.Printed},
	}
}

type listInvitationsRequest struct {
	Page roster.Page `page:"20,1000"`
}

// listInvitations is GET /api/roster/invitations/, newest first.
func (c *call) listInvitations(in listInvitationsRequest) (pageJSON[invitationJSON], error) {
	list, total, err := c.app.Invitations(c.r.Context(), roster.InvitationFilter{}, in.Page)
	return pageOf(c, in.Page, total, each(list, c.invitation)), err
}
