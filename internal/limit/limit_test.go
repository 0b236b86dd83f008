package limit

import (
	"fmt"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// TestRefund: what was taken back does not count, and nobody gains by it.
func TestRefund(t *testing.T) {
	l := New(Rate{2, time.Minute})
	l.Refund("ana") // of nothing
	for range 10 {
		if wait := l.Wait("ana", start); wait != 0 {
			t.Fatalf("waits %v for what was taken back", wait)
		}
		l.Refund("ana")
	}
	for i, want := range []time.Duration{0, 0, 30 * time.Second} {
		if wait := l.Wait("ana", start); wait != want {
			t.Errorf("request %d waits %v, want %v", i, wait, want)
		}
	}
}

func TestABurstAndThenEvenly(t *testing.T) {
	l := New(Rate{3, time.Minute})
	for i := range 3 {
		if wait := l.Wait("ana", start); wait != 0 {
			t.Fatalf("request %d waits %v", i, wait)
		}
	}
	if wait := l.Wait("ana", start); wait != 20*time.Second {
		t.Errorf("the fourth waits %v, want 20s", wait)
	}
	if wait := l.Wait("bo", start); wait != 0 {
		t.Errorf("somebody else waits %v", wait)
	}
	// Being refused costs nothing: after what was said, one goes through, and
	// one only.
	if wait := l.Wait("ana", start.Add(20*time.Second)); wait != 0 {
		t.Errorf("after 20s: waits %v", wait)
	}
	if wait := l.Wait("ana", start.Add(20*time.Second)); wait != 20*time.Second {
		t.Errorf("the next after 20s: waits %v, want 20s", wait)
	}
	// Rest gives a burst back, and no more than one.
	later := start.Add(24 * time.Hour)
	let := 0
	for range 10 {
		if l.Wait("ana", later) == 0 {
			let++
		}
	}
	if let != 3 {
		t.Errorf("after a day %d go through at once, want 3", let)
	}
}

func TestNoRateIsNoLimit(t *testing.T) {
	l := New(Rate{})
	for range 1000 {
		if l.Wait("ana", start) != 0 {
			t.Fatal("limited")
		}
	}
	if len(l.young) != 0 {
		t.Error("it remembers what it does not need")
	}
}

// However many names there are, memory is bounded, and whoever asks meanwhile
// is still known.
func TestManyNames(t *testing.T) {
	l := New(Rate{2, time.Hour})
	for range 2 {
		l.Wait("ana", start)
	}
	for i := range generation {
		l.Wait(fmt.Sprint(i), start)
	}
	if l.Wait("ana", start) == 0 {
		t.Error("ana was forgotten while a generation was young")
	}
	for i := range 3 * generation {
		l.Wait(fmt.Sprint("more", i), start)
	}
	if n := len(l.young) + len(l.old); n > 2*generation {
		t.Errorf("%d names are remembered, want at most %d", n, 2*generation)
	}
}

func TestRateText(t *testing.T) {
	for text, want := range map[string]Rate{"5/s": {5, time.Second}, "300/min": {300, time.Minute},
		"20/h": {20, time.Hour}, "off": {}} {
		r := Rate{1, 1}
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%s: %v %v", text, r, err)
		}
	}
	for _, text := range []string{"", "5", "0/s", "-1/s", "5/day", "x/s", "5/s/s", "9999999999999999999/s", "2000000/s"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for %v", text, r)
		}
	}
}

func TestAddress(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:5123":            "192.0.2.7",
		"192.0.2.7":                 "192.0.2.7",
		"[::ffff:192.0.2.7]:80":     "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1]:80": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":         "fe80::/64",
		"local":                     "local",
	} {
		if got := Address(remote); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

// TestTheClockGoesBack: nobody waits until it is as late as it was.
func TestTheClockGoesBack(t *testing.T) {
	l := New(Rate{3, time.Minute})
	for l.Wait("ana", start.Add(time.Hour)) == 0 {
	}
	if wait := l.Wait("ana", start); wait != 0 {
		t.Errorf("waits %v", wait)
	}
}

// TestOvertakenIsHeld: who looked at the clock before others did, and comes after them, finds
// what they used up.
func TestOvertakenIsHeld(t *testing.T) {
	l := New(Rate{3, time.Minute})
	for l.Wait("ana", start) == 0 {
	}
	if l.Wait("ana", start.Add(-time.Millisecond)) == 0 {
		t.Error("was let through beyond the rate")
	}
}
