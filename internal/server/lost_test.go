package server_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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
			{storetest.Cut, face.done, face.says}, {storetest.Lost, 503, "Nothing was changed"}, {storetest.Gone, 503, "This may have happened"},
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
			if rec.Code != c.status || !strings.Contains(body, c.says) || c.fate == storetest.Gone && strings.Contains(body, "othing was changed") {
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
