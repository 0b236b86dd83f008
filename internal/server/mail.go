package server

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/app"
	"roster/internal/mail"
)

// mailEvery is how often the outbox is looked at.
const mailEvery = 2 * time.Second

// DeliverMail takes what is in the outbox to send, until ctx ends.
func DeliverMail(ctx context.Context, a *app.App, send mail.Sender) {
	for tick := time.Tick(mailEvery); ; {
		n, err := a.DeliverMail(ctx, send)
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "could not work on the outbox", "error", err)
		}
		if n > 0 && err == nil {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}
