// Package identity is who somebody is: accounts and invitations to have one, passwords,
// sessions, tokens, sign-on, and the letters that lead to them.
package identity

import (
	"context"

	"roster/internal/core"
	"roster/internal/membership"
	"roster/internal/store"
)

// Identity has the operations on accounts and on what they sign in by.
type Identity struct {
	*core.App
	db         *store.DB
	config     core.Config
	membership *membership.Membership
	signer     signer
	flows      core.Sealer // of what browsers keep while they are at the identity provider
}

// New makes them on an App. The secret signs tokens.
func New(app *core.App, m *membership.Membership, secret []byte) (*Identity, error) {
	flows, err := core.NewSealer(append([]byte("single sign-on\x00"), secret...))
	if err != nil {
		return nil, err
	}
	signer, err := newSigner(secret)
	return &Identity{App: app, db: core.StoreOf(app), config: app.Config(), membership: m, signer: signer,
		flows: flows}, err
}

// On is the same within a transaction.
func (a *Identity) On(tx *core.App) *Identity {
	within := *a
	within.App, within.db, within.config, within.membership = tx, core.StoreOf(tx), tx.Config(), a.membership.On(tx)
	return &within
}

// Update runs fn where its changes happen together, or not at all.
func (a *Identity) Update(ctx context.Context, fn func(tx *Identity) error) error {
	return a.App.Update(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// View runs fn where it reads one unchanging state.
func (a *Identity) View(ctx context.Context, fn func(tx *Identity) error) error {
	return a.App.View(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// Stream is View for what is handed on as fast as somebody takes it.
func (a *Identity) Stream(ctx context.Context, fn func(tx *Identity) error) error {
	return a.App.Stream(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}
