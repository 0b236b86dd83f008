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
	// arrival is how long what it has to say may take, and how long what it is answered;
	// and a second more for each so many bytes as the rate says. So a file may be as long
	// as it is. An export of Roster's own has an end besides (app.Config).
	arrival     time.Duration
	says, takes rate
}

// rate is how many bytes a second.
type rate int64

// usual is every client's pace. Taking is slower than saying, since some take things as
// fast as they are listened to: a recording of speech has 4 KiB in a second.
var usual = pace{stall: time.Minute, arrival: 2 * time.Minute, says: 16 << 10, takes: 4 << 10}

// left is how long a client that has been waited for so long may be waited for now, having
// moved so many bytes at a rate.
func (p pace) left(moved int64, at rate, waited time.Duration) time.Duration {
	return min(p.stall, p.arrival+time.Duration(moved/int64(at))*time.Second-waited)
}

// unstalled cuts off who has stopped sending or reading, or does a byte at a time:
// connections, those to the store and those to an upstream, would be held by whoever likes to.
func unstalled(p pace, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &unstalling{ResponseWriter: w, conn: http.NewResponseController(w), pace: p}
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
	a.to.expect(began.Add(a.left(a.read, a.says, a.waited)))
	n, err := a.ReadCloser.Read(p)
	a.read, a.waited = a.read+int64(n), a.waited+time.Since(began)
	if err == io.EOF { // what it waits for now is whether the client hangs up, and that takes any time
		a.to.expect(time.Time{})
	}
	return n, err
}

// unstalling reads and writes with deadlines that begin anew each time. What it writes has
// to be taken at a pace.
type unstalling struct {
	http.ResponseWriter
	pace
	conn   *http.ResponseController
	wrote  int64
	waited time.Duration // for what was written to be taken
	mu     sync.Mutex
	// whoever answers has set a deadline, which holds
	readSet, writeSet bool
}

// Write gives each piece a time of its own, so that a large answer may be read slowly.
func (w *unstalling) Write(b []byte) (n int, err error) {
	for piece := range slices.Chunk(b, 64<<10) {
		wrote, err := w.taken(func() (int, error) { return w.ResponseWriter.Write(piece) })
		if n += wrote; err != nil {
			return n, err
		}
	}
	return n, nil
}

// FlushError waits for the client as Write does. It is for http.ResponseController.
func (w *unstalling) FlushError() error {
	_, err := w.taken(func() (int, error) { return 0, http.NewResponseController(w.ResponseWriter).Flush() })
	return err
}

// taken has the client take something, within the time that it has for that.
func (w *unstalling) taken(write func() (int, error)) (int, error) {
	began := w.extend()
	n, err := write()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrote, w.waited = w.wrote+int64(n), w.waited+time.Since(began)
	return n, err
}

// extend returns when the time began that the client has from now on. There is no deadline
// where there is no connection, as in a handler's test.
func (w *unstalling) extend() (began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	began = time.Now()
	if !w.writeSet {
		w.conn.SetWriteDeadline(began.Add(w.left(w.wrote, w.takes, w.waited)))
	}
	return began
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
