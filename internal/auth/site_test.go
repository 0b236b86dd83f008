package auth_test

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"

	"roster/internal/auth"
)

// TestOurPagesComeOverTLSToo: where Roster is reached over TLS, a page that came without it
// may be anybody's on the way.
func TestOurPagesComeOverTLSToo(t *testing.T) {
	for _, c := range []struct {
		secure    bool
		page      string
		elsewhere bool
	}{
		// a proxy that nobody trusts may have the TLS
		{false, "http://example.com/a", false}, {false, "https://example.com/a", false},
		{true, "https://example.com/a", false}, {true, "http://example.com/a", true},
		{true, "https://example.com:8443/a", true}, {true, "https://sub.example.com/a", true},
	} {
		for _, name := range []string{"Origin", "Referer"} {
			r := httptest.NewRequest("POST", "http://example.com/", nil)
			r.Header.Set(name, c.page)
			if c.secure {
				r.TLS = &tls.ConnectionState{}
			}
			if auth.FromElsewhere(r) != c.elsewhere {
				t.Errorf("%s %s, over TLS: %v", name, c.page, c.secure)
			}
		}
	}
}
