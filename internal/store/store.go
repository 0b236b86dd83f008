// Package store keeps everything Roster knows in SQLite or PostgreSQL, through
// one SQL text. It is the only package that imports database/sql; what the
// engines do differently stands in dialect.go and its two files.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"roster"
	"roster/internal/metrics"
	"roster/internal/tracing"
)

// DB is a store, or a transaction on one: a method reads and writes through
// whichever it was called on.
type DB struct {
	dialect *dialect
	dir     string  // of SQLite's files
	claim   *sql.DB // its lock, where a server holds it

	leavesLog bool // of SQLite, to somebody else
	write     *sql.DB
	read      *sql.DB
	short     *sql.DB // for what is read at once, and must not wait for an export
	look      *sql.DB // for what became of a lost COMMIT, which waits for no other writer; nil: nothing would tell
	serials   *atomic.Pointer[string]
	turns     *turns        // of transactions that write; nil: there is one at a time anyway
	streams   chan struct{} // a slot for each Stream
	way       *way          // to the server; nil: there is none
	pool      Pool
	idle      int       // how many connections a pool keeps open to a server; 0: there is no server
	tx        *sql.Tx   // nil outside a transaction
	by        time.Time // when the store must be done with the transaction; zero: at any time
	unit      *unit     // what the transaction is known by; nil for one that reads
	viewing   bool      // the transaction reads, and changes nothing
	readOnly  bool      // nothing is changed, for maintenance
	stmts     *sync.Map
}

// OpenDir opens (and makes, when missing) the SQLite store in dir.
func OpenDir(dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return openSQLite(dir)
}

// OpenURL opens the PostgreSQL store at a postgres:// address.
func OpenURL(address string) (*DB, error) { return OpenPool(address, Pool{}) }

// OpenPool opens it by connections that are as p says.
func OpenPool(address string, p Pool) (*DB, error) { return openPostgres(address, p) }

// ReadOnly has the store refuse every change from now on. What is only noted beside a reading,
// such as when somebody was last seen, is left out.
func (db *DB) ReadOnly() { db.readOnly = true }

// Writable is an error, of the kind Busy, where the store is read only.
func (db *DB) Writable() error {
	if !db.readOnly {
		return nil
	}
	return roster.Errorf(roster.Busy, "This is read only at the moment, for maintenance. Nothing was changed; try again later.")
}

// Engine is "sqlite" or "postgres".
func (db *DB) Engine() string { return db.dialect.name }

// Ping reports whether the store answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	_, err := again(ctx, db, db.short, func() (struct{}, error) {
		return struct{}{}, db.short.QueryRowContext(ctx, "SELECT 1").Scan(&one)
	})
	return db.classify(err)
}

// Answers reports whether the store answers what every request asks it: it reads the
// schema's version, by the connections that are for that.
func (db *DB) Answers(ctx context.Context) error {
	var at int
	return db.prepared(ctx, db.fixed("SELECT COALESCE(max(version), 0) FROM schema_versions"), &at)
}

// Ready reports whether the store can be worked on: it answers, its schema is this
// Roster's, and it takes what is written. An Unready says which of these it is not.
func (db *DB) Ready(ctx context.Context) error {
	if err := db.Answers(ctx); err != nil {
		return &Unready{PartStore, err}
	}
	if err := db.CheckSchema(ctx); err != nil {
		return &Unready{PartSchema, err}
	}
	if err := db.classify(db.dialect.takes(ctx, db)); err != nil {
		return &Unready{PartWrites, err}
	}
	return nil
}

// Unready is why a store cannot be worked on.
type Unready struct {
	Part string
	Err  error
}

// What there is of a store to be ready.
const (
	PartStore  = "store"
	PartSchema = "schema"
	PartWrites = "writes"
)

func (u *Unready) Error() string { return u.Part + ": " + u.Err.Error() }
func (u *Unready) Unwrap() error { return u.Err }

// errReadOnly is that a store takes nothing.
var errReadOnly = errors.New("the store can be read only")

// Close gives everything back.
func (db *DB) Close() error {
	db.stmts.Range(func(_, stmt any) bool { stmt.(*sql.Stmt).Close(); return true })
	var failed error
	// Closing the writer last lets SQLite fold its log into the database file.
	for _, pool := range []*sql.DB{db.look, db.short, db.read, db.write, db.claim} {
		if pool != nil { // where a store could not be opened
			failed = errors.Join(failed, pool.Close()) // once more does nothing
		}
	}
	return failed
}

