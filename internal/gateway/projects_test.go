package gateway_test

import (
	"strings"
	"testing"
)

// TestOrderOfProjects: the order of projects tells a password, too, to whoever
// sets some of their own.
func TestOrderOfProjects(t *testing.T) {
	w := newWorld(t)
	for ordering, want := range map[string]int{
		"task_data_password": 400, "-task_data_login": 400, "id, -task_data_password": 400,
		"id&ordering=task_data_password": 400,
		"-created_at":                    200, "title,-id": 200, "": 200,
	} {
		w.fake.taken()
		got := w.get("ann", "/api/projects/?ordering="+strings.ReplaceAll(ordering, " ", "%20"))
		if reached := len(w.fake.taken()); got.status != want || (want == 200) != (reached == 1) {
			t.Errorf("by %q: %d %s", ordering, got.status, got.body)
		}
	}
}
