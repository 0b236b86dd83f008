package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"roster/internal/store"
)

// engine is what measuring must know of a database engine: how to get at
// databases by name, through the store and beneath it.
type engine interface {
	name() string
	version(db *sql.DB) string
	// address is where a database is, for open in this process or another.
	address(database string) string
	// bare opens a database under the settings that the store works with.
	bare(database string) *sql.DB
	// copyOf makes database to a fresh copy of database from.
	copyOf(from, to string)
	// loading tunes a connection for building a workload; loaded ends that.
	loading() []string
	loaded() []string
	// identify makes ids go on after those that were given.
	identify(tables []string) []string
	// settle puts a database into the same state before every timing: nothing
	// left to do of what was done to the tables before.
	settle(tables ...string) []string
	// among is a condition that expr is one of the ids in parameter p.
	among(expr, p string) string
	ids(ids []int64) any
	// timestamp is a time of Roster's, an expression, as Django keeps it.
	timestamp(expr string) string
	// elsewhere is what other programs call a database, which is there when
	// it is asked for, and what they call the engine.
	elsewhere(database string) (address, kind string)
	// processes are the engine's own, by number.
	processes() []int
	close()
}

func newEngine(name string) engine {
	switch name {
	case "sqlite":
		// Not /tmp, which may be memory, where writing would cost nothing.
		return &sqliteEngine{dir: get(os.MkdirTemp("/var/tmp", "roster-bench-*"))}
	case "postgres":
		server := os.Getenv("ROSTER_TEST_POSTGRES")
		check(server != "", "ROSTER_TEST_POSTGRES names no server: run this through scripts/with-postgres")
		return &postgresEngine{server: get(url.Parse(server)), made: map[string]bool{}}
	}
	must(fmt.Errorf("there is no engine %q", name))
	return nil
}

// open opens the store at an engine's address.
func open(address string) *store.DB {
	if strings.HasPrefix(address, "postgres://") {
		return get(store.OpenURL(address))
	}
	return get(store.OpenDir(address))
}

type sqliteEngine struct{ dir string }

func (e *sqliteEngine) name() string { return "SQLite" }

func (e *sqliteEngine) version(db *sql.DB) string {
	return "SQLite " + scalar[string](db, "SELECT sqlite_version()") + " (modernc.org/sqlite, in process)"
}

func (e *sqliteEngine) address(database string) string { return filepath.Join(e.dir, database) }

func (e *sqliteEngine) bare(database string) *sql.DB {
	dir := e.address(database)
	must(os.MkdirAll(dir, 0o700))
	db := get(sql.Open("sqlite", store.SQLiteDSN(dir)))
	db.SetMaxOpenConns(1)
	return db
}

func (e *sqliteEngine) copyOf(from, to string) {
	must(os.RemoveAll(e.address(to)))
	must(os.CopyFS(e.address(to), os.DirFS(e.address(from))))
}

func (e *sqliteEngine) loading() []string {
	return []string{"PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000"}
}

func (e *sqliteEngine) loaded() []string {
	return []string{"PRAGMA optimize = 0x10002", "PRAGMA wal_checkpoint(TRUNCATE)"}
}

func (e *sqliteEngine) identify([]string) []string { return nil } // it does so by itself

func (e *sqliteEngine) settle(...string) []string { return []string{"PRAGMA wal_checkpoint(TRUNCATE)"} }

func (e *sqliteEngine) among(expr, p string) string {
	return expr + " IN (SELECT value FROM json_each(" + p + "))"
}

func (e *sqliteEngine) ids(ids []int64) any {
	return strings.ReplaceAll(fmt.Sprint(ids), " ", ",")
}

func (e *sqliteEngine) timestamp(expr string) string {
	return "strftime('%Y-%m-%d %H:%M:%f', " + expr + " / 1000000.0, 'unixepoch')"
}

func (e *sqliteEngine) elsewhere(database string) (address, kind string) {
	must(os.MkdirAll(e.address(database), 0o700))
	return filepath.Join(e.address(database), "roster.db"), "sqlite"
}

func (e *sqliteEngine) close() { os.RemoveAll(e.dir) }

