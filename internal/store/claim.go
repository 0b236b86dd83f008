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

// Claim keeps every other server off a SQLite store until the returned function is
// called; commands work on beside it. PostgreSQL is for any number of servers.
func (db *DB) Claim(ctx context.Context) (release func() error, err error) {
	if db.dir == "" {
		return func() error { return nil }, nil
	}
	lock, err := sql.Open("sqlite", "file:"+escaped(filepath.Join(db.dir, claimFile))+"?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	lock.SetMaxOpenConns(1)
	lock.SetConnMaxLifetime(0)
	if _, err := lock.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		if db.dialect.isBusy(err) {
			err = &roster.Error{Kind: roster.Exists, Message: "Another \"roster serve\" works on " + db.dir + ". Stop it first; servers share a store on PostgreSQL only.", Err: err}
		}
		return nil, errors.Join(err, lock.Close())
	}
	return lock.Close, nil
}

// Damaged explains an error that says that a store's file is damaged, and returns
// every other as it is.
func (db *DB) Damaged(err error) error {
	if db.dir == "" || !sqliteIs(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) {
		return err
	}
	return &roster.Error{Kind: roster.Invalid, Message: filepath.Join(db.dir, sqliteFile) + " is damaged. Move " + sqliteFile + " and the files beside it that begin so out of the way, and restore a backup with \"roster restore\".", Err: err}
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
