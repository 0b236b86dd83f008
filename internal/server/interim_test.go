package server_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/gateway"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// TestWhoWaitsToBeToldToGoOn is told so by the gate alone, and gets one answer, with its
// request's id: what the upstream says before and after its answer is nobody's.
func TestWhoWaitsToBeToldToGoOn(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Set-Cookie", "sessionid=secret")
		w.Header().Set("Link", "</static/a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Set-Cookie")
		w.Header().Del("Link")
		w.Header().Set("Trailer", "Sessionid")
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, "a page")
		w.Header().Set("Sessionid", "secret")
		w.Header().Set(http.TrailerPrefix+"Csrftoken", "secret")
	}))
	defer upstream.Close()
	at, err := url.Parse(upstream.URL)
	must(t, err)
	s := httptest.NewServer(server.NewFront(apptest.New(t, storetest.SQLite(t)).App,
		gateway.Config{Upstream: at, Version: "test"}))
	defer s.Close()
	interim := 0
	for _, expects := range []string{"", "100-continue"} {
		r, err := http.NewRequest("POST", s.URL+"/user/login/", strings.NewReader("email=ana%40example.com&password=x"))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Request-ID", "seven")
		if expects != "" {
			r.Header.Set("Expect", expects)
		}
		r = r.WithContext(counting1xx(r.Context(), &interim))
		answer, err := s.Client().Do(r)
		must(t, err)
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if len(answer.Trailer) > 0 {
			t.Errorf("after the answer the upstream said %v", answer.Trailer)
		}
		if answer.StatusCode != 200 || answer.Header.Get("X-Request-ID") != "seven" ||
			answer.Header.Get("Set-Cookie") != "" || answer.Header.Get("Link") != "" {
			t.Errorf("expects %q: %s %v", expects, answer.Status, answer.Header)
		}
	}
	if interim > 0 {
		t.Errorf("the upstream spoke %d times before its answer", interim)
	}
}

// counting1xx counts what an upstream says before it answers.
func counting1xx(ctx context.Context, n *int) context.Context {
	return httptrace.WithClientTrace(ctx,
		&httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			if code != http.StatusContinue {
				*n++
			}
			return nil
		}})
}
