package lsapi

import (
	"errors"
	"maps"
	"net/http"
	"reflect"

	"roster"
)

// family is the routes that belong together, and what the document says of all of them.
type family struct {
	title, text string
	routes      []route
}

// route is one operation of the wire: how it is reached, what answers it, and what the
// document says of it.
type route struct {
	method, path  string // without a trailing slash; {name} is one segment
	summary, text string
	do            endpoint
	status        int      // of its answer; 0: 200, or 204 where there is nothing to say
	media         string   // of its answer; "": JSON
	answer        string   // what its answer is
	others        []answer // how else it ends, refusals of its own included

	open bool // needs no credential
	// once: it takes an idempotency key, and is done once for each.
	once bool
	// replayed: a client that repeats it without a key is answered as the first time.
	replayed bool
}

// answer is one way an operation ends. like is a value of the type of its body: nil is
// none, or the usual envelope of a refusal.
type answer struct {
	status int
	like   any
	media  string
	text   string
}

// endpoint is a handler with what it takes and what it answers.
type endpoint struct {
	in    reflect.Type
	parts []part
	out   reflect.Type
	run   func(c *call) error
	rule  func(c *call) error // what is asked before a body is read; nil: nothing
}

// nothing is a request that says no more than its path, or an answer without a body.
type nothing = struct{}

// streamed is the answer of a handler that wrote it. T is what it wrote, for the document.
type streamed[T any] struct{}

func (streamed[T]) like() reflect.Type { return reflect.TypeFor[T]() }

// does makes an endpoint of a handler, which gets the request as it is declared, read and
// found right.
func does[In, Out any](do func(*call, In) (Out, error)) endpoint {
	e := endpoint{in: reflect.TypeFor[In](), parts: partsOf(reflect.TypeFor[In]()), out: reflect.TypeFor[Out]()}
	if in, ok := any(*new(In)).(ruled); ok {
		e.rule = in.rule
	}
	wrote, ok := any(*new(Out)).(interface{ like() reflect.Type })
	if ok {
		e.out = wrote.like()
	}
	e.run = func(c *call) error {
		var in In
		if err := c.read(e.parts, &in); err != nil {
			return err
		}
		out, err := do(c, in)
		if err != nil && !(c.route.replayed && roster.KindOf(err) == roster.Unconfirmed) {
			return err
		}
		if wrote == nil {
			c.say(out)
		}
		return err // Unconfirmed: unlessRepeated keeps the answer, which is right if it happened
	}
	return e
}

// say answers with what a handler made.
func (c *call) say(out any) {
	maps.Copy(c.w.Header(), c.head)
	if _, none := out.(nothing); none {
		c.w.WriteHeader(c.route.success())
		return
	}
	writeJSON(c.w, c.route.success(), out)
}

// success is the status of the answer.
func (rt route) success() int {
	switch {
	case rt.status != 0:
		return rt.status
	case rt.do.out == reflect.TypeFor[nothing]():
		return http.StatusNoContent
	}
	return http.StatusOK
}

// bareRefusal is a refusal that the wire says without the envelope (contract 7).
type bareRefusal struct {
	status int
	body   any
}

func (b bareRefusal) Error() string { return http.StatusText(b.status) }

// telling is an endpoint of which tell has the last word about its refusals.
func (e endpoint) telling(tell func(error) error) endpoint {
	run := e.run
	e.run = func(c *call) error { return tell(run(c)) }
	return e
}

// answered runs a route, and writes a bare refusal: it is the answer, and no error.
func (c *call) answered() error {
	err := c.route.do.run(c)
	if refused, ok := errors.AsType[bareRefusal](err); ok {
		writeJSON(c.w, refused.status, refused.body)
		return nil
	}
	return err
}
