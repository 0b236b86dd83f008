package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/gateway"
	"roster/internal/limit"
)

// TestQuestionsRunNoModel: whoever asks for whatever, what the gate has to find out first
// makes no model of the upstream's work.
func TestQuestionsRunNoModel(t *testing.T) {
	for who := range people {
		w := newWorld(t)
		for _, line := range gateway.Lines() {
			for _, method := range line.Methods {
				if line.Upstream && line.Narrow != "deletion" {
					w.send(who, method, target(line), body(line))
				}
			}
		}
		w.send("mia", "POST", "/api/projects/1/tasks/11/assignees/", `{"users":[2],"type":"AN"}`)
		w.send(who, "DELETE", "/api/tasks/11/", "")
		w.send(who, "DELETE", "/api/projects/1/tasks/", "")
		w.compared()
		if runs := w.fake.modelRuns.Load(); runs > 0 {
			t.Errorf("%s had models work %d times", who, runs)
		}
	}
}

// TestTasksOfOthersAreNotAskedAbout: about a task or a model the upstream is asked for
// nobody but those who find its project.
func TestTasksOfOthersAreNotAskedAbout(t *testing.T) {
	w := newWorld(t)
	var asked atomic.Int64
	w.fake.questioning(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "tasks") && r.URL.Query().Get("project") != "1" || strings.Contains(r.URL.Path, "projects/2") {
			asked.Add(1)
		}
		return false
	})
	w.try(map[string]attempt{
		"no member":           {"out", "GET", "/api/tasks/11/", "", 404},
		"no member, a model":  {"out", "GET", "/api/ml/701", "", 404},
		"another project's":   {"ann", "GET", "/api/tasks/21/", "", 404},
		"that is not there":   {"ann", "GET", "/api/tasks/99/", "", 404},
		"a manager's":         {"mia", "PATCH", "/api/ml/702", `{"title":"x"}`, 404},
		"a draft's":           {"ann", "GET", "/api/drafts/321/", "", 404},
		"paused":              {"paul", "GET", "/api/tasks/11/", "", 403},
		"a member":            {"ann", "GET", "/api/tasks/11/", "", 200},
		"a manager, a model":  {"mia", "GET", "/api/ml/701", "", 200},
		"of a named project":  {"ann", "GET", "/api/tasks/12/?project=1", "", 200},
		"of the wrong one":    {"ann", "GET", "/api/tasks/21/?project=1", "", 404},
		"an annotation's own": {"ann", "GET", "/api/annotations/101/", "", 200},
	})
	if asked.Load() > 0 {
		t.Errorf("other projects were asked %d times", asked.Load())
	}
}

// TestATaskIsFoundAmongManyProjects, and one that is not there is asked for once.
func TestATaskIsFoundAmongManyProjects(t *testing.T) {
	w := newWorld(t)
	const many = 30
	for id := int64(1000); id < 1000+many; id++ {
		projectOf["projects"][id], projectOf["tasks"][id] = id, id
		defer func() { delete(projectOf["projects"], id); delete(projectOf["tasks"], id) }()
		if got := w.get("owner", fmt.Sprintf("/api/projects/%d/", id)); got.status/100 == 4 {
			t.Fatal(got)
		}
	}
	asked, _ := w.counted("/api/tasks/", nil)
	if got := w.get("owner", "/api/tasks/99/"); got.status != 404 || asked.Load() != 1 {
		t.Errorf("not there: %d, asked %d times", got.status, asked.Load())
	}
	if got := w.send("owner", "DELETE", "/api/tasks/1007/", ""); got.status != 200 {
		t.Error(got)
	}
	if got := w.send("owner", "DELETE", "/api/tasks/21/", ""); got.status != 200 {
		t.Error(got)
	}
}

// TestATaskOfANamedProjectIsLookedForThereAlone, by whoever sees every project, too.
func TestATaskOfANamedProjectIsLookedForThereAlone(t *testing.T) {
	w := newWorld(t)
	w.get("owner", "/api/projects/1/")
	asked, _ := w.counted("/api/", nil)
	for _, task := range []int64{99, 21} {
		asked.Store(0)
		body := fmt.Sprintf(`{"users":[%d],"type":"AN"}`, people["ann"])
		got := w.send("owner", "POST", fmt.Sprintf("/api/projects/1/tasks/%d/assignees/", task), body)
		if got.status != 404 || asked.Load() != 1 {
			t.Errorf("task %d: %v, and %d questions", task, got, asked.Load())
		}
	}
}

// TestLookingElsewhereIsCounted: that the first project was asked just now, by somebody
// else, makes it no cheaper to have the others asked.
func TestLookingElsewhereIsCounted(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 2, Per: time.Hour} })
	w.assign(2, "out", "rev")
	for _, target := range []string{"/api/tasks/97/", "/api/tasks/98/"} {
		for _, who := range []string{"out", "rev"} {
			if got := w.get(who, target); got.status != 404 {
				t.Error(who, got)
			}
		}
	}
	if got := w.get("rev", "/api/tasks/99/"); got.status != 429 {
		t.Error(got)
	}
}

// TestAnEmptyMirrorHidesNoTask from those who see every project.
func TestAnEmptyMirrorHidesNoTask(t *testing.T) {
	w := newWorld(t)
	for _, project := range []int64{1, 2} {
		ok(t, w.app.ForgetProject(w.as("owner"), project))
	}
	if got := w.get("owner", "/api/tasks/11/"); got.status != 200 {
		t.Error(got)
	}
}

// TestWhatIsToldOfATaskIsChecked: another task, or one of another project, is no answer.
func TestWhatIsToldOfATaskIsChecked(t *testing.T) {
	for name, said := range map[string]string{
		"another task": `{"tasks":[{"id":12,"project":1}]}`, "another project": `{"tasks":[{"id":11,"project":2}]}`,
		"two": `{"tasks":[{"id":11,"project":1},{"id":12,"project":1}]}`, "nothing": `{}`,
	} {
		w := newWorld(t)
		w.fake.questioning(answers{"api/tasks": says(200, "application/json", said)}.serve)
		if got := w.get("ann", "/api/tasks/11/"); got.status != 502 || len(w.fake.taken()) > 0 {
			t.Error(name, got)
		}
	}
}
