// Package limit says when somebody asks too often. It keeps one moment for
// each of a bounded number of names, and knows no clock but the caller's.
package limit

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Rate is how often something may be done: N times at once, and from then on
// N times per Per, evenly. The zero Rate sets no limit.
type Rate struct {
	N   int
	Per time.Duration
}

var units = map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}

// UnmarshalText reads a rate such as 5/s, 300/min or 20/h; "off" is no limit.
func (r *Rate) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*r = Rate{}
		return nil
	}
	number, unit, _ := strings.Cut(string(text), "/")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 1_000_000 || units[unit] == 0 {
		return fmt.Errorf("%q is not a rate such as 5/s, 300/min, 20/h or off", text)
	}
	*r = Rate{n, units[unit]}
	return nil
}

// String is the rate as UnmarshalText reads it.
func (r Rate) String() string {
	for unit, per := range units {
		if per == r.Per {
			return fmt.Sprintf("%d/%s", r.N, unit)
		}
	}
	return "off"
}

// generation is how many names are remembered at least.
const generation = 50_000

// Limiter holds everybody to one rate, each by their own name. It is safe for
// concurrent use.
type Limiter struct {
	rate Rate
	mu   sync.Mutex
	// The names in two generations: when the younger is full, the older is
	// forgotten. So memory has a bound and nothing ever searches for room, and
	// who floods it with names only makes it more lenient.
	young, old map[string]time.Time
}

// New makes a limiter.
func New(rate Rate) *Limiter { return &Limiter{rate: rate, young: map[string]time.Time{}} }

// Wait is how long name must wait before asking again; 0 lets it through now,
// and counts.
func (l *Limiter) Wait(name string, now time.Time) time.Duration {
	if l.rate.N == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// What is kept is the moment at which everything that was let through would
	// have come by, had it come evenly; it may lie ahead by one Per.
	next := l.young[name]
	if next.IsZero() {
		next = l.old[name]
	}
	if next.Before(now) || next.Sub(now) > l.rate.Per+overtaken { // or the clock went back
		next = now
	}
	next = next.Add(l.rate.Per / time.Duration(l.rate.N))
	if wait := next.Sub(now) - l.rate.Per; wait > 0 {
		return wait
	}
	if len(l.young) >= generation {
		l.young, l.old = map[string]time.Time{}, l.young
	}
	l.young[name] = next
	return 0
}

// overtaken is by how much the clock seems to go back at the most where others, who looked
// at it later, were let through before.
const overtaken = 10 * time.Second

// Refund takes back what one Wait counted, where it turned out not to be meant
// by the rate.
func (l *Limiter) Refund(name string) {
	if l.rate.N == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, kept := range []map[string]time.Time{l.young, l.old} {
		if next, ok := kept[name]; ok {
			kept[name] = next.Add(-l.rate.Per / time.Duration(l.rate.N))
			return
		}
	}
}

// Address is the name of whoever sends from a network address, with or without
// a port. One who has an IPv6 address has a network of them, so that counts.
func Address(remote string) string {
	ip, err := netip.ParseAddr(remote)
	if port, err2 := netip.ParseAddrPort(remote); err2 == nil {
		ip, err = port.Addr(), nil
	}
	if err != nil {
		return remote
	}
	ip = ip.Unmap()
	if ip.Is6() {
		network, _ := ip.WithZone("").Prefix(64)
		return network.String()
	}
	return ip.String()
}
