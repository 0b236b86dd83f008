package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"roster/internal/store/storetest"
	"strings"
	"sync"
	"testing"
	"time"

	"roster"
)

// shelf is the things of the fake that can be changed, by their path: its owner
// reads and changes them, and whoever posts one gets one.
type shelf struct {
	w      *world
	mu     sync.Mutex
	things map[string]map[string]any
	down   bool            // it answers nobody
	posted func(at string) // is told before whoever posted is answered
	last   int64
}

func newShelf(w *world) *shelf {
	s := &shelf{w: w, things: map[string]map[string]any{}, last: 5000}
	w.fake.questioning(s.question)
	w.fake.answering(s.answer)
	return s
}

// makes is where the fake makes things, with what it says by itself.
var makes = map[string]map[string]any{
	"/api/webhooks":           {"is_active": true, "actions": []any{"TASKS_CREATED"}},
	"/api/storages/s3":        {"synchronizable": true, "type": "s3"},
	"/api/storages/export/s3": {"synchronizable": true, "type": "s3"}, "/api/ml": {}, "/api/dm/views": {"user": 4},
	"/api/projects": {},
}

func (s *shelf) answer(w http.ResponseWriter, r *http.Request) bool {
	at := strings.TrimSuffix(r.URL.Path, "/")
	if r.Method == "POST" && makes[at] != nil {
		o := s.put(r, at)
		if s.posted != nil {
			s.posted(fmt.Sprintf("%s/%v", at, o["id"]))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(o)
		return true
	}
	return s.change(w, r, at)
}

func (s *shelf) put(r *http.Request, at string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	o := maps.Clone(makes[at])
	json.NewDecoder(r.Body).Decode(&o)
	o["id"] = s.last
	s.things[fmt.Sprintf("%s/%d", at, s.last)] = o
	return maps.Clone(o)
}

// change answers about one thing, as it is then.
func (s *shelf) change(w http.ResponseWriter, r *http.Request, at string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.things[at]
	if o == nil || strings.HasSuffix(at, "/sync") {
		return false
	}
	switch r.Method {
	case "DELETE":
		delete(s.things, at)
		w.WriteHeader(http.StatusNoContent)
		return true
	case "PATCH":
		if strings.HasPrefix(at, "/api/webhooks/") {
			o["actions"] = []any{} // unless it says which
		}
		json.NewDecoder(r.Body).Decode(&o)
	}
	writeJSON(w, o)
	return true
}

// question answers the gate's own, those about lists of what is there too.
func (s *shelf) question(w http.ResponseWriter, r *http.Request) bool {
	at := strings.TrimSuffix(r.URL.Path, "/")
	if s.isDown() {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return true
	}
	lists := map[string]string{"/api/webhooks": "/api/webhooks/", "/api/storages": "/api/storages/s3/",
		"/api/storages/export": "/api/storages/export/", "/api/dm/views": "/api/dm/views/"}
	switch {
	case r.Method == "GET" && lists[at] != "":
		writeJSON(w, s.under(lists[at]))
		return true
	case r.Method == "GET" && strings.HasSuffix(at, "/model-versions"):
		writeJSON(w, map[string]any{"static": []any{}, "live": s.under("/api/ml/")})
		return true
	}
	return s.answer(w, r)
}

func (s *shelf) under(prefix string) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []any{}
	for at, o := range s.things {
		if strings.HasPrefix(at, prefix) {
			all = append(all, maps.Clone(o))
		}
	}
	return all
}

func (s *shelf) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

func (s *shelf) goDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// of is a field of a thing; nil where it is gone.
func (s *shelf) of(at, field string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.things[at][field]
}

// make is somebody's making a thing through the gate; where it is then.
func (s *shelf) make(who, path, body string) string {
	s.w.t.Helper()
	got := s.w.send(who, "POST", path, body)
	if got.status != http.StatusCreated {
		s.w.t.Fatal(got)
	}
	id := got.json(s.w.t).(map[string]any)["id"]
	return fmt.Sprintf("%s/%.0f", strings.TrimSuffix(path, "/"), id)
}

