package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestHistoryPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p, other := b.Project("<i>Signs</i>", 0), b.Project("Invoices", 0)
		user := b.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "نور",
			LastName: strings.Repeat("x", 250), Role: "AN"})
		an, gone := b.Person("AN"), b.Person("AN")
		b.Assign(p, user, an, gone)
		b.Assign(other, user)
		as := b.As(b.Owner)
		done, err := b.App.UnassignMembers(as, p, roster.Selector{All: true, Excluded: []int64{b.Owner},
			Filter: roster.MemberFilter{Search: "example", Roles: []roster.Role{"AN"}}}, "")
		if err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{
			"": 3, "?kind=unassign": 1, fmt.Sprintf("?project=%d", p): 2, "?person=noor@example.com": 3,
			"?person=nobody@example.com": 0, "?actor=OWNER@example.com": 3,
			"?actor=noor@example.com": 0, "?from=2026-03-01&to=2026-03-01": 3, "?from=2026-03-02": 0, "?to=2026-02-28": 0,
			"?kind=&project=&actor=&from=": 3,
		} {
			if got := strings.Count(b.page("History", "/history"+query), `<tr data-row>`); got != want {
				t.Errorf("%q: %d operations, want %d", query, got, want)
			}
		}
		page := b.page("unassigned 3 people from <bdi>&lt;i&gt;Signs&lt;/i&gt;</bdi>.", "/history")
		b.without(page, "<i>Signs")
		for _, bad := range []string{"?kind=x", "?project=x", "?project=999999", "?from=yesterday", "?to=2026-02-31"} {
			b.must(400, "Choose it again", "GET", "/history"+bad, nil)
		}
		b.must(303, "", "GET", "/history?page=99", nil)

		at := fmt.Sprintf("/history/%d", done.Operation)
		page = b.page("Everybody who matched the filters at the time.", at)
		for _, text := range []string{"Name or e-mail matching \u2068example\u2069.", "Role: Annotator.",
			"Except one person.", "Possible until 31 March 2026, 12:00 UTC.", "Removed (3)", "Legacy API token"} {
			if !strings.Contains(page, text) {
				t.Errorf("no %q in\n%s", text, page)
			}
		}
		if got := strings.Count(b.page("", at+"?q=noor"), `<tr data-row>`); got != 1 {
			t.Errorf("%d results, want 1", got)
		}
		b.page("Nobody matches", at+"?result=hacked")

		// somebody came back meanwhile, somebody is gone
		b.Assign(p, an)
		if _, err := b.App.RemoveFromOrganization(as, b.Org, gone); err != nil {
			t.Fatal(err)
		}
		ask := b.page("One person is a member of the project again", at+"/undo")
		for _, text := range []string{"Left alone because added again: one person.",
			"Left alone because deleted since: one person."} {
			if !strings.Contains(ask, text) {
				t.Errorf("no %q in\n%s", text, ask)
			}
		}
		if got := b.Explicit(p); len(got) != 1 {
			t.Fatalf("the question changed something: %v", got)
		}
		form := b.form(ask, fmt.Sprintf("/operations/%d/undo", done.Operation))
		if to := b.must(303, "", "POST", fmt.Sprintf("/operations/%d/undo", done.Operation), form).Header().
			Get("Location"); to != at {
			t.Errorf("leads to %s", to)
		}
		page = b.page("Undone: one person is as they were before.", at)
		if !strings.Contains(page, "It was undone by") || strings.Contains(page, at+"/undo") {
			t.Errorf("does not say so:\n%s", page)
		}
		b.must(303, "", "POST", fmt.Sprintf("/operations/%d/undo", done.Operation), form)
		b.must(400, "already undone", "GET", at+"/undo", nil)
		op, err := db.Operation(t.Context(), done.Operation)
		if err != nil {
			t.Fatal(err)
		}
		b.page("is as before.", fmt.Sprintf("/history/%d", op.UndoneBy))
		b.must(404, "no such operation", "GET", "/history/999999", nil)
		b.must(404, "no such page", "GET", "/history/x", nil)
	})
}

