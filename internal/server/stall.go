package server

import (
	"net/http"
	"slices"
	"time"
)

// stall is how long whoever asked may take nothing of an answer. An answer as a
// whole may take as long as it needs: exports and files are long.
const stall = time.Minute

// unstalled cuts off who has stopped reading, or one connection to the store
// after the other would be held by an export that nobody takes.
func unstalled(stall time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &unstalling{w, http.NewResponseController(w), stall}
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
func (w *unstalling) extend() { w.conn.SetWriteDeadline(time.Now().Add(w.stall)) }

// Unwrap lets http.ResponseController reach what is beneath.
func (w *unstalling) Unwrap() http.ResponseWriter { return w.ResponseWriter }
