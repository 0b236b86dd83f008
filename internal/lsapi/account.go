package lsapi

import "net/http"

var accountRoutes = []plainRoute{
	{"GET", "/api/current-user", (*call).currentUser},
	{"GET", "/api/current-user/whoami", (*call).whoami},
	{"GET", "/api/current-user/token", (*call).currentToken},
	{"POST", "/api/current-user/reset-token", (*call).resetToken},
	{"GET", "/api/version", (*call).version},
}

func (c *call) currentUser() error {
	u, m, err := c.app.Me(c.r.Context())
	if err != nil {
		return err
	}
	org, err := c.organization()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, userAPIOf(u, m, org))
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
func (c *call) whoami() error {
	u, m, err := c.app.Me(c.r.Context())
	if err != nil {
		return err
	}
	org, err := c.organization()
	if err != nil {
		return err
	}
	permissions, err := c.app.Permissions(c.r.Context())
	if err != nil {
		return err
	}
	me := userOf(u, m, org)
	return c.json(http.StatusOK, whoamiJSON{me, whoamiFields{lseFields: me.LseFields}, permissions, []any{}})
}

func (c *call) currentToken() error {
	token, err := c.app.MyToken(c.r.Context())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]string{"detail": token})
}

func (c *call) resetToken() error {
	token, err := c.app.ResetMyToken(c.r.Context())
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, map[string]string{"token": token})
}

// version is open to everybody: clients look at it before they sign in.
func (c *call) version() error {
	v := c.api.version
	return c.json(http.StatusOK, map[string]any{
		"release": v, "edition": "Community", "roster": map[string]string{"version": v},
		"label-studio-os-package": map[string]string{}, "label-studio-os-backend": map[string]string{}, "label-studio-frontend": map[string]string{},
		"dm2": map[string]string{}, "label-studio-converter": map[string]string{}, "backend": map[string]string{}, "lsf": map[string]string{},
	})
}
