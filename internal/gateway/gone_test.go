package gateway_test

import (
	"fmt"
	"net/http"
	"roster/internal/store/storetest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster"
)

// answers is what the upstream answers to some of the gate's own questions, by path.
type answers map[string]func(w http.ResponseWriter, r *http.Request)

func (a answers) serve(w http.ResponseWriter, r *http.Request) bool {
	answer := a[strings.Trim(r.URL.Path, "/")]
	if answer != nil {
		answer(w, r)
	}
	return answer != nil
}

func says(status int, kind, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// lists is a page of tasks.
func lists(total int, ids ...int64) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		tasks := []any{}
		for _, id := range ids {
			tasks = append(tasks, map[string]any{"id": id})
		}
		if r.URL.Query().Get("page") != "1" {
			tasks = tasks[:0]
		}
		writeJSON(w, map[string]any{"total": total, "tasks": tasks})
	}
}

func absent(w http.ResponseWriter, _ *http.Request) { hasNot(w) }

// deletions are the ways in which tasks are deleted through the gate.
var deletions = map[string]attempt{
	"one": {"mia", "DELETE", "/api/tasks/11/", "", 0},
	"all": {"mia", "DELETE", "/api/projects/1/tasks/", "", 0},
	"chosen": {"mia", "POST", "/api/dm/actions/?id=delete_tasks&project=1",
		`{"selectedItems":{"all":false,"included":[11]}}`, 0},
	"duplicates": {"mia", "POST", "/api/dm/actions/?id=remove_duplicates&project=1",
		`{"selectedItems":{"all":true,"excluded":[]}}`, 0},
}

// given is a world in which ann has task 11 and rev task 12.
func given(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for task, who := range map[int]string{11: "ann", 12: "rev"} {
		if got := w.send("mia", "POST", fmt.Sprintf("/api/projects/1/tasks/%d/assignees/", task),
			fmt.Sprintf(`{"users":[%d],"type":"AN"}`, people[who])); got.status != 200 {
			t.Fatal(got)
		}
	}
	return w
}

// deleted is who deleted tasks that were given out, by the record, one text a deletion.
func (w *world) deleted() (by []string) {
	w.t.Helper()
	ops, _, err := w.app.Operations(w.as("owner"), roster.OperationFilter{ProjectID: 1, Kind: roster.OpTaskDelete},
		roster.Everything)
	ok(w.t, err)
	for _, op := range ops {
		by = append(by, fmt.Sprintf("%d ended %d", op.ActorID, op.Changed))
	}
	return by
}

func (w *world) mirrored() []int64 {
	w.t.Helper()
	left, err := w.app.MirroredTasks(w.as("owner"), 1)
	ok(w.t, err)
	return left
}

// TestATaskThatIsThereIsNeverTakenForGone, whatever the upstream answers to whatever
// else it is asked: gone is only what it says it has not, itself, twice, of that very id,
// while it has the project. The answer to the person is the upstream's all the same.
func TestATaskThatIsThereIsNeverTakenForGone(t *testing.T) {
	storetest.Long(t)
	const page = "<html>starting</html>"
	var times atomic.Int64
	wrong := map[string]answers{
		"they are there":             {},
		"no list of tasks":           {"api/tasks": says(200, "application/json", `{}`)},
		"an empty list":              {"api/tasks": lists(0)},
		"an empty list of some":      {"api/tasks": lists(3)},
		"a thinned list":             {"api/tasks": lists(1, 13)},
		"a list of which pages lack": {"api/tasks": lists(2000, 13)},
		"a list that fails":          {"api/tasks": says(500, "text/html", page)},
		"404 for the list":           {"api/tasks": absent},
		"404 of another server": {
			"api/tasks": lists(0), "api/tasks/11": says(404, "text/html", page),
			"api/tasks/12": says(404, "text/html", page),
		},
		"404 without a word": {
			"api/tasks": lists(0), "api/tasks/11": says(404, "", ""),
			"api/tasks/12": says(404, "application/json", "{}"),
		},
		"404 for the project as well": {
			"api/tasks": lists(0), "api/tasks/11": absent, "api/tasks/12": absent,
			"api/projects/1": says(404, "text/html", page),
		},
		"a project that fails": {
			"api/tasks": lists(0), "api/tasks/11": absent, "api/tasks/12": absent,
			"api/projects/1": says(503, "", ""),
		},
		"another project": {
			"api/tasks": lists(0), "api/tasks/11": absent, "api/tasks/12": absent,
			"api/projects/1": says(200, "application/json", `{"id":2}`),
		},
		"forbidden": {
			"api/tasks": lists(0), "api/tasks/11": says(403, "application/json", `{"detail":"no"}`),
			"api/tasks/12": says(403, "application/json", `{"detail":"no"}`),
		},
		"it fails": {
			"api/tasks": lists(0), "api/tasks/11": says(500, "text/html", page),
			"api/tasks/12": says(502, "text/html", page),
		},
		"another task": {
			"api/tasks": lists(0), "api/tasks/11": says(200, "application/json", `{"id":13,"project":1}`),
			"api/tasks/12": says(200, "application/json", `{"id":13,"project":1}`),
		},
		"not at first": {
			"api/tasks": lists(0), "api/tasks/12": says(200, "application/json", `{"id":12,"project":1}`),
			"api/tasks/11": func(w http.ResponseWriter, _ *http.Request) {
				if times.Add(1)%2 == 1 {
					hasNot(w)
					return
				}
				writeJSON(w, map[string]any{"id": 11, "project": 1})
			},
		},
	}
	for way, a := range deletions {
		for name, upstream := range wrong {
			t.Run(way+", "+name, func(t *testing.T) {
				w := given(t)
				w.get("mia", "/api/tasks/11/") // the gate knows whose it is
				times.Store(0)
				w.fake.questioning(upstream.serve)
				if got := w.send(a.who, a.method, a.target, a.body); got.status != 200 {
					t.Error(got)
				}
				w.compared()
				if left := w.mirrored(); !slices.Equal(left, []int64{11, 12}) || len(w.deleted()) > 0 {
					t.Errorf("left are %v; recorded is %v", left, w.deleted())
				}
				w.fake.questioning(nil)
				if held := w.send("mia", "GET", "/api/projects/1/tasks/11/assignees/",
					""); !strings.Contains(held.body, fmt.Sprintf(`"assignee":%d`, people["ann"])) {
					t.Error("ann has it no more:", held)
				}
			})
		}
	}
}

