package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/gateway"
	"roster/internal/store/storetest"
)

// warm has the gate remember what every sample belongs to, as the people who work there do;
// each sees one project, so that no question is under way afterwards.
func (w *world) warm() {
	w.t.Helper()
	for who, targets := range map[string][]string{
		"mia": {
			"/api/tasks/11/", "/api/tasks/12/", "/api/tasks/13/", "/api/annotations/101/", "/api/annotations/102/",
			"/api/predictions/501/",
			"/api/dm/views/401/", "/api/storages/s3/601", "/api/storages/export/s3/601", "/api/ml/701",
			"/api/import/file-upload/801",
			"/api/webhooks/901/", "/api/label_links/1001/", "/api/projects/1/exports/1101", "/api/projects/1/imports/1201/",
			"/api/projects/1/reimports/1301/",
		},
		"ann": {"/api/drafts/301/"}, "rev": {"/api/drafts/302/"},
		"out": {"/api/tasks/21/", "/api/annotations/201/", "/api/dm/views/402/", "/api/ml/702",
			"/api/import/file-upload/802"},
	} {
		for _, target := range targets {
			w.get(who, target)
		}
	}
}

// questions counts the gate's own.
func (w *world) questions() *atomic.Int64 {
	asked := new(atomic.Int64)
	w.fake.questioning(func(http.ResponseWriter, *http.Request) bool { asked.Add(1); return false })
	return asked
}

// moments are after what time somebody tries again: at once, while absence is remembered,
// and when it is not any more.
var moments = []time.Duration{time.Minute, 0, 2 * time.Second, 2 * time.Second, 10 * time.Minute}

// costs is what a person is answered at each of the moments, and how many questions it took.
func (w *world) costs(asked *atomic.Int64, who, method, target, body string) (all []string) {
	w.t.Helper()
	w.late.Add(int64(2 * time.Hour)) // nothing is remembered any more
	w.warm()
	for _, later := range moments {
		w.late.Add(int64(later))
		asked.Store(0)
		got := w.send(who, method, target, body)
		all = append(all, fmt.Sprintf("%d after %d", got.status, asked.Load()))
	}
	return all
}

// nowhere is a text in which every sample is one that is not there.
var nowhere = strings.NewReplacer(func() (pairs []string) {
	for name, value := range sample {
		if strings.Trim(value, "0123456789") == "" && name != "project" && len(value) > 1 {
			pairs = append(pairs, value, "9"+value)
		}
	}
	return append(pairs, "projects/1", "projects/999", "project=1", "project=999", `"project":1`, `"project":999`,
		"upload/1", "upload/999")
}()...)

// TestWhatExistsCostsWhatDoesNot: by no line of the policy does somebody wait less for what
// is not theirs than for what is not there, whatever the gate remembers.
func TestWhatExistsCostsWhatDoesNot(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	w.setRole(people["out"], "MA")
	w.assign(2, "out")
	asked := w.questions()
	for _, line := range gateway.Lines() {
		there := target(line)
		if missing := nowhere.Replace(there); line.Upstream && missing != there {
			for _, method := range line.Methods {
				known := w.costs(asked, "out", method, there, body(line))
				unknown := w.costs(asked, "out", method, missing, nowhere.Replace(body(line)))
				if !slices.Equal(known, unknown) {
					t.Errorf("%s %s: %v\n%s: %v", method, there, known, missing, unknown)
				}
			}
		}
	}
}

