package identity

import (
	"context"

	"roster"
	"roster/internal/core"
)

// MySessions is the actor's that live, the one used last first.
func (a *Identity) MySessions(ctx context.Context) ([]roster.LiveSession, error) {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return nil, err
	}
	list, err := a.db.SessionsOf(ctx, who.UserID, a.Now())
	for i := range list {
		list[i].Current = list[i].ID == who.SessionID
	}
	return list, err
}

// EndMySession ends one of the actor's; NotFound when there is none (any more).
func (a *Identity) EndMySession(ctx context.Context, id int64) error {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return err
	}
	return a.db.EndSessionOf(ctx, who.UserID, id)
}

// EndMyOtherSessions ends all of the actor's but the one they act in.
func (a *Identity) EndMyOtherSessions(ctx context.Context) error {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return err
	}
	return a.db.EndSessionsOf(ctx, who.UserID, who.SessionID)
}
