package main

import "testing"

// TestSpans: a duration that would overflow is refused, instead of being a short one.
func TestSpans(t *testing.T) {
	for text, reads := range map[string]bool{"30d": true, "36525d": true, "72h": true, "36526d": false,
		"213504d": false, "9999999999d": false, "0d": false, "-1d": false, "876601h": false, "": false} {
		var s span
		if err := s.UnmarshalText([]byte(text)); (err == nil) != reads {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
}
