// Package provision is people who come from elsewhere in numbers: SCIM, SAML settings, and
// files of people and of tags.
package provision

import (
	"context"

	"roster/internal/core"
	"roster/internal/identity"
	"roster/internal/membership"
	"roster/internal/store"
)

// Provision has the operations of identity providers and of files.
type Provision struct {
	*core.App
	db         *store.DB
	config     core.Config
	membership *membership.Membership
	identity   *identity.Identity
	jobs       jobs
}

// New makes them on an App.
func New(app *core.App, i *identity.Identity, m *membership.Membership) *Provision {
	return &Provision{App: app, db: core.StoreOf(app), config: app.Config(), membership: m, identity: i,
		jobs: make(jobs, 1)}
}

// On is the same within a transaction.
func (a *Provision) On(tx *core.App) *Provision {
	within := *a
	within.App, within.db, within.config = tx, core.StoreOf(tx), tx.Config()
	within.membership, within.identity = a.membership.On(tx), a.identity.On(tx)
	return &within
}

// Update runs fn where its changes happen together, or not at all.
func (a *Provision) Update(ctx context.Context, fn func(tx *Provision) error) error {
	return a.App.Update(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// View runs fn where it reads one unchanging state.
func (a *Provision) View(ctx context.Context, fn func(tx *Provision) error) error {
	return a.App.View(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// Stream is View for what is handed on as fast as somebody takes it.
func (a *Provision) Stream(ctx context.Context, fn func(tx *Provision) error) error {
	return a.App.Stream(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}