func TestHistoryObeysThePolicy(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	p, other := b.Project("Signs", 0), b.Project("Invoices", 0)
	user := b.Person("AN")
	own, strange := b.Assign(p, user), b.Assign(other, user)
	manager := b.signIn("MA")
	b.Assign(p, manager)
	page := b.page("Signs", "/history")
	b.without(page, "Invoices")
	b.page("Undo…", fmt.Sprintf("/history/%d", own))
	b.must(404, "no such operation", "GET", fmt.Sprintf("/history/%d", strange), nil)
	b.must(404, "no such operation", "GET", fmt.Sprintf("/history/%d/undo", strange), nil)
	b.Clock = b.Clock.Add(31 * 24 * time.Hour)
	b.must(303, "", "POST", "/user/login/", url.Values{"email": {fmt.Sprintf("person%d@example.com", 2)},
		"password": {password}})
	page = b.page("It was possible until", fmt.Sprintf("/history/%d", own))
	b.without(page, "Undo…")
	b.must(400, "can no longer be undone", "GET", fmt.Sprintf("/history/%d/undo", own), nil)
	b.signIn("AN")
	b.must(403, "permission", "GET", "/history", nil)
}

func TestProjectHistoryPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("<i>Signs</i>", 0)
		user := b.Person("AN")
		at := fmt.Sprintf("/projects/%d/history", p)
		b.page("Nobody was a member yet", at)
		b.Assign(p, user)
		if _, err := b.App.UnassignMembers(b.As(b.Owner), p, roster.Selector{All: true}, ""); err != nil {
			t.Fatal(err)
		}
		page := b.page(`<td>March 2026</td><td class="num">1</td><td class="num">1</td><td class="num">0</td>`, at)
		b.without(page, "<i>Signs")
		b.without(page, "style=")
		b.must(404, "no such project", "GET", "/projects/99999/history", nil)
		b.signIn("AN")
		b.must(404, "no such project", "GET", at, nil)
	})
}

// A Manager's pages name nobody they may not list: who was merely named in an operation
// is a number, and no search or filter finds them.
func TestHistoryNamesNobodyUnseen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, manager := enter(t, db, "MA")
		p := b.Project("Street signs", 0)
		mate := b.PersonNamed(roster.NewUser{Email: "mate@example.com", FirstName: "Mate", LastName: "Near", Role: "AN"})
		far := b.PersonNamed(roster.NewUser{Email: "far@example.com", FirstName: "Fernando", LastName: "Far", Role: "AN"})
		b.Assign(p, manager, mate)
		done, err := b.App.UnassignMembers(b.As(manager), p, roster.Selector{Included: []int64{mate, far, 99}}, "")
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("/history/%d", done.Operation)
		page := b.page("Mate Near", at)
		for _, text := range []string{"Unknown (2)", fmt.Sprintf("Number %d", far), "Number 99", "Removed (1)"} {
			if !strings.Contains(page, text) {
				t.Errorf("no %q in\n%s", text, page)
			}
		}
		for _, text := range []string{"Fernando", "far@example.com", "Was not a member", fmt.Sprintf(`/people/%d"`, far)} {
			b.without(page, text)
		}
		b.page("Nobody matches", at+"?q=far")
		b.page("Nobody matches", at+"?result=not_a_member")
		for query, want := range map[string]int{"?person=mate@example.com": 2, "?person=far@example.com": 0,
			"?person=nobody@example.com": 0} {
			if got := strings.Count(b.page("History", "/history"+query), `<tr data-row>`); got != want {
				t.Errorf("%q: %d operations, want %d", query, got, want)
			}
		}
	})
}

// Ids that name nobody are counted, and the page says that it does not list them.
func TestUnknownIDsAreToldApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		ids := make([]int64, 150)
		for i := range ids {
			ids[i] = int64(1_000_000 + i)
		}
		done, err := b.App.UnassignMembers(b.As(b.Owner), b.Project("Signs", 0), roster.Selector{Included: ids}, "")
		if err != nil {
			t.Fatal(err)
		}
		page := b.page("50 more numbers belong to nobody in the organization.", fmt.Sprintf("/history/%d", done.Operation))
		if !strings.Contains(page, "Unknown: 150") {
			t.Error(page)
		}
	})
}
