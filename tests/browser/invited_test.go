package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"roster"
)

// fits waits until a page of 400 pixels shows all of itself.
func (s *site) fits(path string) {
	s.T.Helper()
	s.width(400)
	s.visit(path)
	s.until("document.readyState === 'complete' && document.documentElement.scrollWidth <= 400")
	s.width(1440)
}

// Thirty lines are pasted, two of them bad and one of somebody who is there: what is wrong
// comes first, the others are invited, and nothing is lost.
func TestInvitingAList(t *testing.T) {
	s := open(t)
	p := s.Project("Street signs", 0)
	hana := s.PersonNamed(roster.NewUser{Email: "hana@example.com", FirstName: "花", LastName: "Here", Role: "AN"})
	list := "nobody\nMax at example\nhana@example.com\n"
	for i := range 27 {
		list += fmt.Sprintf("p%d@example.com\n", i)
	}
	s.signIn(s.Owner, "/people/invite")
	s.do(chromedp.SetValue("#emails", list), chromedp.SetValue("#role", "RE"),
		chromedp.Click("#invite-form [name=projects]"), chromedp.Click("#invite-form .btn-primary"))
	s.says("27 people can be invited")
	s.until("document.querySelector('.problem-lines table').innerText.includes('Max at example')")
	s.accessible("lines that cannot be used")
	if n, err := s.App.CountInvitations(s.As(s.Owner), roster.InvitationFilter{}); n != 0 || err != nil {
		t.Fatalf("%d were invited: %v", n, err)
	}
	s.click("#report ~ form .btn-primary")
	s.says("27 people are invited, and were not mailed")
	s.says("2 lines cannot be used")
	s.click("[hx-post='/people/role'] button")
	s.says("Make one person Reviewer")
	s.click("#dialog .btn-primary")
	s.says("In the organization already, as Reviewer.")
	if m, err := s.DB.Membership(t.Context(), s.Org, hana); err != nil || m.Role != "RE" {
		t.Errorf("is %s: %v", m.Role, err)
	}
	s.click("[action$='/members/add/emails'] button")
	s.says("One person will be added")
	s.click("form[action$='/apply'] .btn-primary")
	s.says(" was added to the project.")
	if got := s.Explicit(p); len(got) != 1 {
		t.Errorf("members: %v", got)
	}
	s.fits("/people/invite?check=1&emails=nobody%0Ahana@example.com&projects=" + fmt.Sprint(p))
}

// Somebody is invited, gets a link, another one, and is revoked, with the keyboard and by a
// menu; the list says what is so.
func TestInvitedPeople(t *testing.T) {
	s := open(t)
	s.signIn(s.Owner, "/people/invite")
	s.do(chromedp.SendKeys("#emails", "noor@example.com"), chromedp.Click("#invite-form .btn-primary"))
	s.says("this server sends no mail")
	s.until("document.querySelector('.notice .secret').innerText.includes('/user/signup/?token=')")
	first := eval[string](s, "document.querySelector('.notice .secret').innerText")
	s.accessible("somebody who was invited and not mailed")
	s.visit("/people")
	s.click(".tabs a[href='/people/invitations']")
	s.says("Not mailed")
	s.until("document.querySelector('.tab-count').innerText === '1'")
	s.accessible("people who are invited")
	s.do(chromedp.Focus(".more"), chromedp.KeyEvent("\r"))
	s.until("document.querySelector('.row-menu').open")
	s.accessible("what can be done with an invitation")
	s.do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	s.says("The link for noor@example.com.")
	if again := eval[string](s, "document.querySelector('.notice .secret').innerText"); again != first {
		t.Errorf("the link is %q, not %q", again, first)
	}
	s.click(".more")
	s.click(".row-menu form:nth-of-type(2) button")
	s.until("document.querySelector('.notice .secret') && document.querySelector('.notice .secret').innerText !== '" +
		first + "'")
	s.click(".more")
	s.click(".row-menu .bad")
	s.says("Revoke the invitation of noor@example.com?")
	s.accessible("the question before revoking")
	s.click("#dialog .btn-danger")
	s.says("is revoked. Its link does not work any more.")
	s.says("Nobody is waiting")
	s.do(chromedp.SetValue("#state", "revoked"))
	eval[any](s, "document.querySelector('#state').dispatchEvent(new Event('change', {bubbles: true}))")
	s.says("2 invitations")
	s.script(false)
	s.fits("/people/invitations?state=all")
	s.fits("/people/invite")
}

// The history leads to the people it names, at any width, and a name is changed, and taken
// back, from the person's page.
func TestNamesInTheHistory(t *testing.T) {
	s := open(t)
	p := s.Project("Street signs", 0)
	user := s.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "نور",
		LastName: "الدين", Role: "AN"})
	at := fmt.Sprintf("/people/%d", user)
	s.signIn(s.Owner, at)
	s.accessible("a person and what can be done")
	s.click(".actions a[href$='/projects']")
	s.until("document.querySelector('#dialog').open")
	s.accessible("adding a person to projects")
	s.click("#dialog [name=projects]")
	s.click("#dialog .btn-primary")
	s.says("was added to one project.")
	s.click("#role")
	s.accessible("the roles of a person")
	s.click(".role-pick a[href$='role=RE']")
	s.says("Make \u2068نور الدين\u2069 Reviewer")
	s.click("#dialog .btn-primary")
	s.says("is Reviewer now.")
	s.menu(".page-head", "a[href$='/name']")
	s.until("document.activeElement.id === 'first_name'")
	s.accessible("editing a name")
	eval[any](s, "document.querySelector('#first_name').value = ''")
	s.do(chromedp.SendKeys("#first_name", "Noor"), chromedp.KeyEvent("\r"))
	s.says("is called")
	s.visit("/history")
	s.says("changed the role of Noor الدين from Annotator to Reviewer.")
	s.says("changed the name of Noor الدين from نور الدين to Noor الدين.")
	s.accessible("a history with names")
	s.click(".sentence-cell a[href='" + at + "']")
	s.until("location.pathname === '" + at + "'")
	s.visit(at + "/history")
	s.says("Name changed from")
	s.accessible("a person's history with names")
	s.click("td a[data-open]")
	s.says("changed the name of")
	s.click(".page-head .btn-primary")
	s.says("One person has their earlier name again.")
	s.click("#dialog .btn-primary")
	s.says("Undone: one person is as they were before.")
	for _, path := range []string{"/history", at, at + "/history", at + "/projects", at + "/name",
		fmt.Sprintf("/projects/%d/history", p)} {
		s.fits(path)
	}
}

// Who works sees their work, in both themes and on a phone.
func TestMyWorkPage(t *testing.T) {
	s := open(t)
	p := s.Project("Street signs in the old town", s.Workspace("Computer vision"))
	user, manager := s.Person("AN"),
		s.PersonNamed(roster.NewUser{Email: "mina@example.com", FirstName: "Mina", LastName: "Manager", Role: "MA"})
	s.Assign(p, user, manager)
	s.signIn(user, "/projects")
	s.says("My access and my work")
	s.says("Mina Manager")
	s.accessible("somebody's work")
	s.do(chromedp.SendKeys("#q", "zzz"))
	s.says("No project matches")
	s.fits("/projects")
}
