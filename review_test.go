package roster_test

import (
	"testing"

	"roster"
)

func TestShares(t *testing.T) {
	for text, want := range map[string]string{"0": "0.0000", "1": "1.0000", "0.5": "0.5000", ".25": "0.2500", "1.0": "1.0000", "0.0001": "0.0001", "1.": "1.0000"} {
		if got, ok := roster.ParseShare(text); !ok || got.String() != want {
			t.Errorf("%q is %s, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", ".", "1.0001", "2", "-0.5", "0.00001", "0,5", "00.5", "0.5e1", " 0.5", "+0.5", "0.+5", "NaN"} {
		if got, ok := roster.ParseShare(text); ok {
			t.Errorf("%q is %s", text, got)
		}
	}
}
