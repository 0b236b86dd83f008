package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestServesBelowAPath: the server says where it is, the commands reach it there, and beside
// the path of --url there is nothing. What no path can be is refused.
func TestServesBelowAPath(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	s := e.serve(t, "--url", "https://example.com/labels/")
	if !strings.HasSuffix(s.address, "/labels") {
		t.Errorf("it says %s", s.said)
	}
	e.ok(t, "user", "add", "ana@example.com")
	e.ok(t, "project", "add", "Signs")
	token := strings.TrimSpace(e.ok(t, "token", "create", "--user", "owner@example.com"))
	away := environment{}
	if said := away.ok(t, "member", "list", "--project", "Signs", "--server", s.address, "--token",
		token); !strings.Contains(
		said, "owner@example.com") {
		t.Errorf("%s", said)
	}
	beside := strings.TrimSuffix(s.address, "/labels")
	if status, _ := call(t, "GET", beside+"/health", ""); status != http.StatusNotFound {
		t.Errorf("beside the path: %d", status)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	for _, path := range []string{"/a//b", "/..", "/a/../b", "/.a", "/a%2fb", "/a;b", "/a b", "//a", "/ä",
		"/a?b", "/a/./b"} {
		a := e.roster(t, "serve", "--addr", "127.0.0.1:0", "--url", "https://example.com"+path)
		if a.code != 2 || !strings.Contains(a.errors, "--url") {
			t.Errorf("%s: %+v", path, a)
		}
	}
}

// TestServesWithoutItsCollector: a collector that nobody is at keeps a server neither from
// starting and answering, nor from ending; what the variables get wrong does.
func TestServesWithoutItsCollector(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	s := e.serve(t)
	for range 20 {
		health(t, s.address)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318")
	a := e.roster(t, "serve", "--addr", "127.0.0.1:0")
	if a.code != 2 || !strings.Contains(a.errors, "OTEL_EXPORTER_OTLP_ENDPOINT") || strings.Count(a.errors, "\n") != 1 {
		t.Errorf("%+v", a)
	}
}

// TestSecretKeyThatCannotBeRead: which file it is, and what is wrong with it; nothing is made
// in its place.
func TestSecretKeyThatCannotBeRead(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "short", "abc\n")
	for file, says := range map[string]string{"nowhere": "nowhere", ".": "directory", "short": "16"} {
		e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store"), "ROSTER_SECRET_KEY_FILE": file}
		for _, command := range []string{"serve --addr 127.0.0.1:0", "config check",
			"token create --user owner@example.com"} {
			a := e.roster(t, strings.Fields(command)...)
			if a.code == 0 || !strings.Contains(a.errors+a.out, says) {
				t.Errorf("%s of %s: %+v", command, file, a)
			}
		}
	}
}