// TestALookIsRepeated: where it cannot be found out at once which tasks are gone, it is
// with one of the next comparisons, and recorded as whoever deleted them did it, once.
func TestALookIsRepeated(t *testing.T) {
	storetest.Long(t)
	gone := answers{"api/tasks": lists(1, 13), "api/tasks/11": absent, "api/tasks/12": absent}
	for way, a := range deletions {
		want, left := fmt.Sprintf("%d ended 2", people["mia"]), []int64{}
		if way == "one" { // of the other one nobody asked
			want, left = fmt.Sprintf("%d ended 1", people["mia"]), []int64{12}
		}
		for name, upstream := range map[string]answers{
			"it does not answer": {"api/tasks": says(503, "", ""), "api/tasks/11": says(503, "", ""),
				"api/projects/1": says(503, "", "")},
			"somebody else does": {"api/tasks": says(404, "text/html", ""), "api/tasks/11": says(404, "text/html", "")},
			"it answers nonsense": {"api/tasks": says(200, "application/json", "["),
				"api/tasks/11": says(200, "application/json", "[")},
		} {
			t.Run(way+", "+name, func(t *testing.T) {
				w := given(t)
				w.get("mia", "/api/tasks/11/")
				w.fake.questioning(upstream.serve)
				if got := w.send(a.who, a.method, a.target, a.body); got.status != 200 {
					t.Error(got)
				}
				w.compared()
				if len(w.deleted()) > 0 || len(w.mirrored()) != 2 {
					t.Errorf("left are %v; recorded is %v", w.mirrored(), w.deleted())
				}
				w.fake.questioning(gone.serve)
				w.compared()
				w.compared()
				if !slices.Equal(w.deleted(), []string{want}) || !slices.Equal(w.mirrored(), left) {
					t.Errorf("left are %v; recorded is %v", w.mirrored(), w.deleted())
				}
			})
		}
	}
}

// TestADeletionThatBrokeOff may have happened: it is looked what became of it.
func TestADeletionThatBrokeOff(t *testing.T) {
	for way, a := range deletions {
		t.Run(way, func(t *testing.T) {
			w := given(t)
			w.get("mia", "/api/tasks/11/")
			w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodGet {
					w.fake.questioning(answers{"api/tasks": lists(1, 12, 13), "api/tasks/11": absent}.serve)
					panic(http.ErrAbortHandler)
				}
				return false
			})
			if got := w.send(a.who, a.method, a.target, a.body); got.status != 502 {
				t.Error(got)
			}
			w.compared()
			if !slices.Equal(w.deleted(), []string{fmt.Sprintf("%d ended 1", people["mia"])}) ||
				!slices.Equal(w.mirrored(), []int64{12}) {
				t.Errorf("left are %v; recorded is %v", w.mirrored(), w.deleted())
			}
		})
	}
}

