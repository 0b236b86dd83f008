package gateway_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/gateway"
	"roster/internal/limit"
)

// counted counts the gate's own questions about one path until the test ends;
// with hold, it lets each wait until that is closed, and says when one came.
func (w *world) counted(path string, hold chan struct{}) (asked *atomic.Int64, came chan struct{}) {
	w.t.Helper()
	asked, came = new(atomic.Int64), make(chan struct{}, 1000)
	w.fake.questioning(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, path) {
			asked.Add(1)
			came <- struct{}{}
			if hold != nil {
				<-hold
			}
		}
		return false
	})
	return asked, came
}

// TestLookupsAreShared: however many ask about one thing at once, and whoever
// hangs up meanwhile, the upstream is asked once; and once more for those who are
// refused it and came when that was answered already.
func TestLookupsAreShared(t *testing.T) {
	w := newWorld(t)
	w.get("ann", "/api/version/")
	w.get("out", "/api/version/")
	hold := make(chan struct{})
	asked, came := w.counted("/api/annotations/101", hold)
	var statuses sync.Map
	var group sync.WaitGroup
	for n := range 20 {
		group.Go(func() {
			who := []string{"ann", "out"}[n%2]
			statuses.Store(who+fmt.Sprint(n), w.get(who, "/api/annotations/101/").status)
		})
	}
	<-came
	close(hold)
	group.Wait()
	statuses.Range(func(who, status any) bool {
		if want := map[string]int{"ann": 200, "out": 404}[who.(string)[:3]]; status != want {
			t.Errorf("%s: %d, not %d", who, status, want)
		}
		return true
	})
	if asked.Load() > 2 {
		t.Errorf("the upstream was asked %d times", asked.Load())
	}
}

// TestAbsenceIsRemembered for a moment only, and not past a creation: whoever
// makes a thing finds it.
func TestAbsenceIsRemembered(t *testing.T) {
	w := newWorld(t)
	asked, _ := w.counted("/api/annotations/199", nil)
	for range 5 {
		if got := w.get("ann", "/api/annotations/199/"); got.status != 404 {
			t.Fatal(got)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times for what is not there", asked.Load())
	}
	made := func() {
		projectOf["annotations"][199], taskOf[199], authorOf[199] = 1, 11, people["ann"]
	}
	defer func() { delete(projectOf["annotations"], 199) }()
	w.fake.answering(func(http.ResponseWriter, *http.Request) bool { made(); return false })
	if got := w.send("ann", "POST", "/api/tasks/11/annotations/", `{"result":[]}`); got.status != 200 {
		t.Fatal(got)
	}
	if got := w.get("ann", "/api/annotations/199/"); got.status != 200 {
		t.Error("its maker:", got)
	}
}

// TestAbsenceFromBefore: an answer that was on its way while the thing was made
// is not remembered, nor given to those who ask after that.
func TestAbsenceFromBefore(t *testing.T) {
	w := newWorld(t)
	w.get("rev", "/api/tasks/11/")
	hold, first := make(chan struct{}), make(chan struct{})
	var asked atomic.Bool
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/annotations/199") || !asked.CompareAndSwap(false, true) {
			return false
		}
		close(first)
		<-hold
		hasNot(rw) // as it was when it was asked
		return true
	})
	early := make(chan reply, 1)
	go func() { early <- w.get("rev", "/api/annotations/199/") }()
	<-first
	projectOf["annotations"][199], taskOf[199], authorOf[199] = 1, 11, people["ann"]
	defer func() { delete(projectOf["annotations"], 199) }()
	if got := w.send("ann", "POST", "/api/tasks/11/annotations/", `{"result":[]}`); got.status != 200 {
		t.Fatal(got)
	}
	if got := w.get("ann", "/api/annotations/199/"); got.status != 200 {
		t.Error("its maker:", got)
	}
	// and it has to be asked about again
	if got := w.send("ann", "PATCH", "/api/annotations/199/", `{"result":[]}`); got.status != 200 {
		t.Fatal(got)
	}
	close(hold)
	if got := <-early; got.status != 404 {
		t.Error("who asked before:", got)
	}
	if got := w.get("rev", "/api/annotations/199/"); got.status != 200 {
		t.Error("afterwards:", got)
	}
}

