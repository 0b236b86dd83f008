package store

import (
	"bytes"
	"context"
	"time"

	"roster"
)

// Answer is a recorded answer to a request with an idempotency key.
type Answer struct {
	Status int
	Header string // as the face wrote it
	Body   []byte
}

// ClaimKey takes an idempotency key for a request within the transaction that
// does its work. When the key was used before, and had not expired by over, it returns
// the answer given then; KeyReused when that was to another request.
func (db *DB) ClaimKey(ctx context.Context, user int64, key string, request []byte,
	over, expires time.Time) (*Answer, error) {
	if _, err := db.exec(ctx, db.query("DELETE FROM idempotency_keys WHERE user_id = ? AND key = ? AND expires_at <= ?",
		user, key, micros(over))); err != nil {
		return nil, err
	}
	n, err := db.exec(ctx,
		db.query(`INSERT INTO idempotency_keys (user_id, key, request_hash, status, header, body, expires_at)
VALUES (?, ?, ?, 0, '', ?, ?) ON CONFLICT (user_id, key) DO NOTHING`, user, key, request, []byte{}, micros(expires)))
	if err != nil || n == 1 {
		return nil, err
	}
	var a Answer
	var earlier []byte
	err = db.find(ctx, db.query(
		"SELECT request_hash, status, header, body FROM idempotency_keys WHERE user_id = ? AND key = ?", user, key),
		&earlier, &a.Status, &a.Header, &a.Body)
	if err == nil && !bytes.Equal(earlier, request) {
		return nil, roster.Errorf(roster.KeyReused,
			"This Idempotency-Key was already used for another request. Nothing was changed.")
	}
	return &a, err
}

// RecordAnswer completes a claimed key with the answer that is about to be given.
func (db *DB) RecordAnswer(ctx context.Context, user int64, key string, a Answer) error {
	_, err := db.exec(ctx,
		db.query("UPDATE idempotency_keys SET status = ?, header = ?, body = ? WHERE user_id = ? AND key = ?",
			a.Status, a.Header, a.Body, user, key))
	return err
}

// Sweep forgets plans, idempotency keys, kept pages, tokens and sessions that expired.
func (db *DB) Sweep(ctx context.Context, now time.Time) error {
	for _, table := range []string{"plans", "idempotency_keys", "kept_pages", "personal_tokens", "upstream_access"} {
		if _, err := db.exec(ctx, db.query("DELETE FROM "+table+" WHERE expires_at <= ?", micros(now))); err != nil {
			return err
		}
	}
	if err := db.sweepUpstreamEnded(ctx, now); err != nil {
		return err
	}
	return db.sweepSessions(ctx, now)
}
