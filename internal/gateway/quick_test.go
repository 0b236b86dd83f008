package gateway

import (
	"net/url"
	"testing"
)

// TestQuickPatterns: what people look for files by passes, and what a machine
// could look for forever does not.
func TestQuickPatterns(t *testing.T) {
	for _, pattern := range []string{
		"", ".*", ".*csv", `.*\.csv$`, `.*\.(jpe?g|png)`, `.*(jpe?g|png|tiff)$`, `^images/.*\.(?:jpg|png)$`, `images/.*/train/.*\.png`,
		`[^/]+\.json`, `\d{4}-\d{2}-\d{2}.*`, "été/.*", `(a|b)?.*`,
	} {
		if !quick(pattern) {
			t.Errorf("%q is refused", pattern)
		}
	}
	for _, pattern := range []string{
		"(a+)+$", "(a|a)*$", "(a*)*b", "((a)*)*", ".*.*.*x", "a?a?a?a?a?a?a?a?a?aaaaaaaaa", "(a?a?a?a?a?a?a?a?a?)aaaaaaaaa", "(a|a|a|a)(a|a|a|a)(a|a|a|a)(a|a|a|a)(a|a|a|a)b",
		"(a{1,20}){1,20}", "(?:a{9}){9}", "a{1,99}a{1,99}a{1,99}", `(\w|\d){20}x`, "(?P<x>a)(?P=x)*", "a|b", "(", "[", string(make([]byte, maxFilePattern+1)),
	} {
		if quick(pattern) {
			t.Errorf("%q passes", pattern)
		}
	}
}

// TestLeadsTo: a hook's address is the upstream's however it is written.
func TestLeadsTo(t *testing.T) {
	here := parsed(t, "http://127.0.0.1:8081")
	for _, text := range []string{
		"http://127.0.0.1:8081/api", "http://localhost:8081/", "HTTP://LOCALHOST.:8081/", "http://[::1]:8081/x", "http://[::ffff:127.0.0.1]:8081/",
		"http://0.0.0.0:8081/", "http://127.1:8081/", "http://2130706433:8081/", "http://0x7f000001:8081/", "http://0177.0.0.1:8081/", " http://a.localhost:8081/",
		"http://user:secret@127.0.0.1:8081/",
	} {
		if !leadsTo(text, here) {
			t.Errorf("%s leads elsewhere", text)
		}
	}
	for _, text := range []string{"", "http://127.0.0.1:8082/", "https://example.com/", "http://cafe.example:8081/", "http://face:8081/"} {
		if leadsTo(text, here) {
			t.Errorf("%s leads here", text)
		}
	}
	if studio := parsed(t, "https://studio.example"); !leadsTo("https://Studio.example:443/api/", studio) || leadsTo("https://studio.example:8443/", studio) {
		t.Error("a port that is not written is not the scheme's own")
	}
}

func parsed(t *testing.T, text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
