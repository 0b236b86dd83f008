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

// TestOrigins: an origin is read as browsers say it, and what is none is refused.
func TestOrigins(t *testing.T) {
	for text, want := range map[string]origin{
		"https://app.example.com": "https://app.example.com", "http://localhost:3000": "http://localhost:3000",
		"https://App.Example.com:443": "https://app.example.com", "http://[::1]:3000": "http://[::1]:3000",
		"*": "", "https://*.example.com": "", "https://app.example.com/": "", "https://app.example.com/x": "", "null": "",
		"app.example.com": "", "ftp://app.example.com": "", "https://": "", "https://me@app.example.com": "", "": "",
		"https://app.example.com?x": "",
	} {
		var o origin
		if err := o.UnmarshalText([]byte(text)); o != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, o, err)
		}
	}
}
