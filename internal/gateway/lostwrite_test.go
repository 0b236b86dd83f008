package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestWhatIsCutMayHaveHappened: where the store is lost while Label Studio is at what was asked, the
// request is cut, and nobody is told that nothing was changed.
func TestWhatIsCutMayHaveHappened(t *testing.T) {
	wire := storetest.NewWire(t, storetest.MigratedURL(t))
	db, err := store.OpenURL(wire.URL)
	ok(t, err)
	t.Cleanup(func() { db.Close() })
	w := worldOn(t, db)
	w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PATCH" {
			return false
		}
		wire.Close()
		<-r.Context().Done()
		return true
	})
	got := w.send("mia", "PATCH", "/api/projects/1/", `{"title":"Other"}`)
	tells(t, got, "This may have happened")
}

// TestWhatTheUpstreamDidIsNotDenied: where Label Studio did what was asked, and the store is lost
// before Roster has written that down, nobody is told that nothing was changed.
func TestWhatTheUpstreamDidIsNotDenied(t *testing.T) {
	store.LookUpFor(100 * time.Millisecond)
	defer store.LookUpFor(0)
	for name, c := range map[string]struct{ method, target, body, says string }{
		"a project is made":    {"POST", "/api/projects/", `{"title":"New"}`, "This may have happened"},
		"a project is changed": {"PATCH", "/api/projects/1/", `{"title":"Other"}`, "This may have happened"},
		"a hook is made": {"POST", "/api/webhooks/?project=1", `{"url":"https://example.com/","project":1}`,
			"nor delete it again"},
		"a hook is deleted": {"DELETE", "/api/webhooks/901/", "", "has deleted it all the same"},
	} {
		for fate, of := range map[string]storetest.Fate{"before it keeps it": storetest.Dropped,
			"before it says so": storetest.Gone} {
			t.Run(name+", "+fate, func(t *testing.T) {
				wire := storetest.NewWire(t, storetest.MigratedURL(t))
				db, err := store.OpenURL(wire.URL)
				ok(t, err)
				t.Cleanup(func() { db.Close() })
				w := worldOn(t, db)
				w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
					if r.Method == c.method {
						wire.Next(of)
					}
					return false
				})
				got := w.send("mia", c.method, c.target, c.body)
				tells(t, got, c.says)
				wire.Back()
			})
		}
	}
}

// TestWhoBreaksOffMayHaveDoneIt: of a change whose answer Label Studio breaks off nobody knows whether
// it happened.
func TestWhoBreaksOffMayHaveDoneIt(t *testing.T) {
	w := newWorld(t)
	w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PATCH" {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	got := w.send("mia", "PATCH", "/api/projects/1/", `{"title":"Other"}`)
	if got.status != http.StatusBadGateway || !strings.Contains(got.body, "look whether it did before you try again") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// tells is that an answer says what may have happened, and not that nothing did.
func tells(t *testing.T, got reply, says string) {
	t.Helper()
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, says) ||
		strings.Contains(got.body, "othing was") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
