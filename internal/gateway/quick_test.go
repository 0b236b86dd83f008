package gateway

import (
	"net/url"
	"strings"
	"testing"
)

// TestQuickPatterns: what people look for files by passes, and what a machine
// could look for forever does not.
func TestQuickPatterns(t *testing.T) {
	for _, pattern := range []string{
		"", ".*", ".*csv", `.*\.csv$`, `.*\.(jpe?g|png)`, `.*(jpe?g|png|tiff)$`, `^images/.*\.(?:jpg|png)$`,
		`images/.*/train/.*\.png`,
		`[^/]+\.json`, `\d{4}-\d{2}-\d{2}.*`, "été/.*", `(a|b)?.*`, `.*/(train|val|test)/.*\.(jpg|jpeg|png|gif|bmp|webp)`,
		`(?i).*\.JPG`,
		`.*\.json|.*\.txt`, `images/(.*)\.jpg`, `([a-zA-Z0-9_]+)/.*\.json`, `^data/\d{1,3}/.*$`, `\d{3,}.*`,
		`^folder/[^/]+/[^/]+/[^/]+\.png`, `.*\((a|b)\)\.png`, `[^_]+_[^.]+\.[^/]+/.*`, `[^.]+\.+jpg`,
	} {
		if !quick(pattern) {
			t.Errorf("%q is refused", pattern)
		}
	}
	for _, pattern := range []string{
		"(a+)+$", "(a|a)*$", "(a*)*b", "((a)*)*", ".*.*.*x", strings.Repeat("a?", 30) + strings.Repeat("a", 30),
		"(" + strings.Repeat("a?", 30) + ")x",
		strings.Repeat("(a|a)", 30) + "b", strings.Repeat("(aa|a)", 25) + "b", strings.Repeat(`([a]|a)`, 25) + "b",
		strings.Repeat(`(A|a)`, 30), strings.Repeat(`(\a|\x07)`, 20),
		"(a{1,20}){1,20}", "(?:a{9}){9}", "a{1,99}a{1,99}a{1,99}a{1,99}", `(\w|\d){20}x`, "(?P<x>a)(?P=x)*", "(", "[",
		"a{,99}a{,99}", "(a|a){,40}x", `(a*)\1*`,
		"(?x)(a|a) *$x", "(?x)(?:a|a|aa) *x", "(?x)(a|a)#\n*x", "(?=a)", "(?i)(?x)a *",
		`(?i).*a?a?a?.*[^\W\d]{99}[^\W\d]{99}[^\W\d]{99}x`,
		`(?i).*a?a?a?.*[b-zа-яa]{99}[b-zа-яa]{99}[b-zа-яa]{99}x`, `.*(a|a)(a|a)(a|a)(a|a).*` +
			strings.Repeat("[a-bd]{9}", 17) + "x",
		`\d[^a]+\d[^a]+\d[^a]+ax`, strings.Repeat("[^a]+a?", 5) + "x", strings.Repeat("[^a]+a*", 2) + "x",
		strings.Repeat("[^a]+a{0,1}", 5) + "x", strings.Repeat(`[^d]+\d`, 5) + "x",
		strings.Repeat("[^a]+a|", 3) + strings.Repeat("[^a]+", 3) + "x", "(?i)" + strings.Repeat("(ſ|s)", 30) + "x",
		strings.Repeat("(é|É)", 30),
		".*a?a?a?a?.*" + strings.Repeat("a{30}", 10) + "x", "[^/]+[^/]+[^/]+x", `\((a|a)*`,
		string(make([]byte, maxFilePattern+1)),
	} {
		if quick(pattern) {
			t.Errorf("%q passes", pattern)
		}
	}
}

// TestLeadsTo: a hook's address is the upstream's however it is written.
func TestLeadsTo(t *testing.T) {
	here := mustParse(t, "http://127.0.0.1:8081")
	for _, text := range []string{
		"http://127.0.0.1:8081/api", "http://localhost:8081/", "HTTP://LOCALHOST.:8081/", "http://[::1]:8081/x",
		"http://[::ffff:127.0.0.1]:8081/",
		"http://0.0.0.0:8081/", "http://127.1:8081/", "http://2130706433:8081/", "http://0x7f000001:8081/",
		"http://0177.0.0.1:8081/", "http://a.localhost:8081/",
		"http://user:secret@127.0.0.1:8081/", "http://127.0.0.1:08081/", "http://[::127.0.0.1]:8081/",
		"http://localhost.localdomain:8081/", "http://127.0.0.1:8081?x=%zz",
	} {
		if at, err := plainURL(text); err != nil || !leadsTo(at, here) {
			t.Errorf("%s leads elsewhere: %v", text, err)
		}
	}
	for _, text := range []string{"http://127.0.0.1:8082/", "https://example.com/", "http://cafe.example:8081/",
		"http://face:8081/", "http://xn--caf-dma.example/a?b=c%20d#e"} {
		if at, err := plainURL(text); err != nil || leadsTo(at, here) {
			t.Errorf("%s leads here: %v", text, err)
		}
	}
	studio := mustParse(t, "https://studio.example")
	if !leadsTo(mustParse(t, "https://Studio.example:443/api/"), studio) ||
		leadsTo(mustParse(t, "https://studio.example:8443/"), studio) {
		t.Error("a port that is not written is not the scheme's own")
	}
	if inside := mustParse(t, "http://10.0.0.5:8081"); !leadsTo(mustParse(t, "http://[::ffff:10.0.0.5]:8081/"), inside) {
		t.Error("a number that is written otherwise is another")
	}
	for _, text := range []string{
		"", "127.0.0.1:8081", "//127.0.0.1:8081/", "http://127.0.0.1:8081/%zz", "\x1fhttp://127.0.0.1:8081/",
		" http://127.0.0.1:8081/", "http://é@127.0.0.1:8081/",
		`http://127.0.0.1:8081\@x.example/`, "http://a%zz@127.0.0.1:8081/", "http://127.0.0.1:8081/#%zz",
		"ftp://127.0.0.1:8081/", "http://١27.0.0.1:8081/", "http://[::1",
	} {
		if at, err := plainURL(text); err == nil {
			t.Errorf("%q is read as %s", text, at)
		}
	}
}

func mustParse(t *testing.T, text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