type postgresEngine struct {
	server *url.URL
	made   map[string]bool
}

func (e *postgresEngine) name() string { return "PostgreSQL" }

func (e *postgresEngine) version(db *sql.DB) string {
	return "PostgreSQL " + scalar[string](db, "SHOW server_version") + " (shared_buffers " +
		scalar[string](db, "SHOW shared_buffers") +
		", fsync " + scalar[string](db, "SHOW fsync") + ", synchronous_commit " +
		scalar[string](db, "SHOW synchronous_commit") + ")"
}

// address makes the database when it is asked for the first time.
func (e *postgresEngine) address(database string) string {
	if !e.made[database] {
		e.execute("CREATE DATABASE " + e.called(database))
		e.made[database] = true
	}
	return e.url(database)
}

func (e *postgresEngine) called(database string) string {
	return fmt.Sprintf("roster_bench_%d_%s", os.Getpid(), database)
}

func (e *postgresEngine) url(database string) string {
	u := *e.server
	u.Path = "/" + e.called(database)
	return u.String()
}

func (e *postgresEngine) bare(database string) *sql.DB {
	return get(sql.Open("pgx", store.PostgresDSN(e.address(database))))
}

func (e *postgresEngine) copyOf(from, to string) {
	e.execute("DROP DATABASE IF EXISTS " + e.called(to) + " WITH (FORCE)")
	e.execute("CREATE DATABASE " + e.called(to) + " TEMPLATE " + e.called(from))
	e.made[to] = true
}

func (e *postgresEngine) execute(statement string) {
	db := get(sql.Open("pgx", e.server.String()))
	_, err := db.Exec(statement)
	must(errors.Join(err, db.Close()))
}

func (e *postgresEngine) loading() []string { return []string{"SET synchronous_commit = off"} }

func (e *postgresEngine) identify(tables []string) []string {
	var out []string
	for _, table := range tables {
		out = append(out, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', 'id'), (SELECT max(id) FROM %s))",
			table, table))
	}
	return out
}

func (e *postgresEngine) loaded() []string { return []string{"VACUUM (ANALYZE)", "CHECKPOINT"} }

// settle does at a known moment what autovacuum and the checkpointer would do
// at any, in the middle of a timing as well.
func (e *postgresEngine) settle(tables ...string) []string {
	var out []string
	for _, table := range tables {
		out = append(out, "VACUUM (ANALYZE) "+table)
	}
	return append(out, "CHECKPOINT")
}

func (e *postgresEngine) among(expr, p string) string { return expr + " = ANY(" + p + "::bigint[])" }

func (e *postgresEngine) ids(ids []int64) any { return ids }

func (e *postgresEngine) timestamp(expr string) string {
	return "to_timestamp(" + expr + " / 1000000.0)"
}

func (e *postgresEngine) elsewhere(database string) (address, kind string) {
	return e.address(database), "postgres"
}

func (e *postgresEngine) close() {
	for database := range e.made {
		e.execute("DROP DATABASE IF EXISTS " + e.called(database) + " WITH (FORCE)")
	}
}

// querier is what asking and executing share between a pool, a connection and
// a transaction that are wrapped for it.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
	Exec(query string, args ...any) (sql.Result, error)
}

// scalar asks for one value.
func scalar[T any](db querier, query string, args ...any) (v T) {
	must(db.QueryRow(query, args...).Scan(&v))
	return v
}

// drain reads every row of a query into Go values, as any program would have to.
func drain(db querier, query string, args ...any) {
	rows := get(db.Query(query, args...))
	defer rows.Close()
	columns := get(rows.Columns())
	values := make([]any, len(columns))
	dest := make([]any, len(columns))
	for i := range values {
		dest[i] = &values[i]
	}
	for rows.Next() {
		must(rows.Scan(dest...))
	}
	must(rows.Err())
}

func execute(db querier, statements ...string) {
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			must(fmt.Errorf("%w in %s", err, statement))
		}
	}
}

// inTransaction runs statements together, with one commit.
func inTransaction(db *sql.DB, statements ...string) {
	tx := get(db.Begin())
	defer tx.Rollback()
	execute(tx, statements...)
	must(tx.Commit())
}
