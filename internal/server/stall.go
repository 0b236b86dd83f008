package server

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// pace is how fast a client has to be. Only the time counts in which the server waits
// for it.
type pace struct {
	// stall is how long a client may send nothing of what it has to say, and take
	// nothing of its answer.
	stall time.Duration
	// arrival is how long what it has to say may take; and a second more for each so many
	// bytes of it as rate says. An answer as a whole may take as long as it needs: files
	// are long. An export's is bounded by app.Config.
	arrival time.Duration
	rate    int64 // bytes in a second
}

// usual is every client's pace.
var usual = pace{stall: time.Minute, arrival: 2 * time.Minute, rate: 16 << 10}

// unstalled cuts off who has stopped sending or reading, or sends a byte at a time:
// connections, and those to the store, would be held by whoever likes to.
func unstalled(p pace, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &unstalling{ResponseWriter: w, conn: http.NewResponseController(w), stall: p.stall}
		to.conn.SetWriteDeadline(time.Time{}) // that of the last answer on this connection
		if r.Body != nil && r.Body != http.NoBody {
			// Or the rest of what nobody reads would be waited for before the answer; for
			// less time than that has itself.
			to.expect(time.Now().Add(p.stall / 2))
			held := *r
			held.Body = &arriving{ReadCloser: r.Body, pace: p, to: to}
			r = &held
		}
		next.ServeHTTP(to, r)
		to.extend() // for what is still in the buffer
		to.leave()
	})
}

// arriving is a request's body, which has to come at a pace.
type arriving struct {
	io.ReadCloser
	pace
	to     *unstalling
	read   int64
	waited time.Duration
}

func (a *arriving) Read(p []byte) (int, error) {
	began := time.Now()
	a.to.expect(began.Add(min(a.stall, a.arrival+time.Duration(a.read/a.rate)*time.Second-a.waited)))
	n, err := a.ReadCloser.Read(p)
	a.read, a.waited = a.read+int64(n), a.waited+time.Since(began)
	if err == io.EOF { // what it waits for now is whether the client hangs up, and that takes any time
		a.to.expect(time.Time{})
	}
	return n, err
}

// unstalling reads and writes with deadlines that begin anew each time.
type unstalling struct {
	http.ResponseWriter
	conn  *http.ResponseController
	stall time.Duration
	mu    sync.Mutex
	// whoever answers has set a deadline, which holds
	readSet, writeSet bool
}

// Write gives each piece the whole time, so that a large answer may be read slowly.
func (w *unstalling) Write(b []byte) (n int, err error) {
	for piece := range slices.Chunk(b, 64<<10) {
		w.extend()
		wrote, err := w.ResponseWriter.Write(piece)
		if n += wrote; err != nil {
			return n, err
		}
	}
	return n, nil
}

// extend fails where there is no connection, as in a handler's test.
func (w *unstalling) extend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.writeSet {
		w.conn.SetWriteDeadline(time.Now().Add(w.stall))
	}
}

// expect says until when the client must have sent more; the zero time: at any time.
func (w *unstalling) expect(by time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.readSet {
		w.conn.SetReadDeadline(by)
	}
}

// leave leaves the connection to the next request on it. Whoever passed a body on may try to
// read more of it once they are answered, and must not give that one a deadline.
func (w *unstalling) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.readSet = true
}

// SetWriteDeadline is for whoever answers, by http.ResponseController: the gate
// ends an answer so, at any moment, and no later piece may begin the time anew.
func (w *unstalling) SetWriteDeadline(at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeSet = true
	return w.conn.SetWriteDeadline(at)
}

// SetReadDeadline is the same for what the client sends.
func (w *unstalling) SetReadDeadline(at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.readSet = true
	return w.conn.SetReadDeadline(at)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (w *unstalling) Unwrap() http.ResponseWriter { return w.ResponseWriter }
