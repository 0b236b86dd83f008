package gate

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// TestHeadOfNext: a HEAD gives out no other task than a GET, and locks none of others'.
func TestHeadOfNext(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann", "bob")
	owner, ann, bob := g.who(t, "owner"), g.who(t, "ann"), g.who(t, "bob")
	task := s.task()
	owner.must(t, "PATCH", s.path("/api/projects/%d/"),
		map[string]any{"assignment_settings": map[string]any{"label_stream_task_distribution": "assigned_only"}},
		nil)
	owner.must(t, "POST", s.path("/api/projects/%d/tasks/")+fmt.Sprint(task)+"/assignees/",
		map[string]any{"users": []int64{bob.id}, "type": "AN"}, nil)
	next := s.path("/api/projects/%d/next/")
	if got := ann.status(t, "HEAD", next, nil); got != 404 {
		t.Errorf("HEAD next of somebody with nothing assigned: %d", got)
	}
	if got := bob.status(t, "HEAD", next, nil); got != 200 {
		t.Errorf("HEAD next of the assignee: %d", got)
	}
	var given struct{ ID int64 }
	bob.must(t, "GET", next, nil, &given)
	if given.ID != task {
		t.Errorf("given %d, not %d", given.ID, task)
	}
	var history []any
	ann.must(t, "GET", s.path("/api/projects/%d/label-stream-history/"), nil, &history)
	if len(history) > 0 {
		t.Errorf("told of %v", history)
	}
}

// model is one that notes how often it was asked anything, and answers predictions with
// what Label Studio cannot read.
func model(t *testing.T) (at string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/webhook" { // by which it is told of what was done, whoever did it
			asked.Add(1)
		}
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/predict" {
			fmt.Fprint(w, `{"results":[{"result":"no list","score":"none"}]}`)
			return
		}
		fmt.Fprint(w, `{"status":"UP","model_version":"1"}`)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, asked
}

// TestQuestionsRunNoModel: what the gate asks to find out what a request is about has no
// model work, however the project uses it, and does not depend on what one answers.
func TestQuestionsRunNoModel(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann")
	owner, ann, bob := g.who(t, "owner"), g.who(t, "ann"), g.who(t, "bob")
	at, asked := model(t)
	ml := s.create("/api/ml/", map[string]any{"project": s.project, "url": at, "title": "Model"})
	behind().must(t, "PATCH", s.path("/api/projects/%d/"),
		map[string]any{"evaluate_predictions_automatically": true, "show_collab_predictions": true}, nil)
	task, gone := s.task(), s.task()
	asked.Store(0)
	if behind().status(t, "GET", fmt.Sprintf("/api/tasks/%d/", task), nil); asked.Load() == 0 {
		t.Fatal("Label Studio has no model predict for a task that is looked at: is the gate's way round it still needed?")
	}
	asked.Store(0)
	for _, c := range []struct {
		who          *person
		method, path string
		want         int
	}{
		{bob, "GET", fmt.Sprintf("/api/tasks/%d/", task), 404},
		{bob, "GET", "/api/tasks/99999999/", 404},
		{bob, "GET", fmt.Sprintf("/api/ml/%d", ml), 404},
		{ann, "GET", fmt.Sprintf("/api/tasks/%d/annotations/", task), 200},
		{ann, "GET", fmt.Sprintf("/api/ml/%d", ml), 403},
		{ann, "GET", "/api/tasks/99999999/", 404},
		{owner, "GET", fmt.Sprintf("/api/tasks/%d/annotations/", gone), 200},
		{owner, "GET", "/api/tasks/99999999/", 404},
		{owner, "DELETE", fmt.Sprintf("/api/tasks/%d/", gone), 204},
		{owner, "GET", fmt.Sprintf("/api/tasks/%d/annotations/", gone), 404},
	} {
		if got := c.who.status(t, c.method, c.path, nil); got != c.want {
			t.Errorf("%s %s as %s: %d, not %d", c.method, c.path, c.who.name, got, c.want)
		}
	}
	owner.must(t, "POST", s.path("/api/projects/%d/tasks/")+fmt.Sprint(task)+"/assignees/",
		map[string]any{"users": []int64{ann.id}, "type": "AN"}, nil)
	if n := asked.Load(); n > 0 {
		t.Errorf("the model was asked %d times", n)
	}
}
