package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"roster/internal/gateway"
)

// hooked is a Label Studio that keeps hooks, and whose projects come and go
// past the gate.
type hooked struct {
	t        testing.TB
	mu       sync.Mutex
	hooks    []map[string]any
	refuses  int // the status that making a hook is answered with; 0: it makes them
	titles   map[int64]string
	asked    chan string // the projects that were asked about one by one
	listless bool        // its lists cannot be read, so that nothing is compared
	listed   chan string // each list of projects that was answered
	changes  int         // of hooks
}

// answer answers the gate's own questions.
func (h *hooked) answer(w http.ResponseWriter, r *http.Request) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	path := strings.Trim(r.URL.Path, "/")
	var id int64
	switch fmt.Sscanf(path, "api/projects/%d", &id); {
	case strings.HasPrefix(path, "api/webhooks"):
		h.hook(w, r, strings.Count(path, "/") == 2)
	case path == "api/projects" && h.listless:
		w.WriteHeader(http.StatusInternalServerError)
	case path == "api/projects":
		results := []any{project(1), project(2)}
		for id, title := range h.titles {
			results = append(results, map[string]any{"id": id, "title": title, "created_at": "2026-01-01T00:00:00Z"})
		}
		writeJSON(w, map[string]any{"next": nil, "results": results})
		h.listed <- path
	case id > 2:
		if title, there := h.titles[id]; there {
			writeJSON(w, map[string]any{"id": id, "title": title, "created_by": map[string]any{"id": people["mia"]},
				"created_at": "2026-01-01T00:00:00Z"})
		} else {
			hasNot(w)
		}
		select {
		case h.asked <- path:
		default: // nobody counts
		}
	default:
		return false
	}
	return true
}

func (h *hooked) hook(w http.ResponseWriter, r *http.Request, one bool) {
	switch {
	case r.Method == http.MethodGet:
		writeJSON(w, h.hooks)
		return
	case h.refuses != 0:
		w.WriteHeader(h.refuses)
		writeJSON(w, map[string]any{"detail": "Validation error", "validation_errors": map[string]any{
			"url": []any{"URL resolves to a reserved network address"}}})
		return
	}
	hook := map[string]any{"id": 7, "project": nil}
	if one {
		hook = h.hooks[0]
	}
	if err := json.NewDecoder(r.Body).Decode(&hook); err != nil {
		h.t.Error(err)
	}
	h.hooks, h.changes = []map[string]any{hook}, h.changes+1
	writeJSON(w, hook)
}

// with changes what is there.
func (h *hooked) with(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

func hookedWorld(t *testing.T, refuses int) (*world, *hooked) {
	t.Helper()
	w := newWorld(t)
	h := &hooked{t: t, titles: map[int64]string{}, asked: make(chan string, 10_000),
		listed: make(chan string, 10_000), refuses: refuses, hooks: []map[string]any{}}
	w.fake.questioning(h.answer)
	w.open(func(c *gateway.Config) { c.Hooks = &url.URL{Scheme: "http", Host: "gate:8080"} })
	return w, h
}

// tell is what the upstream sends.
func (w *world) tell(secret, body string) int {
	w.t.Helper()
	return w.send("", "POST", "/api/roster/gate/changes", body, "X-Roster-Secret", secret).status
}

// compared has the mirror compared with the upstream, and looked into what was deleted, and
// returns once it is.
func (w *world) compared() {
	w.tick <- w.app.Now()
	w.tick <- w.app.Now() // taken once the one before is done
	w.gate.Look(w.t.Context())
}

func (w *world) knows(id int64) bool {
	w.t.Helper()
	known, err := w.app.KnowsProject(w.t.Context(), id)
	ok(w.t, err)
	return known
}

// TestHookIsKept: the upstream has the gate's hook from the start, and again
// after somebody changed it there.
func TestHookIsKept(t *testing.T) {
	w, h := hookedWorld(t, 0)
	want := func(when string) {
		t.Helper()
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.hooks) != 1 || h.hooks[0]["url"] != "http://gate:8080/api/roster/gate/changes" ||
			h.hooks[0]["is_active"] != true ||
			h.hooks[0]["headers"].(map[string]any)["X-Roster-Secret"] != w.app.HookSecret() || h.hooks[0]["project"] != nil {
			t.Errorf("%s: %v", when, h.hooks)
		}
	}
	want("at the start")
	w.compared()
	h.with(func() {
		if h.changes != 1 {
			t.Error("it was changed where nothing had to be")
		}
		h.hooks[0]["is_active"] = false // as the upstream does after failures
	})
	w.compared()
	want("turned off")
	h.with(func() { h.hooks[0]["headers"] = map[string]any{} })
	w.compared()
	want("without its secret")
	h.with(func() { h.hooks = nil })
	w.compared()
	want("deleted")
}