// givenMany has so many tasks of project 1, from number 1000 on, given to ann, and the
// upstream lack them from then on.
func (w *world) givenMany(n int) {
	w.t.Helper()
	many := make([]int64, n)
	for i := range many {
		many[i] = int64(1000 + i)
	}
	w.fake.questioning(answers{"api/tasks": lists(len(many), many...)}.serve)
	body := fmt.Sprintf(`{"users":[%d],"type":"AN","selectedItems":{"all":true}}`, people["ann"])
	if got := w.send("mia", "POST", "/api/projects/1/tasks/assignees/", body); got.status != 201 {
		w.t.Fatal(got)
	}
	w.fake.questioning(answers{"api/tasks": lists(0)}.serve) // nor has it one of them, if it is asked
}

// TestManyTasksThatAreGone are looked for after the answer, in several turns where they are
// very many, and recorded as one deletion.
func TestManyTasksThatAreGone(t *testing.T) {
	w := newWorld(t)
	w.givenMany(1100)
	if got := w.send("mia", "DELETE", "/api/projects/1/tasks/", ""); got.status != 200 {
		t.Fatal(got)
	}
	w.compared()
	w.gate.Look(t.Context())
	if !slices.Equal(w.deleted(), []string{fmt.Sprintf("%d ended 1", people["mia"])}) || len(w.mirrored()) > 0 {
		t.Errorf("left are %d; recorded is %v", len(w.mirrored()), w.deleted())
	}
}

// TestLookingHoldsUpNothing: while it is looked for very many tasks, the mirror follows.
func TestLookingHoldsUpNothing(t *testing.T) {
	w := newWorld(t)
	w.givenMany(60)
	hold, begun := make(chan struct{}), make(chan struct{}, 1000)
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodOptions {
			begun <- struct{}{}
			<-hold
		}
		return answers{"api/tasks": lists(0)}.serve(rw, r)
	})
	if got := w.send("mia", "DELETE", "/api/projects/1/tasks/", ""); got.status != 200 {
		t.Fatal(got)
	}
	<-begun
	followed := make(chan struct{})
	go func() {
		w.tick <- w.app.Now()
		w.tick <- w.app.Now()
		close(followed)
	}()
	select {
	case <-followed:
	case <-time.After(5 * time.Second):
		t.Error("the mirror waits for it")
	}
	close(hold)
	<-followed
}

// TestAProjectThatIsThereIsNeverTakenForGone: neither when the upstream says that it was
// deleted, nor when a list lacks it.
func TestAProjectThatIsThereIsNeverTakenForGone(t *testing.T) {
	one := says(200, "application/json",
		`{"next":null,"results":[{"id":2,"title":"Beta","created_at":"2026-01-01T00:00:00Z"}]}`)
	var times atomic.Int64
	for name, upstream := range map[string]answers{
		"it is there":           {},
		"404 of another server": {"api/projects": one, "api/projects/1": says(404, "text/html", "<html>")},
		"it fails":              {"api/projects": one, "api/projects/1": says(500, "text/html", "<html>")},
		"not who it was": {
			"api/projects": one, "api/projects/1": absent,
			"api/current-user/whoami": says(404, "application/json", `{"detail":"Not found."}`),
		},
		"not at first": {"api/projects": one, "api/projects/1": func(w http.ResponseWriter, _ *http.Request) {
			if times.Add(1)%2 == 1 {
				hasNot(w)
				return
			}
			writeJSON(w, project(1))
		}},
	} {
		w := newWorld(t)
		times.Store(0)
		w.fake.questioning(upstream.serve)
		w.compared()
		if !w.knows(1) {
			t.Errorf("%s: a list is enough to forget it", name)
		}
		if got := w.send("mia", "DELETE", "/api/projects/1/", ""); got.status != 200 {
			t.Error(name, got)
		}
		w.compared()
		if !w.knows(1) {
			t.Errorf("%s: it is forgotten", name)
		}
		w.fake.questioning(answers{"api/projects": one, "api/projects/1": absent}.serve)
		w.compared()
		if w.knows(1) {
			t.Errorf("%s: it is not seen that it is gone", name)
		}
	}
}

// TestOnlyItsOwn404IsBelieved: another server's is no answer to what something is.
func TestOnlyItsOwn404IsBelieved(t *testing.T) {
	w := newWorld(t)
	w.fake.questioning(answers{"api/tasks": says(404, "text/html", "<html>")}.serve)
	if got := w.get("mia", "/api/tasks/12/"); got.status != 502 {
		t.Error(got)
	}
	w.fake.questioning(nil)
	if got := w.get("mia", "/api/tasks/12/"); got.status != 200 {
		t.Error("it is remembered:", got)
	}
}
