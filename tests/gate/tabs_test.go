package gate

import (
	"fmt"
	"testing"
)

// TestTabs: the upstream lets everybody change everybody's tabs.
func TestTabs(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "rea", "ann")
	tab := fmt.Sprintf("/api/dm/views/%d/", s.id("view", nil))
	var mine struct{ ID, User int64 }
	ann := g.who(t, "ann")
	ann.must(t, "POST", "/api/dm/views/",
		map[string]any{"project": s.project, "data": map[string]any{"title": "Ann's"}}, &mine)
	if mine.User != ann.id {
		t.Errorf("Ann's tab is of %d", mine.User)
	}
	changed := map[string]any{"data": map[string]any{"title": "changed"}}
	for _, c := range []struct {
		who, path string
		status    int
	}{
		{"ann", tab, 403}, {"rea", tab, 403}, {"mia", tab, 200}, {"ann", fmt.Sprintf("/api/dm/views/%d/", mine.ID), 200},
		{"rea", fmt.Sprintf("/api/dm/views/%d/", mine.ID), 403},
	} {
		if got := g.who(t, c.who).status(t, "PATCH", c.path, changed); got != c.status {
			t.Errorf("%s at %s: %d, not %d", c.who, c.path, got, c.status)
		}
	}
}
