package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(storetest.Main(m))
}

// site is a world behind a real listener.
type site struct {
	*apptest.World
	url, token string
}

func open(t *testing.T, db *store.DB) *site {
	t.Helper()
	w := apptest.New(t, db)
	token, err := w.App.Token(context.Background(), w.Owner)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, l, w.App, server.Handler(w.App, "test")) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &site{w, "http://" + l.Addr().String(), token}
}

// noRedirects is a client that takes every answer as it comes.
var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}}

func (s *site) do(method, target, body string, header ...string) (int, string, http.Header) {
	s.T.Helper()
	r, err := http.NewRequest(method, s.url+target, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+s.token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := noRedirects.Do(r)
	if err != nil {
		s.T.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	return answer.StatusCode, string(text), answer.Header
}

// Both slash forms are the same place; below it there is nothing, beside it
// 405; and nothing is ever a redirect.
func TestPaths(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	project := s.Project("Street signs", 0)
	bulk := fmt.Sprintf("/api/projects/%d/members/bulk", project)
	for _, try := range []struct {
		method, path string
		want         int
	}{
		{"DELETE", bulk + "?all=false", 200},
		{"DELETE", bulk + "/?all=false", 200},
		{"DELETE", bulk + "/x?all=true", 404},
		{"DELETE", bulk + "/x/?all=true", 404},
		{"DELETE", bulk + "//?all=true", 404},
		{"DELETE", "/api//projects/1/members/bulk/?all=true", 404},
		{"DELETE", bulk + "/../bulk/?all=true", 404},
		{"DELETE", "/api/projects/1%2Fmembers/bulk/?all=true", 404},
		{"DELETE", "/api/projects/1/members/bulk%00/?all=true", 404},
		{"DELETE", "/api/projects/1/members/bulk;x/?all=true", 404},
		{"DELETE", "/api/projects/0/members/bulk/?all=true", 404},
		{"DELETE", "/api/projects/99999999999999999999/members/bulk/?all=true", 404},
		{"PUT", bulk + "/", 405},
		{"GET", bulk, 405},
		{"HEAD", fmt.Sprintf("/api/projects/%d/members/paginated/", project), 200},
		{"GET", "/api", 404},
		{"GET", "/api/", 404},
		{"GET", "/user/login/", 200},
		{"GET", "/nowhere", 404},
		{"GET", "/health", 200},
		{"GET", "/health/", 200},
		{"GET", "/api/version/", 200},
	} {
		status, _, header := s.do(try.method, try.path, "")
		if status != try.want || header.Get("Location") != "" {
			t.Errorf("%s %s: %d, want %d", try.method, try.path, status, try.want)
		}
	}
}

func TestCredentials(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	for _, try := range []struct {
		header, value string
		want          int
	}{
		{"Authorization", "Token " + s.token, 200},
		{"Authorization", "token   " + s.token, 200},
		{"X-API-Key", s.token, 200}, // in place of Authorization
		{"Authorization", "Token", 401},
		{"Authorization", "Token a b", 401},
		{"Authorization", "Basic " + s.token, 401},
		{"Authorization", s.token, 401},
		{"Authorization", "Token " + strings.Repeat("0", 40), 401},
		{"Authorization", "", 401},
		{"X-API-Key", "wrong", 401}, // even beside a good Authorization
	} {
		status, _, header := s.do("GET", "/api/current-user/whoami", "", try.header, try.value)
		if status != try.want || (status == 401) != (header.Get("WWW-Authenticate") == "Token") {
			t.Errorf("%s: %q: %d, want %d", try.header, try.value, status, try.want)
		}
	}
}

// A hundred thousand ids arrive, in the query or in the body.
func TestHundredThousandIDs(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := open(t, db)
		project := s.Project("Street signs", 0)
		a, b := s.Person("AN"), s.Person("AN")
		ids := make([]string, 100_000)
		for i := range ids {
			ids[i] = fmt.Sprint(1_000_000 + i)
		}
		ids[50_000], ids[99_999] = fmt.Sprint(a), fmt.Sprint(b)
		target := fmt.Sprintf("/api/projects/%d/members/bulk/", project)
		s.Assign(project, a, b)
		if status, body, _ := s.do("DELETE", target+"?all=false&included="+strings.Join(ids, "%2C"), ""); status != 200 ||
			!strings.Contains(body, `"unassignments":2`) {
			t.Errorf("in the query: %d %.200s", status, body)
		}
		s.Assign(project, a, b)
		body := `{"all": false, "included": [` + strings.Join(ids, ", ") + `]}`
		if status, body, _ := s.do("DELETE", target, body, "Content-Type", "application/json"); status != 200 ||
			!strings.Contains(body, `"unassignments":2`) {
			t.Errorf("in the body: %d %.200s", status, body)
		}
		if status, _, _ := s.do("DELETE", target, `{"all": false, "included": [`+strings.Repeat("1, ", 3<<20)+`1]}`,
			"Content-Type", "application/json"); status != 413 {
			t.Errorf("9 MiB of body: %d, want 413", status)
		}
	})
}

