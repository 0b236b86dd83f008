package gateway_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/gateway"
)

// TestLocalFiles: a file of the upstream's disk is of the one project that has
// its folder as a storage, and is asked for by the path that was looked at.
func TestLocalFiles(t *testing.T) {
	w := newWorld(t)
	for d, want := range map[string]struct {
		status int
		goesOn string
	}{
		"p1/a.png":                  {200, "p1/a.png"},
		"/p1/a.png":                 {200, "p1/a.png"},
		"//p1//./a.png":             {200, "p1/a.png"},
		"p1/sub/../a%20b.png":       {200, "p1/a b.png"},
		"p1%2Fa.png":                {200, "p1/a.png"},
		"p1/deeper/a.png":           {200, "p1/deeper/a.png"}, // two storages, of one project
		"../srv/p1/a.png":           {200, "p1/a.png"},        // so the upstream reads it, too
		"p1/..a/...png":             {200, "p1/..a/...png"},
		"p1/%252e%252e/p10/a.png":   {200, "p1/%2e%2e/p10/a.png"}, // decoded once
		"p1/..%20/a.png":            {200, "p1/.. /a.png"},
		"p10/a.png":                 {404, ""}, // another project's, which begins alike
		"p1/../p10/a.png":           {404, ""},
		"p1%2F..%2Fp10%2Fa.png":     {404, ""},
		"p1":                        {404, ""},
		"p1/":                       {404, ""},
		"p11/a.png":                 {404, ""},
		"P1/a.png":                  {404, ""},
		"a.png":                     {404, ""},
		"..":                        {404, ""},
		"../../etc/passwd":          {404, ""},
		"p1/../../etc/passwd":       {404, ""},
		"/etc/passwd":               {404, ""},
		"/srv/p1/a.png":             {404, ""}, // below the root once more
		"../srvp1/a.png":            {404, ""},
		"both/a.png":                {200, "both/a.png"},
		"both/of2/a.png":            {404, ""}, // two projects'
		"":                          {400, ""},
		".":                         {404, ""},
		"p1%00/a.png":               {400, ""},
		"p1/a.png%00.txt":           {400, ""},
		"p1/a%0a.png":               {400, ""},
		"p1/..%5cp10%5ca.png":       {400, ""},
		"p1/%ff.png":                {400, ""},
		"p1/a.png&d=p10/a.png":      {400, ""},
		"p10/a.png&d=p1/a.png":      {400, ""},
		"p1/a.png&%64=p10/a.png":    {400, ""},
		"p1/a.png&project=2":        {404, ""},
		"p1/a.png&view=402":         {404, ""},
		"p1/a.png;d=p10/a.png":      {400, ""},
		"p1/a.png%26d=p10/b.png":    {200, "p1/a.png&d=p10/b.png"},
		"p1/a.png%3fd=p10/b.png%23": {200, "p1/a.png?d=p10/b.png#"},
	} {
		w.fake.taken()
		got := w.get("ann", "/data/local-files/?d="+d)
		reached := w.fake.taken()
		if got.status != want.status || (want.status == 200) != (len(reached) == 1) {
			t.Errorf("%q: %d %s, reached %+v", d, got.status, got.body, reached)
			continue
		}
		if len(reached) == 1 && (reached[0].query["d"] != want.goesOn || reached[0].path != "/data/local-files/") {
			t.Errorf("%q goes on as %s %q", d, reached[0].path, reached[0].query["d"])
		}
	}
	if got := w.get("out", "/data/local-files/?d=p1/a.png"); got.status != 404 {
		t.Error("not a member:", got)
	}
	if got := w.get("paul", "/data/local-files/?d=p1/a.png"); got.status != 403 {
		t.Error("paused:", got)
	}
}

