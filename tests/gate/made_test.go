package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"roster"
)

// receiver counts what it is sent, and agrees to everything.
type receiver struct {
	*httptest.Server
	got atomic.Int64
}

func newReceiver(t *testing.T, counts func(r *http.Request, body []byte) bool) *receiver {
	t.Helper()
	v := &receiver{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if counts(r, body) {
			v.got.Add(1)
		}
		if r.Method != http.MethodPut { // a bucket says nothing to that
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"status":"UP","model_version":"1","results":[]}`)
		}
	}))
	t.Cleanup(v.Close)
	return v
}

// breakable is a way to the upstream that can be shut.
func breakable(t *testing.T) (at string, shut *atomic.Bool) {
	t.Helper()
	to, err := url.Parse(upstream.url)
	if err != nil {
		t.Fatal(err)
	}
	shut = &atomic.Bool{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if shut.Load() {
			http.Error(w, "shut", http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, shut
}

// labels makes a task and annotates it, which the upstream tells its hooks of, and
// writes into the target storages, before it answers.
func (s *scene) labels(who *person) {
	s.t.Helper()
	who.must(s.t, "POST", fmt.Sprintf("/api/tasks/%d/annotations/", s.task()),
		map[string]any{"result": chosen("Good"), "lead_time": 1}, nil)
}

// madeBy is as much of an operation as says what became of what people made.
type madeBy struct {
	Made struct {
		Pending int
		Results []struct {
			Kind string
			Told struct {
				State, Error string
				Attempts     int
			}
		}
	}
}

func operation(t *testing.T, who *person, id int64) (op madeBy) {
	t.Helper()
	who.must(t, "GET", fmt.Sprintf("/api/roster/operations/%d/", id), nil, &op)
	return op
}

// settled waits until the upstream has confirmed everything about an operation.
func settled(t *testing.T, who *person, id int64) {
	t.Helper()
	for range 5000 {
		if op := operation(t, who, id); len(op.Made.Results) > 0 && op.Made.Pending == 0 {
			return
		}
	}
	t.Fatalf("the upstream never confirmed: %+v", operation(t, who, id))
}

// takeOff takes somebody off the project and returns the operation.
func (s *scene) takeOff(owner, who *person) int64 {
	s.t.Helper()
	return s.operated(owner, "DELETE", fmt.Sprintf("/api/projects/%d/members/bulk/?all=false&included=%d",
		s.project, who.id), nil)
}

func (s *scene) operated(owner *person, method, path string, body any) int64 {
	s.t.Helper()
	a, err := owner.ask(method, path, body)
	id, wrong := strconv.ParseInt(a.header.Get("Roster-Operation"), 10, 64)
	if err != nil || wrong != nil || a.status/100 != 2 {
		s.t.Fatal(a, err)
	}
	return id
}

func (s *scene) undo(owner *person, id int64) int64 {
	s.t.Helper()
	return s.operated(owner, "POST", fmt.Sprintf("/api/roster/operations/%d/undo/", id), nil)
}

// becomes gives somebody a role in the organization.
func (s *scene) becomes(owner, who *person, role roster.Role) int64 {
	s.t.Helper()
	return s.operated(owner, "PATCH", "/api/organizations/1/memberships/", map[string]any{"user_id": who.id, "role": role})
}

// TestHookOfTheUnassigned: a manager's hook hears nothing once they are taken off,
// though the upstream was down then, and hears again after the undo.
func TestHookOfTheUnassigned(t *testing.T) {
	need(t)
	at, shut := breakable(t)
	g := start(t.TempDir(), "--data", filepath.Join(t.TempDir(), "data"), "--upstream", at)
	defer g.stop()
	if err := g.giveRoles(); err != nil {
		t.Fatal(err)
	}
	s := g.newScene(t, "mia", "ann")
	owner, mia, ann := g.who(t, "owner"), g.who(t, "mia"), g.who(t, "ann")
	hears := newReceiver(t, func(_ *http.Request, body []byte) bool {
		return bytes.Contains(body, []byte("ANNOTATION_CREATED"))
	})
	hook := map[string]any{"project": s.project, "url": hears.URL, "send_for_all_actions": false,
		"actions": []string{"ANNOTATION_CREATED"}}
	mia.must(t, "POST", "/api/webhooks/", hook, nil)
	wantHeard := func(when string, n int64) {
		t.Helper()
		s.labels(ann)
		if got := hears.got.Load(); got != n {
			t.Errorf("%s: heard of %d annotations, not %d", when, got, n)
		}
	}
	wantHeard("while she manages", 1)
	shut.Store(true)
	op := s.takeOff(owner, mia)
	if o := operation(t, owner, op); o.Made.Pending != 1 {
		t.Errorf("while the upstream is down: %+v", o)
	}
	shut.Store(false)
	settled(t, owner, op)
	wantHeard("after she was taken off", 1)
	undo := s.undo(owner, op)
	settled(t, owner, undo)
	wantHeard("after the undo", 2)
}

// TestStoragesOfTheUnassigned: nobody brings in more from the source storage of a
// manager who was taken off, annotations go into the target storage of who is an
// Administrator no more neither, and both work again after the undo, with the secrets
// that nobody sees.
func TestStoragesOfTheUnassigned(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "ann")
	owner, mia, ann := g.who(t, "owner"), g.who(t, "mia"), g.who(t, "ann")
	bucket := newReceiver(t, func(r *http.Request, _ []byte) bool { return r.Method == http.MethodPut })
	about := map[string]any{
		"project": s.project, "bucket": "pictures", "s3_endpoint": bucket.URL, "region_name": "eu-west-1",
		"aws_access_key_id": "key", "aws_secret_access_key": "secret",
	}
	var source, target struct{ ID int64 }
	owner.must(t, "POST", "/api/storages/s3/", about, &source) // who alone says at which address a bucket is
	owner.must(t, "POST", "/api/storages/export/s3", about, &target)
	hers := map[string]any{"aws_access_key_id": "hers", "aws_secret_access_key": "hers"}
	mia.must(t, "PATCH", fmt.Sprintf("/api/storages/s3/%d", source.ID), hers, nil)
	s.becomes(owner, mia, roster.RoleAdministrator)
	defer s.becomes(owner, mia, roster.RoleManager)
	mia.must(t, "PATCH", fmt.Sprintf("/api/storages/export/s3/%d", target.ID), hers, nil)
	wantWritten := func(when string, n int64) {
		t.Helper()
		s.labels(ann)
		if got := bucket.got.Load(); got != n {
			t.Errorf("%s: %d annotations written, not %d", when, got, n)
		}
	}
	wantWritten("while she is an Administrator", 1)
	lowered := s.becomes(owner, mia, roster.RoleManager)
	settled(t, owner, lowered)
	wantWritten("after she is one no more", 1)
	op := s.takeOff(owner, mia)
	settled(t, owner, op)
	sync := fmt.Sprintf("/api/storages/s3/%d/sync", source.ID)
	if got := owner.status(t, "POST", sync, map[string]any{}); got != 403 {
		t.Errorf("reading the source storage: %d", got)
	}
	if got := owner.status(t, "GET", fmt.Sprintf("/api/storages/export/s3/%d", target.ID), nil); got != 404 {
		t.Errorf("the target storage is in the project still: %d", got)
	}
	var there struct{ Synchronizable bool }
	behind().must(t, "GET", fmt.Sprintf("/api/storages/s3/%d", source.ID), nil, &there)
	if there.Synchronizable {
		t.Error("the upstream would read the source storage")
	}
	var projects struct{ Results []struct{ Title string } }
	owner.must(t, "GET", "/api/projects/?page_size=100", nil, &projects)
	for _, p := range projects.Results {
		if strings.Contains(p.Title, "Roster") {
			t.Errorf("the owner sees %q among the projects", p.Title)
		}
	}
	settled(t, owner, s.undo(owner, op))
	settled(t, owner, s.undo(owner, lowered))
	wantWritten("after both are undone", 2)
	behind().must(t, "GET", fmt.Sprintf("/api/storages/s3/%d", source.ID), nil, &there)
	if !there.Synchronizable {
		t.Error("the source storage stayed off")
	}
}

// TestMadeIsListed: everything in a project that works by itself is listed for
// its managers, with its maker where the gate saw it made, and to list a model
// asks it nothing.
func TestMadeIsListed(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "ann")
	owner, mia, ann := g.who(t, "owner"), g.who(t, "mia"), g.who(t, "ann")
	for _, kind := range []string{"webhook", "ml", "storage s3", "target s3", "view"} {
		s.id(kind, nil) // past the gate
	}
	mia.must(t, "POST", "/api/webhooks/", map[string]any{"project": s.project, "url": standIn().URL}, nil)
	var tab struct{ ID int64 }
	ann.must(t, "POST", "/api/dm/views/",
		map[string]any{"project": s.project, "data": map[string]any{"title": "Hers"}}, &tab)
	asked := newReceiver(t, func(*http.Request, []byte) bool { return true })
	model := map[string]any{"project": s.project, "url": asked.URL, "title": "Counting"}
	owner.must(t, "POST", "/api/ml/", model, nil)
	before := asked.got.Load()
	var list struct {
		Results []struct {
			Kind  string
			Maker *struct{ ID int64 }
		}
	}
	mia.must(t, "GET", s.path("/api/roster/projects/%d/made/"), nil, &list)
	got := map[string]int{}
	for _, m := range list.Results {
		by := "unknown"
		if m.Maker != nil {
			by = map[int64]string{owner.id: "owner", mia.id: "mia", ann.id: "ann"}[m.Maker.ID]
		}
		got[m.Kind+" of "+by]++
	}
	said, _ := json.Marshal(got)
	// the upstream says whose a tab is, and makes a hook for every model
	const want = `{"export_storage of unknown":1,"import_storage of unknown":1,"model of owner":1,"model of ` +
		`unknown":1,"tab of ann":1,"tab of owner":1,` +
		`"webhook of mia":1,"webhook of owner":1,"webhook of unknown":2}`
	if string(said) != want {
		t.Errorf("%s, not %s", said, want)
	}
	if n := asked.got.Load() - before; n != 0 {
		t.Errorf("the model was asked %d times", n)
	}
	if status := ann.status(t, "GET", s.path("/api/roster/projects/%d/made/"), nil); status != 403 {
		t.Errorf("an annotator: %d", status)
	}
}
