package lsapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/limit"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// with makes a request with the given headers and returns the answer decoded.
func (w *wire) with(method, path, body string, header ...string) (*httptest.ResponseRecorder, map[string]any) {
	w.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	var decoded map[string]any
	if answer.Body.Len() > 0 {
		if err := json.Unmarshal(answer.Body.Bytes(), &decoded); err != nil {
			w.T.Fatalf("%s %s: %v in %q", method, path, err, answer.Body)
		}
	}
	return answer, decoded
}

func refreshBody(token string) map[string]any { return map[string]any{"refresh": token} }

// An access token signs every request, in both headers; nothing else that
// looks like one does.
func TestBearer(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		ann := w.Person("AN")
		personal := at(w.must(201, "POST", "/api/token/", ann, nil), "token").(string)
		access := at(w.must(200, "POST", "/api/token/refresh/", 0, refreshBody(personal)), "access").(string)
		legacy, err := w.App.Token(t.Context(), ann)
		if err != nil {
			t.Fatal(err)
		}
		for _, try := range []struct {
			header, value string
			want          int
		}{
			{"Authorization", "Bearer " + access, 200},
			{"Authorization", "bearer  " + access, 200},
			{"X-API-Key", access, 200},
			{"X-API-Key", legacy, 200},
			{"Authorization", "Token " + legacy, 200},
			{"Authorization", "Bearer " + personal, 401},
			{"X-API-Key", personal, 401},
			{"Authorization", "Bearer " + legacy, 401},
			{"Authorization", "Token " + access, 401},
			{"Authorization", "Bearer", 401},
			{"Authorization", "Bearer a b", 401},
			{"Authorization", "Bearer " + access + "x", 401},
			{"Authorization", access, 401},
			{"X-API-Key", "a.b.c", 401},
		} {
			answer, body := w.with("GET", "/api/current-user/whoami", "", try.header, try.value)
			if answer.Code != try.want || (try.want == 401) != (answer.Header().Get("WWW-Authenticate") == "Token") {
				t.Errorf("%s: %.20s…: %d %v, want %d", try.header, try.value, answer.Code, body, try.want)
			}
			if try.want == 200 && body["id"] != float64(ann) {
				t.Errorf("%s: %.20s… is %v, want %d", try.header, try.value, body["id"], ann)
			}
		}
		// X-API-Key takes the place of a good Authorization.
		if answer, _ := w.with("GET", "/api/current-user/whoami", "", "Authorization", "Bearer "+access, "X-API-Key",
			"a.b.c"); answer.Code != 401 {
			t.Errorf("beside a bad X-API-Key: %d", answer.Code)
		}
		// A credential that came along does not matter to the refresh.
		if answer, _ := w.with("POST", "/api/token/refresh/", `{"refresh": "`+personal+`"}`, "Authorization",
			"Token wrong"); answer.Code != 200 {
			t.Errorf("refreshing beside a bad credential: %d", answer.Code)
		}
	})
}

// A token's way over the wire: made once, rotated, revoked by what the list shows.
func TestTokenStory(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		ann := w.Person("AN")
		first := at(w.must(201, "POST", "/api/token/", ann, nil), "token").(string)
		w.must(409, "POST", "/api/token/", ann, nil)
		access := at(w.must(200, "POST", "/api/token/refresh/", 0, refreshBody(first)), "access").(string)

		// With the token itself for a credential, as the SDK does.
		answer, rotated := w.with("POST", "/api/token/rotate/", `{"refresh": "`+first+`"}`, "Authorization", "Bearer "+access)
		second, _ := rotated["refresh"].(string)
		if answer.Code != 200 || second == "" || second == first {
			t.Fatalf("%d %v", answer.Code, rotated)
		}
		for path, want := range map[string]int{"/api/token/refresh/": 401, "/api/token/rotate/": 400,
			"/api/token/blacklist/": 404} {
			refused := w.must(want, "POST", path, ann, refreshBody(first)).(map[string]any)
			if enveloped := refused["id"] != nil; refused["detail"] == "" || enveloped != (want == 401) {
				t.Errorf("%s of a revoked token: %v", path, refused)
			}
		}
		if answer, _ := w.with("GET", "/api/current-user/whoami", "", "Authorization", "Bearer "+access); answer.Code != 401 {
			t.Errorf("its access token still works: %d", answer.Code)
		}

		listed := at(w.must(200, "GET", "/api/token/?ordering=-created_at", ann, nil), 0, "token").(string)
		if listed+second[strings.LastIndex(second, "."):] != second {
			t.Errorf("listed %s, made %s", listed, second)
		}
		w.must(404, "POST", "/api/token/blacklist/", w.Owner, refreshBody(listed)) // not theirs
		w.must(401, "POST", "/api/token/refresh/", 0, refreshBody(listed))
		w.must(400, "POST", "/api/token/rotate/", ann, refreshBody(listed))
		w.must(204, "POST", "/api/token/blacklist/", ann, refreshBody(listed))
		w.must(401, "POST", "/api/token/refresh/", 0, refreshBody(second))
		if list := w.must(200, "GET", "/api/token/", ann, nil).([]any); len(list) != 0 {
			t.Errorf("after revoking: %v", list)
		}
		third := at(w.must(201, "POST", "/api/token/", ann, nil), "token").(string)
		w.must(204, "POST", "/api/token/blacklist", ann, refreshBody(third)) // the whole one too
	})
}

// What changes membership by an access token says so in its record.
func TestRecordNamesThePersonalToken(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project, ann := w.Project("Street signs", 0), w.Person("AN")
		w.Assign(project, ann)
		personal := at(w.must(201, "POST", "/api/token/", w.Owner, nil), "token").(string)
		access := at(w.must(200, "POST", "/api/token/refresh/", 0, refreshBody(personal)), "access").(string)
		answer, _ := w.with("DELETE", "/api/projects/1/members/bulk/?all=true", "", "Authorization", "Bearer "+access)
		record := w.must(200, "GET", "/api/roster/operations/"+answer.Header().Get("Roster-Operation")+"/", w.Owner, nil)
		if at(record, "credential") != "personal_token" || at(record, "actor", "id") != float64(w.Owner) {
			t.Errorf("%v", record)
		}
	})
}

// Who asks too often is told when to come back, in the usual envelope.
func TestRates(t *testing.T) {
	world := apptest.New(t, storetest.SQLite(t))
	a := world.Configured(func(c *core.Config) {
		c.RefreshRate, c.CallRate = limit.Rate{N: 2, Per: time.Minute}, limit.Rate{N: 5, Per: time.Second}
	})
	w := &wire{world, server.Handler(a, "test")}
	for range 2 {
		w.must(401, "POST", "/api/token/refresh/", 0, refreshBody("a.b.c"))
	}
	answer, body := w.with("POST", "/api/token/refresh/", `{"refresh": "a.b.c"}`)
	if answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") != "30" ||
		body["status_code"] != 429.0 || body["id"] == nil {
		t.Errorf("%d, Retry-After %q, %v", answer.Code, answer.Header().Get("Retry-After"), body)
	}
	ann := w.Person("AN")
	for range 5 {
		w.must(200, "GET", "/api/current-user/whoami", w.Owner, nil)
	}
	w.must(429, "GET", "/api/current-user/whoami", w.Owner, nil)
	w.must(200, "GET", "/api/current-user/whoami", ann, nil)
	w.must(200, "GET", "/api/version", 0, nil)
	world.Clock = world.Clock.Add(time.Second)
	w.must(200, "GET", "/api/current-user/whoami", w.Owner, nil)
}
