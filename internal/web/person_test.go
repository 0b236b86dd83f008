package web_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// signedIn is a browser in which somebody with a role signed in.
func signedIn(t *testing.T, db *store.DB, role roster.Role) *browser {
	b := open(t, db)
	b.signIn(role)
	return b
}

// signIn signs a new person with a role in, in place of whoever was.
func (b *browser) signIn(role roster.Role) int64 {
	b.T.Helper()
	id, text := b.Owner, password
	if role != roster.RoleOwner {
		id = b.Person(role)
	}
	m, err := b.App.UpdatePerson(b.As(b.Owner), id, roster.UserPatch{Password: &text})
	if err != nil {
		b.T.Fatal(err)
	}
	b.must(303, "", "POST", "/user/login/", credentials(m.User.Email, password))
	return id
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z_.]+)" value="([^"]*)">`)

// form is the hidden fields of the form of a page that is sent to action.
func (b *browser) form(page, action string, more ...string) url.Values {
	b.T.Helper()
	form := regexp.MustCompile(`(?s)<form[^>]*action="` + regexp.QuoteMeta(html.EscapeString(action)) + `".*?</form>`).
		FindString(page)
	if form == "" {
		b.T.Fatalf("no form for %s in\n%s", action, page)
	}
	out := url.Values{}
	for _, f := range hiddenField.FindAllStringSubmatch(form, -1) {
		out.Set(f[1], html.UnescapeString(f[2]))
	}
	for i := 0; i < len(more); i += 2 {
		out.Set(more[i], more[i+1])
	}
	return out
}

// page is a page that has to be there and hold a text.
func (b *browser) page(text, target string) string {
	b.T.Helper()
	return b.must(200, text, "GET", target, nil).Body.String()
}

// without fails when a page holds a text.
func (b *browser) without(page, text string) {
	b.T.Helper()
	if strings.Contains(page, text) {
		b.T.Errorf("%q in\n%s", text, page)
	}
}

func TestPersonPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space := b.Workspace("Vision")
		p := b.Project(`<b>Signs</b>`, space)
		user := b.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "نور",
			LastName: strings.Repeat("x", 250), Role: "AN"})
		b.Assign(p, user)
		_, err := b.App.AssignToWorkspace(b.As(b.Owner), space, roster.Selector{Included: []int64{user}})
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("/people/%d", user)
		b.page("Member of the project", at)
		b.page("&lt;b&gt;Signs&lt;/b&gt;", at)
		b.page("Became a member of &lt;b&gt;Signs&lt;/b&gt;.", at+"/history")

		change := at + "/change"
		ask := b.page("through the workspace Vision", fmt.Sprintf("%s?project=%d", change, p))
		form := b.form(ask, change)
		if to := b.must(303, "", "POST", change, form).Header().Get("Location"); to != at {
			t.Errorf("leads to %s", to)
		}
		b.page("was taken off &lt;b&gt;Signs&lt;/b&gt;.", at)
		b.must(303, "", "POST", change, form) // the same form again does nothing
		if got := b.Explicit(p); len(got) != 0 {
			t.Errorf("members: %v", got)
		}
		b.must(409, "not a member of this project", "GET", fmt.Sprintf("%s?project=%d", change, p), nil)

		// a question asked before the direct membership came back
		ask = b.page("Loses access to one project", fmt.Sprintf("%s?workspace=%d", change, space))
		b.Assign(p, user)
		again := b.must(409, "Nothing was changed; look again.", "POST", change, b.form(ask, change)).Body.String()
		if !strings.Contains(again, "as a member of the project itself") {
			t.Errorf("does not show what it does now:\n%s", again)
		}
		b.must(303, "", "POST", change, b.form(again, change))
		b.without(b.page("Member of the project", at), "Workspace <bdi>Vision")

		ask = b.page("Deactivate", change+"?role=DI")
		b.must(303, "", "POST", change, b.form(ask, change))
		b.page("has no access anywhere", at)
		b.page("Comes back to one project", change+"?role=AN")
		b.without(b.page("they reach every project of the organization", change+"?role=AD"), "Still has access")
	})
}

// What one may not do is not offered, and refused when it is sent all the same.
func TestPersonPageObeysThePolicy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		p := b.Project("Signs", 0)
		user, stranger := b.Person("AN"), b.Person("AN")
		b.Assign(p, user)
		at := fmt.Sprintf("/people/%d", user)
		manager := b.signIn("MA")
		b.must(404, "no such person", "GET", at, nil)
		b.Assign(p, manager)
		page := b.page("Unassign", at)
		b.without(page, "Deactivate")
		b.without(page, "Delete…")
		b.must(403, "may not give this role", "GET", at+"/change?role=AD", nil)
		b.must(404, "no such person", "GET", fmt.Sprintf("/people/%d", stranger), nil)

		own := b.signIn("AN")
		b.must(404, "no such person", "GET", at, nil)
		b.Assign(p, own)
		// what one reaches oneself, and no way further
		mine := b.page("Member of the project", fmt.Sprintf("/people/%d", own))
		for _, text := range []string{"Unassign", `href="/people"`, "/members", "/history\""} {
			b.without(mine, text)
		}
		b.signIn("AD")
		owner := fmt.Sprintf("/people/%d", b.Owner)
		page = b.page("Olga Owner", owner)
		b.without(page, "Deactivate…")
		b.must(403, "may not give this role", "GET", owner+"/change?role=DI", nil)
		b.must(403, "may not give this role", "POST", owner+"/change",
			url.Values{"key": {"k"}, "role": {"DI"}, "seen": {"x"}})
		for _, bad := range []string{"", "?role=XX", "?project=x", "?project=999999", "?workspace=7"} {
			if code := b.send("GET", at+"/change"+bad, nil).Code; code != 403 && code != 409 &&
				(code != 400 || bad != "?project=x") {
				t.Errorf("%s: %d", bad, code)
			}
		}
		for _, two := range []string{
			"?project=1&role=DI", "?project=1&workspace=1", "?project=1&project=2", "?projekt=1&role=DI",
			"?role=DI&role=AN", "?workspace=01",
		} {
			b.must(400, "", "GET", at+"/change"+two, nil)
		}
		b.must(404, "no such page", "GET", "/people/0", nil)
		b.must(404, "no such person", "GET", "/people/999999", nil)
	})
}
