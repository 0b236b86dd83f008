package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/mirror"
	"roster/internal/server"
	"roster/internal/tracing"
)

// What the gate costs: the same request straight to the upstream, through a
// bare reverse proxy, through the programs beside it, and through the gate.
// Each is a process of its own, and each is asked in turn.

// way is one way to the upstream, and what requests took by it.
type way struct {
	name    string
	release string // of the program, where it is one
	url     string
	header  http.Header // what a request comes with
	one     sample      // a request at a time
	many    sample      // a request's share of the time, with many at once
}

func newWay(name, url, token string) *way {
	return &way{name: name, url: url, header: http.Header{"Authorization": {"Token " + token}}}
}

// upstream is what is behind the ways.
type upstream struct {
	name, url, token string
	open             bool // it asks for no token
	// what the gate may add at the median, in ms, and the part of the bare proxy's and of
	// others' throughput that it is to have; 0: no aim
	added, kept float64
	level       map[string]float64
}

const (
	gateClients = 16
	gateTurns   = 3 // turns for each time that figures are measured
	gateTurn    = time.Second
	gateOnes    = 300 // requests of a turn, one at a time, at the most
)

// measureGate measures before an upstream that answers at once, where all that
// is seen is what is between; and before a real Label Studio.
func measureGate(c config, e engine, out *report) {
	quick := startProcess("upstream")
	defer quick.stop()
	real, stop := startLabelStudio()
	defer stop()
	behind := []upstream{{name: "an upstream that answers at once", url: quick.url, token: "owner", open: true}}
	if real.url != "" {
		behind = append(behind, real)
	}
	// What is added shows before the quick one alone; what people would notice, before
	// the real one.
	if e.name() == "SQLite" {
		behind[0].added, behind[0].level = 0.3, map[string]float64{"Caddy": 1}
		for i := range behind {
			behind[i].kept = 0.8
		}
	}
	for i, u := range behind {
		database := fmt.Sprintf("gate_%d", i)
		out.gates = append(out.gates, measureWays(c, u, e.address(database)))
		db := e.bare(database)
		out.version = e.version(db)
		db.Close()
	}
}

// startLabelStudio starts a real one. Where that cannot be, it has no address.
func startLabelStudio() (u upstream, stop func()) {
	command := exec.Command("scripts/with-label-studio", "sh", "-c", `echo "$LABEL_STUDIO_URL $LABEL_STUDIO_TOKEN"; cat`)
	command.Stderr = os.Stderr
	stdin := get(command.StdinPipe())
	stdout := get(command.StdoutPipe())
	must(command.Start())
	if _, err := fmt.Fscan(stdout, &u.url, &u.token); err != nil {
		progress("  there is no Label Studio here, and it is left out")
	}
	u.name = "a real Label Studio"
	return u, func() {
		stdin.Close()
		command.Wait()
	}
}

// measureWays asks in turns, so that whatever else the machine does falls on
// every way.
func measureWays(c config, u upstream, store string) gateReport {
	proxy := startProcess("proxy", u.url)
	defer proxy.stop()
	gate := startProcess("gate", store, u.url, u.token)
	defer gate.stop()
	r := gateReport{upstream: u, direct: newWay("direct", u.url, u.token),
		proxy: newWay("bare reverse proxy", proxy.url, u.token), gate: newWay("gate", gate.url, u.token)}
	for _, how := range []string{scraped, traced} {
		watched := startProcess("gate", besides(store, how), u.url, u.token, how, proxy.url)
		defer watched.stop()
		r.beside = append(r.beside, newWay("gate, "+how, watched.url, u.token))
	}
	for _, p := range programs {
		if p.enter != nil && !u.open {
			continue
		}
		w, stop := p.before(u)
		defer stop()
		if w != nil {
			r.beside = append(r.beside, w)
		}
	}
	for turn := range gateTurns * c.reps {
		for _, w := range r.ways() {
			w.turn(turn > 0)
		}
	}
	for _, w := range r.ways() {
		progress("  %s, %s: %s at the median, %.0f requests a second", u.name, w.name, short(w.one.median()), w.perSecond())
	}
	return r
}

