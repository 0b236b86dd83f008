package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// world is a gate in front of a fake upstream. In project 1 ann annotates, rev
// reviews, mia manages, vic looks on and paul is paused; out is in no project;
// owner and adm see everything.
type world struct {
	t    testing.TB
	fake *fake
	db   *store.DB
	app  *app.App
	srv  *httptest.Server
	gate *server.Front
	late *atomic.Int64  // how far Roster's clock is ahead, in nanoseconds
	tick chan time.Time // has the mirror compared; each waits for the one before
}

func newWorld(t testing.TB, set ...func(*gateway.Config)) *world {
	return worldOn(t, storetest.SQLite(t), set...)
}

func worldOn(t testing.TB, db *store.DB, set ...func(*gateway.Config)) *world {
	t.Helper()
	return worldWith(t, db, func(*core.Config) {}, set...)
}

// newWorldOf is one whose App is configured by set.
func newWorldOf(t testing.TB, set func(*core.Config)) *world {
	t.Helper()
	return worldWith(t, storetest.SQLite(t), set)
}

func worldWith(t testing.TB, db *store.DB, configured func(*core.Config), set ...func(*gateway.Config)) *world {
	t.Helper()
	config, late := core.DefaultConfig(), &atomic.Int64{}
	config.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	configured(&config)
	a, err := app.New(db, config, []byte("a secret for tests"))
	ok(t, err)
	w := &world{t: t, fake: newFake(t), db: db, app: a, late: late}
	w.fake.hookSecret = a.HookSecret()
	if made := w.open(set...); !made {
		t.Fatal("the store was a mirror already")
	}
	for name, role := range map[string]roster.Role{"adm": "AD", "mia": "MA", "rev": "RE", "vic": "VO"} {
		w.setRole(people[name], role)
	}
	w.assign(1, "ann", "rev", "mia", "vic", "paul")
	_, err = a.PauseMember(w.as("owner"), 1, people["paul"], roster.PauseManual, "")
	ok(t, err)
	w.fake.taken()
	return w
}

// open puts a gate of the world's app in front of the fake; made says that the
// store was empty.
func (w *world) open(set ...func(*gateway.Config)) (made bool) {
	w.t.Helper()
	c := gateway.Config{Upstream: w.upstreamURL(), Token: serviceToken, Version: "test", MembersLink: true, Files: "/srv"}
	for _, change := range set {
		change(&c)
	}
	gate, tick := server.NewFront(w.app, c), make(chan time.Time)
	w.tick, w.gate = tick, gate
	made, err := gate.Start(w.t.Context())
	ok(w.t, err)
	ctx, stop := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() { defer close(watched); gate.Watch(ctx, tick) }()
	w.t.Cleanup(func() { stop(); <-watched })
	w.srv = httptest.NewServer(server.Behind(nil, gate))
	w.t.Cleanup(w.srv.Close)
	return made
}

// replica is another gate on the same store, with an app of its own.
func (w *world) replica() *world {
	w.t.Helper()
	a, err := app.New(w.db, core.DefaultConfig(), []byte("a secret for tests"))
	ok(w.t, err)
	other := &world{t: w.t, fake: w.fake, db: w.db, app: a}
	other.open()
	return other
}

func (w *world) setRole(user int64, role roster.Role) {
	w.t.Helper()
	m, err := w.db.Membership(context.Background(), 1, user)
	ok(w.t, err)
	m.Role = role
	ok(w.t, w.db.SetMembership(context.Background(), m))
}

func (w *world) as(name string) context.Context {
	w.t.Helper()
	who, err := w.app.Recognize(context.Background(), people[name], roster.CredentialToken)
	ok(w.t, err)
	return roster.WithActor(context.Background(), who)
}

func (w *world) assign(project int64, names ...string) {
	w.t.Helper()
	_, err := w.app.AssignMembers(w.as("owner"), project, roster.Selector{Included: ids(names)}, nil)
	ok(w.t, err)
}

func (w *world) unassign(project int64, names ...string) {
	w.t.Helper()
	_, err := w.app.UnassignMembers(w.as("owner"), project, roster.Selector{Included: ids(names)}, "")
	ok(w.t, err)
}

func ids(names []string) (all []int64) {
	for _, name := range names {
		all = append(all, people[name])
	}
	return all
}

// reply is what somebody was answered.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) json(t testing.TB) (v any) {
	t.Helper()
	ok(t, json.Unmarshal([]byte(r.body), &v))
	return v
}

// send sends a request whose target stands on the wire as it is written here.
func (w *world) send(who, method, target, body string, header ...string) reply {
	w.t.Helper()
	got, err := w.attempt(who, method, target, body, header...)
	ok(w.t, err)
	return got
}

// attempt is send where the answer may be cut.
func (w *world) attempt(who, method, target, body string, header ...string) (reply, error) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.srv.URL, strings.NewReader(body))
	ok(w.t, err)
	r.URL.Opaque = target
	if body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Token tok-"+who)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = append(r.Header[header[i]][:0:0], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, string(raw)}, err
}

func (w *world) get(who, target string, header ...string) reply {
	w.t.Helper()
	return w.send(who, "GET", target, "", header...)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) upstreamURL() *url.URL {
	at, err := url.Parse(w.fake.srv.URL)
	ok(w.t, err)
	return at
}

// lastQuery is the query of the last request that the upstream saw.
func (w *world) lastQuery() map[string]string {
	w.t.Helper()
	seen := w.fake.taken()
	if len(seen) == 0 {
		w.t.Fatal("the upstream saw nothing")
	}
	return seen[len(seen)-1].query
}
