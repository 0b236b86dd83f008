package server

import (
	"context"
	"log/slog"
	"time"
)

// repeat does some work now, at every tick and whenever the bell rings, until ctx
// ends. As long as work reports that there may be more, it goes on at once. A nil
// bell never rings.
func repeat(ctx context.Context, every time.Duration, bell <-chan struct{}, work func() (more bool)) {
	for tick := time.Tick(every); ; {
		if work() {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-tick:
		}
	}
}

// trouble logs what went wrong with some work, unless it was ended.
func trouble(ctx context.Context, level slog.Level, what string, err error) {
	if err != nil && ctx.Err() == nil {
		slog.Log(ctx, level, what, "error", err)
	}
}