// TestLocalFilesAreShut until the operator says where they are, with words that
// say so.
func TestLocalFilesAreShut(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Files = "" })
	for _, who := range []string{"ann", "owner"} {
		got := w.get(who, "/data/local-files/?d=p1/a.png")
		if got.status != 404 || !strings.Contains(got.body, "--upstream-files") || len(w.fake.taken()) > 0 {
			t.Error(who, got)
		}
	}
}

// TestLocalFilesOfAssignedTasks: where only assigned tasks are given out, people
// who do not review get the files that those tasks name.
func TestLocalFilesOfAssignedTasks(t *testing.T) {
	w := newWorld(t)
	w.onlyAssigned(11, 12)
	var asked url.Values
	data := []any{}
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.Trim(r.URL.Path, "/") != "api/tasks" {
			return false
		}
		asked = r.URL.Query()
		writeJSON(rw, map[string]any{"total": 1, "tasks": []any{map[string]any{"id": 11, "data": data}}})
		return true
	})
	for name, c := range map[string]struct {
		data any
		want int
	}{
		"no task": {nil, 404},
		"a task":  {map[string]any{"image": "/data/local-files/?d=p1/a.png"}, 200},
		"one of several": {
			map[string]any{"images": []any{"x", "https://label.example.com/data/local-files/?d=p1%2Fa.png"}}, 200},
		"in a text":                  {"<img src='/data/local-files/?d=p1/a.png'><p>", 200},
		"in a text, with others":     {"<img src='/data/local-files/?x=1&amp;d=/p1/./a.png'>", 200},
		"another's file":             {"/data/local-files/?d=p1/b.png", 404},
		"what begins alike":          {"/data/local-files/?d=p1/a.png.txt", 404},
		"a file somewhere else":      {"/data/upload/?d=p1/a.png", 404},
		"only its path":              {"p1/a.png", 404},
		"one that leads out of here": {"/data/local-files/?d=../../srv2/a.png", 404},
	} {
		data = []any{c.data}
		w.fake.taken()
		got := w.get("ann", "/data/local-files/?d=p1/a.png")
		if reached := w.fake.taken(); got.status != c.want || (c.want == 404 && len(reached) > 0) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if !strings.Contains(asked.Get("query"), `"included":[11,12]`) || asked.Get("project") != "1" {
		t.Errorf("asked for %v", asked)
	}
	w.unassign(1, "ann")
	w.assign(1, "ann")
	if got := w.get("ann", "/data/local-files/?d=p1/a.png"); got.status != 404 {
		t.Error("with nothing assigned:", got)
	}
	if got := w.get("rev", "/data/local-files/?d=p1/a.png"); got.status != 200 {
		t.Error("a reviewer:", got)
	}
}

// TestFilesOfAssignedTasksOneAfterAnother: only a few are looked for in tasks at
// once, however many ask, and who hangs up waits no longer.
func TestFilesOfAssignedTasksOneAfterAnother(t *testing.T) {
	w := newWorld(t)
	w.onlyAssigned(11, 12)
	var now, most atomic.Int64
	came, hold := make(chan struct{}, 100), make(chan struct{})
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.Trim(r.URL.Path, "/") != "api/tasks" {
			return false
		}
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		came <- struct{}{}
		<-hold
		writeJSON(rw, map[string]any{"tasks": []any{map[string]any{"data": "/data/local-files/?d=p1/a.png"}}})
		return true
	})
	var group sync.WaitGroup
	for range 24 {
		group.Go(func() {
			if got := w.get("ann", "/data/local-files/?d=p1/a.png"); got.status != 200 {
				t.Error(got)
			}
		})
	}
	for range 4 {
		<-came
	}
	for range 24 {
		hold <- struct{}{}
	}
	group.Wait()
	if most.Load() != 4 {
		t.Errorf("%d were looked for at once", most.Load())
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(http.ErrAbortHandler)
	if err := gateway.WaitForSlot(ctx); err != http.ErrAbortHandler {
		t.Error("who hung up:", err)
	}
}

