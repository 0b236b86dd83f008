package gate

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/store/storetest"
)

// TestRevocation: people who hammer the gate while they are taken off the project
// get nothing that they ask for after the answer.
func TestRevocation(t *testing.T) {
	t.Run("one instance", func(t *testing.T) { revoke(t, need(t)) })
	t.Run("two instances", func(t *testing.T) {
		need(t)
		flags := []string{"--db", storetest.PostgresURL(t), "--migrate"}
		first := start(t.TempDir(), flags...)
		t.Cleanup(first.stop)
		second := start(t.TempDir(), flags...)
		t.Cleanup(second.stop)
		if err := first.giveRoles(); err != nil {
			t.Fatal(err)
		}
		revoke(t, first, second)
	})
}

// hammers is how many requests each person has under way at each instance.
const hammers = 4

// rounds is how often people are taken off.
const rounds = 3

func revoke(t *testing.T, gates ...*gate) {
	var all []time.Duration
	s := gates[0].newScene(t)
	for range rounds {
		s.join("ann", "bob")
		var clients []*hammer
		for _, name := range []string{"ann", "bob"} {
			for i := range hammers * len(gates) {
				clients = append(clients, &hammer{t: t, p: gates[i%len(gates)].who(t, name), path: s.path("/api/projects/%d/")})
			}
		}
		all = append(all, takeOff(s, clients)...)
	}
	slices.Sort(all)
	t.Logf("from the answer to the first refusal: median %v, 99th percentile %v, longest %v, of %d clients",
		all[len(all)/2], all[len(all)*99/100], all[len(all)-1], len(all))
}

// takeOff takes everybody off the project in the middle of their work, and
// returns how long after the answer each client first met a refusal.
func takeOff(s *scene, clients []*hammer) (times []time.Duration) {
	s.t.Helper()
	var working, done sync.WaitGroup
	for _, c := range clients {
		working.Add(1)
		done.Go(func() { c.run(sync.OnceFunc(working.Done)) })
	}
	working.Wait()
	s.g.who(s.t, "owner").must(s.t, "DELETE", s.path("/api/projects/%d/members/bulk/?all=true"), nil, nil)
	answered := time.Now()
	for _, c := range clients {
		c.stop.Store(true)
	}
	done.Wait()
	for _, c := range clients {
		for _, began := range c.passed {
			if began.After(answered) {
				s.t.Errorf("%s got through %v after the answer", c.p.name, began.Sub(answered))
			}
		}
		times = append(times, max(0, c.refused.Sub(answered)))
	}
	return times
}

// hammer is a client that asks for a project until it is refused.
type hammer struct {
	t       *testing.T
	p       *person
	path    string
	stop    atomic.Bool // the people are off: the next refusals are the last requests
	passed  []time.Time // when the requests that were let through began
	refused time.Time   // when the first refusal came
}

// run asks without a pause; working is called once it has been let through.
func (h *hammer) run(working func()) {
	defer working()
	for last := 0; last < 5; {
		began := time.Now()
		a, err := h.p.ask("GET", h.path, nil)
		if err != nil {
			h.t.Errorf("%s: %v", h.p.name, err)
			return
		}
		switch a.status {
		case http.StatusOK:
			h.passed = append(h.passed, began)
			working()
		case http.StatusNotFound:
			if h.refused.IsZero() {
				h.refused = time.Now()
			}
		default:
			h.t.Error(fmt.Errorf("%s: %s: %v", h.p.name, h.path, a))
			return
		}
		if h.stop.Load() {
			last++ // a few more, which would be let through if any were
		}
	}
}
