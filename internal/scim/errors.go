package scim

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"maps"

	"roster"
)

// answers is this face's one table from kinds of error to HTTP and to the
// scimType of RFC 7644 §3.12.
var answers = map[roster.Kind]struct {
	status   int
	scimType string
}{
	roster.Invalid:     {http.StatusBadRequest, "invalidValue"},
	roster.NotFound:    {http.StatusNotFound, ""},
	roster.Forbidden:   {http.StatusForbidden, ""},
	roster.Unsigned:    {http.StatusUnauthorized, ""},
	roster.NotAllowed:  {http.StatusForbidden, ""},
	roster.Changed:     {http.StatusPreconditionFailed, ""},
	roster.TooLarge:    {http.StatusRequestEntityTooLarge, ""},
	roster.Unsupported: {http.StatusUnsupportedMediaType, ""},
	roster.Exists:      {http.StatusConflict, "uniqueness"},
	roster.TooMany:     {http.StatusTooManyRequests, ""},
	roster.Busy:        {http.StatusServiceUnavailable, ""},
	roster.Unconfirmed: {http.StatusServiceUnavailable, ""},
}

// refusal is an error that only this protocol knows.
type refusal struct {
	status   int
	scimType string
	detail   string
}

func (e *refusal) Error() string { return e.detail }

// invalid refuses a request that does not say what the protocol lets it say.
func invalid(scimType, detail string) error {
	return &refusal{http.StatusBadRequest, scimType, detail}
}

// Fail answers a request with err as this face tells it.
func (api *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	var own *refusal
	var e *roster.Error
	err = roster.Told(r.Context(), err)
	switch {
	case errors.As(err, &own):
		writeError(w, *own)
	case errors.As(err, &e) && answers[e.Kind].status != 0:
		failKnown(w, r, e)
	default:
		slog.Log(r.Context(), roster.Severity(r.Context(), err), "request failed", "request",
			w.Header().Get("X-Request-ID"), "method", r.Method, "path", r.URL.Path, "error", err)
		writeError(w, refusal{http.StatusInternalServerError, "",
			"Something went wrong and nothing was changed. The log has the details under request " +
				w.Header().Get("X-Request-ID") + "."})
	}
}

func failKnown(w http.ResponseWriter, r *http.Request, e *roster.Error) {
	answer := answers[e.Kind]
	switch e.Kind {
	case roster.Unsigned:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case roster.TooMany:
		w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)))
	case roster.Unconfirmed:
		slog.ErrorContext(r.Context(), "not confirmed", "request", w.Header().Get("X-Request-ID"), "path",
			r.URL.Path, "error", e)
		w.Header().Set("Retry-After", "1")
	case roster.Busy:
		w.Header().Set("Retry-After", "1")
	}
	refused := refusal{answer.status, answer.scimType, e.Message}
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		refused.detail = field + ": " + e.Fields[field][0]
		if field == "filter" {
			refused.scimType = "invalidFilter"
		}
	}
	writeError(w, refused)
}

func writeError(w http.ResponseWriter, e refusal) {
	body := map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"status": strconv.Itoa(e.status), "detail": e.detail}
	if e.scimType != "" {
		body["scimType"] = e.scimType
	}
	writeJSON(w, e.status, body)
}
