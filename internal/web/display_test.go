package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

var headShape = regexp.MustCompile(`(?s)<thead.*?</thead>`)
var tagShape = regexp.MustCompile(`<[^>]*>`)

// heads is the columns of the table of a page.
func (b *browser) heads(target string) string {
	b.T.Helper()
	text := tagShape.ReplaceAllString(headShape.FindString(b.page("<thead", target)), " ")
	return strings.Join(strings.Fields(text), " ")
}

func TestColumnsAndDensity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Signs", 0)
		b.Assign(project, b.Person("AN"))
		const people, members = "/people", "/projects/1/members"
		usual := b.heads(people)
		if usual != "Select everybody on this page Name Role Seat Tags Last activity Actions" {
			t.Errorf("usually there is %s", usual)
		}
		if got := b.heads(members); !strings.Contains(got, "Last activity Access Actions") {
			t.Errorf("of members there is usually %s", got)
		}
		form := url.Values{"key": {"a"}, "next": {people}, "column": {"email", "role", "access", "nonsense", "email"},
			"show": {"access", "email", "role", "nonsense"}, "density": {"compact"}}
		if to := b.must(303, "", "POST", "/display", form).Header().Get("Location"); to != people {
			t.Errorf("it leads to %s", to)
		}
		if got := b.heads(people); got != "Select everybody on this page Name E-mail Role Actions" {
			t.Errorf("of people there is %s", got)
		}
		if got := b.heads(members); got != "Select everybody on this page Name E-mail Role Access Actions" {
			t.Errorf("of members there is %s", got)
		}
		b.page(`data-density="compact"`, "/projects")
		page := b.page("Columns and density", "/display?next=/people")
		if strings.Index(page, `value="email"`) > strings.Index(page, `value="tags"`) || strings.Count(page, "checked") != 4 {
			t.Errorf("the form says something else:\n%s", page)
		}
		page = b.page("Columns and density",
			"/display?column=email&column=role&column=tags&show=tags&up=tags&density=compact")
		if e, r, s := strings.Index(page, `"email"`), strings.Index(page, `"role"`),
			strings.Index(page, `"tags"`); e > s || s > r {
			t.Errorf("nothing moved: %d %d %d", e, r, s)
		}
		b.must(303, "", "POST", "/display", url.Values{"key": {"b"}, "column": {"email"}, "next": {people}})
		if got := b.heads(people); got != "Select everybody on this page Name Actions" {
			t.Errorf("with none there is %s", got)
		}
		b.without(b.page("Projects", "/projects"), "data-density")
		b.must(303, "", "POST", "/display",
			url.Values{"key": {"c"}, "show": {"role", "seat", "tags", "last_activity", "access"}, "next": {people}})
		if got := b.heads(people); got != usual {
			t.Errorf("as before there is %s", got)
		}
		b.must(400, "cannot be read", "POST", "/display", url.Values{"key": {"d"}, "density": {"huge"}})
	})
}
