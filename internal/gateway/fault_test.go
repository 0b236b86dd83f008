package gateway_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/gateway"
)

// TestUpstreamDown: the gate says so, and Roster's own API goes on.
func TestUpstreamDown(t *testing.T) {
	w := newWorld(t)
	for _, who := range []string{"ann", "mia"} { // it is known whose the tokens are
		if got := w.get(who, "/api/tasks/11/"); got.status != 200 {
			t.Fatal(got)
		}
	}
	w.fake.srv.CloseClientConnections()
	w.fake.srv.Close()
	if got := w.get("ann", "/api/tasks/11/"); got.status != 502 || !strings.Contains(got.body, "does not answer") {
		t.Error(got)
	}
	if got := w.get("ann", "/projects/1/data", "Accept", "text/html"); got.status != 502 ||
		!strings.Contains(got.body, "<html") {
		t.Error(got)
	}
	if got := w.get("ann", "/api/tasks/12/"); got.status != 502 { // what it is about cannot be asked
		t.Error(got)
	}
	if got := w.get("mia", "/api/projects/1/members/paginated/"); got.status != 200 {
		t.Error(got)
	}
	if got := w.send("mia", "DELETE", "/api/projects/1/members/bulk/?included=2", ""); got.status != 200 ||
		!strings.Contains(got.body, `"unassignments":1`) {
		t.Error(got)
	}
	if got := w.get("", "/health/"); got.status != 200 {
		t.Error(got)
	}
}

// TestStrangeAnswers: what cannot be checked is not let through.
func TestStrangeAnswers(t *testing.T) {
	w := newWorld(t)
	other := task(11)
	other["project"] = 2
	unzipped, err := json.Marshal(map[string]any{"tasks": []any{task(11)}, "total": 1})
	ok(t, err)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(unzipped)
	z.Close()
	for name, c := range map[string]struct {
		target, contentType, encoding string
		body                          any
		want                          int
	}{
		"HTML instead of JSON": {"/api/tasks/?project=1", "text/html", "", "<html>secret of 3</html>", 502},
		"half of it":           {"/api/tasks/?project=1", "application/json", "", `{"tasks":[{"id"`, 502},
		"another shape":        {"/api/tasks/?project=1", "application/json", "", []any{task(11)}, 502},
		"a task of another project": {"/api/tasks/?project=1", "application/json", "",
			map[string]any{"tasks": []any{other}}, 502},
		"the other task": {"/api/tasks/11/", "application/json", "", other, 502},
		"a project not asked for": {"/api/projects/", "application/json", "",
			map[string]any{"count": 2, "results": []any{project(1), project(2)}}, 502},
		"projects in another shape": {"/api/projects/", "application/json", "", []any{project(1)}, 502},
		"another's whoami":          {"/api/current-user/whoami", "application/json", "", person(3), 502},
		"predictions of a neighbour": {"/api/predictions/?project=1", "application/json", "",
			[]any{map[string]any{"id": 1, "project": 2}}, 502},
		"gzip that nobody asked for": {"/api/tasks/?project=1", "application/json", "br", "xx", 502},
		"gzip":                       {"/api/tasks/?project=1", "application/json", "gzip", zipped.String(), 200},
		"an error of the upstream's": {"/api/tasks/?project=1", "text/html", "", "", 500},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, fake: w.fake, db: w.db, app: w.app, srv: w.srv}
			w.fake.answering(nil)
			w.get("ann", "/api/version/") // it is known whose the token is
			w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
				rw.Header().Set("Content-Type", c.contentType)
				if c.encoding != "" {
					rw.Header().Set("Content-Encoding", c.encoding)
				}
				if c.want == 500 {
					rw.WriteHeader(500)
				}
				text, isText := c.body.(string)
				if !isText {
					raw, err := json.Marshal(c.body)
					ok(t, err)
					text = string(raw)
				}
				io.WriteString(rw, text)
				return true
			})
			got := w.get("ann", c.target)
			if got.status != c.want || strings.Contains(got.body, "of 3") || strings.Contains(got.body, "Beta") {
				t.Errorf("answered %d %s", got.status, got.body)
			}
		})
	}
}

