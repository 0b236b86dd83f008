package roster

import "context"

// CredentialKind says how an actor proved who they are.
type CredentialKind string

// The kinds of credential.
const (
	CredentialToken    CredentialKind = "token"          // a legacy API token
	CredentialPersonal CredentialKind = "personal_token" // an access token, got for a personal access token
	CredentialSession  CredentialKind = "session"        // the cookie of somebody who signed in
	CredentialOperator CredentialKind = "operator"       // the command line, working on the store itself
	// CredentialInvitation is nobody's way in: it marks what an invitation gave
	// when it was accepted, in the name of who made it.
	CredentialInvitation CredentialKind = "invitation"
	// CredentialSCIM is an identity provider, which acts with a token of the Owner's.
	CredentialSCIM CredentialKind = "scim"
	// CredentialSignOn marks what signing in through an identity provider gave
	// a person, in their own name. What they do then comes with the session.
	CredentialSignOn CredentialKind = "single_sign_on"
)

// Actor is who is asking: a person, acting in their active organization, with
// the role they hold there now.
type Actor struct {
	UserID         int64
	Email          string
	OrganizationID int64
	Role           Role
	Overrides      map[string][]Role // who has a permission, where the organization decided
	Credential     CredentialKind
	SessionID      int64  // 0 unless Credential is a session
	RequestID      string // names the request in logs and operations

	Name, Organization string            // how the two are called; "" unless Credential is a session
	Preferences        map[string]string // what the person chose about how pages look, by name; with a session
}

// Source is what a role this actor sets is marked with: API for tokens,
// SCIM for an identity provider, manual for people at a console.
func (a Actor) Source() RoleSource {
	if a.Credential == CredentialSCIM {
		return SourceSCIM
	}
	if a.Credential == CredentialToken || a.Credential == CredentialPersonal {
		return SourceAPI
	}
	return SourceManual
}

type actorKey struct{}

// WithActor returns a context that carries a.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom is the actor ctx carries; ok is false when there is none.
func ActorFrom(ctx context.Context) (a Actor, ok bool) {
	a, ok = ctx.Value(actorKey{}).(Actor)
	return a, ok
}
