package lsapi

import (
	"roster"
)

func sessionRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/session-policy", do: does((*call).getSessionPolicy),
			summary: "Read the session policy", answer: "The policy.",
		},
		{
			method: "PATCH", path: "/api/session-policy", do: does((*call).patchSessionPolicy),
			summary: "Change the session policy", answer: "The policy as it is now.",
		},
	}
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

func (c *call) getSessionPolicy(nothing) (sessionPolicyJSON, error) {
	p, err := c.app.SessionPolicy(c.r.Context())
	return sessionPolicyOf(p), err
}

type sessionPolicyRequest struct {
	CreatedAt unheeded[string] `body:"created_at" doc:"Passed over."`
	UpdatedAt unheeded[string] `body:"updated_at" doc:"Passed over."`
	MaxAge    *int             `body:"max_session_age" from:"1" doc:"Minutes after signing in."`
	MaxIdle   *int             `body:"max_time_between_activity" from:"1" doc:"Minutes without activity."`
}

// patchSessionPolicy is PATCH /api/session-policy/ (contract 3.16).
func (c *call) patchSessionPolicy(in sessionPolicyRequest) (sessionPolicyJSON, error) {
	patch := roster.SessionPolicyPatch{MaxAge: in.MaxAge, MaxIdle: in.MaxIdle}
	p, err := c.app.UpdateSessionPolicy(c.r.Context(), patch)
	return sessionPolicyOf(p), err
}
