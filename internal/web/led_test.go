package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/lsapi"
	"roster/internal/lsapi/schema"
	"roster/internal/store/storetest"
	"roster/internal/web"
)

var inPath = regexp.MustCompile(`\{[^}]*\}`)

// isLed reports whether an answer refuses what another site's page led to.
func isLed(answer *httptest.ResponseRecorder) bool {
	return answer.Code == 403 && strings.Contains(answer.Body.String(), "another site")
}

// TestNoFileIsLedToFromElsewhere: another site's page has a browser fetch nothing with its
// session but pages: no operation of the wire (contract 6.1), and no file of the console.
func TestNoFileIsLedToFromElsewhere(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	p := fmt.Sprint(b.Project("Signs", 0))
	at := func(path string) string { return inPath.ReplaceAllString(path, p) }
	files := []string{"/projects/{id}/members.csv", "/people.csv", "/projects/{id}/history/access.csv",
		"/projects/{id}/members/unassign.csv"}
	here, operations := b.header, []*schema.Operation{}
	for _, family := range lsapi.New(b.App, "test").Document().Families {
		operations = append(operations, family.Operations...)
	}
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Referer": {"https://evil.example/page"}},
	} {
		b.header = header
		for _, op := range operations {
			if answer := b.send(op.Method, at(op.Path), nil); !op.Open && !isLed(answer) {
				t.Errorf("%v: %s %s: %d", header, op.Method, op.Path, answer.Code)
			}
		}
		for _, path := range web.Pages() {
			for _, base := range []string{"", web.Prefix} {
				answer := b.send("GET", base+at(path), nil)
				if isLed(answer) != slices.Contains(files, path) || answer.Header().Get("Content-Disposition") != "" {
					t.Errorf("%v: %s%s: %d %v", header, base, path, answer.Code, answer.Header())
				}
			}
		}
	}
	b.header = here
	for _, path := range files[:2] {
		if answer := b.send("GET", at(path), nil); answer.Code != 200 ||
			answer.Header().Get("Content-Disposition") == "" {
			t.Errorf("%s: %d %v", path, answer.Code, answer.Header())
		}
	}
}
