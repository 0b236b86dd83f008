package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"roster/internal/app"
	"roster/internal/metrics"
)

// Metrics answers a scrape at /metrics. Whoever reaches it needs no credential, and
// finds nobody's name in it.
func Metrics(a *app.App) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler(func(r *http.Request) {
		if err := a.Measure(r.Context()); err != nil {
			metrics.ProbeFailed()
			slog.WarnContext(r.Context(), "the store could not be asked for its metrics", "error", err)
		}
	}))
	return mux
}

// Profiles answers Go's profiler at /debug/pprof/. A profile shows what is in memory.
func Profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// Watched answers operators on l, beside what serves people, until ctx ends. A profile
// may take as long as it is asked to.
func Watched(ctx context.Context, l net.Listener, h http.Handler) {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		slog.ErrorContext(ctx, "nobody watches any more", "address", l.Addr().String(), "error", err)
	}
}
