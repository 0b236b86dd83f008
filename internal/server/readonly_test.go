package server_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestReadOnly: while Roster is read only, each face answers what reads, and refuses what
// changes something: 503, when to come again, and that nothing was changed. Nothing is.
func TestReadOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project := w.Project("Street signs", 0)
		w.Assign(project, w.Person("AN"))
		token, err := w.App.Token(t.Context(), w.Owner)
		if err != nil {
			t.Fatal(err)
		}
		password := "correct horse"
		owner, err := w.App.UpdatePerson(w.As(w.Owner), w.Owner, roster.UserPatch{Password: &password})
		if err != nil {
			t.Fatal(err)
		}
		_, before, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{}, roster.Everything)
		if err != nil {
			t.Fatal(err)
		}
		db.ReadOnly()
		h := server.Handler(w.App, "test")
		members := fmt.Sprintf("/api/projects/%d/members/", project)
		for ask, want := range map[string]int{
			"GET " + members + "paginated/":                      200,
			"GET /api/projects/":                                 200,
			"GET /api/current-user/whoami":                       200,
			"GET /scim/v2/Users":                                 200,
			"GET /health/ready":                                  200,
			"GET /user/login/":                                   200,
			"DELETE " + members + "bulk/?all=true":               503,
			"POST /scim/v2/Users":                                503,
			"PATCH " + fmt.Sprintf("/api/projects/%d/", project): 503,
			"POST /user/login/":                                  503,
		} {
			method, target, _ := strings.Cut(ask, " ")
			body := map[string]string{"POST /scim/v2/Users": `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],` +
				`"userName":"kim@example.com","emails":[{"value":"kim@example.com"}]}`,
				"POST /user/login/": url.Values{"email": {owner.User.Email}, "password": {password}}.Encode()}[ask]
			if method == "PATCH" {
				body = `{"title":"Other"}`
			}
			r := httptest.NewRequest(method, target, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			if strings.Contains(target, "login") {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			} else if strings.Contains(target, "scim") {
				r.Header.Set("Authorization", "Bearer "+token)
			} else {
				r.Header.Set("Authorization", "Token "+token)
			}
			got := httptest.NewRecorder()
			h.ServeHTTP(got, r)
			if got.Code != want || want == 503 && (got.Header().Get("Retry-After") == "" ||
				!strings.Contains(got.Body.String(), "othing was changed")) {
				t.Errorf("%s: %d %.300s", ask, got.Code, got.Body)
			}
		}
		if _, n, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{}, roster.Everything); err != nil ||
			n != before {
			t.Errorf("%d operations: %v", n, err)
		}
	})
}
