package roster

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Kind sorts errors by what the person asking can do about them. Each face
// (API, console, gate, command line) has one table from Kind to its own answer.
type Kind string

// The kinds of error. Everything else is internal and says nothing outside.
const (
	Internal    Kind = "internal"
	Invalid     Kind = "invalid"     // the request is malformed; Fields names where
	NotFound    Kind = "not_found"   // absent, or not visible to the actor
	Forbidden   Kind = "forbidden"   // visible, but not permitted
	Unsigned    Kind = "unsigned"    // no or bad credentials
	NotAllowed  Kind = "not_allowed" // this can be done to nobody or not to this target
	Changed     Kind = "changed"     // a precondition (a plan) no longer holds
	KeyReused   Kind = "key_reused"  // an idempotency key came back with another request
	TooLarge    Kind = "too_large"   // the body exceeds the limit
	Unsupported Kind = "unsupported" // the media type cannot be read
	Unmeasured  Kind = "unmeasured"  // the body does not say its length, and has to
	Exists      Kind = "exists"      // there may be one only, and there is one
	TooMany     Kind = "too_many"    // asked for too often; RetryAfter says when again
	Busy        Kind = "busy"        // the store could not take the request, or not in time
	Unconfirmed Kind = "unconfirmed" // it may have happened, or did, and cannot be answered
)

// Error is an error somebody outside should see.
type Error struct {
	Kind    Kind
	Message string              // in English, for people; safe to show
	Key     string              // the format that Message, or that of its one field, was made by; "": Message is it
	Args    []any               // what it was made of
	Fields  map[string][]string // Invalid only: messages by field
	Texts   map[string][]Text   // the same where Key does not say them: of several, or of lines of a file; else nil
	// Detail is, of Changed, a *PlanChange; of Forbidden, the *Pause that says why, where
	// one does; of Unconfirmed, the Operation that may have happened, where it is one.
	Detail     any
	RetryAfter time.Duration // TooMany only
	Err        error         // the cause, never shown
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	for field, messages := range e.Fields {
		return fmt.Sprintf("%s: %s", field, messages[0])
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of the given kind with a formatted message.
func Errorf(kind Kind, format string, args ...any) error {
	return Error{Kind: kind}.Says(format, args...)
}

// Says is e with a formatted message.
func (e Error) Says(format string, args ...any) *Error {
	e.Message, e.Key, e.Args = fmt.Sprintf(format, args...), format, args
	return &e
}

// Text is by what a face in another language finds its own words for a message, and what
// they are about.
func (e *Error) Text() (key string, args []any) { return cmp.Or(e.Key, e.Message), e.Args }

// Said is the message, to be said in any language.
func (e *Error) Said() Text {
	key, args := e.Text()
	said := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case string, int, Text:
			said[i] = v
		case Role:
			said[i] = v.Text()
		case int64: // the number of something, which is never grouped
			said[i] = strconv.FormatInt(v, 10)
		case error:
			said[i] = saidBy(v)
		default:
			said[i] = fmt.Sprint(v)
		}
	}
	return Formatted(Text(key), said...)
}

// saidBy is an error within another.
func saidBy(err error) any {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Said()
	}
	return err.Error()
}

// InvalidField makes an Invalid error about one field.
func InvalidField(field, format string, args ...any) error {
	return &Error{
		Kind:    Invalid,
		Message: "Validation error",
		Fields:  map[string][]string{field: {fmt.Sprintf(format, args...)}},
		Key:     format, Args: args,
	}
}

// KindOf is the kind of err: Internal for nil, and for errors nobody classified.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
