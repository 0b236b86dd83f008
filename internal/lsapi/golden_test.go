package lsapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store/storetest"
)

// Every golden exchange starts in the same small world, goldenWorld.
func TestGoldenExchanges(t *testing.T) {
	storetest.Long(t)
	apptest.Exchanges(t, func(t *testing.T, replay func(*testing.T, apptest.Face)) {
		onWire(t, func(t *testing.T, w *wire) {
			goldenWorld(w)
			replay(t, apptest.Face{Send: w.exchange, Shown: shownHeaders, Masked: masked})
		})
	})
}

// goldenWorld is owner 1; administrator 2, manager 3, reviewer 4, annotators
// 5 to 8, deactivated 9, not activated 10; workspace 1 with member 7; project
// 1 in it with members 3, 4, 5, 6, 7 and 9, project 2 in no workspace, with a
// webhook of which nobody knows who made it.
func goldenWorld(w *wire) {
	w.T.Helper()
	for i, role := range []roster.Role{"AD", "MA", "RE", "AN", "AN", "AN", "AN", "AN", "NO"} {
		names := [][2]string{{"Ada", "Admin"}, {"Max", "Manager"}, {"Rita", "Reviewer"}, {"Anna", "Ångström"},
			{"Bo", "李"}, {"Chidi", "Okafor"}, {"Dana", "Doe"}, {"Egon", "Ex"}, {"Noor", "New"}}[i]
		w.PersonNamed(roster.NewUser{Email: strings.ToLower(names[0]) + "@example.com", FirstName: names[0],
			LastName: names[1], Role: role})
	}
	workspace := w.Workspace("Vision")
	w.must(http.StatusOK, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/", workspace), w.Owner,
		map[string]any{"user": 7})
	project := w.Project("Street signs", workspace)
	crosswalks := w.Project("Crosswalks", 0)
	w.Assign(project, 3, 4, 5, 6, 7, 9)
	w.must(http.StatusOK, "PATCH", fmt.Sprintf("/api/organizations/%d/memberships", w.Org), w.Owner,
		map[string]any{"user_id": 9, "role": "DI"})
	hook := roster.Made{Kind: roster.MadeWebhook, UpstreamID: 12, Location: "https://example.com/hook", Works: true}
	if err := w.App.DiscoverMade(w.As(w.Owner), crosswalks, []roster.Made{hook}); err != nil {
		w.T.Fatal(err)
	}
}

// exchange makes a request of a golden exchange.
func (w *wire) exchange(method, path string, user int64, header http.Header, body string) *httptest.ResponseRecorder {
	if body != "" && header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header = header
	if user != 0 {
		token, err := w.App.Token(r.Context(), user)
		if err != nil {
			w.T.Fatal(err)
		}
		r.Header.Set("Authorization", "Token "+token)
	}
	if strings.HasPrefix(path, "/api/activity-logs") { // which is written every second otherwise
		if _, err := w.App.WriteActivities(r.Context()); err != nil {
			w.T.Fatal(err)
		}
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return answer
}

var shownHeaders = []string{"Allow", "Content-Disposition", "ETag", "Idempotency-Replayed", "Roster-Ignored",
	"Roster-Operation", "WWW-Authenticate"}

var (
	// jwtShape is a JWT, with or without its signature.
	jwtShape  = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?`)
	uuidShape = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	// tokenShape is an invite token: as random as an id.
	tokenShape = regexp.MustCompile(`\b[0-9a-f]{40}\b`)
	// tookShape is how many seconds something took.
	tookShape = regexp.MustCompile(`"duration": [0-9.]*\.[0-9]+(e-[0-9]+)?`)
)

func masked(body string) string {
	body = jwtShape.ReplaceAllString(body, "JWT")
	body = uuidShape.ReplaceAllString(body, "UUID")
	body = tookShape.ReplaceAllString(body, `"duration": 0.001`)
	return tokenShape.ReplaceAllString(body, "TOKEN")
}
