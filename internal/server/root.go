package server

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"roster"
	"roster/internal/lsapi"
)

// prefixHeader is how a proxy says that it took the beginning off a path.
const prefixHeader = "X-Forwarded-Prefix"

// below serves what lies below root, the path of --url, as if it lay at "/"; all else is
// outside. A path has one reading: as it came; or, where a trusted proxy says that it took
// the root off, as what was left of it. Never both: what has the root twice is not there.
func below(root string, next, outside http.Handler) http.Handler {
	var odd sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := r.Header.Values(prefixHeader)
		r.Header.Del(prefixHeader)
		taken := strings.TrimSuffix(strings.Join(said, ","), "/")
		switch {
		case taken != "" && taken != root:
			odd.Do(func() {
				slog.WarnContext(r.Context(), "a trusted proxy says that it took another path off than --url has; "+
					"links lead below the one of --url", "header", prefixHeader, "said", brief(taken), "url", root)
			})
			if root == "" { // as ever
				next.ServeHTTP(w, r)
				return
			}
			outside.ServeHTTP(w, r)
		case taken == root:
			next.ServeHTTP(w, r)
		default:
			if inner, ok := without(root, r); ok {
				next.ServeHTTP(w, inner)
				return
			}
			outside.ServeHTTP(w, r)
		}
	})
}

// without is a request whose path lies below root, without it. Root is written in one way
// only, letter by letter: an escaped one is another path.
func without(root string, r *http.Request) (*http.Request, bool) {
	path, query, asked := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // absolute form, or made in this process
		path, query, asked = r.URL.EscapedPath(), r.URL.RawQuery, r.URL.RawQuery != ""
	}
	rest, ok := strings.CutPrefix(path, root)
	if !ok || rest != "" && rest[0] != '/' {
		return nil, false
	}
	if rest == "" {
		rest = "/"
	}
	plain, err := url.PathUnescape(rest)
	if err != nil {
		return nil, false
	}
	clone := *r
	clone.URL = &url.URL{Path: plain, RawPath: rest, RawQuery: r.URL.RawQuery}
	if clone.RequestURI = rest; asked {
		clone.RequestURI += "?" + query
	}
	return &clone, true
}

// nothingHere is what is found beside the root.
func nothingHere(api *lsapi.API, root string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.Fail(w, r, roster.Errorf(roster.NotFound, "Nothing is here: this server is found below %s/.", root))
	})
}
