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
	u := NewUpstream(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}, "a.token", time.Now)
	ctx, hangUp := context.WithCancel(t.Context())
	has := func(context.Context, int64, int64) (bool, error) { hangUp(); return false, nil }
	if _, err := u.oneByOne(ctx, has, []int64{1, 2, 3}, 11); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
