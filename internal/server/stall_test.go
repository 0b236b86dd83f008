package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"roster/internal/server"
)

// TestWhoStopsReadingIsCutOff: a long answer ends when nobody takes it.
func TestWhoStopsReadingIsCutOff(t *testing.T) {
	failed := make(chan error, 1)
	s := httptest.NewServer(server.Unstalled(time.Millisecond, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
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
	answering := server.Unstalled(time.Hour, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	s := httptest.NewServer(server.Unstalled(time.Hour, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
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
