package gateway

import (
	"net/http"

	"roster/internal/gateway/stage"
)

// No stage is left out.
func skip(g *Gate, w http.ResponseWriter, f *flight, p stage.Parsed[*parsed], who stage.Identified[*identified], what stage.Located[*located]) {
	stage.Allow(p, f, (*flight).mayGo)            // ERROR does not match
	stage.Allow(who, f, (*flight).mayGo)          // ERROR does not match
	stage.Locate(p, &f.located, agreed)           // ERROR does not match
	stage.Open(what, f, agreed)                   // ERROR does not match
	stage.Identify(&f.parsed, &f.located, agreed) // ERROR does not match
	g.toUpstream(w, f, p)                         // ERROR cannot use p
	g.toRoster(w, &f.located, p)                  // ERROR cannot use p
}

func agreed[K any](K) error { return nil }
