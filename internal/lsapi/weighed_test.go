package lsapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// TestWhatIsMadeOfARequestIsBounded: a list or JSON in a text, a form or the query takes many
// times its size once it is read, as it does in JSON, and is refused before.
func TestWhatIsMadeOfARequestIsBounded(t *testing.T) {
	world := apptest.New(t, storetest.SQLite(t))
	w := &wire{world, server.Handler(world.App, "test")}
	project := w.Project("Street signs", 0)
	token, err := w.App.Token(t.Context(), w.Owner)
	if err != nil {
		t.Fatal(err)
	}
	many := func(item string) string { return strings.Repeat(item, 2_000_000) }
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct{ method, query, kind, body string }{
		"a text":        {"DELETE", "", "application/json", `{"all":false,"included":"` + many("1,") + `1"}`},
		"JSON in it":    {"DELETE", "", "application/json", `{"all":false,"x":"[` + many("{},") + `1]"}`},
		"a form":        {"DELETE", "", form, "included=" + many("1,") + "1"},
		"as it is sent": {"DELETE", "", form, "included=" + many("%2C") + "1"},
		"the query":     {"DELETE", "?all=false&included=" + many("1,") + "1", "", ""},
		"JSON in that":  {"GET", "?filters=[" + many("{},") + "1]", "", ""},
	} {
		path := fmt.Sprintf("/api/projects/%d/members/bulk/", project)
		if c.method == "GET" {
			path = "/api/organizations/1/memberships"
		}
		r := httptest.NewRequest(c.method, path+c.query, strings.NewReader(c.body))
		r.Header.Set("Authorization", "Token "+token)
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		answer := httptest.NewRecorder()
		w.server.ServeHTTP(answer, r)
		if answer.Code != http.StatusRequestEntityTooLarge || !strings.Contains(answer.Body.String(), "in parts") {
			t.Errorf("%s: %d %.200s", name, answer.Code, answer.Body)
		}
	}
}