// TestChosenFields: whoever asks for some fields only gets those by which the
// gate tells what the answer is about, too.
func TestChosenFields(t *testing.T) {
	w := newWorld(t)
	for target, want := range map[string]string{
		"/api/tasks/?project=1&include=data": "data,id,project", "/api/tasks/11/?include=data": "data,id,project",
		"/api/projects/1/next/?include=data": "data,id,project",
		"/api/projects/?include=title":       "title,id", "/api/projects/1/?include=title": "title,id",
	} {
		if got := w.get("ann", target); got.status != 200 || w.lastQuery()["include"] != want {
			t.Error(target, got)
		}
	}
	for _, chosen := range []string{"include=title&omit=id", "include[]=title&omit[]=id"} {
		got := w.send("mia", "PATCH", "/api/projects/1/?"+chosen, `{"title":"Alpha"}`)
		if q := w.lastQuery(); got.status != 200 || q["include"]+q["omit"]+q["include[]"]+q["omit[]"] != "" {
			t.Error(chosen, got, q)
		}
	}
}

// TestLabelsTellOfNoOtherProject: the upstream leaves the projects of a label out
// of an expanded link by a list that the address could replace.
func TestLabelsTellOfNoOtherProject(t *testing.T) {
	w := newWorld(t)
	for who, target := range map[string]string{"ann": "/api/label_links/?project=1&", "mia": "/api/label_links/1001/?"} {
		for _, omit := range []string{"omit=label.description", "o%6Dit=label.title", "omit=id&omit=label.value",
			"omit[]=label.title", "omit%5B%5D=label.title&omit=x"} {
			got := w.get(who, target+"expand=label&"+omit)
			if q := w.lastQuery(); got.status != 200 || q["expand"] != "label" || q["omit"]+q["omit[]"] != "" {
				t.Errorf("%s%s: %d, the upstream is asked with %v", target, omit, got.status, q)
			}
		}
	}
}

// TestRange: parts of files pass, both ways, and are asked about again before
// a browser shows what it kept.
func TestRange(t *testing.T) {
	w := newWorld(t)
	w.get("ann", "/api/version/")
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Cache-Control", "private, max-age=3600")
		rw.Header().Set("Content-Range", "bytes 2-4/10")
		rw.WriteHeader(http.StatusPartialContent)
		io.WriteString(rw, r.Header.Get("Range"))
		return true
	})
	got := w.get("ann", "/data/upload/1/a.png", "Range", "bytes=2-4")
	if got.status != 206 || got.body != "bytes=2-4" || got.header.Get("Content-Range") != "bytes 2-4/10" ||
		got.header.Get("Cache-Control") != "private, no-cache" {
		t.Error(got)
	}
}

// onlyAssigned makes project 1 give out assigned tasks only, through the gate
// as its manager does, and assigns tasks of the upstream's to ann.
func (w *world) onlyAssigned(tasks ...int) {
	w.t.Helper()
	got := w.send("mia", "PATCH", "/api/projects/1/",
		`{"title":"Alpha","assignment_settings":{"label_stream_task_distribution":"assigned_only"}}`)
	if got.status != 200 || !strings.Contains(got.body, `"label_stream_task_distribution":"assigned_only"`) {
		w.t.Fatal(got)
	}
	if u := w.fake.taken(); len(u) != 1 || u[0].body != `{"title":"Alpha"}` {
		w.t.Fatalf("the upstream got %+v", u)
	}
	for _, id := range tasks {
		got := w.send("mia", "POST", fmt.Sprintf("/api/projects/1/tasks/%d/assignees/", id), `{"users":[2],"type":"AN"}`)
		if got.status/100 != 2 {
			w.t.Fatal(got)
		}
	}
	w.fake.taken()
}

