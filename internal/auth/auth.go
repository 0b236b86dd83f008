// Package auth finds out who is asking: it reads the credential of a request
// and turns it into a roster.Actor.
package auth

import (
	"net/http"
	"strings"

	"roster"
	"roster/internal/app"
)

// Credential is the legacy token that a request carries, in any of the wire's
// forms: "Authorization: Token …", or "X-API-Key: …", which takes the place of
// the other (contract 6.1). "" when it carries none; Unsigned when it carries
// something else.
func Credential(r *http.Request) (string, error) {
	if key := strings.TrimSpace(r.Header.Get("X-API-Key")); key != "" {
		return key, nil
	}
	header := strings.TrimSpace(r.Header.Get("Authorization"))
	if header == "" {
		return "", nil
	}
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	switch {
	case !strings.EqualFold(scheme, "Token"):
		return "", roster.Errorf(roster.Unsigned, "Authentication credentials were not provided.")
	case token == "":
		return "", roster.Errorf(roster.Unsigned, "Invalid token header. No credentials provided.")
	case strings.Contains(token, " "):
		return "", roster.Errorf(roster.Unsigned, "Invalid token header. Token string should not contain spaces.")
	}
	return token, nil
}

// Actor is who a request comes from. A request whose context already carries
// an actor (the command line, working in process) keeps it.
func Actor(a *app.App, r *http.Request) (roster.Actor, error) {
	if who, ok := roster.ActorFrom(r.Context()); ok {
		return who, nil
	}
	token, err := Credential(r)
	if err != nil {
		return roster.Actor{}, err
	}
	if token == "" {
		return roster.Actor{}, roster.Errorf(roster.Unsigned, "Authentication credentials were not provided.")
	}
	return a.Authenticate(r.Context(), token)
}
