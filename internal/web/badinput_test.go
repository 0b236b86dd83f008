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

// TestTwoTabsUndo: the second says that it was undone already, changes nothing, and leads to
// who did it.
func TestTwoTabsUndo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p, ana := b.Project("Signs", 0), b.Person("AN")
		op := b.Assign(p, ana)
		list, undo := fmt.Sprintf("/projects/%d/members", p), fmt.Sprintf("/operations/%d/undo", op)
		one := b.key(fmt.Sprintf("/history/%d/undo", op))
		other := b.key(fmt.Sprintf("/history/%d/undo", op))
		b.must(303, "", "POST", undo, url.Values{"key": {one}, "next": {list}})
		b.page("Undone: one person is as they were before.", list)
		b.must(303, "", "POST", undo, url.Values{"key": {other}, "next": {list}})
		page := b.page("This was undone already. Nothing was changed.", list)
		if !strings.Contains(page, fmt.Sprintf(`href="/history/%d"`, lastOperation(b))) {
			t.Error("it does not lead to who undid it")
		}
		_, n, err := b.App.Operations(b.As(b.Owner), roster.OperationFilter{ProjectID: p}, roster.Everything)
		if err != nil || n != 2 {
			t.Errorf("%d operations, %v", n, err)
		}
	})
}

// TestASelectionWhosePeopleLeft: who left before the question is not asked about, and who
// leaves after it is named before anything is done.
func TestASelectionWhosePeopleLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("Signs", 0)
		ana := b.PersonNamed(roster.NewUser{Email: "ana@example.com", FirstName: "Ana", LastName: "Left", Role: "AN"})
		ben, cas := b.Person("AN"), b.Person("AN")
		b.Assign(p, ana, ben, cas)
		list := fmt.Sprintf("/projects/%d/members", p)
		both := url.Values{"included": {fmt.Sprintf("%d,%d", ana, ben)}}
		question := b.must(200, "Take 2 people off the project", "POST", list+"/unassign", both).Body.String()
		leave := func(user int64) {
			if _, err := b.App.UnassignMembers(b.As(b.Owner), p, roster.Selector{Included: []int64{user}}, ""); err != nil {
				t.Fatal(err)
			}
		}
		leave(ana)
		answer := b.must(409, "Somebody changed who this is about. Nobody was taken off.", "POST", list+"/unassign/apply",
			fields(question)).Body.String()
		for _, text := range []string{"One person is no longer among them:", "Ana Left", "Take one person off the project"} {
			b.with(answer, text)
		}
		b.must(200, "Take one person off the project", "POST", list+"/unassign", both)
		leave(ben)
		b.must(200, "Nobody whom you selected is a member of", "POST", list+"/unassign", both)
		b.page("2 people", list+"?included="+url.QueryEscape(fmt.Sprintf("%d,%d", ana, ben))) // Cas, and the Owner
	})
}

// TestTenThousandPastedLines are all read, and each that cannot be used is named.
func TestTenThousandPastedLines(t *testing.T) {
	storetest.Long(t)
	b := signedIn(t, storetest.SQLite(t), "OW")
	p := b.Project("Signs", 0)
	var lines strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&lines, "nobody%d@example.com\n", i)
	}
	at := fmt.Sprintf("/projects/%d/members/add/emails", p)
	page := b.must(200, "10,000 lines cannot be used", "POST", at, url.Values{"emails": {lines.String()}, "give": {""}})
	b.with(page.Body.String(), "nobody9999@example.com")
	if got := b.Explicit(p); len(got) != 0 {
		t.Errorf("members %v", got)
	}
}
