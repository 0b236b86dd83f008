package roster

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// Done is what one request has changed, so that a failure after it is not told as
// if nothing had happened. It is safe for concurrent use.
type Done struct {
	mu        sync.Mutex
	changed   bool
	operation int64
}

type doneKey struct{}

// WithDone returns a context in which MarkDone remembers.
func WithDone(ctx context.Context) context.Context {
	return context.WithValue(ctx, doneKey{}, &Done{})
}

// MarkDone remembers that a change is kept. operation is the record of it; 0: there
// is none. Without WithDone it does nothing.
func MarkDone(ctx context.Context, operation int64) {
	d, ok := ctx.Value(doneKey{}).(*Done)
	if !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changed = true
	if operation != 0 {
		d.operation = operation
	}
}

// DoneIn reports whether something was changed under ctx, and the last
// operation that records it; 0: none does.
func DoneIn(ctx context.Context) (operation int64, changed bool) {
	d, ok := ctx.Value(doneKey{}).(*Done)
	if !ok {
		return 0, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.operation, d.changed
}

// Told is err as it is told to whoever asked: a failure after something was kept
// under ctx says so, and never that nothing was changed.
func Told(ctx context.Context, err error) error {
	operation, changed := DoneIn(ctx)
	kind := KindOf(err)
	if !changed || kind != Internal && kind != Busy {
		return err
	}
	told := Error{Kind: Unconfirmed, Err: err}
	if operation == 0 {
		return told.Says("This may have happened: something was kept before an error came. Look whether it did before you try again.")
	}
	return told.Says("This was done, as operation %d, but an error came before the answer. Look at the operation instead of trying again.", operation)
}

// Severity is the level at which a failed request is logged. That somebody hung up
// is no error of ours.
func Severity(ctx context.Context, err error) slog.Level {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return slog.LevelDebug
	}
	return slog.LevelError
}
