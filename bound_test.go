package roster_test

import (
	"testing"

	"roster"
)

// TestValues: what may be made of a text counts, in the strings of JSON too, and however a
// form spells its commas.
func TestValues(t *testing.T) {
	for text, want := range map[string]int{
		``: 0, `1`: 0, `[1,2,3]`: 3, `[{},{}]`: 4, `{"a":"1,2,3"}`: 3, `{"value":"[{},{}]"}`: 5, `a=1%2C2%2c3&b=4`: 3,
		`a=%2`: 0, `%`: 0,
	} {
		if got := roster.Values(text); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	if got := roster.Fields([]byte(`{"a":[1,2,3],"b:":"{::"}`)); got != 3 {
		t.Errorf("%d objects and fields", got)
	}
}
