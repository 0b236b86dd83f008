package server_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// rooted is a server that people reach below /labels, behind proxies in a network.
func rooted(t *testing.T, proxies string) *site {
	t.Helper()
	w := apptest.New(t, storetest.SQLite(t))
	w.App = w.Configured(func(c *core.Config) {
		c.Links = "https://example.com/labels"
		c.URL = c.Links
	})
	token, err := w.App.Token(context.Background(), w.Owner)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(server.Behind([]netip.Prefix{netip.MustParsePrefix(proxies)},
		server.Handler(w.App, "test")))
	t.Cleanup(srv.Close)
	return &site{w, srv.URL, token}
}

// asked is what a target is answered that stands on the wire as it is written here.
func (s *site) asked(target string, header http.Header) (int, string) {
	s.T.Helper()
	r, err := http.NewRequest("GET", s.url, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	r.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Opaque: target}
	if header != nil {
		r.Header = header.Clone()
	}
	r.Header.Set("Authorization", "Token "+s.token)
	answer, err := noRedirects.Do(r)
	if err != nil {
		s.T.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

const (
	loopback  = "127.0.0.0/8"
	elsewhere = "192.0.2.0/24"
)

// TestBelowAPath: what lies below the path of --url is served, and nothing beside it, however
// the path is written.
func TestBelowAPath(t *testing.T) {
	s := rooted(t, elsewhere)
	for target, want := range map[string]int{
		"/labels/health": 200, "/labels/health/": 200, "/labels/health?x=/labels/health": 200, "/labels": 200,
		"/labels/":           200,
		"/labels/api/users/": 200, "/labels/roster": 200, "http://example.com/labels/health": 200,
		"/": 404, "/health": 404, "/api/users/": 404, "/roster/": 404, "/static/theme.js": 404, "/scim/v2/Users": 404,
		"/labelsx/health": 404, "/label/health": 404, "/LABELS/health": 404, "/labels.health": 404, "/labels;/health": 404,
		"/labels/labels/health": 404, "//labels/health": 404, "/labels//health": 404, "/./labels/health": 404,
		"/x/../labels/health": 404, "/labels/../health": 404, "/labels/../labels/health": 404, "/labels/./health": 404,
		"/labels/%2e%2e/labels/health": 404, "/labels/.%2E/health": 404, "/%6cabels/health": 404, "/labels%2fhealth": 404,
		"/labels%2Fhealth": 404, "/labels/%2fhealth": 404, "/labels\\health": 404, "/labels%5chealth": 404,
		"/labels%00/health": 404, "/labels/health%00": 404, "http://example.com/health": 404,
	} {
		status, text := s.asked(target, nil)
		if target == "/labels" || target == "/labels/" || target == "/labels/roster" {
			want = 303 // to the sign-in
		}
		if status != want {
			t.Errorf("%s: %d, want %d: %.200s", target, status, want, text)
		}
	}
	if _, text := s.asked("/projects", nil); !strings.Contains(text, "this server is found below /labels/") {
		t.Errorf("beside the path: %s", text)
	}
}

// TestPathThatAProxyTookOff: a trusted proxy may say that it took the path of --url off, and
// then what is left of it is all there is: a path has one reading, and never both. What
// others say counts for nothing.
func TestPathThatAProxyTookOff(t *testing.T) {
	behind, beside := rooted(t, loopback), rooted(t, elsewhere)
	for _, c := range []struct {
		target, said        string
		trusted, notTrusted int
	}{
		{"/health", "/labels", 200, 404},
		{"/health", "/labels/", 200, 404},
		{"/labels/health", "/labels", 404, 200},
		{"/labels/labels/health", "/labels", 404, 404},
		{"/labels/health", "", 200, 200},
		{"/labels/health", "/", 200, 200},
		{"/health", "", 404, 404},
		{"/health", "/other", 404, 404},
		{"/labels/health", "/other", 404, 200},
		{"/health", "/labels, /labels", 404, 404},
		{"/health", "/labels/../labels", 404, 404},
		{"/health", "//labels", 404, 404},
		{"/health", "/%6cabels", 404, 404},
		{"//health", "/labels", 404, 404},
		{"/../health", "/labels", 404, 404},
		{"/%2e%2e/health", "/labels", 404, 404},
	} {
		header := http.Header{"X-Forwarded-Prefix": {c.said}}
		if status, text := behind.asked(c.target, header); status != c.trusted {
			t.Errorf("a proxy's %s of %q: %d, want %d: %.200s", c.target, c.said, status, c.trusted, text)
		}
		if status, text := beside.asked(c.target, header); status != c.notTrusted {
			t.Errorf("anybody's %s of %q: %d, want %d: %.200s", c.target, c.said, status, c.notTrusted, text)
		}
	}
	twice := http.Header{"X-Forwarded-Prefix": {"/labels", "/labels"}}
	if status, _ := behind.asked("/health", twice); status != 404 {
		t.Errorf("said twice: %d", status)
	}
}

// TestAddressesOnTheWire: links of answers have the path of --url, and so has the document.
func TestAddressesOnTheWire(t *testing.T) {
	s := rooted(t, elsewhere)
	for range 3 {
		s.Project("Signs", 0)
	}
	for target, want := range map[string]string{
		"/labels/api/projects/?page_size=1":  `"next":"https://example.com/labels/api/projects/?page=2`,
		"/labels/api/schema/":                `"servers":[{"url":"/labels"}]`,
		"/labels/api/schema/?format=yaml":    `url: "/labels"`,
		"/labels/docs/api/":                  `href="/labels/api/schema/"`,
		"/labels/scim/v2/Users?count=1":      `"location":"https://example.com/labels/`,
		"/labels/scim/v2/ResourceTypes/User": `"location":"https://example.com/labels/`,
	} {
		header := http.Header{}
		_, text := s.bearer(target, header)
		if !strings.Contains(strings.ReplaceAll(text, `": `, `":`), want) {
			t.Errorf("%s: no %s in %.600s", target, want, text)
		}
	}
}

// bearer is asked for what identity providers ask, too.
func (s *site) bearer(target string, header http.Header) (int, string) {
	s.T.Helper()
	if strings.Contains(target, "/scim/") {
		r, err := http.NewRequest("GET", s.url+target, nil)
		if err != nil {
			s.T.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.token)
		answer, err := noRedirects.Do(r)
		if err != nil {
			s.T.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	return s.asked(target, header)
}

// TestTraceOfAStranger: what trace a request is of is said by trusted proxies alone.
func TestTraceOfAStranger(t *testing.T) {
	for proxies, want := range map[string]string{loopback: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		elsewhere: ""} {
		got := "none came"
		srv := httptest.NewServer(server.Behind([]netip.Prefix{netip.MustParsePrefix(proxies)},
			http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Traceparent") })))
		r, err := http.NewRequest("GET", srv.URL, nil)
		must(t, err)
		r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		answer.Body.Close()
		srv.Close()
		if got != want {
			t.Errorf("behind %s: %q, want %q", proxies, got, want)
		}
	}
}
