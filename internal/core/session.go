package core

import (
	"context"
	"slices"
)

// EndSessionsOf ends people's sessions, because their password changed or they
// may not act any more. The one in which somebody does it themself goes on.
func (a *App) EndSessionsOf(ctx context.Context, users ...int64) error {
	who, err := ActorOf(ctx)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(users), func(id int64) bool { return id == who.UserID })
	if len(others) < len(users) {
		if err := a.db.EndSessionsOf(ctx, who.UserID, who.SessionID); err != nil {
			return err
		}
	}
	return a.db.EndSessions(ctx, others)
}
