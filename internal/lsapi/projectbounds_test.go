package lsapi_test

import (
	"net/http"
	"strings"
	"testing"

	"roster"
	"roster/internal/store/storetest"
)

// TestAPageOfProjectsIsBounded: in bytes. The settings of each are as large as one may make
// them, and a list of a thousand had them all in memory.
func TestAPageOfProjectsIsBounded(t *testing.T) {
	storetest.Long(t)
	onWire(t, func(t *testing.T, w *wire) {
		large := map[string]any{"label_config": strings.Repeat("x", 4_000_000)}
		for range 17 {
			p := w.Project("Street signs", 0)
			if _, _, err := w.App.UpdateProject(w.As(w.Owner), p, roster.ProjectPatch{Settings: large}, 0); err != nil {
				t.Fatal(err)
			}
		}
		answer := w.send("GET", "/api/projects/?page_size=1000", w.Owner, nil)
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "Ask for a smaller page.") {
			t.Errorf("everything: %d, %d bytes", answer.Code, answer.Body.Len())
		}
		if answer = w.send("GET", "/api/projects/?page_size=2", w.Owner, nil); answer.Code != http.StatusOK ||
			answer.Body.Len() < 8_000_000 {
			t.Errorf("two: %d, %d bytes", answer.Code, answer.Body.Len())
		}
		// who chooses one from a list needs none of it
		rows, _, err := w.App.ProjectList(w.As(w.Owner), roster.ProjectFilter{}, roster.Everything)
		if err != nil || len(rows) != 17 || rows[0].Settings != "" {
			t.Errorf("%d rows: %v", len(rows), err)
		}
	})
}
