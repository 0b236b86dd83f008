package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
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
	storetest.Long(t)
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
		space := w.Workspace("Labels")
		for name, c := range map[string]struct {
			line     string
			repeated bool
		}{
			"its tasks":            {"GET /api/tasks/?project={project}", false},
			"one of its tasks":     {"GET /api/tasks/{task}/", false},
			"changing a task":      {`PATCH /api/tasks/{task}/ {"data":{}}`, false},
			"a new task":           {`POST /api/tasks/ {"project":{project},"data":{}}`, false},
			"hotkeys":              {"GET /api/current-user/hotkeys/?project={project}", false},
			"changing hotkeys":     {`PATCH /api/current-user/hotkeys/?project={project} {"custom_hotkeys":{}}`, false},
			"a role":               {`POST /api/projects/roles/ {"project":{project},"user":{bob},"role":"RE"}`, false},
			"one's role":           {"GET /api/projects/roles/?ids={project}", false},
			"a list of it":         {"GET /api/projects/?ids={project}", false},
			"its counts":           {"GET /api/projects/counts/?ids={project}", false},
			"its operations":       {"GET /api/roster/operations/?project={project}", false},
			"what was asked there": {"GET /api/activity-logs/?project={project}", false},
			"who is paused there":  {"GET /api/organizations/{org}/memberships/?paused_in={project}", false},
			"looking for who is":   {"GET /api/organizations/{org}/memberships/search/?paused_in={project}", false},
			"inviting there": {
				`POST /api/invite/send-email/ {"emails":["kim{project}@example.com"],"role":"AN","projects":[{project}]}`, false},
			"into a workspace":   {`POST /api/workspaces/{space}/projects/ {"project":{project}}`, false},
			"out of a workspace": {"DELETE /api/workspaces/{space}/projects/?project={project}", false},
			"a group of a provider's": {
				`POST /api/scim/settings/ {"projects_groups":[{"project_id":{project},"group":"night","role":"Annotator"}]}`,
				false},

			"another's tasks":          {"GET /api/tasks/?project={another}", true},
			"another's operations":     {"GET /api/roster/operations/?project={another}", true},
			"everybody's operations":   {"GET /api/roster/operations/", true},
			"a project without a name": {"GET /api/tasks/?project=", true},
			"what is not understood":   {`POST /api/tasks/ {"project":{project},"data":1}`, true}, // refused as it is read
		} {
			project := w.Project(name, 0)
			w.Assign(project, ana)
			line := strings.NewReplacer("{project}", fmt.Sprint(project), "{task}", fmt.Sprint(task(project)), "{bob}",
				fmt.Sprint(bob),
				"{org}", fmt.Sprint(w.Org), "{space}", fmt.Sprint(space), "{another}", fmt.Sprint(another)).Replace(c.line)
			me.call("DELETE", bulk(project))
			me.asks(line)
			byAnother := roster.Selector{Included: []int64{bob}}
			_, err := w.App.AssignMembers(w.As(carl), project, byAnother, nil)
			must(t, err)
			again := me.call("DELETE", bulk(project))
			if replayed := again.Header().Get("Idempotency-Replayed") == "true"; again.Code != 200 || replayed != c.repeated {
				t.Errorf("%s: after %s: %d %s, replayed %v", name, line, again.Code, again.Body, replayed)
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

// TestRoutesThatNameAProjectElsewhere: these take the id of a project otherwise than in their path.
// Each has its case in TestRetryAfterWhatNamesTheProjectElsewhere.
func TestRoutesThatNameAProjectElsewhere(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	a := httptest.NewRecorder()
	server.Handler(w.App, "test").ServeHTTP(a, httptest.NewRequest("GET", "/api/schema/", nil))
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	must(t, json.Unmarshal(a.Body.Bytes(), &doc))
	var found []string
	for path, methods := range doc.Paths {
		for method, told := range methods {
			if !strings.Contains(path, "/projects/{id}/") && namesProject(told) {
				found = append(found, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(found)
	known := []string{
		"DELETE /api/workspaces/{id}/projects", "GET /api/activity-logs", "GET /api/current-user/hotkeys",
		"GET /api/organizations/{id}/memberships", "GET /api/organizations/{id}/memberships/search",
		"GET /api/roster/operations",
		"GET /api/tasks", "PATCH /api/current-user/hotkeys", "PATCH /api/tasks/{id}", "POST /api/invite/send-email",
		"POST /api/organizations/{id}/member-tags/assignments", // an operation that names no project ends it, too
		"POST /api/projects/roles", "POST /api/saml/settings", "POST /api/scim/settings", "POST /api/tasks",
		"POST /api/workspaces/{id}/projects",
	}
	if !slices.Equal(found, known) {
		t.Errorf("found\n%s\nand not\n%s", strings.Join(found, "\n"), strings.Join(known, "\n"))
	}
}

// namesProject reports whether an operation of the document has a parameter or a field for one.
func namesProject(told []byte) bool {
	var o struct {
		Parameters  []struct{ Name string }
		RequestBody struct {
			Content map[string]struct {
				Schema struct{ Properties map[string]any }
			}
		}
	}
	if json.Unmarshal(told, &o) != nil { // what is said of the path as a whole
		return false
	}
	var names []string
	for _, p := range o.Parameters {
		names = append(names, p.Name)
	}
	for _, body := range o.RequestBody.Content {
		names = slices.AppendSeq(names, maps.Keys(body.Schema.Properties))
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.Contains([]string{"project", "projects", "projects_groups", "paused_in"}, name)
	})
}