// TestHookRefused: an upstream that makes no such hook is lived with, and one
// that somebody made there by hand is completed.
func TestHookRefused(t *testing.T) {
	w, h := hookedWorld(t, http.StatusBadRequest)
	h.with(func() { h.titles[77] = "Past the gate" })
	w.compared()
	if !w.knows(77) {
		t.Error("nothing is compared any more")
	}
	h.with(func() {
		h.refuses = 0
		h.hooks = []map[string]any{{"id": 9, "project": nil, "url": "http://gate:8080/api/roster/gate/changes",
			"is_active": true, "headers": map[string]any{}}}
	})
	w.compared()
	h.with(func() {
		if h.changes != 1 || h.hooks[0]["headers"].(map[string]any)["X-Roster-Secret"] != w.app.HookSecret() {
			t.Error(h.hooks)
		}
	})
}

// TestTold: what is made, renamed and deleted past the gate is known when the
// upstream tells of it, without a comparison, and however often it tells.
func TestTold(t *testing.T) {
	w, h := hookedWorld(t, 0)
	secret := w.app.HookSecret()
	told := func(action string) {
		t.Helper()
		// the payload is believed in nothing but where to look
		body := fmt.Sprintf(`{"action":%q,"project":{"id":77,"title":"A lie","created_by":{"id":2}}}`, action)
		for range 2 { // and once more, as somebody who recorded it would
			if got := w.tell(secret, body); got != 204 {
				t.Fatal(got)
			}
			<-h.asked
			w.compared() // which fails, after what was told was followed
		}
	}
	h.with(func() { h.listless, h.titles[77] = true, "Made past the gate" })
	told("PROJECT_CREATED")
	if p, err := w.app.Project(w.as("owner"), 77, 9); err != nil || p.Title != "Made past the gate" ||
		len(p.Members) != 0 {
		t.Error(p, err)
	}
	h.with(func() { h.titles[77] = "Renamed" })
	told("PROJECT_UPDATED")
	if p, err := w.app.Project(w.as("owner"), 77, 0); err != nil || p.Title != "Renamed" {
		t.Error(p.Title, err)
	}
	told("PROJECT_DELETED") // which is not so
	if !w.knows(77) {
		t.Error("a payload was believed")
	}
	h.with(func() { delete(h.titles, 77) })
	told("PROJECT_DELETED")
	if w.knows(77) {
		t.Error("deleted past the gate, and still there")
	}
}

// TestToldOfTasks: which project a deleted task belonged to is not remembered.
func TestToldOfTasks(t *testing.T) {
	w, h := hookedWorld(t, 0)
	for _, target := range []string{"/api/tasks/11/", "/api/annotations/101/"} {
		if got := w.get("ann", target); got.status != 200 {
			t.Fatal(got)
		}
	}
	gone := func(rw http.ResponseWriter, r *http.Request) bool {
		switch strings.Trim(r.URL.Path, "/") {
		case "api/annotations/101":
			hasNot(rw)
			return true
		case "api/tasks":
			writeJSON(rw, map[string]any{"total": 0, "tasks": []any{}})
			return true
		}
		return h.answer(rw, r)
	}
	w.fake.questioning(gone)
	if got := w.get("ann", "/api/tasks/11/"); got.status != 200 {
		t.Fatal("it is not remembered at all:", got)
	}
	w.tell(w.app.HookSecret(), `{"action":"TASKS_DELETED","tasks":[{"id":11}]}`)
	w.tell(w.app.HookSecret(), `{"action":"ANNOTATIONS_DELETED","annotations":[{"id":101}]}`)
	for _, target := range []string{"/api/tasks/11/", "/api/annotations/101/"} {
		if got := w.get("ann", target); got.status != 404 {
			t.Error(target, got)
		}
	}
}

