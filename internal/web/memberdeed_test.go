package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestManyMembersAreChanged: role, pause, tags and another project, each asked first, and
// the role, the tags and the addition one operation that can be taken back.
func TestManyMembersAreChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		project, people := b.crew("AN", "Ann One", "Ben Two", "Cy Three")
		manager := b.Person("MA")
		b.Assign(project, manager)
		other, space := b.Project("Invoices", 0), b.Workspace("Vision")
		night := b.Tag("night")
		list := fmt.Sprintf("/projects/%d/members", project)
		all := url.Values{"all": {"1"}, "excluded": {ids(people[2])}}
		do := func(path, asks, says string, more ...string) string {
			t.Helper()
			form := url.Values{"all": all["all"], "excluded": all["excluded"]}
			for i := 0; i < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			ask := b.must(200, asks, "POST", list+path, form).Body.String()
			answer := b.form(ask, list+path+"/apply", more...)
			answer.Del("give")
			to := b.must(303, "", "POST", list+path+"/apply", answer).Header().Get("Location")
			if to != list+"?all=1&excluded="+ids(people[2]) {
				t.Errorf("%s: they are not selected any more: %s", path, to)
			}
			return b.page(says, to)
		}
		effective := func(user int64) roster.Role {
			t.Helper()
			m, _, err := b.App.Members(b.As(b.Owner), project, roster.MemberFilter{IDs: []int64{user}}, roster.Everything)
			if err != nil || len(m) != 1 {
				t.Fatal(m, err)
			}
			return m[0].Effective()
		}

		page := do("/roles", "Make 2 people Reviewer in this project",
			"2 people are Reviewer in this project now. One person stays unchanged.", "give", "RE")
		if effective(people[0]) != "RE" || effective(people[1]) != "RE" || effective(people[2]) != "AN" ||
			effective(manager) != "MA" {
			t.Error("roles")
		}
		b.page("Undone: 2 people are as they were before.", b.undoes(page, list))
		if effective(people[0]) != "AN" {
			t.Error("not undone")
		}
		do("/roles", "Make 2 people Reviewer", "2 people are Reviewer", "give", "RE")
		do("/roles", "Give 2 people their organization role back",
			"2 people have their organization role in this project again.", "give", "")
		if effective(people[0]) != "AN" {
			t.Error("not given back")
		}
		b.must(400, "", "POST", list+"/roles", url.Values{"all": {"1"}, "give": {"OW"}})

		do("/pause", "Pause 3 people", "3 people are paused: still members", "message", "Call <me>")
		b.page("3 people", list+"?access=paused")
		b.must(200, "There is nothing to do.", "POST", list+"/pause", all)
		do("/resume", "Let 3 people work again", "3 people may work in the project again.")
		b.page("Nobody matches", list+"?access=paused")

		b.must(200, "Tags of 3 people", "POST", list+"/tags", all)
		page = do("/tags", "Tags of 3 people", "3 people got the tag.", "add", fmt.Sprint(night))
		b.page("Undone: ", b.undoes(page, list))

		form := url.Values{"all": all["all"], "excluded": all["excluded"]}
		ask := b.must(200, "Invoices", "POST", list+"/add-to", form).Body.String()
		look := b.form(ask, list+"/add-to", "into", fmt.Sprintf("p%d", other))
		ask = b.must(200, "3 people are added to", "POST", list+"/add-to", look).Body.String()
		b.must(303, "", "POST", list+"/add-to/apply", b.form(ask, list+"/add-to/apply"))
		if got := b.Explicit(other); !slices.Equal(got, []int64{people[0], people[1], manager}) {
			t.Errorf("in the other project are %v", got)
		}
		page = b.page("3 people were added to \u2068Invoices\u2069.", list)
		b.page("Undone: ", b.undoes(page, list))
		ask = b.must(200, "and reach every project in it", "POST", list+"/add-to",
			b.form(ask, list+"/add-to", "into", fmt.Sprintf("w%d", space))).Body.String()
		b.must(303, "", "POST", list+"/add-to/apply", b.form(ask, list+"/add-to/apply"))
		b.page("3 people", fmt.Sprintf("/workspaces/%d/members", space))
		b.must(400, "Choose a project or a workspace.", "POST", list+"/add-to/apply", url.Values{"all": {"1"}, "key": {"K1"}})
		b.must(400, "", "POST", list+"/add-to", url.Values{"all": {"1"}, "into": {"x7"}})
		b.must(404, "", "POST", list+"/add-to", url.Values{"all": {"1"}, "into": {"p999"}})

		emails := b.must(200, "p0@example.com, p1@example.com", "POST", list+"/emails", form).Body.String()
		b.without(emails, "p2@example.com")
		csv := b.must(200, "p0@example.com", "POST", list+"/selected.csv", form).Body.String()
		if strings.Contains(csv, "p2@example.com") || strings.Count(csv, "\n") != 4 {
			t.Errorf("the file is\n%s", csv)
		}
		csv = b.must(200, "p2@example.com", "POST", "/people/selected.csv",
			url.Values{"included": {ids(people[2])}}).Body.String()
		if strings.Count(csv, "\n") != 2 {
			t.Errorf("the file is\n%s", csv)
		}
		if got := b.Explicit(project); len(got) != 4 {
			t.Errorf("members %v", got)
		}
	})
}

