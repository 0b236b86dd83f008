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

// passedOver are selections of which a part used to be dropped, so that everybody
// was meant.
var passedOver = []string{
	"role=%FF", "state=deactivated", "user_type=flex", "tags=1", "search=ann", "rolle=AN", "last_activity__lte=2026-01-01",
	"to=&to=2026-01-01", "from=2026-01-01&from=2026-02-01", "from=0001-01-01", "to=26-01-01", "every=true",
	"excluded=abc", "excluded=-1", "only=abc", "only=",
	"only=1,x", "included=1%3B2", "all=true", "all=1&all=", "q=%2C", "q=%22%22", "q=" + strings.Repeat("a", 1001),
	"q=a%00b", "tag=x", "tag=01x", "access=everybody", "active=1",
	"page=0", "page=x", "size=x", "order=x", "order=email%27", "joined_after=26-01-01", "joined_after=0001-01-01",
	"joined_before=x", "joined_after=2026-01-01&joined_after=2026-02-01",
	"keep_made=true", "deactivate=yes",
	"seat=", "role=AN&role=%FF", "active=30&from=2026-01-01", "all=1&included=1", "included=1&excluded=1", "all=zz",
}

// TestNothingIsPassedOver: on a view, and on what takes people away.
func TestNothingIsPassedOver(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project, people := b.Project("Street signs", 0), []int64{}
	for range 3 {
		people = append(people, b.Person(roster.RoleAnnotator))
	}
	b.Assign(project, people...)
	members := fmt.Sprintf("/projects/%d/members", project)
	for _, query := range passedOver {
		if query == "only=" || query == "seat=" { // a form's blank field: no filter, and nobody
			continue
		}
		b.must(400, "", "GET", members+"?"+query, nil)
		b.must(400, "", "GET", members+".csv?"+query, nil)
		form, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		form["key"] = []string{strings.Repeat("A", 26)}
		if !form.Has("all") && !form.Has("only") {
			form.Set("all", "1")
		}
		b.must(400, "", "POST", members+"/unassign", form)
		form.Set("plan", "x")
		b.must(400, "", "POST", members+"/unassign/apply", form)
	}
	if got := b.Explicit(project); len(got) != 3 {
		t.Errorf("%d members are left of 3", len(got))
	}
	for _, target := range []string{"/people?access=direct", "/people?user_type=flex", "/people?excluded=abc",
		"/people.csv?role=%FF", "/people?state=gone", "/people?state=deleted&state=active"} {
		b.must(400, "", "GET", target, nil)
	}
	b.must(200, "3 people", "GET",
		members+"?role=&role=AN&seat=&from=&to=&access=direct&q=&active=&page=1&size=50&order=name&pick=&all=", nil)
}

// TestAReviewerWhoManagesMembersAdds: by the console, too, and only whom they may know of,
// by name.
func TestAReviewerWhoManagesMembersAdds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		if _, err := b.App.SetPermissionOverride(b.As(b.Owner), b.Org, "projects.members",
			[]roster.Role{roster.RoleReviewer}); err != nil {
			t.Fatal(err)
		}
		id, email := b.account(roster.RoleReviewer)
		project, shared := b.Project("Street signs", 0), b.Project("Shared", 0)
		near, far := b.Person(roster.RoleAnnotator), b.Person(roster.RoleAnnotator)
		b.Assign(project, id)
		b.Assign(shared, id, near)
		b.must(303, "", "POST", "/user/login/", credentials(email, password))
		add := fmt.Sprintf("/projects/%d/members/add", project)
		page := b.must(200, "First2 Last2", "GET", add, nil).Body.String()
		if strings.Contains(page, "person2@example.com") || strings.Contains(page, "First3") {
			t.Errorf("it tells too much:\n%s", page)
		}
		b.must(303, "", "POST", add, url.Values{"all": {"1"}, "key": {b.key(add)}})
		if got := b.Explicit(project); len(got) != 2 || got[1] != near || far == 0 {
			t.Errorf("members %v", got)
		}
	})
}

// TestFiltersThatOneMayNotUse: somebody who may remove members and not see tags is
// told so, and takes nobody.
func TestFiltersThatOneMayNotUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		if _, err := b.App.SetPermissionOverride(b.As(b.Owner), b.Org, "projects.members",
			[]roster.Role{roster.RoleReviewer}); err != nil {
			t.Fatal(err)
		}
		id, email := b.account(roster.RoleReviewer)
		project := b.Project("Street signs", 0)
		b.Assign(project, id, b.Person(roster.RoleAnnotator), b.Person(roster.RoleAnnotator))
		tag := b.Tag("night")
		b.must(303, "", "POST", "/user/login/", credentials(email, password))
		members := fmt.Sprintf("/projects/%d/members", project)
		b.must(200, "3 people", "GET", members+"?access=direct", nil)
		for _, query := range []string{fmt.Sprintf("tag=%d", tag), "every=1", "tagfind=x"} {
			b.must(400, "you may not use it", "GET", members+"?"+query, nil)
			form, _ := url.ParseQuery(query + "&all=1&plan=x&key=" + strings.Repeat("A", 26))
			b.must(400, "", "POST", members+"/unassign", form)
			b.must(400, "", "POST", members+"/unassign/apply", form)
		}
		if got := b.Explicit(project); len(got) != 3 {
			t.Errorf("%d members are left of 3", len(got))
		}
	})
}

// TestEverybodyWhoOnlyInherits is nobody who can be taken off: 8 were shown, and 45 went.
func TestEverybodyWhoOnlyInherits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", 0)
		b.Assign(project, b.Person(roster.RoleAnnotator), b.Person(roster.RoleAdministrator))
		members := fmt.Sprintf("/projects/%d/members", project)
		form := url.Values{"access": {"inherited"}, "all": {"1"}, "key": {strings.Repeat("A", 26)}}
		page := b.must(200, "Nobody to take off the project", "POST", members+"/unassign", form).Body.String()
		if strings.Contains(page, `name="plan"`) {
			t.Error("there is something to agree to")
		}
		form.Set("plan", "x")
		b.send("POST", members+"/unassign/apply", form)
		if got := b.Explicit(project); len(got) != 2 {
			t.Errorf("%d members are left of 2", len(got))
		}
	})
}
