package core

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"roster"
	"roster/internal/store"
)

// question is something that the policy was asked, and answered with yes: an action in
// a project, in a workspace, or in the organization.
type question struct {
	Action    Action `json:"action"`
	Project   int64  `json:"project,omitempty"`
	Workspace int64  `json:"workspace,omitempty"`
}

// questions is what was asked in a transaction whose answer is kept under a key; nil
// where none is.
type questions struct{ list []question }

// granted keeps a question that was answered with yes.
func (q *questions) granted(asked question) {
	if q != nil && !slices.Contains(q.list, asked) {
		q.list = append(q.list, asked)
	}
}

// kept is an answer as it is kept: beside it stand the questions that the work asked,
// which are asked again before the answer is given again. So whoever may not do it any
// more does not get the answer either, whatever the call.
type kept struct {
	Header string      `json:"header"`
	Asked  *[]question `json:"asked"`
}

// clocksApart is by how much the clocks of two servers on one store may differ: a key counts
// for so much longer than it was to be remembered, or it would be new to the one that is ahead
// while it still has to hold.
const clocksApart = time.Hour

// ClaimKey takes one of the actor's idempotency keys, inside the transaction
// that does the work; the answer is not nil when the work was done before.
func (a *App) ClaimKey(ctx context.Context, key string, request []byte) (*store.Answer, error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return nil, err
	}
	recorded, err := a.db.ClaimKey(ctx, who.UserID, key, request, a.Now().Add(-clocksApart), a.Now().Add(a.config.KeyTTL))
	if err != nil || recorded == nil {
		a.asked = &questions{}
		return nil, err
	}
	var k kept
	if json.Unmarshal([]byte(recorded.Header), &k) != nil || k.Asked == nil {
		return nil, roster.Errorf(roster.KeyReused,
			"This Idempotency-Key was used with an earlier version. Nothing was changed; see whether it was done then, "+
				"and use another key.")
	}
	for _, q := range *k.Asked {
		if err := a.askAgain(ctx, q); err != nil {
			return nil, err
		}
	}
	recorded.Header = k.Header
	return recorded, nil
}

// askAgain asks the policy what it was asked before. Where the place is gone for
// everybody, by that very call perhaps, it asks about the action anywhere.
func (a *App) askAgain(ctx context.Context, q question) (err error) {
	gone := func(err error) bool { return roster.KindOf(err) == roster.NotFound }
	switch {
	case q.Project != 0:
		if _, absent := a.db.Project(ctx, q.Project); !gone(absent) {
			_, err = a.MayInProject(ctx, q.Action, q.Project)
			return err
		}
	case q.Workspace != 0:
		if _, absent := a.db.Workspace(ctx, q.Workspace, 0); !gone(absent) {
			_, _, err = a.MayInWorkspace(ctx, q.Action, q.Workspace)
			return err
		}
	}
	_, err = a.May(ctx, q.Action)
	return err
}

// RecordAnswer completes the key with the answer.
func (a *App) RecordAnswer(ctx context.Context, key string, answer store.Answer) error {
	who, err := ActorOf(ctx)
	if err != nil {
		return err
	}
	asked := append([]question{}, a.asked.list...) // an empty list, where nothing was asked
	text, err := json.Marshal(kept{answer.Header, &asked})
	if err != nil {
		return err
	}
	answer.Header = string(text)
	return a.db.RecordAnswer(ctx, who.UserID, key, answer)
}

// Answer is a recorded answer, as the faces see it.
type Answer = store.Answer
