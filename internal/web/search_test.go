package web_test

import (
	"fmt"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// with fails when a page does not hold a text.
func (b *browser) with(page, text string) {
	b.T.Helper()
	if !strings.Contains(page, text) {
		b.T.Errorf("%q is not in\n%s", text, page)
	}
}

func TestSearchPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street <signs>", b.Workspace("Streets"))
		person := b.PersonNamed(roster.NewUser{Email: "street@example.com", FirstName: "胡", LastName: "志强", Role: "AN"})
		b.Assign(project, person)
		page := b.page("Street &lt;signs&gt;", "/search?q=street")
		for _, want := range []string{
			fmt.Sprintf(`href="/people/%d"`, person), fmt.Sprintf(`href="/projects/%d/members"`, project),
			`href="/workspaces/1/projects"`,
			"Add people to \u2068Street", `href="/people?q=street"`, "street@example.com",
		} {
			b.with(page, want)
		}
		b.with(b.page("Invite people", "/search?q=invite"), `href="/people/invite"`)
		b.with(b.page("assigned \u2068", "/search?q=%231"), `href="/history/1"`)
		b.page("Nothing is called so", "/search?q=zzz")
		b.page("Go to Projects", "/search")
		b.must(400, "This list has no filter", "GET", "/search?role=AN", nil)
		b.must(400, "more than once", "GET", "/search?q=a&q=b", nil)

		b.header.Set("HX-Request", "true")
		b.header.Set("HX-Current-URL", fmt.Sprintf("http://example.com/projects/%d/members?q=x", project))
		page = b.page(`role="option"`, "/search?as=options")
		b.with(page, fmt.Sprintf(`data-href="/projects/%d/members/add"`, project))
		b.without(page, "<form")
		b.header.Set("HX-Current-URL", "http://example.com/projects/99999/members")
		b.without(b.page(`role="option"`, "/search?as=options"), "Add people to this project")
	})
}

// Who may see little finds little, and is offered nothing that would be refused.
func TestSearchOfAnAnnotator(t *testing.T) {
	b, me := enter(t, storetest.SQLite(t), "AN")
	mine := b.Project("Signs", 0)
	b.Project("Signs of others", 0)
	b.Assign(mine, me, b.Person("AN"))
	page := b.page("Signs", "/search?q=signs")
	b.without(page, "Signs of others")
	b.with(page, `href="/projects?q=Signs"`)
	b.without(page, fmt.Sprintf("/projects/%d/members", mine))
	b.page("Nothing is called so", "/search?q=first")
	page = b.page("Go to Projects", "/search")
	for _, hidden := range []string{"/people", "/tags", "/history", "/workspaces/new", "/settings/permissions"} {
		b.without(page, `href="`+hidden)
	}
}
