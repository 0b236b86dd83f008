package lsapi

import (
	"net/http"

	"roster"
	"roster/internal/identity"
)

func tokenRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/token", do: does((*call).listTokens),
			summary: "List my personal access tokens", answer: "Those that live, without their signatures.",
		},
		{
			method: "POST", path: "/api/token", do: does((*call).createToken),
			summary: "Make a personal access token",
			status:  http.StatusCreated, answer: "The whole token, shown this once.",
			others: []answer{{status: 409, text: "One lives already."}},
		},
		{
			method: "POST", path: "/api/token/refresh", open: true, do: does((*call).refreshToken),
			summary: "Get an access token", answer: "A token for the header Authorization: Bearer, for five minutes.",
			others: []answer{
				{status: 401, text: "The token is not one, or is dead."},
				{status: 429, text: "Too many attempts from this address."},
			},
		},
		{
			method: "POST", path: "/api/token/rotate", do: does((*call).rotateToken),
			summary: "Replace a personal access token", answer: "The new token, shown this once.",
			others: []answer{
				{status: 400, text: "The body is not understood."},
				{status: 400, like: detailJSON{}, text: "The token is dead, no token, or somebody else's."},
			},
		},
		{
			method: "POST", path: "/api/token/blacklist", do: does((*call).blacklistToken),
			summary: "Revoke a personal access token", answer: "It is dead.",
			others: []answer{{status: 404, like: detailJSON{}, text: "The token is dead, no token, or somebody else's."}},
		},
		{
			method: "GET", path: "/api/jwt/settings", do: does((*call).getTokenSettings),
			summary: "Read which tokens are taken", answer: "The settings.",
		},
		{
			method: "POST", path: "/api/jwt/settings", do: does((*call).postTokenSettings),
			summary: "Change which tokens are taken",
			status:  http.StatusCreated, answer: "The settings as they are now.",
		},
	}
}

// tokenJSON is the wire's LSEAPITokenList and LSEAPITokenCreate.
type tokenJSON struct {
	Token     string `json:"token"`
	CreatedAt stamp  `json:"created_at"`
	ExpiresAt stamp  `json:"expires_at"`
}

func tokenOf(t roster.PersonalToken) tokenJSON {
	return tokenJSON{t.Text, stamp(t.CreatedAt), stamp(t.ExpiresAt)}
}

func (c *call) listTokens(nothing) ([]tokenJSON, error) {
	list, err := c.app.MyPersonalTokens(c.r.Context())
	return each(list, tokenOf), err
}

func (c *call) createToken(nothing) (tokenJSON, error) {
	t, err := c.app.CreateMyPersonalToken(c.r.Context())
	return tokenOf(t), err
}

// refreshRequest is the token that the three requests about one carry.
type refreshRequest struct {
	Refresh string `body:"refresh,filled" doc:"A personal access token."`
}

type accessJSON struct {
	Access string `json:"access"`
}

// refreshToken is open: the token it is given is the credential.
func (c *call) refreshToken(in refreshRequest) (accessJSON, error) {
	access, err := c.app.AccessToken(c.r.Context(), in.Refresh, c.r.RemoteAddr)
	return accessJSON{access}, err
}

// deadToken is what the wire says of a token that does not live, without the
// envelope (contract 7).
var deadToken = detailJSON{"Token is invalid or already blacklisted."}

// ownRefreshRequest is a token of the caller's.
type ownRefreshRequest struct {
	Refresh string `body:"refresh,filled" doc:"A personal access token of the caller's, which a revocation takes without its signature, too."`
}

type refreshJSON struct {
	Refresh string `json:"refresh"`
}

func (c *call) rotateToken(in ownRefreshRequest) (refreshJSON, error) {
	t, err := c.app.RotatePersonalToken(c.r.Context(), in.Refresh)
	switch roster.KindOf(err) {
	case roster.Invalid, roster.NotFound:
		err = bareRefusal{http.StatusBadRequest, deadToken}
	}
	return refreshJSON{t.Text}, err
}

func (c *call) blacklistToken(in ownRefreshRequest) (out nothing, err error) {
	err = c.app.RevokePersonalToken(c.r.Context(), in.Refresh)
	if roster.KindOf(err) == roster.NotFound {
		err = bareRefusal{http.StatusNotFound, deadToken}
	}
	return out, err
}

// tokenSettingsJSON is the wire's LSEJWTSettings.
type tokenSettingsJSON struct {
	Personal bool `json:"api_tokens_enabled"`
	TTLDays  int  `json:"api_token_ttl_days"`
	Legacy   bool `json:"legacy_api_tokens_enabled"`
}

func tokenSettingsOf(s roster.TokenSettings) tokenSettingsJSON {
	return tokenSettingsJSON{s.Personal, s.TTLDays, s.Legacy}
}

func (c *call) getTokenSettings(nothing) (tokenSettingsJSON, error) {
	s, err := c.app.TokenSettings(c.r.Context())
	return tokenSettingsOf(s), err
}

type tokenSettingsRequest struct {
	Personal *bool `body:"api_tokens_enabled,null" doc:"Whether personal access tokens are."`
	Legacy   *bool `body:"legacy_api_tokens_enabled,null" doc:"Whether legacy tokens are."`
	TTLDays  int   `body:"api_token_ttl_days,required" from:"1" to:"73000" doc:"How many days a new personal access token lives, 1 to 73000."`
}

func (c *call) postTokenSettings(in tokenSettingsRequest) (tokenSettingsJSON, error) {
	s, err := c.app.SetTokenSettings(c.r.Context(), identity.TokenSettingsChange(in))
	return tokenSettingsOf(s), err
}
