package server_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestWhoStopsReadingIsCutOff: a long answer ends when nobody takes it.
func TestWhoStopsReadingIsCutOff(t *testing.T) {
	failed := make(chan error, 1)
	s := httptest.NewServer(server.Unstalled(time.Millisecond, time.Hour,
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					failed <- err
					return
				}
			}
		})))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) { // which never comes, or does
		t.Error(err)
	}
}

// TestTheLastAnswersTimeIsNotTheNexts: a connection that waited for longer than
// an answer may is as good as new, also for telling the client to go on with a
// body, and a large answer arrives whole.
func TestTheLastAnswersTimeIsNotTheNexts(t *testing.T) {
	answering := server.Unstalled(time.Hour, time.Hour, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, err := io.ReadAll(r.Body); err != nil || string(got) != "body" {
			t.Errorf("read %q, %v", got, err)
		}
		io.WriteString(w, strings.Repeat("x", 200_000))
	}))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)) // long ago
		answering.ServeHTTP(w, r)
	}))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second)) // or a failure would be waited for
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
	from := bufio.NewReader(conn)
	if line, err := from.ReadString('\n'); !strings.Contains(line, "100") {
		t.Fatalf("not told to go on: %q, %v", line, err)
	}
	from.ReadString('\n')
	fmt.Fprint(conn, "body")
	answer, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(answer.Body); err != nil || len(got) != 200_000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestADeadlineOfWhoAnswersHolds: the gate cuts what is in flight by one, and
// nothing may go out after that.
func TestADeadlineOfWhoAnswersHolds(t *testing.T) {
	failed := make(chan error, 1)
	s := httptest.NewServer(server.Unstalled(time.Hour, time.Hour,
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
			_, err := w.Write(make([]byte, 1<<20))
			failed <- err
		})))
	defer s.Close()
	if answer, err := s.Client().Get(s.URL); err == nil {
		answer.Body.Close()
	}
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

// TestWhoStopsSendingIsCutOff: who says that a body comes and sends none of it, or a byte
// at a time, holds a connection for a moment only, whichever face it is meant for, and also
// where nobody reads it.
func TestWhoStopsSendingIsCutOff(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	token, err := w.App.Token(t.Context(), w.Owner)
	must(t, err)
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter,
		r *http.Request) {
		io.Copy(io.Discard, r.Body)
	}))
	defer upstream.Close()
	at, err := url.Parse(upstream.URL)
	must(t, err)
	for how, hurry := range map[string][2]time.Duration{"silence": {20 * time.Millisecond, time.Hour},
		"trickle": {time.Hour, 20 * time.Millisecond}} {
		back := server.InAHurry(hurry[0], hurry[1])
		own, gate := server.Handler(w.App, "test"), server.NewFront(w.App, gateway.Config{Upstream: at, Version: "test"})
		back()
		for name, c := range map[string]struct {
			handler http.Handler
			head    string
			unread  bool
		}{
			"api": {
				own, "POST /api/projects/ HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Token " + token, false},
			"api, in chunks": {
				own, "POST /api/projects/ HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: " +
					"chunked\r\nAuthorization: Token " + token, false},
			"provisioning": {
				own, "POST /scim/v2/Users HTTP/1.1\r\nContent-Type: application/scim+json\r\nAuthorization: Bearer " +
					token, false},
			"console": {
				own, "POST /roster/user/login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded", false},
			"gate":              {gate, "POST /api/token/refresh/ HTTP/1.1\r\nContent-Type: application/json", false},
			"gate, as it comes": {gate, "POST /user/login/ HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded", false},
			"nobody's":          {own, "POST /api/projects/ HTTP/1.1", true},
			"what is not there": {own, "POST /nothing HTTP/1.1", true},
		} {
			if c.unread && how == "trickle" {
				continue // the server itself reads it, for as long as it waits for more
			}
			t.Run(name+", "+how, func(t *testing.T) { wantAnswer(t, c.handler, c.head, how == "trickle") })
		}
	}
}

// wantAnswer sends the head of a request whose body does not come, or hardly, and reads
// the answer, which never comes, or does.
func wantAnswer(t *testing.T, handler http.Handler, head string, trickle bool) {
	t.Helper()
	s := httptest.NewServer(handler)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	if !strings.Contains(head, "chunked") {
		head += "\r\nContent-Length: 30000"
	}
	fmt.Fprint(conn, head+"\r\nHost: x\r\n\r\n")
	if trickle {
		go func() {
			part := "x"
			if strings.Contains(head, "chunked") {
				part = "1\r\nx\r\n"
			}
			for tick := time.Tick(time.Millisecond); ; <-tick {
				if _, err := io.WriteString(conn, part); err != nil {
					return
				}
			}
		}()
	}
	conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // or a failure would be waited for
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	if said, _ := io.ReadAll(answer.Body); answer.StatusCode < 400 || answer.StatusCode >= 500 {
		t.Errorf("%s %s", answer.Status, said)
	}
}

// TestWhoSendsSlowlyIsHeard: what came gives the rest more time.
func TestWhoSendsSlowlyIsHeard(t *testing.T) {
	r := httptest.NewRequest("POST", "/", bytes.NewReader(make([]byte, 3<<20)))
	w := &timed{ResponseWriter: httptest.NewRecorder()}
	server.Unstalled(time.Hour, time.Minute, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for part := make([]byte, 1<<20); ; {
			if _, err := io.ReadFull(r.Body, part); err != nil {
				break
			}
		}
	})).ServeHTTP(w, r)
	if n := len(w.by); n < 4 || w.by[n-2].Sub(w.by[1]) < 2*time.Second || !w.by[n-1].IsZero() {
		t.Error(w.by)
	}
}