// attempt runs fn in a transaction that goes on if it fails: what fn did is
// taken back, and nothing else.
func (db *DB) attempt(ctx context.Context, fn func() error) error {
	if _, err := db.exec(ctx, db.query("SAVEPOINT attempt")); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		if _, undone := db.exec(ctx, db.query("ROLLBACK TO SAVEPOINT attempt")); undone != nil {
			return errors.Join(err, undone)
		}
	}
	_, released := db.exec(ctx, db.query("RELEASE SAVEPOINT attempt"))
	return cmp.Or(err, released)
}

// View runs fn on one unchanging state of the store, so that several reads
// agree with each other.
func (db *DB) View(ctx context.Context, fn func(tx *DB) error) error {
	if db.tx != nil {
		return fn(db)
	}
	by := db.deadline(ctx)
	until, done := db.bounded(ctx)
	defer done()
	tx, err := again(until, db, db.read, func() (*sql.Tx, error) {
		return db.read.BeginTx(until, &sql.TxOptions{ReadOnly: true, Isolation: db.snapshot()})
	})
	if err != nil {
		return db.told(until, err)
	}
	defer tx.Rollback()
	in := db.within(tx)
	in.by, in.viewing = by, true
	if err = in.tune(until); err == nil {
		err = fn(in)
	}
	if err != nil && roster.KindOf(err) == roster.Internal && until.Err() != nil {
		return db.told(until, err) // the next statement says only that the transaction is over, and not why
	}
	return err
}

// errViewing refuses a change within View: it would be lost with the state that is read.
var errViewing = errors.New("store: a change within what only reads")

// streamWait is how long a long list waits for others.
const streamWait = 10 * time.Second

// Stream is View for what is handed on as fast as somebody takes it. Those wait
// for each other when they hold half of the connections, so that slow readers of
// long lists leave the other half to everybody else; for ten seconds, or as long as the
// context's patience if that is less. However slowly it is taken, it ends after the
// context's patience for streams.
func (db *DB) Stream(ctx context.Context, fn func(tx *DB) error) error {
	if db.tx != nil {
		return fn(db)
	}
	if err := db.awaitStream(ctx); err != nil {
		return err
	}
	defer func() { <-db.streams }()
	patience, _ := ctx.Value(streamPatienceKey{}).(time.Duration)
	err := db.View(WithPatience(ctx, patience), fn)
	if errors.Is(err, errSlow) {
		return &roster.Error{
			Kind: roster.Busy, Message: "The export took longer than one may. Take it faster, or less of it.", Err: err}
	}
	return err
}

func (db *DB) awaitStream(ctx context.Context) error {
	wait := streamWait
	if by := db.deadline(ctx); !by.IsZero() {
		wait = min(wait, time.Until(by))
	}
	long := time.NewTimer(wait)
	defer long.Stop()
	select {
	case db.streams <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-long.C:
		return &roster.Error{Kind: roster.Busy, Message: "Too many exports are under way. Try again in a moment."}
	}
}

// snapshot is the isolation that makes a transaction see one state. SQLite
// always does and knows no other level.
func (db *DB) snapshot() sql.IsolationLevel {
	if db.dialect.forUpdate == "" {
		return sql.LevelDefault
	}
	return sql.LevelRepeatableRead
}

// lock locks the selected rows of one table or alias until the transaction ends, so that
// nobody else changes them. Rows are locked in one order, or two transactions wait for
// each other: an organization's settings; people by id; workspaces by id; projects by
// id; tags by id.
func (db *DB) lock(of string) string {
	if db.dialect.forUpdate == "" {
		return ""
	}
	return db.dialect.forUpdate + " OF " + of
}

func (db *DB) within(tx *sql.Tx) *DB {
	in := *db
	in.tx = tx
	return &in
}

func (db *DB) reader() queryable {
	if db.tx != nil {
		return db.tx
	}
	return db.read
}

// query begins a query in the store's dialect.
func (db *DB) query(text string, args ...any) *query { return db.dialect.query(text, args...) }

// fixed begins a query that never varies.
func (db *DB) fixed(text string, args ...any) *query { return db.dialect.fixed(text, args...) }

