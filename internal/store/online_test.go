package store_test

import (
	"context"
	"database/sql"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// later is a step that a later Roster might take: it keeps labels in another column, which is
// filled and indexed beside others' work, and takes the old one away in the end.
const later = `-- Tags are told apart by a mark.
ALTER TABLE tags ADD COLUMN mark {{text}};
-- roster: online
UPDATE tags SET mark = label WHERE mark IS NULL AND {{batch tags.id}};
CREATE UNIQUE INDEX {{concurrently}} IF NOT EXISTS tags_mark ON tags (organization_id, mark);
-- roster: contract
ALTER TABLE tags DROP COLUMN color;
`

// laterStep has this Roster know the step, until the returned function is called.
func laterStep(t *testing.T, text string) (forget func()) {
	t.Helper()
	return store.Overlay("migrations/9999_later.sql", text)
}

// server is an empty database of the present schema, and a way to it past Roster.
func server(t *testing.T) (db *store.DB, beside *sql.DB) {
	t.Helper()
	at := storetest.PostgresURL(t)
	db, err := store.OpenURL(at)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	_, err = db.Migrate(t.Context())
	must(t, err)
	beside, err = sql.Open("pgx", at)
	must(t, err)
	t.Cleanup(func() { beside.Close() })
	return db, beside
}

func hasColumn(t *testing.T, db *store.DB, column string) bool {
	t.Helper()
	return db.Ask(t.Context(), "SELECT count("+column+") FROM tags") == nil
}

// TestExpandAndContract: on PostgreSQL a step leaves what an older Roster needs, which works
// on, until that is taken away; then it is refused. SQLite, and a new store, keep nothing.
func TestExpandAndContract(t *testing.T) {
	text := strings.ReplaceAll(later, "color", "is_old")
	prepared := "ALTER TABLE tags ADD COLUMN is_old BIGINT;\n"
	t.Run("postgres", func(t *testing.T) {
		db, beside := server(t)
		exec(t, beside, prepared)
		forget := laterStep(t, text)
		steps, err := db.Migrate(t.Context())
		if err != nil || steps != 1 {
			t.Fatal(steps, err)
		}
		must(t, db.CheckSchema(t.Context()))
		forget()
		if err := db.CheckSchema(t.Context()); err != nil {
			t.Error("an older Roster, once it is expanded:", err)
		}
		if steps, err := db.Migrate(t.Context()); steps != 0 || err != nil {
			t.Error("an older Roster migrates:", steps, err)
		}
		defer laterStep(t, text)()
		if steps, err := db.Contract(t.Context()); steps != 1 || err != nil || hasColumn(t, db, "is_old") {
			t.Error("contracting:", steps, err)
		}
		if steps, err := db.Contract(t.Context()); steps != 0 || err != nil {
			t.Error("contracting again:", steps, err)
		}
		laterStep(t, "")
		if err := db.CheckSchema(t.Context()); roster.KindOf(err) != roster.Invalid {
			t.Error("an older Roster, once it is contracted:", err)
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		db := storetest.SQLite(t)
		must(t, db.Do(t.Context(), strings.TrimSuffix(prepared, ";\n")))
		forget := laterStep(t, text)
		defer forget()
		if steps, err := db.Migrate(t.Context()); err != nil || steps != 1 || hasColumn(t, db, "is_old") {
			t.Error(steps, err)
		}
		forget()
		if err := db.CheckSchema(t.Context()); roster.KindOf(err) != roster.Invalid {
			t.Error("an older Roster:", err)
		}
	})
}

func exec(t *testing.T, beside *sql.DB, text string) {
	t.Helper()
	_, err := beside.Exec(text)
	must(t, err)
}

// TestAStepGoesOn: one that was cut off beside others' work goes on where it was. The index that
// it left unfinished is built anew.
func TestAStepGoesOn(t *testing.T) {
	db, beside := server(t)
	exec(t, beside, "INSERT INTO organizations (title, token, created_at) VALUES ('Acme', 'x', 0)")
	exec(t, beside, `INSERT INTO tags (organization_id, label, label_key, created_by, created_at, updated_at)
SELECT 1, 'tag ' || n, n, 1, 0, 0 FROM generate_series(1, 5000) n`)
	broken := strings.Replace(later, "SET mark = label", "SET mark = 'same'", 1)
	forget := laterStep(t, broken)
	if _, err := db.Migrate(t.Context()); err == nil {
		t.Fatal("the index has two of one mark")
	}
	if err := db.CheckSchema(t.Context()); roster.KindOf(err) != roster.Invalid {
		t.Error("one that is half-way is worked with:", err)
	}
	forget()
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Error("an older Roster:", err)
	}
	var invalid int
	const look = "SELECT count(*) FROM pg_index WHERE indexrelid = 'tags_mark'::regclass AND NOT indisvalid"
	must(t, beside.QueryRow(look).Scan(&invalid))
	if invalid != 1 {
		t.Fatal("the index was left whole")
	}
	exec(t, beside, "UPDATE tags SET mark = NULL")
	defer laterStep(t, strings.Replace(later, "\n-- roster: contract\nALTER TABLE tags DROP COLUMN color;", "", 1))()
	var told [][2]int
	ctx := store.WithProgress(t.Context(), func(done, total int) { told = append(told, [2]int{done, total}) })
	if steps, err := db.Migrate(ctx); steps != 1 || err != nil {
		t.Fatal(steps, err)
	}
	must(t, beside.QueryRow(look).Scan(&invalid))
	var unmarked int
	must(t, beside.QueryRow("SELECT count(*) FROM tags WHERE mark IS DISTINCT FROM label").Scan(&unmarked))
	if invalid != 0 || unmarked != 0 || len(told) != 3 || told[2] != [2]int{5000, 5000} {
		t.Error(invalid, unmarked, told)
	}
}

// TestNobodyWaitsForAStep: while somebody holds a table, a step that needs it does not keep
// those who come after it waiting, and is done once it can be.
func TestNobodyWaitsForAStep(t *testing.T) {
	db, beside := server(t)
	defer laterStep(t, "ALTER TABLE tags ADD COLUMN mark {{text}};\n")()
	held, err := beside.Begin()
	must(t, err)
	_, err = held.Exec("SELECT 1 FROM tags")
	must(t, err)
	done := make(chan error, 1)
	go func() { _, err := db.Migrate(t.Context()); done <- err }()
	storetest.AwaitBlocked(t, db, beside, 1, nil)
	must(t, db.Ask(t.Context(), "SELECT count(*) FROM tags")) // waits for a second at the most
	must(t, held.Rollback())
	must(t, <-done)
}

// TestMigratorsTakeTurns: of several that begin at once each step is taken by one, also what
// is done beside others' work.
func TestMigratorsTakeTurns(t *testing.T) {
	at := storetest.PostgresURL(t)
	defer laterStep(t, strings.Replace(later, "\n-- roster: contract\nALTER TABLE tags DROP COLUMN color;", "", 1))()
	var all sync.WaitGroup
	var lock sync.Mutex
	taken := 0
	for range 4 {
		all.Go(func() {
			db, err := store.OpenURL(at)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			steps, err := db.Migrate(context.WithoutCancel(t.Context()))
			if err != nil {
				t.Error(err)
			}
			lock.Lock()
			defer lock.Unlock()
			taken += steps
		})
	}
	all.Wait()
	if taken != store.Version() {
		t.Errorf("%d steps were taken of %d", taken, store.Version())
	}
}

// TestAPoolerIsNoWayToMigrate: what is done outside of a transaction would go anywhere.
func TestAPoolerIsNoWayToMigrate(t *testing.T) {
	at := storetest.PostgresURL(t)
	if storetest.Pooled(t, at) == at {
		t.Skip("ROSTER_TEST_POOLER is not set: run this with scripts/with-pgbouncer")
	}
	db, err := store.OpenURL(storetest.Pooled(t, at))
	must(t, err)
	defer db.Close()
	if _, err := db.Migrate(t.Context()); roster.KindOf(err) != roster.Invalid ||
		!strings.Contains(err.Error(), "--db-direct") {
		t.Error(err)
	}
}

// repeatable is what may stand in the part of a step that is done beside others' work.
var repeatable = regexp.MustCompile(`^(CREATE (UNIQUE )?INDEX {{concurrently}} IF NOT EXISTS |` +
	`DROP INDEX {{concurrently}} IF EXISTS |(UPDATE|DELETE|INSERT)[\s\S]*{{batch \w+\.\w+}}|ALTER TABLE \w+ VALIDATE )`)

// TestStepsBesideOthersWork may each be taken again, and none waits for others or holds them up.
func TestStepsBesideOthersWork(t *testing.T) {
	files, err := fs.Glob(store.Migrations(), "migrations/*.sql")
	must(t, err)
	for _, file := range files {
		text, err := fs.ReadFile(store.Migrations(), file)
		must(t, err)
		_, online, _ := strings.Cut(string(text), "-- roster: online\n")
		online, _, _ = strings.Cut(online, "-- roster: contract\n")
		for _, statement := range store.Statements(online) {
			if !repeatable.MatchString(statement) {
				t.Errorf("%s: %q may not run twice, or not beside others", file, statement)
			}
		}
	}
}
