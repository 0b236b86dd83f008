package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestOneReading(t *testing.T) {
	for _, target := range []string{
		"/api/projects/1%2f..%2f2/", "/api/projects/1%2F2", "/api/projects/1%5c2", `/api/projects/1\2`,
		"/api/projects/../1", "/api/./projects/1", "/api//projects/1",
		"//api/projects/1", "/api/projects/1/%2e%2e/2", "/api/projects/1%00", "/api/projects/1%0a", "/api/projects/%zz",
		"/api/projects/1;x=2", "/api/projects/1%3bx",
		"/api/projects/1%23", "/api/projects/1%3fproject=2", "/api/projects/%ff", "/api/projects/1//",
		"/api/tasks?project=1&project=2", "/api/tasks?project=1;project=2",
		"/api/tasks?project=%zz", "/api/tasks?project=1%00", "/api/tasks?pro%0aject=1", "/api/tasks?view=1&view=1",
		"/api/tasks?project=1#2",
	} {
		if a, err := read(request(target)); err == nil {
			t.Errorf("%s is read as %+v", target, a)
		}
	}
	for target, want := range map[string][]string{
		"/": nil, "/api/projects/1": {"api", "projects", "1"}, "/api/projects/1/": {"api", "projects", "1"},
		"/data/upload/1/a%20b%C3%A9%2525.png": {"data", "upload", "1", "a bé%25.png"},
	} {
		if a, err := read(request(target)); err != nil || !slices.Equal(a.segments, want) {
			t.Errorf("%s: %q %v", target, a.segments, err)
		}
	}
}

// request is a request with a target as it stood on the wire.
func request(target string) *http.Request {
	return &http.Request{Method: "GET", RequestURI: target, URL: &url.URL{Path: target}, Header: http.Header{}}
}

// FuzzAuthorizedIsDecoded: the segments and the query that the gate decides by
// are the ones that the upstream reads, which decodes a path once, splits it
// at its slashes, and takes the last of several parameters.
func FuzzAuthorizedIsDecoded(f *testing.F) {
	for _, seed := range []string{
		"/api/projects/7/", "/api/projects/7%2f8", "/data/upload/7/a%252fb.png", "/api/tasks?project=7&view=9",
		"/api/tasks?q=%25&x=+%2B", "/static/a b", "/%2e%2e/x", "/x?a=1&a=2", "/a%41?project=%37",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		a, err := read(request(target))
		if err != nil {
			return
		}
		sent := escape(a.segments, true)
		if a.query != nil {
			sent += "?" + a.query.encode()
		}
		path, rawQuery, _ := strings.Cut(sent, "?")
		decoded, err := url.PathUnescape(path)
		if err != nil {
			t.Fatalf("%q: sent %q", target, sent)
		}
		if got := strings.FieldsFunc(decoded, func(r rune) bool { return r == '/' }); !slices.Equal(got, a.segments) {
			t.Fatalf("%q: authorized %q, decoded %q", target, a.segments, got)
		}
		for pair := range strings.SplitSeq(decoded, "/") {
			if pair == "." || pair == ".." {
				t.Fatalf("%q: sent %q", target, sent)
			}
		}
		for name := range guarded {
			values, err := url.ParseQuery(rawQuery)
			if err != nil || len(values[name]) > 1 || values.Get(name) != a.query.get(name) {
				t.Fatalf("%q: authorized %s=%q, sent %q", target, name, a.query.get(name), rawQuery)
			}
		}
		// a request over a real connection carries what was sent
		r, err := http.NewRequest("GET", "http://upstream"+sent, nil)
		if err != nil || r.URL.RequestURI() != sent {
			t.Fatalf("%q: sent %q: %v", target, sent, err)
		}
		if w := httptest.NewRequest("GET", sent, nil); w.URL.Path != decoded {
			t.Fatalf("%q: arrived as %q, not %q", target, w.URL.Path, decoded)
		}
	})
}
