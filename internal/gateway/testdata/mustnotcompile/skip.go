package gateway

import (
	"net/http"

	"roster/internal/gateway/stage"
)

// No stage is left out.
func skip(
	g *Gate, w http.ResponseWriter, f *flight,
	p stage.Parsed[*parsed], who stage.Identified[*identified], what stage.Located[*located],
) {
	stage.Allow(p, f)                // ERROR does not match
	stage.Allow(who, f)              // ERROR does not match
	stage.Locate(w, p, &f.located)   // ERROR does not match
	stage.Open(w, what, f)           // ERROR does not match
	stage.Identify(w, f, &f.located) // ERROR does not match
	g.toUpstream(w, f, p)            // ERROR cannot use p
	g.toRoster(w, &f.located, p)     // ERROR cannot use p
}

// Nothing is decided by what does not decide it.
func decideOtherwise(
	f *flight, w http.ResponseWriter, who stage.Identified[*identified], what stage.Located[*located],
) {
	stage.Allow(what, f, func(*flight) error { return nil }) // ERROR too many arguments
	stage.Allow(what, &f.located)                            // ERROR missing method Allow
	stage.Locate(w, who, &f.identified)                      // ERROR missing method Locate
}
