package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/rs/cors"

	"roster"
)

// crossOrigin lets the pages of the given origins, and of no others, call the API from a
// browser, with a token. Cookies are never asked for: what a session may do is for Roster's
// own pages alone. Of everything else, and of everybody else's, no other page reads a thing.
func crossOrigin(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	rules := cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
			http.MethodDelete},
		AllowedHeaders: []string{"Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-Match",
			"If-None-Match", "Range", "X-API-Key", "X-Request-ID"},
		ExposedHeaders: []string{"Content-Disposition", "Content-Range", "ETag", "Idempotency-Replayed", "Link",
			"Location", "Retry-After", "Roster-Operation", "WWW-Authenticate", "X-Request-ID"},
		MaxAge: int((10 * time.Minute).Seconds()),
	})
	shared := rules.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api" && !strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			roster.RequestIn(r.Context()).By("api", "preflight")
		}
		shared.ServeHTTP(w, r)
	})
}
