package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestSignInPage(t *testing.T) {
	s := open(t)
	s.visit("/user/login")
	s.accessible("sign-in")
	s.do(chromedp.SetValue("#email", "nobody@example.com"), chromedp.SetValue("#password", "guess"),
		chromedp.Click("main form .btn-primary"))
	s.says("The e-mail or the password is wrong.")
	s.accessible("sign-in, refused")
}

func TestProjectsPage(t *testing.T) {
	s := open(t)
	s.Project("Street signs", s.Workspace("Computer vision"))
	s.Project("Invoices", 0)
	s.signIn(s.Owner, "/projects?q=sign")
	s.says("Street signs")
	s.accessible("projects")
	eval[any](s, "document.querySelector('#q').select()")
	s.do(chromedp.KeyEvent("invo"))
	s.says("Invoices")
	s.until("location.search === '?q=invo' && !document.body.innerText.includes('Street signs')")
	s.do(chromedp.SendKeys("#q", "xyz"))
	s.says("No project matches")
	s.accessible("projects, none")
	s.width(400)
	s.visit("/projects")
	s.until("document.documentElement.scrollWidth <= 400")
	s.visit("/projects/nowhere")
	s.says("There is no such page.")
	s.accessible("not found")
}
