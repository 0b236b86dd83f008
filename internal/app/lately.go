package app

import (
	"bytes"
	"context"
	"sync"
	"time"

	"roster"
	"roster/internal/store"
)

// removals remembers what was answered to bulk removals without an idempotency key,
// for a moment: a client that did not get the answer sends the request again by itself,
// and must not take whoever was added in between.
type removals struct {
	mu   sync.Mutex
	last map[asker]*removal
}

// asker is a credential at a project. A person has one of each kind that counts here.
type asker struct {
	user       int64
	credential roster.CredentialKind
	project    int64
}

// removal is one request, and what was answered once that is done.
type removal struct {
	request   []byte // its fingerprint
	done      chan struct{}
	answer    store.Answer
	operation int64 // 0: refused, so that there is nothing to give again
	at        time.Time
}

func (r *removal) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Removed answers a request for a bulk removal: by work, or as the same request of the
// same credential was answered within Config.ReplayFor, or is being answered now. That is
// given again while the credential asked for nothing else there since, did nothing there,
// and may still do it. work returns its operation too; 0: it did nothing to be remembered.
func (a *App) Removed(ctx context.Context, project int64, request []byte,
	work func() (store.Answer, int64, error)) (answer store.Answer, again bool, err error) {
	who, err := actor(ctx)
	if err != nil {
		return answer, false, err
	}
	from := asker{who.UserID, who.Credential, project}
	if !a.replays(who) {
		answer, _, err = work()
		return answer, false, err
	}
	for {
		r, first := a.removals.enter(from, request, a.now().Add(-a.config.ReplayFor))
		if first {
			answer, err = a.removals.carry(from, r, work, a.now)
			return answer, false, err
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return answer, false, context.Cause(ctx)
		}
		if r.operation == 0 {
			continue // and the other one is forgotten
		}
		if same, err := a.stillTheLast(ctx, who, project, r.operation); err != nil || same {
			return r.answer, same, err
		}
		a.removals.forget(from, r)
	}
}

// replays reports whether who's requests may be a client's own repetition.
func (a *App) replays(who roster.Actor) bool {
	return a.config.ReplayFor > 0 && (who.Credential == roster.CredentialToken || who.Credential == roster.CredentialPersonal)
}

// stillTheLast reports whether an operation is the credential's last one in a project.
func (a *App) stillTheLast(ctx context.Context, who roster.Actor, project, operation int64) (bool, error) {
	if _, err := a.MayInProject(ctx, ManageMembers, project); err != nil {
		return false, err
	}
	n, err := a.db.CountOperationsSince(ctx, project, who, operation)
	return n == 0, err
}

// Asked notes that the actor asks for something else in a project, which ends what
// Removed would answer.
func (a *App) Asked(ctx context.Context, project int64) {
	who, err := actor(ctx)
	if err != nil || project == 0 {
		return
	}
	a.removals.forgetDone(asker{who.UserID, who.Credential, project})
}

// enter is the asker's request of that kind that was answered after a time, or is under
// way; else a new one, and first.
func (r *removals) enter(from asker, request []byte, after time.Time) (at *removal, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, last := range r.last { // few: each did something within a minute
		if last.isDone() && !last.at.After(after) {
			delete(r.last, other)
		}
	}
	if last := r.last[from]; last != nil && bytes.Equal(last.request, request) {
		return last, false
	}
	at = &removal{request: request, done: make(chan struct{})}
	r.last[from] = at
	return at, true
}

// carry does the work of a request, and lets those in who wait for it.
func (r *removals) carry(from asker, mine *removal, work func() (store.Answer, int64, error), now func() time.Time) (store.Answer, error) {
	defer func() { // also where it panics
		if mine.operation == 0 {
			r.forget(from, mine)
		}
		mine.at = now()
		close(mine.done)
	}()
	answer, operation, err := work()
	if err == nil {
		mine.answer, mine.operation = answer, operation
	}
	return answer, err
}

func (r *removals) forget(from asker, which *removal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last[from] == which {
		delete(r.last, from)
	}
}

func (r *removals) forgetDone(from asker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := r.last[from]; last != nil && last.isDone() {
		delete(r.last, from)
	}
}
