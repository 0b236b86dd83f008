package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var sqliteDialect = dialect{
	name: "sqlite",
	ddl: strings.NewReplacer("{{id}}", "INTEGER PRIMARY KEY AUTOINCREMENT",
		"{{number}}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{{postgres}}", "-- ",
		"{{concurrently}} ", "", "{{text}}", "TEXT", "{{bytes}}", "BLOB",
		"{{now}}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
	mark:      func(int) string { return "?" },
	anyOf:     func(expr, p string) string { return expr + " IN (SELECT value FROM json_each(" + p + "))" },
	ids:       func(p string) string { return "(SELECT value AS id FROM json_each(" + p + "))" },
	idsArg:    func(ids []int64) any { return jsonIDs(ids) },
	elements:  func(p string) string { return "json_each(" + p + ")" },
	rowIDs:    "json_group_array(pm.id)",
	isAt:      "pm.id IN (SELECT value FROM json_each(CAST(? AS TEXT)))",
	find:      "instr",
	notAmong:  func(person, few string) string { return person + " NOT IN (SELECT om.user_id" + few + ")" },
	part:      func(_ *query, walk, _ func()) { walk() },
	through:   func(index string) string { return " INDEXED BY " + index },
	exists:    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
	analyze:   []string{"PRAGMA optimize = 0x10002", dropSamples},
	integrity: []inquiry{{"the database file is whole", "PRAGMA integrity_check"}},
	brief: func(ctx context.Context, _ *DB) (context.Context, context.CancelFunc) {
		return context.WithoutCancel(ctx), func() {}
	},
	isUnique: func(err error) bool {
		e, ok := asError[*sqlite.Error](err)
		return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
	},
	isBusy: func(err error) bool {
		e, ok := asError[*sqlite.Error](err)
		return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
	},
	isAway: func(err error) bool {
		return sqliteIs(err, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
	},
	isFull: func(err error) bool { return sqliteIs(err, sqlite3.SQLITE_FULL) },
	// What could not be written to the disk for certain may be there all the same when
	// the store is opened the next time.
	isRefusal:    func(err error) bool { return !sqliteIs(err, sqlite3.SQLITE_IOERR) },
	happened:     func(context.Context, *DB) (bool, error) { return false, errNobodyKnows },
	takes:        takesOnSQLite,
	isConflict:   func(error) bool { return false },
	isDoubtful:   func(*sql.Conn) bool { return false },
	lockPatience: sqliteLock,
}

// takesOnSQLite takes SQLite's lock for a moment, by a connection of its own, which finds
// the file as it is now. Where somebody else has the lock, they write.
func takesOnSQLite(ctx context.Context, db *DB) error {
	trying, err := sql.Open("sqlite", "file:"+escaped(filepath.Join(db.dir, sqliteFile))+
		"?mode=rw&_pragma=busy_timeout(0)")
	if err != nil {
		return err
	}
	defer trying.Close()
	trying.SetMaxOpenConns(1)
	if _, err = trying.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		if sqliteIs(err, sqlite3.SQLITE_BUSY) {
			return nil
		}
		return err
	}
	_, err = trying.ExecContext(ctx, "ROLLBACK")
	return err
}

// samples are what an analysis finds of the values in an index. Where there are any,
// SQLite looks at every value that a question comes with and compiles it anew for
// each, which takes longer than to answer the small ones. How many rows a value has on
// the average is enough to find the right index, and the plan is the same for everybody.
const (
	samples     = "sqlite_stat4"
	dropSamples = "DROP TABLE IF EXISTS " + samples
)

// unsample drops the samples of whoever analyzed a SQLite store otherwise.
func (db *DB) unsample(ctx context.Context) error {
	n, err := db.count(ctx, db.fixed(db.dialect.exists, samples))
	if err != nil || n == 0 {
		return err
	}
	_, err = db.exec(ctx, db.query(dropSamples))
	return err
}

// sqliteLock is how long SQLite's one lock is waited for.
const sqliteLock = 10 * time.Second

func sqliteIs(err error, codes ...int) bool {
	e, ok := asError[*sqlite.Error](err)
	return ok && slices.Contains(codes, e.Code()&0xff)
}

// sqliteFile is the name of the database in a data directory.
const sqliteFile = "roster.db"

// openSQLite opens a pool that writes, one that reads, and one for what is read
// at once. A write transaction takes the lock when it begins (never half-way,
// where SQLite could only fail), and readers go on beside it on the last
// committed state.
func openSQLite(dir string) (*DB, error) {
	readers := 4 + 2*runtime.NumCPU()
	db := &DB{
		dialect: &sqliteDialect, dir: dir, streams: make(chan struct{}, readers/2), stmts: &sync.Map{},
		serials: &atomic.Pointer[string]{},
	}
	path := filepath.Join(dir, sqliteFile)
	for _, pool := range []struct {
		at          **sql.DB
		lock        string
		cache, most int
	}{
		{&db.write, "immediate", writeCache, 1},
		{&db.read, "deferred", readCache, readers},
		{&db.short, "deferred", readCache, 2 + runtime.NumCPU()},
	} {
		opened, err := sql.Open("sqlite", sqliteDSN(path, pool.lock, pool.cache))
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		opened.SetMaxOpenConns(pool.most)
		opened.SetMaxIdleConns(pool.most)
		*pool.at = opened
	}
	return db, nil
}

// SQLiteDSN is the name under which database/sql opens the store in dir with
// the store's own settings: what is measured beside Roster must not have others.
func SQLiteDSN(dir string) string {
	return sqliteDSN(filepath.Join(dir, sqliteFile), "immediate", writeCache)
}

// The page caches of a connection, in KiB; they take twice that in memory. The
// writer's holds the pages that a bulk change dirties. Readers find theirs in
// the system's cache as fast, and there are many of them.
const (
	writeCache = 16000
	readCache  = 2000
)

// sqliteDSN puts the pragmas where every pooled connection gets them. Commits
// are synchronous: somebody who was told that a person is off a project must
// not find them on it after a power cut. Temporary tables go to files, as is
// SQLite's way: kept in memory, sorting an export of a million people by e-mail
// took 300 MB, and nothing was faster for it.
func sqliteDSN(path, lock string, cache int) string {
	v := url.Values{}
	for _, pragma := range []string{
		"journal_mode(WAL)", "foreign_keys(1)", fmt.Sprintf("busy_timeout(%d)", sqliteLock.Milliseconds()),
		"synchronous(FULL)",
		fmt.Sprintf("cache_size(-%d)", cache),
	} {
		v.Add("_pragma", pragma)
	}
	v.Set("_txlock", lock)
	return fmt.Sprintf("file:%s?%s", escaped(path), v.Encode())
}

func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
