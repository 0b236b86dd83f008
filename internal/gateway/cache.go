package gateway

import (
	"sync"
	"time"
)

// cache remembers a bounded number of things for a bounded time. Nothing in it
// decides access: only who a credential belongs to, and which project a thing
// is part of.
type cache[K comparable, V any] struct {
	mu   sync.Mutex
	most int
	ttl  time.Duration
	held map[K]held[V]
}

type held[V any] struct {
	value V
	until time.Time
}

func newCache[K comparable, V any](most int, ttl time.Duration) *cache[K, V] {
	return &cache[K, V]{most: most, ttl: ttl, held: map[K]held[V]{}}
}

func (c *cache[K, V]) get(key K, now time.Time) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.held[key]
	if !ok || !within(now, h.until, c.ttl) {
		return value, false
	}
	return h.value, true
}

// within reports whether what lives until a moment, and for so long at the most, lives: it
// does not outlive that where the clock goes back.
func within(now, until time.Time, ttl time.Duration) bool {
	return now.Before(until) && until.Sub(now) <= ttl
}

// put remembers a value; when there are too many, any other is forgotten.
func (c *cache[K, V]) put(key K, value V, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.held[key]; !known && len(c.held) >= c.most {
		for other := range c.held {
			delete(c.held, other)
			break
		}
	}
	c.held[key] = held[V]{value, now.Add(c.ttl)}
}

func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, key)
}

func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.held)
}
