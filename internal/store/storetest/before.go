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
	if driver == "pgx" {
		run(t, driver, dsn, goOn)
	}
	return db
}

// goOn has the numbers of new rows follow those that before.sql gave, as they do where
// Roster itself wrote the rows.
const goOn = `DO $$ DECLARE c record; BEGIN
FOR c IN SELECT table_name AS t, column_name AS n FROM information_schema.columns
 WHERE table_schema = current_schema() AND is_identity = 'YES' LOOP
 EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM %I', c.t, c.n, c.n, c.t);
END LOOP; END $$`

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
