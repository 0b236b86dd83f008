package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"

	"roster"
)

// SQLite writes what is committed to a log beside the database, and moves it from there
// by itself. It begins the log anew only in a moment in which nobody reads from it, and
// under constant readers there is none: the log grows, and keeps its size.

// MostLog is how large SQLite's log may be, in bytes, before TrimLog cuts it.
const MostLog = 64 << 20

// logPatience is how long writers wait, in milliseconds, for those who still read an
// older state.
const logPatience = "1000"

// LeaveLog leaves SQLite's log to somebody else, such as a replicator that reads it. It
// comes before anything is asked of the store.
func (db *DB) LeaveLog() error {
	if db.dir == "" {
		return roster.Errorf(roster.Invalid, "Only a SQLite store has checkpoints of Roster's to leave to somebody else.")
	}
	write, err := sql.Open("sqlite", sqliteDSN(filepath.Join(db.dir, sqliteFile), "immediate", writeCache)+
		"&_pragma=wal_autocheckpoint(0)")
	if err != nil {
		return err
	}
	write.SetMaxOpenConns(1)
	err = db.write.Close()
	db.write, db.leavesLog = write, true
	return err
}

// TrimLog cuts SQLite's log where it is larger than so many bytes, and reports whether it
// did. Writers wait for a second at the most until who reads an older state is done; if
// that is not enough, the log stays, until the next time.
func (db *DB) TrimLog(ctx context.Context, most int64) (trimmed bool, err error) {
	if db.dir == "" || db.leavesLog {
		return false, nil
	}
	path := filepath.Join(db.dir, sqliteFile)
	is, err := os.Stat(path + "-wal")
	if errors.Is(err, os.ErrNotExist) || err == nil && is.Size() <= most {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	trimming, err := sql.Open("sqlite", "file:"+escaped(path)+"?_pragma=busy_timeout("+logPatience+")")
	if err != nil {
		return false, err
	}
	defer trimming.Close()
	var busy, inLog, moved int
	err = trimming.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &inLog, &moved)
	return err == nil && busy == 0, db.classify(err)
}
