package storetest_test

import (
	"database/sql"
	"fmt"
	"os"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// TestEmptied: a test finds nothing of an earlier one in its database, and numbers begin
// anew; a database in which anything but rows was changed serves no other test.
func TestEmptied(t *testing.T) {
	storetest.PostgresURL(t) // or there is none to lend
	var first string
	lend := func(t *testing.T, use func(beside *sql.DB)) (at string) {
		t.Run("lent", func(t *testing.T) {
			db := storetest.Postgres(t)
			beside := storetest.Beside(t, db)
			if rows := rows(t, beside); first == "" {
				first = rows
			} else if rows != first {
				t.Errorf("a new store holds %s\nand this one %s", first, rows)
			}
			fill(t, db)
			use(beside)
			at = name(t, beside)
		})
		return at
	}
	rowsOnly := func(*sql.DB) {}
	used := lend(t, rowsOnly)
	if again := lend(t, rowsOnly); again != used {
		t.Errorf("rows alone cost the database: %s, then %s", used, again)
	}
	used = lend(t, func(beside *sql.DB) {
		_, err := beside.Exec("CREATE TABLE more (id int)")
		must(t, err)
	})
	if again := lend(t, rowsOnly); again == used {
		t.Error("a table stayed for the next test")
	}
}

// TestWhatIsNotRowsIsTold: whatever else is changed in a store, its state tells it.
func TestWhatIsNotRowsIsTold(t *testing.T) {
	db := storetest.Postgres(t)
	beside := storetest.Beside(t, db)
	fill(t, db)
	state := func(q interface {
		QueryRow(query string, args ...any) *sql.Row
	}) (s string) {
		must(t, q.QueryRow(storetest.StateOf).Scan(&s))
		return s
	}
	before := state(beside)
	for _, change := range []string{
		"ANALYZE users", "CREATE TABLE more (id int)", "DROP INDEX organization_members_implicit",
		"ALTER TABLE users ADD more int",
		"ALTER TABLE users ALTER email DROP NOT NULL", "DELETE FROM schema_versions WHERE version = 1",
		"CREATE SCHEMA more", "CREATE SEQUENCE more", "ALTER TABLE pauses RENAME TO more",
		"CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'", "CREATE VIEW more AS SELECT 1",
		"DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET work_mem = ''1MB'''; END $$",
	} {
		tx, err := beside.Begin()
		must(t, err)
		_, err = tx.Exec(change)
		must(t, err)
		if state(tx) == before {
			t.Errorf("%s is not told", change)
		}
		must(t, tx.Rollback())
	}
	if state(beside) != before {
		t.Error("what was taken back is told")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill puts rows into a store, whose numbers begin at 1.
func fill(t *testing.T, db *store.DB) {
	t.Helper()
	w := apptest.New(t, db)
	p := w.Project("Street signs", w.Workspace("Vision"))
	w.NastyPeople(p)
	if w.Owner != 1 || p != 1 {
		t.Errorf("the owner is %d and the project %d", w.Owner, p)
	}
	w.Person(roster.RoleReviewer)
}

// rows is how many every table has.
func rows(t *testing.T, beside *sql.DB) (text string) {
	t.Helper()
	tables, err := beside.Query(`SELECT relname,
 (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', relname), FALSE, TRUE, '')))[1]::text
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	for tables.Next() {
		var table, n string
		if err := tables.Scan(&table, &n); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%s %s ", table, n)
	}
	return text
}

func name(t *testing.T, beside *sql.DB) (name string) {
	t.Helper()
	if err := beside.QueryRow("SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}
