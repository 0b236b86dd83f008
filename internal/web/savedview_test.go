package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// save keeps a view through its form, and returns where that leads.
func (b *browser) save(name, address string, more ...string) string {
	b.T.Helper()
	page := b.page("Save what is shown now as", "/views?"+url.Values{"address": {address}}.Encode())
	form := b.form(page, "/views", append([]string{"name", name}, more...)...)
	return b.must(303, "", "POST", "/views", form).Header().Get("Location")
}

func TestSavedViewOfMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Signs", 0)
		one, two := b.Person("AN"), b.Person("AN")
		b.Assign(project, one, two)
		list := fmt.Sprintf("/projects/%d/members", project)
		b.with(b.page("Views", list+"?role=AN"), `href="/views?address=`)
		at := b.save("All but one", fmt.Sprintf("%s?role=AN&all=1&excluded=%d&page=2&view=77", list, one), "shared", "1")
		u, _ := url.Parse(at)
		if q := u.Query(); u.Path != list || q.Get("role") != "AN" || q.Get("all") != "1" ||
			q.Get("excluded") != fmt.Sprint(one) || q.Has("page") || q.Get("view") != "1" {
			t.Fatalf("the view leads to %s", at)
		}
		b.page("Nobody who matches joined since it was saved.", at)

		b.Clock = b.Clock.Add(48 * time.Hour)
		late := b.PersonNamed(roster.NewUser{Email: "late@example.com", FirstName: "Lata", LastName: "<Late>", Role: "AN"})
		b.Assign(project, late)
		page := b.page("One person who matches joined since it was saved: \u2068Lata &lt;Late&gt;\u2069.", at)
		b.with(page, "This person is selected, too.")
		b.with(page, "All 3 direct members who match are selected, except 1.")
		b.with(page, `name="view" value="1"`)
		b.page("Lata &lt;Late&gt;", "/views/1/joined")
		without := fmt.Sprintf("all=1&amp;excluded=%d%%2C%d", one, late)
		b.with(page, without)
		b.without(b.page("joined since", fmt.Sprintf("%s?role=AN&all=1&excluded=%d,%d&view=1", list, one, late)),
			"is selected, too")
		if to := b.send("GET", "/views/1", nil).Header().Get("Location"); to != at {
			t.Errorf("/views/1 leads to %s, not %s", to, at)
		}

		// another list's, one that is gone, and a hand-made one: the filters are still there
		for _, address := range []string{list + "?role=AN&view=99", "/people?role=AN&view=1"} {
			page := b.page("not kept any more", address)
			b.with(page, "Annotator")
			b.without(page, `name="view"`)
		}
		for _, view := range []string{"0", "x", "-1", "1,2"} {
			b.must(400, "cannot be read", "GET", list+"?view="+view, nil)
		}
		b.must(404, "There is no such view", "GET", "/views/99", nil)
		b.must(404, "There is no such page", "GET", "/views/x", nil)

		// rename, and let it show something else
		page = b.page("Let it show what the list shows now", "/views/1/edit?"+
			url.Values{"address": {list + "?role=RE"}}.Encode())
		form := b.form(page, "/views/1/edit", "name", " Reviewers ", "renew", "1")
		at = b.must(303, "", "POST", "/views/1/edit", form).Header().Get("Location")
		if at != list+"?role=RE&view=1" {
			t.Errorf("changed, it leads to %s", at)
		}
		b.with(b.page("The view \u2068Reviewers\u2069 was changed.", at), "Nobody who matches joined")
		b.with(b.page("Reviewers", "/views"), "For you alone") // the box of sharing was not sent
		b.must(400, "may not be blank", "POST", "/views/1/edit", b.form(page, "/views/1/edit", "name", " ", "key", "other"))
		form = b.form(b.page("Delete the view", "/views/1/delete"), "/views/1/delete")
		b.must(303, "", "POST", "/views/1/delete", form)
		b.page("No view is kept yet", "/views")
	})
}

func TestSavedViewOfWhatIsGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, me := enter(t, db, "AD")
		tag := b.Tag("night")
		at := b.save("Night shift", fmt.Sprintf("/people?tag=%d&role=AN&all=1", tag))
		if _, err := b.App.DeleteTag(b.As(me), b.Org, tag); err != nil {
			t.Fatal(err)
		}
		page := b.must(400, "is not there any more", "GET", at, nil).Body.String()
		b.with(page, `href="/people?role=AN&amp;view=1"`) // without the tag, and with nobody selected
		b.page("Night shift", "/people?role=AN&view=1")
		b.page("Night shift", "/views")
		b.must(400, "is not there any more", "GET", "/views/1/joined", nil)

		for _, address := range []string{"", "/projects", "https://example.com/people", "//example.com/people",
			"/people/1", "/people/invite", "/projects/x/members", "/history/1"} {
			b.must(400, "Views are kept of lists of people", "POST", "/views",
				url.Values{"key": {"k" + address}, "name": {"x"}, "address": {address}})
		}
		for _, address := range []string{"/people?role=XX", "/people?nothing=1", "/people?tag=999",
			"/history?kind=dance", "/people?%zz"} {
			if answer := b.send("POST", "/views", url.Values{"key": {"k" + address}, "name": {"x"},
				"address": {address}}); answer.Code != http.StatusBadRequest {
				t.Errorf("%s is kept: %d", address, answer.Code)
			}
		}
		b.must(404, "no such project", "POST", "/views",
			url.Values{"key": {"p"}, "name": {"x"}, "address": {"/projects/999/members"}})
		b.must(303, "", "POST", "/views", url.Values{"key": {"h"}, "name": {"Undone"}, "address": {"/history?kind=undo"}})
		b.page("Undone", "/search?q=undone")
		b.page("Views", "/history?kind=undo&view=2")
	})
}

// A view shows each what they may see, whoever made it.
func TestSharedViews(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project := b.Project("Signs", 0)
	manager, email := b.account("MA")
	b.Assign(project, manager)
	stranger := b.PersonNamed(roster.NewUser{Email: "stranger@example.com", FirstName: "Sandra",
		LastName: "Stranger", Role: "AN"})
	at := b.save("Everybody", "/people?role=AN&role=MA", "shared", "1")
	b.save("Mine", "/people?role=AN")
	b.page("Sandra", at)
	b.must(303, "", "POST", "/user/logout/", nil)
	b.must(303, "", "POST", "/user/login/", credentials(email, password))
	page := b.page("Everybody", "/views")
	b.without(page, "Mine")
	b.without(page, "/views/1/edit")
	b.without(b.page("shared by", at), "Sandra")
	b.must(403, "permission", "POST", "/views/1/delete", url.Values{"key": {"d"}})
	b.must(404, "no such view", "POST", "/views/2/delete", url.Values{"key": {"e"}})
	if _, err := b.App.RemoveFromOrganization(b.As(b.Owner), b.Org, stranger); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.page("Everybody", "/views"), "Delete…") {
		t.Error("may delete what another shared")
	}
}

// TestSharedViewsTellNobodysName: of somebody whom the reader may not know of, whose pages
// are not there for them.
func TestSharedViewsTellNobodysName(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	one, two := b.Project("Signs", 0), b.Project("Shops", 0)
	near, nora := b.account("MA")
	first, last := "Nora", "Near"
	if _, err := b.App.UpdatePerson(b.As(b.Owner), near,
		roster.UserPatch{FirstName: &first, LastName: &last}); err != nil {
		b.T.Fatal(err)
	}
	b.Assign(one, near)
	far, email := b.account("MA")
	b.Assign(two, far)
	b.must(303, "", "POST", "/user/logout/", nil)
	b.must(303, "", "POST", "/user/login/", credentials(nora, password))
	at := b.save("Everybody", "/people?role=AN", "shared", "1")
	b.must(303, "", "POST", "/user/logout/", nil)
	b.must(303, "", "POST", "/user/login/", credentials(email, password))
	for _, target := range []string{"/views", at} {
		b.without(b.page("hared by somebody whom you do not see", target), "Nora")
	}
	b.Assign(two, near)
	b.page("Nora Near", "/views")
}
