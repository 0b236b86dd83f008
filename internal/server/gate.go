package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/gateway"
	"roster/internal/mirror"
)

// Front is Roster in front of a Label Studio Community Edition.
type Front struct {
	app   *app.App
	gate  *gateway.Gate
	adopt mirror.Adoption
	next  http.Handler
}

// NewFront puts Roster in front of the upstream that c names. Roster's own
// faces answer where the gate says so, to those whom it has let in.
func NewFront(a *app.App, c gateway.Config) *Front {
	var g *gateway.Gate
	api, own := faces(a, c.Version, func() error { return g.Upstream().Fault() })
	c.Own = canonical(api, own)
	c.Admit = func(r *http.Request, who roster.Actor) (*http.Request, error) {
		r, err := asking(a, r, who)
		if err == nil && isActivity(r, who) {
			err = a.Touch(r.Context())
		}
		return r, err
	}
	g = gateway.New(a, c)
	return &Front{a, g, c.Adopt, around(a, api, g)}
}

func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.next.ServeHTTP(w, r) }

// Start finds out who the upstream is, makes an empty store its mirror, which
// made says, and brings that up to date. The first start adopts the projects. A
// store that is a mirror already can do without the upstream for a while.
func (f *Front) Start(ctx context.Context) (made bool, err error) {
	if err := f.app.Writable(); err != nil && f.app.IsMirror(ctx) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	u, err := f.gate.Upstream().Organization(ctx)
	if err != nil && f.app.IsMirror(ctx) {
		slog.WarnContext(ctx, "Label Studio does not answer; its people and projects are as they were", "error", err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	f.gate.Advise(ctx)
	if made, err = f.app.SetupUpstream(ctx, u); err != nil {
		return made, err
	}
	if err := gateway.Reconcile(ctx, f.app, f.gate.Upstream()); err != nil {
		return made, err
	}
	if _, err = f.app.Adopt(ctx, f.adopt); err == nil {
		f.gate.KeepHook(ctx)
	}
	return made, err
}

// CompareEvery is how often the mirror is compared with the upstream.
const CompareEvery = time.Minute

// Watch cuts the requests that lose their right, tells the upstream what it is to
// disable and enable, finds out what was deleted, and keeps the mirror up to date: with
// everything at each tick, and with what the upstream tells of in between, one after the
// other until ctx ends. While Roster is read only, it does the first of these alone.
func (f *Front) Watch(ctx context.Context, tick <-chan time.Time) {
	if f.app.Writable() != nil {
		f.gate.Serve(ctx)
		return
	}
	var others sync.WaitGroup
	defer others.Wait()
	others.Go(func() { f.gate.Serve(ctx) })
	others.Go(func() { f.tell(ctx) })
	others.Go(func() { f.look(ctx) })
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-tick:
			err = f.gate.Compare(ctx)
			f.gate.KeepHook(ctx)
		case <-f.gate.Told():
			err = f.gate.Follow(ctx)
		}
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the mirror could not be compared with Label Studio, and stays as it is", "error", err)
		}
	}
}

// look finds out what was deleted, where that takes longer than an answer may, apart from
// what must not wait for it.
func (f *Front) look(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.gate.Doubted():
			f.Look(ctx)
		}
	}
}

// Look finds out what may have been deleted, as far as that can be known now.
func (f *Front) Look(ctx context.Context) {
	trouble(ctx, slog.LevelWarn, "what was deleted in Label Studio could not be found out, and is looked into again",
		f.gate.LookAgain(ctx))
}

// tellEvery is how often it is looked whether the upstream is to be told something,
// by another server's word or once more.
const tellEvery = time.Second

// tell has the upstream disable what its makers may not make any more, and enable
// what an undo gave back: at once, and until it confirms.
func (f *Front) tell(ctx context.Context) {
	repeat(ctx, tellEvery, f.app.IntentsWait(), func() bool {
		n, err := f.app.CarryIntents(ctx, f.gate.Tell)
		trouble(ctx, slog.LevelWarn, "could not work on what Label Studio is to be told", err)
		return n > 0 && err == nil
	})
}
