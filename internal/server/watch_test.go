package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// scraped is what Prometheus is answered, a line for each series of Roster's own.
func scraped(t *testing.T, w *apptest.World) (lines []string) {
	t.Helper()
	answer := httptest.NewRecorder()
	server.Metrics(w.App).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("a scrape: %d %s", answer.Code, answer.Body)
	}
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "roster_") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// names are the series of a scrape, without their values.
func names(lines []string) map[string]bool {
	all := map[string]bool{}
	for _, line := range lines {
		all[line[:strings.LastIndexByte(line, ' ')]] = true
	}
	return all
}

// TestMetrics: what was done is counted where it was done.
func TestMetrics(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		before := names(scraped(t, w))
		for _, path := range []string{"/health", "/api/projects/", "/projects", "/api/scim/v2/Users"} {
			server.Handler(w.App, "test").ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		}
		after := names(scraped(t, w))
		for _, want := range []string{
			`roster_http_request_duration_seconds_count{code="200",face="health",method="GET",route="/health"}`,
			`roster_http_request_duration_seconds_count{code="401",face="api",method="GET",route="none"}`,
			`roster_http_request_duration_seconds_count{code="303",face="console",method="GET",route="/projects"}`,
			`roster_http_refusals_total{face="api",reason="unsigned"}`,
			`roster_store_statement_duration_seconds_count`, `roster_store_connections{pool="read",state="most"}`,
			`roster_mail_waiting`, `roster_activity_waiting`, `roster_sessions`, `roster_gate_severed_total`,
		} {
			if !after[want] {
				t.Errorf("no %s", want)
			}
		}
		if len(before) == 0 {
			t.Error("nothing was counted before a request, such as what the store came to")
		}
	})
}

// TestMetricsAreBounded: nobody makes series up, by paths, ids, methods or hosts.
func TestMetricsAreBounded(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	h := server.Handler(w.App, "test")
	ask := func(i int) {
		for _, path := range []string{"/nowhere/%d", "/api/nowhere/%d", "/api/projects/%d/", "/projects/%d", "/%d",
			"/api/scim/v2/%d", "/static/%d.js", "/api/projects/%d/members/bulk/"} {
			r := httptest.NewRequest(http.MethodGet, fmt.Sprintf(path, i), nil)
			r.Method = fmt.Sprintf("M%d", i)
			h.ServeHTTP(httptest.NewRecorder(), r)
			r = httptest.NewRequest(http.MethodDelete, fmt.Sprintf(path, i), nil)
			r.Host = fmt.Sprintf("h%d.example.com", i)
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	ask(1)
	before := len(names(scraped(t, w)))
	for i := range 50 {
		ask(i + 2)
	}
	if after := len(names(scraped(t, w))); after != before {
		t.Errorf("%d series became %d", before, after)
	}
}

// TestProfilesAlone: the profiler answers nothing else, and nobody else answers it.
func TestProfilesAlone(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	for path, want := range map[string]int{"/debug/pprof/": 200, "/metrics": 404, "/": 404} {
		answer := httptest.NewRecorder()
		server.Profiles().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		if answer.Code != want {
			t.Errorf("%s of the profiler: %d, want %d", path, answer.Code, want)
		}
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		answer := httptest.NewRecorder()
		server.Handler(w.App, "test").ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		if answer.Code == http.StatusOK {
			t.Errorf("%s is answered to everybody", path)
		}
	}
}
