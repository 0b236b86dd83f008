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

// TestDialogsSayWhatIsDormant: the questions before a removal of everybody, what is said
// after, and the record tell of the memberships that were in no list, and so does what takes
// it back.
func TestDialogsSayWhatIsDormant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space := b.Workspace("Vision")
		p := b.Project("Signs", space)
		able := b.PersonNamed(roster.NewUser{Email: "able@example.com", FirstName: "Ina", Role: "AN"})
		off := b.PersonNamed(roster.NewUser{Email: "off@example.com", FirstName: "Ole", Role: "AN"})
		b.Assign(p, able, off)
		for _, user := range []int64{able, off} {
			if _, err := b.App.AddToWorkspace(b.As(b.Owner), space, user); err != nil {
				t.Fatal(err)
			}
		}
		b.becomes(off, "DI")
		list := fmt.Sprintf("/projects/%d/members", p)
		ask := b.must(200, "One deactivated person loses their dormant membership, too", "POST", list+"/unassign",
			url.Values{"all": {"1"}}).Body.String()
		b.must(303, "", "POST", list+"/unassign/apply", fields(ask))
		page := b.page("\u2068Ina\u2069 was taken off the project. They still have access through the workspace. The "+
			"dormant membership of one deactivated person ended, too.", list)
		b.page("One dormant membership came back, too.", b.undoes(page, list))

		ask = b.must(200, "End one dormant membership of the project", "POST", list+"/unassign",
			url.Values{"all": {"1"}, "q": {"ole"}}).Body.String()
		b.without(ask, "There is nothing to do")
		ask = b.must(200, "Take one person off the project", "POST", list+"/unassign",
			url.Values{"only": {fmt.Sprint(off)}}).Body.String()
		b.without(ask, "Keeps access")
		b.without(ask, "keeps access through")

		at := fmt.Sprintf("/workspaces/%d/members", space)
		ask = b.must(200, "One deactivated person loses their dormant membership, too", "POST", at+"/remove",
			choosing("all=1")).Body.String()
		b.must(303, "", "POST", at+"/remove/apply", b.form(ask, at+"/remove/apply"))
		b.page("The dormant membership of one deactivated person ended, too.", at)
		ops, _, err := b.App.Operations(b.As(b.Owner), roster.OperationFilter{Kind: roster.OpWorkspaceUnassign},
			roster.Everything)
		if err != nil || len(ops) != 1 {
			t.Fatal(ops, err)
		}
		record := fmt.Sprintf("/history/%d", ops[0].ID)
		b.page("Dormant membership ended", record)
		b.page("One dormant membership comes back, too.", record+"/undo")
	})
}

// undoes takes back what a page says was done, and returns where that leads to.
func (b *browser) undoes(page, next string) string {
	b.T.Helper()
	_, rest, _ := strings.Cut(page, `action="/operations/`)
	id, _, _ := strings.Cut(rest, "/")
	b.must(303, "", "POST", "/operations/"+id+"/undo", url.Values{"key": {"undo " + id}, "next": {next}})
	return next
}

func (b *browser) becomes(user int64, role roster.Role) {
	b.T.Helper()
	if _, _, err := b.App.ChangeMembership(b.As(b.Owner), b.Org, user, roster.MembershipChange{Role: role}); err != nil {
		b.T.Fatal(err)
	}
}

// TestReactivatingNamesProjects: where somebody comes back to is told before and after.
func TestReactivatingNamesProjects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		signs, crosswalks := b.Project("Signs", 0), b.Project("Crosswalks", 0)
		one, two := b.Person("AN"), b.Person("AN")
		b.Assign(signs, one, two)
		b.Assign(crosswalks, one)
		b.becomes(one, "DI")
		at := fmt.Sprintf("/people/%d", one)
		ask := b.page("Comes back to 2 projects", at+"/change?role=AN")
		if !strings.Contains(ask, "Crosswalks") || !strings.Contains(ask, "Signs") {
			t.Errorf("does not name them:\n%s", ask)
		}
		b.must(303, "", "POST", at+"/change", b.form(ask, at+"/change"))
		b.page("is Annotator now. Back in \u2068Crosswalks\u2069, \u2068Signs\u2069.", at)
		b.page("Could work in Signs again.", at+"/history")

		b.becomes(one, "DI")
		b.becomes(two, "DI")
		ask = b.must(200, "2 projects come back to deactivated people", "POST", "/people/role",
			choosing(fmt.Sprintf("included=%d,%d", one, two), "give", "AN")).Body.String()
		b.must(303, "", "POST", "/people/role/apply", b.form(ask, "/people/role/apply"))
		b.page("2 people are Annotator now. Back in \u2068Crosswalks\u2069, \u2068Signs\u2069.", "/people")
	})
}
