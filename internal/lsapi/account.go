package lsapi

import "net/http"

func accountRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/current-user", do: does((*call).currentUser),
			summary: "Read my account", answer: "The account.",
		},
		{
			method: "PATCH", path: "/api/current-user", do: does((*call).patchCurrentUser),
			summary: "Change my account",
			text: "Roster has no email_notification_settings, is_email_verified and onboarding_state, and refuses " +
				"them.",
			answer: "The account as it is now.",
			others: []answer{{status: 405, like: detailJSON{}, text: "The e-mail of an account cannot be changed."}},
		},
		{
			method: "GET", path: "/api/current-user/whoami", do: does((*call).whoami),
			summary: "Read my account and what I may do", answer: "The account, with the permissions.",
		},
		{
			method: "GET", path: "/api/current-user/token", do: does((*call).currentToken),
			summary: "Read my legacy token", answer: "The token.",
		},
		{
			method: "POST", path: "/api/current-user/reset-token", do: does((*call).resetToken),
			summary: "Replace my legacy token",
			text:    "The old one ends at once.",
			status:  http.StatusCreated, answer: "The new token.",
		},
		{
			method: "GET", path: "/api/version", open: true, do: does((*call).version),
			summary: "Read the version", answer: "Versions by component.",
		},
	}
}

func (c *call) currentUser(nothing) (out userAPIJSON, err error) {
	u, m, err := c.app.Me(c.r.Context())
	if err != nil {
		return out, err
	}
	org, err := c.organization()
	return userAPIOf(u, m, org), err
}

// whoamiJSON is the wire's LseUser with what its owner may do.
type whoamiJSON struct {
	userJSON
	LseFields      whoamiFields `json:"lse_fields"`
	Permissions    []string     `json:"permissions"`
	SocialAccounts []any        `json:"social_accounts"`
}

// whoamiFields is the wire's WhoAmILseFields. An organization here is called by its id
// and has no other name outside.
type whoamiFields struct {
	lseFields
	ExternalID *string `json:"active_organization_external_id"`
}

// whoami adds what the caller may do to who they are.
func (c *call) whoami(nothing) (out whoamiJSON, err error) {
	u, m, err := c.app.Me(c.r.Context())
	if err != nil {
		return out, err
	}
	org, err := c.organization()
	if err != nil {
		return out, err
	}
	permissions, err := c.app.Permissions(c.r.Context())
	me := userOf(u, m, org)
	return whoamiJSON{me, whoamiFields{lseFields: me.LseFields}, permissions, []any{}}, err
}

// detailJSON is how the wire says a token, and some refusals.
type detailJSON struct {
	Detail string `json:"detail"`
}

func (c *call) currentToken(nothing) (detailJSON, error) {
	token, err := c.app.MyToken(c.r.Context())
	return detailJSON{token}, err
}

type newTokenJSON struct {
	Token string `json:"token"`
}

func (c *call) resetToken(nothing) (newTokenJSON, error) {
	token, err := c.app.ResetMyToken(c.r.Context())
	return newTokenJSON{token}, err
}

// version is open to everybody: clients look at it before they sign in.
func (c *call) version(nothing) (map[string]any, error) {
	v := c.api.version
	return map[string]any{
		"release": v, "edition": "Community", "roster": map[string]string{"version": v},
		"label-studio-os-package": map[string]string{}, "label-studio-os-backend": map[string]string{},
		"label-studio-frontend": map[string]string{},
		"dm2":                   map[string]string{}, "label-studio-converter": map[string]string{},
		"backend": map[string]string{}, "lsf": map[string]string{},
	}, nil
}
