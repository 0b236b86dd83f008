package main

import (
	"testing"
	"time"
)

// TestWindows: a day is all of it, in UTC or in the zone that is named, and never in
// the machine's; the zero time is refused, because it would bound nothing.
func TestWindows(t *testing.T) {
	for _, c := range []struct{ zone, text, start, end string }{
		{"UTC", "2026-01-31", "2026-01-31T00:00:00Z", "2026-01-31T23:59:59.999999Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z"},
		{"Europe/Berlin", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"},
		{"UTC", "2026-01-31T12:00+0200", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"},
		{"UTC", "0001-01-01", "", ""},
		{"UTC", "0001-01-01T00:00:00Z", "", ""},
		{"UTC", "26-01-31", "", ""},
		{"Local", "2026-01-31", "", ""},
		{"Mars/Olympus", "2026-01-31", "", ""},
		{"Mars/Olympus", "", "", ""},
		{"UTC", "2026-06-30T23:59:60Z", "", ""},
		{"UTC", "0000-01-01", "", ""},
		{"UTC", "10000-01-01", "", ""},
		{"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999Z"},
		{"UTC", "2026-01-31T12:00:00+02", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"},
	} {
		day, err := filterFlags{Zone: c.zone}.window("--active-until", c.text)
		if c.start == "" {
			if err == nil {
				t.Errorf("%s in %s is %v", c.text, c.zone, day)
			}
			continue
		}
		if start, end := day.Start.UTC().Format(time.RFC3339Nano), day.End.UTC().Format(time.RFC3339Nano); err != nil ||
			start != c.start || end != c.end {
			t.Errorf("%s in %s is %s to %s, %v", c.text, c.zone, start, end, err)
		}
	}
}

// TestAddressPhrase: somebody is looked for by what stands before the domain, sign and
// all, so that a short one does not list everybody.
func TestAddressPhrase(t *testing.T) {
	for email, want := range map[string]string{
		"a@example.com": `"a@"`, "Ann.Ng@MÜLLER.example": `"Ann.Ng@"`, "ann": `"ann"`, `"a"@x`: `"""a""@"`,
	} {
		if got := addressPhrase(email); got != want {
			t.Errorf("%s is looked for by %s, want %s", email, got, want)
		}
	}
}
