package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

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
		return false, roster.Errorf(roster.Invalid,
			"%s is empty, so it is no store: it was cut, or never finished. Restore a backup, or remove the file "+
				"to begin anew.", file)
	}
	return err == nil, err
}

// Backup writes the store's present state to a new file, which could be restored, while
// others go on reading and writing. A database that is in use is Invalid as that file, the store
// itself too: who works on it would not find out. SQLite only: for PostgreSQL there is Dump.
func (db *DB) Backup(ctx context.Context, file string) error {
	if err := writable(file); err != nil {
		return err
	}
	return snapshot(ctx, db.read, file, func(part string) error {
		tried, err := openBackup(ctx, part)
		if err != nil {
			return err
		}
		return tried.Close()
	})
}

// writable makes sure that a backup may take a file's name, and removes what is left of
// earlier ones.
func writable(file string) error {
	for _, name := range companions(file) {
		if _, err := os.Lstat(name); err == nil {
			return roster.Errorf(roster.Invalid,
				"%s is a database that is in use, or was when its server was killed: there is %s. Nothing was changed; "+
					"choose another file.", file, name)
		}
	}
	return sweepParts(file, time.Now().Add(-abandoned))
}

// abandoned is how long nobody has written to a backup that somebody may be making.
const abandoned = time.Hour

// snapshot writes one consistent state of a SQLite database to file, as appears says.
func snapshot(ctx context.Context, from *sql.DB, file string, ready func(part string) error) error {
	return appears(file, func(part *os.File) error {
		_, err := from.ExecContext(ctx, "VACUUM INTO $1", part.Name())
		return noRoom(err, file)
	}, ready)
}

// appears makes a file that appears whole or not at all, and is open to its owner only.
// write writes all of it to the part that it is given; ready is what has to be done once that
// is kept, and before it takes the file's name.
func appears(file string, write func(part *os.File) error, ready func(part string) error) error {
	part, err := os.CreateTemp(filepath.Dir(file), partOf(filepath.Base(file))+"*")
	if err != nil {
		return noRoom(err, file)
	}
	defer os.Remove(part.Name()) // after the rename there is nothing to remove
	defer part.Close()
	if err := write(part); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return noRoom(err, file)
	}
	if err := ready(part.Name()); err != nil {
		return err
	}
	keepNames(filepath.Dir(file)) // or what ready removed could come back beside the new file
	if err := os.Rename(part.Name(), file); err != nil {
		return err
	}
	keepNames(filepath.Dir(file))
	return nil
}

// keepNames has the names of a folder's files outlast a power cut. Not every file system can
// do that at one's word, and SQLite, too, goes on then.
func keepNames(dir string) {
	if folder, err := os.Open(dir); err == nil {
		folder.Sync()
		folder.Close()
	}
}

// noRoom says of an error that a copy had no room, where it does.
func noRoom(err error, file string) error {
	if err == nil || !sqliteDialect.isFull(err) && !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return roster.Errorf(roster.Busy,
		"There is no room for %s: its disk is full. Nothing was changed. Make room, and try again.", file)
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
	release, err := hold(ctx, dir)
	if err != nil {
		return err
	}
	defer release()
	if err := sweepParts(at, time.Now()); err != nil {
		return err
	}
	return snapshot(ctx, from, at, func(string) (err error) {
		for _, name := range companions(at) {
			err = errors.Join(err, remove(name))
		}
		return err
	})
}

// companions is what SQLite has beside a database: while it is in use, and after that what it
// is to be repaired by. It takes it for that of whatever bears the name.
func companions(file string) []string {
	return []string{file + "-wal", file + "-shm", file + "-journal"}
}

func inUse(dir string) error {
	return roster.Errorf(roster.Invalid, "The store in %s is in use. Nothing was changed; stop the server first.", dir)
}

// IsLeftOver reports whether a file of this name in a store's directory is no part of
// the store: a lock that nobody need hold, or the beginning of a copy.
func IsLeftOver(name string) bool {
	return strings.HasPrefix(name, claimFile) || isPart(name, sqliteFile)
}

// partOf is what the names of a file's unfinished copies begin with.
func partOf(base string) string { return "." + base + "." }

// isPart reports whether a name is that of a file's unfinished copy, or of the journal of one:
// the beginning is followed by a number. Others' files may begin so, too.
func isPart(name, base string) bool {
	number, is := strings.CutPrefix(strings.TrimSuffix(name, "-journal"), partOf(base))
	return is && number != "" && strings.Trim(number, "0123456789") == ""
}

// sweepParts removes the unfinished copies of a file that nobody has written to since:
// whoever made them was killed.
func sweepParts(file string, since time.Time) error {
	entries, err := os.ReadDir(filepath.Dir(file))
	for _, entry := range entries {
		part, failed := entry.Info()
		if failed == nil && isPart(entry.Name(), filepath.Base(file)) &&
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
	if err := notOf(file, "PGDMP", "PostgreSQL", "--db"); err != nil {
		return nil, err
	}
	from, err := sql.Open("sqlite", "file:"+escaped(file)+"?mode=ro")
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
	damaged := func(how any) error {
		return roster.Errorf(roster.Invalid, "%s is damaged (%v). Nothing was changed.", file, how)
	}
	made, err := db.schema(ctx)
	switch {
	case sqliteIs(err, sqlite3.SQLITE_CORRUPT):
		return damaged(err)
	case err != nil || made.at == 0:
		return roster.Errorf(roster.Invalid, "%s is not a Roster store. Nothing was changed.", file)
	}
	if err := made.follows(); err != nil {
		return err
	}
	var sound string
	if err := db.row(ctx, db.query("PRAGMA quick_check(1)"), &sound); err != nil {
		return orCanceled(ctx, damaged(err))
	}
	if sound != "ok" {
		return damaged(sound)
	}
	return nil
}

// hold makes sure that nobody uses the store in dir, folds its log into the database
// file, and keeps everybody off that until release: what was written to it while another
// takes its place would be lost, and whoever waited to write finds that it is gone.
// Only the last connection of all may leave the write-ahead mode.
// A store that is too damaged to be opened is what restoring is for, and one whose log
// finds no room needs it: so the log stays until the new store is written. It must not be
// taken for that one's.
func hold(ctx context.Context, dir string) (release func() error, err error) {
	path := filepath.Join(dir, sqliteFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return func() error { return nil }, nil
	}
	old, err := sql.Open("sqlite", "file:"+escaped(path))
	if err != nil {
		return nil, err
	}
	old.SetMaxOpenConns(1)
	var mode string
	err = old.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	if err == nil && mode == "delete" {
		_, err = old.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if sqliteDialect.isBusy(err) || (err == nil && mode != "delete") {
		return nil, errors.Join(inUse(dir), old.Close())
	}
	return old.Close, nil
}

// remove deletes a file that may be missing.
func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
