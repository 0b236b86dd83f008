package gateway_test

import (
	"slices"
	"strings"
	"testing"

	"roster/internal/core"
)

// TestPagesOfOtherOriginsBeforeTheGate: what a page may read is Roster's to say, of the
// upstream's API, too; what the upstream says of it stays behind. The upstream hears of no
// question that a browser asks ahead.
func TestPagesOfOtherOriginsBeforeTheGate(t *testing.T) {
	const page = "https://app.example.com"
	w := newWorldOf(t, func(c *core.Config) { c.Origins = []string{page} })
	cross := []string{"Origin", page, "Sec-Fetch-Site", "cross-site"}
	w.fake.taken()
	got := w.send("", "OPTIONS", "/api/tasks/11/", "", append(slices.Clone(cross),
		"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,content-type")...)
	if got.status != 204 || got.header.Get("Access-Control-Allow-Origin") != page || len(w.fake.taken()) > 0 {
		t.Errorf("asked ahead: %d %v", got.status, got.header)
	}
	got = w.get("ann", "/api/tasks/11/", cross...)
	if said := got.header.Values("Access-Control-Allow-Origin"); got.status != 200 || !slices.Equal(said, []string{page}) {
		t.Errorf("a task: %d %v", got.status, got.header)
	}
	got = w.get("ann", "/api/tasks/11/", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
	if got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: %d %v", got.status, got.header)
	}
	_, session := w.signIn("ann@example.com", "right")
	got = w.get("", "/api/tasks/11/", append(slices.Clone(cross), "Cookie", "sessionid="+session)...)
	if got.status != 403 || !strings.Contains(got.body, "another site's page") {
		t.Errorf("with a session: %d %s", got.status, got.body)
	}
}
