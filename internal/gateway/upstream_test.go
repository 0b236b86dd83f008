package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"roster/internal/gateway"
)

// TestServiceToken: a personal access token of the owner's is exchanged, once
// for many questions; a token that is refused is said to be wrong.
func TestServiceToken(t *testing.T) {
	exchanged := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/token/refresh/":
			exchanged++
			writeJSON(w, map[string]any{"access": "short"})
		case r.Header.Get("Authorization") != "Bearer short":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			writeJSON(w, []any{person(2)})
		}
	}))
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	ok(t, err)
	u := gateway.NewUpstream(at, "a.b.c", time.Now)
	for range 3 {
		if people, err := u.People(t.Context()); err != nil || len(people) != 1 || people[0].ID != 2 {
			t.Fatal(people, err)
		}
	}
	if exchanged != 1 {
		t.Errorf("exchanged %d times", exchanged)
	}
	if _, err := gateway.NewUpstream(at, "legacy", time.Now).People(t.Context()); err == nil {
		t.Error("a wrong token gets an answer")
	}
}
