package lsapi_test

import (
	"fmt"
	"net/http"
	"roster/internal/store/storetest"
	"strings"
	"testing"

	"roster"
)

// TestAPageOfTasksIsBounded: in bytes, whatever number it was asked for.
func TestAPageOfTasksIsBounded(t *testing.T) {
	storetest.Long(t)
	onWire(t, func(t *testing.T, w *wire) {
		p := w.Project("Street signs", 0)
		large := `{"text": "` + strings.Repeat("x", 7<<20) + `"}`
		for range 10 {
			_, err := w.App.CreateTasks(w.As(w.Owner), p, []string{large})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, path := range []string{
			fmt.Sprintf("/api/projects/%d/tasks/?page_size=", p),
			fmt.Sprintf("/api/tasks/?project=%d&page_size=", p),
		} {
			for _, size := range []string{"10", "100", "-1"} {
				if size == "-1" && strings.HasPrefix(path, "/api/tasks") {
					continue
				}
				answer := w.send("GET", path+size, w.Owner, nil)
				if answer.Code != http.StatusBadRequest ||
					!strings.Contains(answer.Body.String(), "64 MiB. Ask for a smaller page.") ||
					!strings.Contains(answer.Body.String(), "page_size") {
					t.Errorf("%s%s: %d, %d bytes", path, size, answer.Code, answer.Body.Len())
				}
			}
			if answer := w.send("GET", path+"2&page=5", w.Owner, nil); answer.Code != http.StatusOK ||
				answer.Body.Len() < 14<<20 {
				t.Errorf("%s2: %d, %d bytes", path, answer.Code, answer.Body.Len())
			}
		}
	})
}

// TestEveryTaskIsCountedFirst: a project that has too many is refused for their number,
// before one of them is read, which may hold more than a page.
func TestEveryTaskIsCountedFirst(t *testing.T) {
	storetest.Long(t)
	onWire(t, func(t *testing.T, w *wire) {
		p, a := w.Project("Street signs", 0), w.Person(roster.RoleAnnotator)
		w.Assign(p, a)
		items := make([]string, 10_001)
		for i := range items {
			items[i] = "{}"
		}
		items[0] = `{"text": "` + strings.Repeat("x", 65<<20) + `"}`
		if _, err := w.App.CreateTasks(w.As(w.Owner), p, items); err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/api/projects/%d/tasks/?page_size=-1", p)
		for user, want := range map[int64]string{
			w.Owner: "These are 10001 tasks", a: "These are 10001 tasks",
			w.Person(roster.RoleAnnotator): "Not found",
		} {
			if answer := w.send("GET", path, user, nil); !strings.Contains(answer.Body.String(), want) {
				t.Errorf("%d: %d %.300s", user, answer.Code, answer.Body.String())
			}
		}
	})
}

// TestSharesAsProgramsWriteThem: a share is the same number however it is written.
func TestSharesAsProgramsWriteThem(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		path := fmt.Sprintf("/api/projects/%d/review-routing-rules/bulk/", w.Project("Street signs", 0))
		for sent, want := range map[string]string{
			`1e-1`: "0.1000", `"1e-4"`: "0.0001", `5E-1`: "0.5000", `1.0e0`: "1.0000", `0.25`: "0.2500",
			`".5"`: "0.5000",
		} {
			got := w.must(http.StatusOK, "POST", path, w.Owner, `{"rules": [{"sample_rate": `+sent+`}]}`)
			if at(got, 0, "sample_rate") != want {
				t.Errorf("%s: %v", sent, got)
			}
		}
		for _, bad := range []string{`1e-5`, `1e1`, `"1e999999999"`, `"0x1p-1"`, `"nan"`, `-1e-1`, `true`, `[0.1]`, `""`} {
			w.refused("rules", "POST", path, w.Owner, `{"rules": [{"sample_rate": `+bad+`}]}`)
		}
		many := `{"rules": [` + strings.Repeat(`{"sample_rate": 1},`, 1000) + `{"sample_rate": 1}]}`
		if answer := w.send("POST", path, w.Owner, many); answer.Code != http.StatusBadRequest ||
			!strings.Contains(answer.Body.String(), "at most 1000 rules") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
}
