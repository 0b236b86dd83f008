package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestAddressInUse(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	s := e.serve(t)
	taken := strings.TrimPrefix(s.address, "http://")
	other := filepath.Join(t.TempDir(), "other")
	a := e.roster(t, "serve", "--addr", taken, "--data", other)
	if a.code != 1 || a.errors != "roster: The address "+taken+" is in use already.\n" {
		t.Errorf("%+v", a)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a store was made all the same")
	}
}

// TestOneServerOnSQLite: a second one is refused with the reason; commands work on
// beside the first, and another takes its place when it ends.
func TestOneServerOnSQLite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	e := environment{"ROSTER_DATA": dir}
	first := e.serve(t)
	a := e.roster(t, "serve", "--addr", "127.0.0.1:0")
	if a.code != 1 || !strings.Contains(a.errors, `Another "roster serve" works on `+dir) {
		t.Errorf("%+v", a)
	}
	e.ok(t, "user", "add", "ana@example.com")
	first.stop()
	e.serve(t).stop()
}

// TestClaimComesFirst: a server or command of a newer Roster does not bring a SQLite
// store up to date under a server that works on it.
func TestClaimComesFirst(t *testing.T) {
	dir := t.TempDir()
	e := environment{"ROSTER_DATA": dir}
	older, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer older.Close()
	if err := older.Claim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := older.MigrateTo(t.Context(), store.Version()-1); err != nil {
		t.Fatal(err)
	}
	for command, says := range map[string]string{
		"serve --addr 127.0.0.1:0": `Another "roster serve" works on ` + dir,
		"user list":                "has to be brought up to date", "migrate": "has to be brought up to date",
		"restore --force " + filepath.Join(dir, "roster.db"): "is in use",
	} {
		if a := e.roster(t, strings.Fields(command)...); a.code != 1 || !strings.Contains(a.errors, says) {
			t.Errorf("roster %s: %+v", command, a)
		}
		if at, err := older.SchemaVersion(t.Context()); err != nil || at != store.Version()-1 {
			t.Fatalf("roster %s left the schema at %d: %v", command, at, err)
		}
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	e.ok(t, "migrate")
	s := e.serve(t)
	e.ok(t, "user", "list")
	s.stop()
}

// TestServersStartAtOnce: on an empty PostgreSQL, migrated already, all come up, and
// set up one organization.
func TestServersStartAtOnce(t *testing.T) {
	e := environment{"ROSTER_DB": storetest.PostgresURL(t)}
	e.ok(t, "migrate")
	var all sync.WaitGroup
	var shown atomic.Int64
	for range 4 {
		all.Go(func() {
			s := e.serve(t)
			s.stop()
			if strings.Contains(s.said, "shown this once") {
				shown.Add(1)
			}
		})
	}
	all.Wait()
	if shown.Load() != 1 {
		t.Errorf("%d of them set up an organization", shown.Load())
	}
}

// TestDamagedStore: who starts on one is told which file it is and what to do.
func TestDamagedStore(t *testing.T) {
	noise := strings.Repeat("this is no database. ", 1000)
	for text, says := range map[string]string{
		"": "is empty, so it is no store: it was cut, or never finished. Restore a backup, or remove the file " +
			"to begin anew",
		noise: "is damaged. Move it and the files beside it that begin with roster.db out of the way, and restore a backup",
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "roster.db")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		a := environment{"ROSTER_DATA": dir}.roster(t, "serve", "--addr", "127.0.0.1:0")
		if a.code != 1 || !strings.Contains(a.errors, file+" "+says) {
			t.Errorf("%.20q: %+v", text, a)
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != text {
			t.Errorf("%.20q: the file was changed: %v", text, err)
		}
	}
}
