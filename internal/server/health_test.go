package server_test

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// wantHealth asks every face that is in front of w whether it is alive, ready and well.
func wantHealth(t *testing.T, w *apptest.World, live, ready, well int) {
	t.Helper()
	away, err := url.Parse("http://127.0.0.1:1")
	must(t, err)
	for name, face := range map[string]http.Handler{
		"roster":   server.Handler(w.App, "test"),
		"the gate": server.NewFront(w.App, gateway.Config{Upstream: away, Version: "test"}),
	} {
		for path, want := range map[string]int{"/health/live": live, "/health/ready": ready, "/health": well,
			"/health/live/": live, "/health/ready/": ready} {
			answer := httptest.NewRecorder()
			face.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
			said := map[bool]string{true: `{"status":"UP"`, false: `{"status":"DOWN"`}[want == 200]
			if answer.Code != want || !strings.HasPrefix(answer.Body.String(), said) {
				t.Errorf("%s of %s: %d %s, want %d", path, name, answer.Code, answer.Body, want)
			}
		}
	}
}

// TestHealth: alive is a process that answers; ready, one whose store has the right schema
// and takes what is written; and a store without Roster's tables is not well.
func TestHealth(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		db, err := store.OpenDir(dir)
		must(t, err)
		t.Cleanup(func() { db.Close() })
		_, err = db.Migrate(t.Context())
		must(t, err)
		beneath, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "roster.db"))
		must(t, err)
		t.Cleanup(func() { beneath.Close() })
		testHealth(t, db, beneath)
	})
	t.Run("postgres", func(t *testing.T) {
		db := storetest.Postgres(t)
		testHealth(t, db, storetest.Beside(t, db))
	})
}

func testHealth(t *testing.T, db *store.DB, beneath *sql.DB) {
	w := apptest.New(t, db)
	wantHealth(t, w, 200, 200, 200)
	must(t, db.Update(t.Context(), func(tx *store.DB) error { // somebody writes, and takes long
		if _, err := tx.CreateTag(t.Context(), w.Org, w.Owner, "night", w.Clock); err != nil {
			return err
		}
		wantHealth(t, w, 200, 200, 200)
		return nil
	}))
	for _, c := range []struct {
		statement string
		well      int
	}{{"INSERT INTO schema_versions (version) VALUES (9999)", 200}, {"DROP TABLE schema_versions", 503}} {
		_, err := beneath.ExecContext(t.Context(), c.statement)
		must(t, err)
		wantHealth(t, w, 200, 503, c.well)
	}
	db.Close()
	wantHealth(t, w, 200, 503, 503)
}

// TestReadyToWrite: a store that can only be read, such as a standby, is not ready; what is
// read goes on.
func TestReadyToWrite(t *testing.T) {
	at := storetest.PostgresURL(t)
	db, err := store.OpenURL(at)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	_, err = db.Migrate(t.Context())
	must(t, err)
	reading, err := store.OpenURL(at + "&default_transaction_read_only=on")
	must(t, err)
	t.Cleanup(func() { reading.Close() })
	w := apptest.New(t, db)
	wantHealth(t, w, 200, 200, 200)
	if w.App, err = app.New(reading, core.DefaultConfig(), []byte("a secret for tests")); err != nil {
		t.Fatal(err)
	}
	wantHealth(t, w, 200, 503, 200)
}