// TestStrangersTell: without the secret nothing happens, it is counted, and
// guessing is slow.
func TestStrangersTell(t *testing.T) {
	w, h := hookedWorld(t, 0)
	h.with(func() { h.titles[77] = "Past the gate" })
	const body = `{"action":"PROJECT_CREATED","project":{"id":77}}`
	for _, secret := range []string{"", "x", w.app.HookSecret()[1:], strings.ToUpper(w.app.HookSecret())} {
		if got := w.tell(secret, body); got != 401 {
			t.Errorf("%q: %d", secret, got)
		}
	}
	if got := w.get("owner", "/api/roster/gate/refusals"); !strings.Contains(got.body,
		`"POST /api/roster/gate/changes 401":4`) {
		t.Error(got.body)
	}
	if got := w.send("owner", "GET", "/api/roster/gate/changes", ""); got.status/100 != 4 {
		t.Error(got)
	}
	limited := false
	for range 400 {
		limited = limited || w.tell("guess", body) == 429
	}
	if !limited || len(h.asked) > 0 || w.knows(77) {
		t.Error("limited:", limited, "asked about:", len(h.asked))
	}
	if got := w.tell(w.app.HookSecret(), body); got != 204 {
		t.Error("the upstream, behind the same address:", got)
	}
	without := newWorld(t)
	if got := without.tell(without.app.HookSecret(), body); got != 404 {
		t.Error("where no hook is wanted:", got)
	}
}

// TestGarbageTold: what cannot be read, with the right secret, means that
// something has changed: everything is compared.
func TestGarbageTold(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "no JSON": "{", "no object": `[1]`, "no project": `{"action":"PROJECT_CREATED"}`,
		"a name": `{"project":"77"}`, "below zero": `{"project":{"id":-3}}`,
		"a huge one": `{"project":{"label_config":"` + strings.Repeat("x", 1<<20) + `","id":77}}`,
	} {
		t.Run(name, func(t *testing.T) {
			w, h := hookedWorld(t, 0)
			h.with(func() { h.titles[77] = "Past the gate" })
			if got := w.tell(w.app.HookSecret(), body); got != 204 {
				t.Fatal(got)
			}
			<-h.listed // at the start
			<-h.listed
			h.with(func() { h.listless = true }) // no other comparison succeeds
			w.compared()
			if !w.knows(77) || len(h.asked) > 0 {
				t.Error("known:", w.knows(77), "asked:", len(h.asked))
			}
		})
	}
}

// TestManyTold: a storm of messages about one project comes to few questions, and
// one about very many to one comparison.
func TestManyTold(t *testing.T) {
	w, h := hookedWorld(t, 0)
	h.with(func() { h.titles[77] = "Past the gate" })
	w.tick <- w.app.Now()
	release := make(chan struct{})
	entered := make(chan struct{}, 1)
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/projects/77/" {
			select {
			case entered <- struct{}{}:
			default:
			}
			<-release
		}
		return h.answer(rw, r)
	})
	secret := w.app.HookSecret()
	w.tell(secret, `{"project":{"id":77}}`)
	<-entered      // the first is being followed, and stands still
	for range 50 { // in less time than the gate waits for an answer
		w.tell(secret, `{"project":{"id":77}}`)
	}
	close(release)
	<-h.asked
	<-h.asked
	w.compared()
	if len(h.asked) != 0 {
		t.Errorf("%d more questions", len(h.asked))
	}
	if kept, all := gateway.ManyChanges(1000); kept != 1000 || all {
		t.Error(kept, all)
	}
	if kept, all := gateway.ManyChanges(1001); kept != 0 || !all {
		t.Error(kept, all)
	}
}

// TestOthersHooks: the gate's own hook, which shows its secret, is in nobody's
// list, and nobody sees, changes or deletes it.
func TestOthersHooks(t *testing.T) {
	w := newWorld(t)
	for _, who := range []string{"owner", "adm"} {
		if got := w.get(who, "/api/webhooks/"); got.status != 200 || strings.Contains(got.body, w.fake.hookSecret) ||
			!strings.Contains(got.body, "901") {
			t.Error(who, got)
		}
	}
	if got := w.get("owner", "/api/webhooks/903/"); got.status != 200 {
		t.Error("another hook of the organization:", got)
	}
	w.fake.taken()
	for method, body := range map[string]string{"GET": "", "PATCH": `{"is_active":false}`, "DELETE": ""} {
		if got := w.send("owner", method, "/api/webhooks/904/", body); got.status != 404 || len(w.fake.taken()) > 0 {
			t.Errorf("%s of the gate's own: %v", method, got)
		}
	}
}

// TestNobodyHidesAHook: a project's hook with the header of the gate's, which its
// manager may have given it, is in sight, and goes when somebody deletes it.
func TestNobodyHidesAHook(t *testing.T) {
	w := newWorld(t)
	for _, who := range []string{"owner", "mia"} {
		if got := w.get(who, "/api/webhooks/?project=1"); !strings.Contains(got.body, "a manager's own") {
			t.Error(who, got)
		}
		if got := w.send(who, "DELETE", "/api/webhooks/901/", ""); got.status != 200 {
			t.Error(who, got)
		}
	}
}
