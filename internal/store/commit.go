package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"roster"
	"roster/internal/metrics"
)

const (
	serverCommits = 10 * time.Second       // how long a server's answer to a COMMIT is waited for
	lookUpEvery   = 100 * time.Millisecond // how often the store is then asked whether it happened
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
	holding   *holding
	sent      bool                 // its COMMIT; whoever sent it gives the connection back
	kept      map[string]*sql.Stmt // what it compiled, by its text; it ends with the transaction
}

// compiled is the statement of a text in the transaction, made when it is asked for the first time.
func (u *unit) compiled(ctx context.Context, tx *sql.Tx, text string) (*sql.Stmt, error) {
	if stmt := u.kept[text]; stmt != nil {
		return stmt, nil
	}
	stmt, err := tx.PrepareContext(ctx, text)
	if err == nil {
		if u.kept == nil {
			u.kept = map[string]*sql.Stmt{}
		}
		u.kept[text] = stmt
	}
	return stmt, err
}

// serial is what the engine knows a transaction by that records no operation. One
// without a server says nothing, one without a number that nothing was written.
type serial struct{ number, server string }

// mostRepeats is how often a transaction is done again that the engine ended because
// others were in its way.
const mostRepeats = 3

// Update runs fn in one transaction: all of it happens, or nothing. Within a
// transaction it joins that one. An error of the kind Unconfirmed says that it may have
// happened; any other, that it did not. fn runs again, from its beginning and on the
// store as it is then, where others were in its way: it must leave nothing outside that
// doing it again would not put right.
func (db *DB) Update(ctx context.Context, fn func(tx *DB) error) error {
	switch {
	case db.viewing:
		return errViewing
	case db.readOnly:
		return db.Writable()
	case db.tx != nil:
		return fn(db)
	}
	by := db.deadline(ctx)
	var needs []lane
	for repeats := 0; ; {
		op, err := db.once(ctx, by, needs, fn)
		if taken, ok := asError[*takenError](err); ok {
			needs = ordered(append(needs, taken.lane))
			continue // it waits for its turn, and is in nobody's way: that is no repetition
		}
		if repeats == mostRepeats || ctx.Err() != nil || !db.isConflict(err) {
			metrics.Ended(op, err)
			return err
		}
		repeats++
		metrics.Repeated()
	}
}

// isConflict reports whether the engine ended a transaction for the sake of others.
func (db *DB) isConflict(err error) bool {
	return err != nil && db.dialect.isConflict(err) && roster.KindOf(err) != roster.Unconfirmed
}

// once does the transaction once, when it is its turn at every lane that it needs, and
// returns the operation that it records, if it does.
func (db *DB) once(ctx context.Context, by time.Time, needs []lane, fn func(tx *DB) error) (
	op roster.Operation, err error,
) {
	l, began := newLeash(ctx, by), time.Now()
	defer l.release()
	held := &holding{turns: db.turns}
	defer held.giveBack()
	if err := held.await(l, needs); err != nil {
		return op, db.classify(l.because(err))
	}
	in, err := db.begin(l)
	metrics.Waited(time.Since(began))
	if err != nil {
		return op, db.classify(l.because(err))
	}
	defer in.giveBack()
	in.unit.holding = held
	if err := in.work(ctx, l, fn); err != nil {
		return op, err
	}
	return in.unit.operation, in.commit(ctx)
}

// work does what is to be done before the COMMIT, up to letting that go.
func (db *DB) work(ctx context.Context, l *leash, fn func(tx *DB) error) error {
	err := db.guard(ctx, l.by)
	if err == nil {
		err = db.tune(ctx)
	}
	if err == nil {
		err = fn(db)
	}
	if err == nil {
		err = db.name(ctx)
	}
	if err == nil {
		err = l.release()
	}
	if err != nil && roster.KindOf(err) == roster.Internal && l.Err() != nil {
		return db.classify(l.because(err))
	}
	return err
}

// leash is the context of a transaction. It ends when the caller hangs up or the
// store takes too long, until it is let off: nothing cancels a COMMIT under way.
type leash struct {
	context.Context
	end     context.CancelCauseFunc
	by      time.Time // when the store has taken too long; zero: never
	watches []func() (stopped bool)
}

func newLeash(ctx context.Context, by time.Time) *leash {
	l := &leash{by: by}
	l.Context, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
	l.watches = append(l.watches, context.AfterFunc(ctx, func() { l.end(context.Cause(ctx)) }))
	if !l.by.IsZero() {
		l.watches = append(l.watches, time.AfterFunc(time.Until(l.by), func() { l.end(errSlow) }).Stop)
	}
	return l
}

// release lets the transaction off, or returns because of what it is over. Once more
// does nothing.
func (l *leash) release() error {
	watches := l.watches
	l.watches = nil
	over := false
	for _, stop := range watches {
		over = !stop() || over
	}
	if over {
		<-l.Done() // whoever ends it has begun to
	}
	return context.Cause(l)
}

// because is err, with what the transaction is over because of.
func (l *leash) because(err error) error { return errors.Join(context.Cause(l), err) }

