package server_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestLostAnswers: what the store did is told as it is where its own answer is lost,
// by every face: as done, as not done, or as what nobody knows.
func TestLostAnswers(t *testing.T) {
	store.LookUpFor(300 * time.Millisecond)
	defer store.LookUpFor(0)
	for _, face := range []struct {
		name, scheme, target string
		done                 int
		says                 string
	}{
		{"api", "Token", "/api/projects/%d/members/bulk/?all=false&included=%d", 200, `{"unassignments":1}`},
		{"scim", "Bearer", "/scim/v2/Users/%[2]d", 204, ""},
	} {
		for _, c := range []struct {
			fate   storetest.Fate
			status int
			says   string
		}{
			{storetest.Severed, face.done, face.says}, {storetest.Lost, 503, "Nothing was changed"},
			{storetest.Gone, 503, "This may have happened"},
		} {
			w, wire := lossy(t)
			project, person := w.Project("Street signs", 0), w.Person("AN")
			w.Assign(project, person)
			token, err := w.App.Token(t.Context(), w.Owner)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("DELETE", fmt.Sprintf(face.target, project, person), nil)
			r.Header.Set("Authorization", face.scheme+" "+token)
			wire.Next(c.fate)
			rec := httptest.NewRecorder()
			server.Handler(w.App, "test").ServeHTTP(rec, r)
			body := rec.Body.String()
			if rec.Code != c.status || !strings.Contains(body, c.says) || c.fate == storetest.Gone &&
				strings.Contains(body, "othing was changed") {
				t.Errorf("%s, %v: %d %s", face.name, c.fate, rec.Code, body)
			}
			if later := rec.Header().Get("Retry-After"); (later != "") != (rec.Code == 503) {
				t.Errorf("%s, %v: Retry-After %q", face.name, c.fate, later)
			}
		}
	}
}

// lossy is a world whose way to its store can be broken.
func lossy(t *testing.T) (*apptest.World, *storetest.Wire) {
	t.Helper()
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	db, err := store.OpenURL(wire.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wire.Close(); db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return apptest.New(t, db), wire
}

// TestClientsOwnRetryOfWhatNobodyConfirmed: a removal that comes again after "this may have
// happened" is looked up. It takes nobody who was added in between if it happened, and is
// done if it did not; while the store does not tell, nobody is taken and nothing is said.
func TestClientsOwnRetryOfWhatNobodyConfirmed(t *testing.T) {
	defer store.LookUpFor(0)
	for _, c := range []struct {
		fate     storetest.Fate
		happened bool
	}{{storetest.Gone, true}, {storetest.Dropped, false}, {storetest.Unconfirmed, true}} {
		store.LookUpFor(200 * time.Millisecond)
		w, wire := lossy(t)
		project, ana, bob := w.Project("Street signs", 0), w.Person("AN"), w.Person("AN")
		w.Assign(project, ana)
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		me := caller{server.Handler(w.App, "test"), token}
		must(t, w.App.Touch(w.As(w.Owner))) // just now, which is not written again
		wire.Next(c.fate)
		first := me.call("DELETE", bulk(project))
		if first.Code != 503 || !strings.Contains(first.Body.String(), "This may have happened") {
			t.Errorf("%v: %d %s", c.fate, first.Code, first.Body)
		}
		if c.fate != storetest.Unconfirmed {
			if again := me.call("DELETE", bulk(project)); again.Code != 503 {
				t.Errorf("%v, and the store away: %d %s", c.fate, again.Code, again.Body)
			}
		}
		wire.Back()
		store.LookUpFor(0) // the usual time: it answers again, and late on a busy machine

		// by somebody else
		_, err = w.App.AssignMembers(w.As(w.Person("AD")), project, roster.Selector{Included: []int64{bob}}, nil)
		must(t, err)
		again := me.call("DELETE", bulk(project))
		replayed := again.Header().Get("Idempotency-Replayed") == "true"
		if again.Code != 200 || replayed != c.happened || again.Header().Get("Roster-Operation") == "" {
			t.Errorf("%v: %d %s, replayed %v", c.fate, again.Code, again.Body, replayed)
		}
		want := map[bool]string{true: `{"unassignments":1}`, false: `{"unassignments":2}`}[c.happened]
		if !strings.Contains(again.Body.String(), want) || len(w.Explicit(project)) != map[bool]int{true: 1}[c.happened] {
			t.Errorf("%v: %s, and %v are left", c.fate, again.Body, w.Explicit(project))
		}
	}
}
