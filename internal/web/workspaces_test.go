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
		form := b.form(b.page("Make the workspace", "/workspaces/new"), "/workspaces", "title", " ", "description", "<i>kept</i>")
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
		b.page("No workspace matches", "/workspaces?q=nothing&size=x&page=-3&order=%27")
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
