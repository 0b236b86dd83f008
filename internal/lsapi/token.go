package lsapi

import (
	"net/http"

	"roster"
	"roster/internal/app"
)

var tokenRoutes = []plainRoute{
	{"GET", "/api/token", (*call).listTokens},
	{"POST", "/api/token", (*call).createToken},
	{"POST", "/api/token/refresh", (*call).refreshToken},
	{"POST", "/api/token/rotate", (*call).rotateToken},
	{"POST", "/api/token/blacklist", (*call).blacklistToken},
	{"GET", "/api/jwt/settings", (*call).getTokenSettings},
	{"POST", "/api/jwt/settings", (*call).postTokenSettings},
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

func (c *call) listTokens() error {
	list, err := c.app.MyPersonalTokens(c.r.Context())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(list, tokenOf))
}

func (c *call) createToken() error {
	t, err := c.app.CreateMyPersonalToken(c.r.Context())
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, tokenOf(t))
}

// refresh is the token that the three requests about one carry.
func (c *call) refresh() (string, error) {
	b, err := c.body()
	if err != nil {
		return "", err
	}
	b.require("refresh")
	text := b.text("refresh", maxBody)
	if text == nil || *text == "" {
		if len(b.errs) == 0 {
			b.bad("refresh", "This field may not be blank.")
		}
		return "", b.err()
	}
	return *text, b.err()
}

// refreshToken is open: the token it is given is the credential.
func (c *call) refreshToken() error {
	text, err := c.refresh()
	if err != nil {
		return err
	}
	access, err := c.app.AccessToken(c.r.Context(), text, c.r.RemoteAddr)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]string{"access": access})
}

// deadToken is what the wire says of a token that does not live, without the
// envelope (contract 7).
var deadToken = map[string]string{"detail": "Token is invalid or already blacklisted."}

func (c *call) rotateToken() error {
	text, err := c.refresh()
	if err != nil {
		return err
	}
	t, err := c.app.RotatePersonalToken(c.r.Context(), text)
	switch roster.KindOf(err) {
	case roster.Invalid, roster.NotFound:
		return c.json(http.StatusBadRequest, deadToken)
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]string{"refresh": t.Text})
}

func (c *call) blacklistToken() error {
	text, err := c.refresh()
	if err != nil {
		return err
	}
	err = c.app.RevokePersonalToken(c.r.Context(), text)
	if roster.KindOf(err) == roster.NotFound {
		return c.json(http.StatusNotFound, deadToken)
	}
	if err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
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

func (c *call) getTokenSettings() error {
	s, err := c.app.TokenSettings(c.r.Context())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, tokenSettingsOf(s))
}

func (c *call) postTokenSettings() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	change := app.TokenSettingsChange{Personal: b.boolean("api_tokens_enabled"), Legacy: b.boolean("legacy_api_tokens_enabled")}
	if b.require("api_token_ttl_days") {
		change.TTLDays = int(aNumber(1, roster.MaxTokenDays)(b, "api_token_ttl_days").(int64))
	}
	if err := b.err(); err != nil {
		return err
	}
	s, err := c.app.SetTokenSettings(c.r.Context(), change)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, tokenSettingsOf(s))
}
