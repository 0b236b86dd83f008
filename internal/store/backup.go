package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"roster"
)

// HasStore reports whether dir holds a SQLite store.
func HasStore(dir string) (bool, error) {
	file := filepath.Join(dir, sqliteFile)
	is, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err == nil && is.Size() == 0 {
		return false, roster.Errorf(roster.Invalid, "%s is empty, so it is no store: it was cut, or never finished. Restore a backup, or remove the file to begin anew.", file)
	}
	return err == nil, err
}

// Backup writes the store's present state to a new file, while others go on
// reading and writing. SQLite only: PostgreSQL has its own tools.
func (db *DB) Backup(ctx context.Context, file string) error {
	if err := sweepParts(file, time.Now().Add(-abandoned)); err != nil {
		return err
	}
	return snapshot(ctx, db.read, file, func() error { return nil })
}

// abandoned is how long nobody has written to a backup that somebody may be making.
const abandoned = time.Hour

// snapshot writes one consistent state of a SQLite database to file, which
// appears whole or not at all and is open to its owner only. ready is what has to be
// done once all of it is written, and before it appears.
func snapshot(ctx context.Context, from *sql.DB, file string, ready func() error) error {
	part, err := os.CreateTemp(filepath.Dir(file), partOf(filepath.Base(file))+"*")
	if err != nil {
		return noRoom(err, file)
	}
	defer os.Remove(part.Name()) // after the rename there is nothing to remove
	defer part.Close()
	if _, err := from.ExecContext(ctx, "VACUUM INTO $1", part.Name()); err != nil {
		return noRoom(err, file)
	}
	if err := part.Sync(); err != nil {
		return noRoom(err, file)
	}
	if err := ready(); err != nil {
		return err
	}
	return os.Rename(part.Name(), file)
}

// noRoom says of an error that a copy had no room, where it does.
func noRoom(err error, file string) error {
	if !sqliteDialect.isFull(err) && !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return roster.Errorf(roster.Busy, "There is no room for %s: its disk is full. Nothing was changed. Make room, and try again.", file)
}

// Restore makes the store in dir from a backup, in place of the one that is
// there. A file that holds no store of this or an earlier version is refused,
// and so is a dir whose store is in use; then nothing has changed.
func Restore(ctx context.Context, file, dir string) error {
	from, err := openBackup(ctx, file)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock, err := claim(ctx, dir)
	if errors.Is(err, errClaimed) {
		return inUse(dir)
	}
	at := filepath.Join(dir, sqliteFile)
	if err != nil {
		return noRoom(err, at)
	}
	defer lock.Close()
	if err := release(ctx, dir); err != nil {
		return err
	}
	if err := sweepParts(at, time.Now()); err != nil {
		return err
	}
	return snapshot(ctx, from, at, func() error { return errors.Join(remove(at+"-wal"), remove(at+"-shm")) })
}

func inUse(dir string) error {
	return roster.Errorf(roster.Invalid, "The store in %s is in use. Nothing was changed; stop the server first.", dir)
}

// IsLeftOver reports whether a file of this name in a store's directory is no part of
// the store: a lock that nobody need hold, or the beginning of a copy.
func IsLeftOver(name string) bool {
	return strings.HasPrefix(name, claimFile) || strings.HasPrefix(name, partOf(sqliteFile))
}

// partOf is what the names of a file's unfinished copies begin with.
func partOf(base string) string { return "." + base + "." }

// sweepParts removes the unfinished copies of a file that nobody has written to since:
// whoever made them was killed.
func sweepParts(file string, since time.Time) error {
	entries, err := os.ReadDir(filepath.Dir(file))
	for _, entry := range entries {
		part, failed := entry.Info()
		if failed == nil && strings.HasPrefix(entry.Name(), partOf(filepath.Base(file))) &&
			part.Mode().IsRegular() && part.ModTime().Before(since) {
			err = errors.Join(err, remove(filepath.Join(filepath.Dir(file), entry.Name())))
		}
	}
	return err
}

// openBackup opens a file to read it, once it is clear that it is a sound
// store that this Roster can work with.
func openBackup(ctx context.Context, file string) (*sql.DB, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	from, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?mode=ro")
	if err != nil {
		return nil, err
	}
	if err := checkBackup(ctx, &DB{dialect: &sqliteDialect, write: from, read: from}, file); err != nil {
		from.Close()
		return nil, err
	}
	return from, nil
}

func checkBackup(ctx context.Context, db *DB, file string) error {
	version, err := db.SchemaVersion(ctx)
	if err != nil || version == 0 {
		return roster.Errorf(roster.Invalid, "%s is not a Roster store. Nothing was changed.", file)
	}
	if version > Version() {
		return newerSchema(version)
	}
	var sound string
	if err := db.row(ctx, db.query("PRAGMA quick_check(1)"), &sound); err != nil || sound != "ok" {
		return roster.Errorf(roster.Invalid, "%s is damaged (%s). Nothing was changed.", file, sound)
	}
	return nil
}

// release makes sure that nobody uses the store in dir, and folds its log into
// the database file. Only the last connection of all may leave the write-ahead mode.
// A store that is too damaged to be opened is what restoring is for, and one whose log
// finds no room needs it: so the log stays until the new store is written. It must not be
// taken for that one's.
func release(ctx context.Context, dir string) error {
	path := filepath.Join(dir, sqliteFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	old, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		return err
	}
	defer old.Close()
	var mode string
	err = old.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	if sqliteDialect.isBusy(err) || (err == nil && mode != "delete") {
		return inUse(dir)
	}
	return nil
}

// remove deletes a file that may be missing.
func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
