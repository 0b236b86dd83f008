package lsapi

import (
	"net/http"

	"roster"
)

var sessionRoutes = []plainRoute{
	{"GET", "/api/session-policy", (*call).getSessionPolicy},
	{"PATCH", "/api/session-policy", (*call).patchSessionPolicy},
}

// sessionPolicyJSON is the wire's SessionTimeoutPolicy, in minutes.
type sessionPolicyJSON struct {
	MaxAge    int   `json:"max_session_age"`
	MaxIdle   int   `json:"max_time_between_activity"`
	CreatedAt stamp `json:"created_at"`
	UpdatedAt stamp `json:"updated_at"`
}

func sessionPolicyOf(p roster.SessionPolicy) sessionPolicyJSON {
	return sessionPolicyJSON{p.MaxAge, p.MaxIdle, stamp(p.CreatedAt), stamp(p.UpdatedAt)}
}

func (c *call) getSessionPolicy() error {
	p, err := c.app.SessionPolicy(c.r.Context())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, sessionPolicyOf(p))
}

// patchSessionPolicy is PATCH /api/session-policy/ (contract 3.16).
func (c *call) patchSessionPolicy() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	patch := roster.SessionPolicyPatch{MaxAge: b.minutes("max_session_age"), MaxIdle: b.minutes("max_time_between_activity")}
	if err := b.err(); err != nil {
		return err
	}
	p, err := c.app.UpdateSessionPolicy(c.r.Context(), patch)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, sessionPolicyOf(p))
}

// minutes is a number of minutes; nil when absent.
func (b *body) minutes(name string) *int {
	if !b.has(name) {
		return nil
	}
	n, _ := aNumber(1, maxInteger)(b, name).(int64)
	minutes := int(n)
	return &minutes
}
