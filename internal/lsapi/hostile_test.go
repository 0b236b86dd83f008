package lsapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"roster"
)

// Text that means something to SQL, LIKE or a terminal is searched for as it
// is written, or refused, and never does anything.
func TestHostileSearch(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		odd := w.PersonNamed(roster.NewUser{Email: "odd@example.com", FirstName: `100%_\'"`,
			LastName: "; DROP TABLE users; --", Role: "AN"})
		plain := w.PersonNamed(roster.NewUser{Email: "plain@example.com", FirstName: "Plain", LastName: "Person", Role: "AN"})
		w.Assign(project, odd, plain)
		list := fmt.Sprintf("/api/projects/%d/members/paginated/?implicit=false&search=", project)
		for search, want := range map[string]float64{ // searches pass over apostrophes, and one alone finds nobody
			`%`: 1, `_`: 1, `\`: 1, `'`: 0, `%%`: 0, `__`: 0, `100%_\'`: 1, `drop table`: 1, `';`: 1,
			`' OR '1'='1`: 0, `') OR 1=1 --`: 0, `$1`: 0, `?`: 0, `{{id}}`: 0, "\t": 2, "пл": 0, strings.Repeat("x", 1000): 0,
		} {
			if got := at(w.must(http.StatusOK, "GET", list+url.QueryEscape(search), w.Owner, nil), "count"); got != want {
				t.Errorf("search %q found %v, want %v", search, got, want)
			}
		}
		bulk := fmt.Sprintf("/api/projects/%d/members/bulk/?all=true&search=", project)
		for _, search := range []string{
			"%00", "%01", "%1B%5B2J", "%7F", "%FF", "%C3%28", "%0Ax", "%22", "%2C", "%22%22",
			strings.Repeat("x", 1001),
		} {
			w.refused("search", "DELETE", bulk+search, w.Owner, nil)
			w.refused("search", "GET", list+search, w.Owner, nil)
		}
		w.refused("non_field_errors", "DELETE", bulk+"%zz", w.Owner, nil)
		w.refused("non_field_errors", "DELETE", bulk+"a;all=false", w.Owner, nil)
		if got := w.Explicit(project); len(got) != 2 {
			t.Fatalf("after all that: %v", got)
		}
	})
}

func TestHostileBodies(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		person := w.Person("AN")
		w.Assign(project, person)
		bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", project)
		for body, field := range map[string]string{
			`[]`: "non_field_errors", `"all"`: "non_field_errors", `null`: "non_field_errors", `{`: "non_field_errors",
			`{"all": true} x`:     "non_field_errors",
			"{\"all\": \"\xff\"}": "non_field_errors", `{"all": "tr\u0000ue"}`: "all", `{"all": 2}`: "all",
			`{"all": {}}`: "all", `{"all": null}`: "all",
			`{"all": false, "included": 5}`: "included", `{"all": false, "included": [0]}`: "included",
			`{"all": false, "included": [-1]}`:  "included",
			`{"all": false, "included": [1.5]}`: "included", `{"all": false, "included": ["x"]}`: "included",
			`{"all": false, "included": [[1]]}`:                  "included",
			`{"all": false, "included": [99999999999999999999]}`: "included", `{"all": false, "excluded": {"a": 1}}`: "excluded",
			`{"all": true, "included": [1]}`: "included",
		} {
			w.refused(field, "DELETE", bulk, w.Owner, body)
		}
		if got := w.Explicit(project); len(got) != 1 {
			t.Fatalf("after all that: %v", got)
		}
		// deeply nested JSON is refused, not recursed into
		w.refused("non_field_errors", "DELETE", bulk, w.Owner, strings.Repeat(`{"a":`, 20_000)+"1"+
			strings.Repeat("}", 20_000))
	})
}

// Media types that cannot be read are 415; form and multipart mean what JSON does.
func TestMediaTypes(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		goldenWorld(w)
		multipart := "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\n8\r\n--b--\r\n"
		for _, try := range []struct {
			kind, body string
			want       int
		}{
			{"application/x-www-form-urlencoded", "user=8", 201},
			{"multipart/form-data; boundary=b", multipart, 201},
			{"application/json; charset=utf-8", `{"user": "8"}`, 201},
			{"", `{"user": 8}`, 201},
			{"text/plain", `{"user": 8}`, 415},
			{"application/xml", `<user>8</user>`, 415},
			{"multipart/form-data", multipart, 400},
			{"nonsense; ;", `{"user": 8}`, 415},
		} {
			token, err := w.App.Token(t.Context(), w.Owner)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("POST", "/api/projects/1/members/", strings.NewReader(try.body))
			r.Header.Set("X-API-Key", token)
			if try.kind != "" {
				r.Header.Set("Content-Type", try.kind)
			}
			answer := httptest.NewRecorder()
			w.server.ServeHTTP(answer, r)
			if answer.Code != try.want {
				t.Errorf("%q: %d, want %d: %s", try.kind, answer.Code, try.want, answer.Body)
			}
		}
	})
}
