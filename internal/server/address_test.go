package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

func TestBehindProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("::1/128")}
	for _, try := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:5000", nil, "192.0.2.1:5000"},
		{"192.0.2.1:5000", []string{"203.0.113.9"}, "192.0.2.1:5000"}, // made up: no proxy sent it
		{"127.0.0.1:5000", nil, "127.0.0.1:5000"},
		{"127.0.0.1:5000", []string{"203.0.113.9"}, "203.0.113.9:0"},
		{"[::ffff:127.0.0.1]:5000", []string{"203.0.113.9"}, "203.0.113.9:0"},
		{"[::1]:5000", []string{"2001:db8::7"}, "[2001:db8::7]:0"},
		{"10.1.2.3:5000", []string{"198.51.100.1, 203.0.113.9, 10.9.9.9"}, "203.0.113.9:0"}, // the first is made up
		{"10.1.2.3:5000", []string{"198.51.100.1", "203.0.113.9"}, "203.0.113.9:0"},
		{"10.1.2.3:5000", []string{"203.0.113.9, nonsense"}, "10.1.2.3:5000"},
		{"10.1.2.3:5000", []string{"10.0.0.4"}, "10.0.0.4:0"}, // a client inside
		{"local", []string{"203.0.113.9"}, "local"},
		{"127.0.0.1:5000", []string{"203.0.113.50:51"}, "203.0.113.50:0"},
		{"127.0.0.1:5000", []string{"[2001:db8::1]:443"}, "[2001:db8::1]:0"},
		{"127.0.0.1:5000", []string{"[2001:db8::1]"}, "[2001:db8::1]:0"},
		{"127.0.0.1:5000", []string{`"203.0.113.50:51"`}, "203.0.113.50:0"},
		{"127.0.0.1:5000", []string{"::ffff:203.0.113.50"}, "203.0.113.50:0"},
		{"127.0.0.1:5000", []string{"203.0.113.9,10.1.1.1:8080"}, "203.0.113.9:0"}, // a proxy of ours with its port
		{"127.0.0.1:5000", []string{"unknown"}, "127.0.0.1:5000"},
		{"127.0.0.1:5000", []string{"203.0.113.9:port"}, "127.0.0.1:5000"},
	} {
		got := ""
		h := server.Behind(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = try.remote, try.forwarded
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != try.want {
			t.Errorf("from %s by %q: %s, want %s", try.remote, try.forwarded, got, try.want)
		}
	}
}

// TestForwarded: the standard's own header says the same (RFC 7239).
func TestForwarded(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, try := range []struct{ forwarded, list, want, proto string }{
		{"for=203.0.113.9", "", "203.0.113.9:0", ""},
		{`For="203.0.113.9:47011";proto=https;by=10.0.0.1`, "", "203.0.113.9:0", "https"},
		{`for="[2001:db8:cafe::17]:4711"`, "", "[2001:db8:cafe::17]:0", ""},
		{`for=198.51.100.1, for="203.0.113.9", for=10.0.0.4;proto=HTTPS`, "", "203.0.113.9:0", "https"},
		{`for=203.0.113.9;proto=https, for=10.0.0.4;proto=http`, "", "203.0.113.9:0", ""}, // the nearest one knows
		{`for="203.0.113.9:_port"`, "", "203.0.113.9:0", ""},
		{`for="[2001:db8::1]:443"`, "", "[2001:db8::1]:0", ""},
		{`for=_hidden, for=unknown`, "", "127.0.0.1:5000", ""},
		{`for=203.0.113.9;host="a,b;for=198.51.100.1"`, "", "203.0.113.9:0", ""},
		{`for="203.0.113.9`, "", "203.0.113.9:0", ""},
		{"proto=https", "203.0.113.9", "203.0.113.9:0", "https"},
		{"for=203.0.113.9", "203.0.113.9:80", "203.0.113.9:0", ""},
		{"for=198.51.100.1", "203.0.113.9", "127.0.0.1:5000", ""}, // one is the client's own, and nobody can tell which
		{"for=198.51.100.1", "nonsense", "127.0.0.1:5000", ""},
	} {
		address, proto := "", ""
		h := server.Behind(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			address, proto = r.RemoteAddr, r.Header.Get("X-Forwarded-Proto")
		}))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "127.0.0.1:5000"
		r.Header.Set("Forwarded", try.forwarded)
		if try.list != "" {
			r.Header.Set("X-Forwarded-For", try.list)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if address != try.want || proto != try.proto {
			t.Errorf("%s beside %q: %s %q, want %s %q", try.forwarded, try.list, address, proto, try.want, try.proto)
		}
	}
}

// TestUnclearProxiesAreLogged: all of a proxy's clients counting as one is for the
// operator to know.
func TestUnclearProxiesAreLogged(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	h := server.Behind([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, http.NotFoundHandler())
	for list, logged := range map[string]bool{"203.0.113.9": false, "nonsense": true} {
		log.Reset()
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "127.0.0.1:5000"
		r.Header.Set("X-Forwarded-For", list)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if strings.Contains(log.String(), list) != logged {
			t.Errorf("%s: %q", list, log.String())
		}
	}
}

// Only a proxy of ours can say that a request came over TLS.
func TestForwardedProto(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for remote, want := range map[string]string{"127.0.0.1:5000": "https", "192.0.2.1:5000": "", "local": ""} {
		got := ""
		h := server.Behind(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = r.Header.Get("X-Forwarded-Proto")
		}))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		r.Header.Set("X-Forwarded-Proto", "https")
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("from %s: %q, want %q", remote, got, want)
		}
	}
}

// TestOneGuesserLocksNobodyElseOut: behind a proxy that writes ports, 21 wrong passwords of
// one client are that client's, whatever its port, and the next client signs in.
func TestOneGuesserLocksNobodyElseOut(t *testing.T) {
	storetest.Long(t)
	w := apptest.New(t, storetest.SQLite(t))
	h := server.Behind([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, server.Handler(w.App, "test"))
	guess := func(from string) int {
		r := httptest.NewRequest("POST", "/user/login/", strings.NewReader("email=owner%40example.com&password=guess"))
		r.RemoteAddr = "127.0.0.1:5000"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Forwarded-For", from)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		return answer.Code
	}
	for i := range 20 {
		if code := guess(fmt.Sprintf("203.0.113.50:%d", 51+i)); code != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i+1, code)
		}
	}
	for from, want := range map[string]int{"203.0.113.50:51": http.StatusTooManyRequests,
		"[2001:db8::1]:443": http.StatusUnauthorized, "203.0.113.51:51": http.StatusUnauthorized} {
		if code := guess(from); code != want {
			t.Errorf("from %s: %d, want %d", from, code, want)
		}
	}
}
