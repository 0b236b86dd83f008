package gateway_test

import (
	"strings"
	"testing"

	"roster/internal/store/storetest"
)

// TestReadOnlyGate: while Roster is read only, the gate decides as always, lets reading
// through, and nothing that changes anything, whoever asks.
func TestReadOnlyGate(t *testing.T) {
	db := storetest.SQLite(t)
	w := worldOn(t, db)
	before := map[string]int{}
	send := func(ask string) reply {
		method, target, _ := strings.Cut(ask, " ")
		if method == "GET" {
			return w.send("ann", method, target, "")
		}
		return w.send("ann", method, target, `{"result":[]}`, "Content-Type", "application/json")
	}
	asks := []string{"GET /api/projects/1/", "GET /api/projects/3/", "GET /api/tasks/?project=1",
		"POST /api/tasks/12/annotations/",
		"PATCH /api/projects/3/"}
	for _, ask := range asks {
		before[ask] = send(ask).status
	}
	w.fake.taken()
	db.ReadOnly()
	for _, ask := range asks {
		got, want := send(ask), before[ask]
		if !strings.HasPrefix(ask, "GET") && want < 400 {
			want = 503
		}
		if got.status != want || want == 503 && got.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d, and %d before: %s", ask, got.status, before[ask], got.body)
		}
	}
	for _, reached := range w.fake.taken() {
		if reached.method != "GET" {
			t.Errorf("%s %s came to Label Studio", reached.method, reached.path)
		}
	}
	if before[asks[0]] != 200 || before[asks[1]] != 404 || before[asks[3]] >= 300 {
		t.Error("as usual:", before)
	}
	if got := w.send("", "POST", "/user/login/", "email=ann%40example.com&password=x", "Content-Type",
		"application/x-www-form-urlencoded"); got.status != 503 {
		t.Error("signing in:", got.status)
	}
}
