package cluster_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// fakeUpstream is as much of a Label Studio as a gate asks for: an owner, people whose tokens
// are their numbers, and projects.
type fakeUpstream struct{ people, projects int }

// ownersToken is that of person 1.
const ownersToken = "1"

// listen answers on the tester's host until the test ends, and returns where.
func (u fakeUpstream) listen(t *testing.T) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", testersAddress+":0")
	ok(t, err)
	s := &http.Server{Handler: u}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return "http://" + l.Addr().String()
}

func (u fakeUpstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	var say any = map[string]any{"id": 1, "all_data_columns": map[string]int{"text": 10}}
	switch r.URL.Path {
	case "/api/current-user/whoami":
		id, err := strconv.Atoi(strings.TrimPrefix(r.Header.Get("Authorization"), "Token "))
		if err != nil || id < 1 || id > u.people {
			w.WriteHeader(http.StatusUnauthorized)
		}
		say = u.person(id)
	case "/api/organizations/1":
		say = map[string]any{"id": 1, "title": "Label Studio"}
	case "/api/users/":
		var all []any
		for n := range u.people {
			all = append(all, u.person(n+1))
		}
		say = all
	case "/api/projects/":
		var all []any
		for n := range u.projects {
			all = append(all, map[string]any{"id": n + 1, "title": fmt.Sprintf("Project %d", n+1),
				"created_by": map[string]int{"id": 1}, "created_at": "2026-01-01T00:00:00Z"})
		}
		say = map[string]any{"count": u.projects, "next": nil, "results": all}
	}
	json.NewEncoder(w).Encode(say)
}

func (u fakeUpstream) person(id int) any {
	return map[string]any{"id": id, "email": fmt.Sprintf("person%d@example.com", id), "active_organization": 1}
}
