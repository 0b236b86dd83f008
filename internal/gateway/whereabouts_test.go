package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/gateway"
	"roster/internal/limit"
	"roster/internal/store/storetest"
)

// TestQuestionsRunNoModel: whoever asks for whatever, what the gate has to find out first
// makes no model of the upstream's work.
func TestQuestionsRunNoModel(t *testing.T) {
	storetest.Long(t)
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
		if strings.Contains(r.URL.Path, "tasks") && r.URL.Query().Get("project") != "1" ||
			strings.Contains(r.URL.Path, "projects/2") {
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

// many makes so many projects, from number 1000 on, with a task of the same number each,
// and has somebody see them.
func (w *world) many(n int64, who string) {
	w.t.Helper()
	for id := int64(1000); id < 1000+n; id++ {
		projectOf["projects"][id], projectOf["tasks"][id] = id, id
		w.t.Cleanup(func() { delete(projectOf["projects"], id); delete(projectOf["tasks"], id) })
		if got := w.get("owner", fmt.Sprintf("/api/projects/%d/", id)); got.status/100 == 4 {
			w.t.Fatal(got)
		}
		if who != "owner" {
			w.assign(id, who)
		}
	}
}

// TestATaskIsFoundAmongManyProjects, most of which need not be asked by themselves; and
// what is not there, or another's, is found out by as many questions.
func TestATaskIsFoundAmongManyProjects(t *testing.T) {
	storetest.Long(t)
	for who, most := range map[string]int64{"owner": 3, "mia": 2} {
		w := newWorld(t)
		w.many(60, who)
		asked, _ := w.counted("/api/tasks/", nil)
		for _, task := range []int64{99, 21} {
			asked.Store(0)
			if got := w.get(who, fmt.Sprintf("/api/tasks/%d/", task)); got.status != 404 && who != "owner" ||
				asked.Load() > most && got.status == 404 {
				t.Errorf("%s, task %d: %d, asked %d times", who, task, got.status, asked.Load())
			}
		}
		for _, task := range []int64{1007, 1059, 1030, 11} {
			asked.Store(0)
			// the last eight at once, so their number varies
			if got := w.send(who, "PATCH", fmt.Sprintf("/api/tasks/%d/", task), `{"meta":{}}`); got.status != 200 ||
				asked.Load() > 20 {
				t.Errorf("%s, task %d: %v, asked %d times", who, task, got, asked.Load())
			}
		}
	}
}

// TestAnAnswerThatFoundItWins: that one project cannot be asked hides no other's answer, and
// where no other has the task, it is not said that there is none.
func TestAnAnswerThatFoundItWins(t *testing.T) {
	storetest.Long(t)
	together := func(r *http.Request) bool { return r.Method == http.MethodOptions }
	newest := func(r *http.Request) bool { return r.URL.Query().Get("project") > "1053" }
	for name, c := range map[string]struct {
		broken func(r *http.Request) bool
		absent int // what is answered about a task that none has
	}{
		"those first asked": {newest, 502},
		"several at once":   {together, 404},
		"both":              {func(r *http.Request) bool { return together(r) || newest(r) }, 502},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.many(60, "mia")
			w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
				fails := strings.HasPrefix(r.URL.Path, "/api/tasks/") && c.broken(r)
				if fails {
					rw.WriteHeader(500)
				}
				return fails
			})
			if got := w.get("mia", "/api/tasks/99/"); got.status != c.absent {
				t.Error("that none has:", got)
			}
			if got := w.get("mia", "/api/tasks/1007/"); got.status != 200 {
				t.Error("that is there:", got)
			}
		})
	}
}

// TestSeveralAtOnceAreBelievedOnlyAsAHint: a release that does not read the list answers
// yes to every one.
func TestSeveralAtOnceAreBelievedOnlyAsAHint(t *testing.T) {
	w := newWorld(t)
	w.many(60, "mia")
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodOptions {
			writeJSON(rw, map[string]any{})
		}
		return r.Method == http.MethodOptions
	})
	for task, want := range map[int]int{1007: 200, 1055: 200, 99: 404, 21: 404} {
		if got := w.get("mia", fmt.Sprintf("/api/tasks/%d/", task)); got.status != want {
			t.Error(task, got)
		}
	}
}

// TestALookUpHasOneDeadline: an upstream that does not answer is not asked on and on.
func TestALookUpHasOneDeadline(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Questions = 100 * time.Millisecond })
	w.many(60, "mia")
	var hung atomic.Int64
	w.fake.questioning(func(_ http.ResponseWriter, r *http.Request) bool {
		waits := strings.Contains(r.URL.Path, "/tasks/") && r.URL.Query().Get("project") != "1059"
		if waits {
			hung.Add(1)
			<-r.Context().Done()
		}
		return waits
	})
	if got := w.get("mia", "/api/tasks/1007/"); got.status != 504 || hung.Load() > 16 {
		t.Errorf("%v, after %d questions without an answer", got, hung.Load())
	}
}

// TestKnownIsNoCheaperThanUnknown: how often one may ask does not tell what the gate has
// heard of.
func TestKnownIsNoCheaperThanUnknown(t *testing.T) {
	storetest.Long(t)
	for name, pair := range map[string][2]string{
		"tasks":               {"/api/tasks/11/", "/api/tasks/99/"},
		"annotations":         {"/api/annotations/101/", "/api/annotations/999/"},
		"drafts":              {"/api/drafts/301/", "/api/drafts/999/"},
		"tabs":                {"/api/dm/views/401/", "/api/dm/views/999/"},
		"projects":            {"/api/projects/1/", "/api/projects/999/"},
		"tasks of a project":  {"/api/tasks/?project=1", "/api/tasks/?project=999"},
		"a project's exports": {"/api/projects/1/exports/1101", "/api/projects/999/exports/1101"},
		"a tab's tasks":       {"/api/tasks/?view=401", "/api/tasks/?view=999"},
		"a tab of another":    {"/api/tasks/?view=401&project=2", "/api/tasks/?view=999&project=2"},
	} {
		t.Run(name, func(t *testing.T) {
			var told [2][]int
			for i, target := range pair {
				w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 3, Per: time.Hour} })
				w.assign(2, "out")
				w.get("owner", target) // it is heard of, if it is there
				for range 5 {
					told[i] = append(told[i], w.get("out", target).status)
				}
			}
			if want := []int{404, 404, 404, 429, 429}; !slices.Equal(told[0], want) || !slices.Equal(told[1], want) {
				t.Errorf("one that is there: %v; one that is not: %v", told[0], told[1])
			}
		})
	}
}

// TestTasksThatAreNotAssignedAreCounted as those that are not there.
func TestTasksThatAreNotAssignedAreCounted(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 2, Per: time.Hour} })
	w.onlyAssigned(11)
	for _, want := range []int{404, 404, 429} {
		if got := w.get("ann", "/api/tasks/13/"); got.status != want {
			t.Error(got)
		}
	}
	if got := w.get("ann", "/api/tasks/11/"); got.status != 200 {
		t.Error("one's own:", got)
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
