package gateway

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"
)

// TestHangingUpFindsNothingOut: that nobody waits for the answer any more does not mean
// that there is none.
func TestHangingUpFindsNothingOut(t *testing.T) {
	s := newResolver(NewUpstream(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}, "a.token", time.Now), time.Now)
	ref := reference{kind: "task", id: 11}
	s.absent.put(ref.within(1), struct{}{}, time.Now())
	ctx, hangUp := context.WithCancel(t.Context())
	leaves := func() error { hangUp(); return ctx.Err() }
	if _, err := s.lookThrough(ctx, ref, []int64{1, 2, 3}, leaves); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
