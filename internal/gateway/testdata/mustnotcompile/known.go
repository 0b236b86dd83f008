package gateway

import "net/http"

// Nothing is read at a stage that is known at a later one only.
func early(p *parsed, who *identified, what *located) {
	_ = p.caller       // ERROR p.caller undefined
	_ = p.project      // ERROR p.project undefined
	_ = who.project    // ERROR who.project undefined
	_ = who.body       // ERROR who.body undefined
	_ = what.reviews   // ERROR what.reviews undefined
	_ = what.held      // ERROR what.held undefined
	who.authorize()    // ERROR who.authorize undefined
	what.restrict()    // ERROR what.restrict undefined
	what.stillAssigned // ERROR what.stillAssigned undefined
}

// A narrower is what is done, for a request that may go on, and no name.
var (
	_ = at("", "GET", "/").then("tasks")           // ERROR cannot use "tasks"
	_ = at("", "GET", "/").then(narrowNobodyKnows) // ERROR undefined: narrowNobodyKnows
	_ = narrower{before: beforeParsed}             // ERROR cannot use beforeParsed
	_ = self("GET", "/", answerAllowed)            // ERROR cannot use answerAllowed
	_ = ours("/").first(prepareAllowed)            // ERROR cannot use prepareAllowed
)

func beforeParsed(http.ResponseWriter, *parsed) (bool, error) { return false, nil }

func answerAllowed(http.ResponseWriter, *flight) error { return nil }

func prepareAllowed(http.ResponseWriter, *flight) error { return nil }
