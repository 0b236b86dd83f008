// Package server reads every request one way, finds out who sent it, and hands
// it to the face it is for.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/lsapi"
	"roster/internal/scim"
	"roster/internal/web"
)

// maxHeader bounds a request's line and headers, in bytes. A hundred thousand
// ids in a query are about a megabyte.
const maxHeader = 4 << 20

// Handler is all of Roster over HTTP. From the outside in: a request id, the
// access log, the activity log, the panic guard, one canonical path, the actor.
func Handler(a *app.App, version string) http.Handler {
	api, mux := faces(a, version)
	provisioning := provided(a, scim.New(a))
	mux.Handle(scim.Short+"/", provisioning)
	mux.Handle(scim.Short, provisioning)
	return around(a, api, canonical(api, mux))
}

// faces is what Roster answers to people and to their programs, behind a
// canonical path.
func faces(a *app.App, version string) (*lsapi.API, *http.ServeMux) {
	api := lsapi.New(a, version)
	mux := http.NewServeMux()
	mux.Handle("GET /health", health(a.Answers))
	mux.Handle("GET /health/live", health(func(context.Context) error { return nil }))
	mux.Handle("GET /health/ready", health(a.Ready))
	mux.Handle("/api/", signedIn(a, api))
	mux.Handle("/api", signedIn(a, api)) // or the mux would redirect
	mux.Handle("/docs/api", api.Reference())
	mux.Handle("/docs/api/", api.Reference())
	mux.Handle("/", web.New(a))
	return api, mux
}

// around is what every request passes on its way in, whatever it is for.
func around(a *app.App, api *lsapi.API, next http.Handler) http.Handler {
	return unstalled(usual, identified(a, logged(recorded(a, guarded(api, crossOrigin(a.Config().Origins, next))))))
}

// health says whether something is as it should be: to whoever asks, and no more.
func health(check func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		roster.RequestIn(r.Context()).By("health", r.Pattern)
		w.Header().Set("Content-Type", "application/json")
		if err := check(r.Context()); err != nil {
			slog.ErrorContext(r.Context(), "not healthy", "path", r.URL.Path, "error", err)
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			w.Write([]byte("{\"status\":\"DOWN\"}\n"))
			return
		}
		w.Write([]byte("{\"status\":\"UP\"}\n"))
	})
}

// sweepEvery is how often expired plans and keys are forgotten.
const sweepEvery = 10 * time.Minute

// trimEvery is how often the store's log is looked at.
const trimEvery = 10 * time.Second

func trimLog(ctx context.Context, a *app.App) {
	for tick := time.Tick(trimEvery); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		if err := a.TrimLog(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the store's log could not be trimmed", "error", err)
		}
	}
}

// Serve answers on l until ctx ends, then lets requests under way finish.
func Serve(ctx context.Context, l net.Listener, a *app.App, h http.Handler) error {
	srv := &http.Server{
		Handler:           h,
		MaxHeaderBytes:    maxHeader,
		ReadHeaderTimeout: 20 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var behind sync.WaitGroup
	behind.Go(func() { sweep(background, a) })
	behind.Go(func() { keepActivities(background, a) })
	behind.Go(func() { trimLog(background, a) })
	behind.Go(func() { work(background, a) })
	defer behind.Wait()
	defer stop() // after the last request, whose record is still to be written
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		return errors.Join(errors.New("some requests did not finish in 30 seconds"), srv.Close())
	}
	return nil
}

func sweep(ctx context.Context, a *app.App) {
	repeat(ctx, sweepEvery, nil, func() bool {
		trouble(ctx, slog.LevelWarn, "could not forget expired plans and keys", a.Sweep(ctx))
		return false
	})
}

// work does the jobs that requests leave behind, from where a server that is
// gone left off: what that had half done is failed.
func work(ctx context.Context, a *app.App) {
	trouble(ctx, slog.LevelWarn, "could not mark interrupted jobs as failed", a.FailInterrupted(ctx))
	repeat(ctx, sweepEvery, a.JobsWait(), func() bool { // at a tick those that another server left behind
		trouble(ctx, slog.LevelError, "a job did not end as it should", a.RunJobs(ctx))
		return false
	})
}
