package gateway

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"roster"
)

// address is the one reading of a request's address: the segments of its path,
// decoded once, and its query in the order it was written.
type address struct {
	segments []string
	query    query
}

// read gives a request's address its one reading, or refuses it: whatever two
// programs could read differently never gets further.
func read(r *http.Request) (address, error) {
	path, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // absolute form: what a proxy is sent
		path = r.URL.EscapedPath()
	}
	segments, err := readPath(path)
	if err != nil {
		return address{}, err
	}
	q, err := readQuery(rawQuery)
	return address{segments, q}, err
}

// readPath splits an escaped path into decoded segments. A slash at the end
// says nothing: the upstream takes both forms, and gets the one its own route
// has.
func readPath(escaped string) ([]string, error) {
	if !strings.HasPrefix(escaped, "/") {
		return nil, unreadable("path")
	}
	trimmed := strings.TrimSuffix(escaped[1:], "/")
	if trimmed == "" {
		if escaped != "/" {
			return nil, unreadable("path")
		}
		return nil, nil
	}
	segments := strings.Split(trimmed, "/")
	for i, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil || !plain(decoded) || strings.ContainsAny(decoded, `/\;#?`) {
			return nil, unreadable("path")
		}
		if decoded == "" || decoded == "." || decoded == ".." {
			return nil, unreadable("path")
		}
		segments[i] = decoded
	}
	return segments, nil
}

// plain reports whether text is whole UTF-8 without control characters.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func unreadable(what string) error {
	return roster.Errorf(roster.Invalid, "The %s of the address can be read in more than one way. Nothing was done.", what)
}

// query is a query string's parameters, decoded, in order.
type query []parameter

type parameter struct{ name, value string }

// guarded names the parameters that decide what a request is about. Django
// takes the last of several, others the first: they may come once.
var guarded = map[string]bool{
	"project": true, "view": true, "id": true, "task": true, "ids": true, "query": true, "filepath": true, "fileuri": true,
	"d": true, "task__project": true, "project_id": true, "annotation": true, "page": true, "page_size": true,
	"length": true, "start": true, "token": true, "next": true,
	"exportType": true, "export_type": true, "download_resources": true, "ordering": true,
}

// maxParameters is how many parameters an address has: an export names its tasks one by one.
const maxParameters = 100_000

func readQuery(raw string) (query, error) {
	var q query
	if strings.ContainsAny(raw, ";#") {
		return nil, unreadable("query")
	}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || !utf8.ValidString(value) || strings.Contains(value, "\x00") || !plain(name) {
			return nil, unreadable("query")
		}
		if guarded[name] && q.has(name) { // for each of them once more than it may come
			return nil, roster.InvalidField(name, "Comes twice in the address. Nothing was done.")
		}
		if q = append(q, parameter{name, value}); len(q) > maxParameters {
			return nil, roster.Errorf(roster.Invalid, "The address has more than %d parameters. Nothing was done.",
				maxParameters)
		}
	}
	return q, nil
}

// get is a parameter's value; "" when it is not there.
func (q query) get(name string) string {
	for _, p := range q {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

func (q query) has(name string) bool {
	for _, p := range q {
		if p.name == name {
			return true
		}
	}
	return false
}

// without is q less some parameters.
func (q query) without(names ...string) query {
	var out query
next:
	for _, p := range q {
		for _, name := range names {
			if p.name == name {
				continue next
			}
		}
		out = append(out, p)
	}
	return out
}

// with is q with one parameter set.
func (q query) with(name, value string) query {
	return append(q.without(name), parameter{name, value})
}

// encode writes q so that there is one way to read it.
func (q query) encode() string {
	var out strings.Builder
	for i, p := range q {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value))
	}
	return out.String()
}

// escape writes decoded segments as a path.
func escape(segments []string, slash bool) string {
	var out strings.Builder
	for _, segment := range segments {
		out.WriteByte('/')
		out.WriteString(url.PathEscape(segment))
	}
	if slash || len(segments) == 0 {
		out.WriteByte('/')
	}
	return out.String()
}
