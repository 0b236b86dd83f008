// Package core is what all operations share: the one policy, transactions, the record of what
// was done, who is asking, limits, secrets, and what repeats and restarts must not do twice.
package core

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"roster"
	"roster/internal/limit"
	"roster/internal/metrics"
	"roster/internal/store"
)

// Config is what an operator may choose.
type Config struct {
	UndoWindow time.Duration // how long an operation can be taken back
	PlanTTL    time.Duration // how long a preview's plan can be applied
	KeyTTL     time.Duration // how long an idempotency key is remembered
	Now        func() time.Time

	ActivityRetention time.Duration // how long the activity log is kept
	ReplayFor         time.Duration // how long a bulk removal without a key is answered again when repeated; 0: never
	StoreTimeout      time.Duration // how long the store may take for each step of a request; 0: any time
	ExportTimeout     time.Duration // how long a request may take for an export; 0: any time
	SeenTimeout       time.Duration // how long a request waits to write down that its session was used

	RefreshRate limit.Rate // how often one personal access token, and one address, is given an access token
	CallRate    limit.Rate // how often one credential may call
	SignInRate  limit.Rate // how often one address may try to sign in with one e-mail

	// BodiesAll and BodiesEach are how many bytes of request bodies everybody together,
	// and one person, may have the server hold at once; 0: any number.
	BodiesAll, BodiesEach int64

	// DrainDelay is how long a server that is to stop goes on taking requests, and says that it
	// is not ready any more, so that nobody sends it any; 0: it takes none at once.
	DrainDelay time.Duration

	// ConfirmShare is the percentage of a project's members from which taking
	// them off has to be confirmed by typing the project's name; 0: never.
	ConfirmShare int

	URL string // where people reach this Roster; links in mail begin with it
	// Links is what links within answers begin with: URL where an operator said it.
	// "" makes them paths, which lead here under whatever name Roster was asked. The
	// name itself is a client's to say, and so never in a link.
	Links string

	Origins []string // of the pages, not Roster's own, that may call the API from a browser with a token

	Transport Transport // how mail goes out, for those who look after it

	SignOn          IdentityProvider // nil: people sign in with a password only
	SignOnKnownOnly bool             // refuse who has no account, instead of making one
}

// Root is the path below which everything lies, as "/labels"; "" where that is all of the
// server. It is of Links alone: no request says where it is.
func (c Config) Root() string {
	at, err := url.Parse(c.Links)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(at.Path, "/")
}

// DefaultConfig is the documented one.
func DefaultConfig() Config {
	return Config{UndoWindow: 30 * 24 * time.Hour, PlanTTL: 24 * time.Hour, KeyTTL: 24 * time.Hour, Now: time.Now,
		ActivityRetention: 90 * 24 * time.Hour, StoreTimeout: 20 * time.Second, ExportTimeout: 30 * time.Minute,
		SeenTimeout: 100 * time.Millisecond, ReplayFor: time.Minute, ConfirmShare: 25,
		RefreshRate: limit.Rate{N: 300, Per: time.Minute}, SignInRate: limit.Rate{N: 20, Per: time.Hour},
		BodiesAll: 192 << 20, BodiesEach: 48 << 20, URL: "http://localhost:8080"}
}

// App is what every room of Roster works with, on one store.
type App struct {
	db     *store.DB
	config Config
	Sealer Sealer
	Limits limits
	bodies *limit.Budget

	hookSecret string // of the gate's upstream; hexadecimal

	activities *waitingActivities
	Intents    *intents
	removals   *removals

	draining *atomic.Bool

	asked *questions // of a transaction whose answer will be kept
	known *known     // of a state that does not change; nil: none
}

// New makes an App on db. The secret encrypts the tokens that can be shown
// again, and signs the others.
func New(db *store.DB, config Config, secret []byte) (*App, error) {
	sealer, err := NewSealer(secret)
	if err != nil {
		return nil, err
	}
	hook, err := hkdf.Key(sha256.New, secret, nil, "roster hook of Label Studio", sha256.Size)
	if err != nil {
		return nil, err
	}
	return &App{db: db, config: config, Sealer: sealer, Limits: newLimits(config),
		bodies: &limit.Budget{All: config.BodiesAll, Each: config.BodiesEach}, hookSecret: hex.EncodeToString(hook),
		activities: &waitingActivities{}, Intents: &intents{Bell: make(chan struct{}, 1)},
		removals: &removals{last: map[asker]*removal{}}, draining: &atomic.Bool{}}, nil
}

// confirmFrom is how few people a removal is too small for, to ask twice.
const confirmFrom = 20

// Weighty reports whether taking n of a project's members off it is so much
// that a person should be asked twice.
func (a *App) Weighty(n, members int) bool {
	return a.config.ConfirmShare > 0 && n >= confirmFrom && n*100 >= members*a.config.ConfirmShare
}

// Writable is an error, of the kind Busy, where this Roster is read only.
func (a *App) Writable() error { return a.db.Writable() }

// Config is what the operator chose.
func (a *App) Config() Config { return a.config }

// StoreOf is the store that an App works on, or its transaction there: for the rooms that
// have operations, and nobody else.
func StoreOf(a *App) *store.DB { return a.db }

// Now is the time by the App's clock.
func (a *App) Now() time.Time { return a.config.Now().UTC().Truncate(time.Microsecond) }

// Update runs fn on an App whose changes happen together, or not at all.
func (a *App) Update(ctx context.Context, fn func(tx *App) error) error {
	err := a.db.Update(ctx, func(tx *store.DB) error { return fn(a.on(tx)) })
	if err == nil && !a.db.Within() {
		a.Intents.ring()
	}
	return err
}

