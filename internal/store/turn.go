package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"roster"
)

// Whoever changes something of a project holds its row until the transaction ends, and
// others wait for that. They wait here and not in the database, where each of them would
// hold a connection: a change that takes long then holds up its own project only.
//
// A transaction that comes to a lane where another is gives up what it has, waits for
// its turn without a connection, and begins again. So nobody who waits keeps others
// waiting for something else.

// mostWaiting is how many wait for one lane; more are told to come again.
const mostWaiting = 64

// lane is what transactions of this process take turns at: a row that all of them lock,
// or, of the tags and of many people at once, those of an organization.
type lane struct {
	table string
	id    int64
}

// ordered is lanes without repetition, in the one order in which several are waited for.
func ordered(lanes []lane) []lane {
	slices.SortFunc(lanes, func(a, b lane) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.id, b.id)) })
	return slices.Compact(lanes)
}

// takenError is that another transaction is at a lane.
type takenError struct{ lane }

func (e *takenError) Error() string { return fmt.Sprintf("another change is at %s %d", e.table, e.id) }

// turns is who is where. The zero one is of a store whose transactions all take turns.
type turns struct {
	mu     sync.Mutex
	queues map[lane]*queue
}

// queue is a lane that somebody is at: now holds one, and others wait to put another in.
type queue struct {
	now   chan struct{}
	users int // those who wait, and the one who is there
}

// Waiting is how many transactions of this process wait for their turn somewhere.
func (db *DB) Waiting() (n int) {
	if db.turns == nil {
		return 0
	}
	db.turns.mu.Lock()
	defer db.turns.mu.Unlock()
	for _, q := range db.turns.queues {
		n += q.users - 1
	}
	return n
}

// join returns the queue of a lane, with one user more, unless it is too long.
func (t *turns) join(at lane) (*queue, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.queues[at]
	if q == nil {
		q = &queue{now: make(chan struct{}, 1)}
		t.queues[at] = q
	}
	if q.users > mostWaiting {
		return nil, false
	}
	q.users++
	return q, true
}

func (t *turns) leave(at lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.queues[at]
	if q.users--; q.users == 0 {
		delete(t.queues, at)
	}
}

// try takes a lane where nobody is, and waits for nothing.
func (t *turns) try(at lane) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.queues[at] != nil {
		return false
	}
	q := &queue{now: make(chan struct{}, 1), users: 1}
	q.now <- struct{}{}
	t.queues[at] = q
	return true
}

// wait takes a lane when it is its turn.
func (t *turns) wait(ctx context.Context, at lane) error {
	q, ok := t.join(at)
	if !ok {
		return &roster.Error{
			Kind: roster.Busy,
			Message: "Too many other changes of the same project, workspace, people, tags or settings wait already. " +
				"Nothing was changed; try again in a moment.",
		}
	}
	select {
	case q.now <- struct{}{}:
		return nil
	case <-ctx.Done():
		t.leave(at)
		return context.Cause(ctx)
	}
}

func (t *turns) giveBack(at lane) {
	t.mu.Lock()
	<-t.queues[at].now
	t.mu.Unlock()
	t.leave(at)
}

// holding is the lanes of one transaction.
type holding struct {
	turns *turns
	lanes []lane
}

// await takes the lanes that the transaction is known to need.
func (h *holding) await(ctx context.Context, needs []lane) error {
	for _, at := range needs {
		err := h.turns.wait(ctx, at)
		if errors.Is(err, errSlow) { // it was not the store that took so long
			err = errLocked
		}
		if err != nil {
			return err
		}
		h.lanes = append(h.lanes, at)
	}
	return nil
}

func (h *holding) giveBack() {
	for _, at := range h.lanes {
		h.turns.giveBack(at)
	}
}

// turn takes a lane for the transaction, before the row there is locked, or ends it
// where another is there. An engine with one writer needs none of it.
func (db *DB) turn(table string, id int64) error {
	at := lane{table, id}
	if db.turns == nil || db.unit == nil || slices.Contains(db.unit.holding.lanes, at) {
		return nil
	}
	if !db.turns.try(at) {
		return &roster.Error{
			Kind: roster.Busy, Message: "The store is busy with another change. Nothing was changed; try again.",
			Err: &takenError{at},
		}
	}
	db.unit.holding.lanes = append(db.unit.holding.lanes, at)
	return nil
}
