package app_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// waiting is a context that tells when somebody begins to wait for its end.
type waiting struct {
	context.Context
	waits func()
}

func (w waiting) Done() <-chan struct{} { w.waits(); return w.Context.Done() }

// TestRetryInTheMomentOfTheAnswer: a client's own retry, or anybody's request, that comes just
// as the first is answered does not make it forgotten.
func TestRetryInTheMomentOfTheAnswer(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	project, other := w.Project("Signs", 0), w.Project("Plants", 0)
	for name, of := range map[string]int64{"the retry": project, "a request about something else": other} {
		t.Run(name, func(t *testing.T) {
			var looked atomic.Pointer[func()] // what happens once the clock was looked at
			w.App = w.Configured(func(c *core.Config) {
				c.Now = func() time.Time {
					now := w.Clock
					if then := looked.Swap(nil); then != nil {
						(*then)()
					}
					return now
				}
			})
			as := w.As(w.Owner)
			at, mayEnd, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
			first := func() (core.Answer, int64, error) {
				op := w.Assign(project, w.Person("AN"))
				close(at)
				<-mayEnd
				return core.Answer{Status: 200}, op, nil
			}
			go func() {
				defer close(ended)
				if _, _, err := w.App.Removed(as, project, []byte("all"), first); err != nil {
					t.Error(err)
				}
			}()
			<-at
			end := sync.OnceFunc(func() {
				looked.Store(nil)
				w.Clock = w.Clock.Add(time.Microsecond)
				close(mayEnd)
				<-ended
			})
			looked.Store(&end)
			anew := func() (core.Answer, int64, error) {
				if of == project {
					t.Error("it was done anew")
				}
				return core.Answer{Status: 200}, 0, nil
			}
			if _, _, err := w.App.Removed(waiting{as, end}, of, []byte("all"), anew); err != nil {
				t.Error(err)
			}
			end()
			_, again, err := w.App.Removed(as, project, []byte("all"), anew)
			if err != nil || !again {
				t.Errorf("afterwards it was answered again: %v, %v", again, err)
			}
		})
	}
}

// TestRetryAsTheMinuteEnds: what the store is asked about as the time ends in which a removal
// is answered again is answered by what it says, however long that takes.
func TestRetryAsTheMinuteEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, ana := w.Project("Signs", 0), w.Person("AN")
		var hurry time.Duration
		w.App = w.Configured(func(c *core.Config) {
			c.Now = func() time.Time {
				now := w.Clock
				w.Clock = w.Clock.Add(hurry)
				return now
			}
		})
		as := w.As(w.Owner)
		op, err := w.DB.Operation(t.Context(), w.Assign(project, ana))
		must(t, err)
		times := 0
		work := func() (core.Answer, int64, error) {
			times++
			return core.Answer{Status: 200}, op.ID, &roster.Error{Kind: roster.Unconfirmed, Detail: op}
		}
		if _, _, err := w.App.Removed(as, project, []byte("all"), work); roster.KindOf(err) != roster.Unconfirmed {
			t.Fatal(err)
		}
		w.Clock, hurry = w.Clock.Add(59*time.Second), 2*time.Second
		answer, again, err := w.App.Removed(as, project, []byte("all"), work)
		if err != nil || !again || answer.Status != 200 || times != 1 {
			t.Errorf("done %d times, answered again: %v, %v", times, again, err)
		}
	})
}
