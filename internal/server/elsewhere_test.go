package server_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestRetryAfterWhatNamesTheProjectElsewhere: a request is one to a project however it names
// it: in the address, the query, the body, or by something that lies in it. Whoever made one
// in between means the second removal.
func TestRetryAfterWhatNamesTheProjectElsewhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		me := caller{server.Handler(w.App, "test"), token}
		ana, bob, carl, another := w.Person("AN"), w.Person("AN"), w.Person("AD"), w.Project("Another", 0)
		task := func(project int64) int64 {
			ids, err := w.App.CreateTasks(w.As(w.Owner), project, []string{`{}`})
			must(t, err)
			return ids[0]
		}
		for name, c := range map[string]struct {
			of       func(project, task int64) string
			repeated bool
		}{
			"its tasks":           {func(p, _ int64) string { return fmt.Sprintf("GET /api/tasks/?project=%d", p) }, false},
			"one of its tasks":    {func(_, task int64) string { return fmt.Sprintf("GET /api/tasks/%d/", task) }, false},
			"a new task":          {func(p, _ int64) string { return fmt.Sprintf(`POST /api/tasks/ {"project":%d,"data":{}}`, p) }, false},
			"a task without data": {func(p, _ int64) string { return fmt.Sprintf(`POST /api/tasks/ {"project":%d,"data":1}`, p) }, true}, // which is refused as it is read
			"hotkeys":             {func(p, _ int64) string { return fmt.Sprintf("GET /api/current-user/hotkeys/?project=%d", p) }, false},
			"a role": {func(p, _ int64) string {
				return fmt.Sprintf(`POST /api/projects/roles/ {"project":%d,"user":%d,"role":"RE"}`, p, bob)
			}, false},
			"one's role":               {func(p, _ int64) string { return fmt.Sprintf("GET /api/projects/roles/?ids=%d", p) }, false},
			"a list of it":             {func(p, _ int64) string { return fmt.Sprintf("GET /api/projects/?ids=%d", p) }, false},
			"its counts":               {func(p, _ int64) string { return fmt.Sprintf("GET /api/projects/counts/?ids=%d", p) }, false},
			"its operations":           {func(p, _ int64) string { return fmt.Sprintf("GET /api/roster/operations/?project=%d", p) }, false},
			"what was asked there":     {func(p, _ int64) string { return fmt.Sprintf("GET /api/activity-logs/?project=%d", p) }, false},
			"another's tasks":          {func(int64, int64) string { return fmt.Sprintf("GET /api/tasks/?project=%d", another) }, true},
			"another's operations":     {func(int64, int64) string { return fmt.Sprintf("GET /api/roster/operations/?project=%d", another) }, true},
			"everybody's operations":   {func(int64, int64) string { return "GET /api/roster/operations/" }, true},
			"a project without a name": {func(int64, int64) string { return "GET /api/tasks/?project=" }, true},
		} {
			project := w.Project(name, 0)
			w.Assign(project, ana)
			of := c.of(project, task(project))
			me.call("DELETE", bulk(project))
			me.asks(of)
			_, err := w.App.AssignMembers(w.As(carl), project, roster.Selector{Included: []int64{bob}}, nil) // by somebody else
			must(t, err)
			again := me.call("DELETE", bulk(project))
			if replayed := again.Header().Get("Idempotency-Replayed") == "true"; again.Code != 200 || replayed != c.repeated {
				t.Errorf("%s: after %s: %d %s, replayed %v", name, of, again.Code, again.Body, replayed)
			}
		}
	})
}

// asks sends a request that is written as a line: method, address, and a body if it has one.
func (c caller) asks(line string) *httptest.ResponseRecorder {
	method, rest, _ := strings.Cut(line, " ")
	target, body, _ := strings.Cut(rest, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Token "+c.token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}
