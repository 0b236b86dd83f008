package roster_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"roster"
)

// TestTold: a failure after something was kept never says that nothing was changed.
func TestTold(t *testing.T) {
	busy := roster.Errorf(roster.Busy, "The store does not answer. Nothing was changed; try again in a moment.")
	ctx := roster.WithRequest(t.Context(), new(roster.Request))
	if got := roster.Told(ctx, busy); got != busy {
		t.Error("before:", got)
	}
	roster.MarkDone(ctx, 0)
	for _, err := range []error{busy, errors.New("no such column")} {
		if got := roster.Told(ctx, err); roster.KindOf(got) != roster.Unconfirmed ||
			strings.Contains(got.(*roster.Error).Message, "othing was changed") {
			t.Error(got)
		}
	}
	roster.MarkDone(ctx, 91)
	if got := roster.Told(ctx, busy); !strings.Contains(got.Error(), "as operation 91") {
		t.Error(got)
	}
	refused := roster.Errorf(roster.Forbidden, "Not permitted.")
	if got := roster.Told(ctx, refused); got != refused {
		t.Error("a refusal:", got)
	}
}

// TestHangingUpIsNoError of the server's.
func TestHangingUpIsNoError(t *testing.T) {
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	if roster.Severity(gone, gone.Err()) != slog.LevelDebug ||
		roster.Severity(t.Context(), context.Canceled) != slog.LevelError {
		t.Error("logged as if it were one, or the other way")
	}
}
