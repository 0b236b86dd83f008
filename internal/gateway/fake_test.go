package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// fake is a Label Studio as far as the gate is concerned: it reads requests as
// Django does, knows what belongs to which project, and lets everybody do
// everything. It remembers what it was asked, the way it understood it.
type fake struct {
	t    testing.TB
	srv  *httptest.Server
	mu   sync.Mutex
	seen []understood
	// hookSecret is what the gate's hook shows, number 904.
	hookSecret string
	// modelRuns is how often the gate's own questions had models work.
	modelRuns atomic.Int64
	// arriving is told about each request before its body is read, where it is set.
	arriving chan string
	// special answers instead where it is set and returns true.
	special func(w http.ResponseWriter, r *http.Request) bool
	// questioned does for the gate's own questions.
	questioned func(w http.ResponseWriter, r *http.Request) bool
	// first does so before the body is read, whoever asks.
	first func(w http.ResponseWriter, r *http.Request) bool
}

const serviceToken = "service"

func newFake(t testing.TB) *fake {
	f := &fake{t: t}
	f.srv = httptest.NewServer(f)
	t.Cleanup(f.srv.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if arriving := f.arriving; arriving != nil {
		arriving <- r.URL.Path
	}
	f.mu.Lock()
	first := f.first
	f.mu.Unlock()
	if first != nil && first(w, r) {
		return
	}
	u := f.understand(r)
	if _, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); u.user == 0 && token == serviceToken {
		f.mu.Lock()
		questioned := f.questioned
		f.mu.Unlock()
		if questioned == nil || !questioned(w, r) {
			f.lookup(w, r)
		}
		return
	}
	gates := r.URL.Path == "/user/login/" && r.Header.Get("X-Forwarded-For") == "" // its own question
	f.mu.Lock()
	if !gates {
		f.seen = append(f.seen, u)
	}
	special := f.special
	f.mu.Unlock()
	switch {
	case special != nil && special(w, r):
		return
	case gates:
		io.WriteString(w, `<link href="/static/css/main.css" rel="stylesheet"/>`)
		return
	}
	f.answer(w, r, u)
}

// taken returns what it was asked since the last time, in people's names.
func (f *fake) taken() []understood {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.seen
	f.seen = nil
	out := seen[:0:0]
	for _, u := range seen {
		if strings.Trim(u.path, "/") != "api/current-user/whoami" {
			out = append(out, u)
		}
	}
	return out
}

// questioning answers the gate's own questions until the test ends.
func (f *fake) questioning(questioned func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.questioned = questioned
}

func (f *fake) answering(special func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.special = special
}

// stalling begins to answer downloads, and no more: begun once it has, gone
// when whoever asked has hung up.
func (f *fake) stalling() (begun, gone <-chan struct{}) {
	started, left := make(chan struct{}), make(chan struct{})
	f.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/data/") {
			return false
		}
		io.WriteString(rw, "the beginning")
		rw.(http.Flusher).Flush()
		close(started)
		<-r.Context().Done()
		close(left)
		return true
	})
	return started, left
}

func (f *fake) beforeAll(first func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.first = first
}
