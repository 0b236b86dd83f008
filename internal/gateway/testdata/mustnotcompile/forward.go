package gateway

import (
	"net/http"

	"roster/internal/gateway/stage"
)

// What was not allowed is not forwarded, however far it came.
func forwardEarly(
	g *Gate, w http.ResponseWriter, f *flight,
	p stage.Parsed[*parsed], who stage.Identified[*identified],
	what stage.Located[*located], other stage.Allowed[*located],
) {
	g.forward(w, f)     // ERROR cannot use f
	g.forward(w, p)     // ERROR cannot use p
	g.forward(w, who)   // ERROR cannot use who
	g.forward(w, what)  // ERROR cannot use what
	g.forward(w, other) // ERROR cannot use other
	g.send(w, f)        // ERROR cannot use f
	g.send(w, what)     // ERROR cannot use what
}
