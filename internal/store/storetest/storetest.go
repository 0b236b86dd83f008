// Package storetest runs the same test on both engines.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"roster/internal/store"
)

// serverURL is the PostgreSQL server on which tests may make databases.
const serverURL = "ROSTER_TEST_POSTGRES"

// Each runs fn on an empty, migrated store of every engine. Without a
// PostgreSQL the test says that it was skipped there, or fails where
// ROSTER_REQUIRE_POSTGRES asks for one.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// SQLite is an empty, migrated store on SQLite.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.OpenDir(t.TempDir())
	return prepared(t, db, err)
}

// Postgres is an empty, migrated store on PostgreSQL, in a database of its own.
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	at := PostgresURL(t)
	db, err := store.OpenURL(at)
	prepared(t, db, err)
	urls.Store(db, at)
	t.Cleanup(func() { urls.Delete(db) })
	return db
}

var urls sync.Map // of the stores on PostgreSQL

// Beside is a PostgreSQL store past Roster, for what another program does there meanwhile;
// nil where the store is on SQLite, on which nothing happens within a transaction.
func Beside(t testing.TB, db *store.DB) *sql.DB {
	t.Helper()
	at, known := urls.Load(db)
	if !known {
		return nil
	}
	beside, err := sql.Open("pgx", at.(string))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { beside.Close() })
	return beside
}

// AwaitBlocked waits until n transactions wait for others', in db's turns or in the
// database, or done is closed.
func AwaitBlocked(t testing.TB, db *store.DB, beside *sql.DB, n int, done <-chan struct{}) {
	t.Helper()
	for db.Waiting()+blocked(t, beside) < n {
		select {
		case <-done:
			return
		default:
		}
	}
}

// blocked is how many transactions wait for the locks of others.
func blocked(t testing.TB, beside *sql.DB) (n int) {
	t.Helper()
	err := beside.QueryRowContext(t.Context(), `SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND a.datname = current_database()`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var databases atomic.Int64

// PostgresURL makes an empty database that goes with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(serverURL)
	if server == "" {
		if os.Getenv("ROSTER_REQUIRE_POSTGRES") != "" {
			t.Fatal(serverURL + " is not set: run the tests with scripts/with-postgres")
		}
		t.Skip(serverURL + " is not set: run the tests with scripts/with-postgres")
	}
	name := fmt.Sprintf("roster_%d_%d", os.Getpid(), databases.Add(1))
	run(t, "pgx", server, "CREATE DATABASE "+name)
	t.Cleanup(func() { run(t, "pgx", server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func prepared(t testing.TB, db *store.DB, err error) *store.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return db
}
