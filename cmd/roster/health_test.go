package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	e := environment{}
	s := e.serve(t, "--data", t.TempDir())
	if out := e.ok(t, "health", s.address); !strings.Contains(out, "is ready") {
		t.Errorf("%q", out)
	}
	for status, want := range map[int]string{http.StatusServiceUnavailable: "is not ready", http.StatusNotFound: "404"} {
		away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		if a := e.roster(t, "health", away.URL); a.code != 1 || !strings.Contains(a.errors, want) {
			t.Errorf("%d: %+v", status, a)
		}
		away.Close()
	}
	if a := e.roster(t, "health", "http://127.0.0.1:1"); a.code != 1 || !strings.Contains(a.errors, "does not answer") {
		t.Errorf("nobody there: %+v", a)
	}
}

// TestHealthAddress: without an address it asks where the settings have the server listen.
func TestHealthAddress(t *testing.T) {
	for _, c := range []struct{ addr, url, want string }{
		{"", "", "http://127.0.0.1:8080"},
		{":8081", "https://example.com/labels/", "http://127.0.0.1:8081/labels"},
		{"0.0.0.0:80", "https://example.com/", "http://127.0.0.1:80"},
		{"[::]:80", "", "http://127.0.0.1:80"},
		{"192.0.2.1:80", "", "http://192.0.2.1:80"},
		{"systemd", "", ""},
	} {
		env := environment{"ROSTER_ADDR": c.addr, "ROSTER_URL": c.url}
		got, err := new(healthCommand).address(&settings{env: func(name string) string { return env[name] }})
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("addr %q, url %q: %q, %v", c.addr, c.url, got, err)
		}
	}
}
