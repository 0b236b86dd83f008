// Package auth finds out who is asking: it reads the credential of a request
// and turns it into a roster.Actor.
package auth

import (
	"net/http"
	"strings"

	"roster"
	"roster/internal/app"
)

// Actor is who a request comes from. A request whose context already carries
// an actor (the command line, working in process) keeps it.
func Actor(a *app.App, r *http.Request) (roster.Actor, error) {
	if who, ok := roster.ActorFrom(r.Context()); ok {
		return who, nil
	}
	scheme, credential, err := credential(r)
	switch {
	case err != nil:
		return roster.Actor{}, err
	case scheme == "bearer":
		return a.AuthenticateAccess(r.Context(), credential)
	case scheme == "session":
		return a.AuthenticateSession(r.Context(), credential)
	}
	return a.Authenticate(r.Context(), credential)
}

// credential is what a request carries: "Authorization: Token <legacy token>",
// "Authorization: Bearer <access token>", or either alone in X-API-Key, which
// takes the place of the other header; a session's cookie where neither is
// there (contract 6.1).
func credential(r *http.Request) (scheme, value string, err error) {
	if key := strings.TrimSpace(r.Header.Get("X-API-Key")); key != "" {
		if strings.Count(key, ".") == 2 { // three parts: no legacy token has any
			return "bearer", key, nil
		}
		return "token", key, nil
	}
	if session := Session(r); session != "" && r.Header.Get("Authorization") == "" {
		return "session", session, nil
	}
	scheme, value, _ = strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	scheme, value = strings.ToLower(scheme), strings.TrimSpace(value)
	switch {
	case scheme != "token" && scheme != "bearer":
		err = roster.Errorf(roster.Unsigned, "Authentication credentials were not provided.")
	case value == "":
		err = roster.Errorf(roster.Unsigned, "Invalid token header. No credentials provided.")
	case strings.Contains(value, " "):
		err = roster.Errorf(roster.Unsigned, "Invalid token header. Token string should not contain spaces.")
	}
	return scheme, value, err
}

// SessionCookie is the name of the cookie that holds a session.
const SessionCookie = "sessionid"

// Session is the session that a request comes with; "" when with none.
func Session(r *http.Request) string {
	cookie, err := r.Cookie(SessionCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Provider is who an identity provider acts for: it comes with a Bearer token,
// legacy or personal, and no other credential is looked at (contract 6.6).
func Provider(a *app.App, r *http.Request) (roster.Actor, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "bearer") || token == "" {
		return roster.Actor{},
			roster.Errorf(roster.Unsigned,
				"Authentication credentials were not provided. Send Authorization: Bearer with a token of the Owner's.")
	}
	return a.AuthenticateProvider(r.Context(), token)
}