// name has the engine say what it knows a transaction by whose operation cannot
// be looked for.
func (db *DB) name(ctx context.Context) error {
	if db.unit.operation.ID != 0 {
		return nil
	}
	question := db.serialQuestion(ctx)
	if question == "" {
		return nil
	}
	var number sql.NullString
	if err := db.row(ctx, db.fixed(question), &number, &db.unit.serial.server); err != nil {
		return err
	}
	db.unit.serial.number = number.String
	return nil
}

// serialQuestion is the engine's question for a serial; "" where it does not answer it.
// That is asked once for all connections, and beside the transaction, which a refusal
// would end: some who run PostgreSQL for others do not let them ask.
func (db *DB) serialQuestion(ctx context.Context) string {
	if known := db.serials.Load(); known != nil {
		return *known
	}
	question := db.dialect.serial
	if question != "" {
		ctx, done := db.bounded(ctx)
		defer done()
		var number, server sql.NullString
		err := db.look.QueryRowContext(ctx, question).Scan(&number, &server)
		refused := err != nil && db.dialect.isRefusal(err) && !db.dialect.isAway(err)
		if err != nil && !refused {
			return ""
		}
		if refused {
			question = ""
		}
	}
	db.serials.Store(&question)
	return question
}

// commit ends the transaction, and finds out what became of it where the store
// does not say.
func (db *DB) commit(ctx context.Context) error {
	doubtful, err := db.send()
	switch {
	case err != nil && db.dialect.isRefusal(err):
		return db.classify(err)
	case doubtful:
		return db.unit.unconfirmed(errors.Join(errDoubtful, err))
	case err != nil:
		return db.settle(ctx, err)
	}
	roster.MarkDone(ctx, db.unit.operation.ID)
	return nil
}

// send sends the COMMIT, and returns what the store says of it, or errSlow where that
// takes it too long; doubtful, whether it may be lost with this server.
func (db *DB) send() (doubtful bool, err error) {
	type answer struct {
		doubtful bool
		err      error
	}
	done := make(chan answer, 1)
	db.unit.sent = true
	go func() {
		err := db.tx.Commit()
		doubtful := db.dialect.isDoubtful(db.unit.conn) // whatever else went wrong
		db.unit.conn.Close()
		done <- answer{doubtful, err}
	}()
	var late <-chan time.Time // never
	if patience := db.dialect.commitPatience; patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case a := <-done:
		return a.doubtful, a.err
	case <-late:
		return false, errSlow
	}
}

// errDoubtful is that the server keeps a change, and its standbys may not.
var errDoubtful = errors.New("the standbys did not confirm")

// giveBack ends a transaction that was not committed, and gives its connection back.
func (db *DB) giveBack() {
	if !db.unit.sent {
		db.tx.Rollback()
		db.unit.conn.Close()
	}
}

// settle asks whether a transaction happened whose COMMIT failed with err.
func (db *DB) settle(ctx context.Context, err error) error {
	asking, stop := context.WithTimeout(context.WithoutCancel(ctx), lookUpTime())
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

// Confirm reports whether an operation happened of which nobody knew; Unconfirmed, or
// another error, where nobody knows yet. It writes the record anew, as it is, so that the
// standbys have what came before.
func (db *DB) Confirm(ctx context.Context, op roster.Operation) (happened bool, err error) {
	asking, stop := context.WithTimeout(ctx, lookUpTime())
	defer stop()
	outside := *db
	outside.unit = &unit{operation: op}
	happened, err = db.dialect.happened(asking, &outside)
	switch {
	case errors.Is(err, errNobodyKnows): // on SQLite: what is there, happened
	case err != nil:
		return false, db.told(asking, err)
	case !happened:
		return false, nil
	}
	n, err := db.exec(ctx, db.query(`UPDATE operations SET changed = changed
WHERE id = ? AND organization_id = ? AND actor_id = ? AND at = ?`, op.ID, op.OrganizationID, op.ActorID, micros(op.At)))
	return n > 0, err
}

// lookUpTime is for how long the store is asked what became of something.
func lookUpTime() time.Duration {
	return cmp.Or(time.Duration(lookUpPatience.Load()), 8*time.Second)
}

// errNobodyKnows is that nobody can tell whether a transaction happened.
var errNobodyKnows = errors.New("nothing tells whether the transaction happened")

// unconfirmed is what is said of a transaction of which nobody knows whether it happened.
func (u *unit) unconfirmed(err error) error {
	const lost = "This may have happened: the store was lost before it confirmed. "
	op := u.operation
	if op.ID == 0 {
		return roster.Error{Kind: roster.Unconfirmed, Err: err}.Says(lost + "Look whether it did before you try again.")
	}
	// With its time, because a server that took the lost one's lane may give its number to another.
	return roster.Error{Kind: roster.Unconfirmed, Detail: op, Err: err}.Says(
		lost+"It did, and whole, if the history has operation %d of %s (GET /api/roster/operations/%d/). Look there "+
			"before you try again.",
		op.ID, op.At.UTC().Format("2006-01-02 15:04:05.000000 UTC"), op.ID)
}
