package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// offboarding is a project whose annotators have names to search for, some long and
// foreign, with two who are to stay.
func (s *site) offboarding(n int) (project int64, people []int64, duda, barbier int64) {
	s.T.Helper()
	project, people = s.crew(n)
	duda = s.PersonNamed(roster.NewUser{Email: "duda@example.com", FirstName: "Ewa", LastName: "Duda", Role: "AN"})
	barbier = s.PersonNamed(roster.NewUser{Email: "jb@example.com", FirstName: "Jean", LastName: "Barbier", Role: "AN"})
	long := s.PersonNamed(roster.NewUser{Email: strings.Repeat("x", 60) + "@example.com",
		FirstName: strings.Repeat("Wolfeschlegelsteinhausen", 4), LastName: "محمد", Role: "AN"})
	s.Assign(project, duda, barbier, long)
	return project, append(people, long), duda, barbier
}

// shot keeps a picture of the window where the environment names a folder for them.
func (s *site) shot(name string) {
	s.T.Helper()
	dir := os.Getenv("ROSTER_SHOTS")
	if dir == "" {
		return
	}
	for _, theme := range []string{"dark", "light"} {
		s.theme(theme)
		s.picture(filepath.Join(dir, name+"-"+theme+".png"))
	}
}

// Everybody who never worked but two, who are searched for: the selection outlives the
// search, and the database says who is left. Then it is taken back.
func TestSearchThenExcept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := openOn(t, db)
		project, _, duda, barbier := s.offboarding(30)
		before := s.Explicit(project)
		s.signIn(s.Owner, s.members(project, "role=AN&active=never&size=25"))
		s.click("[data-pick]")
		s.click("[data-select-all]")
		s.says("All 33 direct members who match are selected.")
		s.click("#q")
		s.do(chromedp.KeyEvent("barbier"))
		s.until("location.search.includes('q=barbier') && document.querySelectorAll('[data-row]').length === 1")
		s.says("All 33 direct members who match are selected.") // still
		s.click(box(barbier))
		s.says("All 33 direct members who match are selected, except 1.")
		s.shot("bar-elsewhere")
		s.accessible("members, selected elsewhere")
		eval[any](s, "document.querySelector('#q').select()")
		s.do(chromedp.KeyEvent(kb.Delete))
		s.until("!location.search.includes('q=')")
		s.says("All 33 direct members who match are selected, except 1.")

		s.click("[formaction$='/except']")
		s.until("document.querySelector('#dialog').open")
		s.do(chromedp.SendKeys("#names", "Otator\nnobody@example.com\nDuda"))
		s.shot("except")
		s.accessible("except")
		s.click("#dialog .btn-primary")
		s.says("2 lines need a look.")
		s.says("One person is found: \u2068Ewa Duda\u2069.")
		s.shot("except-look")
		s.accessible("except, with lines to look at")
		s.click("#dialog [name=sure]")
		s.says("Excepted from the selection")
		s.says("All 33 direct members who match are selected, except 2.")

		s.click("[data-bar] .btn-danger")
		s.until("document.querySelector('#dialog').open")
		s.says("Take 31 people off the project")
		s.says("2 stay:")
		s.shot("preview")
		s.accessible("preview")
		s.click("#find")
		s.do(chromedp.KeyEvent("ann007"))
		s.until("document.querySelectorAll('#going tbody tr').length === 1")
		s.click("#going [name=pick]")
		s.says("Take 30 people off the project")
		s.says("3 stay:")
		s.until("document.activeElement.matches('#going [name=pick]')") // the focus stays
		s.click("#going [name=pick]")
		s.says("Take 31 people off the project")
		s.click("#going .groups a:last-child")
		s.until("document.querySelectorAll('#going tbody tr').length === 2")
		s.confirm("Street signs")
		s.says("31 people were taken off the project.")
		left := []int64{duda, barbier}
		slices.Sort(left)
		if got := s.Explicit(project); !slices.Equal(got, left) {
			t.Fatalf("members %v, want %v", got, left)
		}
		s.click(".notice button")
		s.says("Undone: 31 people are as they were before.")
		if got := s.Explicit(project); !slices.Equal(got, before) {
			t.Fatalf("members %v, want %v", got, before)
		}
	})
}

// What drops a selection says so, and gives it back.
func TestADroppedSelectionComesBack(t *testing.T) {
	s := open(t)
	project, people := s.crew(4)
	s.signIn(s.Owner, s.members(project, "access=direct"))
	s.click(box(people[0]))
	s.click("[data-select-all]")
	s.says("Your selection of one person was dropped.")
	s.accessible("members, with a selection that was dropped")
	s.click(box(people[1]))
	s.do(chromedp.KeyEvent(kb.Escape)) // nobody, with the tick that no server knows of
	s.says("Your selection of everybody who matches")
	s.click("[data-restore]")
	s.says("All 4 people who match are selected, except 1.")
}