// TestMissesAreLimited: who names what is not theirs is told to wait, and those
// who work are not.
func TestMissesAreLimited(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 3, Per: time.Hour} })
	asked, _ := w.counted("/api/annotations/", nil)
	for _, c := range []struct {
		target string
		want   int
	}{
		{"/api/annotations/101/", 404}, {"/api/annotations/201/", 404}, {"/api/annotations/199/", 404},
		{"/api/annotations/102/", 429},
		{"/api/annotations/101/", 429}, // that it is known by now is not told
	} {
		got := w.get("out", c.target)
		if got.status != c.want {
			t.Errorf("%s: %d %s", c.target, got.status, got.body)
		}
		if seconds, _ := strconv.Atoi(got.header.Get("Retry-After")); c.want == 429 && (seconds < 1 || seconds > 1200) {
			t.Errorf("to be tried again after %q", got.header.Get("Retry-After"))
		}
	}
	if asked.Load() != 3 {
		t.Errorf("the upstream was asked %d times", asked.Load())
	}
	for _, target := range []string{"/api/tasks/12/", "/api/tasks/13/", "/api/annotations/101/",
		"/api/predictions/501/", "/api/dm/views/401/", "/api/drafts/301/"} {
		if got := w.get("ann", target); got.status != 200 {
			t.Errorf("a member at %s: %d %s", target, got.status, got.body)
		}
	}
}

// TestUnknownTokensAreLimited: whoever comes with tokens that nobody has is told
// to wait, and the upstream hears no more of them; whose token is good works on,
// from the same address too.
func TestUnknownTokensAreLimited(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 3, Per: time.Hour} })
	var asked atomic.Int64
	w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/current-user/whoami") {
			asked.Add(1)
		}
		return false
	})
	for range 5 { // what is good counts against nobody
		for _, who := range []string{"ann", "mia"} {
			if got := w.get(who, "/api/projects/1/"); got.status != 200 {
				t.Fatal(who, got)
			}
		}
		w.late.Add(int64(time.Minute)) // and is asked about again
	}
	before := asked.Load()
	for n, want := range []int{401, 401, 401, 429, 429} {
		scheme := []string{"Token", "Bearer"}[n%2]
		got := w.get("", "/api/projects/1/", "Authorization", fmt.Sprintf("%s tok-guess%d", scheme, n))
		if got.status != want {
			t.Errorf("guess %d: %d %s", n, got.status, got.body)
		}
		if seconds, _ := strconv.Atoi(got.header.Get("Retry-After")); want == 429 && (seconds < 1 || seconds > 1200) {
			t.Errorf("to be tried again after %q", got.header.Get("Retry-After"))
		}
	}
	if asked.Load() != before+3 {
		t.Errorf("the upstream was asked %d times about five guesses", asked.Load()-before)
	}
	w.late.Add(int64(time.Minute)) // nobody's token is remembered any more
	if got := w.get("ann", "/api/projects/1/"); got.status != 200 {
		t.Error("whose token was good before:", got)
	}
	w.late.Add(int64(time.Hour))
	if got := w.get("rev", "/api/projects/1/"); got.status != 200 {
		t.Error("somebody new, later:", got)
	}
}

// TestEndedTokensAreLimited: a token that was good is asked about once more after
// it ended, and counts from then on.
func TestEndedTokensAreLimited(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 2, Per: time.Hour} })
	if got := w.get("ann", "/api/projects/1/"); got.status != 200 {
		t.Fatal(got)
	}
	w.late.Add(int64(time.Minute))
	w.fake.answering(func(rw http.ResponseWriter, _ *http.Request) bool { rw.WriteHeader(401); return true })
	for n, want := range []int{401, 401, 401, 429} {
		if got := w.get("ann", "/api/projects/1/"); got.status != want {
			t.Errorf("%d: %d %s", n, got.status, got.body)
		}
	}
}

// TestFaultsCountAgainstNobody: an upstream that cannot say whose a token is has
// nobody wait.
func TestFaultsCountAgainstNobody(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 2, Per: time.Hour} })
	w.fake.answering(func(rw http.ResponseWriter, _ *http.Request) bool { rw.WriteHeader(500); return true })
	for range 5 {
		if got := w.get("ann", "/api/projects/1/"); got.status != 502 {
			t.Error(got)
		}
	}
	w.fake.answering(nil)
	if got := w.get("ann", "/api/projects/1/"); got.status != 200 {
		t.Error(got)
	}
}