// Calls that run into each other count every person once between them, and a
// key that arrives twice at once does its work once.
func TestTogether(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := open(t, db)
		project := s.Project("Street signs", 0)
		var people []int64
		for range 40 {
			people = append(people, s.Person(roster.RoleAnnotator))
		}
		target := fmt.Sprintf("/api/projects/%d/members/bulk/?all=true", project)
		total := func(differ bool, header ...string) (n int) {
			s.Assign(project, people...)
			var wait sync.WaitGroup
			counts := make([]int, 6)
			for i := range counts {
				wait.Go(func() {
					target := target
					if differ { // or they would be a client's own repetition
						target += fmt.Sprintf("&excluded=%d", 9000+i)
					}
					status, body, _ := s.do("DELETE", target, "", header...)
					var out struct{ Unassignments int }
					if err := json.Unmarshal([]byte(body), &out); err != nil || status != 200 {
						t.Errorf("%d %s", status, body)
					}
					counts[i] = out.Unassignments
				})
			}
			wait.Wait()
			for _, c := range counts {
				n += c
			}
			return n
		}
		if n := total(true); n != len(people) {
			t.Errorf("six calls at once removed %d people between them, want %d", n, len(people))
		}
		if n := total(false, "Idempotency-Key", "friday"); n != 6*len(people) {
			t.Errorf("six calls with one key answered %d in all, want %d each", n, len(people))
		}
	})
}

// A panic is a 500 that names the request and shows no stack.
func TestPanic(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	h := server.Guarded(w.App, "test",
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret detail") }))
	answer := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Request-ID", "friday-18-00")
	h.ServeHTTP(answer, r)
	body := answer.Body.String()
	if answer.Code != 500 || !strings.Contains(body, "friday-18-00") || strings.Contains(body, "secret detail") ||
		strings.Contains(body, "goroutine") {
		t.Fatalf("%d %s", answer.Code, body)
	}
}

// Without its store Roster says that it is down, and refuses.
func TestStoreAway(t *testing.T) {
	db := storetest.SQLite(t)
	w := apptest.New(t, db)
	h := server.Handler(w.App, "test")
	db.Close()
	for path, want := range map[string]int{"/health": 503, "/api/current-user/whoami": 500} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("X-API-Key", "any")
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code != want {
			t.Errorf("%s without a store: %d, want %d", path, answer.Code, want)
		}
	}
}

// Answers hold tokens and e-mails: none is kept on the way, and none is taken
// for a page, whatever a name in it says.
func TestAnswersAreNotKeptOrGuessedAt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := open(t, db)
		for _, target := range []string{"/api/current-user/token/", "/api/organizations/1/memberships", "/api/nowhere",
			"/scim/v2/Users", "/health", "/user/login/"} {
			_, _, header := s.do("GET", target, "")
			if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v", target, header)
			}
		}
	})
}
