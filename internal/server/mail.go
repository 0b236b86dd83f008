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
	repeat(ctx, mailEvery, nil, func() bool {
		n, err := a.DeliverMail(ctx, send)
		trouble(ctx, slog.LevelWarn, "could not work on the outbox", err)
		return n > 0 && err == nil
	})
}
