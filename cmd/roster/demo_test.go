package main

import (
	"path/filepath"
	"regexp"
	"roster/internal/store/storetest"
	"strings"
	"testing"
)

// TestDemo: what the demo prints is true, on the first start and on the next.
func TestDemo(t *testing.T) {
	storetest.Long(t)
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	s := e.serve(t, "--demo")
	s.stop()
	first := s.said
	s = e.serve(t, "--demo")
	s.stop()
	if without(first) != without(s.said) {
		t.Errorf("the second start says\n%s\nand the first said\n%s", s.said, first)
	}
	s = e.serve(t, "--demo")
	curl := regexp.MustCompile(`curl -X (\w+) "http://[^/]+(/[^"]+)" -H "Authorization: Token (\w+)"`).
		FindAllStringSubmatch(first, -1)
	if len(curl) != 3 {
		t.Fatalf("%d requests in\n%s", len(curl), first)
	}
	_, preview := call(t, curl[0][1], s.address+curl[0][2], curl[0][3])
	_, done := call(t, curl[1][1], s.address+curl[1][2], curl[1][3])
	if first, _ := preview["results"].([]any); len(first) != 3 {
		t.Errorf("the preview names %d people, more than fit on a screen", len(first))
	}
	if n, _ := preview["count"].(float64); n < 10 || done["unassignments"] != n {
		t.Errorf("preview %v, then %v", preview["count"], done)
	}
	_, undo := call(t, curl[2][1], s.address+strings.Replace(curl[2][2], "N", done["operation"].(string), 1), curl[2][3])
	if undo["changed"] != preview["count"] {
		t.Errorf("undo %v of %v", undo["changed"], preview["count"])
	}
}

// without is a screen without the port, which is another one every time.
func without(screen string) string {
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(screen, "")
}

// TestDemoOfAnotherSize is there once, whichever command made it.
func TestDemoOfAnotherSize(t *testing.T) {
	eachStore(t, func(t *testing.T, store ...string) {
		e := environment{}
		for range 2 {
			made := on(store, "demo", "--migrate", "--people", "40", "--projects", "3", "--members", "10")
			if out := e.ok(t, made...); !strings.Contains(out, "40 people and 3 projects") ||
				!regexp.MustCompile(`Password [0-9A-Z]{12}\n`).MatchString(out) {
				t.Errorf("%q", out)
			}
		}
		s := e.serve(t, on(store, "--demo")...)
		s.stop()
		if !strings.Contains(s.said, "40 people, 3 projects") {
			t.Errorf("serve --demo says\n%s", s.said)
		}
		if n := len(column(e.ok(t, on(store, "project", "list")...), 0)); n != 3 {
			t.Errorf("%d projects", n)
		}
	})
}

// TestDemoKeepsOutOfARealStore: it would print the real owner's token.
func TestDemoKeepsOutOfARealStore(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	e.serve(t).stop()
	e.ok(t, "user", "add", "ana@example.com")
	a := e.roster(t, "serve", "--addr", "127.0.0.1:0", "--demo")
	if a.code != 1 || a.out != "" || !strings.Contains(a.errors, "already") {
		t.Errorf("%+v", a)
	}
}