// View runs fn on an App that reads one unchanging state.
func (a *App) View(ctx context.Context, fn func(tx *App) error) error {
	if a.known != nil || a.db.Within() { // within a change nothing is remembered
		return fn(a)
	}
	return a.db.View(ctx, func(tx *store.DB) error { return fn(a.viewing(tx)) })
}

// Stream is View for what is handed on as fast as somebody takes it.
func (a *App) Stream(ctx context.Context, fn func(tx *App) error) error {
	if a.known != nil || a.db.Within() {
		return fn(a)
	}
	return a.db.Stream(ctx, func(tx *store.DB) error { return fn(a.viewing(tx)) })
}

func (a *App) on(tx *store.DB) *App {
	within := *a
	within.db, within.known = tx, nil
	return &within
}

func (a *App) viewing(tx *store.DB) *App {
	within := a.on(tx)
	within.known = newKnown()
	return within
}

// At is Roster within a transaction on its store and with a clock that stands
// still: what writes an organization's past works through it.
func (a *App) At(tx *store.DB, now time.Time) *App {
	past := a.on(tx)
	past.config.Now = func() time.Time { return now }
	return past
}

// pingPatience is how long the store may take to say that it is there.
const pingPatience = 2 * time.Second

// Answers reports whether the store answers what every request asks it. It does not wait
// for long, whatever the store does.
func (a *App) Answers(ctx context.Context) error { return promptly(ctx, a.db.Answers) }

// Ready reports whether the store answers, has the schema that this Roster works with, and
// takes what is written. It does not wait for long either.
func (a *App) Ready(ctx context.Context) error { return promptly(ctx, a.db.Ready) }

// Unready is why Ready is an error: which part of the store is not as it should be.
type Unready = store.Unready

// The parts.
const (
	PartStore  = store.PartStore  // it does not answer
	PartSchema = store.PartSchema // it is another Roster's
	PartWrites = store.PartWrites // it takes nothing that is written
)

// Drain has the App say from now on that it is about to stop.
func (a *App) Drain() { a.draining.Store(true) }

// Draining reports whether it does.
func (a *App) Draining() bool { return a.draining.Load() }

// Measure says to whoever watches how the store and this process are doing. It does not
// wait for long.
func (a *App) Measure(ctx context.Context) error {
	metrics.Backlog(a.activities.waiting())
	return promptly(ctx, func(ctx context.Context) error { return a.db.Measure(ctx, a.Now()) })
}

// promptly asks, and gives up waiting when it is time, also where asking cannot be ended:
// a disk that hangs ends nothing.
func promptly(ctx context.Context, ask func(context.Context) error) error {
	ctx, done := context.WithTimeout(ctx, pingPatience)
	defer done()
	answer := make(chan error, 1)
	go func() { answer <- ask(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Bounded returns the context of a request, which does not wait for the store without an
// end.
func (a *App) Bounded(ctx context.Context) context.Context {
	return store.WithPatience(store.WithStreamPatience(ctx, a.config.ExportTimeout), a.config.StoreTimeout)
}

// TrimLog keeps the log of a SQLite store short.
func (a *App) TrimLog(ctx context.Context) error {
	_, err := a.db.TrimLog(ctx, store.MostLog)
	return err
}

// What is forgotten cannot be had back, and a clock may be wrong: nothing is forgotten
// before it has been over for a day, and no sweep goes further than an hour past the one
// before. So a clock that jumps by hours, or by years for a while, costs nothing.
const (
	sweepAfter = 24 * time.Hour
	sweepStep  = time.Hour
)

// beforeAnyStore is older than whatever there is to forget: a clock that shows less has not
// been told the time yet.
var beforeAnyStore = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// Sweep forgets what has long expired: plans, idempotency keys, personal access
// tokens, sessions, the end of the activity log.
func (a *App) Sweep(ctx context.Context) error {
	to := a.Now().Add(-sweepAfter)
	if to.Before(beforeAnyStore) {
		return nil
	}
	until, err := a.db.Swept(ctx, to, sweepStep)
	if err != nil {
		return err
	}
	if err := a.db.Sweep(ctx, until); err != nil {
		return err
	}
	return a.forgetActivities(ctx, until.Add(-a.config.ActivityRetention))
}

// ActorOf is who ctx says is asking; Unsigned when it says nothing.
func ActorOf(ctx context.Context) (roster.Actor, error) {
	who, ok := roster.ActorFrom(ctx)
	if !ok {
		return who, roster.Errorf(roster.Unsigned, "Authentication credentials were not provided.")
	}
	return who, nil
}

// Begin writes the record of an operation by the actor of ctx.
func (a *App) Begin(ctx context.Context, op roster.Operation) (int64, error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return 0, err
	}
	op.OrganizationID, op.ActorID, op.Credential = who.OrganizationID, who.UserID, who.Credential
	op.RequestID, op.At = who.RequestID, a.Now()
	return a.db.BeginOperation(ctx, op)
}

// Transport is how mail goes out. Words say it to people, with nothing secret;
// Send is nil where no mail goes out at all.
type Transport struct {
	Words  roster.Text
	Prints bool // letters are only printed, and reach nobody
	Send   func(context.Context, roster.Mail) error
}

// IdentityProvider is where people can sign in instead of with a password.
type IdentityProvider interface {
	// Name is what people know it by.
	Name() string
	// Address is where a browser goes to sign in, with PKCE for the verifier.
	Address(ctx context.Context, state, nonce, verifier string) (string, error)
	// Identify exchanges a code for who somebody is. The nonce and the verifier
	// must be those that the code was asked for with: else Forbidden.
	Identify(ctx context.Context, code, nonce, verifier string) (roster.Identity, error)
}
