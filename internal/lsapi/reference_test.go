package lsapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/lsapi/schema"
	"roster/internal/store/storetest"
)

func reading(t *testing.T, target string) (int, http.Header, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	a := apptest.New(t, storetest.SQLite(t)).App
	New(a, "test").Reference().ServeHTTP(answer, httptest.NewRequest("GET", target, nil))
	return answer.Code, answer.Header(), answer.Body.String()
}

// Every operation has its anchor, its path and a command to paste, and every
// link within the page leads somewhere.
func TestReferenceShowsEverything(t *testing.T) {
	status, _, page := reading(t, "/docs/api")
	if status != http.StatusOK {
		t.Fatal(status)
	}
	for _, f := range document().Families {
		for _, op := range f.Operations {
			if strings.Count(page, `id="`+op.ID()+`"`) != 1 {
				t.Errorf("%s has not one anchor", op.Key())
			}
		}
	}
	for _, part := range strings.Split(page, `href="#`)[1:] {
		if name, _, _ := strings.Cut(part, `"`); !strings.Contains(page, `id="`+name+`"`) {
			t.Errorf("#%s leads nowhere", name)
		}
	}
}

// Nothing comes from elsewhere, and nothing runs that is not a file of ours.
func TestReferenceIsAlone(t *testing.T) {
	_, header, page := reading(t, "/docs/api")
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") ||
		strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
	for _, foreign := range []string{`src="http`, `href="http`, "style=", " onclick", "<script>"} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page has %s", foreign)
		}
	}
	for name, kind := range map[string]string{"reference.css": "text/css", "reference.js": "text/javascript"} {
		if status, header, _ := reading(t, "/docs/api/"+name); status != http.StatusOK ||
			!strings.HasPrefix(header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", name, status, header.Get("Content-Type"))
		}
	}
	if status, _, _ := reading(t, "/docs/api/page.html"); status != http.StatusNotFound {
		t.Error("the template itself is served:", status)
	}
}

func TestReferenceIsSearched(t *testing.T) {
	for query, want := range map[string]int{"": countOperations(), "members+bulk+PREVIEW": 2, "no+such+thing": 0} {
		_, _, page := reading(t, "/docs/api?q="+query)
		if got := strings.Count(page, `class="operation"`); got != want {
			t.Errorf("%q finds %d, not %d", query, got, want)
		}
	}
	if _, _, page := reading(t, "/docs/api?q=%3Cscript%3Ealert(1)%3C/script%3E"); strings.Contains(page, "<script>alert") {
		t.Error("what was searched for runs")
	}
}

func countOperations() (n int) {
	for _, f := range document().Families {
		n += len(f.Operations)
	}
	return n
}

func TestCurlIsQuotedForTheShell(t *testing.T) {
	op := &schema.Operation{Method: "POST", Path: "/x", Example: &schema.Example{Request: "/x?q=$(id)`id`\"",
		Body: map[string]any{"a": "it's"}}}
	want := `curl -X POST "$ROSTER/x?q=\$(id)\` + "`id\\`" + `\"" \
  -H "Authorization: Token $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"a":"it'\''s"}'`
	if got := op.Curl(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
