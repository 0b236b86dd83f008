package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// mirrored makes b's store one whose people are an upstream's.
func (b *browser) mirrored() {
	b.T.Helper()
	if _, err := b.DB.SetSettingOnce(b.T.Context(), core.UpstreamSetting, []byte(fmt.Sprint(b.Org))); err != nil {
		b.T.Fatal(err)
	}
}

// Who sees the members of no project sees where they work, why, how much is open and whom to
// ask, and no column of dashes.
func TestMyWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		space := b.Workspace("Vision")
		signs, bills, other := b.Project("<b>Signs</b>", space), b.Project("Bills", 0), b.Project("Other", 0)
		manager := b.PersonNamed(roster.NewUser{Email: "mina@example.com", FirstName: "Mina",
			LastName: "Manager", Role: "MA"})
		b.Assign(bills, manager)
		own := b.signIn("AN")
		b.Assign(bills, own)
		if _, err := b.App.AssignToWorkspace(b.As(b.Owner), space, roster.Selector{Included: []int64{own}}); err != nil {
			t.Fatal(err)
		}
		page := b.page("My access and my work", "/projects")
		for _, text := range []string{"&lt;b&gt;Signs&lt;/b&gt;", "Member of the workspace <bdi>Vision</bdi>",
			"Member of the project", "Mina Manager", "Olga Owner", ">My work<"} {
			if !strings.Contains(page, text) {
				t.Errorf("no %q in\n%s", text, page)
			}
		}
		for _, text := range []string{">–<", "mina@example.com", "owner@example.com", "Other", "/data", "/members"} {
			b.without(page, text)
		}
		b.without(b.page("Bills", "/projects?q=bill"), "Signs")
		b.page("No project matches", "/projects?q=zzz")
		b.page("Bills", "/projects?size=100&order=-created_at")
		if _, err := b.App.PauseMember(b.As(b.Owner), bills, own, roster.PauseManual, "Call me"); err != nil {
			t.Fatal(err)
		}
		b.page(fmt.Sprintf(`href="/projects/%d"`, bills), "/projects") // which says why

		b.mirrored()
		b.page(fmt.Sprintf(`href="/projects/%d/data"`, signs), "/projects")
		b.page(fmt.Sprintf(`href="/projects/%d/data"`, signs), "/roster/projects")
		_ = other
		for _, role := range []roster.Role{"OW", "AD", "MA"} {
			b.signIn(role)
			b.without(b.page("Projects", "/projects"), "My access and my work")
		}
	})
}

// TestEditingAName: it is asked for in a dialog, checked, recorded, and taken back.
func TestEditingAName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		id := b.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "Noor", LastName: "Ng", Role: "AN"})
		at := fmt.Sprintf("/people/%d", id)
		b.page("Edit name…", at)
		form := b.form(b.page(`value="Ng"`, at+"/name"), at+"/name", "first_name", "نور", "last_name", "<b>Ng</b>")
		b.must(303, "", "POST", at+"/name", form)
		page := b.page("\u2068Noor Ng\u2069 is called \u2068نور &lt;b&gt;Ng&lt;/b&gt;\u2069 now.", at)
		undo := fmt.Sprintf("/operations/%d/undo", lastOperation(b))
		b.must(303, "", "POST", undo, b.form(page, undo))
		b.page("<bdi>Noor Ng</bdi>", at)
		bad := b.must(400, "no more than 256 characters", "POST", at+"/name",
			b.form(b.page("", at+"/name"), at+"/name", "first_name", strings.Repeat("x", 257), "last_name", "Kept"))
		if !strings.Contains(bad.Body.String(), `value="Kept"`) {
			t.Error("what was typed is lost")
		}
		b.signIn("MA")
		b.must(404, "no such person", "GET", at+"/name", nil)
		own := b.signIn("AN")
		b.page("Edit name…", fmt.Sprintf("/people/%d", own))

		b.mirrored()
		b.signIn("AD")
		page = b.page("Kept in Label Studio. Change them there.", at)
		b.without(page, "Edit name…")
		b.must(409, "kept in Label Studio", "GET", at+"/name", nil)
		b.must(409, "kept in Label Studio", "POST", at+"/name", url.Values{"key": {"m"}, "first_name": {"x"},
			"last_name": {"y"}})
	})
}

func lastOperation(b *browser) int64 {
	b.T.Helper()
	ops, _, err := b.App.Operations(b.As(b.Owner), roster.OperationFilter{}, roster.Page{Number: 1, Size: 1})
	if err != nil || len(ops) == 0 {
		b.T.Fatal("no operation", err)
	}
	return ops[0].ID
}

// A person is added to several projects at once, to those only whose members one manages.
func TestAddingAPersonToProjects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		signs, bills, other := b.Project("Signs", 0), b.Project("Bills", 0), b.Project("Other", 0)
		user := b.Person("AN")
		manager := b.signIn("MA")
		b.Assign(signs, manager, user)
		b.Assign(bills, manager)
		at := fmt.Sprintf("/people/%d", user)
		b.page("Add to projects…", at)
		page := b.page("Bills", at+"/projects")
		b.without(page, "Signs") // there already
		b.without(page, "Other") // not this Manager's
		form := b.form(page, at+"/projects", "give", "RE")
		b.must(400, "Choose at least one project.", "POST", at+"/projects", form)
		form["projects"] = []string{fmt.Sprint(bills), fmt.Sprint(other)}
		b.must(404, "no such project", "POST", at+"/projects", form)
		if got := b.Explicit(bills); len(got) != 1 {
			t.Fatalf("half of it was done: %v", got)
		}
		form["projects"] = []string{fmt.Sprint(bills)}
		b.must(303, "", "POST", at+"/projects", form)
		b.must(303, "", "POST", at+"/projects", form)
		b.page("was added to one project.", at)
		if got := b.Explicit(bills); len(got) != 2 {
			t.Errorf("members: %v", got)
		}
		b.page("There is no project", at+"/projects")
		b.signIn("OW")
		for i := range 101 {
			b.Project(fmt.Sprintf("Zone %03d", i), 0)
		}
		page = b.page("Find a project", at+"/projects")
		b.without(page, "Zone 100")
		b.without(b.page("Zone 100", at+"/projects?find=100"), "Other")
		b.page("checked> <bdi>Other", at+fmt.Sprintf("/projects?find=100&projects=%d", other))
		b.signIn("AN")
		b.must(404, "no such person", "GET", at+"/projects", nil)
	})
}

// There is one control for somebody's role.
func TestOneControlForTheRole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		id := b.Person("AN")
		at := fmt.Sprintf("/people/%d", id)
		page := b.page("Make Reviewer…", at)
		if n := strings.Count(page, "Deactivate…"); n != 1 {
			t.Errorf("%d ways to deactivate", n)
		}
		b.without(page, "<select")
		ask := b.page("Deactivate", at+"/change?role=DI")
		b.must(303, "", "POST", at+"/change", b.form(ask, at+"/change"))
		b.page(`As Annotator… <span class="soft">as before</span>`, at)
	})
}
