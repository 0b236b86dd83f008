// Package app holds Roster's operations. Each authorizes the actor against the
// one policy, does its work in one transaction, and leaves its record there.
package app

import (
	"context"
	"time"

	"roster"
	"roster/internal/store"
)

// Config is what an operator may choose.
type Config struct {
	UndoWindow time.Duration // how long an operation can be taken back
	PlanTTL    time.Duration // how long a preview's plan can be applied
	KeyTTL     time.Duration // how long an idempotency key is remembered
	Now        func() time.Time
}

// DefaultConfig is the documented one.
func DefaultConfig() Config {
	return Config{UndoWindow: 30 * 24 * time.Hour, PlanTTL: 24 * time.Hour, KeyTTL: 24 * time.Hour, Now: time.Now}
}

// App is Roster on one store.
type App struct {
	db     *store.DB
	config Config
	seal   sealer
}

// New makes an App on db. The secret encrypts the tokens that can be shown again.
func New(db *store.DB, config Config, secret []byte) (*App, error) {
	seal, err := newSealer(secret)
	if err != nil {
		return nil, err
	}
	return &App{db: db, config: config, seal: seal}, nil
}

func (a *App) now() time.Time { return a.config.Now().UTC().Truncate(time.Microsecond) }

// Update runs fn on an App whose changes happen together, or not at all.
func (a *App) Update(ctx context.Context, fn func(tx *App) error) error {
	return a.db.Update(ctx, func(tx *store.DB) error { return fn(a.on(tx)) })
}

// View runs fn on an App that reads one unchanging state.
func (a *App) View(ctx context.Context, fn func(tx *App) error) error {
	return a.db.View(ctx, func(tx *store.DB) error { return fn(a.on(tx)) })
}

func (a *App) on(tx *store.DB) *App { return &App{db: tx, config: a.config, seal: a.seal} }

// Ping reports whether the store answers.
func (a *App) Ping(ctx context.Context) error { return a.db.Ping(ctx) }

// Sweep forgets what has expired: plans and idempotency keys.
func (a *App) Sweep(ctx context.Context) error { return a.db.Sweep(ctx, a.now()) }

// actor is who ctx says is asking; Unsigned when it says nothing.
func actor(ctx context.Context) (roster.Actor, error) {
	who, ok := roster.ActorFrom(ctx)
	if !ok {
		return who, roster.Errorf(roster.Unsigned, "Authentication credentials were not provided.")
	}
	return who, nil
}

// begin writes the record of an operation by the actor of ctx.
func (a *App) begin(ctx context.Context, op roster.Operation) (int64, error) {
	who, err := actor(ctx)
	if err != nil {
		return 0, err
	}
	op.OrganizationID, op.ActorID, op.Credential = who.OrganizationID, who.UserID, who.Credential
	op.RequestID, op.At = who.RequestID, a.now()
	return a.db.BeginOperation(ctx, op)
}
