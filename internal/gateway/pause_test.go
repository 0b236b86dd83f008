package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"roster"
	"roster/internal/gateway"
	"roster/internal/store/storetest"
)

func (w *world) pause(name, message string) {
	w.t.Helper()
	_, err := w.app.PauseMember(w.as("owner"), 1, people[name], roster.PauseManual, message)
	ok(w.t, err)
}

// TestPausedPassNoLine: nothing of a project passes for who is paused in it, be
// it a reviewer, its manager or an administrator.
func TestPausedPassNoLine(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	for _, name := range []string{"rev", "mia", "adm"} {
		w.pause(name, "")
	}
	asked := 0
	for _, line := range gateway.Lines() {
		if !line.Upstream || !line.Project {
			continue
		}
		for _, method := range line.Methods {
			for _, who := range []string{"rev", "mia", "adm"} {
				w.cell(line, method, who, false)
				asked++
			}
		}
	}
	if asked < 300 {
		t.Errorf("only %d requests were tried", asked)
	}
}

// TestPausedSeeTheName: the list has the project with its name and that they
// are paused, in every form of it, and hooks of the project are in no list.
func TestPausedSeeTheName(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"mia", "adm"} {
		w.pause(name, "")
	}
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/projects") {
			return false
		}
		full := project(1)
		full["label_config"], full["description"], full["task_number"], full["state"] = "<View/>", "ours", 7, "CREATED"
		writeJSON(rw, map[string]any{"count": 1, "next": nil, "previous": nil, "results": []any{full}})
		return true
	})
	named := map[string]any{
		"id": 1.0, "title": "Alpha", "created_at": "2026-01-01T00:00:00Z", "description": "You are paused in this project.",
	}
	for _, who := range []string{"paul", "mia", "adm"} {
		for _, path := range []string{"/api/projects/", "/api/projects/?ids=1&include=id,description,task_number",
			"/api/projects/counts/"} {
			got := w.get(who, path)
			if got.status != 200 {
				t.Fatalf("%s: %s: %v", who, path, got)
			}
			results := got.json(t).(map[string]any)["results"].([]any)
			for name, value := range results[0].(map[string]any) {
				if want := named[name]; value != want {
					t.Errorf("%s: %s: %s is %v, want %v", who, path, name, value, want)
				}
			}
		}
	}
	if got := w.get("ann", "/api/projects/"); !strings.Contains(got.body, "<View/>") {
		t.Errorf("who is not paused: %v", got)
	}
	if got := w.get("adm", "/api/webhooks/"); got.status != 200 || strings.Contains(got.body, "901") {
		t.Errorf("hooks: %v", got)
	}
}

// TestPausedAreTold: who is paused is told why, programs and people alike.
func TestPausedAreTold(t *testing.T) {
	w := newWorld(t)
	w.pause("ann", "Look at <the> guide")
	got := w.get("ann", "/api/projects/1/")
	if got.status != 403 || !strings.Contains(got.json(t).(map[string]any)["detail"].(string),
		"(“Look at <the> guide”)") {
		t.Error(got)
	}
	page := w.get("ann", "/projects/1/data/", "Accept", "text/html")
	said := strings.Contains(page.body, "<h1>You are paused in this project</h1>") &&
		strings.Contains(page.body, "Look at &lt;the&gt; guide")
	if page.status != 403 || !said {
		t.Error(page)
	}
	if own := w.get("ann", "/api/projects/1/members/2/pauses/"); own.status != 200 ||
		!strings.Contains(own.body, "guide") {
		t.Error(own)
	}
	if others := w.get("ann", "/api/projects/1/members/8/pauses/"); others.status != 403 {
		t.Error(others)
	}
}

// TestPauseCutsInFlight: an answer that is still arriving ends with the pause.
func TestPauseCutsInFlight(t *testing.T) {
	w := newWorld(t)
	begun, gone := w.fake.stalling()
	r, err := http.NewRequest("GET", w.srv.URL+"/data/upload/1/big.bin", nil)
	ok(t, err)
	r.Header.Set("Authorization", "Token tok-mia")
	answer, err := http.DefaultClient.Do(r)
	ok(t, err)
	defer answer.Body.Close()
	<-begun
	w.pause("mia", "")
	got, err := io.ReadAll(answer.Body)
	if err == nil || string(got) != "the beginning" {
		t.Errorf("read %q, and then %v", got, err)
	}
	<-gone
}