// TestProjectsToLookForAreLimited too: those that the mirror does not know. It is asked for
// them by those who would see one.
func TestProjectsToLookForAreLimited(t *testing.T) {
	for who, questions := range map[string]int64{"out": 0, "adm": 2} {
		w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 2, Per: time.Hour} })
		asked, _ := w.counted("/api/projects/", nil)
		for n, want := range []int{404, 404, 429, 429} {
			if got := w.get(who, fmt.Sprintf("/api/projects/%d/", 70+n)); got.status != want {
				t.Errorf("%s, %d: %d %s", who, n, got.status, got.body)
			}
		}
		if asked.Load() != questions {
			t.Errorf("%s had the upstream asked %d times", who, asked.Load())
		}
	}
}

// TestProjectComesFirst: who may not see the project that a request names has
// the upstream look for nothing else.
func TestProjectComesFirst(t *testing.T) {
	w := newWorld(t)
	asked, _ := w.counted("/api/", nil)
	for _, target := range []string{"/api/tasks/?project=1&view=401", "/api/predictions/?task=11&project=1",
		"/api/projects/1/exports/1101"} {
		if got := w.get("out", target); got.status != 404 {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("the upstream was asked %d times", asked.Load())
	}
}

// TestLookupsOfOneRequest: a request that names more than can be looked for is
// refused.
func TestLookupsOfOneRequest(t *testing.T) {
	w := newWorld(t)
	var asked atomic.Int64
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/import/file-upload/") {
			asked.Add(1)
			writeJSON(rw, map[string]any{"file": "upload/1/a.png"})
			return true
		}
		return false
	})
	list := func(from int) string {
		var ids []string
		for id := range 150 {
			ids = append(ids, fmt.Sprint(from+id))
		}
		return "[" + strings.Join(ids, ",") + "]"
	}
	got := w.send("mia", "POST", "/api/projects/1/reimport", `{"file_upload_ids":`+list(1000)+`,"file_upload":`+
		list(2000)+`}`)
	if got.status != 400 || !strings.Contains(got.body, "in parts") || asked.Load() > 250 || len(w.fake.taken()) > 0 {
		t.Errorf("%v, asked %d times", got, asked.Load())
	}
	if got := w.send("mia", "POST", "/api/projects/1/reimport", `{"file_upload_ids":`+list(1000)+`}`); got.status != 200 {
		t.Error(got)
	}
}

// TestRightIsAskedAgain: what took long to find out is not what lets a request
// through.
func TestRightIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		target, question string
		lose             func(w *world)
		want             int
		who              string // ann where it is ""
	}{
		"what it is about": {"/api/annotations/101/", "/api/annotations/101",
			func(w *world) { w.unassign(1, "ann") }, 404, ""},
		"the tab's filters": {"/api/tasks/?view=401", "/api/dm/views/401", func(w *world) { w.unassign(1, "ann") }, 404, ""},
		"a task's addresses": {
			"/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n", "/api/tasks/",
			func(w *world) { w.unassign(1, "ann") }, 404, "",
		},
		"one task of two": {"/api/tasks/?view=401", "/api/dm/views/401", func(w *world) {
			if got := w.send("mia", "DELETE", "/api/projects/1/tasks/12/assignees/?users=2", ""); got.status/100 != 2 {
				w.t.Error(got)
			}
		}, 503, ""},
		"what reviewers get": {
			"/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n", "/api/tasks/",
			func(w *world) { w.setRole(people["rev"], "AN") }, 503, "rev",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *gateway.Config) { c.Recheck = time.Hour }) // time alone is not why
			who := cmp.Or(c.who, "ann")
			w.onlyAssigned(11, 12)
			for _, target := range []string{"/api/dm/views/401/", "/api/tasks/11/"} { // what they are of is known
				w.get(who, target)
			}
			w.fake.taken()
			hold := make(chan struct{})
			_, came := w.counted(c.question, hold)
			done := make(chan reply, 1)
			go func() { done <- w.get(who, c.target) }()
			<-came
			c.lose(w)
			close(hold)
			got := <-done
			if reached := w.fake.taken(); got.status != c.want || len(reached) > 0 {
				t.Errorf("%d %s, and the upstream did %+v", got.status, got.body, reached)
			}
		})
	}
}

// TestListIsAskedAgain: a project that somebody was taken off while the upstream
// made the list is not in it.
func TestListIsAskedAgain(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Recheck = time.Nanosecond })
	w.assign(2, "ann")
	w.get("ann", "/api/version/")
	w.fake.answering(func(http.ResponseWriter, *http.Request) bool { w.unassign(1, "ann"); return false })
	got := w.get("ann", "/api/projects/")
	if got.status != 200 || strings.Contains(got.body, "Alpha") || !strings.Contains(got.body, "Beta") {
		t.Error(got)
	}
}
