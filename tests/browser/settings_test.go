package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestSettingsPages(t *testing.T) {
	s := open(t)
	s.signIn(s.Owner, "/settings")
	s.accessible("my account")
	s.do(chromedp.Click("[action='/settings/tokens'] button"))
	s.says("it is not shown again")
	s.accessible("a token that was made")
	s.do(chromedp.Click("[data-copy]"))
	s.until("getSelection().toString().trim().startsWith('ey')")
	s.do(chromedp.SetValue("#current", "guess guess"), chromedp.SetValue("#password", "a new long one"),
		chromedp.Click("[action='/settings/password'] button"))
	s.says("This is not your password.")
	s.accessible("a password that is refused")
	s.visit("/settings/organization")
	s.says("Role of new people")
	s.accessible("organization settings")
	s.do(chromedp.SetValue("#max_session_age", "0"), chromedp.Click("[action='/settings/sessions'] button"))
	s.says("Must be from 1")
	s.visit("/settings/permissions")
	s.accessible("permissions")
	s.do(chromedp.Click("[name='projects.members'][value='RE']"), chromedp.Click("main form .btn-primary"))
	s.says("They apply from now on.")
	s.until("document.querySelector(\"[name='projects.members'][value='RE']\").checked")
	s.visit("/settings/activity")
	s.says("requests")
	s.accessible("the activity log")
	s.visit("/settings/scim")
	s.do(chromedp.SetValue("#group", "leads"), chromedp.SetValue("#gives", "role MA"),
		chromedp.Click("[action='/settings/scim'] button"))
	s.says("It applies to everybody in the group.")
	s.accessible("what groups give")
	s.visit("/settings/addresses")
	s.accessible("addresses to look at")
	s.visit("/settings/mail")
	s.says("No mail yet")
	s.accessible("the outbox")
	s.do(chromedp.Click("[action='/settings/mail/test'] button"))
	s.says("The test mail was not sent")
	s.accessible("a test mail that was not sent")
	s.width(400)
	for _, path := range []string{"/settings/mail", "/settings/scim", "/settings", "/settings/organization",
		"/settings/permissions", "/settings/activity"} {
		s.visit(path)
		s.until("document.documentElement.scrollWidth <= 400")
	}
}
