package gateway

import (
	"net/http"

	"roster/internal/gateway/stage"
)

// What passes every stage in turn is forwarded: this compiles.
func inOrder(g *Gate, w http.ResponseWriter, f *flight) error {
	p, err := stage.Parse(&f.parsed)
	if err != nil {
		return err
	}
	who, err := stage.Identify(w, p, &f.identified)
	if err != nil {
		return err
	}
	what, err := stage.Locate(w, who, &f.located)
	if err != nil {
		return err
	}
	allowed, err := stage.Allow(what, f)
	if err != nil {
		return err
	}
	return g.forward(w, allowed)
}