// exec runs q and returns how many rows it changed. Outside of a transaction it is one
// by itself.
func (db *DB) exec(ctx context.Context, q *query) (n int, err error) {
	err = db.Update(ctx, func(tx *DB) error {
		ctx, done := tx.bounded(ctx)
		defer done()
		began := time.Now()
		result, err := tx.execute(ctx, q)
		tx.asked(ctx, began)
		if err != nil {
			return tx.failed(ctx, q, err)
		}
		changed, err := result.RowsAffected()
		n = int(changed)
		return err
	})
	return n, err
}

// execute runs q in the transaction, which compiles once what it keeps.
func (db *DB) execute(ctx context.Context, q *query) (sql.Result, error) {
	if !q.kept || db.way != nil && db.way.pooled.Load() {
		return db.tx.ExecContext(ctx, q.String(), q.args...)
	}
	stmt, err := db.unit.compiled(ctx, db.tx, q.String())
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, q.args...)
}

// repeat runs a statement that comes to the same once or twice, so that nobody need
// know whether it happened.
func (db *DB) repeat(ctx context.Context, q *query) error {
	if db.readOnly {
		return nil
	}
	if db.tx != nil {
		_, err := db.exec(ctx, q)
		return err
	}
	ctx, done := db.bounded(ctx)
	defer done()
	defer db.asked(ctx, time.Now())
	_, err := again(ctx, db, db.write, func() (sql.Result, error) {
		return db.write.ExecContext(ctx, q.String(), q.args...)
	})
	return db.failed(ctx, q, err)
}

// insert runs an INSERT … RETURNING id and returns the id.
func (db *DB) insert(ctx context.Context, q *query) (id int64, err error) {
	err = db.Update(ctx, func(tx *DB) error { return tx.row(ctx, q, &id) })
	return id, err
}

// row reads into dest one row that there is: one is counted, or made.
func (db *DB) row(ctx context.Context, q *query, dest ...any) error {
	return db.failed(ctx, q, db.first(ctx, q, dest...))
}

// find reads into dest one row that there may be; NotFound when there is none.
func (db *DB) find(ctx context.Context, q *query, dest ...any) error {
	return db.sought(ctx, q, db.first(ctx, q, dest...))
}

// first reads the first row, and says what the driver does.
func (db *DB) first(ctx context.Context, q *query, dest ...any) error {
	ctx, done := db.bounded(ctx)
	defer done()
	defer db.asked(ctx, time.Now())
	_, err := again(ctx, db, db.read, func() (struct{}, error) {
		return struct{}{}, db.reader().QueryRowContext(ctx, q.String(), q.args...).Scan(dest...)
	})
	if err != nil && ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err) // the bound is over by the time it is told
	}
	return err
}

// sought is failed for what may be absent, which is no failure.
func (db *DB) sought(ctx context.Context, q *query, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &roster.Error{Kind: roster.NotFound, Message: "Not found."}
	}
	return db.failed(ctx, q, err)
}

// one finds a row and reads it through scan.
func one[T any](ctx context.Context, db *DB, q *query, scan func(scanner) (T, error)) (T, error) {
	return scan(rowScanner(func(dest ...any) error { return db.find(ctx, q, dest...) }))
}

