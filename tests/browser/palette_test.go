package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"roster"
)

// palette opens it by the keyboard and types.
func (s *site) palette(text string) {
	s.T.Helper()
	s.until("document.readyState === 'complete'")
	s.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2))) // Ctrl
	s.until("document.querySelector('#palette').open && document.activeElement.id === 'palette-q'")
	s.do(chromedp.KeyEvent(text))
}

// chosen waits until an option is the one that Enter would follow.
func (s *site) chosen(text string) {
	s.T.Helper()
	s.until(fmt.Sprintf(
		"(o => o && o.getAttribute('aria-selected') === 'true' && o.innerText.includes(%q))(document.getElementById(document.querySelector('#palette-q').getAttribute('aria-activedescendant')))", text))
}

func TestPalette(t *testing.T) {
	s := open(t)
	project := s.Project("Street signs", s.Workspace("Computer vision"))
	person := s.PersonNamed(roster.NewUser{Email: "stella@example.com", FirstName: "Stella",
		LastName: "Brandão de Albuquerque e Vasconcelos-Wolfeschlegelsteinhausenbergerdorff", Role: "AN"})
	arabic := s.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "نور",
		LastName: "الهدى", Role: "AN"})
	s.Assign(project, person)
	s.signIn(s.Owner, "/projects")

	s.palette("st")
	s.chosen("Stella")
	s.do(chromedp.KeyEvent(kb.ArrowDown))
	s.chosen("Street signs")
	s.accessible("the palette")
	s.shot("palette")
	s.do(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))
	s.until(fmt.Sprintf("location.pathname === '/people/%d'", person))

	s.palette("نور")
	s.chosen("نور")
	s.do(chromedp.KeyEvent(kb.Enter))
	s.until(fmt.Sprintf("location.pathname === '/people/%d'", arabic))

	s.palette("stre")
	s.do(chromedp.KeyEvent(kb.Enter)) // before the answer has come
	s.until(fmt.Sprintf("location.pathname === '/projects/%d/members'", project))
	s.palette("add people")
	s.chosen("Add people to this project")
	s.do(chromedp.KeyEvent(kb.Enter))
	s.until(fmt.Sprintf("location.pathname === '/projects/%d/members/add'", project))

	s.palette("#1")
	s.chosen("assigned")
	s.do(chromedp.KeyEvent(kb.Escape))
	s.until("!document.querySelector('#palette').open")
	s.palette("zzzz")
	s.says("Nothing is called so.")
	s.do(chromedp.KeyEvent(kb.Enter))
	s.until("document.querySelector('#palette').open")
	s.accessible("the palette, nothing found")
	s.do(chromedp.KeyEvent(kb.Escape))

	s.width(400)
	s.visit("/people")
	s.until("document.documentElement.scrollWidth <= 400")
	s.click("[data-palette]")
	s.until("document.activeElement.id === 'palette-q'")
	s.do(chromedp.KeyEvent("stella"))
	s.chosen("Stella")
	s.until("document.querySelector('#palette').scrollWidth <= 400 && document.documentElement.scrollWidth <= 400")
	s.shot("palette-400")

	s.script(false)
	s.visit("/projects")
	s.do(chromedp.Click("[data-palette]"), chromedp.SetValue("#q", "street"), chromedp.Click("main form .btn"))
	s.until("location.search === '?q=street'")
	s.says("Street signs")
	s.script(true)
	s.visit("/search?q=st")
	s.says("Street signs")
	s.accessible("search")
	s.shot("search")
	s.until("document.documentElement.scrollWidth <= 400")
}
