// Package stage is the order in which the gate decides about a request: it is parsed, then
// identified, located and allowed. Each stage is made of the one before, and only where the
// method that decides about it has no error; the zero value of each is refused. So what
// takes an Allowed gets nothing that was not allowed.
package stage

import (
	"errors"
	"net/http"
)

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

// Parse is the first stage, where the request's own Parse has no error.
func Parse[P interface {
	Knowledge
	Parse() error
}](known P) (Parsed[P], error) {
	known, err := pass(known, known, P.Parse)
	return Parsed[P]{known}, err
}

// Identify makes a parsed request an identified one. Its own Identify finds out who asks,
// and may say something about them in the headers of the answer.
func Identify[P Knowledge, I interface {
	Knowledge
	Identify(http.ResponseWriter) error
}](w http.ResponseWriter, from Parsed[P], known I) (Identified[I], error) {
	known, err := pass(from.known, known, func(known I) error { return known.Identify(w) })
	return Identified[I]{known}, err
}

// Locate makes an identified request a located one. Its own Locate finds out what it is
// about, and reads its body for that; who sends too much loses the connection.
func Locate[I Knowledge, L interface {
	Knowledge
	Locate(http.ResponseWriter) error
}](w http.ResponseWriter, from Identified[I], known L) (Located[L], error) {
	known, err := pass(from.known, known, func(known L) error { return known.Locate(w) })
	return Located[L]{known}, err
}

// Allow lets a located request on, where its own Allow has no error.
func Allow[L Knowledge, A interface {
	Knowledge
	Allow() error
}](from Located[L], known A) (Allowed[A], error) {
	known, err := pass(from.known, known, A.Allow)
	return Allowed[A]{known}, err
}

// Open lets a parsed request on, whoever asks, where its own Open says that its rule is one
// for everybody.
func Open[P Knowledge, A interface {
	Knowledge
	Open(http.ResponseWriter) error
}](w http.ResponseWriter, from Parsed[P], known A) (Allowed[A], error) {
	known, err := pass(from.known, known, func(known A) error { return known.Open(w) })
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
