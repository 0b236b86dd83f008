package gateway_test

import (
	"net/http"
	"roster/internal/store/storetest"
	"strings"
	"sync/atomic"
	"testing"

	"roster"
)

// TestWhatIsCutWithTheRightMayHaveHappened: a change that Label Studio is at when the right to it
// ends is cut. That is refused as any other request is then, but nobody is told that nothing came
// of this one.
func TestWhatIsCutWithTheRightMayHaveHappened(t *testing.T) {
	storetest.Long(t)
	for name, c := range map[string]struct {
		ends   func(w *world)
		status int
	}{
		"by a pause":      {func(w *world) { w.pause("mia", "Look at the guide") }, http.StatusForbidden},
		"by unassigning":  {func(w *world) { w.unassign(1, "mia") }, http.StatusNotFound},
		"by deactivating": {func(w *world) { w.setRole(people["mia"], roster.RoleDeactivated) }, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method != "PATCH" {
					return false
				}
				c.ends(w)
				<-r.Context().Done()
				return true
			})
			got := w.send("mia", "PATCH", "/api/projects/1/", `{"title":"Other"}`)
			if got.status != c.status || !strings.Contains(got.body, "may have happened") ||
				strings.Contains(got.body, "othing was") {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

// TestWhatWasDoneAsTheRightEndedIsNotDenied: where Label Studio did it before anybody could cut it,
// and Roster's own part of the answer is refused by then, nobody is told that nothing came of it.
func TestWhatWasDoneAsTheRightEndedIsNotDenied(t *testing.T) {
	for name, c := range map[string]struct {
		ends   func(w *world)
		status int
	}{
		"by a pause":     {func(w *world) { w.pause("mia", "Look at the guide") }, http.StatusForbidden},
		"by unassigning": {func(w *world) { w.unassign(1, "mia") }, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == "PATCH" {
					c.ends(w)
				}
				return false
			})
			got := w.send("mia", "PATCH", "/api/projects/1/", `{"title":"Other"}`)
			if got.status != c.status || !strings.Contains(got.body, "may have happened") ||
				strings.Contains(got.body, "othing was") {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

// TestAThingThatStaysIsSaid: where Label Studio makes a thing, cannot say of what came with it, and
// does not delete it again, whoever made it is told to.
func TestAThingThatStaysIsSaid(t *testing.T) {
	w := newWorld(t)
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == "DELETE" || r.URL.Path == "/api/webhooks/" {
			http.Error(rw, "no", http.StatusInternalServerError)
			return true
		}
		return false
	})
	got := w.send("owner", "POST", "/api/ml/", `{"project":1,"url":"http://model.example.com"}`)
	tells(t, got, "nor delete it again")
}

// TestWhatBreaksOffIsNotSentAgain: a change that Label Studio breaks off may have happened. It has
// no idempotency keys, so that one comes with it does not have it done twice.
func TestWhatBreaksOffIsNotSentAgain(t *testing.T) {
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		w := newWorld(t)
		var came atomic.Int64
		w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == "DELETE" {
				came.Add(1)
				panic(http.ErrAbortHandler)
			}
			return false
		})
		w.get("mia", "/api/tasks/11/") // so that there is a connection
		got := w.send("mia", "DELETE", "/api/tasks/11/", "", name, "a key")
		if n := came.Load(); n != 1 || got.status != http.StatusBadGateway ||
			!strings.Contains(got.body, "look whether it did") {
			t.Errorf("%s: came %d times, %d %s", name, n, got.status, got.body)
		}
	}
}
