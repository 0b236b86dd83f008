package gate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// pause has the owner pause somebody in the scene's project.
func (s *scene) pause(who *person) string {
	s.t.Helper()
	pauses := fmt.Sprintf("/api/projects/%d/members/%d/pauses/", s.project, who.id)
	var made struct{ ID int64 }
	s.g.who(s.t, "owner").must(s.t, "POST", pauses,
		map[string]any{"reason": "MANUAL", "verbose_reason": "Look at the guide"}, &made)
	return fmt.Sprintf("%s%d/", pauses, made.ID)
}

// TestPaused: an annotator and a manager who are paused get nothing of the
// project from a real Label Studio but its name, are told why, and end nothing.
func TestPaused(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann", "mia", "bob")
	ann, mia, bob := g.who(t, "ann"), g.who(t, "mia"), g.who(t, "bob")
	task, annotation := s.id("task", nil), s.id("annotation", ann)
	work := map[string]any{"result": chosen("Bad")}
	both := [][3]any{
		{"GET", s.path("/projects/%d/data/"), nil}, {"GET", s.path("/api/projects/%d/"), nil},
		{"GET", s.path("/api/projects/%d/next/"), nil},
		{"GET", s.path("/api/tasks/?project=%d"), nil}, {"GET", s.path("/api/dm/project/?project=%d"), nil},
		{"GET", s.path("/api/label_links/?project=%d"), nil},
		{"GET", s.path("/api/projects/%d/summary/"), nil}, {"POST", s.path("/api/dm/actions/?id=next_task&project=%d"),
			map[string]any{}},
		{"GET", fmt.Sprintf("/api/tasks/%d/", task), nil}, {"POST", fmt.Sprintf("/api/tasks/%d/annotations/", task), work},
		{"POST", fmt.Sprintf("/api/tasks/%d/drafts", task), work},
		{"PATCH", fmt.Sprintf("/api/annotations/%d/", annotation), work},
		{"GET", s.path("/api/projects/%d/members/paginated/"), nil},
	}
	managed := [][3]any{
		{"POST", "/api/webhooks/", map[string]any{"project": s.project, "url": standIn().URL}},
		{"GET", s.path("/api/webhooks/?project=%d"), nil},
		{"POST", "/api/tasks/", map[string]any{"project": s.project, "data": map[string]any{"text": "x"}}},
		{"GET", s.path("/api/projects/%d/export?exportType=JSON"), nil},
		{"PATCH", s.path("/api/projects/%d/"), map[string]any{"title": "Mine now"}},
		{"DELETE", s.path("/api/projects/%d/"), nil},
		{"DELETE", s.path("/api/projects/%d/members/bulk/?all=true"), nil},
		{"POST", s.path("/api/projects/%d/members/bulk/"), map[string]any{"all": false, "included": []int64{bob.id}}},
	}
	ofAnn, ofMia := s.pause(ann), s.pause(mia)
	managed = append(managed, [3]any{"DELETE", ofMia, nil}, [3]any{"DELETE", ofAnn, nil},
		[3]any{"PATCH", ofMia, map[string]any{"verbose_reason": ""}})
	for _, c := range append(both, managed...) {
		for _, who := range []*person{ann, mia} {
			if got := who.status(t, c[0].(string), c[1].(string), c[2]); got != http.StatusForbidden {
				t.Errorf("%s: %s %s: %d", who.name, c[0], c[1], got)
			}
		}
	}
	s.seesTheName(ann)
	s.seesTheName(mia)
	if all := s.annotations(); len(all) != 1 {
		t.Errorf("annotations: %v", all)
	}
	g.who(t, "owner").must(t, "DELETE", ofAnn, nil, nil)
	ann.must(t, "GET", s.path("/api/projects/%d/"), nil, nil)
}

// seesTheName holds that somebody is told that they are paused, and why, and
// finds the project's name in the list and nothing else of it.
func (s *scene) seesTheName(who *person) {
	s.t.Helper()
	r, err := http.NewRequest("GET", who.base+s.path("/projects/%d/data/"), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	page, err := who.send(r)
	said := strings.Contains(string(page.body), "<h1>You are paused in this project</h1>") &&
		strings.Contains(string(page.body), "Look at the guide")
	if err != nil || page.status != http.StatusForbidden || !said {
		s.t.Errorf("%s: the page: %v %v", who.name, page, err)
	}
	for _, path := range []string{"/api/projects/?ids=%d", "/api/projects/counts/?ids=%d"} {
		var list struct{ Results []map[string]any }
		who.must(s.t, "GET", s.path(path), nil, &list)
		if len(list.Results) != 1 {
			s.t.Fatalf("%s: %s: %v", who.name, path, list)
		}
		for name, value := range list.Results[0] {
			if told := map[string]bool{"id": true, "title": true, "created_at": true,
				"description": true}[name]; value != nil && !told {
				s.t.Errorf("%s: %s tells %s: %v", who.name, path, name, value)
			}
		}
	}
	var own []json.RawMessage
	who.must(s.t, "GET", fmt.Sprintf("/api/projects/%d/members/%d/pauses/", s.project, who.id), nil, &own)
	if len(own) != 1 {
		s.t.Errorf("%s: their pauses: %s", who.name, own)
	}
}

// TestPausedOnTheScreen: the upstream's own list of projects opens for somebody
// who is paused in one, and says so.
func TestPausedOnTheScreen(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann")
	b := g.look(t)
	b.signIn("ann")
	b.says(t.Name())
	s.pause(g.who(t, "ann"))
	b.until("location.reload() || true")
	b.says("You are paused in this project.")
	b.says(t.Name())
}
