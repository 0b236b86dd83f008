// Package storetest runs the same test on both engines.
package storetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"roster/internal/store"
)

// serverURL is the PostgreSQL server on which tests may make databases.
const serverURL = "ROSTER_TEST_POSTGRES"

// poolerURL is a pooler before that server, by which tests go to their stores where it is set.
const poolerURL = "ROSTER_TEST_POOLER"

// Each runs fn on an empty, migrated store of every engine. Without a
// PostgreSQL the test says that it was skipped there, or fails where
// ROSTER_REQUIRE_POSTGRES asks for one.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// Long skips a test that takes long, where only quick ones are asked for (go test -short).
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long; without -short it runs")
	}
}

// SQLite is an empty, migrated store on SQLite.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	dir := t.TempDir()
	content, err := made()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenDir(dir)
	return opened(t, db, err)
}

// Postgres is an empty, migrated store on PostgreSQL, in a database of its own.
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	at := MigratedURL(t)
	db, err := store.OpenURL(Pooled(t, at))
	opened(t, db, err)
	urls.Store(db, at)
	t.Cleanup(func() { urls.Delete(db) })
	return db
}

// Pooled is the way to a database that ROSTER_TEST_POOLER asks for: through the pooler
// there, or straight where it asks for none.
func Pooled(t testing.TB, to string) string {
	t.Helper()
	pooler := os.Getenv(poolerURL)
	if pooler == "" {
		return to
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	by, err := url.Parse(pooler)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = by.Host
	return u.String()
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
	err := beside.QueryRowContext(
		t.Context(), `SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND a.datname = current_database()`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// PostgresURL makes an empty database that goes with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	needsServer(t)
	name, at := create(t)
	t.Cleanup(func() {
		if err := drop(name); err != nil {
			t.Error(err)
		}
	})
	return at
}

// MigratedURL is a database with an empty, migrated store, which is the test's alone.
func MigratedURL(t testing.TB) string {
	t.Helper()
	return borrowed(t).url
}

var databases atomic.Int64

// create makes an empty database.
func create(t testing.TB) (name, at string) {
	t.Helper()
	server := os.Getenv(serverURL)
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name = fmt.Sprintf("roster_%d_%d", os.Getpid(), databases.Add(1))
	run(t, "pgx", server, "CREATE DATABASE "+name)
	u.Path = "/" + name
	return name, u.String()
}

func drop(name string) error {
	server, err := sql.Open("pgx", os.Getenv(serverURL))
	if err != nil {
		return err
	}
	defer server.Close()
	_, err = server.Exec("DROP DATABASE " + name + " WITH (FORCE)")
	return err
}

// needsServer skips a test without a PostgreSQL server.
func needsServer(t testing.TB) {
	t.Helper()
	if os.Getenv(serverURL) != "" {
		return
	}
	if os.Getenv("ROSTER_REQUIRE_POSTGRES") != "" {
		t.Fatal(serverURL + " is not set: run the tests with scripts/with-postgres")
	}
	t.Skip(serverURL + " is not set: run the tests with scripts/with-postgres")
}

func opened(t testing.TB, db *store.DB, err error) *store.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