// TestALateReadIsNobodysDeadline: a proxy reads on in a body after the answer, and the next
// request on that connection has nothing to do with it.
func TestALateReadIsNobodysDeadline(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("a body"))
	w := &timed{ResponseWriter: httptest.NewRecorder()}
	var body io.Reader
	server.Unstalled(time.Hour, time.Minute,
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { body = r.Body })).ServeHTTP(w, r)
	before := len(w.by)
	body.Read(make([]byte, 3))
	if later := w.by[before:]; len(later) > 0 {
		t.Error(later)
	}
}

// timed keeps the deadlines of what is read, and of what is written.
type timed struct {
	http.ResponseWriter
	by, takenBy []time.Time
	flushed     bool
}

func (w *timed) SetWriteDeadline(by time.Time) error {
	if !by.IsZero() { // the last answer's ends
		w.takenBy = append(w.takenBy, by)
	}
	return nil
}

func (w *timed) FlushError() error { w.flushed = true; return nil }

func (w *timed) SetReadDeadline(by time.Time) error { w.by = append(w.by, by); return nil }

// TestExportsEnd: an export has a time, however slowly somebody takes it.
func TestExportsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project := w.Project("Signs", 0)
		a := w.Configured(func(c *core.Config) { c.ExportTimeout = 1 })
		token, err := a.Token(t.Context(), w.Owner)
		must(t, err)
		answer := caller{server.Handler(a, "test"), token}.call("GET",
			fmt.Sprintf("/api/projects/%d/members/export/", project))
		if answer.Code != 503 || answer.Header().Get("Retry-After") == "" ||
			!strings.Contains(answer.Body.String(), "took longer than one may") {
			t.Error(answer.Code, answer.Body)
		}
	})
}

// TestWhoTakesAByteAtATimeIsCutOff: who reads a long answer so slowly that it would never end
// holds a connection for a while only, and a gate's one to the upstream for as long.
func TestWhoTakesAByteAtATimeIsCutOff(t *testing.T) {
	for name, through := range map[string]func(endless http.Handler) http.Handler{
		"an answer": func(endless http.Handler) http.Handler {
			return server.Unstalled(time.Hour, 20*time.Millisecond, endless)
		},
		"a file, through the gate": func(endless http.Handler) http.Handler {
			upstream := httptest.NewServer(endless)
			t.Cleanup(upstream.Close)
			at, err := url.Parse(upstream.URL)
			must(t, err)
			defer server.InAHurry(time.Hour, 20*time.Millisecond)()
			return server.NewFront(apptest.New(t, storetest.SQLite(t)).App, gateway.Config{Upstream: at, Version: "test"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan error, 1)
			s := httptest.NewServer(through(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for {
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						ended <- err
						return
					}
				}
			})))
			defer s.Close()
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			must(t, err)
			defer conn.Close()
			fmt.Fprint(conn, "GET /static/large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
			go takeSlowly(conn)
			select {
			case <-ended:
			case <-time.After(10 * time.Second): // or a failure would be waited for
				t.Error("it goes on")
			}
		})
	}
}

// takeSlowly reads a byte at a time until nothing comes any more.
func takeSlowly(conn net.Conn) {
	for tick := time.Tick(time.Millisecond); ; <-tick {
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			return
		}
	}
}

// TestWhoTakesSlowlyIsServed: what was taken gives the rest more time, and the time that the
// answer itself takes is not the client's.
func TestWhoTakesSlowlyIsServed(t *testing.T) {
	w := &timed{ResponseWriter: discarding{}}
	server.Unstalled(time.Hour, time.Minute, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		part := make([]byte, server.Takes)
		for range 3 {
			w.Write(part)
		}
		for began := time.Now(); time.Since(began) < 5*time.Millisecond; { // until it has something more
		}
		w.Write([]byte("x"))
		http.NewResponseController(w).Flush()
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	first, last := w.takenBy[0], w.takenBy[len(w.takenBy)-1]
	if more := last.Sub(first); more < 3*time.Second+5*time.Millisecond {
		t.Errorf("%v more than at first", more)
	}
	if !w.flushed {
		t.Error("what was to be sent at once waits")
	}
}

// TestASlowLineIsServed: a line that carries 32 kbit in a second carries less of an answer,
// and so much is in a recording of speech, too: each has as long as it takes.
func TestASlowLineIsServed(t *testing.T) {
	for name, perSecond := range map[string]int64{"a line of 32 kbit/s": 3700, "speech of 24 kbit/s": 3000} {
		for _, waited := range []time.Duration{time.Second, time.Hour, 24 * time.Hour} {
			if left := server.Left(perSecond*int64(waited/time.Second), waited); left < time.Minute {
				t.Errorf("%s, after %v: has %v left", name, waited, left)
			}
		}
	}
}

// discarding takes everything at once.
type discarding struct{ http.ResponseWriter }

func (discarding) Header() http.Header         { return http.Header{} }
func (discarding) Write(p []byte) (int, error) { return len(p), nil }
