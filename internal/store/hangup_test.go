package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"

	"modernc.org/sqlite"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// endless counts for ever.
const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

// counted is told of each number that SQLite counts by endlessTold: it works in this process,
// where nobody else sees what it is at.
var counted = make(chan struct{})

const endlessTold = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + told() FROM n) SELECT max(i) FROM n"

func init() {
	sqlite.MustRegisterScalarFunction("told", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		select {
		case counted <- struct{}{}:
		default:
		}
		return int64(1), nil
	})
}

// awaitAsked waits until the endless question is at work, or is not any more. Where SQLite
// was told to stop, it has when the asker is answered.
func awaitAsked(t *testing.T, db *store.DB, atWork bool) {
	t.Helper()
	beside := storetest.Beside(t, db)
	if beside == nil {
		if atWork {
			<-counted
		}
		return
	}
	for n := -1; n > 0 != atWork || n < 0; {
		must(t, beside.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"+
			" AND state = 'active' AND query = $1", endless).Scan(&n))
	}
}

// TestHangingUpEndsTheQuestion: the database does not go on with what nobody waits for any
// more, be it a question by itself, within a state that is read, or within a change.
func TestHangingUpEndsTheQuestion(t *testing.T) {
	for name, within := range map[string]func(ctx context.Context, db *store.DB, fn func(*store.DB) error) error{
		"by itself": func(_ context.Context, db *store.DB, fn func(*store.DB) error) error { return fn(db) },
		"reading":   func(ctx context.Context, db *store.DB, fn func(*store.DB) error) error { return db.View(ctx, fn) },
		"changing":  func(ctx context.Context, db *store.DB, fn func(*store.DB) error) error { return db.Update(ctx, fn) },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				ctx, hangUp := context.WithCancel(t.Context())
				over := make(chan error, 1)
				go func() {
					over <- within(ctx, db, func(db *store.DB) error {
						return db.Ask(ctx, map[string]string{"sqlite": endlessTold, "postgres": endless}[db.Engine()])
					})
				}()
				awaitAsked(t, db, true)
				hangUp()
				if err := <-over; !errors.Is(err, context.Canceled) {
					t.Error("who hung up:", err)
				}
				awaitAsked(t, db, false)
				if _, err := recorded(t.Context(), db); err != nil {
					t.Error("what comes next:", err)
				}
			})
		})
	}
}
