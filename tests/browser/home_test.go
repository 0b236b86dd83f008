package browser

import (
	"testing"

	"github.com/chromedp/chromedp"

	"roster"
)

func TestHomeAndHelp(t *testing.T) {
	s := open(t)
	s.signIn(s.Owner, "/home")
	s.says("To begin with")
	s.accessible("home, to begin with")
	s.shot("home-first")
	project, people := s.crew(12)
	if _, err := s.App.UnassignMembers(s.As(s.Owner), project, roster.Selector{Included: people[:5]}, ""); err != nil {
		t.Fatal(err)
	}
	s.Person("NO")
	s.visit("/home")
	s.says("What needs you")
	s.accessible("home")
	s.shot("home")
	s.click(".undo-link")
	s.says("5 people are members of the project again")
	s.do(chromedp.KeyEvent("\x1b"))
	s.click("[data-keys]")
	s.says("Search everything, and go there")
	s.accessible("the keys")
	s.do(chromedp.Click("#keys a"))
	s.says("Access to a project")
	s.accessible("help")
	s.shot("help")
	s.width(400)
	for _, path := range []string{"/home", "/help"} {
		s.visit(path)
		s.until("document.documentElement.scrollWidth <= 400")
	}
	s.visit("/home")
	s.shot("home-400")
}
