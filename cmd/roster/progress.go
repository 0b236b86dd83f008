package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress shows how far long work is: on a terminal only, and only once it
// has taken a second. Elsewhere it does nothing.
type progress struct {
	out   io.Writer
	what  string
	begun time.Time

	mu          sync.Mutex
	done, total int
	drawn       bool
	stop        chan struct{}
	stopped     sync.WaitGroup
}

// begin starts to show progress of what is being done. The caller ends it.
func (c *console) begin(what string) *progress {
	p := &progress{out: c.stderr, what: what, begun: time.Now(), stop: make(chan struct{})}
	if c.shows {
		p.stopped.Go(p.draw)
	}
	return p
}

// set says how much of the work is done.
func (p *progress) set(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = done, total
}

// end wipes what was shown.
func (p *progress) end() {
	close(p.stop)
	p.stopped.Wait()
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func (p *progress) draw() {
	for tick := time.Tick(200 * time.Millisecond); ; {
		select {
		case <-p.stop:
			return
		case now := <-tick:
			if after := now.Sub(p.begun); after >= time.Second {
				p.drawn = true
				fmt.Fprint(p.out, "\r\x1b[K"+p.line(after))
			}
		}
	}
}

// line is what is shown after some time.
func (p *progress) line(after time.Duration) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	seconds := int(after.Seconds())
	switch {
	case p.total > 0:
		return fmt.Sprintf("%s: %d %%, %d s", p.what, 100*p.done/p.total, seconds)
	case p.done > 0:
		return fmt.Sprintf("%s: %s, %d s", p.what, grouped(p.done), seconds)
	}
	return fmt.Sprintf("%s: %d s", p.what, seconds)
}
