package roster

import "context"

// CredentialKind says how an actor proved who they are.
type CredentialKind string

// The kinds of credential.
const (
	CredentialToken    CredentialKind = "token"    // a legacy API token
	CredentialOperator CredentialKind = "operator" // the command line, working on the store itself
)

// Actor is who is asking: a person, acting in their active organization, with
// the role they hold there now.
type Actor struct {
	UserID         int64
	Email          string
	OrganizationID int64
	Role           Role
	Credential     CredentialKind
	RequestID      string // names the request in logs and operations
}

// Source is what a role this actor sets is marked with: API for tokens,
// manual for people at a console.
func (a Actor) Source() RoleSource {
	if a.Credential == CredentialToken {
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
