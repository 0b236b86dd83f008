package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestRetryOnAnotherServer: of two servers on one store each knows what was done, and only the
// one that was asked what was asked. So a client's own retry is done where it reaches the other
// one, unless it has a key, and a removal that is meant is never answered there.
func TestRetryOnAnotherServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		one := caller{server.Handler(w.App, "test"), token}
		other := caller{server.Handler(w.Configured(func(*core.Config) {}), "test"), token}
		ana, bob, carl := w.Person("AN"), w.Person("AN"), w.Person("AD")
		none := func(int64) {}
		lists := func(on caller) func(int64) {
			return func(p int64) { on.call("GET", fmt.Sprintf("/api/projects/%d/members/", p)) }
		}
		for name, c := range map[string]struct {
			between  func(project int64)
			second   caller
			header   []string
			repeated bool
		}{
			"the same":                     {none, one, nil, true},
			"another":                      {none, other, nil, false},
			"another, with a key":          {none, other, []string{"Idempotency-Key", "a key"}, true},
			"another, having listed there": {lists(other), other, nil, false},
			"another, having listed here":  {lists(one), other, nil, false},
			// what a balancer that keeps a token on one server is for (ADR 5)
			"the same, having listed there":    {lists(other), one, nil, true},
			"the same, having removed there":   {func(p int64) { other.call("DELETE", bulk(p)+"&excluded=1") }, one, nil, false},
			"the same, which did it meanwhile": {func(p int64) { other.call("DELETE", bulk(p)) }, one, nil, false},
		} {
			project := w.Project(name, 0)
			w.Assign(project, ana)
			first := one.call("DELETE", bulk(project), c.header...)
			c.between(project)
			_, err := w.App.AssignMembers(w.As(carl), project, roster.Selector{Included: []int64{bob}}, nil) // by somebody else
			must(t, err)
			second := c.second.call("DELETE", bulk(project), c.header...)
			replayed := second.Header().Get("Idempotency-Replayed") == "true"
			if first.Code != http.StatusOK || second.Code != http.StatusOK || replayed != c.repeated {
				t.Errorf("%s: %d %s, then %d %s, replayed %v", name, first.Code, first.Body, second.Code, second.Body, replayed)
			}
			if left := w.Explicit(project); (len(left) > 0) != c.repeated {
				t.Errorf("%s: %d are left", name, left)
			}
		}
	})
}

// TestKeysUnderTwoClocks: a key holds for its 24 hours on a server whose clock is an hour
// ahead, or behind, of that of the one that took it, also where that one sweeps.
func TestKeysUnderTwoClocks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		late := w.Configured(func(c *core.Config) { c.Now = func() time.Time { return w.Clock.Add(time.Hour) } })
		right, ahead := caller{server.Handler(w.App, "test"), token}, caller{server.Handler(late, "test"), token}
		ana, bob := w.Person("AN"), w.Person("AN")
		for name, c := range map[string]struct{ first, second caller }{
			"right, then ahead": {right, ahead}, "ahead, then right": {ahead, right},
		} {
			for _, after := range []time.Duration{0, 22*time.Hour + 30*time.Minute, 23*time.Hour + 59*time.Minute} {
				project := w.Project(fmt.Sprint(name, after), 0)
				key := fmt.Sprint("key of ", project)
				w.Assign(project, ana)
				first := c.first.call("DELETE", bulk(project), "Idempotency-Key", key)
				w.Assign(project, bob)
				w.Clock = w.Clock.Add(after)
				must(t, late.Sweep(t.Context()))
				second := c.second.call("DELETE", bulk(project), "Idempotency-Key", key)
				replayed := second.Header().Get("Idempotency-Replayed") == "true"
				if left := w.Explicit(project); first.Code != http.StatusOK || !replayed || !slices.Equal(left, []int64{bob}) {
					t.Errorf("%s, %v later: %d %s, then %d %s; %d are left", name, after,
						first.Code, first.Body, second.Code, second.Body, left)
				}
			}
		}
		project := w.Project("an hour too late", 0)
		for _, who := range []int64{ana, bob} {
			w.Assign(project, who)
			if a := right.call("DELETE", bulk(project), "Idempotency-Key", "a key"); a.Header().
				Get("Idempotency-Replayed") != "" {
				t.Error("a key that is over is known:", a.Body)
			}
			w.Clock = w.Clock.Add(25 * time.Hour)
		}
	})
}
