package scim_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestJSONInATextIsBounded: some providers send an operation's value as a text of JSON. What
// is made of that counts as what is made of the body.
func TestJSONInATextIsBounded(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		text := `{\"displayName\":\"x\",\"y\":[` + strings.Repeat("{},", 2_000_000) + `{}]}`
		answer := w.send("PATCH", "/scim/v2/Users/1", 1, http.Header{},
			`{"Operations":[{"op":"replace","value":"`+text+`"}]}`)
		if answer.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%d %.200s", answer.Code, answer.Body)
		}
	})
}
