package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/web"
)

// statements is how many statements a page costs the store.
func (b *browser) statements(site http.Handler, target string) int {
	b.T.Helper()
	record := new(roster.Request)
	r := httptest.NewRequest("GET", target, nil).WithContext(roster.WithRequest(b.T.Context(), record))
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	site.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		b.T.Fatalf("%s: %d", target, answer.Code)
	}
	return record.Facts().Statements
}

// mostStatements is what a page may cost.
const mostStatements = 10

// TestStatementsOfAPage: a page asks the store little, however many are on it, whatever is
// filtered and selected.
func TestStatementsOfAPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		workspace := b.Workspace("Vision")
		project := b.Project("Street signs", workspace)
		var person int64
		for range 5 {
			person = b.Person("AN")
			b.Assign(project, person)
		}
		site := web.New(b.App)
		const other = "all=1&under=role%3DAN&excluded=3,4"
		for _, list := range []string{
			fmt.Sprintf("/projects/%d/members", project), "/people", fmt.Sprintf("/workspaces/%d/members", workspace),
		} {
			for _, query := range []string{"", "?q=a&role=AN&all=1", "?q=a&" + other, "?seat=standard&" + other, "?order=email",
				"?active=never&order=email&" + other} {
				b.costs(site, list+query)
			}
		}
		for _, target := range []string{
			fmt.Sprintf("/projects/%d/members?joined_after=2000-01-01&order=email&", project) + other, "/projects", "/history", "/workspaces", fmt.Sprintf("/projects/%d/history", project),
			fmt.Sprintf("/people/%d", person),
			fmt.Sprintf("/projects/%d/members/add", project), "/help",
			"/tags", "/settings", "/search?q=a", "/views", "/people/invitations", "/home/without-work",
		} {
			b.costs(site, target)
		}
		// home asks a few questions of each kind of thing that waits for somebody
		if n := b.statements(site, "/home"); n > 35 {
			t.Errorf("/home: %d statements", n)
		}
	})
}

// costs says what a page cost, where that is too much.
func (b *browser) costs(site http.Handler, target string) {
	b.T.Helper()
	if n := b.statements(site, target); n > mostStatements {
		b.T.Errorf("%s: %d statements, more than %d", target, n, mostStatements)
	} else {
		b.T.Logf("%s: %d", target, n)
	}
}