// prepared is find for the few questions that every request asks, compiled once.
func (db *DB) prepared(ctx context.Context, q *query, dest ...any) error {
	if db.tx != nil {
		return db.find(ctx, q, dest...)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, done := db.dialect.brief(ctx, db)
	defer done()
	defer db.asked(ctx, time.Now())
	_, err := again(ctx, db, db.short, func() (struct{}, error) {
		ask, err := db.compiled(ctx, db.short, q)
		if err == nil {
			err = ask.QueryRowContext(ctx, q.args...).Scan(dest...)
		}
		return struct{}{}, err
	})
	return db.sought(ctx, q, err)
}

// compiled is what q is asked by: its statement on a pool, made when it is asked for the
// first time, or its text where no connection keeps a statement.
func (db *DB) compiled(ctx context.Context, pool *sql.DB, q *query) (question, error) {
	if keeps, err := db.way.keeps(ctx, pool); err != nil || !keeps {
		return inWords{pool, q.String()}, err
	}
	type key struct {
		pool *sql.DB
		text string
	}
	k := key{pool, q.String()}
	if stmt, ok := db.stmts.Load(k); ok {
		return stmt.(*sql.Stmt), nil
	}
	made, err := pool.PrepareContext(ctx, k.text)
	if err != nil {
		return nil, err
	}
	stmt, ok := db.stmts.LoadOrStore(k, made)
	if ok {
		made.Close()
	}
	return stmt.(*sql.Stmt), nil
}

// question is one that is asked again and again.
type question interface {
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
}

// inWords asks it by its text.
type inWords struct {
	pool *sql.DB
	text string
}

func (w inWords) QueryContext(ctx context.Context, args ...any) (*sql.Rows, error) {
	return w.pool.QueryContext(ctx, w.text, args...)
}

func (w inWords) QueryRowContext(ctx context.Context, args ...any) *sql.Row {
	return w.pool.QueryRowContext(ctx, w.text, args...)
}

// scanner is what a row can be read from.
type scanner interface{ Scan(dest ...any) error }

// each runs q and hands every row to fn as it arrives, holding none.
func (db *DB) each(ctx context.Context, q *query, fn func(scanner) error) error {
	ctx, done := db.bounded(ctx)
	defer done()
	began := time.Now()
	rows, err := again(ctx, db, db.read, func() (*sql.Rows, error) { return db.rows(ctx, q) })
	db.asked(ctx, began)
	if err != nil {
		return db.failed(ctx, q, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return db.failed(ctx, q, rows.Err())
}

func (db *DB) rows(ctx context.Context, q *query) (*sql.Rows, error) {
	if !q.kept || db.tx != nil {
		return db.reader().QueryContext(ctx, q.String(), q.args...)
	}
	ask, err := db.compiled(ctx, db.read, q)
	if err != nil {
		return nil, err
	}
	return ask.QueryContext(ctx, q.args...)
}

// collect reads all rows of q through scan.
func collect[T any](ctx context.Context, db *DB, q *query, scan func(scanner) (T, error)) ([]T, error) {
	out := []T{}
	err := db.each(ctx, q, func(s scanner) error {
		item, err := scan(s)
		out = append(out, item)
		return err
	})
	return out, err
}

// classify turns a driver's error into one the faces know how to answer.
func (db *DB) classify(err error) error {
	switch {
	case err == nil:
		return nil
	case db.dialect.isBusy(err), errors.Is(err, errLocked):
		return &roster.Error{
			Kind: roster.Busy, Message: "The store is busy with another change. Nothing was changed; try again.", Err: err}
	case errors.Is(err, errSlow):
		return db.away(err)
	case errors.Is(err, context.Canceled): // whoever asked hung up
		return err
	case errors.Is(err, context.DeadlineExceeded), db.dialect.isAway(err):
		return db.away(err)
	}
	return err
}

// told is classify of what a statement under ctx returned: where that is over, the
// drivers do not say why.
func (db *DB) told(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return db.classify(err)
}

// asked notes a statement in the record of the request that it is of, and in its trace.
func (db *DB) asked(ctx context.Context, began time.Time) {
	took := time.Since(began)
	metrics.Stated(took)
	tracing.Stated(ctx, db.dialect.name, began, operation)
	roster.RequestIn(ctx).Note(func(f *roster.RequestFacts) {
		f.Statements++
		f.Stored += took
	})
}

// failed is told of what a statement came to, by the operation that it belongs to.
func (db *DB) failed(ctx context.Context, q *query, err error) error {
	if err == nil {
		return nil
	}
	return db.told(ctx, fmt.Errorf("%s: %w", doing(q.args), err))
}

// isNotFound reports whether a read found nothing.
func isNotFound(err error) bool { return roster.KindOf(err) == roster.NotFound }

// micros is a time as the store keeps it.
func micros(t time.Time) int64 { return t.UnixMicro() }

// nullMicros is micros with the zero time as NULL.
func nullMicros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return micros(t)
}

// moment reads a stored time; NULL is the zero time.
func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}

// orNull stores zero values as NULL.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// limited appends the part of a page that SQL counts.
func (q *query) limited(p roster.Page) *query {
	return q.add(" LIMIT ? OFFSET ?", p.Size, p.Offset())
}

// count runs a query that returns one number.
func (db *DB) count(ctx context.Context, q *query) (n int, err error) {
	err = db.row(ctx, q, &n)
	return n, err
}
