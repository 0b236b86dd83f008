package main

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/store/storetest"
)

// TestBackupToTheOutput: what comes out is a whole backup, and nothing else.
func TestBackupToTheOutput(t *testing.T) {
	dir := t.TempDir()
	e := environment{"ROSTER_DATA": filepath.Join(dir, "store")}
	e.serve(t).stop()
	e.ok(t, "user", "add", "ana@example.com")
	file := filepath.Join(dir, "backup.db")
	write(t, file, e.ok(t, "backup", "-"))
	copied := environment{"ROSTER_DATA": filepath.Join(dir, "copy")}
	copied.ok(t, "restore", file)
	if list := copied.ok(t, "user", "list"); !strings.Contains(list, "ana@example.com") {
		t.Error(list)
	}
}

// TestBackupsAreKept: the newest stay, and so does every other file of the folder.
func TestBackupsAreKept(t *testing.T) {
	dir := t.TempDir()
	e := environment{"ROSTER_DATA": filepath.Join(dir, "store")}
	e.serve(t).stop()
	into := filepath.Join(dir, "backups")
	if err := os.Mkdir(into, 0o700); err != nil {
		t.Fatal(err)
	}
	others := []string{"roster-20260101T000000Z.db.txt", "notes"}
	old := []string{"roster-20260101T000000Z.db", "roster-20260102T000000Z.db", "roster-20260103T000000Z.db"}
	for _, name := range append(others, old...) {
		write(t, filepath.Join(into, name), "x")
	}
	e.ok(t, "backup", into, "--keep", "2")
	entries, err := os.ReadDir(into)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	newest := left[len(left)-1]
	if len(left) != 4 || left[1] != old[2] && left[2] != old[2] || !ofBackups.MatchString(newest) {
		t.Fatal(left)
	}
	copied := environment{"ROSTER_DATA": filepath.Join(dir, "copy")}
	copied.ok(t, "restore", filepath.Join(into, newest))
	copied.ok(t, "verify")
	for _, wrong := range []string{"backup - --keep 2", "backup x --keep 2 --force", "backup x --keep -1"} {
		if a := e.roster(t, strings.Fields(wrong)...); a.code != 2 {
			t.Errorf("roster %s: %+v", wrong, a)
		}
	}
}

// TestBackupOfPostgres: pg_restore makes of it what was there, and an address with settings of
// Roster's own is no hindrance.
func TestBackupOfPostgres(t *testing.T) {
	if _, err := exec.LookPath("pg_dump"); err != nil {
		t.Skip("pg_dump is not there: install postgresql-client")
	}
	at, dir := storetest.PostgresURL(t), t.TempDir()
	e := environment{"ROSTER_DB": at + "&random_page_cost=2"}
	e.serve(t, "--migrate").stop()
	e.ok(t, "user", "add", "ana@example.com")
	file := filepath.Join(dir, "backup.dump")
	e.ok(t, "backup", file)
	if is, err := os.Stat(file); err != nil || is.Mode().Perm() != 0o600 {
		t.Error(is, err)
	}
	if a := e.roster(t, "backup", file); a.code != 1 || !strings.Contains(a.errors, "--force") {
		t.Errorf("%+v", a)
	}
	empty := storetest.PostgresURL(t)
	u, err := url.Parse(empty)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = "sslmode=disable"
	said, err := exec.Command("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname", u.String(),
		file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	restored := environment{"ROSTER_DB": empty}
	if list := restored.ok(t, "user", "list"); !strings.Contains(list, "ana@example.com") {
		t.Error(list)
	}
	restored.ok(t, "verify")
	t.Setenv("PATH", dir)
	if a := e.roster(t, "backup", file, "--force"); a.code != 1 || !strings.Contains(a.errors, "pg_dump is not there") {
		t.Errorf("%+v", a)
	}
}
