package gate

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// keep writes a file to the upstream's disk, and returns where local files are
// asked for it.
func (s *scene) keep(folder, name, text string) string {
	s.t.Helper()
	dir := filepath.Join(os.Getenv("LABEL_STUDIO_DATA"), "files", folder)
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return "/data/local-files/?d=" + url.QueryEscape(folder+"/"+name)
}

// TestLocalFiles: what the upstream serves to everybody from its disk, the gate
// serves to those who see the project that has the folder as a storage.
func TestLocalFiles(t *testing.T) {
	g := need(t)
	own, other := g.newScene(t, "mia", "rea", "ann"), g.newScene(t)
	// one begins like the other
	names := map[*scene]string{own: fmt.Sprint(own.project), other: fmt.Sprint(own.project) + "0"}
	owner := g.who(t, "owner")
	at := map[*scene]string{}
	for s, folder := range names {
		at[s] = s.keep(folder, "bird and bee.txt", "of "+folder)
		path := filepath.Join(os.Getenv("LABEL_STUDIO_DATA"), "files", folder)
		owner.must(t, "POST", "/api/storages/localfiles/", map[string]any{"project": s.project, "path": path}, nil)
	}
	if got, err := behind().ask("GET", at[other], nil); err != nil || string(got.body) != "of "+names[other] {
		t.Fatalf("past the gate: %v %v", got, err)
	}
	for _, c := range []struct {
		who    string
		path   string
		status int
	}{
		{"ann", at[own], 200}, {"rea", at[own], 200}, {"mia", at[own], 200}, {"owner", at[own], 200},
		{"owner", at[other], 200},
		{"bob", at[own], 404}, {"ann", at[other], 404}, {"mia", at[other], 404},
		{"ann", "/data/local-files/?d=" + names[own] + "/../" + names[other] + "/bird+and+bee.txt", 404},
		{"ann", "/data/local-files/?d=../files//" + names[own] + "/./bird+and+bee.txt", 200},
		{"ann", "/data/local-files/?d=" + names[own], 404}, {"ann", "/data/local-files/?d=", 400},
	} {
		got, err := g.who(t, c.who).ask("GET", c.path, nil)
		if err != nil || got.status != c.status || (c.status == 200 && string(got.body) != "of "+names[own] &&
			c.path != at[other]) {
			t.Errorf("%s: %s: %v %v, not %d", c.who, c.path, got, err, c.status)
		}
	}
	shown := own.create("/api/tasks/",
		map[string]any{"project": own.project, "data": map[string]any{"text": "x", "image": "/data/local-files/?d=" +
			names[own] + "/bird%20and%20bee.txt"}})
	hidden := own.keep(names[own], "cat.txt", "not hers")
	own.task()
	owner.must(t, "PATCH", own.path("/api/projects/%d/"),
		map[string]any{"assignment_settings": map[string]any{"label_stream_task_distribution": "assigned_only"}}, nil)
	ann := g.who(t, "ann")
	if got := ann.status(t, "GET", at[own], nil); got != 404 {
		t.Errorf("with nothing assigned: %d", got)
	}
	owner.must(t, "POST", own.path("/api/projects/%d/tasks/")+fmt.Sprint(shown)+"/assignees/",
		map[string]any{"users": []int64{ann.id}, "type": "AN"}, nil)
	for path, want := range map[string]int{at[own]: 200, hidden: 404} {
		if got := ann.status(t, "GET", path, nil); got != want {
			t.Errorf("%s, with one task assigned: %d", path, got)
		}
	}
	owner.must(t, "POST", "/api/storages/localfiles/",
		map[string]any{"project": other.project, "path": filepath.Join(os.Getenv("LABEL_STUDIO_DATA"), "files",
			names[own])}, nil)
	if got := g.who(t, "rea").status(t, "GET", at[own], nil); got != 404 {
		t.Errorf("once the folder is two projects': %d", got)
	}
}
