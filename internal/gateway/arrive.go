package gateway

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// part is how much more time a body earns that goes on as it comes, in bytes: as much has to
// come in the time that a body has which is read whole.
const part = 1 << 20

// arriving is a body on its way from the client. It has a time to arrive in, from when the
// request came: read by nobody, too, for the server waits for the rest of a small one before
// it answers. It notes when the client is at fault.
type arriving struct {
	io.ReadCloser
	connection *http.ResponseController // where it cannot, the server has a limit of its own
	most       time.Duration

	mu    sync.Mutex
	parts bool  // each of them has that time
	since int64 // bytes of the part
	over  bool  // cut, or broken off, or at its end
	bad   bool
}

// arrive gives the body of a request its time; nil where there is none.
func arrive(w http.ResponseWriter, r *http.Request, most time.Duration) *arriving {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	a := &arriving{ReadCloser: r.Body, connection: http.NewResponseController(w), most: most}
	r.Body = a
	a.connection.SetReadDeadline(time.Now().Add(most))
	return a
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	a.came(int64(n), err)
	return n, err
}

// came counts what came. After the end the connection waits again as long as it likes: for
// the next request, or for who sent this one to hang up.
func (a *arriving) came(n int64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.since += n
	switch {
	case a.over:
	case errors.Is(err, io.EOF):
		a.over = true
		a.connection.SetReadDeadline(time.Time{})
	case err != nil:
		a.over, a.bad = true, !errors.Is(err, http.ErrBodyReadAfterClose)
	case a.parts && a.since >= part:
		a.since = 0
		a.connection.SetReadDeadline(time.Now().Add(a.most))
	}
}

// goesOn gives each part of the body that time, and not the whole.
func (a *arriving) goesOn() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.parts = true
}

// cut waits no longer.
func (a *arriving) cut() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over, a.bad = true, true
	a.connection.SetReadDeadline(time.Now())
}

func (a *arriving) failed() bool {
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bad
}
