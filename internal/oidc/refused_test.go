package oidc

import (
	"errors"
	"testing"

	"roster"
)

// TestRefusalsAreSaidInAnyLanguage: a refusal is a whole sentence, with the provider's name
// apart, and says nothing of the cause.
func TestRefusalsAreSaidInAnyLanguage(t *testing.T) {
	p := &Provider{config: Config{Name: "Acme ID"}}
	const did = "%s answered to another sign-in. Nobody was signed in; try again."
	err := p.refused(t.Context(), did, errors.New("wrong nonce"))
	e, ok := errors.AsType[*roster.Error](err)
	if !ok || e.Kind != roster.Forbidden || e.Key != did || len(e.Args) != 1 || e.Args[0] != "Acme ID" ||
		err.Error() != "Acme ID answered to another sign-in. Nobody was signed in; try again." {
		t.Errorf("%#v", err)
	}
}
