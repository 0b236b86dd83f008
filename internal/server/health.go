package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

// condition is what is said of health, to whoever asks.
type condition struct {
	Status string `json:"status"`           // UP or DOWN
	Failed string `json:"failed,omitempty"` // the part that is not as it should be, where it is one of several
	Detail string `json:"detail,omitempty"` // the same in words; the log says why
	// Upstream is how the Label Studio behind a gate is doing, UP or DOWN. Nobody is less
	// ready for it: all gates have the same one, and Roster's own API and pages go on.
	Upstream string `json:"upstream,omitempty"`
}

const (
	up   = "UP"
	down = "DOWN"
)

// draining is the part that a server is which is about to stop.
const draining = "draining"

// failures is the words for each part.
var failures = map[string]string{
	draining:        "The server is about to stop.",
	core.PartStore:  "The store does not answer.",
	core.PartSchema: "The store's schema is not the one that this Roster works with.",
	core.PartWrites: "The store takes nothing that is written: it can be read only.",
}

// health says whether something is as it should be: to whoever asks, and no more.
func health(check func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		is := condition{Status: up}
		if err := check(r.Context()); err != nil {
			slog.ErrorContext(r.Context(), "not healthy", "path", r.URL.Path, "error", err)
			is.Status = down
		}
		is.tell(w, r)
	})
}

// ready says whether a server can work, and what keeps it from that.
func ready(a *app.App, upstream func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		is := condition{Status: up}
		if err := readiness(r.Context(), a); err != nil {
			is.Status, is.Failed = down, partOf(err)
			is.Detail = failures[is.Failed]
			level := slog.LevelError
			if is.Failed == draining {
				level = slog.LevelInfo // as it should be
			}
			slog.Log(r.Context(), level, "not ready", "part", is.Failed, "error", err)
		}
		if upstream != nil {
			is.Upstream = up
			if upstream() != nil {
				is.Upstream = down
			}
		}
		is.tell(w, r)
	})
}

// readiness asks the store last: whoever is about to stop need not know.
func readiness(ctx context.Context, a *app.App) error {
	if a.Draining() {
		return &core.Unready{Part: draining, Err: errors.New("the server is about to stop")}
	}
	return a.Ready(ctx)
}

// partOf is the part that an error is about. What takes too long to say so is the store.
func partOf(err error) string {
	if part, ok := errors.AsType[*core.Unready](err); ok {
		return part.Part
	}
	return core.PartStore
}

func (is condition) tell(w http.ResponseWriter, r *http.Request) {
	roster.RequestIn(r.Context()).By("health", r.Pattern)
	w.Header().Set("Content-Type", "application/json")
	if is.Status != up {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(is) // whoever hung up cannot be told
}