// TestWhatIsKeptFromSomebodyCostsWhatDoesNotExist: nor in one's own project, nor beside what
// is one's own.
func TestWhatIsKeptFromSomebodyCostsWhatDoesNotExist(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	w.setRole(people["out"], "MA")
	w.assign(2, "out")
	w.onlyAssigned(11)
	asked := w.questions()
	for name, c := range map[string]struct{ who, method, there, missing, body string }{
		"somebody's annotation":      {"ann", "GET", "/api/annotations/102/", "/api/annotations/999/", ""},
		"a change of it":             {"ann", "PATCH", "/api/annotations/102/", "/api/annotations/999/", `{"result":[]}`},
		"beside one's own task":      {"ann", "GET", "/api/annotations/102/?task=11", "/api/annotations/999/?task=11", ""},
		"somebody's draft":           {"ann", "GET", "/api/drafts/302/", "/api/drafts/999/", ""},
		"a manager's view of it":     {"mia", "GET", "/api/drafts/302/", "/api/drafts/999/", ""},
		"a task given to nobody":     {"ann", "GET", "/api/tasks/13/", "/api/tasks/99/", ""},
		"of a named project":         {"ann", "GET", "/api/tasks/13/?project=1", "/api/tasks/99/?project=1", ""},
		"another project's, named":   {"out", "GET", "/api/tasks/11/?project=2", "/api/tasks/99/?project=2", ""},
		"its tab":                    {"out", "GET", "/api/tasks/?view=401&project=2", "/api/tasks/?view=999&project=2", ""},
		"its tab, in a body":         {"mia", "POST", "/api/dm/actions/?id=next_task&project=1", "", `{"view":%d}`},
		"its file":                   {"mia", "POST", "/api/projects/1/reimport", "", `{"file_upload_ids":[%d]}`},
		"its label":                  {"mia", "POST", "/api/label_links/", "", `{"project":1,"label":%d}`},
		"its annotation, as a start": {"ann", "POST", "/api/tasks/11/annotations/", "", `{"parent_annotation":%d}`},
		"somebody's draft, kept":     {"ann", "POST", "/api/tasks/11/annotations/", "", `{"draft_id":%d}`},
		"a task to assign": {"mia", "POST", "/api/projects/1/tasks/21/assignees/",
			"/api/projects/1/tasks/99/assignees/", `{"users":[2],"type":"AN"}`},
		"a model":   {"mia", "PATCH", "/api/ml/702", "/api/ml/999", `{"title":"x"}`},
		"a project": {"out", "GET", "/api/projects/1/", "/api/projects/999/", ""},
	} {
		theirs, none, other := c.body, c.body, c.missing
		if other == "" {
			id := map[string]int{"its tab, in a body": 402, "its file": 802, "its label": 1402,
				"its annotation, as a start": 201, "somebody's draft, kept": 302}[name]
			theirs, none, other = fmt.Sprintf(c.body, id), fmt.Sprintf(c.body, 9999), c.there
		}
		known, unknown := w.costs(asked, c.who, c.method, c.there, theirs), w.costs(asked, c.who, c.method, other, none)
		if !slices.Equal(known, unknown) || !strings.HasPrefix(known[0], "404") {
			t.Errorf("%s: %v\nwhere there is none: %v", name, known, unknown)
		}
	}
}

// TestWhoIsLetInIsNotAskedAgain: for whoever works, what is known stays known, however often
// others are refused it.
func TestWhoIsLetInIsNotAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.setRole(people["out"], "MA")
	w.assign(2, "out")
	w.warm()
	asked := w.questions()
	for _, target := range []string{"/api/tasks/11/", "/api/annotations/101/", "/api/drafts/301/",
		"/api/dm/views/401/", "/api/predictions/501/"} {
		for range 5 {
			w.late.Add(int64(time.Minute))
			w.get("out", target)
			asked.Store(0)
			if got := w.get("ann", target); got.status != 200 || asked.Load() != 0 {
				t.Errorf("%s: %v after %d questions", target, got.status, asked.Load())
			}
		}
	}
}

// TestRefusalsShareQuestions: however many are refused one thing at once, and within a
// moment, the upstream is asked once.
func TestRefusalsShareQuestions(t *testing.T) {
	w := newWorld(t)
	w.warm()
	w.unassign(1, "vic")
	w.late.Add(int64(time.Minute))
	hold := make(chan struct{})
	asked, came := w.counted("/api/annotations/101", hold)
	var group sync.WaitGroup
	for n := range 20 {
		group.Go(func() {
			if got := w.get([]string{"out", "vic"}[n%2], "/api/annotations/101/"); got.status != 404 {
				t.Error(got)
			}
		})
	}
	<-came
	close(hold)
	group.Wait()
	if got := w.get("vic", "/api/annotations/101/"); got.status != 404 || asked.Load() != 1 {
		t.Errorf("%d, asked %d times", got.status, asked.Load())
	}
}
