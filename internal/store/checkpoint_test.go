package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// writing is a SQLite store with something in its log.
func writing(t *testing.T, leave bool) (db *store.DB, log func() int64) {
	t.Helper()
	dir := t.TempDir()
	db, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if leave {
		if err := db.LeaveLog(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, func() int64 {
		is, err := os.Stat(filepath.Join(dir, "roster.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return is.Size()
	}
}

func write(t *testing.T, db *store.DB, times int) {
	t.Helper()
	list := make([]roster.Activity, 2000)
	for i := range list {
		list[i] = roster.Activity{At: now, Method: "GET", URL: strings.Repeat("/", 200), Status: 200}
	}
	for range times {
		if err := db.AddActivities(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLogIsTrimmed: under readers of whom there is always one, SQLite's log is cut all the
// same, and before that it is not.
func TestLogIsTrimmed(t *testing.T) {
	storetest.Long(t)
	db, log := writing(t, false)
	var readers sync.WaitGroup
	stop := make(chan struct{})
	baton := make(chan struct{}, 1) // whoever has it has begun to read; then the other one does, and it ends
	baton <- struct{}{}
	for range 2 {
		readers.Go(func() {
			for {
				err := db.View(t.Context(), func(tx *store.DB) error {
					_, err := tx.SchemaVersion(t.Context())
					select {
					case baton <- struct{}{}:
					case <-baton:
					case <-stop:
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	write(t, db, 20)
	grown := log()
	for cut := false; !cut; { // for as long as it takes
		var err error
		if cut, err = db.TrimLog(t.Context(), 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	if left := log(); grown <= 1<<20 || left > 1<<20 {
		t.Errorf("the log was %d bytes, and is %d", grown, left)
	}
	close(stop)
	readers.Wait()
}

// TestLogIsLeft to somebody else.
func TestLogIsLeft(t *testing.T) {
	db, log := writing(t, true)
	before := log()
	write(t, db, 15)
	grown := log()
	if cut, err := db.TrimLog(t.Context(), 0); cut || err != nil || grown < before+(6<<20) || log() != grown {
		t.Error(before, grown, log(), cut, err)
	}
}
