package web_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestQuestionsAreReadWhole: whatever is asked about many people, all of them can be searched
// and read, page by page, at addresses of the same question.
func TestQuestionsAreReadWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space := b.Workspace("Vision")
		project := b.Project("Signs", space)
		var people []int64
		for i := range 27 {
			people = append(people, b.PersonNamed(roster.NewUser{Email: fmt.Sprintf("p%02d@example.com", i),
				FirstName: fmt.Sprintf("Person %02d", i), Role: "AN"}))
		}
		b.Assign(project, people...)
		if _, err := b.App.AssignToWorkspace(b.As(b.Owner), space, roster.Selector{Included: people}); err != nil {
			t.Fatal(err)
		}
		members, everybody := fmt.Sprintf("/projects/%d/members", project), url.Values{"included": {ids(people...)}}
		b.Tag("Night")
		for path, more := range map[string]string{
			members + "/unassign": "", members + "/roles": "give=RE", members + "/pause": "", members + "/tags": "",
			fmt.Sprintf("/workspaces/%d/members/remove", space): "", members + "/add-to": "",
			"/people/role": "give=RE", "/people/seat": "", "/people/delete": "", "/people/tags": "", "/people/add-to": "",
		} {
			form, _ := url.ParseQuery(everybody.Encode() + "&" + more)
			if path == "/people/seat" {
				continue // everybody has one
			}
			asked := b.posted(path, form).Header().Get("Location")
			page := b.page("<bdi>Person 24</bdi>", asked)
			b.without(page, "<bdi>Person 26</bdi>")
			next := regexp.MustCompile(`id="page-next" href="([^"]*)"`).FindStringSubmatch(page)
			if next == nil {
				t.Errorf("%s has one page", path)
				continue
			}
			page = b.page("<bdi>Person 26</bdi>", strings.ReplaceAll(next[1], "&amp;", "&"))
			b.without(page, "<bdi>Person 24</bdi>")
			page = b.page("<bdi>Person 07</bdi>", asked+"&find=07")
			b.without(page, "<bdi>Person 08</bdi>")
			b.page("Nobody among them matches the search.", asked+"&find=zebra")
		}
	})
}

// TestNoticesNameThePerson: what was done to one person says to whom, however they were
// selected, and whoever of the selected stayed as they were.
func TestNoticesNameThePerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space, night := b.Workspace("Vision"), b.Tag("Night")
		project, other := b.Project("Signs", 0), b.Project("Wheat", 0)
		ida := b.PersonNamed(roster.NewUser{Email: "ida@example.com", FirstName: "<i>Ida</i>", Role: "AN"})
		members, only := fmt.Sprintf("/projects/%d/members", project), "all=1&q=ida%40"
		for _, c := range []struct{ path, form, does, says string }{
			{members + "/add", "included=" + ids(ida), "", "was added to the project."},
			{members + "/roles", "all=1&give=RE", "apply", "is Reviewer in this project now."},
			{members + "/roles", "all=1&give=", "apply", "has their organization role in this project again."},
			{members + "/pause", "included=" + ids(ida), "apply", "is paused: still a member"},
			{members + "/resume", "included=" + ids(ida), "apply", "may work in the project again."},
			{members + "/tags", "all=1&add=" + ids(night), "apply", "got the tag."},
			{"/people/tags", only + "&drop=" + ids(night), "apply", "lost the tag."},
			{members + "/add-to", fmt.Sprintf("all=1&into=p%d", other), "apply", "was added to \u2068Wheat\u2069."},
			{fmt.Sprintf("/workspaces/%d/members/add", space), "included=" + ids(ida), "", "was added to the workspace"},
			{fmt.Sprintf("/workspaces/%d/members/remove", space), "all=1", "apply", "was taken out of the workspace."},
			{members + "/unassign", "all=1", "apply", "was taken off the project."},
			{"/people/role", only + "&give=RE", "apply", "is Reviewer now."},
			{"/people/role", only + "&deactivate=1", "apply", "is deactivated."},
			{"/people/delete", only, "apply", "was deleted from the organization."},
		} {
			form, _ := url.ParseQuery(c.form)
			at := c.path
			if c.does != "" {
				ask := b.must(200, "", "POST", at, form).Body.String()
				at += "/" + c.does
				form, _ = url.ParseQuery(fields(ask).Encode() + "&" + c.form)
			} else {
				form.Set("key", "K"+at)
			}
			b.must(303, "", "POST", at, form)
			b.page("\u2068&lt;i&gt;Ida&lt;/i&gt;\u2069 "+c.says, "/people")
		}
	})
}
