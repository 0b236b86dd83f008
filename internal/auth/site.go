package auth

import (
	"net/http"
	"net/url"
)

// FromElsewhere reports whether another site's page has a browser send a request that may
// change something by its method.
func FromElsewhere(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return LedFromElsewhere(r)
}

// LedFromElsewhere reports whether another site's page has a browser send a request, be it by
// a link: the browser adds the session by itself, as it adds no other credential. What the
// browser says of itself counts first (Sec-Fetch-Site), then the page's Origin, then its
// Referer. Who sends none of them is no browser of these years, and is let through: programs
// that come with a session send none.
func LedFromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
	default:
		return true
	}
	for _, name := range []string{"Origin", "Referer"} {
		if page := r.Header.Get(name); page != "" {
			return !ours(r, page)
		}
	}
	return false
}

// ours reports whether an address is one of this server's, as the request reached it. That
// it came over TLS is known of a proxy that is trusted; where not, either scheme is ours.
func ours(r *http.Request, address string) bool {
	page, err := url.Parse(address)
	if err != nil || page.Host != r.Host {
		return false
	}
	return page.Scheme == "https" || page.Scheme == "http" && !Secure(r)
}

// Secure reports whether a request came over TLS, to Roster or to a proxy that it was told
// to trust.
func Secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}