// TestManyMembersArePausedAsOne: whom one may not pause is passed over, and what changed
// meanwhile is asked again.
func TestManyMembersArePausedAsOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, manager := enter(t, db, "MA")
		project, people := b.crew("AN", "Ann One", "Ben Two")
		peer := b.Person("MA")
		b.Assign(project, manager, peer)
		list := fmt.Sprintf("/projects/%d/members", project)
		ask := b.must(200, "Pause 2 people", "POST", list+"/pause", url.Values{"all": {"1"}}).Body.String()
		if _, err := b.App.PauseMember(b.As(b.Owner), project, people[0], roster.PauseManual, ""); err != nil {
			t.Fatal(err)
		}
		b.must(409, "Pause one person", "POST", list+"/pause/apply", b.form(ask, list+"/pause/apply"))
		b.must(200, "the person you selected", "POST", list+"/pause", url.Values{"included": {fmt.Sprint(peer)}})
		b.cookies = map[string]string{}
		b.signIn("AN")
		for _, path := range []string{"/roles", "/pause", "/resume", "/tags", "/add-to", "/emails",
			"/selected.csv", "/except"} {
			b.must(404, "", "POST", list+path, url.Values{"all": {"1"}, "give": {"RE"}})
		}
	})
}

// TestTheDeletedAreInvitedAgain: the page that invites has their e-mails.
func TestTheDeletedAreInvitedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		var gone []int64
		for range 3 {
			gone = append(gone, b.Person("AN"))
		}
		if _, err := b.App.RemovePeople(b.As(b.Owner), roster.Selector{Included: gone}, ""); err != nil {
			t.Fatal(err)
		}
		b.page("2 people are selected.", "/people?state=deleted&included="+url.QueryEscape(ids(gone[:2]...)))
		b.without(b.page("Invite again…", "/people?state=deleted&all=1"), "Deactivate…")
		for form, want := range map[string]int{"state=deleted&all=1&excluded=" + ids(gone[0]): 2,
			"state=deleted&included=" + ids(gone[1]): 1} {
			page := b.must(200, "Invite people", "POST", "/people/invite-again", choosing(form)).Body.String()
			area := page[strings.Index(page, "<textarea"):strings.Index(page, "</textarea>")]
			if strings.Count(area, "@example.com") != want || strings.Contains(area, fmt.Sprintf("person%d@", gone[0]-2)) {
				t.Errorf("%s invites %s", form, area)
			}
		}
	})
}
