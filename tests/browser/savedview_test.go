package browser

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"roster"
)

// All but two, kept as a view: opened again when somebody joined, it says so before anything
// happens, and one click leaves the new one out.
func TestSavedViews(t *testing.T) {
	s := open(t)
	now := s.Clock
	s.Clock = now.Add(-72 * time.Hour)
	project, people := s.crew(20)
	s.Clock = now
	list := s.members(project, fmt.Sprintf("role=AN&all=1&excluded=%d,%d", people[0], people[1]))
	s.signIn(s.Owner, list)
	s.says("All 20 direct members who match are selected, except 2.")
	s.do(chromedp.Click(".list-head a.btn[href^='/views']"))
	s.says("No view of this list is kept yet.")
	s.do(chromedp.SetValue("#name", "Everybody but the two who stay, whatever their names are: Ann and 胡志强"),
		chromedp.Click("#dialog input[name=shared]"))
	s.accessible("saved views")
	s.shot("views-dialog")
	s.do(chromedp.Click("#dialog .btn-primary"))
	s.until("location.search.includes('view=1')")
	s.says("Nobody who matches joined since it was saved.")

	s.Clock = now.Add(time.Hour)
	late := s.PersonNamed(roster.NewUser{Email: "late@example.com", FirstName: "Lata",
		LastName: "Brandão de Albuquerque", Role: "AN"})
	s.Assign(project, late)
	s.visit("/projects")
	s.palette("but the two")
	s.chosen("Everybody but")
	s.do(chromedp.KeyEvent("\r"))
	s.says("One person who matches joined since it was saved: \u2068Lata Brandão de Albuquerque\u2069. This person " +
		"is selected, too.")
	s.says("All 21 direct members who match are selected, except 2.")
	s.accessible("a saved view")
	s.shot("view")
	s.click(".view-bar a[hx-get*='excluded']")
	s.says("All 21 direct members who match are selected, except 3.")
	s.until("!document.body.innerText.includes('is selected, too')")
	s.do(chromedp.SendKeys("#q", "ann00")) // a filter keeps the view
	s.until("location.search.includes('q=ann00') && location.search.includes('view=1')")
	s.visit("/views/1/joined")
	s.says("Lata Brandão")
	s.accessible("who joined since a view was saved")
	s.width(400)
	for _, path := range []string{"/views", "/views/1/joined", "/views/1/edit", "/views/1", "/views?address=%2Fpeople"} {
		s.visit(path)
		s.until("document.documentElement.scrollWidth <= 400")
	}
	s.visit("/views/1")
	s.shot("view-400")
	s.visit("/views")
	s.accessible("all saved views")
	s.shot("views-400")
}

func TestColumns(t *testing.T) {
	s := open(t)
	project, _ := s.crew(5)
	s.signIn(s.Owner, s.members(project, ""))
	s.click(".list-head a.btn[href^='/display']")
	s.says("Columns of lists of people")
	s.accessible("columns")
	s.do(chromedp.Click("#dialog input[name=show][value=email]"))
	for at := 4; at >= 0; at-- {
		s.click("#up-email")
		s.until(fmt.Sprintf(
			"[...document.querySelectorAll('#dialog input[name=column]')].findIndex(c => c.value === 'email') === %d", at))
	}
	s.do(chromedp.Click("#dialog input[value=compact]"))
	s.shot("columns")
	s.do(chromedp.Click("#dialog .btn-primary"))
	s.until("document.documentElement.dataset.density === 'compact' && " +
		"[...document.querySelectorAll('th')].findIndex(h => h.innerText.includes('E-mail')) === 2")
	s.accessible("members, compact")
	s.shot("compact")
	s.width(400)
	s.visit("/display")
	s.until("document.documentElement.scrollWidth <= 400")
}
