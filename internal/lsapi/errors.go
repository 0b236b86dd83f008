package lsapi

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"roster"
)

// statuses is this face's one table from kinds of error to HTTP. The SDK
// repeats what is answered 409, 429 or 5xx by itself (contract 1.7), so 409 is
// said of nothing but a second personal access token.
var statuses = map[roster.Kind]int{
	roster.Invalid:     http.StatusBadRequest,
	roster.NotFound:    http.StatusNotFound,
	roster.Forbidden:   http.StatusForbidden,
	roster.Unsigned:    http.StatusUnauthorized,
	roster.NotAllowed:  http.StatusMethodNotAllowed,
	roster.Changed:     http.StatusPreconditionFailed,
	roster.KeyReused:   http.StatusUnprocessableEntity,
	roster.TooLarge:    http.StatusRequestEntityTooLarge,
	roster.Unsupported: http.StatusUnsupportedMediaType,
	roster.Exists:      http.StatusConflict,
	roster.TooMany:     http.StatusTooManyRequests,
	roster.Busy:        http.StatusServiceUnavailable,
	roster.Unconfirmed: http.StatusServiceUnavailable,
}

// envelope is the body of every refusal (contract 7).
type envelope struct {
	ID               string              `json:"id"`
	StatusCode       int                 `json:"status_code"`
	Version          string              `json:"version"`
	Detail           string              `json:"detail"`
	ValidationErrors map[string][]string `json:"validation_errors,omitempty"`
	PlanChange       *planChangeJSON     `json:"changed,omitempty"`
	// of POST …/members/, whose wire has it always
	Skipped     *skippedPeople `json:"skipped_user_ids,omitempty"`
	Unconfirmed bool           `json:"unconfirmed,omitempty"` // it may have happened, or did
	ExcInfo     any            `json:"exc_info"`
}

type planChangeJSON struct {
	Known      bool    `json:"plan_known"`
	AddedCount int     `json:"added_count"`
	GoneCount  int     `json:"gone_count"`
	Added      []int64 `json:"added"`
	Gone       []int64 `json:"gone"`
}

// Fail answers a request with err as this face tells it.
func (api *API) Fail(w http.ResponseWriter, r *http.Request, err error) { api.fail(w, r, err) }

func (api *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var e *roster.Error
	if err = roster.Told(r.Context(), err); !errors.As(err, &e) || statuses[e.Kind] == 0 {
		api.failInternally(w, r, err)
		return
	}
	switch e.Kind {
	case roster.Unsigned:
		w.Header().Set("WWW-Authenticate", "Token")
	case roster.TooMany:
		w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)))
	case roster.Busy:
		slog.WarnContext(r.Context(), "busy", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "1")
	case roster.Unconfirmed:
		slog.ErrorContext(r.Context(), "not confirmed", "request", w.Header().Get("X-Request-ID"), "path", r.URL.Path,
			"error", err)
		w.Header().Set("Retry-After", "1")
	case roster.NotAllowed: // the wire answers these without the envelope
		writeJSON(w, statuses[e.Kind], map[string]string{"detail": e.Message})
		return
	}
	body := envelope{Detail: e.Message, ValidationErrors: e.Fields, Unconfirmed: e.Kind == roster.Unconfirmed}
	if change, ok := e.Detail.(*roster.PlanChange); ok {
		body.PlanChange = &planChangeJSON{change.Known, change.AddedCount, change.GoneCount, orEmpty(change.Added),
			orEmpty(change.Gone)}
	}
	if skipped, ok := e.Detail.(skippedPeople); ok {
		body.Skipped = &skipped
	}
	api.envelope(w, statuses[e.Kind], body)
}

// failInternally tells the log everything and the wire only where to look.
func (api *API) failInternally(w http.ResponseWriter, r *http.Request, err error) {
	who, _ := roster.ActorFrom(r.Context())
	slog.Log(r.Context(), roster.Severity(r.Context(), err), "request failed", "request", w.Header().Get("X-Request-ID"),
		"method", r.Method, "path", r.URL.Path, "user", who.UserID, "error", err)
	api.envelope(w, http.StatusInternalServerError, envelope{
		Detail: "Something went wrong and nothing was changed. The log has the details under request " +
			w.Header().Get("X-Request-ID") + ".",
	})
}

func (api *API) envelope(w http.ResponseWriter, status int, e envelope) {
	e.ID, e.StatusCode, e.Version = uuid.NewString(), status, api.version
	writeJSON(w, status, e)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(body) // a client that hung up cannot be told about it
}

// orEmpty makes nil lists [] on the wire.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
