package lsapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(storetest.Main(m))
}

// wire is a world that is reached over HTTP, through the whole server.
type wire struct {
	*apptest.World
	server http.Handler
}

// onWire runs a test on a fresh world on every engine.
func onWire(t *testing.T, fn func(t *testing.T, w *wire)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		world := apptest.New(t, db)
		fn(t, &wire{world, server.Handler(world.App, "test")})
	})
}

// send makes a request with the token of user (0: none). A body that is a
// string is sent as it is, anything else as JSON, nil not at all.
func (w *wire) send(method, path string, user int64, body any) *httptest.ResponseRecorder {
	w.T.Helper()
	var content io.Reader
	if text, ok := body.(string); ok {
		content = bytes.NewBufferString(text)
	} else if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			w.T.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	r := httptest.NewRequest(method, path, content)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if user != 0 {
		token, err := w.App.Token(context.Background(), user)
		if err != nil {
			w.T.Fatal(err)
		}
		r.Header.Set("Authorization", "Token "+token)
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return answer
}

// do is send with the answer decoded: nil for an empty body.
func (w *wire) do(method, path string, user int64, body any) (status int, decoded any) {
	w.T.Helper()
	answer := w.send(method, path, user, body)
	if answer.Body.Len() > 0 {
		if err := json.Unmarshal(answer.Body.Bytes(), &decoded); err != nil {
			w.T.Fatalf("%s %s: %v in %q", method, path, err, answer.Body)
		}
	}
	return answer.Code, decoded
}

// must is do for a request that has to be answered with the given status.
func (w *wire) must(want int, method, path string, user int64, body any) any {
	w.T.Helper()
	status, decoded := w.do(method, path, user, body)
	if status != want {
		w.T.Fatalf("%s %s: %d %v, want %d", method, path, status, decoded, want)
	}
	return decoded
}

// refused checks that a request is answered 400 with a message about field.
func (w *wire) refused(field, method, path string, user int64, body any) {
	w.T.Helper()
	decoded := w.must(http.StatusBadRequest, method, path, user, body)
	if at(decoded, "validation_errors", field) == nil {
		w.T.Fatalf("%s %s: %v does not name %s", method, path, decoded, field)
	}
}

// at walks into decoded JSON by keys and indexes; nil when there is nothing.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// A required field that is null is refused by name: a project of null was 404.
func TestRequiredFieldsMayNotBeNull(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		w.refused("project", "POST", "/api/projects/roles/", 1, map[string]any{"project": nil, "role": "RE", "user": 1})
		w.refused("title", "POST", "/api/projects/1/duplicate/", 1, map[string]any{"workspace": nil, "title": nil,
			"mode": "settings"})
	})
}
