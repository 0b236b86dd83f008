package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/lsapi"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// TestRecordOfARequest: what a request came to stands in its record, which is made before
// anybody answers.
func TestRecordOfARequest(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	var record *roster.Request
	face := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		record = roster.RequestIn(r.Context())
		if _, _, err := w.App.Me(roster.WithActor(r.Context(), roster.Actor{UserID: w.Owner, OrganizationID: w.Org,
			Role: roster.RoleOwner})); err != nil {
			t.Error(err)
		}
		rw.WriteHeader(http.StatusAccepted)
		io.WriteString(rw, "done")
	})
	s := httptest.NewServer(server.Guarded(w.App, "test", face))
	defer s.Close()
	r, _ := http.NewRequest("GET", s.URL+"/x", nil)
	r.Header.Set("X-Request-ID", "mine")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	facts := record.Facts()
	if record.ID != "mine" || facts.Status != http.StatusAccepted || facts.Bytes != 4 || facts.Statements == 0 ||
		facts.Stored <= 0 {
		t.Errorf("%s %+v", record.ID, facts)
	}
}

// TestRepeatsAreByTheRoute: which request a client repeats by itself is said by the route.
func TestRepeatsAreByTheRoute(t *testing.T) {
	api := lsapi.New(apptest.New(t, storetest.SQLite(t)).App, "test")
	for target, want := range map[string]bool{
		"DELETE /api/projects/7/members/bulk": true, "POST /api/projects/7/members/bulk": false,
		"DELETE /api/projects/7/members":        false,
		"DELETE /api/workspaces/7/members/bulk": false, "DELETE /scim/v2/members/bulk": false,
	} {
		method, path, _ := strings.Cut(target, " ")
		if got := api.Repeats(httptest.NewRequest(method, path, nil)); got != want {
			t.Errorf("%s: %v", target, got)
		}
	}
	keyed := httptest.NewRequest("DELETE", "/api/projects/7/members/bulk", nil)
	keyed.Header.Set("Idempotency-Key", "k")
	if api.Repeats(keyed) {
		t.Error("with a key it is done once anyway")
	}
}
