package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/auth"
	"roster/internal/lsapi"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// asked sends a request to h as w's owner.
func asked(w *apptest.World, h http.Handler, method, target string, header ...string) int {
	w.T.Helper()
	token, err := w.App.Token(context.Background(), w.Owner)
	if err != nil {
		w.T.Fatal(err)
	}
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", "Token "+token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer.Code
}

// activities is what was written down, the oldest first.
func activities(w *apptest.World) []roster.Activity {
	w.T.Helper()
	if _, err := w.App.WriteActivities(context.Background()); err != nil {
		w.T.Fatal(err)
	}
	window, err := w.App.Activities(w.As(w.Owner), roster.ActivityFilter{}, "datetime", 0, 100)
	if err != nil {
		w.T.Fatal(err)
	}
	return window.Activities
}

func TestActivityOfARequest(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	h := server.Behind(nil, server.Handler(w.App, "test"))
	project := w.Project("Street signs", 0)
	target := fmt.Sprintf("/api/projects/%d/members/paginated/?search=ø&page=1", project)
	asked(w, h, "GET", target, "User-Agent", "agent\x7f", "Referer", "https://me:pass@example.com/?token=1&b=2",
		"X-Request-ID", "seven", "X-Forwarded-For", "198.51.100.1")
	asked(w, h, "GET", "/api/workspaces/5/")
	asked(w, h, "GET", "/api/nowhere", "Authorization", "Token wrong")
	asked(w, h, "GET", "/api/version/")
	asked(w, h, "GET", "/health")
	got := activities(w)
	if len(got) != 2 {
		t.Fatalf("%d written down: %+v", len(got), got)
	}
	want := roster.Activity{
		ID: got[0].ID, At: w.Clock, OrganizationID: w.Org, UserID: w.Owner, Email: "owner@example.com",
		ProjectID: project, Method: "GET",
		URL: strings.ReplaceAll(target, "ø", "%C3%B8"), Status: 200, Address: "192.0.2.1", UserAgent: "agent%7F",
		Referer: "https://example.com/?token=[hidden]&b=2", RequestID: "seven",
	}
	if got[0] != want {
		t.Errorf("%+v\nwant %+v", got[0], want)
	}
	if got[1].WorkspaceID != 5 || got[1].Status != 404 || got[1].ProjectID != 0 {
		t.Errorf("%+v", got[1])
	}
}

// No secret of a URL comes into the log, and no more than 256 characters.
func TestActivityHoldsNoSecrets(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	h := server.Handler(w.App, "test")
	hex, jwt := strings.Repeat("0aF9", 10), "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJ4In0.c2lnbmF0dXJl"
	long := strings.Repeat("x", 300)
	for target, want := range map[string]string{
		"/api/x?token=s3cret&a=1":               "/api/x?token=[hidden]&a=1",
		"/api/x?a=1&PASSWORD=s3cret":            "/api/x?a=1&PASSWORD=[hidden]",
		"/api/x?new_passw%6Frd=s3cret":          "/api/x?new_passw%6Frd=[hidden]",
		"/api/x?bad%zzname=s3cret":              "/api/x?bad%zzname=[hidden]",
		"/api/x?code=s3cret&state=s3cret":       "/api/x?code=[hidden]&state=[hidden]",
		"/api/x?encoded=1&" + hex:               "/api/x?encoded=1&[hidden]",
		"/api/x?q=" + hex + "&r=" + jwt + "&s=": "/api/x?q=[hidden]&r=[hidden]&s=",
		"/api/" + hex + "/" + jwt + "/":         "/api/[hidden]/[hidden]/",
		"/api/x?zip=1&role=AN,RE&key":           "/api/x?zip=1&role=AN,RE&key",
		"/api/x?q=" + long:                      "/api/x?q=" + long[:247],
		"/api/x?" + long[:240] + "&q=" + hex:    "/api/x?" + long[:240] + "&q=[hidde",
		"/api/x?" + long[:250] + hex:            "/api/x?" + long[:249],
		"/api/x?" + strings.Repeat(jwt+"&", 50): "/api/x?" + strings.Repeat("[hidden]&", 50)[:249],
	} {
		t.Run("", func(t *testing.T) {
			asked(w, h, "GET", target)
			all := activities(w)
			if got := all[len(all)-1].URL; got != want {
				t.Errorf("%s\n got %s\nwant %s", target, got, want)
			}
		})
	}
}

// A panic is written down as what was answered.
func TestActivityOfAPanic(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	who, _ := roster.ActorFrom(w.As(w.Owner))
	h := server.Guarded(w.App, "test", server.SignedIn(who, func(http.ResponseWriter, *http.Request) { panic("boom") }))
	if status := asked(w, h, "GET", "/api/x"); status != 500 {
		t.Fatal(status)
	}
	if got := activities(w); len(got) != 1 || got[0].Status != 500 {
		t.Errorf("%+v", got)
	}
}

// While another holds the store, requests are answered and wait for nobody to
// write them down.
func TestActivityWaitsForTheStore(t *testing.T) {
	db := storetest.SQLite(t)
	w := apptest.New(t, db)
	h := server.Handler(w.App, "test")
	token, err := w.App.Token(context.Background(), w.Owner)
	if err != nil || token == "" {
		t.Fatal(err)
	}
	err = db.Update(context.Background(), func(*store.DB) error {
		for range 3 {
			if status := asked(w, h, "GET", "/api/current-user/whoami"); status != 200 {
				t.Errorf("answered %d", status)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := activities(w); len(got) != 3 {
		t.Errorf("%d written down", len(got))
	}
}

// What was asked last is written down before the server is gone.
func TestActivitySurvivesTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- server.Serve(ctx, l, w.App, server.Handler(w.App, "test")) }()
		s := &site{World: w, url: "http://" + l.Addr().String()}
		if s.token, err = w.App.Token(ctx, w.Owner); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			s.do("GET", "/api/current-user/whoami", "")
		}
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		window, err := w.App.Activities(w.As(w.Owner), roster.ActivityFilter{}, "", 0, 1)
		if err != nil || window.Total != 20 {
			t.Errorf("%d of 20 written down, %v", window.Total, err)
		}
	})
}

// The record of a request names its session, the same for all of one and
// another for the next, and is no part of what the cookie holds.
func TestActivityNamesTheSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		h, password := server.Handler(w.App, "test"), "correct horse"
		if _, err := w.App.UpdatePerson(w.As(w.Owner), w.Owner, roster.UserPatch{Password: &password}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s, err := w.App.SignIn(t.Context(), "owner@example.com", password, "192.0.2.1:1")
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				r := httptest.NewRequest("GET", "/api/current-user/whoami", nil)
				r.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: s.Token})
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		}
		asked(w, h, "GET", "/api/version") // open: not written down
		asked(w, h, "GET", "/api/current-user/whoami")
		got := activities(w)
		if len(got) != 5 || len(got[0].Session) != 8 || got[0].Session != got[1].Session ||
			got[1].Session == got[2].Session || got[4].Session != "" {
			t.Errorf("%+v", got)
		}
	})
}

// The document names the cookie that is read.
func TestDocumentNamesTheSessionCookie(t *testing.T) {
	schemes := lsapi.New(nil, "test").Document().OpenAPI["components"].(map[string]any)["securitySchemes"].(map[string]any)
	if session, _ := schemes["session"].(map[string]any); session["name"] != auth.SessionCookie ||
		session["in"] != "cookie" {
		t.Error(session)
	}
}
