package browser

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"roster"
)

func TestHistoryPages(t *testing.T) {
	s := open(t)
	p := s.Project("Street signs", 0)
	a, b := s.Person("AN"), s.Person("AN")
	s.Assign(p, a, b)
	done, err := s.App.UnassignMembers(s.As(s.Owner), p, roster.Selector{Included: []int64{a, b}}, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Assign(p, b)
	s.signIn(s.Owner, "/history")
	s.says("3 operations")
	s.accessible("history")
	s.do(chromedp.SetValue("#kind", "unassign"))
	eval[any](s, "document.querySelector('#kind').dispatchEvent(new Event('change', {bubbles: true}))")
	s.says("One operation")
	s.until("location.search === '?kind=unassign'")
	s.click("td a.plain")
	s.until(fmt.Sprintf("location.pathname === '/history/%d'", done.Operation))
	s.says("Removed: 2")
	s.accessible("an operation")
	s.do(chromedp.Click(".page-head .btn-primary"))
	s.says("One person is a member of the project again")
	s.says("Left alone because added again: one person.")
	s.accessible("what an undo would do")
	s.do(chromedp.Click("#dialog .btn-primary"))
	s.says("Undone: one person is as they were before.")
	s.says("It was undone by operation")
	if got := s.Explicit(p); len(got) != 2 {
		t.Errorf("members: %v", got)
	}
	s.do(chromedp.Click("#notices a"))
	s.says("This undid operation")
	s.visit(fmt.Sprintf("/projects/%d/history", p))
	s.says("Members over time")
	s.do(chromedp.Click(".numbers summary"))
	s.says("Members at its end")
	s.accessible("a project's history")
	s.width(400)
	for _, path := range []string{fmt.Sprintf("/projects/%d/history", p), "/history",
		fmt.Sprintf("/history/%d", done.Operation)} {
		s.visit(path)
		s.until("document.documentElement.scrollWidth <= 400")
	}
}

func TestAuditPage(t *testing.T) {
	s := open(t)
	today := s.Clock
	s.Clock = today.Add(-72 * time.Hour)
	p := s.Project("Street signs", 0)
	s.Assign(p, s.Person("AN"))
	s.Clock = today
	s.signIn(s.Owner, fmt.Sprintf("/projects/%d/history", p))
	s.do(chromedp.SetValue("#day", today.Add(-48*time.Hour).Format(time.DateOnly)), chromedp.Click(".audit .btn"))
	s.says("people could see the project on")
	s.until(fmt.Sprintf("location.pathname === '/projects/%d/history/access' && location.search.startsWith('?day=')", p))
	s.do(chromedp.Click(".numbers summary"))
	s.says("Names and e-mails are those of today.")
	s.accessible("who could see a project")
	s.do(chromedp.SetValue("#today", "all"))
	eval[any](s, "document.querySelector('#today').dispatchEvent(new Event('change', {bubbles: true}))")
	s.says("Can no longer: 0")
	s.accessible("who could see a project, beside today")
	s.shot("audit")
	s.click("nav[aria-label='Beside today'] a:nth-child(2)")
	s.says("can still see it.")
	s.visit(fmt.Sprintf("/projects/%d/history/access?day=%s", p, today.Add(-48*time.Hour).Format(time.DateOnly)))
	s.do(chromedp.SendKeys("#q", "olga"))
	s.says("One person who matches could see the project on")
	s.do(chromedp.SendKeys("#q", "xyz"))
	s.says("Nobody matches")
	s.width(400)
	s.visit(fmt.Sprintf("/projects/%d/history/access?day=2999-01-01", p))
	s.says("This day has not come yet.")
	s.accessible("who could see a project, refused")
	s.until("document.documentElement.scrollWidth <= 400")
}