// TestWrittenWork: what a target storage writes is nobody's, wherever its folder
// lies: there stands who labeled, with their e-mail. The files beside it are whose
// they were.
func TestWrittenWork(t *testing.T) {
	w := newWorld(t)
	for d, want := range map[string]int{
		"p1/same/4": 404, "p1/same/4.json": 404, "p1/same/./0012": 404, "p1/out/25": 404,
		"p1/same/a.png": 200, "p1/same/4.png": 200, "p1/same/deeper/4": 200, "p1/out/a.json": 200, "p1/4": 200,
	} {
		for _, who := range []string{"mia", "ann", "owner"} {
			if got := w.get(who, "/data/local-files/?d="+d); got.status != want {
				t.Errorf("%s as %s: %d", d, who, got.status)
			}
		}
	}
}

// TestFoldersAreRemembered for a while, and not past a change.
func TestFoldersAreRemembered(t *testing.T) {
	w := newWorld(t)
	asked, _ := w.counted("/api/storages/localfiles", nil)
	for range 5 {
		if got := w.get("ann", "/data/local-files/?d=p1/a.png"); got.status != 200 {
			t.Fatal(got)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times about two projects", asked.Load())
	}
	for range 5 { // managers may have them read, which changes none
		w.send("mia", "POST", "/api/storages/localfiles/601/sync", "{}")
		w.get("ann", "/data/local-files/?d=p1/a.png")
	}
	if asked.Load() != 2+5 {
		t.Errorf("asked %d times about two projects, and five about a storage", asked.Load())
	}
	was := folders["2"]
	defer func() { folders["2"] = was }()
	folders["2"] = []map[string]any{{"project": 2, "path": "/srv/p1"}}
	if got := w.send("owner", "POST", "/api/storages/localfiles/", `{"project":2,"path":"/srv/p1"}`); got.status != 200 {
		t.Fatal(got)
	}
	if got := w.get("ann", "/data/local-files/?d=p1/a.png"); got.status != 404 {
		t.Error("when it is two projects':", got)
	}
}

// TestFoldersAreReadAhead: a list that grows old is made anew before anybody has
// to wait for it, and one that is too old serves nobody.
func TestFoldersAreReadAhead(t *testing.T) {
	w := newWorld(t)
	var since atomic.Int64
	began := time.Now()
	list := gateway.FolderList(gateway.NewUpstream(w.upstreamURL(), serviceToken, time.Now), func() time.Time {
		return began.Add(time.Duration(since.Load()))
	})
	read := func() {
		t.Helper()
		if n, err := list(t.Context()); n != 7 || err != nil {
			t.Errorf("%d folders, %v", n, err)
		}
	}
	asked, _ := w.counted("/api/storages/localfiles", nil)
	for range 3 {
		read()
		since.Store(int64(29 * time.Second))
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times about two projects", asked.Load())
	}
	hold := make(chan struct{})
	_, came := w.counted("/api/storages/localfiles", hold)
	since.Store(int64(31 * time.Second))
	read() // while the new one is on its way
	<-came
	since.Store(int64(60 * time.Second))
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := list(hurried); err == nil {
		t.Errorf("an old list served %d folders", n)
	}
	close(hold)
	read()
}

// TestFoldersThatCannotBeRead: nobody gets a file of which it is not known whose
// it is.
func TestFoldersThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	var broken atomic.Bool
	broken.Store(true)
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if broken.Load() && strings.HasPrefix(r.URL.Path, "/api/storages/localfiles") && r.URL.Query().Get("project") == "2" {
			rw.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	})
	if got := w.get("ann", "/data/local-files/?d=p1/a.png"); got.status != 502 || len(w.fake.taken()) > 0 {
		t.Error(got)
	}
	broken.Store(false)
	if got := w.get("ann", "/data/local-files/?d=p1/a.png"); got.status != 200 {
		t.Error("afterwards:", got)
	}
}
