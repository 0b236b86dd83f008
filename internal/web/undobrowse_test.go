package web_test

import (
	"fmt"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestAnUndoCanBeReadWhole: everybody whom it is about can be searched and read page by page, with
// what will happen to each, and nothing is done by looking.
func TestAnUndoCanBeReadWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", 0)
		var people []int64
		for i := range 30 {
			people = append(people, b.PersonNamed(roster.NewUser{Email: fmt.Sprintf("p%02d@example.com", i),
				FirstName: "Number", LastName: fmt.Sprintf("N%02d", i), Role: roster.RoleAnnotator}))
		}
		b.Assign(project, people...)
		taken, err := b.App.UnassignMembers(b.As(b.Owner), project, roster.Selector{Included: people}, "")
		if err != nil {
			t.Fatal(err)
		}
		b.Assign(project, people[7]) // who is left alone
		at := fmt.Sprintf("/history/%d/undo", taken.Operation)
		page := b.page("What happens to the 30 people", at)
		for _, text := range []string{"Number N00", "Number N24", "sheet=2"} {
			b.with(page, text)
		}
		if strings.Contains(page, "Number N25") || strings.Contains(page, `<details class="numbers" open`) {
			t.Error("the first page has more than 25 people, or is open before anybody looked")
		}
		b.with(b.page("Number N29", at+"?sheet=2"), `<details class="numbers" open`)
		found := b.page("p07@example.com", at+"?find=n07")
		b.with(found, "Left alone because added again")
		if strings.Contains(found, "p08@example.com") {
			t.Error("somebody is found who was not looked for")
		}
		b.page("Nobody among them matches the search.", at+"?find=nobody")
		b.must(400, "", "GET", at+"?sheet=x", nil)
		if got := b.Explicit(project); len(got) != 1 {
			t.Errorf("looking did something: %v", got)
		}
	})
}
