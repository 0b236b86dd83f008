package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

const page = "https://app.example.com"

// from is a request that a browser sends for a page of an origin.
func from(origin, method, target string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Origin", origin)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func answered(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// TestPagesOfOtherOrigins: those that are named call the API with a token, and read what
// scripts need of the answer; no other page, no other part of Roster, and never a session.
func TestPagesOfOtherOrigins(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	a := w.Configured(func(c *core.Config) { c.Origins = []string{page, "http://localhost:3000"} })
	token, err := a.Token(t.Context(), w.Owner)
	must(t, err)
	h := server.Handler(a, "test")

	asks := []string{"Access-Control-Request-Method", "DELETE",
		"Access-Control-Request-Headers", "authorization,content-type,idempotency-key,if-match"}
	ahead := answered(h, from(page, "OPTIONS", "/api/projects/1/members/bulk/?all=true", asks...))
	if ahead.StatusCode != 204 || ahead.Header.Get("Access-Control-Allow-Origin") != page ||
		ahead.Header.Get("Access-Control-Allow-Methods") != "DELETE" ||
		!strings.Contains(ahead.Header.Get("Access-Control-Allow-Headers"), "if-match") {
		t.Errorf("asked ahead: %d %v", ahead.StatusCode, ahead.Header)
	}
	got := answered(h, from(page, "GET", "/api/projects/", "Authorization", "Token "+token))
	if got.StatusCode != 200 || got.Header.Get("Access-Control-Allow-Origin") != page ||
		!strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), "Roster-Operation") {
		t.Errorf("called: %d %v", got.StatusCode, got.Header)
	}
	refused := answered(h, from(page, "GET", "/api/projects/", "Authorization", "Token wrong"))
	if refused.StatusCode != 401 || refused.Header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("the page cannot read why it is refused: %d %v", refused.StatusCode, refused.Header)
	}
	for name, r := range map[string]*http.Request{
		"another origin":       from("https://evil.example", "GET", "/api/projects/", "Authorization", "Token "+token),
		"asking ahead for it":  from("https://evil.example", "OPTIONS", "/api/projects/", asks...),
		"one that begins so":   from(page+".evil.example", "GET", "/api/projects/", "Authorization", "Token "+token),
		"another scheme":       from("http://app.example.com", "GET", "/api/projects/", "Authorization", "Token "+token),
		"another port":         from(page+":8443", "GET", "/api/projects/", "Authorization", "Token "+token),
		"no origin to name":    from("null", "GET", "/api/projects/", "Authorization", "Token "+token),
		"a page":               from(page, "GET", "/user/login"),
		"a provider's API":     from(page, "OPTIONS", "/scim/v2/Users", asks...),
		"what is no API":       from(page, "GET", "/apis"),
		"its state":            from(page, "GET", "/health"),
		"a header of its own":  from(page, "OPTIONS", "/api/projects/", asks[0], asks[1], asks[2], "x-forwarded-for"),
		"a method of its own":  from(page, "OPTIONS", "/api/projects/", asks[0], "TRACE"),
		"a path that has dots": from(page, "GET", "/x/../api/projects/"),
	} {
		if got := answered(h, r); got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", name, got.StatusCode, got.Header)
		}
	}
	for _, r := range []*http.Request{from(page, "GET", "/api/projects/"),
		from(page, "OPTIONS", "/api/projects/", asks...),
		from("https://evil.example", "GET", "/api/projects/")} {
		got := answered(h, r)
		if got.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("a session may be used: %v", got.Header)
		}
		if !strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Origin") {
			t.Errorf("a cache may give it to another origin: %v", got.Header)
		}
	}
	if got := answered(server.Handler(w.App, "test"),
		from(page, "OPTIONS", "/api/projects/", asks...)); got.StatusCode == 204 ||
		got.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("nobody is named, and it is %d %v", got.StatusCode, got.Header)
	}
}
