package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestWorkspacePages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.page("No workspaces yet", "/workspaces")
		form := b.form(b.page("Create the workspace", "/workspaces/new"), "/workspaces", "title", " ", "description",
			"<i>kept</i>")
		b.must(400, "&lt;i&gt;kept&lt;/i&gt;", "POST", "/workspaces", form) // what was typed is still there
		form.Set("title", strings.Repeat("漢", 300))
		at := b.must(303, "", "POST", "/workspaces", form).Header().Get("Location")
		if again := b.must(303, "", "POST", "/workspaces", form).Header().Get("Location"); again != at {
			t.Errorf("sent twice leads to %s and %s", at, again)
		}
		list := b.page(strings.Repeat("漢", 300), "/workspaces?q=漢")
		if n := strings.Count(list, "data-row>"); n != 1 {
			t.Errorf("%d workspaces", n)
		}
		b.page("No workspace matches", "/workspaces?q=nothing&size=99&order=-title")
		b.must(400, "cannot be read", "GET", "/workspaces?size=x&page=-3&order=%27", nil)
		edit := b.form(b.page("Save", at+"/edit"), at+"/edit", "title", `<script>alert(1)</script>`, "description", "")
		b.must(303, "", "POST", at+"/edit", edit)
		b.without(b.page("&lt;script&gt;", at+"/projects"), "<script>alert")

		archive := b.form(b.page("Archive", at+"/projects"), at+"/archive", "archived", "true")
		b.must(303, "", "POST", at+"/archive", archive)
		b.page("No workspaces yet", "/workspaces")
		b.page("Archived", "/workspaces?archived=1")
		b.must(400, "not from a page", "POST", at+"/archive", url.Values{"key": {"x"}, "archived": {"perhaps"}})

		var id int64
		fmt.Sscanf(at, "/workspaces/%d", &id)
		gone := b.form(b.page("cannot be undone", at+"/delete"), at+"/delete")
		p := b.Project("Signs", id)
		b.page("still holds a project", at+"/delete")
		b.must(400, "still holds projects", "POST", at+"/delete", gone)
		if err := db.DeleteProject(b.As(b.Owner), p, b.Clock); err != nil {
			t.Fatal(err)
		}
		b.must(303, "", "POST", at+"/delete", gone)
		b.must(404, "no such workspace", "GET", at+"/projects", nil)
		b.must(404, "no such workspace", "POST", at+"/edit", edit)
	})
}

func TestWorkspacePagesObeyThePolicy(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	space := b.Workspace("Vision")
	at := fmt.Sprintf("/workspaces/%d", space)
	user := b.signIn("AN")
	b.must(404, "no such workspace", "GET", at+"/projects", nil)
	if _, err := b.App.AssignToWorkspace(b.As(b.Owner), space, roster.Selector{Included: []int64{user}}); err != nil {
		t.Fatal(err)
	}
	page := b.page("Vision", at+"/projects")
	b.without(page, "Delete…")
	b.without(b.page("Vision", "/workspaces"), "New workspace")
	b.must(403, "permission", "GET", at+"/edit", nil)
	b.must(403, "permission", "GET", "/workspaces/new", nil)
	b.must(403, "permission", "POST", at+"/delete", url.Values{"key": {"x"}})
	b.must(403, "permission", "POST", "/workspaces", url.Values{"key": {"y"}, "title": {"Mine"}})
}

func TestWorkspaceMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space := b.Workspace("Vision")
		p := b.Project("Signs", space)
		one, two, out := b.Person("AN"), b.Person("AN"), b.Person("DI")
		at := fmt.Sprintf("/workspaces/%d/members", space)
		b.page("Nobody is in this workspace", at)
		add := b.page("3 people to add", at+"/add")
		b.without(add, fmt.Sprintf(`name="pick" value="%d"`, out))
		b.must(400, "Nobody is selected", "POST", at+"/add", choosing("key=a"))
		b.must(303, "", "POST", at+"/add", choosing("all=1&q=person&key=b"))
		b.page("2 people were added to the workspace", at)
		if got := rows(b.page("2 people", at)); got != 2 {
			t.Errorf("%d people", got)
		}
		b.Assign(p, two)
		ask := b.must(200, "Take 2 people out of the workspace", "POST", at+"/remove", choosing("all=1")).Body.String()
		want := `<td class="main-cell"><bdi>Signs</bdi></td><td class="num"><strong>1</strong></td><td ` +
			`class="num">1</td><td class="num">0</td>`
		if !strings.Contains(ask, want) {
			t.Errorf("does not say what it does to access:\n%s", ask)
		}
		form := b.form(ask, at+"/remove/apply")
		if _, err := b.App.AssignToWorkspace(b.As(b.Owner), space, roster.Selector{Included: []int64{b.Owner}}); err != nil {
			t.Fatal(err)
		}
		ask = b.must(409, "Take 3 people out of the workspace", "POST", at+"/remove/apply", form).Body.String()
		b.must(303, "", "POST", at+"/remove/apply", b.form(ask, at+"/remove/apply"))
		b.page("Nobody is in this workspace", at)
		b.must(200, "There is nothing to do.", "POST", at+"/remove", choosing(fmt.Sprintf("included=%d", one)))
		if got := b.Explicit(p); len(got) != 1 || got[0] != two {
			t.Errorf("members of the project: %v", got)
		}

		user := b.signIn("AN")
		if _, err := b.App.AssignToWorkspace(b.As(b.Owner), space, roster.Selector{Included: []int64{user}}); err != nil {
			t.Fatal(err)
		}
		page := b.page("One person", at)
		b.without(page, "Take out")
		b.without(page, "data-pick")
		b.must(403, "permission", "GET", at+"/add", nil)
		b.must(400, "Nobody is selected", "POST", at+"/remove", choosing("all=1"))
	})
}

// TestAnAnnotatorNarrowsByNothingHidden: the page offers no filter and no order by what it
// does not show, takes none, and its search looks at names.
func TestAnAnnotatorNarrowsByNothingHidden(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		space := b.Workspace("Vision")
		id, email := b.account(roster.RoleAnnotator)
		other := b.PersonNamed(roster.NewUser{Email: "hidden@example.com", FirstName: "Zoe", LastName: "Blum", Role: "AN"})
		if _, err := b.App.AssignToWorkspace(b.As(b.Owner), space,
			roster.Selector{Included: []int64{id, other}}); err != nil {
			t.Fatal(err)
		}
		b.must(303, "", "POST", "/user/login/", credentials(email, password))
		members := fmt.Sprintf("/workspaces/%d/members", space)
		for _, query := range []string{
			"active=never", "active=30", "from=2026-01-01", "to=2026-01-01", "order=last_activity", "order=-email",
		} {
			field, _, _ := strings.Cut(query, "=")
			b.must(400, field, "GET", members+"?"+query, nil)
		}
		page := b.must(200, "2 people", "GET", members, nil).Body.String()
		for _, hidden := range []string{"order=last_activity", `name="active"`, "hidden@", "name or e-mail"} {
			b.without(page, hidden)
		}
		b.must(200, "Zoe Blum", "GET", members+"?q=blum&order=-name", nil)
		b.must(200, "Nobody matches these filters", "GET", members+"?q=hidden", nil)
		b.must(200, "Nobody matches these filters", "GET", members+"?q=example.com", nil)
	})
}