// TestOnlyAssignedTasks: the list, the next task and the task itself are those
// that were assigned, and unassigning frees them.
func TestOnlyAssignedTasks(t *testing.T) {
	w := newWorld(t)
	w.onlyAssigned(11, 12)
	for target, want := range map[string]int{
		"/api/tasks/11/": 200, "/api/tasks/13/": 404, "/api/tasks/13/drafts": 404,
		"/tasks/13/resolve/?fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n": 404,
		"/api/predictions/?project=1":                             404, "/api/predictions/?task=11": 200,
	} {
		if got := w.get("ann", target); got.status != want {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	if got := w.send("ann", "POST", "/api/tasks/13/annotations/", `{"result":[]}`); got.status != 404 {
		t.Error(got)
	}
	if got := w.get("rev", "/api/tasks/13/"); got.status != 200 {
		t.Error("a reviewer:", got)
	}
	w.fake.taken()
	const included = `"selectedItems":{"all":false,"included":[11,12]}`
	for _, c := range []struct{ method, target, body, also string }{
		{"GET", "/api/tasks/?project=1", "", ""},
		{"GET", "/api/tasks/?view=401", "", `"conjunction":"and"`},
		{"GET", "/api/tasks/?project=1&query=" +
			`%7B%22selectedItems%22:%7B%22all%22:true%7D,%22ordering%22:%5B%22-tasks:id%22%5D%7D`, "", `"-tasks:id"`},
		{"GET", "/api/projects/1/next/", "", ""},
		{"POST", "/api/dm/actions/?id=next_task&project=1",
			`{"selectedItems":{"all":true,"excluded":[]},"ordering":["tasks:id"]}`, `"ordering":["tasks:id"]`},
	} {
		got := w.send("ann", c.method, c.target, c.body)
		reached := w.fake.taken()
		if got.status != 200 || len(reached) != 1 {
			t.Errorf("%s: %d %s", c.target, got.status, got.body)
			continue
		}
		asked := reached[0].query["query"] + reached[0].body
		if !strings.Contains(asked, included) || !strings.Contains(asked, c.also) ||
			strings.Contains(asked, `"all":true`) || reached[0].query["view"] != "" {
			t.Errorf("%s asked for %s", c.target, asked)
		}
	}
	w.unassign(1, "ann")
	w.assign(1, "ann")
	if got := w.get("ann", "/api/tasks/?project=1"); got.status != 200 || !strings.Contains(got.body, `"total":0`) {
		t.Error("after a new start:", got)
	}
	if got := w.send("ann", "POST", "/api/dm/actions/?id=next_task&project=1", `{}`); got.status != 404 {
		t.Error(got)
	}
	if reached := w.fake.taken(); len(reached) != 0 {
		t.Error("the upstream was asked for no task in particular")
	}
}

// TestAssigneesOfOthers: tasks are assigned by those who may, and only tasks
// of the project.
func TestAssigneesOfOthers(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		who, target string
		want        int
	}{
		{"ann", "/api/projects/1/tasks/11/assignees/", 403}, {"out", "/api/projects/1/tasks/11/assignees/", 404},
		{"mia", "/api/projects/1/tasks/21/assignees/", 404},
		{"mia", "/api/projects/1/tasks/99/assignees/", 404},
	} {
		if got := w.send(c.who, "POST", c.target, `{"users":[2],"type":"AN"}`); got.status != c.want {
			t.Errorf("%s at %s: %d %s", c.who, c.target, got.status, got.body)
		}
	}
	got := w.send("mia", "POST", "/api/projects/1/tasks/assignees/",
		`{"users":[2],"type":"AN","selectedItems":{"all":true}}`)
	if got.status/100 != 2 {
		t.Fatal(got)
	}
	tasks, _, err := w.app.OnlyAssigned(w.as("ann"), 1)
	if err != nil || tasks != nil {
		t.Error("where anybody may take any task:", tasks, err)
	}
	w.onlyAssigned()
	if tasks, held, err := w.app.OnlyAssigned(w.as("ann"), 1); err != nil || !held ||
		!slices.Equal(tasks, []int64{11, 12, 13}) {
		t.Error(tasks, held, err)
	}
}

// TestUpstreamTooSlow: an upstream that takes a request and does not answer is
// answered for with 504, at whatever the gate waits for; nothing else waits.
func TestUpstreamTooSlow(t *testing.T) {
	w := newWorld(t)
	token, err := w.app.Token(w.as("ann"), people["ann"])
	ok(t, err)
	ok(t, w.app.KeepUpstreamLogin(t.Context(), people["ann"], "up-ann"))
	told := make(chan struct{})
	t.Cleanup(func() { close(told) })
	w.fake.beforeAll(func(http.ResponseWriter, *http.Request) bool { <-told; return true })
	w.open(func(c *gateway.Config) { c.Patience, c.Questions = time.Millisecond, time.Millisecond })
	roster := "Token " + token
	for name, c := range map[string]struct{ method, target, authorization string }{
		"whose the token is":  {"GET", "/api/projects/1/", "Token tok-ann"},
		"what it is about":    {"GET", "/api/tasks/11/", roster},
		"the answer":          {"GET", "/api/projects/1/", roster},
		"the answer to write": {"POST", "/api/dm/views/?project=1", roster},
	} {
		got := w.send("", c.method, c.target, "", "Authorization", c.authorization)
		if got.status != 504 || !strings.Contains(got.body, "look whether it did") ||
			got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if got := w.get("", "/projects/1/data", "Accept", "text/html", "Authorization", roster); got.status != 504 ||
		!strings.Contains(got.body, "<html") {
		t.Error("a page:", got)
	}
	if got := w.get("", "/api/projects/1/members/paginated/", "Authorization", roster); got.status == 504 {
		t.Error("Roster's own API:", got)
	}
}
