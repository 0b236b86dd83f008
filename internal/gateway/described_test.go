package gateway_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/gateway"
)

// TestDescriptionsAreMadeOneAtATime: who asks for the description of the upstream's API, over
// and over, takes none of the upstream from others, and not from those who read it either.
func TestDescriptionsAreMadeOneAtATime(t *testing.T) {
	w := newWorld(t)
	var making, most, made atomic.Int64
	w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "whoami") {
			return false
		}
		most.Store(max(most.Load(), making.Add(1)))
		for range 1000 {
			runtime.Gosched()
		}
		making.Add(-1)
		made.Add(1)
		return false
	})
	var group sync.WaitGroup
	var refused atomic.Int64
	for n := range 25 {
		group.Go(func() {
			got := w.get("out", "/docs/api/schema/json/")
			if got.status == 429 {
				refused.Add(1)
			} else if got.status != 200 {
				t.Error(n, got)
			}
		})
	}
	group.Wait()
	if most.Load() != 1 || made.Load() != 20 || refused.Load() != 5 {
		t.Errorf("%d at once, %d made, %d refused", most.Load(), made.Load(), refused.Load())
	}
	if got := w.get("ann", "/swagger.json"); got.status != 200 {
		t.Error("somebody else:", got)
	}
}

// TestEveryDescriptionIsBounded: each line about the upstream's own description.
func TestEveryDescriptionIsBounded(t *testing.T) {
	w := newWorld(t)
	for n, line := range gateway.Lines() {
		if !line.Upstream || !strings.HasPrefix(line.Path, "/docs/api/") && !strings.HasPrefix(line.Path, "/swagger") {
			continue
		}
		if line.Narrow != "described" {
			t.Error(line.Path)
		}
		if got := w.get("rev", fmt.Sprintf("%s?n=%d", line.Path, n)); got.status != 200 {
			t.Error(line.Path, got)
		}
	}
}
