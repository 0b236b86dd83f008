// Package app is Roster: its rooms, put together. Each operation authorizes the actor
// against the one policy, does its work in one transaction, and leaves its record there.
package app

import (
	"context"
	"time"

	"roster/internal/core"
	"roster/internal/identity"
	"roster/internal/membership"
	"roster/internal/mirror"
	"roster/internal/provision"
	"roster/internal/store"
)

// App has all operations of Roster on one store.
type App struct {
	*core.App
	*membership.Membership
	*identity.Identity
	*provision.Provision
	*mirror.Mirror
}

// New makes an App on db. The secret encrypts the tokens that can be shown again, and
// signs the others.
func New(db *store.DB, config core.Config, secret []byte) (*App, error) {
	c, err := core.New(db, config, secret)
	if err != nil {
		return nil, err
	}
	m := membership.New(c)
	i, err := identity.New(c, m, secret)
	if err != nil {
		return nil, err
	}
	return &App{c, m, i, provision.New(c, i, m), mirror.New(c, i, m)}, nil
}

func (a *App) on(tx *core.App) *App {
	return &App{tx, a.Membership.On(tx), a.Identity.On(tx), a.Provision.On(tx), a.Mirror.On(tx)}
}

// Update runs fn on an App whose changes happen together, or not at all.
func (a *App) Update(ctx context.Context, fn func(tx *App) error) error {
	return a.App.Update(ctx, func(tx *core.App) error { return fn(a.on(tx)) })
}

// View runs fn on an App that reads one unchanging state.
func (a *App) View(ctx context.Context, fn func(tx *App) error) error {
	return a.App.View(ctx, func(tx *core.App) error { return fn(a.on(tx)) })
}

// Noting is an App that notes what the policy answers with yes, for what is kept of it.
func (a *App) Noting() *App { return a.on(a.App.Noting()) }

// At is Roster within a transaction on its store and with a clock that stands
// still: what writes an organization's past works through it.
func (a *App) At(tx *store.DB, now time.Time) *App { return a.on(a.App.At(tx, now)) }
