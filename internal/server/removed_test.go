package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// caller asks a server with one token.
type caller struct {
	handler http.Handler
	token   string
}

func (c caller) call(method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", "Token "+c.token)
	if len(header) == 2 {
		r.Header.Set(header[0], header[1])
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

// TestClientsOwnRetry: a bulk removal that a client sends again by itself is answered as
// the first time and takes nobody who was added in between; one that somebody means, as
// whatever else they asked in between shows, is done.
func TestClientsOwnRetry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ana, bob, carl := w.Person("AN"), w.Person("AN"), w.Person("AD")
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		theirs, err := w.App.Token(t.Context(), carl)
		must(t, err)
		handler := server.Handler(w.App, "test")
		me, other := caller{handler, token}, caller{handler, theirs}
		for name, c := range map[string]struct {
			between  func(project int64)
			repeated bool
		}{
			"nothing": {func(int64) {}, true},
			"others list": {func(p int64) {
				other.call("GET", fmt.Sprintf("/api/projects/%d/members/", p))
			}, true},
			"one asks elsewhere": {func(int64) { me.call("GET", "/api/projects/") }, true},
			"one lists":          {func(p int64) { me.call("GET", fmt.Sprintf("/api/projects/%d/members/", p)) }, false},
			"one asks with a key": {func(p int64) {
				me.call("DELETE", bulk(p), "Idempotency-Key", fmt.Sprint("a", p))
			}, false},
			"one removes somebody else": {func(p int64) { me.call("DELETE", bulk(p)+"&excluded=1") }, false},
			"one works on another server": {func(p int64) {
				_, err := w.App.AssignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{w.Owner}}, nil)
				must(t, err)
			}, false},
			"a minute": {func(int64) { w.Clock = w.Clock.Add(time.Minute) }, false},
		} {
			project := w.Project(name, 0)
			w.Assign(project, ana)
			first := me.call("DELETE", bulk(project))
			c.between(project)
			_, err := w.App.AssignMembers(w.As(carl), project, roster.Selector{Included: []int64{bob}}, nil) // by somebody else
			must(t, err)
			again := me.call("DELETE", bulk(project))
			same := again.Body.String() == first.Body.String() &&
				again.Header().Get("Roster-Operation") == first.Header().Get("Roster-Operation")
			replayed := again.Header().Get("Idempotency-Replayed") == "true"
			if first.Code != 200 || first.Header().Get("Idempotency-Replayed") != "" || again.Code != 200 ||
				replayed != c.repeated || c.repeated && !same {
				t.Errorf("%s: %d %s, then %d %s, replayed %v", name, first.Code, first.Body, again.Code, again.Body, replayed)
			}
			if left := len(w.Explicit(project)); (left > 0) != c.repeated {
				t.Errorf("%s: %d are left", name, left)
			}
		}
	})
}

func bulk(project int64) string {
	return fmt.Sprintf("/api/projects/%d/members/bulk/?all=true", project)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRetryAfterWhatNamesNoProject: who came back by an undo of their leaving is removed
// again, by whoever asks for both.
func TestRetryAfterWhatNamesNoProject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, ana, bob := w.Project("Signs", 0), w.Person("AN"), w.Person("AN")
		w.Assign(project, ana, bob)
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		me := caller{server.Handler(w.App, "test"), token}
		left, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, ana)
		must(t, err)
		me.call("DELETE", bulk(project))
		if a := me.call("POST", fmt.Sprintf("/api/roster/operations/%d/undo/", left)); a.Code >= 300 ||
			!slices.Equal(w.Explicit(project), []int64{ana}) {
			t.Fatal(a.Code, a.Body, w.Explicit(project))
		}
		if a := me.call("DELETE", bulk(project)); a.Code != 200 || len(w.Explicit(project)) > 0 {
			t.Error(a.Code, a.Body, w.Explicit(project))
		}
	})
}

// TestRetryWhileTheFirstRuns waits for it; where that is refused, the retry is done. Who
// may not remove anybody any more is not answered either.
func TestRetryWhileTheFirstRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, ana := w.Project("Signs", 0), w.Person("AN")
		w.Assign(project, ana)
		var all sync.WaitGroup
		var replayed, done int
		var mu sync.Mutex
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		me := caller{server.Handler(w.App, "test"), token}
		for range 8 {
			all.Go(func() {
				a := me.call("DELETE", bulk(project))
				mu.Lock()
				defer mu.Unlock()
				if strings.Contains(a.Body.String(), `{"unassignments":1}`) {
					done++
				}
				if a.Header().Get("Idempotency-Replayed") != "" {
					replayed++
				}
			})
		}
		all.Wait()
		if done != 8 || replayed != 7 {
			t.Errorf("%d were answered so, %d of them again", done, replayed)
		}
		if a := me.call("DELETE", bulk(project)+"&included=x"); a.Code != 400 ||
			a.Header().Get("Idempotency-Replayed") != "" {
			t.Error(a.Code, a.Body)
		}
		manager := w.Person("MA")
		w.Assign(project, manager)
		token, err = w.App.Token(t.Context(), manager)
		must(t, err)
		they := caller{me.handler, token}
		if a := they.call("DELETE", bulk(project)); a.Code != 200 {
			t.Fatal(a.Code, a.Body)
		}
		if a := they.call("DELETE", bulk(project)); a.Code == 200 { // they took themselves off it
			t.Error(a.Code, a.Body)
		}
	})
}

// TestASessionRepeatsNothingByItself: what somebody sends who signed in is what they mean, each time.
func TestASessionRepeatsNothingByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, ana := w.Project("Signs", 0), w.Person("AN")
		handler, password := server.Handler(w.App, "test"), "correct horse battery"
		_, err := w.App.UpdatePerson(w.As(w.Owner), w.Owner, roster.UserPatch{Password: &password})
		must(t, err)
		owner, err := w.DB.User(t.Context(), w.Owner)
		must(t, err)
		session, err := w.App.SignIn(t.Context(), owner.Email, password, "192.0.2.1:1")
		must(t, err)
		for range 2 {
			w.Assign(project, ana)
			r := httptest.NewRequest(http.MethodDelete, bulk(project), nil)
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: session.Token})
			a := httptest.NewRecorder()
			handler.ServeHTTP(a, r)
			if a.Header().Get("Idempotency-Replayed") != "" || !strings.Contains(a.Body.String(), `{"unassignments":1}`) {
				t.Error(a.Code, a.Body)
			}
		}
	})
}

// TestRetryTurnedOff does every removal that is asked for.
func TestRetryTurnedOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, ana := w.Project("Signs", 0), w.Person("AN")
		a := w.Configured(func(c *core.Config) { c.ReplayFor = 0 })
		token, err := a.Token(t.Context(), w.Owner)
		must(t, err)
		me := caller{server.Handler(a, "test"), token}
		for range 2 {
			w.Assign(project, ana)
			if a := me.call("DELETE", bulk(project)); !strings.Contains(a.Body.String(), `{"unassignments":1}`) {
				t.Error(a.Code, a.Body)
			}
		}
	})
}
