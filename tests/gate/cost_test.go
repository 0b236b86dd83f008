package gate

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"roster/internal/app"
	"roster/internal/gateway"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// BenchmarkGate is what a request costs straight to an upstream that answers at
// once, through a bare reverse proxy, and through the gate, on one SQLite. Each is
// asked in turn by one client, and by many; `make bench-gate`.
func BenchmarkGate(b *testing.B) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	behind := httptest.NewServer(http.HandlerFunc(quick))
	b.Cleanup(behind.Close)
	at, err := url.Parse(behind.URL)
	if err != nil {
		b.Fatal(err)
	}
	config := app.DefaultConfig()
	a, err := app.New(storetest.SQLite(b), config, []byte("a secret for tests"))
	if err != nil {
		b.Fatal(err)
	}
	g := server.NewGate(a, gateway.Config{Upstream: at, Token: "owner", Version: "bench", Adopt: app.AdoptAll})
	if _, err := g.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	bare := httputil.NewSingleHostReverseProxy(at)
	bare.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	for _, way := range []struct {
		name string
		at   http.Handler
	}{{"direct", http.HandlerFunc(quick)}, {"proxy", bare}, {"gate", server.Behind(nil, g)}} {
		srv := httptest.NewServer(way.at)
		b.Cleanup(srv.Close)
		b.Run(way.name+"/one", func(b *testing.B) {
			times := make([]time.Duration, 0, b.N)
			for b.Loop() {
				began := time.Now()
				fetch(b, srv.URL)
				times = append(times, time.Since(began))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e6, "ms-median")
		})
		b.Run(way.name+"/many", func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					fetch(b, srv.URL)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}

// fetch asks for a project's summary as somebody who is on it.
func fetch(b *testing.B, address string) {
	r, err := http.NewRequest("GET", address+"/api/projects/1/summary/", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Token ann")
	got, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer got.Body.Close()
	if _, err := io.Copy(io.Discard, got.Body); err != nil || got.StatusCode != http.StatusOK {
		b.Fatal(got.Status, err)
	}
}

// quick answers as an upstream with one project and two people would.
func quick(w http.ResponseWriter, r *http.Request) {
	id, email := 2, "ann@example.com"
	if r.Header.Get("Authorization") == "Token owner" {
		id, email = 1, "owner@example.com"
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/api/current-user/whoami":
		fmt.Fprintf(w, `{"id":%d,"email":%q,"active_organization":1}`, id, email)
	case "/api/organizations/1":
		fmt.Fprint(w, `{"id":1,"title":"Label Studio"}`)
	case "/api/users/":
		fmt.Fprint(w, `[{"id":1,"email":"owner@example.com"},{"id":2,"email":"ann@example.com"}]`)
	case "/api/projects/":
		fmt.Fprint(w, `{"count":1,"next":null,"results":[{"id":1,"title":"Birds","created_by":{"id":1},"created_at":"2026-01-01T00:00:00Z"}]}`)
	default:
		fmt.Fprintf(w, `{"id":1,"all_data_columns":{"text":%d}}`, os.Getpid())
	}
}
