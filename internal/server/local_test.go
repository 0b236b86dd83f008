package server_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"roster"
	"roster/internal/server"
)

func local(t *testing.T, h http.HandlerFunc, method, body string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://store/api/x/?a=1", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Request-ID", "seven")
	client := http.Client{Transport: server.Local(h, roster.Actor{UserID: 7})}
	return client.Do(r)
}

func TestLocalCarriesTheRequestAndTheAnswer(t *testing.T) {
	answer, err := local(t, func(w http.ResponseWriter, r *http.Request) {
		who, _ := roster.ActorFrom(r.Context())
		body, _ := io.ReadAll(r.Body)
		if who.UserID != 7 || r.RequestURI != "/api/x/?a=1" || r.Host != "store" ||
			r.Header.Get("X-Request-ID") != "seven" || string(body) != "hello" {
			t.Errorf("user %d, %s, host %s, body %q", who.UserID, r.RequestURI, r.Host, body)
		}
		w.Header().Set("Roster-Operation", "3")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("Too-Late", "1")
	}, "POST", "hello")
	if err != nil || answer.StatusCode != http.StatusTeapot || answer.Header.Get("Roster-Operation") != "3" ||
		answer.Header.Get("Too-Late") != "" {
		t.Fatalf("%+v %v", answer, err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || len(body) != 0 {
		t.Errorf("body %q %v", body, err)
	}
}

// TestLocalStreams: the first part of an answer is there before the second is
// written, and a reader that has enough ends the writing.
func TestLocalStreams(t *testing.T) {
	more, ended := make(chan bool), make(chan error, 1)
	answer, err := local(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first")
		<-more
		_, err := io.WriteString(w, "second")
		ended <- err
	}, "GET", "")
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 5)
	if _, err := io.ReadFull(answer.Body, first); err != nil || string(first) != "first" {
		t.Fatalf("%q %v", first, err)
	}
	answer.Body.Close()
	close(more)
	if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the writer saw %v", err)
	}
}

// TestLocalBreaksOff: an answer that is cut in the middle does not look whole.
func TestLocalBreaksOff(t *testing.T) {
	answer, err := local(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		panic(http.ErrAbortHandler)
	}, "GET", "")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err == nil || string(body) != "half" {
		t.Errorf("%q %v", body, err)
	}
	if _, err := local(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "GET",
		""); err == nil {
		t.Error("an answer that never began is no error")
	}
}
