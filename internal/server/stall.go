package server

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// stall is how long whoever asked may take nothing of an answer. An answer as a
// whole may take as long as it needs: exports and files are long.
const stall = time.Minute

// unstalled cuts off who has stopped reading, or one connection to the store
// after the other would be held by an export that nobody takes.
func unstalled(stall time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &unstalling{ResponseWriter: w, conn: http.NewResponseController(w), stall: stall}
		to.conn.SetWriteDeadline(time.Time{}) // that of the last answer on this connection
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
