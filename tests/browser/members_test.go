package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// crew makes a project with annotators and returns both, the annotators by name.
func (s *site) crew(n int) (project int64, people []int64) {
	s.T.Helper()
	project = s.Project("Street signs", s.Workspace("Computer vision"))
	for i := range n {
		people = append(people, s.PersonNamed(roster.NewUser{
			Email: fmt.Sprintf("annotator%03d@example.com", i), FirstName: fmt.Sprintf("Ann%03d", i),
			LastName: "Otator", Role: "AN",
		}))
	}
	s.Assign(project, people...)
	return project, people
}

func (s *site) members(project int64, query string) string {
	return strings.TrimSuffix(fmt.Sprintf("/projects/%d/members?%s", project, query), "?")
}

// box is the box of one person's row.
func box(user int64) string { return fmt.Sprintf("input[data-pick][value='%d']", user) }

// The whole of what somebody does on a Friday: filter, select all who match,
// take two out, look at the preview, while somebody else changes the set; see
// the difference, apply, undo. The database says what happened.
func TestUnassignFromEndToEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := openOn(t, db)
		project, people := s.crew(60)
		manager := s.Person("MA")
		s.Assign(project, manager)
		before := s.Explicit(project)
		s.signIn(s.Owner, s.members(project, "size=25"))

		s.click("#q")
		s.do(chromedp.KeyEvent("otator"))
		s.until("location.search.includes('q=otator')")
		s.says("60 people")
		s.click(box(people[0]))
		s.says("One person is selected.")
		s.click("[data-select-all]")
		s.says("All 60 direct members who match are selected.")
		s.click(box(people[1]))
		s.says("All 60 direct members who match are selected, except 1.")
		s.click("a[rel=next]") // the selection goes along
		s.until("location.search.includes('page=2')")
		s.says("All 60 direct members who match are selected, except 1.")
		s.click(box(people[30]))
		s.says("All 60 direct members who match are selected, except 2.")
		s.accessible("members, selected")

		s.click("[data-bar] .btn-danger")
		s.until("document.querySelector('#dialog').open")
		s.says("Take 58 people off the project")
		s.until("document.activeElement.tagName === 'H1'")
		s.accessible("unassign")

		// behind its back: one leaves, another joins
		if _, err := s.App.UnassignMembers(s.As(manager), project, roster.Selector{Included: people[5:6]}, ""); err != nil {
			t.Fatal(err)
		}
		late := s.PersonNamed(roster.NewUser{Email: "late@example.com", FirstName: "Lata", LastName: "Otator", Role: "AN"})
		s.Assign(project, late)

		s.confirm("Street sings")
		s.says("This is not the project's name. Nobody was taken off.")
		s.until("document.activeElement.id === 'typed'")
		s.until("!document.querySelector('#dialog .alert-warning')") // asked anew, for the set as it is now
		s.says("Take 58 people off the project")

		// and once more
		second := s.PersonNamed(roster.NewUser{Email: "second@example.com", FirstName: "Mona",
			LastName: "Otator", Role: "AN"})
		s.Assign(project, second)
		if _, err := s.App.UnassignMembers(s.As(manager), project, roster.Selector{Included: people[6:8]}, ""); err != nil {
			t.Fatal(err)
		}
		s.confirm("street  signs")
		s.says("Somebody changed who this is about. Nobody was taken off.")
		s.says("One person is among them now: Mona Otator")
		s.says("2 people are no longer among them: Ann006 Otator, Ann007 Otator")
		s.accessible("unassign, changed")
		if left := s.Explicit(project); len(left) != len(before)-3+2 {
			t.Fatalf("%d members, though nothing was applied", len(left))
		}

		s.confirm("Street signs")
		s.says("57 people were taken off the project.")
		s.until("document.activeElement.matches('.notice')") // read out, and the next Tab is the undo
		left := []int64{people[1], people[30], manager}
		slices.Sort(left)
		if got := s.Explicit(project); !slices.Equal(got, left) {
			t.Fatalf("members %v, want %v", got, left)
		}
		s.accessible("members, with a notice")

		s.click(".notice button")
		s.says("Undone: 57 people are as they were before.")
		want := slices.DeleteFunc(append(before, late, second), func(id int64) bool {
			return slices.Contains(people[5:8], id)
		})
		slices.Sort(want)
		if got := s.Explicit(project); !slices.Equal(got, want) {
			t.Fatalf("members %v, want %v", got, want)
		}
	})
}

// confirm types a name into the dialog and goes on.
func (s *site) confirm(name string) {
	s.T.Helper()
	s.click("#dialog #typed")
	eval[any](s, "document.querySelector('#dialog #typed').select()")
	s.do(chromedp.KeyEvent(name))
	s.click("#dialog .btn-danger")
}

