package live_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"roster/internal/store/storetest"
)

// next is the step of a Roster to come. It has each part that a step may have.
const next = `ALTER TABLE users ADD COLUMN called {{text}};
-- roster: online
UPDATE users SET called = first_name WHERE called IS NULL AND {{batch users.id}};
CREATE INDEX {{concurrently}} IF NOT EXISTS users_called ON users (called);
-- roster: contract
ALTER TABLE users ADD CONSTRAINT users_called_once CHECK (called IS NOT NULL OR id > 0);
`

// TestUpgrade: the older and the newer binary serve one PostgreSQL while its schema moves on,
// and no request fails. Once what the older one needs is taken away, it is refused.
//
// Until there is a later schema, the newer binary is this one with a step of the test's. From
// the first that has one on, the older one is built from a commit before it.
func TestUpgrade(t *testing.T) {
	older := os.Getenv("ROSTER_BIN")
	if older == "" {
		t.Skip("this is for make live")
	}
	at := storetest.PostgresURL(t)
	migrate(t, older, at)
	newer := build(t, "9999_next.sql", next)
	w := world(t, at)
	old := serve(t, older, at)
	w.url = old.url
	told := w.during(t, 0, func() { migrate(t, newer, at) })
	if told[http.StatusOK] != told.all() {
		t.Errorf("while it is expanded: %v", told)
	}
	fresh := serve(t, newer, at)
	both := w.at(fresh.url).during(t, 1, func() {
		if told := w.work(t, 2, 4); told[http.StatusOK] != told.all() {
			t.Errorf("the older one beside the newer: %v", told)
		}
	})
	if both[http.StatusOK] != both.all() {
		t.Errorf("the newer one beside the older: %v", both)
	}
	old.stop()
	after := w.at(fresh.url).during(t, 4, func() { migrate(t, newer, at, "--contract") })
	if after[http.StatusOK] != after.all() {
		t.Errorf("while it is contracted: %v", after)
	}
	t.Logf("told: %v, %v, %v", told, both, after)
	said, err := exec.Command(older, "verify", "--db", at).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "newer Roster") {
		t.Errorf("the older one, in the end: %v %s", err, said)
	}
	if said, err := exec.Command(newer, "verify", "--db", at).CombinedOutput(); err != nil {
		t.Errorf("roster verify: %v\n%s", err, said)
	}
}

// at is the same people and projects, on another server.
func (l *load) at(url string) *load {
	other := *l
	other.url = url
	return &other
}

// during works on a project while fn runs, again and again: who is removed already is asked to
// be once more.
func (l *load) during(t *testing.T, project int, fn func()) counts {
	var over atomic.Bool
	told := make(chan counts)
	go func() {
		all := counts{}
		for first := true; first || !over.Load(); first = false {
			for status, n := range l.work(t, project, project+1) {
				all[status] += n
			}
		}
		told <- all
	}()
	fn()
	over.Store(true)
	return <-told
}

func migrate(t *testing.T, program, at string, flags ...string) {
	t.Helper()
	said, err := exec.Command(program, append([]string{"migrate", "--db", at}, flags...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", program, err, said)
	}
}

// build is this Roster with one step of the schema more, which lies nowhere in its sources.
func build(t *testing.T, name, step string) (program string) {
	t.Helper()
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, name), filepath.Join(dir, "overlay.json")
	program = filepath.Join(dir, "roster")
	root, err := filepath.Abs("../..")
	ok(t, err)
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "internal/store/migrations", name): file}})
	ok(t, err)
	ok(t, os.WriteFile(file, []byte(step), 0o600))
	ok(t, os.WriteFile(overlay, text, 0o600))
	c := exec.Command("go", "build", "-overlay", overlay, "-trimpath", "-buildvcs=false", "-o", program, "./cmd/roster")
	c.Dir = root
	said, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return program
}
