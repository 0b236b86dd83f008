package store_test

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestAnOperatorsHand: a connection of PostgreSQL's that its operator ends, or whose statement
// they cancel, is a store that is away for a moment: what was under way did not happen, which
// is what is said, and what comes next does.
func TestAnOperatorsHand(t *testing.T) {
	for name, hand := range map[string]string{"ends it": "pg_terminate_backend", "cancels": "pg_cancel_backend"} {
		t.Run(name, func(t *testing.T) {
			db := storetest.Postgres(t)
			beside := storetest.Beside(t, db)
			held, err := beside.Begin()
			must(t, err)
			_, err = held.Exec("LOCK TABLE operations IN EXCLUSIVE MODE")
			must(t, err)
			under, done := make(chan error, 1), make(chan struct{})
			go func() {
				defer close(done)
				_, err := recorded(context.WithoutCancel(t.Context()), db)
				under <- err
			}()
			storetest.AwaitBlocked(t, db, beside, 1, done)
			_, err = beside.Exec("SELECT " + hand +
				"(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
			must(t, err)
			if err := <-under; roster.KindOf(err) != roster.Busy || !strings.Contains(err.Error(), "Nothing was changed") {
				t.Error("what was under way:", err)
			}
			must(t, held.Rollback())
			if id, err := recorded(t.Context(), db); err != nil || id == 0 {
				t.Error("what comes next:", err)
			}
		})
	}
}

// TestNoConnectionLeft: a PostgreSQL that takes no connection more is busy.
func TestNoConnectionLeft(t *testing.T) {
	at := storetest.MigratedURL(t)
	whole, err := store.OpenURL(at)
	must(t, err)
	defer whole.Close()
	to, err := url.Parse(at)
	must(t, err)
	role := "role_of_" + strings.TrimPrefix(to.Path, "/")
	run(t, at, `CREATE ROLE "`+role+`" LOGIN CONNECTION LIMIT 0`)
	defer run(t, at, `DROP ROLE "`+role+`"`)
	to.User = url.User(role)
	full, err := store.OpenURL(to.String())
	must(t, err)
	defer full.Close()
	_, read := full.SchemaVersion(t.Context())
	_, changed := recorded(t.Context(), full)
	for _, err := range []error{read, changed} {
		if roster.KindOf(err) != roster.Busy || !strings.Contains(err.Error(), "Nothing was changed") {
			t.Error(err)
		}
	}
}

// run carries out statements past Roster.
func run(t *testing.T, at string, statements ...string) {
	t.Helper()
	beside, err := sql.Open("pgx", at)
	must(t, err)
	defer beside.Close()
	for _, statement := range statements {
		_, err := beside.Exec(statement)
		must(t, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
