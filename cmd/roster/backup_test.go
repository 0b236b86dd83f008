package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestBackupAndRestore(t *testing.T) {
	storetest.Long(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	e := environment{"ROSTER_DATA": at("store")}
	s := e.serve(t)
	e.ok(t, "user", "add", "ana@example.com")
	token := e.ok(t, "token", "create", "--user", "ana@example.com")
	e.ok(t, "backup", at("copy"))
	e.ok(t, "user", "add", "late@example.com")

	for _, refused := range []struct{ says, args string }{
		{"exists; --force", "backup " + at("copy")},
		{"is not empty", "restore " + at("copy")},
		{"is in use", "restore --force " + at("copy")},
		{"not a Roster store", "restore " + at("store/secret.key") + " --data " + at("other")},
		{"no such file", "restore " + at("nothing") + " --data " + at("other")},
		{"no store", "backup " + at("x") + " --data " + at("nowhere")},
	} {
		if a := e.roster(t, strings.Fields(refused.args)...); a.code != 1 || a.out != "" ||
			!strings.Contains(a.errors, refused.says) {
			t.Errorf("roster %s: %+v, want %q", refused.args, a, refused.says)
		}
	}
	s.stop()

	e.ok(t, "restore", at("copy"), "--data", at("other"))
	for place, want := range map[string]bool{"store": true, "other": false} {
		if got := strings.Contains(e.ok(t, "user", "list", "--data", at(place)), "late@example.com"); got != want {
			t.Errorf("%s has who came after the backup: %v", place, got)
		}
	}
	e.ok(t, "restore", at("copy"), "--force")
	if list := e.ok(t, "user", "list"); strings.Contains(list, "late@example.com") ||
		!strings.Contains(list, "ana@example.com") {
		t.Errorf("after the restore:\n%s", list)
	}
	if again := e.ok(t, "token", "create", "--user", "ana@example.com"); again != token {
		t.Errorf("the token was %s and is %s", token, again)
	}
	if info, err := os.Stat(at("copy")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is open to others: %v %v", info.Mode(), err)
	}
}

// TestRestoreOverCutFile: a store that was cut, or is none any more, and what a killed
// restore left behind are no obstacle to restoring.
func TestRestoreOverCutFile(t *testing.T) {
	copied := filepath.Join(t.TempDir(), "copy")
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	e.serve(t).stop()
	e.ok(t, "backup", copied)
	for text, flags := range map[string][]string{"": {"--force"}, strings.Repeat("no database. ", 1000): {
		"--force"}, "-": nil} {
		dir := t.TempDir()
		e := environment{"ROSTER_DATA": dir}
		left := map[string]string{"secret.key": "a key that is long enough", "serving.lock": "", ".roster.db.123": "part"}
		if flags != nil {
			left["roster.db"] = text
		}
		for name, text := range left {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		e.ok(t, append([]string{"restore", copied}, flags...)...)
		if list := e.ok(t, "user", "list"); !strings.Contains(list, "owner@example.com") {
			t.Errorf("%.20q: %s", text, list)
		}
		if parts, _ := filepath.Glob(filepath.Join(dir, ".roster.db.*")); parts != nil {
			t.Errorf("%.20q: %v", text, parts)
		}
	}
}

// TestVerifyCommand: a store in use is looked through; where something is wrong, that is
// named, and the command fails.
func TestVerifyCommand(t *testing.T) {
	eachStore(t, func(t *testing.T, flags ...string) {
		e := environment{}
		s := e.serve(t, on(flags, "--migrate")...)
		defer s.stop()
		if out := e.ok(t, on(flags, "verify")...); !strings.Contains(out, "rules hold") || strings.Contains(out, "BROKEN") {
			t.Error(out)
		}
		var rules []store.Broken
		if err := json.Unmarshal([]byte(e.ok(t, on(flags, "verify", "--json")...)), &rules); err != nil || len(rules) < 50 {
			t.Error(len(rules), err)
		}
		db := beneath(t, flags)
		if _, err := db.Exec(
			"INSERT INTO project_members (project_id, user_id, explicit, added_by) VALUES (77, 1, TRUE, 77)"); err != nil {
			t.Fatal(err)
		}
		a := e.roster(t, on(flags, "verify")...)
		if a.code != 1 || !strings.Contains(a.out, "BROKEN  a membership is of a project that there is") ||
			!strings.Contains(a.errors, "do not hold") {
			t.Errorf("%+v", a)
		}
		a = e.roster(t, on(flags, "verify", "--json")...)
		if err := json.Unmarshal([]byte(a.out), &rules); err != nil || a.code != 1 ||
			!slices.ContainsFunc(rules, func(b store.Broken) bool { return b.Count == 1 && len(b.Where) == 1 }) {
			t.Errorf("%v %+v", err, a)
		}
	})
}

// beneath is the database of a store, past Roster.
func beneath(t *testing.T, flags []string) *sql.DB {
	t.Helper()
	driver, source := "pgx", flags[1]
	if flags[0] == "--data" {
		driver, source = "sqlite", store.SQLiteDSN(flags[1]) // it waits its turn to write
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestNewerSchema: a store that a newer Roster made is left alone by every
// command, on both engines.
func TestNewerSchema(t *testing.T) {
	eachStore(t, func(t *testing.T, flags ...string) {
		e := environment{}
		e.serve(t, on(flags, "--migrate")...).stop()
		db := beneath(t, flags)
		if _, err := db.Exec("INSERT INTO schema_versions (version) VALUES ($1)", store.Version()+1); err != nil {
			t.Fatal(err)
		}
		commands := []string{"serve --addr 127.0.0.1:0 --migrate", "migrate", "user list", "demo --migrate",
			"member list --project 1", "token create --user owner@example.com"}
		if flags[0] == "--data" {
			file := filepath.Join(flags[1], "roster.db")
			commands = append(commands, "backup "+filepath.Join(t.TempDir(), "copy"), "restore "+file+" --force")
		}
		for _, command := range commands {
			if a := e.roster(t, on(flags, strings.Fields(command)...)...); a.code != 1 || a.out != "" ||
				!strings.Contains(a.errors, "made by a newer Roster") {
				t.Errorf("roster %s: %+v", command, a)
			}
		}
	})
}

// TestPostgresMigratesOnRequest: never by itself.
func TestPostgresMigratesOnRequest(t *testing.T) {
	eachStore(t, func(t *testing.T, flags ...string) {
		e := environment{}
		if flags[0] == "--db" {
			for _, command := range []string{"serve --addr 127.0.0.1:0", "demo", "user list"} {
				if a := e.roster(t, on(flags, strings.Fields(command)...)...); a.code != 1 ||
					!strings.Contains(a.errors, "roster migrate") {
					t.Errorf("roster %s: %+v", command, a)
				}
			}
		}
		for _, steps := range []string{fmt.Sprintf("(%d steps)", store.Version()), "(0 steps)"} {
			if out := e.ok(t, on(flags, "migrate")...); !strings.Contains(out, steps) {
				t.Errorf("%q, want %s", out, steps)
			}
		}
		if a := e.roster(t, on(flags, "user", "list")...); a.code != 1 || !strings.Contains(a.errors, "The store is empty") {
			t.Errorf("%+v", a)
		}
	})
}

func TestSecret(t *testing.T) {
	eachStore(t, func(t *testing.T, flags ...string) {
		e := environment{}
		e.serve(t, on(flags, "--migrate")...).stop()
		create := on(flags, "token", "create", "--user", "owner@example.com")
		token := e.ok(t, create...)
		if again := e.ok(t, create...); again != token {
			t.Errorf("the token was %s and is %s", token, again)
		}
		if flags[0] == "--data" {
			if info, err := os.Stat(filepath.Join(flags[1], "secret.key")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("secret.key: %v %v", info, err)
			}
		}
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte("another key that is long\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, other := range []struct {
			env  environment
			args []string
			says string
		}{
			{environment{"ROSTER_SECRET_KEY": "another key that is long"}, create, "another server key"},
			{environment{}, append(create, "--secret-key-file", file), "another server key"},
			{environment{"ROSTER_SECRET_KEY": "short"}, create, "shorter than 16"},
		} {
			if a := other.env.roster(t, other.args...); a.code != 1 || a.out != "" || !strings.Contains(a.errors, other.says) {
				t.Errorf("%v: %+v", other.env, a)
			}
		}
		reset := environment{}.ok(t, append(create, "--secret-key-file", file, "--reset")...)
		if got := (environment{"ROSTER_SECRET_KEY": "another key that is long"}).ok(t, create...); got != reset ||
			reset == token {
			t.Errorf("token %s, reset %s, then %s", token, reset, got)
		}
	})
}
