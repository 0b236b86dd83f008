package gate

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestOwnersEmail: who may not list people is told nobody's e-mail but their own,
// by the API and by the pages, and the official client reads what is left.
func TestOwnersEmail(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann", "bob", "rea")
	owner := g.who(t, "owner")
	var whoami struct{ Email string }
	owner.must(t, "GET", "/api/current-user/whoami", nil, &whoami)
	for _, name := range []string{"ann", "rea"} {
		p := g.who(t, name)
		for _, path := range []string{
			"/api/users/", fmt.Sprintf("/api/users/%d/", p.id), "/api/current-user/whoami", "/api/projects/",
			"/api/projects/?include=created_by", s.path("/api/projects/%d/"),
			"/api/projects/counts/", s.path("/api/dm/project/?project=%d"), s.path("/api/dm/columns/?project=%d"),
			s.path("/api/dm/views/?project=%d"), s.path("/api/projects/%d/summary/"),
			fmt.Sprintf("/api/organizations/%d", 1), "/api/organizations/", s.path("/api/tasks/?project=%d"),
			s.path("/api/ml/?project=%d"), "/api/workspaces/",
			"/", "/projects/", s.path("/projects/%d/data/"), "/user/account/", "/user/account/hotkeys", "/roster/projects",
		} {
			got, err := p.ask("GET", path, nil)
			if err != nil || got.status != http.StatusOK {
				t.Fatalf("%s, %s: %v %v", name, path, got.status, err)
			}
			if strings.Contains(string(got.body), whoami.Email) {
				t.Errorf("%s is told of the owner by %s", name, path)
			}
			if path == "/api/users/" && !strings.Contains(string(got.body), `"email":"`+name) {
				t.Errorf("%s is not told of themself: %s", name, got.body)
			}
		}
	}
	if got, err := owner.ask("GET", "/user/account/", nil); err != nil ||
		!strings.Contains(string(got.body), whoami.Email) {
		t.Errorf("the owner's own page: %v %v", got.status, err)
	}
}
