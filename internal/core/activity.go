package core

import (
	"context"
	"slices"
	"sync"
	"time"

	"roster"
	"roster/internal/metrics"
)

// maxWaiting bounds how many activities wait to be written. What comes when so
// many wait is counted and lost: no request waits for its record.
const maxWaiting = 16_384

// waitingActivities is what was asked and is not written yet.
type waitingActivities struct {
	writing sync.Mutex // held by the one who writes, so that the order stays
	mu      sync.Mutex
	list    []roster.Activity
	lost    int
}

// Record has a request written down, soon: nothing here takes time.
func (a *App) Record(activity roster.Activity) {
	if a.Writable() != nil {
		return
	}
	w := a.activities
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.list) >= maxWaiting {
		w.lost++
		metrics.ActivityLost()
		return
	}
	w.list = append(w.list, activity)
}

// writeBatch is how many activities one statement writes, so that nobody else
// who wants to write waits for long.
const writeBatch = 2000

// WriteActivities writes down what waits, and returns how many were lost since
// it was last called. What cannot be written goes on waiting.
func (a *App) WriteActivities(ctx context.Context) (lost int, err error) {
	w := a.activities
	w.writing.Lock()
	defer w.writing.Unlock()
	list, lost := w.look()
	for batch := range slices.Chunk(list, writeBatch) {
		if err := a.db.AddActivities(ctx, batch); err != nil {
			return lost, err
		}
		w.drop(len(batch))
	}
	return lost, nil
}

// look is what waits, and how many were lost since the last look.
func (w *waitingActivities) look() (list []roster.Activity, lost int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost, w.lost = w.lost, 0
	return slices.Clone(w.list), lost
}

// waiting is how many wait.
func (w *waitingActivities) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.list)
}

// drop forgets the first that waited.
func (w *waitingActivities) drop(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = slices.Delete(w.list, 0, n)
}

// ActivityWindow is a stretch of the activity log.
type ActivityWindow struct {
	Activities []roster.Activity
	Matched    int // by the filter
	Total      int
}

// Activities is the part of the organization's activity log that f matches, in
// order, from offset on and at most so many; the newest first unless order
// says otherwise.
func (a *App) Activities(ctx context.Context, f roster.ActivityFilter, order string,
	offset, most int) (out ActivityWindow, err error) {
	a.Asked(ctx, f.ProjectID)
	err = a.View(ctx, func(tx *App) error {
		who, err := tx.May(ctx, ViewActivity)
		if err != nil {
			return err
		}
		if out.Total, err = tx.db.CountActivities(ctx, who.OrganizationID, roster.ActivityFilter{}); err != nil {
			return err
		}
		if out.Matched, err = tx.db.CountActivities(ctx, who.OrganizationID, f); err != nil || offset >= out.Matched {
			return err
		}
		out.Activities, err = tx.db.Activities(ctx, who.OrganizationID, f, order, offset, most)
		return err
	})
	return out, err
}

// forgetBatch is how many activities are forgotten at once, so that nobody who
// wants to write waits for long.
const forgetBatch = 1000

// forgetActivities deletes what is older than a time.
func (a *App) forgetActivities(ctx context.Context, before time.Time) error {
	for {
		if n, err := a.db.ForgetActivities(ctx, before, forgetBatch); err != nil || n == 0 {
			return err
		}
	}
}
