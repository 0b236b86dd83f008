// Package membership is who belongs where and who could: the people of an organization, its
// workspaces, projects and tags, members and their pauses, tasks and their assignees; with the
// preview of each change, its outcomes, its undo and its history.
package membership

import (
	"context"

	"roster/internal/core"
	"roster/internal/store"
)

// Membership has the operations on members.
type Membership struct {
	*core.App
	db     *store.DB
	config core.Config
}

// New makes them on an App.
func New(app *core.App) *Membership {
	return &Membership{App: app, db: core.StoreOf(app), config: app.Config()}
}

// On is the same within a transaction.
func (a *Membership) On(tx *core.App) *Membership { return New(tx) }

// Update runs fn where its changes happen together, or not at all.
func (a *Membership) Update(ctx context.Context, fn func(tx *Membership) error) error {
	return a.App.Update(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// View runs fn where it reads one unchanging state.
func (a *Membership) View(ctx context.Context, fn func(tx *Membership) error) error {
	return a.App.View(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}

// Stream is View for what is handed on as fast as somebody takes it.
func (a *Membership) Stream(ctx context.Context, fn func(tx *Membership) error) error {
	return a.App.Stream(ctx, func(tx *core.App) error { return fn(a.On(tx)) })
}
