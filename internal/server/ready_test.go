package server_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"database/sql"

	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// condition is what /health/ready says.
type condition struct{ Status, Failed, Detail, Upstream string }

func conditionOf(t *testing.T, h http.Handler) condition {
	t.Helper()
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest("GET", "/health/ready", nil))
	var is condition
	must(t, json.Unmarshal(answer.Body.Bytes(), &is))
	if (answer.Code == 200) != (is.Status == "UP") || (is.Detail == "") != (is.Failed == "") {
		t.Errorf("%d with %+v", answer.Code, is)
	}
	return is
}

// TestReadySaysWhatFails: which part keeps a server from working, in a name and in words.
func TestReadySaysWhatFails(t *testing.T) {
	dir := t.TempDir()
	db, err := store.OpenDir(dir)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	_, err = db.Migrate(t.Context())
	must(t, err)
	w := apptest.New(t, db)
	h := server.Handler(w.App, "test")
	want := func(failed string) {
		t.Helper()
		if is := conditionOf(t, h); is.Failed != failed {
			t.Errorf("%q fails, and it says %+v", failed, is)
		}
	}
	want("")
	beneath, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "roster.db"))
	must(t, err)
	t.Cleanup(func() { beneath.Close() })
	_, err = beneath.ExecContext(t.Context(), "INSERT INTO schema_versions (version) VALUES (9999)")
	must(t, err)
	want("schema")
	db.Close()
	want("store")
	w.App.Drain()
	want("draining")
}

// TestReadOnlyIsSaid: of a standby it is said that it takes nothing.
func TestReadOnlyIsSaid(t *testing.T) {
	at := storetest.PostgresURL(t)
	db, err := store.OpenURL(at)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	_, err = db.Migrate(t.Context())
	must(t, err)
	w := apptest.New(t, db)
	reading, err := store.OpenURL(at + "&default_transaction_read_only=on")
	must(t, err)
	t.Cleanup(func() { reading.Close() })
	w.DB = reading
	if is := conditionOf(t, server.Handler(w.Configured(func(*core.Config) {}), "test")); is.Failed != "writes" {
		t.Errorf("it says %+v", is)
	}
}

// TestUpstreamAwayIsSaid: the gate says that its Label Studio is away, and is ready all the
// same: no other gate has another one, and Roster's own API and pages go on.
func TestUpstreamAwayIsSaid(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	label := httptest.NewServer(http.NotFoundHandler())
	at, err := url.Parse(label.URL)
	must(t, err)
	front := server.NewFront(w.App, gateway.Config{Upstream: at, Version: "test"})
	ask := func(want string) {
		t.Helper()
		front.Start(t.Context()) // it asks the upstream, which is no Label Studio
		if is := conditionOf(t, front); is.Status != "UP" || is.Upstream != want {
			t.Errorf("%+v, not %s", is, want)
		}
	}
	ask("UP")
	label.Close()
	ask("DOWN")
	if is := conditionOf(t, server.Handler(w.App, "test")); is.Upstream != "" {
		t.Errorf("without a gate: %+v", is)
	}
}

// TestReadinessFailsFirst: a server that is told to stop says so where balancers look, and
// answers all the same until the time for that is over; alive it stays.
func TestReadinessFailsFirst(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	a := w.Configured(func(c *core.Config) { c.DrainDelay = time.Minute })
	over, began := make(chan time.Time), make(chan time.Duration, 1)
	t.Cleanup(server.Waits(func(d time.Duration) <-chan time.Time { began <- d; return over }))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, l, a, server.Handler(a, "test")) }()
	status := func(path string) int {
		t.Helper()
		answer, err := http.Get("http://" + l.Addr().String() + path)
		must(t, err)
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := status("/health/ready"); got != 200 {
		t.Fatalf("ready: %d", got)
	}
	stop()
	if d := <-began; d != time.Minute {
		t.Errorf("it waits for %s", d)
	}
	for path, want := range map[string]int{"/health/ready": 503, "/health/live": 200, "/health": 200, "/docs/api/": 200} {
		if got := status(path); got != want {
			t.Errorf("while it drains, %s: %d, want %d", path, got, want)
		}
	}
	close(over)
	must(t, <-done)
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("it listens after the end")
	}
}
