package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// postgresStore is a store on PostgreSQL with somebody in it, and how a command line names it.
func postgresStore(t *testing.T) (e environment, flags []string) {
	t.Helper()
	storetest.Long(t)
	e, flags = environment{}, []string{"--db", storetest.PostgresURL(t)}
	needsDump(t)
	e.serve(t, on(flags, "--migrate")...).stop()
	e.ok(t, on(flags, "user", "add", "ana@example.com")...)
	return e, flags
}

// needsDump skips where PostgreSQL's programs are not installed.
func needsDump(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("pg_dump"); err != nil && os.Getenv("ROSTER_REQUIRE_POSTGRES") == "" {
		t.Skip("there is no pg_dump here, which Debian has in its package postgresql-client")
	}
}

// TestDumpAndRestore: a PostgreSQL store is copied while somebody has it open, and made
// again in another database, with its tokens.
func TestDumpAndRestore(t *testing.T) {
	e, flags := postgresStore(t)
	copied := filepath.Join(t.TempDir(), "copy")
	token := e.ok(t, on(flags, "token", "create", "--user", "ana@example.com")...)
	s := e.serve(t, flags...)
	defer s.stop()
	e.ok(t, on(flags, "backup", copied)...)
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is open to others: %v %v", info.Mode(), err)
	}
	e.ok(t, on(flags, "user", "add", "late@example.com")...)
	other := []string{"--db", storetest.PostgresURL(t)}
	e.ok(t, on(other, "restore", copied)...)
	list := e.ok(t, on(other, "user", "list")...)
	if !strings.Contains(list, "ana@example.com") || strings.Contains(list, "late@example.com") {
		t.Errorf("after the restore:\n%s", list)
	}
	if again := e.ok(t, on(other, "token", "create", "--user", "ana@example.com")...); again != token {
		t.Errorf("the token was %s and is %s", token, again)
	}
	e.ok(t, on(other, "verify")...)
	e.ok(t, on(other, "user", "add", "late@example.com")...)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(copied), ".*")); left != nil {
		t.Errorf("%v was left behind", left)
	}
}

