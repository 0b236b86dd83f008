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

// Who is a member already and has another role than the list says is made what it says, in
// one operation; who is unknown is invited with the project.
func TestAListOfMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("Signs", 0)
		named := func(email string) int64 { return b.PersonNamed(roster.NewUser{Email: email, Role: "AN"}) }
		b.Assign(p, named("one@example.com"), named("two@example.com"), named("same@example.com"))
		if _, _, err := b.App.SetProjectRole(b.As(b.Owner), p, b.Explicit(p)[2], "RE"); err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("/projects/%d/members/add/emails", p)
		list := "email,role\none@example.com,Reviewer\ntwo@example.com,RE\nsame@example.com,RE\nnew@example.com,RE\nnobody,AN\n"
		page := b.must(200, "Make these 2 Reviewer", "POST", at, url.Values{"emails": {list}, "give": {""}}).Body.String()
		for _, text := range []string{"2 lines cannot be used", "Copy these lines", "Invite this one with this project",
			"A member already, as Annotator.", "A member already, as Reviewer."} {
			if !strings.Contains(page, text) {
				t.Errorf("no %q", text)
			}
		}
		if strings.Index(page, "Nobody in the organization has this e-mail.") > strings.Index(page, "A member already") {
			t.Error("the problems come last")
		}
		form := b.form(page, at+"/role")
		b.must(303, "", "POST", at+"/role", form)
		b.page("2 people are Reviewer in this project now.", fmt.Sprintf("/projects/%d/members", p))
		op := lastOperation(b)
		b.page("made <a href", "/history")
		if _, err := b.App.Undo(b.As(b.Owner), op); err != nil {
			t.Fatal(err)
		}
		b.must(200, "Make these 2 Reviewer", "POST", at, url.Values{"emails": {list}, "give": {""}})
		b.must(400, "nobody to change", "POST", at+"/role", url.Values{"key": {"x"}, "ready": {""}, "give": {"RE"}})
		b.must(400, "cannot be added, or not in this way", "POST", at+"/role",
			url.Values{"key": {"y"}, "ready": {"new@example.com"}, "give": {"RE"}})

		check := b.form(page, "/people/invite/check", "emails", "new@example.com\n")
		report := b.must(200, "One person can be invited", "POST", "/people/invite/check", check).Body.String()
		if !strings.Contains(report, fmt.Sprintf(`<input type="hidden" name="projects" value="%d">`, p)) {
			t.Error("the project is lost")
		}
		b.signIn("MA")
		b.must(404, "", "POST", at+"/role", form)
	})
}
