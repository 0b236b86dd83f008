package gateway

import (
	"testing"
	"time"
)

// TestCacheWhenTheClockGoesBack: what is remembered for a minute is not remembered for hours.
func TestCacheWhenTheClockGoesBack(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := newCache[string, int](1, time.Minute)
	c.put("a", 1, now)
	if _, ok := c.get("a", now); !ok {
		t.Error("it was forgotten at once")
	}
	if _, ok := c.get("a", now.Add(-time.Hour)); ok {
		t.Error("it outlives its minute by an hour")
	}
}
