package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"time"

	"roster/internal/metrics"
)

// lookAgain is how often it is looked whether a certificate has changed, or has to.
const lookAgain = time.Second

// served is a certificate that is shown to clients.
type served struct {
	name  string            // its host, or --tls-cert
	leaf  *x509.Certificate // nil: there is none yet
	ended bool              // it was said that nobody believes it
}

// take has it known which certificate is served now, once each time that it changes, and
// when it has ended.
func (s *served) take(leaf *x509.Certificate, now time.Time) {
	if leaf == nil {
		return
	}
	if s.leaf == nil || !s.leaf.Equal(leaf) {
		s.leaf, s.ended = leaf, false
		metrics.Certified(s.name, leaf.NotBefore, leaf.NotAfter)
		slog.Info("a certificate is in use", "certificate", s.name, "until", leaf.NotAfter)
	}
	if !s.ended && !valid(leaf, now) {
		s.ended = true
		slog.Error("the certificate is not valid now: browsers and programs will refuse this server",
			"certificate", s.name, "from", leaf.NotBefore, "until", leaf.NotAfter)
	}
}

func valid(leaf *x509.Certificate, now time.Time) bool {
	return !now.Before(leaf.NotBefore) && !now.After(leaf.NotAfter)
}

// certificate is a pair of files that somebody else renews. One that has ended is served
// all the same: whoever renews it needs no restart, and each client decides for itself.
type certificate struct {
	cert, key string

	mu     sync.Mutex
	looked time.Time
	read   [2][]byte        // what was in the files then, whether it could be used or not
	failed string           // why they could not be read then; "": they could
	pair   *tls.Certificate // what is served
	next   *tls.Certificate // what the files have instead, and is not valid yet; nil: nothing
	served served
}

// open reads the files for the first time: they have to be a pair.
func (c *certificate) open(now time.Time) error {
	read, err := c.files()
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(read[0], read[1])
	if err != nil {
		return err
	}
	c.looked, c.read, c.pair = now, read, &pair
	c.served.take(pair.Leaf, now)
	return nil
}

// current is the certificate as the files have it. Where they cannot be read, do not fit
// each other yet, or have one that nobody will believe, the one before stays.
func (c *certificate) current(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) >= lookAgain {
		c.looked = now
		c.look(now)
		if c.next != nil && (valid(c.next.Leaf, now) || !valid(c.pair.Leaf, now)) {
			c.pair, c.next = c.next, nil
		}
		c.served.take(c.pair.Leaf, now)
	}
	return c.pair
}

// look reads the files. Their times would not tell: what came to be in two steps may have
// one time for both. It says once what is wrong with what is in them.
func (c *certificate) look(now time.Time) {
	read, err := c.files()
	if err != nil {
		if c.failed != err.Error() {
			c.failed = err.Error()
			c.tellUnusable(err)
		}
		return
	}
	if c.failed == "" && bytes.Equal(read[0], c.read[0]) && bytes.Equal(read[1], c.read[1]) {
		return
	}
	c.failed, c.read, c.next = "", read, nil
	pair, err := tls.X509KeyPair(read[0], read[1])
	if err != nil {
		c.tellUnusable(err)
		return
	}
	c.next = &pair
	if !valid(pair.Leaf, now) && valid(c.pair.Leaf, now) {
		slog.Warn("the new certificate is not valid now; the one before stays", "file", c.cert,
			"from", pair.Leaf.NotBefore, "until", pair.Leaf.NotAfter)
	}
}

func (c *certificate) files() (read [2][]byte, err error) {
	for i, file := range []string{c.cert, c.key} {
		if read[i], err = os.ReadFile(file); err != nil {
			return read, err
		}
	}
	return read, nil
}

func (c *certificate) tellUnusable(err error) {
	slog.Warn("the new certificate cannot be used; the one before stays", "file", c.cert, "error", err)
}

// keepEvery is how often a certificate is looked at where nobody connects.
const keepEvery = time.Minute

// keep has it known when the certificate changes or ends, though nobody connects.
func (c *certificate) keep(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			c.current(now)
		}
	}
}
