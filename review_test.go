package roster_test

import (
	"testing"

	"roster"
)

func TestShares(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0.0000", "1": "1.0000", "0.5": "0.5000", ".25": "0.2500", "1.0": "1.0000", "0.0001": "0.0001",
		"1.": "1.0000", "1e-1": "0.1000", "1E-4": "0.0001", "5e-1": "0.5000", "10e-1": "1.0000",
		"0.01e+2": "1.0000", "0e99": "0.0000", "0.50000": "0.5000", "100e-2": "1.0000",
	} {
		if got, ok := roster.ParseShare(text); !ok || got.String() != want {
			t.Errorf("%q is %s, %v", text, got, ok)
		}
	}
	for _, text := range []string{
		"", ".", "1.0001", "2", "-0.5", "0.00001", "1e-5", "1e-05", "1e1", "1e99", "1e999999999", "e-1", "1e",
		"0x1p-1", "1/2", "1_0e-1", "0,5", "00.5", "0.5e1", " 0.5", "+0.5", "0.+5", "NaN",
	} {
		if got, ok := roster.ParseShare(text); ok {
			t.Errorf("%q is %s", text, got)
		}
	}
}
