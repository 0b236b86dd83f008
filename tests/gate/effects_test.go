package gate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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

// TestSeveralProjectsAreAskedTogether: Label Studio says whether one of several projects has
// a task, when it is asked what may be done with the task; that has no model work.
func TestSeveralProjectsAreAskedTogether(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann")
	ann, bob := g.who(t, "ann"), g.who(t, "bob")
	at, asked := model(t)
	s.create("/api/ml/", map[string]any{"project": s.project, "url": at, "title": "Model"})
	behind().must(t, "PATCH", s.path("/api/projects/%d/"),
		map[string]any{"evaluate_predictions_automatically": true, "show_collab_predictions": true}, nil)
	const many = 11 // more than are asked one by one
	projects, tasks := []int64{s.project}, []int64{s.task()}
	for n := range many {
		more := &scene{t: t, g: g, made: map[string]int64{}}
		more.project = s.create("/api/projects/", map[string]any{"title": fmt.Sprint(t.Name(), n), "label_config": config})
		more.join("ann")
		projects, tasks = append(projects, more.project), append(tasks, more.task())
	}
	asked.Store(0)
	for name, c := range map[string]struct {
		projects []int64
		want     int
	}{
		"all": {projects, 200}, "it and another": {projects[:2], 200}, "the others": {projects[1:], 404},
		"two others": {projects[1:3], 404},
	} {
		path := fmt.Sprintf("/api/tasks/%d/?review=true", tasks[0])
		if got := behind().status(t, "OPTIONS", path, map[string]any{"project": c.projects}); got != c.want {
			t.Errorf("%s: %d, not %d", name, got, c.want)
		}
	}
	for _, task := range tasks {
		path := fmt.Sprintf("/api/tasks/%d/annotations/", task)
		if mine, others := ann.status(t, "GET", path, nil), bob.status(t, "GET", path, nil); mine != 200 || others != 404 {
			t.Errorf("task %d: %d for who sees it, %d for who does not", task, mine, others)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the model was asked %d times", n)
	}
}

// exchange gets an access token at a server; the answer's status where there is none.
func exchange(t *testing.T, at, personal string) (access string, status int) {
	t.Helper()
	answer, err := http.Post(at+"/api/token/refresh/", "application/json",
		strings.NewReader(fmt.Sprintf(`{"refresh":%q}`, personal)))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct{ Access string }
	json.NewDecoder(answer.Body).Decode(&got)
	return got.Access, answer.StatusCode
}

// TestAccessTokens: one that was got through the gate ends with what it was got for, one
// that was got past it is refused, and a forged one gets nothing.
func TestAccessTokens(t *testing.T) {
	g := need(t)
	mia := g.who(t, "mia")
	takes := func(at, access string) int {
		r, err := http.NewRequest("GET", at+"/api/projects/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+access)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	var made struct{ Token string }
	mia.must(t, "POST", "/api/token/", map[string]any{}, &made)
	access, status := exchange(t, g.url, made.Token)
	past, _ := exchange(t, upstream.url, made.Token)
	if status != 200 || takes(g.url, access) != 200 || takes(g.url, past) != 401 || takes(upstream.url, past) != 200 {
		t.Errorf("got through the gate: %d, %d; past it: %d", status, takes(g.url, access), takes(g.url, past))
	}
	forged := made.Token[:len(made.Token)-4] + "AAAA"
	_, here := exchange(t, g.url, forged)
	if _, there := exchange(t, upstream.url, forged); here != there || here == 200 {
		t.Errorf("forged: %d here, %d there", here, there)
	}
	parts := strings.Split(made.Token, ".")
	mia.must(t, "POST", "/api/token/blacklist/", map[string]any{"refresh": parts[0] + "." + parts[1]}, nil)
	if takes(upstream.url, access) != 200 {
		t.Error("Label Studio ends it by itself: is the gate's own end of it still needed?")
	}
	if got := takes(g.url, access); got != 401 {
		t.Error("it goes on:", got)
	}
}

// TestSCIMIsNotHere: without a token, with any, and by whatever method.
func TestScimIsNotHere(t *testing.T) {
	g := need(t)
	for _, method := range []string{"GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"} {
		for _, path := range []string{"/scim/v2/Users", "/scim/v2/", "/scim/", "/api/scim/v2/Users"} {
			for _, authorization := range []string{"", "Bearer x", "Token " + upstream.token} {
				r, err := http.NewRequest(method, g.url+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if authorization != "" {
					r.Header.Set("Authorization", authorization)
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if answer.StatusCode < 400 {
					t.Errorf("%s %s with %q: %d", method, path, authorization, answer.StatusCode)
				}
			}
		}
	}
}
