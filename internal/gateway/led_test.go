package gateway_test

import (
	"strings"
	"testing"

	"roster/internal/gateway"
)

// led is how browsers say that another site's page leads here.
var led = [][]string{
	{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"},
	{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"},
	{"Referer", "https://evil.example/page"},
}

// TestNobodyIsSignedOutFromElsewhere: a link of another site leads to a page that asks.
func TestNobodyIsSignedOutFromElsewhere(t *testing.T) {
	w := newWorld(t)
	_, session := w.signIn("ann@example.com", "right")
	cookie := []string{"Cookie", "sessionid=" + session, "Accept", "text/html"}
	for _, header := range led {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			got := w.send("", method, "/logout/", "", append(cookie, header...)...)
			if got.status != 403 || got.header.Get("Set-Cookie") != "" || method == "GET" &&
				!strings.Contains(got.body, `<a href="/logout/">Sign out</a>`) {
				t.Errorf("%s %v: %d %s", method, header, got.status, got.body)
			}
		}
	}
	if got := w.get("", "/api/tasks/11/", cookie[:2]...); got.status != 200 {
		t.Error("still signed in:", got)
	}
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Dest", "document"}, {"Sec-Fetch-Site", "none", "Sec-Fetch-Dest",
			"document"}, {"Referer", w.srv.URL + "/logout/"},
	} {
		_, session := w.signIn("ann@example.com", "right")
		if got := w.get("", "/logout/", append([]string{"Cookie", "sessionid=" + session}, header...)...); got.status != 302 {
			t.Error(header, got)
		}
	}
}

// TestAPIIsNotLedToFromElsewhere: a GET of the upstream's API may make something, so no
// other site has a browser send one with its session, nor one of Roster's own. Pages and files can be linked to.
func TestAPIIsNotLedToFromElsewhere(t *testing.T) {
	w := newWorld(t)
	_, session := w.signIn("owner@example.com", "right")
	cookie := []string{"Cookie", "sessionid=" + session}
	for _, line := range gateway.Lines() {
		if line.Methods[0] != "GET" && line.Methods[0] != "*" {
			continue
		}
		at := target(line)
		for _, header := range led {
			w.fake.taken()
			got := w.get("", at, append(cookie, header...)...)
			reached := len(w.fake.taken()) > 0
			switch {
			case strings.HasPrefix(at, "/api/") && !line.Anonymous && !line.Shut && (reached || got.status != 403):
				t.Errorf("%s %v: %d", at, header, got.status)
			case got.status == 500, at == "/projects/1/data/" && got.status != 200, at == "/" && got.status != 200:
				t.Errorf("%s %v: %d %s", at, header, got.status, got.body)
			}
		}
		if got := w.send("owner", "GET", at, "", led[0]...); got.status == 403 && strings.Contains(got.body, "another site") {
			t.Errorf("%s, with a token: %d %s", at, got.status, got.body)
		}
	}
}
