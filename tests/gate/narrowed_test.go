package gate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestListsAreOfTheProject: whatever of a project a manager names, a real Label Studio
// lists them nothing of another.
func TestListsAreOfTheProject(t *testing.T) {
	g := need(t)
	mine, other := g.newScene(t, "mia"), g.newScene(t)
	mia := g.who(t, "mia")
	for _, s := range []*scene{mine, other} {
		for _, kind := range []string{"task", "label", "link", "prediction", "view", "webhook", "storage s3", "target s3"} {
			s.id(kind, nil)
		}
	}
	for _, list := range []string{
		"/api/webhooks/", "/api/dm/views/", "/api/predictions/", "/api/label_links/", "/api/storages/",
		"/api/storages/export", "/api/storages/s3/", "/api/storages/export/s3", "/api/ml/", "/api/tasks/",
	} {
		for _, named := range []string{
			mine.path("project=%d"), mine.path("project_id=%d"), fmt.Sprintf("task=%d", mine.id("task", nil)),
			fmt.Sprintf("view=%d", mine.id("view", nil)), mine.path("task__project=%d"),
		} {
			a, err := mia.ask("GET", list+"?"+named, nil)
			if err != nil || a.status/100 == 5 {
				t.Fatalf("%s?%s: %v %v", list, named, a, err)
			}
			if a.status != 200 {
				continue // it is refused
			}
			var doc any
			if err := json.Unmarshal(a.body, &doc); err != nil {
				t.Fatal(err)
			}
			if project := projectBesides(doc, float64(mine.project)); project != nil {
				t.Errorf("%s?%s tells of project %v", list, named, project)
			}
		}
	}
}

// projectBesides is a project in a document that is another than one; nil when there
// is none.
func projectBesides(doc any, one float64) any {
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			if found := projectBesides(item, one); found != nil {
				return found
			}
		}
	case map[string]any:
		if project, there := doc["project"]; there && project != one {
			return fmt.Sprint(project)
		}
		for _, value := range doc {
			if found := projectBesides(value, one); found != nil {
				return found
			}
		}
	}
	return nil
}

// TestStrangersAreNumbers: whom a manager's import names as an author, and whom the
// manager does not know, has no name in anything that a real Label Studio answers.
func TestStrangersAreNumbers(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "rea")
	owner := g.who(t, "owner")
	var stranger struct{ ID int64 }
	email := fmt.Sprintf("stranger.%d@example.com", s.project)
	owner.must(t, "POST", "/api/users/", map[string]any{"email": email, "username": email, "first_name": "Sigrun",
		"last_name": "Stranger"}, &stranger)
	work := map[string]any{"completed_by": stranger.ID, "result": chosen("Good")}
	g.who(t, "mia").must(t, "POST", s.path("/api/projects/%d/import"),
		[]any{map[string]any{"data": map[string]any{"text": "x"}, "annotations": []any{work}}}, nil)
	var page struct{ Tasks []struct{ ID int64 } }
	owner.must(t, "GET", s.path("/api/tasks/?project=%d"), nil, &page)
	if len(page.Tasks) != 1 {
		t.Fatalf("tasks: %v", page)
	}
	task := page.Tasks[0].ID
	named := 0
	for _, path := range []string{
		fmt.Sprintf("/api/tasks/%d/", task), fmt.Sprintf("/api/tasks/%d/annotations/", task),
		s.path("/api/tasks/?project=%d&fields=all"), s.path("/api/projects/%d/annotators/"),
		s.path("/api/projects/%d/tasks/"), s.path("/api/projects/%d/export?exportType=JSON"),
		s.path("/api/projects/%d/export?exportType=CSV"),
		s.path("/api/dm/actions/delete_tasks_annotations/form/?project=%d"), fmt.Sprintf("/api/tasks/%d/agreement/", task),
		s.path("/api/projects/%d/"), s.path("/api/dm/project/?project=%d"),
	} {
		for _, name := range []string{"mia", "rea"} {
			a, err := g.who(t, name).ask("GET", path, nil)
			if err != nil || a.status/100 == 5 {
				t.Fatalf("%s: %v %v", path, a, err)
			}
			if text := string(a.body); strings.Contains(text, email) || strings.Contains(text, "Sigrun") {
				t.Errorf("%s tells %s: %s", path, name, text)
			}
		}
		if a, err := owner.ask("GET", path, nil); err == nil && strings.Contains(string(a.body), email) {
			named++
		}
	}
	if named == 0 {
		t.Error("nobody is told, so nothing was tried")
	}
}
