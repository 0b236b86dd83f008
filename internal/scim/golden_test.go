package scim_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(storetest.Main(m))
}

// wire is a world that is reached over HTTP, through the whole server: owner 1,
// administrator 2, annotator 3; workspace 1 "Vision" and project 1 in none.
type wire struct {
	*apptest.World
	server http.Handler
}

func onWire(t *testing.T, fn func(t *testing.T, w *wire)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		world := apptest.New(t, db)
		world.Person(roster.RoleAdministrator)
		world.Person(roster.RoleAnnotator)
		world.Workspace("Vision")
		world.Project("Street signs", 0)
		fn(t, &wire{world, server.Handler(world.App, "test")})
	})
}

// send makes a request with a legacy token of user (0: none) as Bearer.
func (w *wire) send(method, path string, user int64, header http.Header, body string) *httptest.ResponseRecorder {
	w.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header = header
	if body != "" && header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	if user != 0 {
		token, err := w.App.Token(context.Background(), user)
		if err != nil {
			w.T.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return answer
}

// The golden exchanges are requests as identity providers document that they
// send them.
func TestGoldenExchanges(t *testing.T) {
	apptest.Exchanges(t, func(t *testing.T, replay func(*testing.T, apptest.Face)) {
		onWire(t, func(t *testing.T, w *wire) {
			replay(t, apptest.Face{Send: w.send, Shown: []string{"Allow", "Content-Type", "ETag", "Location",
				"WWW-Authenticate"}})
		})
	})
}
