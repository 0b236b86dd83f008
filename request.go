package roster

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Request is the record of one request: who asks for what, what was decided, what it
// changed, and what came of it. Whoever logs, counts or measures requests reads it. It is
// safe for concurrent use.
type Request struct {
	ID    string    // names it in logs and operations
	Began time.Time // by the machine's clock, by which it is measured how long it took

	mu    sync.Mutex
	facts RequestFacts
}

// RequestFacts is what a record knows at one moment.
type RequestFacts struct {
	Actor    Actor  // the zero one unless somebody signed in
	Face     string // what answers it: "api", "scim", "console" or "gate"; "" where nothing does
	Route    string // the pattern it came by, as "GET /projects/{id}/members"; "" where there is none
	Rule     string // the action that the gate's rule asks the policy about; "" without a gate, or a question
	Decision Kind   // why it was refused, or failed; "" where it was answered

	Changed   bool  // it changed something
	Operation int64 // the last record of what it changed; 0: none

	Status int   // of the answer; 0 until that begins
	Bytes  int64 // of the answer's body

	Statements int           // that the store was asked
	Stored     time.Duration // how long they took together, until the first row
}

type requestKey struct{}

// WithRequest returns a context that carries the record of a request.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestIn is the record of the request that ctx is of; one that nobody reads where it
// is of none.
func RequestIn(ctx context.Context) *Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r
	}
	return new(Request)
}

// Note writes into the record. fn must not wait for anything.
func (r *Request) Note(fn func(f *RequestFacts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fn(&r.facts)
}

// By notes the face that answers the request, and the pattern that it came by.
func (r *Request) By(face, route string) {
	r.Note(func(f *RequestFacts) { f.Face, f.Route = face, route })
}

// Facts is what is known by now.
func (r *Request) Facts() (facts RequestFacts) {
	r.Note(func(f *RequestFacts) { facts = *f })
	return facts
}

// MarkDone notes that a change is kept. operation is the record of it; 0: there is none.
func MarkDone(ctx context.Context, operation int64) {
	RequestIn(ctx).Note(func(f *RequestFacts) {
		f.Changed = true
		if operation != 0 {
			f.Operation = operation
		}
	})
}

// Told is err as it is told to whoever asked, which is noted: a failure after something was
// kept under ctx says so, and never that nothing was changed.
func Told(ctx context.Context, err error) error {
	request, kind := RequestIn(ctx), KindOf(err)
	facts := request.Facts()
	unsure := facts.Changed && (kind == Internal || kind == Busy)
	if unsure {
		kind = Unconfirmed
	}
	request.Note(func(f *RequestFacts) { f.Decision = kind })
	if !unsure {
		return err
	}
	told := Error{Kind: Unconfirmed, Err: err}
	if facts.Operation == 0 {
		return told.Says("This may have happened: something was kept before an error came. Look whether it did before " +
			"you try again.")
	}
	return told.Says("This was done, as operation %d, but an error came before the answer. Look at the operation "+
		"instead of trying again.",
		facts.Operation)
}

// Severity is the level at which a failed request is logged. That somebody hung up
// is no error of ours.
func Severity(ctx context.Context, err error) slog.Level {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return slog.LevelDebug
	}
	return slog.LevelError
}
