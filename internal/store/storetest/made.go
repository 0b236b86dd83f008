package storetest

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"roster/internal/store"
)

// Making an empty, migrated store takes longer than most tests that ask for one. So on
// SQLite it is made once, and copied for each test. On PostgreSQL, where a copy costs as
// much, a store is emptied behind its test, and serves the next.

// Main runs the tests of a package, for its TestMain, and removes what they left on the
// PostgreSQL server.
func Main(m *testing.M) (code int) {
	tidies = true
	code = m.Run()
	for _, d := range spare {
		if err := d.drop(); err != nil {
			panic(err)
		}
	}
	return code
}

// tidies is set where Main runs the tests.
var tidies bool

// made is the file of an empty, migrated store on SQLite.
var made = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "roster-made")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := store.OpenDir(dir)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if _, err := db.Migrate(context.Background()); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, file))
})

// file is the name of the database in a store's directory.
const file = "roster.db"

// database is one on the PostgreSQL server with a store that is empty whenever no test has it.
type database struct {
	name, url string
	beside    *sql.DB
	asMade    string // what its state was when the store was made
}

// spare are the databases that no test has.
var (
	spareLock sync.Mutex
	spare     []*database
)

// borrowed is a database with an empty, migrated store, for as long as the test runs.
func borrowed(t testing.TB) *database {
	t.Helper()
	needsServer(t)
	if !tidies {
		t.Fatal("TestMain of this package does not call storetest.Main")
	}
	d := takeSpare()
	if d == nil {
		d = newDatabase(t)
	}
	t.Cleanup(func() {
		if d.empty() != nil {
			if err := d.drop(); err != nil {
				t.Error(err)
			}
			return
		}
		spareLock.Lock()
		defer spareLock.Unlock()
		spare = append(spare, d)
	})
	return d
}

func takeSpare() (d *database) {
	spareLock.Lock()
	defer spareLock.Unlock()
	if n := len(spare); n > 0 {
		d, spare = spare[n-1], spare[:n-1]
	}
	return d
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	d := &database{}
	d.name, d.url = create(t)
	db, err := store.OpenURL(d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	if d.beside, err = sql.Open("pgx", d.url+"&default_query_exec_mode=simple_protocol"); err != nil {
		t.Fatal(err)
	}
	d.beside.SetMaxOpenConns(1)
	if err := d.beside.QueryRow(stateOf).Scan(&d.asMade); err != nil {
		t.Fatal(err)
	}
	return d
}

// stateOf tells a store that was emptied from one that differs in anything else from how it
// was made: in its tables, what the planner knows of them, its settings, its size.
//
//go:embed state.sql
var stateOf string

// ending has nothing go on in a database any more.
const ending = `SELECT count(pg_terminate_backend(pid, 30000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()`

// emptying deletes the rows that were not there when a database was made. Foreign keys are
// triggers, and sleep meanwhile.
//
//go:embed emptying.sql
var emptying string

// usedTables lists the tables that are not as short as when they were made.
//
//go:embed used.sql
var usedTables string

// neverSeen takes from the planner that a table was seen empty: of a new one it knows nothing.
const neverSeen = `UPDATE pg_class SET reltuples = -1
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND reltuples = 0`

// empty makes a database as it was made; an error if that cannot be told.
func (d *database) empty() error {
	var used, state string
	if _, err := d.beside.Exec(ending); err != nil {
		return err
	}
	if err := d.beside.QueryRow(usedTables).Scan(&used); err != nil {
		return err
	}
	if used != "" {
		// New rows come to where they would in a new table, so that what nobody orders has
		// the same order.
		for _, statement := range []string{emptying, "VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) " + used, neverSeen} {
			if _, err := d.beside.Exec(statement); err != nil {
				return err
			}
		}
	}
	if err := d.beside.QueryRow(stateOf).Scan(&state); err != nil {
		return err
	}
	if state != d.asMade {
		return errOther
	}
	return nil
}

var errOther = errors.New("the store is not as it was made")

func (d *database) drop() error {
	d.beside.Close()
	return drop(d.name)
}
