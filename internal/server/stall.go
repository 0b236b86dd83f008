package server

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// stall is how long whoever asked may take nothing of an answer, or send nothing of a
// request. Both as a whole may take as long as they need: exports and files are long.
const stall = time.Minute

// unstalled cuts off who has stopped reading, or one connection to the store
// after the other would be held by an export that nobody takes; and who has stopped
// sending.
func unstalled(stall time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &unstalling{ResponseWriter: w, conn: http.NewResponseController(w), stall: stall}
		to.conn.SetWriteDeadline(time.Time{}) // that of the last answer on this connection
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = &arriving{r.Body, to}
			to.expect()
			defer to.expect() // what nobody read of it
		}
		next.ServeHTTP(to, r)
		to.extend() // for what is still in the buffer
	})
}

// unstalling writes with a deadline that begins anew each time.
type unstalling struct {
	http.ResponseWriter
	conn  *http.ResponseController
	stall time.Duration
	mu    sync.Mutex
	set   bool // whoever answers has set a deadline, which holds
	whole bool // the request has arrived, or whoever answers has set a deadline for that
}

// arriving is a request's body, each piece of which is waited for anew.
type arriving struct {
	io.ReadCloser
	on *unstalling
}

func (b *arriving) Read(p []byte) (n int, err error) {
	b.on.expect()
	if n, err = b.ReadCloser.Read(p); err == io.EOF {
		b.on.arrived()
	}
	return n, err
}

func (w *unstalling) expect() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.whole {
		w.conn.SetReadDeadline(time.Now().Add(w.stall))
	}
}

// arrived lets the connection wait for as long as the answer takes.
func (w *unstalling) arrived() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.whole {
		w.whole = true
		w.conn.SetReadDeadline(time.Time{})
	}
}

// SetReadDeadline is for whoever answers, as SetWriteDeadline.
func (w *unstalling) SetReadDeadline(at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = true
	return w.conn.SetReadDeadline(at)
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
	if !w.set {
		w.conn.SetWriteDeadline(time.Now().Add(w.stall))
	}
}

// SetWriteDeadline is for whoever answers, by http.ResponseController: the gate
// ends an answer so, at any moment, and no later piece may begin the time anew.
func (w *unstalling) SetWriteDeadline(at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set = true
	return w.conn.SetWriteDeadline(at)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (w *unstalling) Unwrap() http.ResponseWriter { return w.ResponseWriter }
