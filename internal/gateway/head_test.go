package gateway_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/internal/gateway"
	"roster/internal/store/storetest"
)

// TestHeadIsAGet: each line of the policy that takes a GET decides a HEAD alike, narrows
// it alike, and has the upstream asked the same. Only the body does not come.
func TestHeadIsAGet(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	w.headsAreGets()
}

// TestHeadOfAssignedTasks: so it is where a project gives out assigned tasks only, and the
// upstream locks what it gives.
func TestHeadOfAssignedTasks(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	w.onlyAssigned(12)
	for _, target := range []string{"/api/projects/1/next/", "/api/projects/1/next/?view=401", "/api/tasks/?project=1"} {
		w.fake.taken()
		w.send("ann", "HEAD", target, "")
		if reached := w.fake.taken(); len(reached) != 1 || !strings.Contains(reached[0].query["query"], `"included":[12]`) {
			t.Errorf("HEAD %s arrived as %v", target, reached)
		}
	}
	w.headsAreGets()
}

// TestHeadOfARange is about the whole, as every HEAD is.
func TestHeadOfARange(t *testing.T) {
	w := newWorld(t)
	if got := w.send("ann", "HEAD", "/data/upload/1/a.png", "", "Range", "bytes=0-1"); got.status != 200 {
		t.Fatal(got)
	}
	if reached := w.fake.taken(); len(reached) != 1 || reached[0].header.Get("Range") != "" {
		t.Error(reached)
	}
	if got := w.send("ann", "HEAD", "/api/projects/1/import", ""); got.status != 405 {
		t.Error("where there is no GET:", got)
	}
}

// headsAreGets asks for everything that there is by both, as everybody.
func (w *world) headsAreGets() {
	w.t.Helper()
	for _, line := range gateway.Lines() {
		if !slices.Contains(line.Methods, "GET") {
			continue
		}
		for who := range people {
			for _, more := range []string{"", "include=title", "query=%7B%7D"} {
				w.headIsAGet(who, withQuery(target(line), more))
			}
		}
		w.headIsAGet("", target(line))
	}
}

func withQuery(target, more string) string {
	switch {
	case more == "":
		return target
	case strings.Contains(target, "?"):
		return target + "&" + more
	}
	return target + "?" + more
}

func (w *world) headIsAGet(who, target string) {
	w.t.Helper()
	by := func(method string) (reply, string) {
		w.fake.taken()
		got := w.send(who, method, target, "")
		var asked []string
		for _, u := range w.fake.taken() {
			query, err := json.Marshal(u.query)
			ok(w.t, err)
			asked = append(asked, fmt.Sprint(u.user, u.method, u.path, string(query), u.body))
		}
		return got, strings.Join(asked, "\n")
	}
	get, asked := by("GET")
	head, askedToo := by("HEAD")
	if head.status != get.status || head.body != "" || asked != askedToo {
		w.t.Errorf("%s as %s: GET %d asks %q, HEAD %d asks %q, with a body of %d bytes", target, who, get.status,
			asked, head.status, askedToo, len(head.body))
	}
	for _, name := range []string{"Content-Type", "Cache-Control", "Content-Security-Policy"} {
		if get.header.Get(name) != head.header.Get(name) {
			w.t.Errorf("%s as %s: %s of GET is %q, of HEAD %q", target, who, name, get.header.Get(name), head.header.Get(name))
		}
	}
}
