package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"roster"
)

func TestPersonPage(t *testing.T) {
	s := open(t)
	space := s.Workspace("Computer vision")
	p := s.Project("Street signs", space)
	user := s.PersonNamed(roster.NewUser{Email: "jun@example.com", FirstName: "王", LastName: "俊", Role: "AN"})
	s.Assign(p, user)
	if _, err := s.App.AssignToWorkspace(s.As(s.Owner), space, roster.Selector{Included: []int64{user}}); err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/people/%d", user)
	s.signIn(s.Owner, at)
	s.says("Member of the project")
	s.accessible("a person")
	s.do(chromedp.Click(".paths form button"))
	s.says("Still has access to one project")
	s.until("document.querySelector('#dialog').open && document.activeElement.textContent === 'Cancel'")
	s.accessible("what a cut leaves")
	s.do(chromedp.KeyEvent("\u001b"))
	s.until("!document.querySelector('#dialog').open && document.title.startsWith('王 俊')")
	s.do(chromedp.Click(".paths form button"))
	s.until("document.querySelector('#dialog').open")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("was taken off Street signs.")
	if got := s.Explicit(p); len(got) != 0 {
		t.Errorf("members: %v", got)
	}
	s.do(chromedp.Click("#notices form button"))
	s.says("as they were before")
	if got := s.Explicit(p); len(got) != 1 {
		t.Errorf("members after the undo: %v", got)
	}
	s.visit(at + "/history")
	s.says("Was put back in Street signs")
	s.accessible("a person's history")
	s.width(400)
	s.visit(at)
	s.until("document.documentElement.scrollWidth <= 400")
	s.script(false)
	s.visit(at)
	s.do(chromedp.Click(".paths form button"))
	s.says("Still has access to one project")
}