// becomes asks until something is so, which is a matter of milliseconds.
func (w *world) becomes(what string, is func() bool) {
	w.t.Helper()
	for range 20_000 {
		if is() {
			return
		}
		w.get("", "/health/")
	}
	w.t.Fatal("it never came: ", what)
}

// leave takes people off project 1, and returns the operation.
func (w *world) leave(names ...string) int64 {
	w.t.Helper()
	done, err := w.app.UnassignMembers(w.as("owner"), 1, roster.Selector{Included: ids(names)}, "")
	ok(w.t, err)
	return done.Operation
}

// told is what an operation says became of the first thing.
func (w *world) told(op int64) roster.Intent {
	w.t.Helper()
	out, err := w.app.MadeOutcome(w.as("owner"), op)
	ok(w.t, err)
	if len(out.Things) == 0 {
		w.t.Fatal("operation", op, "tells of nothing")
	}
	return out.Things[0].Last
}

// TestHookOutlivesNobody: the hook of a manager who is taken off is switched off
// in the upstream, with what it is about untouched, and on again by the undo.
func TestHookOutlivesNobody(t *testing.T) {
	w := newWorld(t)
	s := newShelf(w)
	hook := s.make("mia", "/api/webhooks/", `{"project": 1, "url": "https://mia.example.com"}`)
	op := w.leave("mia")
	w.becomes("off", func() bool { return s.of(hook, "is_active") == false })
	w.becomes("confirmed", func() bool { return w.told(op).State == roster.IntentDone })
	if got := fmt.Sprint(s.of(hook, "actions")); got != "[TASKS_CREATED]" {
		t.Error("its actions:", got)
	}
	undo, err := w.app.Undo(w.as("owner"), op)
	ok(t, err)
	w.becomes("on", func() bool { return s.of(hook, "is_active") == true })
	w.becomes("confirmed", func() bool { return w.told(undo.ID).State == roster.IntentDone })
}

// TestUpstreamIsDown: the removal neither waits for the upstream nor fails by it,
// says that it is pending, and is carried out once the upstream is back.
func TestUpstreamIsDown(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	s := newShelf(w)
	hook := s.make("mia", "/api/webhooks/", `{"project": 1, "url": "https://mia.example.com"}`)
	s.goDown(true)
	op := w.leave("mia")
	w.becomes("an attempt in vain", func() bool { return w.told(op).Error != "" })
	if i := w.told(op); i.State != roster.IntentPending || s.of(hook, "is_active") != true {
		t.Errorf("%+v", i)
	}
	if got := w.get("adm", fmt.Sprintf("/api/roster/operations/%d/", op)); !strings.Contains(got.body, `"pending":1`) ||
		!strings.Contains(got.body, `"attempts":`) {
		t.Error(got.body)
	}
	s.goDown(false)
	w.late.Add(int64(10 * time.Minute))
	w.becomes("off", func() bool { return s.of(hook, "is_active") == false && w.told(op).State == roster.IntentDone })
}

// TestMakerHangsUp: whoever does not wait for the answer is the maker all the same.
func TestMakerHangsUp(t *testing.T) {
	w := newWorld(t)
	s := newShelf(w)
	ctx, hangUp := context.WithCancel(t.Context())
	made := make(chan string, 1)
	s.posted = func(at string) { hangUp(); made <- at }
	r, err := http.NewRequestWithContext(ctx, "POST", w.srv.URL+"/api/webhooks/",
		strings.NewReader(`{"project": 1, "url": "https://mia.example.com"}`))
	ok(t, err)
	r.Header.Set("Authorization", "Token tok-mia")
	r.Header.Set("Content-Type", "application/json")
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Fatal("the client waited")
	}
	hook := <-made
	w.becomes("a maker", func() bool {
		_, err := w.db.MadeThing(t.Context(), roster.MadeWebhook, "", 5001)
		return err == nil
	})
	w.leave("mia")
	w.becomes("off", func() bool { return s.of(hook, "is_active") == false })
}