// turn asks by one way; the first one only warms it up.
func (w *way) turn(counts bool) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: gateClients}}
	defer client.CloseIdleConnections()
	one, many := takeTurn(func() { w.ask(client) })
	if counts {
		w.one = append(w.one, one...)
		w.many = append(w.many, many)
	}
}

// takeTurn asks for a while, a request at a time, and then with many clients.
func takeTurn(ask func()) (one sample, many time.Duration) {
	for began := time.Now(); len(one) < gateOnes && time.Since(began) < gateTurn; {
		one.time(ask)
	}
	return one, atOnce(ask)
}

// atOnce asks with many clients for a while, and returns a request's share of
// that time.
func atOnce(ask func()) time.Duration {
	var group sync.WaitGroup
	answered := make([]int, gateClients)
	failures := make(chan error, gateClients)
	began := time.Now()
	for i := range answered {
		group.Go(func() {
			failures <- attempt(func() {
				for time.Since(began) < gateTurn {
					ask()
					answered[i]++
				}
			})
		})
	}
	group.Wait()
	took := time.Since(began)
	var total int
	for _, n := range answered {
		must(<-failures)
		total += n
	}
	return took / time.Duration(max(total, 1))
}

// ask asks for a project's summary.
func (w *way) ask(client *http.Client) {
	r := get(http.NewRequest("GET", w.url+"/api/projects/1/summary/", nil))
	r.Header = w.header.Clone()
	answer := get(client.Do(r))
	defer answer.Body.Close()
	get(io.Copy(io.Discard, answer.Body))
	check(answer.StatusCode == http.StatusOK, "%s answered %s", w.name, answer.Status)
}

// How a gate is watched: asked for its metrics each second, or telling a collector of one
// request in twenty.
const (
	scraped = "scraped"
	traced  = "traced"
)

// besides is the address of another SQLite store beside one, or the same PostgreSQL.
func besides(store, name string) string {
	if strings.Contains(store, "://") {
		return store
	}
	return store + "-" + name
}

// watch has a gate be watched.
func watch(ctx context.Context, a *app.App, how, collector string) {
	switch how {
	case traced:
		for name, value := range map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector,
			"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.05"} {
			must(os.Setenv(name, value))
		}
		get(tracing.Start(ctx, "bench"))
	case scraped:
		l := get(net.Listen("tcp", "127.0.0.1:0"))
		go server.Watched(ctx, l, server.Metrics(a))
		go func() {
			for range time.Tick(time.Second) {
				answer := get(http.Get("http://" + l.Addr().String() + "/metrics"))
				get(io.Copy(io.Discard, answer.Body))
				answer.Body.Close()
			}
		}()
	}
}

func serveGate(ctx context.Context, l net.Listener, args []string) {
	db := open(args[0])
	defer db.Close()
	get(db.Migrate(ctx))
	a := get(app.New(db, core.DefaultConfig(), secret))
	if len(args) > 3 {
		watch(ctx, a, args[3], args[4])
	}
	g := server.NewFront(a, gateway.Config{Upstream: get(url.Parse(args[1])), Token: args[2], Version: "bench",
		Adopt: mirror.AdoptAll})
	get(g.Start(ctx))
	go g.Watch(ctx, time.Tick(server.CompareEvery))
	must(server.Serve(ctx, l, a, server.Behind(nil, g)))
}

// serveProxy is the least that a proxy could do.
func serveProxy(ctx context.Context, l net.Listener, args []string) {
	proxy := httputil.NewSingleHostReverseProxy(get(url.Parse(args[0])))
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	serveHTTP(ctx, l, proxy)
}

// serveUpstream answers at once, as an upstream with one project and two people
// would.
func serveUpstream(ctx context.Context, l net.Listener, _ []string) {
	serveHTTP(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
			fmt.Fprint(w, `{"id":1,"all_data_columns":{"text":1000}}`)
		}
	}))
}

func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) {
	srv := &http.Server{Handler: h}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		must(err)
	}
}
