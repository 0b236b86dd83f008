package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestRestoreBesideAJournal: what a store that is gone left to take back its last change by
// takes nothing back in the one that comes in its place.
func TestRestoreBesideAJournal(t *testing.T) {
	dir := t.TempDir()
	small, large, data := filepath.Join(dir, "small"), filepath.Join(dir, "large"), filepath.Join(dir, "data")
	db := storetest.SQLite(t)
	must(t, db.Backup(t.Context(), small))
	must(t, db.Spoil(t.Context(), "CREATE TABLE much AS "+muchText))
	must(t, db.Backup(t.Context(), large))
	must(t, store.Restore(t.Context(), small, data))
	at := filepath.Join(data, "roster.db")
	leaveJournal(t, at)
	must(t, os.Remove(at))
	must(t, store.Restore(t.Context(), large, data))

	restored, err := sql.Open("sqlite", at)
	must(t, err)
	defer restored.Close()
	var rows int
	if err := restored.QueryRow("SELECT count(*) FROM much").Scan(&rows); err != nil || rows != 1000 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// muchText is a thousand rows of a thousand characters.
const muchText = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
SELECT hex(randomblob(500)) AS text FROM n`

// leaveJournal leaves the journal of a change of the database that nobody ended.
func leaveJournal(t *testing.T, at string) {
	t.Helper()
	db, err := sql.Open("sqlite", at+"?_pragma=cache_size(1)")
	must(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	must(t, err)
	defer tx.Rollback()
	_, err = tx.Exec("CREATE TABLE more AS " + muchText)
	must(t, err)
	journal, err := os.ReadFile(at + "-journal")
	must(t, err)
	must(t, tx.Rollback())
	must(t, os.WriteFile(at+"-journal", journal, 0o600))
}

// TestBackupOverAStore: a backup takes no database's place that is in use, its own store's
// least of all: who works on it would go on in a file that is gone.
func TestBackupOverAStore(t *testing.T) {
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy")
	must(t, storetest.SQLite(t).Backup(t.Context(), copied))
	var stores [2]*store.DB
	for i, name := range []string{"own", "another"} {
		must(t, store.Restore(t.Context(), copied, filepath.Join(dir, name)))
		db, err := store.OpenDir(filepath.Join(dir, name))
		must(t, err)
		defer db.Close()
		must(t, db.CheckSchema(t.Context()))
		stores[i] = db
	}
	for _, name := range []string{"own", "another"} {
		at := filepath.Join(dir, name, "roster.db")
		before, err := os.Stat(at)
		must(t, err)
		err = stores[0].Backup(t.Context(), at)
		if roster.KindOf(err) != roster.Invalid || !strings.Contains(err.Error(), "Nothing was changed") {
			t.Errorf("over %s store: %v", name, err)
		}
		if after, err := os.Stat(at); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s store is another file, %v", name, err)
		}
	}
}

// TestOnlyUnfinishedCopiesAreSwept: whoever backs up to a file keeps what bears a like name.
func TestOnlyUnfinishedCopiesAreSwept(t *testing.T) {
	db, dir := storetest.SQLite(t), t.TempDir()
	parts, others := []string{".profile.42", ".profile.42-journal"}, []string{".profile.d", ".profile.2025-01-31",
		".profile.", ".profile.old.42"}
	long := time.Now().Add(-48 * time.Hour)
	for _, name := range append(parts, others...) {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("text"), 0o600))
		must(t, os.Chtimes(filepath.Join(dir, name), long, long))
	}
	must(t, db.Backup(t.Context(), filepath.Join(dir, "profile")))
	for _, name := range parts {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestNobodyWritesToAStoreThatIsReplaced: from the moment on in which nobody uses a store
// until a backup is in its place, nobody begins to; and who had opened it before, and did
// nothing, is told afterwards that it is gone. Else what they wrote would be lost.
func TestNobodyWritesToAStoreThatIsReplaced(t *testing.T) {
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy")
	must(t, storetest.SQLite(t).Backup(t.Context(), copied))
	must(t, store.Restore(t.Context(), copied, dir))
	at := filepath.Join(dir, "roster.db")
	early, err := sql.Open("sqlite", at)
	must(t, err)
	defer early.Close()
	must(t, early.Ping())

	release, err := store.Hold(t.Context(), dir)
	must(t, err)
	const change = "CREATE TABLE another (id INTEGER)"
	if _, err := early.Exec(change); err == nil {
		t.Error("who was there before writes")
	}
	late, err := sql.Open("sqlite", at+"?_pragma=journal_mode(WAL)")
	must(t, err)
	defer late.Close()
	if _, err := late.Exec(change); err == nil {
		t.Error("who comes writes")
	}
	must(t, os.Rename(copied, at))
	must(t, release())
	if _, err := early.Exec(change); err == nil {
		t.Error("who was there before writes to what is gone")
	}
	if _, err := late.Exec(change); err != nil {
		t.Error("who comes then:", err)
	}
}