// TestDumpRefused: what cannot be copied or restored is refused in words, and changes nothing.
func TestDumpRefused(t *testing.T) {
	e, flags := postgresStore(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	e.ok(t, on(flags, "backup", at("copy"))...)
	whole, err := os.ReadFile(at("copy"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	for i := len(damaged) / 2; i < len(damaged)/2+200; i++ {
		damaged[i] ^= 0x55
	}
	for name, text := range map[string][]byte{"cut": whole[:len(whole)*2/3], "damaged": damaged,
		"none": []byte("no dump at all")} {
		if err := os.WriteFile(at(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lite := environment{"ROSTER_DATA": at("lite")}
	lite.serve(t).stop()
	lite.ok(t, "backup", at("lite.db"))
	if _, err := beneath(t, flags).Exec("INSERT INTO schema_versions (version) VALUES ($1)", store.Version()+
		1); err != nil {
		t.Fatal(err)
	}
	empty := storetest.PostgresURL(t)
	busy := []string{"--db", storetest.PostgresURL(t)}
	if err := beneath(t, busy).Ping(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		says string
		args []string
	}{
		{"exists; --force", on(flags, "backup", at("copy"))},
		{"newer Roster", on(flags, "backup", at("x"))},
		{"There is no store", []string{"backup", at("x"), "--db", empty}},
		{"is not empty", on(flags, "restore", at("copy"))},
		{"Make a new database", on(flags, "restore", at("copy"), "--force")},
		{"is in use", on(busy, "restore", at("copy"))},
		{"is damaged", []string{"restore", at("cut"), "--db", empty}},
		{"is damaged", []string{"restore", at("damaged"), "--db", empty}},
		{"no dump of a Roster store", []string{"restore", at("none"), "--db", empty}},
		{"is a backup of a SQLite store", []string{"restore", at("lite.db"), "--db", empty}},
		{"is a backup of a PostgreSQL store", []string{"restore", at("copy"), "--data", at("new")}},
		{"no such file", []string{"restore", at("nothing"), "--db", empty}},
		{"There is no pg_dump", on(flags, "backup", at("x"), "--pg-bin", at("lite"))},
	} {
		if c.says == "There is no pg_dump" {
			if _, err := beneath(t, flags).Exec("DELETE FROM schema_versions WHERE version > $1", store.Version()); err != nil {
				t.Fatal(err)
			}
		}
		a := e.roster(t, c.args...)
		if a.code != 1 || a.out != "" || !strings.Contains(a.errors, c.says) || strings.Count(a.errors, "\n") != 1 {
			t.Errorf("roster %s: %+v, want %q", c.args, a, c.says)
		}
	}
	if exists(at("x")) || exists(at("new")) {
		t.Error("what was refused left something behind")
	}
	e.ok(t, "restore", at("copy"), "--db", empty) // nothing was changed there
}

// TestDumpOfNewerSchema: a dump that a newer Roster made is refused.
func TestDumpOfNewerSchema(t *testing.T) {
	e, flags := postgresStore(t)
	file := filepath.Join(t.TempDir(), "newer")
	if _, err := beneath(t, flags).Exec("INSERT INTO schema_versions (version) VALUES ($1)", store.Version()+
		1); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pg_dump", "--format=custom", "--file="+file, flags[1]).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	a := e.roster(t, "restore", file, "--db", storetest.PostgresURL(t))
	if a.code != 1 || !strings.Contains(a.errors, "made by a newer Roster") {
		t.Errorf("%+v", a)
	}
}

// TestBackupThroughPipes: a backup goes to standard output and comes from standard input, on
// both engines.
func TestBackupThroughPipes(t *testing.T) {
	eachStore(t, func(t *testing.T, flags ...string) {
		e := environment{}
		other := []string{"--data", t.TempDir()}
		if flags[0] == "--db" {
			needsDump(t)
			other = []string{"--db", storetest.PostgresURL(t)}
		}
		e.serve(t, on(flags, "--migrate")...).stop()
		e.ok(t, on(flags, "user", "add", "ana@example.com")...)
		copied := e.ok(t, on(flags, "backup", "-")...)
		if a := e.fed(t, copied, on(other, "restore", "-")...); a.code != 0 || !strings.Contains(a.out, "Restored") {
			t.Fatalf("%.300s", fmt.Sprint(a.code, a.out, a.errors))
		}
		if list := e.ok(t, on(other, "user", "list")...); !strings.Contains(list, "ana@example.com") {
			t.Error(list)
		}
		if a := e.fed(t, copied[:len(copied)/2], "restore", "-", other[0], storeLike(t, other)); a.code != 1 {
			t.Errorf("half of it: %d %s %s", a.code, a.out, a.errors)
		}
		if a := e.roster(t, on(flags, "backup", "-")...); a.code != 0 || strings.Contains(a.out, "Backed up") {
			t.Errorf("%d %s", a.code, a.errors)
		}
	})
}

// storeLike is a new place for a store of the same engine.
func storeLike(t *testing.T, flags []string) string {
	t.Helper()
	if flags[0] == "--db" {
		return storetest.PostgresURL(t)
	}
	return t.TempDir()
}

// program is a folder with pg_dump and pg_restore that run what text says before the real ones.
func program(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"pg_dump", "pg_restore"} {
		real, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\nexec "+real+` "$@"`+"\n"),
			0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestDumpTellsNoPassword: the process list has no password in it.
func TestDumpTellsNoPassword(t *testing.T) {
	e, flags := postgresStore(t)
	dir := t.TempDir()
	bin := program(t, `echo "$0" "$@" >>`+filepath.Join(dir, "asked")+`; echo "$PGPASSWORD" >>`+
		filepath.Join(dir, "given"))
	with := func(address string) string {
		return strings.Replace(address, "postgres@", "postgres:opensesame@", 1)
	}
	e.ok(t, "backup", filepath.Join(dir, "copy"), "--db", with(flags[1]), "--pg-bin", bin)
	e.ok(t, "restore", filepath.Join(dir, "copy"), "--db", with(storetest.PostgresURL(t)), "--pg-bin", bin)
	asked, err := os.ReadFile(filepath.Join(dir, "asked"))
	if err != nil || !strings.Contains(string(asked), "--format=custom") || strings.Contains(string(asked), "opensesame") {
		t.Errorf("%v\n%s", err, asked)
	}
	if given, err := os.ReadFile(filepath.Join(dir, "given")); err != nil ||
		!strings.Contains(string(given), "opensesame") {
		t.Errorf("no password reached PostgreSQL's programs: %v", err)
	}
}

// TestDumpByAnOldProgram: pg_dump must not be older than the server.
func TestDumpByAnOldProgram(t *testing.T) {
	e, flags := postgresStore(t)
	file := filepath.Join(t.TempDir(), "copy")
	bin := program(t, `[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 9.6.24" && exit`)
	a := e.roster(t, on(flags, "backup", file, "--pg-bin", bin)...)
	if a.code != 1 || !strings.Contains(a.errors, "9.6.24") || !strings.Contains(a.errors, "Nothing was written") ||
		exists(file) {
		t.Errorf("%+v", a)
	}
}

// TestDumpKilled: of a dump or a restore that is killed in its midst nothing stays, and it
// can be done again.
func TestDumpKilled(t *testing.T) {
	e, flags := postgresStore(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "copy")
	dying := program(t, `case "$*" in *--format=custom*|*--single-transaction*) echo PGDMP; kill -9 $$;; esac`)
	for range 2 {
		a := e.roster(t, on(flags, "backup", file, "--pg-bin", dying)...)
		if entries, err := os.ReadDir(dir); a.code != 1 ||
			!strings.Contains(a.errors, "pg_dump was ended (signal: killed)") ||
			len(entries) != 0 {
			t.Fatalf("%+v %v %v", a, entries, err)
		}
	}
	e.ok(t, on(flags, "backup", file)...)
	other := []string{"--db", storetest.PostgresURL(t)}
	if a := e.roster(t, on(other, "restore", file, "--pg-bin", dying)...); a.code != 1 ||
		!strings.Contains(a.errors, "Nothing was changed") {
		t.Fatalf("%+v", a)
	}
	e.ok(t, on(other, "restore", file)...)
}
