package main

import (
	"context"
	"net"
	"net/http"

	"roster/internal/app"
	"roster/internal/server"
)

// watchFlags say where operators look into a server.
type watchFlags struct {
	MetricsAddr string `placeholder:"HOST:PORT" help:"Where to answer Prometheus at /metrics, such as 127.0.0.1:9464. Whoever reaches it may read it (default: nowhere)."`
	PprofAddr   string `placeholder:"HOST:PORT" help:"Where to answer Go's profiler at /debug/pprof/, on this machine only, such as 127.0.0.1:6060 (default: nowhere)."`
}

// check refuses to watch where strangers could by accident.
func (f *watchFlags) check() error {
	for flag, address := range map[string]string{"--metrics-addr": f.MetricsAddr, "--pprof-addr": f.PprofAddr} {
		host, _, err := net.SplitHostPort(address)
		switch {
		case address == "":
		case err != nil:
			return misuse("%s: %q is not a host and a port such as 127.0.0.1:9464", flag, address)
		case host == "":
			return misuse("%s: %q is every address of this machine; if you mean that, say 0.0.0.0%s", flag, address, address)
		case flag == "--pprof-addr" && !isLoopback(host):
			return misuse("--pprof-addr: a profile shows what is in memory; %s is not an address of this machine alone, "+
				"such as 127.0.0.1", host)
		}
	}
	return nil
}

// watchers are the listeners of those who look on, each with what answers there.
type watchers map[net.Listener]func(*app.App) http.Handler

// listen takes the addresses, before anything else is done.
func (f *watchFlags) listen(c *console) (all watchers, err error) {
	all = watchers{}
	err = all.add(c, f.MetricsAddr, server.Metrics)
	if err == nil {
		err = all.add(c, f.PprofAddr, func(*app.App) http.Handler { return server.Profiles() })
	}
	if err != nil {
		all.close()
	}
	return all, err
}

// add takes one address, unless it is "".
func (w watchers) add(c *console, address string, answers func(*app.App) http.Handler) error {
	if address == "" {
		return nil
	}
	l, err := listen(c, address)
	if err == nil {
		w[l] = answers
	}
	return err
}

func (w watchers) close() {
	for l := range w {
		l.Close()
	}
}

// serve answers until ctx ends; each through start.
func (w watchers) serve(ctx context.Context, a *app.App, start func(func())) {
	for l, answers := range w {
		start(func() { server.Watched(ctx, l, answers(a)) })
	}
}
