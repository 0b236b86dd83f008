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

// TestStatementsOfAPage: a page asks the store little, however many are on it.
func TestStatementsOfAPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", b.Workspace("Vision"))
		for range 5 {
			b.Assign(project, b.Person("AN"))
		}
		site := web.New(b.App)
		members := fmt.Sprintf("/projects/%d/members", project)
		for target, most := range map[string]int{
			members: 11, members + "?q=a&role=AN&all=1": 14, "/projects": 11, "/history": 10, "/people": 10,
			fmt.Sprintf("/projects/%d/history", project): 13, "/workspaces": 10,
			"/home": 35, "/home/without-work": 8,
		} {
			if n := b.statements(site, target); n > most {
				t.Errorf("%s: %d statements, more than %d", target, n, most)
			}
		}
	})
}
