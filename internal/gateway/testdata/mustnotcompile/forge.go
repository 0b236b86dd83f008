package gateway

import "roster/internal/gateway/stage"

// Nothing but a stage makes what says that one was passed.
func forge(f *flight, what stage.Located[*located]) {
	_ = stage.Allowed[*flight]{known: f} // ERROR unexported field known
	_ = stage.Allowed[*flight]{f}        // ERROR implicit assignment to unexported field known
	_ = stage.Allowed[*flight](what)     // ERROR cannot convert what
	what.known = &f.located              // ERROR what.known undefined
	var allowed stage.Allowed[*flight]
	allowed.known = f // ERROR allowed.known undefined
}

// impostor is no request, whatever it is called.
type impostor struct{}

func (i *impostor) itself() *stage.Request { return nil }

var _ stage.Allowed[*impostor] // ERROR does not satisfy
