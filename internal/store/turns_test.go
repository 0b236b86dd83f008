package store

import (
	"sync"
	"testing"
)

// TestTryWaitsForNobody: who comes to a lane has it at once or goes; a transaction that
// waited there with its rows locked would keep those waiting whom it waits for.
func TestTryWaitsForNobody(t *testing.T) {
	turns, at := &turns{queues: map[lane]*queue{}}, lane{"projects", 1}
	for range 50_000 {
		var all sync.WaitGroup
		tried := make(chan struct{})
		all.Go(func() {
			got := turns.try(at)
			close(tried)
			if got {
				turns.giveBack(at)
			}
		})
		all.Go(func() {
			if err := turns.wait(t.Context(), at); err != nil {
				t.Error(err)
			}
			<-tried
			turns.giveBack(at)
		})
		all.Wait()
	}
	if len(turns.queues) > 0 {
		t.Error("somebody is still there")
	}
}
