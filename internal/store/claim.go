package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

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

// alone makes sure that no server works on a SQLite store while its schema changes: one
// of an older Roster would go on by what it knows.
func (db *DB) alone(ctx context.Context) (done func() error, err error) {
	if db.dir == "" || db.claim != nil {
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
