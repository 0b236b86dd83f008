package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/gateway"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestWhoHangsUpIsNoErrorInTheLog: whichever face a caller leaves before the answer, nobody has
// to look after it.
func TestWhoHangsUpIsNoErrorInTheLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		w.Project("Signs", 0)
		token, err := w.App.Token(t.Context(), w.Owner)
		must(t, err)
		at, err := url.Parse("http://127.0.0.1:1")
		must(t, err)
		own, gate := server.Handler(w.App, "test"), server.NewFront(w.App, gateway.Config{Upstream: at, Version: "test"})
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
		defer slog.SetDefault(before)
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		for _, c := range []struct {
			handler                http.Handler
			method, target, scheme string
		}{
			{own, "GET", "/api/projects/1/members/", "Token "}, {own, "DELETE", bulk(1), "Token "},
			{own, "GET", "/scim/v2/Users", "Bearer "}, {own, "GET", "/roster/projects/1/members", ""},
			{gate, "GET", "/api/projects/1/members/", "Token "}, {gate, "GET", "/api/projects/1/", "Token "},
			{gate, "PATCH", "/api/projects/1/", "Token "},
		} {
			r := httptest.NewRequestWithContext(gone, c.method, c.target, nil)
			r.Header.Set("Authorization", c.scheme+token)
			if c.scheme == "" {
				r.Header.Del("Authorization")
				r.AddCookie(&http.Cookie{Name: "sessionid", Value: "a session"})
			}
			func() {
				defer func() { recover() }() // http.ErrAbortHandler, where the answer is cut
				c.handler.ServeHTTP(httptest.NewRecorder(), r)
			}()
			if log.Len() > 0 {
				t.Errorf("%s %s: %s", c.method, c.target, log.String())
			}
			log.Reset()
		}
	})
}
