package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"roster"
)

const (
	commitPatience = 10 * time.Second       // how long a COMMIT that was sent is waited for
	lookUpEvery    = 100 * time.Millisecond // how often the store is then asked whether it happened
)

// lookUpPatience is for how long it is asked; 0: eight seconds.
var lookUpPatience atomic.Int64

// LookUpFor says for how long the store is asked what became of a lost COMMIT, for
// tests that would not wait; 0: as usual.
func LookUpFor(patience time.Duration) { lookUpPatience.Store(int64(patience)) }

// unit is a transaction that writes, with what tells afterwards whether it happened.
type unit struct {
	conn      *sql.Conn
	operation roster.Operation // that it records; ID 0: none
	serial    serial
	sent      bool // its COMMIT; whoever sent it gives the connection back
}

// serial is what the engine knows a transaction by that records no operation. The
// zero one is known by nothing.
type serial struct{ number, server string }

// Update runs fn in one transaction: all of it happens, or nothing. Within a
// transaction it joins that one. An error of the kind Unconfirmed says that it may have
// happened; any other, that it did not.
func (db *DB) Update(ctx context.Context, fn func(tx *DB) error) error {
	if db.tx != nil {
		return fn(db)
	}
	l := db.leash(ctx)
	defer l.end(nil)
	in, err := db.begin(l)
	if err != nil {
		return db.classify(l.why(err))
	}
	defer in.release()
	if err := fn(in); err != nil {
		return l.why(err)
	}
	if err := in.name(ctx); err != nil {
		return l.why(err)
	}
	if err := l.off(); err != nil {
		return db.classify(err)
	}
	return in.commit(ctx)
}

// leash is the context of a transaction. It ends when the caller hangs up or the
// store takes too long, until it is let off: nothing cancels a COMMIT under way.
type leash struct {
	context.Context
	end   context.CancelCauseFunc
	by    time.Time // when the store has taken too long; zero: never
	stops []func() bool
}

func (db *DB) leash(ctx context.Context) *leash {
	l := &leash{by: db.deadline(ctx)}
	l.Context, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
	l.stops = append(l.stops, context.AfterFunc(ctx, func() { l.end(context.Cause(ctx)) }))
	if !l.by.IsZero() {
		l.stops = append(l.stops, time.AfterFunc(time.Until(l.by), func() { l.end(errSlow) }).Stop)
	}
	return l
}

// off lets the transaction off, unless it is over.
func (l *leash) off() error {
	for _, stop := range l.stops {
		if !stop() {
			<-l.Done()
			return context.Cause(l)
		}
	}
	return nil
}

// why is the reason for which a transaction ended, where that is not what err says.
func (l *leash) why(err error) error {
	if cause := context.Cause(l); cause != nil && roster.KindOf(err) == roster.Internal {
		return errors.Join(cause, err)
	}
	return err
}

// name has the engine say what it knows a transaction by whose operation cannot
// be looked for.
func (db *DB) name(ctx context.Context) error {
	if db.unit.operation.ID != 0 || db.dialect.serial == "" {
		return nil
	}
	var number sql.NullString
	if err := db.row(ctx, db.fixed(db.dialect.serial), &number, &db.unit.serial.server); err != nil {
		return err
	}
	db.unit.serial.number = number.String
	return nil
}

// commit ends the transaction, and finds out what became of it where the store
// does not say.
func (db *DB) commit(ctx context.Context) error {
	done := make(chan error, 1)
	db.unit.sent = true
	go func() {
		err := db.tx.Commit()
		if err == nil && db.dialect.isDoubtful(db.unit.conn) {
			err = errDoubtful
		}
		db.unit.conn.Close()
		done <- err
	}()
	late := time.NewTimer(commitPatience)
	defer late.Stop()
	var err error
	select {
	case err = <-done:
	case <-late.C:
		err = errSlow
	}
	switch {
	case err == errDoubtful:
		return db.unit.unconfirmed(err)
	case err == nil:
		roster.MarkDone(ctx, db.unit.operation.ID)
		return nil
	case db.dialect.isRefusal(err):
		return db.classify(err)
	}
	return db.settle(ctx, err)
}

// errDoubtful is that the server keeps a change, and its standbys may not.
var errDoubtful = errors.New("the standbys did not confirm")

// release ends a transaction that was not committed.
func (db *DB) release() {
	if !db.unit.sent {
		db.tx.Rollback()
		db.unit.conn.Close()
	}
}

// settle asks whether a transaction happened whose COMMIT failed with err.
func (db *DB) settle(ctx context.Context, err error) error {
	asking, stop := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(time.Duration(lookUpPatience.Load()), 8*time.Second))
	defer stop()
	outside := *db
	outside.tx, outside.by = nil, time.Time{}
	for {
		happened, failed := db.dialect.happened(asking, &outside)
		switch {
		case failed == nil && happened:
			roster.MarkDone(ctx, db.unit.operation.ID)
			return nil
		case failed == nil:
			return db.away(err)
		}
		select {
		case <-asking.Done():
		case <-time.After(lookUpEvery):
		}
		if asking.Err() != nil || errors.Is(failed, errNobodyKnows) {
			return db.unit.unconfirmed(errors.Join(err, failed))
		}
	}
}

// errNobodyKnows is that nobody can tell whether a transaction happened.
var errNobodyKnows = errors.New("nothing tells whether the transaction happened")

// unconfirmed is what is said of a transaction of which nobody knows whether it happened.
func (u *unit) unconfirmed(err error) error {
	how := "Look whether it did before you try again."
	if u.operation.ID != 0 {
		how = fmt.Sprintf("It did, and whole, if operation %d is in the history. Look there before you try again.", u.operation.ID)
	}
	return &roster.Error{Kind: roster.Unconfirmed, Message: "This may have happened: the store was lost before it confirmed. " + how, Err: err}
}