// TestMakerNotWrittenDown: what nobody would answer for is deleted again, and
// whoever made it is told.
func TestMakerNotWrittenDown(t *testing.T) {
	w := newWorld(t)
	s := newShelf(w)
	var hook string
	s.posted = func(at string) {
		hook = at
		ok(t, w.app.ForgetProject(context.Background(), 1)) // so that nothing can be written about it
	}
	got := w.send("mia", "POST", "/api/webhooks/", `{"project": 1, "url": "https://mia.example.com"}`)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "deleted again") ||
		s.of(hook, "id") != nil {
		t.Error(got, s.of(hook, "id"))
	}
}

// TestMakerDeletesAndTakesOver: a hook that was deleted is told of no more, and
// one that somebody switches on again is theirs.
func TestMakerDeletesAndTakesOver(t *testing.T) {
	w := newWorld(t)
	s := newShelf(w)
	gone := s.make("mia", "/api/webhooks/", `{"project": 1, "url": "https://mia.example.com"}`)
	hook := s.make("mia", "/api/webhooks/", `{"project": 1, "url": "https://mia.example.com/2"}`)
	if got := w.send("mia", "DELETE", gone+"/", ""); got.status != http.StatusNoContent {
		t.Fatal(got)
	}
	op := w.leave("mia")
	w.becomes("off", func() bool { return s.of(hook, "is_active") == false && w.told(op).State == roster.IntentDone })
	if got := w.send("adm", "PATCH", hook+"/", `{"is_active": true, "actions": []}`); got.status != http.StatusOK {
		t.Fatal(got)
	}
	_, err := w.app.Undo(w.as("owner"), op)
	ok(t, err)
	m, err := w.db.MadeThing(t.Context(), roster.MadeWebhook, "", 5002)
	if err != nil || m.MakerID != people["adm"] || m.Disabled {
		t.Errorf("%+v %v", m, err)
	}
}

// TestStorageOutlivesNobody: nobody brings in more from the source storage of
// somebody who was taken off, and no annotation goes to their target storage,
// until somebody who is there enables them and answers for them.
func TestStorageOutlivesNobody(t *testing.T) {
	w := newWorld(t)
	s := newShelf(w)
	source := s.make("mia", "/api/storages/s3/",
		`{"project": 1, "bucket": "hers", "aws_access_key_id": "x", "aws_secret_access_key": "x"}`)
	target := s.make("adm", "/api/storages/export/s3",
		`{"project": 1, "bucket": "hers", "aws_access_key_id": "x", "aws_secret_access_key": "x"}`)
	op := w.leave("mia")
	w.becomes("not to be read", func() bool { return s.of(source, "synchronizable") == false })
	w.becomes("confirmed", func() bool {
		out, err := w.app.MadeOutcome(w.as("owner"), op)
		return err == nil && len(out.Things) == 1 && out.Pending == 0
	})
	_, err := w.app.ChangePeople(w.as("owner"), roster.Selector{Included: ids([]string{"adm"})},
		roster.MembershipChange{Role: roster.RoleManager}, "")
	ok(t, err)
	w.becomes("out of the project", func() bool { return s.of(target, "project") != float64(1) })
	_, err = w.app.ChangePeople(w.as("owner"), roster.Selector{Included: ids([]string{"adm"})},
		roster.MembershipChange{Role: roster.RoleAdministrator}, "")
	ok(t, err)
	got := w.send("adm", "POST", source+"/sync", `{}`)
	if got.status != http.StatusForbidden || !strings.Contains(got.body, fmt.Sprintf("since operation %d", op)) ||
		!strings.Contains(got.body, "Nothing was changed.") {
		t.Error(got)
	}
	if got := w.send("adm", "POST", "/api/storages/s3/validate", `{"project": 1, "id": `+
		source[len("/api/storages/s3/"):]+`}`); got.status != http.StatusForbidden {
		t.Error("its secrets are used:", got)
	}
	parking, err := w.app.Parking(t.Context())
	ok(t, err)
	ok(t, w.app.MirrorProjects(t.Context(), []roster.Project{{ID: parking, Title: "Parking"}}))
	if known, err := w.app.KnowsProject(t.Context(), parking); known || err != nil {
		t.Error("people see where disabled storages stand:", err)
	}
	w.answersFor("adm", roster.MadeImport, 5001)
	w.answersFor("adm", roster.MadeExport, 5002)
	w.becomes("to be read", func() bool { return s.of(source, "synchronizable") == true })
	w.becomes("back", func() bool { return fmt.Sprint(s.of(target, "project")) == "1" })
	if got := w.send("adm", "POST", source+"/sync", `{}`); got.status != http.StatusOK {
		t.Error(got)
	}
}

