package gateway

import (
	"context"
	"sync"
	"time"
)

// flights are the requests that the upstream is answering. A long one outlives
// the question whether it may, so the question is asked again.
type flights struct {
	mu   sync.Mutex
	next int64
	now  map[int64]*watched
}

type watched struct {
	began  time.Time
	may    func(context.Context) error
	cancel func(error)

	mu   sync.Mutex
	over bool // what came next on its connection may be somebody else's
}

// end waits for a cut that has begun, and prevents any other.
func (w *watched) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
}

func (w *watched) sever(cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		w.cancel(cause)
	}
}

// askEvery is how often requests in flight are asked about again; with the time
// that asking takes, one that lost its right is cut within a second.
const askEvery = 400 * time.Millisecond

func newFlights() *flights { return &flights{now: map[int64]*watched{}} }

// begin watches over a request until the returned function is called.
func (s *flights) begin(may func(context.Context) error, cancel func(error)) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	id, w := s.next, &watched{began: time.Now(), may: may, cancel: cancel}
	s.now[id] = w
	return func() {
		w.end()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.now, id)
	}
}

// long is the requests that have lasted for a while.
func (s *flights) long(now time.Time) (all []*watched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.now {
		if now.Sub(w.began) >= askEvery/2 {
			all = append(all, w)
		}
	}
	return all
}

// watch asks about the long requests until ctx ends, and cuts those that may
// not go on, or of which nobody can say.
func (s *flights) watch(ctx context.Context) {
	for tick := time.Tick(askEvery); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			s.ask(ctx, time.Now())
		}
	}
}

// asking bounds how many questions are open at once.
const asking = 8

func (s *flights) ask(ctx context.Context, now time.Time) {
	var group sync.WaitGroup
	slots := make(chan struct{}, asking)
	// One deadline for all of them: where the store does not answer, none waits
	// for another's question to end first.
	within, cancel := context.WithTimeout(ctx, askEvery)
	defer cancel()
	for _, w := range s.long(now) {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if err := w.may(within); err != nil && ctx.Err() == nil {
				w.sever(err)
			}
		})
	}
	group.Wait()
}
