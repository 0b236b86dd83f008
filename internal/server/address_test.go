package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"roster/internal/server"
)

func TestBehindProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
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

// Only a proxy of ours can say that a request came over TLS.
func TestForwardedProto(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for remote, want := range map[string]string{"127.0.0.1:5000": "https", "192.0.2.1:5000": "", "local": ""} {
		got := ""
		h := server.Behind(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("X-Forwarded-Proto") }))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		r.Header.Set("X-Forwarded-Proto", "https")
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("from %s: %q, want %q", remote, got, want)
		}
	}
}