// answersFor has somebody enable a storage of project 1, whose maker they are from then on.
func (w *world) answersFor(who string, kind roster.MadeKind, id int64) {
	w.t.Helper()
	thing, err := w.db.MadeThing(w.t.Context(), kind, "s3", id)
	ok(w.t, err)
	if got := w.send(who, "POST", fmt.Sprintf("/api/roster/projects/1/made/%d/enable/", thing.ID),
		""); got.status != http.StatusOK {
		w.t.Error(who, got)
	}
}

// TestModelOutlivesNobody: nobody has a model do anything whose maker may not
// make one any more.
func TestModelOutlivesNobody(t *testing.T) {
	w := newWorld(t)
	model := roster.Made{ProjectID: 1, Kind: roster.MadeModel, UpstreamID: 701,
		Location: "https://adm.example.com", Works: true}
	ok(t, w.app.KeepMade(w.as("adm"), model, true, true))
	_, _, err := w.app.ChangeMembership(w.as("owner"), 1, people["adm"], roster.MembershipChange{Role: "AN"})
	ok(t, err)
	for who, route := range map[string]string{"owner": "/train", "mia": "/predict/test",
		"ann": "/interactive-annotating"} {
		got := w.send(who, "POST", "/api/ml/701"+route, `{"task": 11}`)
		if got.status != http.StatusForbidden || (who == "owner" && !strings.Contains(got.body, "is disabled")) {
			t.Error(route, got)
		}
	}
}

// TestMadePastTheGate: the list of what was made in a project holds what the gate
// did not see made, of which nobody knows the maker; or it says that it cannot.
func TestMadePastTheGate(t *testing.T) {
	w := newWorld(t)
	s := newShelf(w)
	for at, o := range map[string]map[string]any{
		"/api/webhooks/1":    {"id": 1, "url": "https://old.example.com", "is_active": true},
		"/api/ml/2":          {"id": 2, "url": "https://model.example.com", "title": "Old"},
		"/api/storages/s3/3": {"id": 3, "type": "s3", "bucket": "old"}, "/api/storages/export/s3/4": {
			"id": 4, "type": "s3", "bucket": "old"},
		"/api/dm/views/5": {"id": 5, "user": 4, "data": map[string]any{"title": "Mine"}},
	} {
		s.things[at] = o
	}
	got := w.get("mia", "/api/roster/projects/1/made/")
	list, _ := got.json(t).(map[string]any)["results"].([]any)
	if got.status != http.StatusOK || len(list) != 5 {
		t.Fatal(got)
	}
	for _, one := range list {
		o := one.(map[string]any)
		if known := o["maker"] != nil; known != (o["kind"] == "tab") {
			t.Error(o)
		}
	}
	if got := w.get("ann", "/api/roster/projects/1/made/"); got.status != http.StatusForbidden {
		t.Error("an annotator:", got)
	}
	w.leave("mia")
	if s.of("/api/webhooks/1", "is_active") != true {
		t.Error("a hook of nobody's was switched off")
	}
	s.goDown(true)
	if got := w.get("adm", "/api/roster/projects/1/made/"); got.status/100 != 5 {
		t.Error("a list that lacks some:", got)
	}
}
