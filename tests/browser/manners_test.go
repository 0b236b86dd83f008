package browser

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/server"
)

// endSession ends whatever session the browser has.
func (s *site) endSession(user int64) {
	s.T.Helper()
	if err := s.App.EndMyOtherSessions(s.As(user)); err != nil {
		s.T.Fatal(err)
	}
}

// signInAgain signs in over the page.
func (s *site) signInAgain() {
	s.T.Helper()
	s.until("document.querySelector('#again')?.open && document.activeElement.id === 'again-password'")
	s.do(chromedp.KeyEvent(password))
	s.click("#again .btn-primary")
	s.until("!document.querySelector('#again').open")
}

// A session that ended signs in over the page: the list goes on where it was, with who is
// selected, and so does the question, with what was typed.
func TestASessionThatEndedSignsInInPlace(t *testing.T) {
	s := open(t)
	project, people, _, _ := s.offboarding(30)
	s.signIn(s.Owner, s.members(project, "role=AN&size=25"))
	s.click(box(people[0]))
	s.endSession(s.Owner)
	s.click("#q")
	s.do(chromedp.KeyEvent("otator"))
	s.until("document.querySelector('#again')?.open")
	s.says("Your session has ended. Nothing was changed, and everything on this page is still here.")
	s.shot("again")
	s.accessible("signing in over the page")
	s.do(chromedp.KeyEvent("guess"))
	s.click("#again .btn-primary")
	s.says("The e-mail or the password is wrong.")
	eval[any](s, "document.querySelector('#again-password').select()")
	s.signInAgain()
	s.until("location.search.includes('q=otator')") // it went on by itself
	s.says("One person is selected.")

	s.click("[data-select-all]")
	s.says("All 30 direct members who match are selected.")
	s.endSession(s.Owner)
	s.click("[data-bar] .btn-danger")
	s.signInAgain()
	s.says("Take 30 people off the project")
	s.do(chromedp.SendKeys("#typed", "Street signs"))
	s.endSession(s.Owner)
	s.click("#dialog .btn-danger")
	s.signInAgain()
	s.says("Nothing was sent yet: press the button once more.")
	s.until("document.activeElement.matches('#dialog .btn-danger') && document.querySelector('#typed').value !== ''")
	if left := s.Explicit(project); len(left) != 33 {
		t.Fatalf("%d members", len(left))
	}
	s.accessible("the question, signed in again")
	s.click("#dialog .btn-danger")
	s.says("30 people were taken off the project.")

	s.visit(s.members(project, "") + "/add/emails")
	s.do(chromedp.SendKeys("#emails", "someone@example.com"))
	s.endSession(s.Owner)
	s.click("main form .btn-primary")
	s.signInAgain()
	s.says("Nothing was sent yet: press the button once more.")
	s.until("document.querySelector('#emails').value === 'someone@example.com'")
	s.click("main form .btn-primary")
	s.says("someone@example.com")
	s.says("Nobody in the organization has this e-mail.")
}

// A page sends nothing in the name of somebody else, who has signed in since in the same
// browser.
func TestAPageOfSomebodyElse(t *testing.T) {
	s := open(t)
	project, _ := s.crew(2)
	email := s.account(s.Person("AD"))
	s.signIn(s.Owner, s.members(project, "")+"/add/emails")
	s.do(chromedp.SendKeys("#emails", "someone@example.com"))
	value(s, chromedp.Evaluate[any](fmt.Sprintf("fetch('/user/login', {method: 'POST', body: new URLSearchParams("+
		"{email: %q, password: %q})}).then(() => null)", email, password), chromedp.EvalAwaitPromise))
	s.click("main form .btn-primary")
	s.says("Somebody else has signed in here since this page was opened. Nothing was sent.")
	s.until("document.querySelector('#emails').value === 'someone@example.com'")
	s.visit(s.members(project, ""))
	s.until("document.body.dataset.whose !== '1'")
}

// Without script what was sent is kept, and shown again after the sign-in.
func TestASessionThatEndedWithoutScript(t *testing.T) {
	s := open(t)
	project, _, _, _ := s.offboarding(4)
	email := s.account(s.Owner)
	s.signIn(s.Owner, "/projects")
	s.script(false)
	s.visit(s.members(project, "role=AN&all=1"))
	s.endSession(s.Owner)
	s.click("[data-bar] .btn-danger")
	s.says("What you sent is kept for you: sign in, look at it, and send it again.")
	s.do(chromedp.SetValue("#email", email), chromedp.SetValue("#password", password),
		chromedp.Click("main form .btn-primary"))
	s.says("Take 7 people off the project")
	if left := s.Explicit(project); len(left) != 7 {
		t.Fatalf("%d members", len(left))
	}
}

