// Package stage is the order in which the gate decides about a request: it is parsed, then
// identified, located and allowed. Each stage is made of the one before by what decides it,
// and in no other way, and the zero value of each is refused. So what takes an Allowed gets
// nothing that was not decided about.
package stage

import "errors"

// Request is one request on its way. What is known of it when it is parsed embeds it, and
// what is known at every later stage embeds what was known before: all of it lies in one
// piece of memory, and a stage can tell that it is of the same request as the one before.
type Request struct{ _ byte }

func (r *Request) itself() *Request { return r }

// Knowledge is what is known of a request at a stage: a pointer to what embeds a Request.
type Knowledge interface {
	comparable
	itself() *Request
}

// Parsed is a request that can be read in one way only, and the rule that it falls under.
type Parsed[K Knowledge] struct{ known K }

// Identified is a request of which it is known who asks.
type Identified[K Knowledge] struct{ known K }

// Located is a request of which it is known what it is about.
type Located[K Knowledge] struct{ known K }

// Allowed is a request that may go on.
type Allowed[K Knowledge] struct{ known K }

// Parse is the first stage, unless read refuses the request.
func Parse[P Knowledge](known P, read func(P) error) (Parsed[P], error) {
	known, err := pass(known, known, read)
	return Parsed[P]{known}, err
}

// Identify finds out by who of whom a request is.
func Identify[P, I Knowledge](from Parsed[P], known I, who func(I) error) (Identified[I], error) {
	known, err := pass(from.known, known, who)
	return Identified[I]{known}, err
}

// Locate finds out by what what a request is about.
func Locate[I, L Knowledge](from Identified[I], known L, what func(L) error) (Located[L], error) {
	known, err := pass(from.known, known, what)
	return Located[L]{known}, err
}

// Allow lets a request on, unless may refuses it.
func Allow[L, A Knowledge](from Located[L], known A, may func(A) error) (Allowed[A], error) {
	known, err := pass(from.known, known, may)
	return Allowed[A]{known}, err
}

// Open lets a request on whoever asks, and whatever about: open refuses it unless its rule
// says so.
func Open[P, A Knowledge](from Parsed[P], known A, open func(A) error) (Allowed[A], error) {
	known, err := pass(from.known, known, open)
	return Allowed[A]{known}, err
}

// Known is what is known of a request that may go on; an error for the zero value, which
// may not.
func (a Allowed[A]) Known() (A, error) {
	var none A
	if a.known == none {
		return none, errSkipped
	}
	return a.known, nil
}

var errSkipped = errors.New("stage: the request did not pass the stage before")

// pass is what is known at the next stage, or none where the decision was against it, or is
// about another request than the one that passed the stage before.
func pass[F, N Knowledge](from F, known N, decide func(N) error) (none N, _ error) {
	var nothing F
	if from == nothing || known == none || from.itself() != known.itself() {
		return none, errSkipped
	}
	if err := decide(known); err != nil {
		return none, err
	}
	return known, nil
}
