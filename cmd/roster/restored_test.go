package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/store/storetest"
)

// TestRestoreWithoutItsKey: a store that is restored without its key says so. Legacy tokens
// work on, and cannot be shown until the key is back, or they are made anew.
func TestRestoreWithoutItsKey(t *testing.T) {
	storetest.Long(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	e := environment{"ROSTER_DATA": at("old")}
	e.serve(t).stop()
	create := []string{"token", "create", "--user", "owner@example.com"}
	token := strings.TrimSpace(e.ok(t, create...))
	e.ok(t, "backup", at("copy"))

	restored := environment{"ROSTER_DATA": at("new")}
	if out := restored.ok(t, "restore", at("copy")); !strings.Contains(out, "There is no "+at("new/secret.key")) {
		t.Errorf("nothing is said of the key: %s", out)
	}
	s := restored.serve(t)
	if got := whoami(t, s.address, "Token "+token); got != http.StatusOK {
		t.Errorf("the legacy token answers %d", got)
	}
	s.stop()
	if a := restored.roster(t, create...); a.code != 1 || !strings.Contains(a.errors, "another server key") {
		t.Errorf("%+v", a)
	}

	key, err := os.ReadFile(at("old/secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("new/secret.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	if again := strings.TrimSpace(restored.ok(t, create...)); again != token {
		t.Errorf("with its key back, the token is %s, and was %s", again, token)
	}
	if out := restored.ok(t, "restore", at("copy"), "--force"); strings.Contains(out, "secret.key") {
		t.Errorf("the key is there: %s", out)
	}
}

// TestRestoreOfADamagedFile: a backup that was cut, or written over in its midst, is refused
// as damaged, and the store that is there stays.
func TestRestoreOfADamagedFile(t *testing.T) {
	storetest.Long(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "copy")
	e := environment{"ROSTER_DATA": filepath.Join(dir, "store")}
	e.ok(t, "demo", "--people", "50", "--projects", "2")
	e.ok(t, "backup", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before := e.ok(t, "user", "list")
	over := bytes.Clone(whole)
	for i := len(over) / 3; i < len(over)*2/3; i++ {
		over[i] ^= 0x55
	}
	for name, text := range map[string][]byte{"cut": whole[:len(whole)/2], "written over": over} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		a := e.roster(t, "restore", file, "--force")
		if a.code != 1 || !strings.Contains(a.errors, "is damaged") || !strings.Contains(a.errors, "Nothing was changed") {
			t.Errorf("%s: %+v", name, a)
		}
		if after := e.ok(t, "user", "list"); after != before {
			t.Errorf("%s: the store is not as it was", name)
		}
	}
}

func whoami(t *testing.T, address, credential string) int {
	t.Helper()
	r, err := http.NewRequest("GET", address+"/api/current-user/whoami", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", credential)
	answered, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answered.Body.Close()
	return answered.StatusCode
}
