package core

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
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
	operation int64     // 0: refused, so that there is nothing to give again
	doubt     error     // nil: it happened; else it may have, and the answer is right if it did
	at        time.Time // by the clock as it is, which knows how much time went by whatever it shows
}

func (r *removal) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// isOver reports whether a removal was answered so long ago. The clock is looked at after
// that: what was answered between the two would seem to be of another time.
func (r *removal) isOver(now func() time.Time, within time.Duration) bool {
	if !r.isDone() {
		return false
	}
	ago := now().Sub(r.at)
	return ago < 0 || ago >= within
}

// Removed answers a request for a bulk removal: by work, or as the same request of the
// same credential was answered within Config.ReplayFor, or is being answered now. That is
// given again while the credential asked for nothing else there since, did nothing there,
// and may still do it. work returns its operation too; 0: it did nothing to be remembered.
// Where nobody knows whether that happened (Unconfirmed), work's answer is the one that is
// right if it did, and is given to the repetition once the store says so.
func (a *App) Removed(ctx context.Context, project int64, request []byte,
	work func() (store.Answer, int64, error)) (answer store.Answer, again bool, err error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return answer, false, err
	}
	from := asker{who.UserID, who.Credential, project}
	if !a.replays(who) {
		answer, _, err = work()
		return answer, false, err
	}
	for {
		r, first := a.removals.enter(from, request, a.config.Now, a.config.ReplayFor)
		if first {
			answer, err = a.removals.carry(from, r, work, a.config.Now)
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
		if r.doubt != nil {
			if err := a.settle(ctx, from, r); err != nil {
				return answer, false, err
			}
			continue
		}
		if same, err := a.stillTheLast(ctx, who, project, r.operation); err != nil || same {
			return r.answer, same, err
		}
		a.removals.forget(from, r)
	}
}

// settle finds out whether a removal happened of which nobody knew, and remembers that; it
// is forgotten where it did not.
func (a *App) settle(ctx context.Context, from asker, r *removal) error {
	var said *roster.Error
	if !errors.As(r.doubt, &said) {
		return r.doubt
	}
	op, known := said.Detail.(roster.Operation)
	if !known {
		return r.doubt
	}
	happened, err := a.db.Confirm(ctx, op)
	switch {
	case err != nil:
		slog.WarnContext(ctx, "the store does not tell whether a removal happened", "operation", op.ID, "error", err)
		later := *r
		later.at = a.config.Now() // and may be asked again
		a.removals.replace(from, r, &later)
		return r.doubt
	case !happened:
		a.removals.forget(from, r)
		return nil
	}
	sure := *r
	sure.doubt, sure.at = nil, a.config.Now() // which is when it is answered first
	a.removals.replace(from, r, &sure)
	return nil
}

// replays reports whether who's requests may be a client's own repetition.
func (a *App) replays(who roster.Actor) bool {
	return a.config.ReplayFor > 0 && (who.Credential == roster.CredentialToken ||
		who.Credential == roster.CredentialPersonal)
}

// stillTheLast reports whether an operation is the credential's last one in a project.
func (a *App) stillTheLast(ctx context.Context, who roster.Actor, project, operation int64) (bool, error) {
	if _, err := a.mayInProject(ctx, ManageMembers, project); err != nil {
		return false, err
	}
	n, err := a.db.CountOperationsSince(ctx, project, who, operation)
	return n == 0, err
}

// Asked notes that the actor asks for something else in some projects, which ends what
// Removed would answer there. What asks MayInProject has said so; this is for a face that
// knows from the address, and for lists that are narrowed to projects.
func (a *App) Asked(ctx context.Context, projects ...int64) {
	who, err := ActorOf(ctx)
	if err != nil || !a.replays(who) {
		return
	}
	for _, project := range projects {
		a.removals.forgetDone(asker{who.UserID, who.Credential, project})
	}
}

// enter is the asker's request of that kind that was answered so long ago at the most, or
// is under way; else a new one, and first.
func (r *removals) enter(from asker, request []byte, now func() time.Time, within time.Duration) (at *removal,
	first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, last := range r.last { // few: each did something within a minute
		if last.isOver(now, within) {
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
func (r *removals) carry(from asker, mine *removal, work func() (store.Answer, int64, error),
	now func() time.Time) (store.Answer, error) {
	defer func() { // also where it panics
		if mine.operation == 0 {
			r.forget(from, mine)
		}
		mine.at = now()
		close(mine.done)
	}()
	answer, operation, err := work()
	if err == nil || roster.KindOf(err) == roster.Unconfirmed {
		mine.answer, mine.operation, mine.doubt = answer, operation, err
	}
	return answer, err
}

// replace puts a removal in the place of another, if that is still remembered.
func (r *removals) replace(from asker, which, by *removal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last[from] == which {
		r.last[from] = by
	}
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
