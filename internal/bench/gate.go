package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"roster/internal/app"
	"roster/internal/gateway"
	"roster/internal/server"
)

// gateFigure is the name of what the gate costs. It needs no organization: its
// store is the mirror of an upstream of two people.
const gateFigure = "gate"

// Each round asks one way after another, by one client and then by many, so
// that whatever else the machine does falls on all of them.
const (
	gateRounds = 3 // of each repetition
	gateAlone  = 300
	gateMany   = 16
	gateFor    = 300 * time.Millisecond
)

// passage is one way to the upstream, and what it took.
type passage struct {
	name, url string
	alone     sample // of each request
	many      sample // between two answers, by round
}

// perSecond is its throughput with many clients.
func (p *passage) perSecond() float64 { return 1 / p.many.median().Seconds() }

const (
	gateWay = "the gate"
	bareWay = "a bare httputil.ReverseProxy"
)

// measureGate takes the cost of the gate against the same requests straight to
// the upstream, and through other proxies.
func measureGate(ctx context.Context, c config, e engine, out *report) {
	behind := httptest.NewServer(http.HandlerFunc(quick))
	defer behind.Close()
	at := get(url.Parse(behind.URL))
	bare := httputil.NewSingleHostReverseProxy(at)
	bare.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	between := httptest.NewServer(bare)
	defer between.Close()
	db := open(e.address(gateFigure))
	defer db.Close()
	get(db.Migrate(ctx))
	g := server.NewGate(get(app.New(db, app.DefaultConfig(), secret)), gateway.Config{Upstream: at, Token: "owner", Version: "bench", Adopt: app.AdoptAll})
	get(g.Start(ctx))
	gate := httptest.NewServer(server.Behind(nil, g))
	defer gate.Close()
	ways := []*passage{{name: "nothing", url: behind.URL}, {name: bareWay, url: between.URL}}
	nginx, stop := startNginx(at.Host)
	defer stop()
	if nginx != "" {
		ways = append(ways, &passage{name: "nginx", url: nginx})
	}
	ways = append(ways, &passage{name: gateWay, url: gate.URL})
	for range c.reps * gateRounds {
		for _, way := range ways {
			way.round()
		}
	}
	out.ways = ways
	beneath := e.bare(gateFigure)
	defer beneath.Close()
	out.version = e.version(beneath)
}

func (p *passage) round() {
	fetch(p.url) // connections are open
	for range gateAlone {
		p.alone.time(func() { fetch(p.url) })
	}
	var group sync.WaitGroup
	answers, failures := make([]int, gateMany), make([]error, gateMany)
	began := time.Now()
	for i := range gateMany {
		group.Go(func() {
			failures[i] = attempt(func() {
				for ; time.Since(began) < gateFor; answers[i]++ {
					fetch(p.url)
				}
			})
		})
	}
	group.Wait()
	took, all := time.Since(began), 0
	for i := range gateMany {
		must(failures[i])
		all += answers[i]
	}
	p.many = append(p.many, took/time.Duration(all))
}

var gateClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}

// fetch asks for a project's summary as somebody who is on it.
func fetch(address string) {
	r := get(http.NewRequest("GET", address+"/api/projects/1/summary/", nil))
	r.Header.Set("Authorization", "Token ann")
	answer := get(gateClient.Do(r))
	defer answer.Body.Close()
	get(io.Copy(io.Discard, answer.Body))
	check(answer.StatusCode == http.StatusOK, "%s answered %s", address, answer.Status)
}

// quick answers at once, as an upstream with one project and two people would.
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
		fmt.Fprint(w, `{"id":1,"all_data_columns":{"text":12}}`)
	}
}

// nginxConfig is a plain proxy that keeps its connections. Its files are in %[1]s,
// it listens on %[2]s, and the upstream is %[3]s.
const nginxConfig = `daemon off;
pid %[1]s/pid;
error_log stderr error;
worker_processes auto;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
  upstream behind { server %[3]s; keepalive 256; keepalive_requests 1000000; }
  server {
    listen %[2]s;
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`

// startNginx puts an nginx in front of upstream; its address is "" where there
// is none on this machine.
func startNginx(upstream string) (address string, stop func()) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		progress("no nginx here: left out")
		return "", func() {}
	}
	dir := get(os.MkdirTemp("", "roster-nginx-*"))
	l := get(net.Listen("tcp", "127.0.0.1:0"))
	must(l.Close()) // it does not take an open one
	file := filepath.Join(dir, "nginx.conf")
	must(os.WriteFile(file, fmt.Appendf(nil, nginxConfig, dir, l.Addr(), upstream), 0o600))
	process := exec.Command(program, "-p", dir, "-c", file)
	process.Stderr = os.Stderr
	must(process.Start())
	stop = func() {
		process.Process.Signal(os.Interrupt)
		process.Wait()
		os.RemoveAll(dir)
	}
	for range 250 {
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			c.Close()
			return "http://" + l.Addr().String(), stop
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	must(fmt.Errorf("nginx does not answer"))
	return "", nil
}
