package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"roster"
)

// errSlow ends what the store does not answer in time.
var errSlow = errors.New("the store took too long")

// errLocked ends what waits too long for SQLite's one writer.
var errLocked = errors.New("the store is locked")

type (
	patienceKey       struct{}
	streamPatienceKey struct{}
)

// WithPatience returns a context in which the store is given so long to carry out
// each transaction, and each statement outside of one; then it is the error Busy.
// What has no such context is given any time; streams have a patience of their own.
func WithPatience(ctx context.Context, patience time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, patience)
}

// WithStreamPatience returns a context in which each Stream may take so long, from the
// moment at which it has its slot; then it is the error Busy.
func WithStreamPatience(ctx context.Context, patience time.Duration) context.Context {
	return context.WithValue(ctx, streamPatienceKey{}, patience)
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

// guard has the server itself end what waits for a lock, runs or stands still for too
// long, as when this process is frozen in the middle of it. It is said in each transaction:
// what is said when a connection begins, poolers refuse. What the role is set to holds.
func (db *DB) guard(ctx context.Context, by time.Time) error {
	if db.dialect.guard == "" {
		return nil
	}
	lock, statement, idle := time.Duration(0), time.Duration(0), idleUnbounded
	if !by.IsZero() {
		lock, idle = cmp.Or(db.pool.Lock, lockPatience), cmp.Or(db.pool.Stand, idlePatience)
		statement = cmp.Or(db.pool.Statement, max(time.Until(by), 0)+overtime)
	}
	var set [3]string
	return db.row(ctx, db.query(db.dialect.guard, inMillis(lock), inMillis(statement), inMillis(idle)), &set[0],
		&set[1], &set[2])
}

func inMillis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

const (
	lockPatience  = 10 * time.Second // for a lock that somebody else holds
	overtime      = 5 * time.Second  // that the server gives a statement after we have given it up
	idlePatience  = time.Minute      // for a request's transaction that does nothing
	idleUnbounded = 10 * time.Minute // for one that may take any time: an import, a migration
)

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
