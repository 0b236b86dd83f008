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

	"roster/internal/app"
	"roster/internal/lsapi"
	"roster/internal/scim"
	"roster/internal/web"
)

// maxHeader bounds a request's line and headers, in bytes. A hundred thousand
// ids in a query are about a megabyte.
const maxHeader = 4 << 20

// Handler is all of Roster over HTTP. From the outside in: a request id, the
// path below which everything lies, the access log, the activity log, the panic guard, one canonical path, the actor.
func Handler(a *app.App, version string) http.Handler {
	api, mux := faces(a, version, nil)
	provisioning := provided(a, scim.New(a))
	mux.Handle(scim.Short+"/", provisioning)
	mux.Handle(scim.Short, provisioning)
	return around(a, api, canonical(api, mux))
}

// faces is what Roster answers to people and to their programs, behind a
// canonical path. upstream says how the Label Studio behind a gate is doing; nil: there is
// none.
func faces(a *app.App, version string, upstream func() error) (*lsapi.API, *http.ServeMux) {
	api := lsapi.New(a, version)
	mux := http.NewServeMux()
	mux.Handle("GET /health", health(a.Answers))
	mux.Handle("GET /health/live", health(func(context.Context) error { return nil }))
	mux.Handle("GET /health/ready", ready(a, upstream))
	mux.Handle("/api/", signedIn(a, api))
	mux.Handle("/api", signedIn(a, api)) // or the mux would redirect
	mux.Handle("/docs/api", api.Reference())
	mux.Handle("/docs/api/", api.Reference())
	mux.Handle("/", web.New(a))
	return api, mux
}

// around is what every request passes on its way in, whatever it is for.
func around(a *app.App, api *lsapi.API, next http.Handler) http.Handler {
	root := a.Root()
	inside := logged(recorded(a, guarded(api, crossOrigin(a.Config().Origins, next))))
	return unstalled(usual, identified(a, traced(below(root, inside, logged(nothingHere(api, root))))))
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

// after tells when a time has gone by.
var after = time.After

// drain has a server say that it is not ready any more, and goes on serving for a while:
// until balancers have seen it. Connections end with their next answer.
func drain(a *app.App, srv *http.Server, failed <-chan error) error {
	a.Drain()
	delay := a.Config().DrainDelay
	if delay == 0 {
		return nil
	}
	srv.SetKeepAlivesEnabled(false)
	slog.Info("about to stop; the server says that it is not ready, and goes on for a while", "delay", delay.String())
	select {
	case err := <-failed:
		return err
	case <-after(delay):
		return nil
	}
}

// Serve answers on l until ctx ends. Then it says for a while that it is not ready, takes
// nothing new, and lets requests under way finish.
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
	if a.Writable() == nil {
		behind.Go(func() { sweep(background, a) })
		behind.Go(func() { keepActivities(background, a) })
		behind.Go(func() { trimLog(background, a) })
		behind.Go(func() { work(background, a) })
	}
	defer behind.Wait()
	defer stop() // after the last request, whose record is still to be written
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	if err := drain(a, srv, failed); err != nil {
		return err
	}
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := srv.Shutdown(finish); err != nil {
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