// Everything can be done by keyboard.
func TestMembersByKeyboard(t *testing.T) {
	s := open(t)
	project, _ := s.crew(4)
	s.signIn(s.Owner, s.members(project, ""))
	key := func(k string) {
		t.Helper()
		s.do(chromedp.KeyEvent(k))
	}
	key("?")
	s.until("document.querySelector('#keys').open")
	s.accessible("keys")
	key(kb.Escape)
	s.until("!document.querySelector('#keys').open")
	key("j")
	key("j")
	key("k")
	s.until("document.activeElement.matches('[data-row]') && document.activeElement.innerText.includes('Ann000')")
	key("x")
	s.says("One person is selected.")
	key("j")
	key("x")
	s.says("2 people are selected.")
	key("x")
	s.says("One person is selected.")
	key(kb.Escape)
	s.until("document.querySelectorAll('input[data-pick]:checked').length === 0")
	// what loads the list anew takes the focus along
	press := func(selector string) {
		t.Helper()
		s.do(chromedp.Focus(selector))
		key(kb.Enter)
	}
	press("#by-name")
	s.until("location.search.includes('order=-name') && document.activeElement.id === 'by-name'")
	s.click("[data-pick]")
	press("[data-select-all]")
	s.says("All 4 direct members who match are selected.")
	s.until("document.activeElement.matches('[data-select-none]')")
	key(kb.Enter)
	s.until("document.activeElement.matches('[data-say]')")
	// a question gives the focus back to where it was asked
	for _, leave := range []string{kb.Escape, ""} {
		s.until("!document.querySelector('#dialog').open")
		eval[any](s, "document.querySelectorAll('details[open]').forEach(e => e.open = false)")
		press(".row-menu:has(.bad) summary")
		press(".row-menu[open] .bad")
		s.until("document.querySelector('#dialog').open && document.activeElement.tagName === 'H1'")
		if leave != "" {
			key(leave)
		} else {
			s.click("#dialog [data-close]")
		}
		s.until("document.activeElement.closest('.row-menu')")
	}
	key("/")
	s.until("document.activeElement.id === 'q'")
	key(kb.Escape)
	s.until("document.activeElement.id !== 'q'")
}

// A range is selected with Shift, a page with the box of the head.
func TestRanges(t *testing.T) {
	s := open(t)
	project, people := s.crew(30)
	s.signIn(s.Owner, s.members(project, "access=direct&size=25"))
	s.click(box(people[2]))
	s.clickWith(box(people[9]), chromedp.ButtonModifiers(chromedp.ModifierShift))
	s.says("8 people are selected.")
	s.click(box(people[4]))
	s.says("7 people are selected.")
	s.click("[data-pick-page]")
	s.says("25 people are selected.")
	s.click("a[rel=next]")
	s.until("location.search.includes('page=2')")
	s.says("25 people are selected. 25 are not on this page.")
	s.click("[data-pick-page]")
	s.says("30 people are selected.")
	s.click("[data-select-none]")
	s.until("document.querySelectorAll('input[data-pick]:checked').length === 0 && " +
		"!document.body.innerText.includes('selected')")
}

// Without script every page can be used: tick, look, confirm, undo.
func TestMembersWithoutScript(t *testing.T) {
	s := open(t)
	project, people := s.crew(3)
	s.signIn(s.Owner, "/projects")
	s.script(false)
	s.visit(s.members(project, "access=direct"))
	s.click(box(people[0]))
	s.click("button.script-off")
	s.says("One person is selected.")
	s.click(box(people[1]))
	s.click("[data-bar] .btn-danger")
	s.says("Take 2 people off the project")
	s.click("main .answers .btn-danger")
	s.says("2 people were taken off the project.")
	s.click(".notice button")
	s.says("Undone: 2 people are as they were before.")
	if got := s.Explicit(project); !slices.Equal(got, people) {
		t.Errorf("members %v", got)
	}
}

// The other pages of a project's members, in both themes and on a phone.
func TestMemberPages(t *testing.T) {
	s := open(t)
	project, people := s.crew(3)
	s.PersonNamed(roster.NewUser{Email: "long@example.com", FirstName: strings.Repeat("Wolfeschlegelsteinhausen", 10),
		LastName: "محمد", Role: "AN"})
	s.Assign(project, s.PersonNamed(roster.NewUser{Email: strings.Repeat("x", 60) + "@example.com",
		FirstName: strings.Repeat("長", 200), Role: "RE"}))
	s.signIn(s.Owner, s.members(project, ""))
	s.accessible("members")
	s.width(400)
	s.until("document.documentElement.scrollWidth <= 400")
	s.accessible("members, narrow")
	// why somebody has access, and what keeps them from work
	s.until("[...document.querySelectorAll('.small-only .way')].some(e => e.checkVisibility())")
	s.width(1440)
	s.click(".row-menu:has(button[value='" + fmt.Sprint(people[0]) + "']) summary")
	s.accessible("members, menu")
	s.click("a[href$='/" + fmt.Sprint(people[0]) + "/pause']")
	s.until("document.querySelector('#dialog').open")
	s.accessible("pause")
	s.do(chromedp.SendKeys("#message", "Call me"))
	s.click("#dialog .btn-primary")
	s.says("Ann000 Otator is paused")
	s.width(400)
	s.says("Paused")
	s.width(1440)

	s.visit(s.members(project, "q=nobody"))
	s.says("Nobody matches these filters")
	s.accessible("members, none")
	s.visit(fmt.Sprintf("/projects/%d/members/add", project))
	s.accessible("add")
	s.click("[data-select-all], [data-pick]")
	s.says("One person is selected.")
	s.accessible("add, selected")
	s.width(400)
	s.until("document.documentElement.scrollWidth <= 400")
	s.width(1440)
	s.visit(fmt.Sprintf("/projects/%d/members/add/emails", project))
	s.accessible("add by e-mail")
	s.do(chromedp.SendKeys("#emails", "nobody@example.com"))
	s.click("#list-of-emails button")
	s.says("One line cannot be used.")
	s.accessible("add by e-mail, report")
	s.width(400)
	// what is wrong is in sight
	s.until("document.querySelector('.report td:last-child').getBoundingClientRect().right <= 400")
	s.until("document.documentElement.scrollWidth <= 400")
}

// The server goes away, and the page says so and keeps what is there.
func TestServerGoesAway(t *testing.T) {
	s := open(t)
	project, people := s.crew(2)
	s.signIn(s.Owner, s.members(project, ""))
	s.click(box(people[0]))
	s.stop()
	s.click("[data-bar] .btn-danger")
	s.says("The server does not answer. What you entered is still here. If you were changing something, it may " +
		"have happened")
	s.says("One person is selected.")
	s.accessible("members, server gone")
}
