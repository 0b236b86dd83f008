// Package mirror is the organization of a Label Studio that Roster is the gate of: its people
// and projects as they are there, and what Roster took over when it came.
package mirror

import (
	"context"

	"roster/internal/core"
	"roster/internal/identity"
	"roster/internal/membership"
	"roster/internal/store"
)

// Mirror has the operations of a gate.
type Mirror struct {
	*core.App
	db         *store.DB
	config     core.Config
	membership *membership.Membership
	identity   *identity.Identity
}

// New makes them on an App.
func New(app *core.App, i *identity.Identity, m *membership.Membership) *Mirror {
	return &Mirror{App: app, db: core.StoreOf(app), config: app.Config(), membership: m, identity: i}
}

// On is the same within a transaction.
func (a *Mirror) On(tx *core.App) *Mirror { return New(tx, a.identity.On(tx), a.membership.On(tx)) }

// Update runs fn where its changes happen together, or not at all.
func (a *Mirror) Update(ctx context.Context, fn func(tx *Mirror) error) error {
	return a.App.Update(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// View runs fn where it reads one unchanging state.
func (a *Mirror) View(ctx context.Context, fn func(tx *Mirror) error) error {
	return a.App.View(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// Stream is View for what is handed on as fast as somebody takes it.
func (a *Mirror) Stream(ctx context.Context, fn func(tx *Mirror) error) error {
	return a.App.Stream(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}
