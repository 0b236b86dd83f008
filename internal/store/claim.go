package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	sqlite3 "modernc.org/sqlite/lib"

	"roster"
)

// claimFile is the name of an empty database whose lock a server holds. The lock
// goes with the process, however that ends.
const claimFile = "serving.lock"

// errClaimed is that somebody else holds the claim on a store.
var errClaimed = errors.New("the store is claimed")

// Claim keeps every other server off a SQLite store until Close, and every command
// from bringing its schema up to date; otherwise they work on beside it. PostgreSQL
// is for any number of servers.
func (db *DB) Claim(ctx context.Context) error {
	if db.dir == "" {
		return nil
	}
	lock, err := claim(ctx, db.dir)
	if errors.Is(err, errClaimed) {
		return roster.Error{
			Kind: roster.Exists, Err: err}.Says("Another \"roster serve\" works on %s, or brings it up to date. "+
			"Stop it first; servers share a store on PostgreSQL only.", db.dir)
	}
	db.claim = lock
	return err
}

// claim takes the lock of a directory; closing it gives it back.
func claim(ctx context.Context, dir string) (*sql.DB, error) {
	lock, err := sql.Open("sqlite", "file:"+escaped(filepath.Join(dir, claimFile))+"?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	lock.SetMaxOpenConns(1)
	lock.SetConnMaxLifetime(0)
	if _, err := lock.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		if sqliteDialect.isBusy(err) {
			err = errors.Join(errClaimed, err)
		}
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// alone makes sure that nobody else changes the schema meanwhile, and that no server works on
// a SQLite store then: one of an older Roster would go on by what it knows.
func (db *DB) alone(ctx context.Context) (done func() error, err error) {
	if db.dir == "" {
		return db.aloneOnServer(ctx)
	}
	if db.claim != nil {
		return func() error { return nil }, nil
	}
	lock, err := claim(ctx, db.dir)
	if errors.Is(err, errClaimed) {
		return nil, roster.Error{
			Kind: roster.Exists, Err: err}.Says("The store in %s has to be brought up to date for this Roster, "+
			"and an older one serves it or another command is about it. Nothing was changed. "+
			"Stop the server and start this Roster's, or use the server's own version.", db.dir)
	}
	if err != nil {
		return nil, err
	}
	return lock.Close, nil
}

// aloneOnServer holds a lock in a transaction of its own, which ends with this process. It
// sees nothing and writes nothing, so that nobody waits for it, an index that is being built
// included. A pooler is refused: what is done outside of a transaction would go anywhere.
func (db *DB) aloneOnServer(ctx context.Context) (done func() error, err error) {
	keeps, err := db.way.keeps(ctx, db.write)
	if err != nil {
		return nil, db.told(ctx, err)
	}
	if !keeps {
		return nil, roster.Errorf(roster.Invalid, "The schema has to be changed, and this address leads through a pooler. "+
			"Nothing was changed; give the address of the database itself with --db-direct.")
	}
	tx, err := db.look.BeginTx(ctx, nil)
	if err != nil {
		return nil, db.told(ctx, err)
	}
	if err := takeMigrators(ctx, tx); err != nil {
		return nil, errors.Join(db.told(ctx, err), tx.Rollback())
	}
	return tx.Rollback, nil
}

// takeMigrators takes the lock of those who migrate. It asks again and again: a statement that
// waited would hold a state of the store, and an index that is being built waits for those.
func takeMigrators(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, migratorsGuard, atOnceOver); err != nil {
		return err
	}
	for {
		var taken bool
		err := tx.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock(7243116)", atOnceOver).Scan(&taken)
		if err != nil || taken {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookUpEvery):
		}
	}
}

// atOnceOver asks so that nothing of the question is left when it is answered. Asked otherwise,
// it holds its state of the store until the next one.
const atOnceOver = pgx.QueryExecModeSimpleProtocol

// migratorsGuard lets the transaction with the lock stand as long as it takes.
const migratorsGuard = "SELECT set_config('idle_in_transaction_session_timeout', '0', TRUE)"

// Damaged explains an error that says that a store's file is damaged, and returns
// every other as it is.
func (db *DB) Damaged(err error) error {
	if db.dir == "" || !sqliteIs(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) {
		return err
	}
	return roster.Error{Kind: roster.Invalid,
		Err: err}.Says("%s is damaged. Move it and the files beside it that begin with %s "+
		"out of the way, and restore a backup with \"roster restore\".", filepath.Join(db.dir, sqliteFile), sqliteFile)
}

// LockSetup keeps others from setting up the same empty store, until the
// transaction ends. SQLite has one writer at a time anyway.
func (db *DB) LockSetup(ctx context.Context) error {
	if db.dialect.lockSchema == "" {
		return nil
	}
	_, err := db.exec(ctx, db.query(db.dialect.lockSchema))
	return err
}