// busy serves the site by an App that waits so long for its store, and comes to it.
func (s *site) busy(wait time.Duration, user int64, path string) {
	s.T.Helper()
	s.App = s.Configured(func(c *core.Config) { c.StoreTimeout = wait })
	srv := httptest.NewServer(server.Handler(s.App, "test"))
	s.T.Cleanup(srv.Close)
	s.URL = srv.URL
	s.signIn(user, path)
}

// hold keeps the store from being written to, until release is called.
func (s *site) hold() (release func()) {
	held, free, done := make(chan bool), make(chan bool), make(chan error)
	ctx := context.WithoutCancel(s.T.Context())
	go func() {
		done <- s.App.Update(ctx, func(*app.App) error { close(held); <-free; return nil })
	}()
	<-held
	return func() {
		close(free)
		if err := <-done; err != nil {
			s.T.Error(err)
		}
	}
}

// While the store is busy the pressed button says that it works, nothing moves, and what was
// refused can be tried again in the dialog: it is done once.
func TestABusyStoreIsTriedAgainInTheDialog(t *testing.T) {
	s := open(t)
	project, people := s.crew(4)
	s.busy(5*time.Second, s.Owner, s.members(project, "included="+fmt.Sprint(people[0])))
	s.click("[data-bar] .btn-danger")
	s.says("Take one person off the project")
	place := "JSON.stringify(document.querySelector('#dialog .btn-danger').getBoundingClientRect())"
	was := eval[string](s, place)
	release := s.hold()
	s.click("#dialog .btn-danger")
	s.until("document.querySelector('#dialog .btn-danger[aria-busy=true][data-working=\"Working…\"]')")
	s.until("document.querySelector('#said').textContent === 'Working…'")
	if now := eval[string](s, place); now != was {
		t.Errorf("the button moved from %s to %s", was, now)
	}
	s.until("/“Unassign one person”: \\d seconds so far. It is done as a whole, or not at all./.test(" +
		"document.querySelector('.taking')?.innerText)")
	s.says("The store does not answer. Nothing was changed; try again in a moment.")
	s.until("document.querySelector('#dialog').open && !document.querySelector('[aria-busy=true]')")
	s.accessible("busy")
	release()
	s.click("#dialog [data-retry]")
	s.says("\u2068Ann000 Otator\u2069 was taken off the project.")
	if left := s.Explicit(project); len(left) != 3 {
		t.Fatalf("members %v", left)
	}
}

// What is deleted meanwhile is not looked at any longer.
func TestAProjectThatIsDeletedMeanwhile(t *testing.T) {
	s := open(t)
	project, _ := s.crew(4)
	s.signIn(s.Owner, s.members(project, ""))
	if err := s.App.DeleteProject(s.As(s.Owner), project); err != nil {
		t.Fatal(err)
	}
	s.click("#q")
	s.do(chromedp.KeyEvent("ann"))
	s.says("This project was deleted meanwhile, or you may not see it any more. Nothing was changed.")
	s.until("!document.querySelector('[data-row]')")
	s.accessible("gone")
}

// A notice lies over the end of the page: what was there stays where it was.
func TestNoticesMoveNothing(t *testing.T) {
	s := open(t)
	project, people := s.crew(40)
	s.signIn(s.Owner, "/projects")
	for _, width := range []int64{1440, 400} {
		s.width(width)
		s.visit(s.members(project, "size=25"))
		tops := "JSON.stringify([...document.querySelectorAll('main h1, .filters, .table-box')].map(e => " +
			"e.getBoundingClientRect().top))"
		s.says("Ann")
		was := eval[string](s, tops)
		s.click(box(people[width%7]))
		s.click(".bar-menu summary")
		s.click(".bar-menu [formaction$='/roles'][value=RE]")
		s.click("#dialog .btn-primary")
		s.says("in this project now.")
		s.until("scrollY === 0 || (scrollTo(0, 0), false)")
		if now := eval[string](s, tops); now != was {
			t.Errorf("%d wide: the page moved from %s to %s", width, was, now)
		}
		// the bar is above it, and the end of the page can be read
		s.until("(n => (b => b.bottom <= n.top + 1)(document.querySelector('.bar').getBoundingClientRect()))" +
			"(document.querySelector('.notices').getBoundingClientRect())")
		s.shot(fmt.Sprint("notice-", width))
		s.accessible(fmt.Sprint("a notice, wide ", width))
		s.click("[data-notice-close]")
		s.until("!document.querySelector('.notice')")
		s.click("[data-select-none]")
	}
}
