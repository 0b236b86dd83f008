package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"roster"
)

// errSlow ends what the store does not answer in time.
var errSlow = errors.New("the store took too long")

// errLocked ends what waits too long for SQLite's one writer.
var errLocked = errors.New("the store is locked")

type patienceKey struct{}

// WithPatience returns a context in which the store is given so long to carry out
// each transaction, and each statement outside of one; then it is the error Busy.
// Streams and what has no such context are given any time.
func WithPatience(ctx context.Context, patience time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, patience)
}

// deadline is by when the store must be done with what begins now; zero: at any time.
func (db *DB) deadline(ctx context.Context) time.Time {
	if db.tx != nil {
		return db.by
	}
	patience, ok := ctx.Value(patienceKey{}).(time.Duration)
	if !ok || patience <= 0 {
		return time.Time{}
	}
	return time.Now().Add(patience)
}

// bounded is the context of one statement.
func (db *DB) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	by := db.deadline(ctx)
	if by.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, by, errSlow)
}

// begin begins a transaction that writes. It is not waited for longer than any
// other: those who queue for a lock give up together.
func (db *DB) begin(l *leash) (*DB, error) {
	if db.dialect.lockPatience > 0 {
		defer time.AfterFunc(db.dialect.lockPatience, func() { l.end(errLocked) }).Stop()
	}
	return again(l, db, db.write, func() (*DB, error) {
		conn, err := db.write.Conn(l)
		if err != nil {
			return nil, err
		}
		db.dialect.isDoubtful(conn) // what somebody else left there
		tx, err := conn.BeginTx(l, nil)
		if err != nil {
			conn.Close()
			return nil, err
		}
		in := db.within(tx)
		in.by, in.unit = l.by, &unit{conn: conn}
		return in, nil
	})
}

// again runs what can be done twice, and does it once more where the connection
// was lost: those that wait in the pool are then gone, too.
func again[T any](ctx context.Context, db *DB, pool *sql.DB, fn func() (T, error)) (T, error) {
	out, err := fn()
	if err == nil || ctx.Err() != nil || db.tx != nil || db.idle == 0 || !db.dialect.isAway(err) {
		return out, err
	}
	pool.SetMaxIdleConns(0) // closes them
	pool.SetMaxIdleConns(db.idle)
	return fn()
}

// away is what is said where the store is not there, or has no room.
func (db *DB) away(err error) error {
	message := "The store does not answer. Nothing was changed; try again in a moment."
	if db.dialect.isFull(err) {
		message = "The store has no room left. Nothing was changed; try again once it has."
	}
	return &roster.Error{Kind: roster.Busy, Message: message, Err: err}
}
