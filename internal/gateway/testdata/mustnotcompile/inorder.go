package gateway

import (
	"net/http"

	"roster/internal/gateway/stage"
)

// What passes every stage in turn is forwarded: this compiles.
func inOrder(g *Gate, w http.ResponseWriter, f *flight) error {
	p, err := stage.Parse(&f.parsed, (*parsed).read)
	if err != nil {
		return err
	}
	who, err := stage.Identify(p, &f.identified, func(f *identified) error { return f.identify(w) })
	if err != nil {
		return err
	}
	what, err := stage.Locate(who, &f.located, func(f *located) error { return f.findOut(w) })
	if err != nil {
		return err
	}
	allowed, err := stage.Allow(what, f, (*flight).mayGo)
	if err != nil {
		return err
	}
	return g.forward(w, allowed)
}
