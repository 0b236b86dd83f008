package app

import (
	"context"

	"roster/internal/store"
)

// ClaimKey takes one of the actor's idempotency keys, inside the transaction
// that does the work; the answer is not nil when the work was done before.
func (a *App) ClaimKey(ctx context.Context, key string, request []byte) (*store.Answer, error) {
	who, err := actor(ctx)
	if err != nil {
		return nil, err
	}
	return a.db.ClaimKey(ctx, who.UserID, key, request, a.now(), a.now().Add(a.config.KeyTTL))
}

// RecordAnswer completes the key with the answer.
func (a *App) RecordAnswer(ctx context.Context, key string, answer store.Answer) error {
	who, err := actor(ctx)
	if err != nil {
		return err
	}
	return a.db.RecordAnswer(ctx, who.UserID, key, answer)
}

// Answer is a recorded answer, as the store keeps it.
type Answer = store.Answer
