package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
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
	if answer.Code >= 500 || answer.Code == http.StatusBadRequest && !keptPage.MatchString(target) {
		b.T.Errorf("%s: %d", target, answer.Code)
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
		b.costs(site, fmt.Sprintf("/projects/%d/members?joined_after=2000-01-01&order=email&", project)+other)
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

// uncounted are the pages whose statements are not counted, with the reason.
var uncounted = map[string]string{
	"/static/{file}":                      "asks nothing",
	"/user/oidc":                          "leads to the provider",
	"/user/oidc/callback":                 "signs somebody in",
	"/user/signup":                        "is for who is not here yet",
	"/sent/{token}":                       "is another page, within what only reads",
	"/projects/{id}/made":                 "is there in front of a Label Studio alone",
	"/projects/{id}/members/unassign.csv": "is the people of a question as a file",
	"/history/{id}/undo":                  "does what it asks about, and takes it back",
}

// TestEveryPageAsksLittle: that is so of each page of the console, in an organization with a
// bit of everything, for who looks after all of it and for who manages a part.
func TestEveryPageAsksLittle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		project, pages := b.aBitOfEverything()
		for _, path := range web.Pages() {
			if (pages[path] == "") != (uncounted[path] != "") {
				t.Errorf("%s is counted, or said not to be", path)
			}
		}
		site := web.New(b.App)
		for _, path := range slices.Sorted(maps.Keys(pages)) {
			b.costs(site, pages[path])
		}
		for _, question := range b.questions(project) {
			if n := b.statements(site, question); n > mostOfAQuestion {
				b.T.Errorf("%s: %d statements, more than %d", question, n, mostOfAQuestion)
			}
		}
		b.Assign(project, b.signIn(roster.RoleManager))
		for _, path := range slices.Sorted(maps.Keys(pages)) {
			b.costs(site, pages[path])
		}
	})
}

// mostOfAQuestion is what a question about people may cost: it reads the list that it is about, and
// then what would become of whom, which some keep as a plan.
const mostOfAQuestion = 20

// ledTo is where a form leads to.
func (b *browser) ledTo(path string, form url.Values) string {
	b.T.Helper()
	to := b.posted(path, form).Header().Get("Location")
	if !keptPage.MatchString(to) {
		b.T.Fatalf("%s leads to %q", path, to)
	}
	return to
}

// questions is an address of each question about people.
func (b *browser) questions(project int64) (pages []string) {
	for _, list := range []struct {
		path  string
		deeds []string
	}{
		{fmt.Sprintf("/projects/%d/members", project), []string{"unassign", "except", "emails"}},
		{"/people", []string{"except", "emails"}},
		{"/workspaces/1/members", []string{"except", "remove"}},
	} {
		for _, deed := range list.deeds {
			pages = append(pages, b.ledTo(list.path+"/"+deed, url.Values{"all": {"1"}}))
		}
	}
	return pages
}

// did ends the test where something that it prepares failed.
func (b *browser) did(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// aBitOfEverything fills the organization, and returns a project and an address of each page.
func (b *browser) aBitOfEverything() (project int64, pages map[string]string) {
	b.T.Helper()
	space := b.Workspace("Vision")
	project = b.Project("Street signs", space)
	other := b.Project("Bills", 0)
	b.Project("Nobody's", 0)
	tag := b.Tag("night")
	var people []int64
	for range 4 {
		people = append(people, b.Person("AN"))
	}
	b.Person("NO")
	ctx, last := b.As(b.Owner), roster.Selector{Included: people[3:]}
	b.Assign(project, people...)
	b.Assign(other, people...)
	_, err := b.App.AssignToWorkspace(ctx, space, roster.Selector{Included: people[:2]})
	b.did(err)
	_, err = b.App.AssignTags(ctx, b.Org, roster.TagAssignment{Selector: roster.Selector{All: true}, Tags: []int64{tag}})
	b.did(err)
	_, err = b.App.CreateTasks(ctx, project, []string{"{}", "{}"})
	b.did(err)
	_, err = b.App.AssignTasks(ctx, project, roster.TaskSelector{All: true}, roster.Annotate, people[1:2])
	b.did(err)
	_, err = b.App.PauseMember(ctx, other, people[2], roster.PauseManual, "Call me")
	b.did(err)
	taken, err := b.App.UnassignMembers(ctx, project, last, "")
	b.did(err)
	_, err = b.App.Undo(ctx, taken.Operation)
	b.did(err)
	taken, err = b.App.UnassignMembers(ctx, other, last, "")
	b.did(err)
	b.signIn(roster.RoleOwner)
	b.invite("AN", "ann@example.com")
	b.save("Some", fmt.Sprintf("/projects/%d/members?role=AN&all=1&excluded=%d", project, people[0]))
	form := b.form(b.page("", "/tags/import"), "/tags/import/check")
	file := b.form(b.sendFile("/tags/import/check", form, "email,tags\nowner@example.com,x\n").Body.String(),
		"/tags/import",
		"text", "email,tags\nowner@example.com,x\n")
	pages = map[string]string{
		"/imports/{id}":                     b.send("POST", "/tags/import", file).Header().Get("Location"),
		"/projects/{id}/history/access":     fmt.Sprintf("/projects/%d/history/access?day=2026-02-28", project),
		"/projects/{id}/history/access.csv": fmt.Sprintf("/projects/%d/history/access.csv?day=2026-02-28", project),
		"/people/{id}/change":               fmt.Sprintf("/people/%d/change?role=DI", people[0]),
		"/history/{id}":                     fmt.Sprintf("/history/%d", taken.Operation),
		"/history":                          fmt.Sprintf("/history?project=%d&person=person3@example.com", project),
		"/search":                           "/search?q=a",
		"/views/{id}/edit":                  "/views/1/edit?address=%2Fpeople",
		"/shown/{token}":                    b.ledTo("/tags/import/check", url.Values{}),
	}
	ids := strings.NewReplacer("projects/{id}", fmt.Sprintf("projects/%d", project), "{user}", fmt.Sprint(people[0]),
		"people/{id}", fmt.Sprintf("people/%d", people[0]), "{id}", "1")
	for _, path := range web.Pages() {
		if pages[path] == "" && uncounted[path] == "" {
			pages[path] = ids.Replace(path)
		}
	}
	return project, pages
}
