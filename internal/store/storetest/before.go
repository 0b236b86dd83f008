package storetest

import (
	"context"
	"database/sql"
	_ "embed"
	"strings"
	"testing"

	"roster/internal/store"
)

// beforeVersion is the schema of the stores that before.sql fills.
const beforeVersion = 11

// before is what was in them, as plain statements that both engines read. Ids
// begin at 1001, so that what a test makes afterwards takes none of them.
//
//go:embed before.sql
var before string

// EachBefore runs fn on a store of every engine as an older Roster left it,
// with people and work in it: before.sql says what. Nothing has migrated it.
func EachBefore(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		db, err := store.OpenDir(dir)
		fn(t, older(t, db, err, "sqlite", store.SQLiteDSN(dir)))
	})
	t.Run("postgres", func(t *testing.T) {
		url := PostgresURL(t)
		db, err := store.OpenURL(url)
		fn(t, older(t, db, err, "pgx", url))
	})
}

func older(t testing.TB, db *store.DB, err error, driver, dsn string) *store.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.MigrateTo(context.Background(), beforeVersion); err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(before, ";\n") {
		run(t, driver, dsn, statement)
	}
	return db
}

func run(t testing.TB, driver, dsn, statement string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err, statement)
	}
}