// The whole of it by keyboard, and on a phone.
func TestSelectionByKeyboardAndOnAPhone(t *testing.T) {
	s := open(t)
	project, people, duda, barbier := s.offboarding(4)
	s.width(400)
	s.signIn(s.Owner, s.members(project, "role=AN"))
	key := func(keys ...string) {
		t.Helper()
		for _, k := range keys {
			s.do(chromedp.KeyEvent(k))
		}
	}
	press := func(selector string) {
		t.Helper()
		s.until("document.querySelector(" + fmt.Sprintf("%q", selector) + ")")
		s.do(chromedp.Focus(selector))
		key(kb.Enter)
	}
	fits := func(what string) {
		t.Helper()
		s.until("document.documentElement.scrollWidth <= 400")
		s.shot("phone-" + what)
		s.accessible("phone, " + what)
	}
	key("j", "x")
	press("[data-select-all]")
	s.says("All 7 direct members who match are selected.")
	s.do(chromedp.Focus("#q"), chromedp.KeyEvent("barbier"))
	s.until("document.querySelectorAll('[data-row]').length === 1")
	key(kb.Escape, "j", "x")
	s.says("All 7 direct members who match are selected, except 1.")
	fits("elsewhere")
	press("[formaction$='/except']")
	s.until("document.querySelector('#dialog').open")
	s.do(chromedp.Focus("#names"))
	s.do(chromedp.KeyEvent("duda@example.com"))
	fits("except")
	press("#dialog .btn-primary")
	s.says("All 7 direct members who match are selected, except 2.")
	press("[data-bar] .btn-danger")
	s.until("document.querySelector('#dialog').open")
	s.says("2 stay:")
	fits("preview")
	// in view
	s.until("(r => r.bottom <= innerHeight && r.top >= 0)(document.querySelector('#dialog " +
		".btn-danger').getBoundingClientRect())")
	press("#dialog .btn-danger")
	s.says("5 people were taken off the project.")
	fits("notice")
	left := []int64{duda, barbier}
	if got := s.Explicit(project); !slices.Equal(got, left) {
		t.Errorf("members %v of %v", got, people)
	}
	press(".notice button")
	s.says("Undone: 5 people are as they were before.")
}

// Without script it goes the same way, and Back never asks to send a form again.
func TestSelectionWithoutScript(t *testing.T) {
	s := open(t)
	project, _, duda, barbier := s.offboarding(4)
	s.signIn(s.Owner, "/projects")
	s.script(false)
	s.visit(s.members(project, "role=AN&all=1"))
	s.says("All 7 direct members who match are selected.")
	s.click("#q")
	s.do(chromedp.KeyEvent("barbier"))
	s.click(".filters button.script-off")
	s.says("One person")
	s.says("All 7 direct members who match are selected.")
	s.click(box(barbier))
	s.click(".filters button.script-off")
	s.says("All 7 direct members who match are selected, except 1.")
	s.click("[formaction$='/except']")
	s.click("#names")
	s.do(chromedp.KeyEvent("duda"))
	s.click("main .answers .btn-primary")
	s.says("except 2.")
	s.click("[data-bar] .btn-danger")
	s.says("Take 5 people off the project")
	s.shot("preview-without-script")
	s.click("#going [name=pick]")
	s.click("#going .after-table")
	s.says("Take 4 people off the project")
	eval[any](s, "history.back()")
	s.says("Take 5 people off the project")
	s.click("main .answers .btn-danger")
	s.says("5 people were taken off the project.")
	eval[any](s, "history.back()")
	s.says("Nobody to take off the project") // the question, as it is now
	left := []int64{duda, barbier}
	if got := s.Explicit(project); !slices.Equal(got, left) {
		t.Errorf("members %v", got)
	}
}

// Who leaves the list with people selected, and comes by another way, is offered them; a
// reload has them as they are.
func TestASelectionThatWasLeft(t *testing.T) {
	s := open(t)
	project, people := s.crew(3)
	s.signIn(s.Owner, s.members(project, ""))
	s.click(box(people[0]))
	s.click(box(people[1]))
	s.until("location.search === '?included=" + fmt.Sprintf("%d%%2C%d", people[0], people[1]) + "'")
	s.do(chromedp.Reload())
	s.says("2 people are selected.")
	s.click("nav.tabs a:last-child")
	s.until("location.pathname.endsWith('/history')")
	s.click("nav.tabs a:first-child")
	s.says("You had people selected here when you left.")
	s.accessible("members, with a selection that was left")
	s.click("[data-left] a")
	s.says("2 people are selected.")
	s.click(".bar-menu summary")
	s.shot("bulk-menu")
	s.accessible("members, what can be done with many")
	s.click(".bar-menu [formaction$='/roles'][value=RE]")
	s.says("Make 2 people Reviewer in this project")
	s.accessible("members, a role for many")
	s.click("#dialog .btn-primary")
	s.says("2 people are Reviewer in this project now.")
	s.says("2 people are selected.")
	s.click(".bar-menu summary")
	s.click(".bar-menu [formaction$='/add-to']")
	s.says("Add to another project or workspace")
	s.shot("add-to")
	s.accessible("members, add to another project")
	s.click("#dialog [data-close]")
	s.click(".bar-menu summary")
	s.click(".bar-menu [formaction$='/emails']")
	s.says("annotator000@example.com, annotator001@example.com")
	s.accessible("members, e-mails")
}
