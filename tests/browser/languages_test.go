package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"roster"
	"roster/internal/locale"
	"roster/internal/store/storetest"
)

// language has the browser send the cookie of a language that was chosen.
func (s *site) language(code string) {
	s.T.Helper()
	_, err := chromedp.Call(s.ctx, network.SetCookie, network.SetCookieParams{
		Name: "roster_language", Value: code, URL: s.URL})
	if err != nil {
		s.T.Fatal(err)
	}
}

// pages are the pages of an organization with a bit of everything.
func (s *site) pages(project int64, person int64) []string {
	paths := []string{"/home", "/projects", "/people", "/people?role=AN&state=active", "/people/invite",
		"/people/invitations", "/workspaces", "/tags", "/tags/import", "/history", "/history/1", "/settings",
		"/settings/organization", "/settings/permissions", "/settings/scim", "/settings/mail", "/settings/activity",
		"/help", "/search?q=otator", "/views", "/display"}
	for _, format := range []string{"/projects/%d/members?all=1", "/projects/%d/members/add",
		"/projects/%d/members/add/emails", "/projects/%d/history", "/projects/%d/history/access?day=2026-01-05"} {
		paths = append(paths, fmt.Sprintf(format, project))
	}
	return append(paths, fmt.Sprintf("/people/%d", person), fmt.Sprintf("/people/%d/history", person))
}

// TestHeadlinePathInLanguages: everybody but one is taken off a project and put back, in German
// and in Arabic, which runs from right to left; nothing overflows a narrow window.
func TestHeadlinePathInLanguages(t *testing.T) {
	for _, c := range []struct{ code, dir, selected, asked, off, undone string }{
		{"de", "ltr", "Alle 5 direkten Mitglieder, die passen, sind ausgewählt, außer 1.", "4 Personen vom Projekt abziehen",
			"4 Personen wurden vom Projekt abgezogen.", "Rückgängig gemacht: 4 Personen sind wie vorher."},
		{"ar", "rtl", "تم تحديد كل الأعضاء المباشرين المطابقين (5)، عدا 1.", "إزالة 4 أشخاص من المشروع",
			"أُزيل 4 أشخاص من المشروع.", "تم التراجع: عاد 4 أشخاص كما كان من قبل."},
		{"ja", "ltr", "一致する直接メンバー 5 人全員を、1 人を除いて選択中です。", "プロジェクトから 4 人を外す",
			"プロジェクトから 4 人を外しました。", "元に戻しました：4 人が以前の状態です。"},
	} {
		t.Run(c.code, func(t *testing.T) {
			s := openOn(t, storetest.SQLite(t))
			project, people := s.crew(5)
			before := s.Explicit(project)
			s.language(c.code)
			s.signIn(s.Owner, s.members(project, "role=AN"))
			s.until(fmt.Sprintf("document.documentElement.lang === %q && document.documentElement.dir === %q", c.code, c.dir))
			s.click("[data-pick]")
			s.click("[data-select-all]")
			s.until("!document.querySelector('[data-select-all]')")
			s.click(box(people[1]))
			s.says(c.selected)
			s.shot("lang-" + c.code + "-members")
			s.accessible("members in " + c.code)
			s.width(400)
			s.until("document.documentElement.scrollWidth <= 400")
			s.shot("lang-" + c.code + "-members-400")
			s.accessible("members in " + c.code + ", narrow")
			s.width(1440)
			s.click(".btn-danger[formaction$='/unassign']")
			s.until("document.querySelector('#dialog').open")
			s.says(c.asked)
			s.shot("lang-" + c.code + "-unassign")
			s.accessible("the question in " + c.code)
			s.click("#dialog .btn-danger")
			s.says(c.off)
			s.click(".notice-actions button")
			s.says(c.undone)
			if after := s.Explicit(project); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("%v, not %v", after, before)
			}
		})
	}
}

// TestEveryPageInEveryLanguage: none overflows 400 pixels, and none says less to who cannot see it.
func TestEveryPageInEveryLanguage(t *testing.T) {
	locale.OfferPseudo()
	s := openOn(t, storetest.SQLite(t))
	project, people := s.crew(6)
	s.Workspace("Computer vision")
	s.Tag("night shift")
	if _, err := s.App.UnassignMembers(s.As(s.Owner), project, roster.Selector{Included: people[:2]}, ""); err != nil {
		t.Fatal(err)
	}
	s.signIn(s.Owner, "/home")
	for _, code := range []string{"de", "ja", "ar", "en-XA"} {
		s.language(code)
		for i, path := range s.pages(project, people[0]) {
			s.width(400)
			s.visit(path)
			if wide := eval[int](s, "document.documentElement.scrollWidth"); wide > 400 {
				t.Errorf("%s in %s is %d pixels wide: %s", path, code, wide, eval[string](s, widest))
			}
			if code == "ar" && i%3 == 0 {
				s.accessible(path + " in " + code)
			}
			s.shot(fmt.Sprintf("lang-%s-%02d-400", code, i))
			s.width(1440)
			s.shot(fmt.Sprintf("lang-%s-%02d", code, i))
		}
	}
}

// widest is what reaches beyond a narrow window.
const widest = `[...document.querySelectorAll('main *, header *')].filter(e => { const r = e.getBoundingClientRect();
	return r.width && (r.right > 401 || r.left < -1) }).slice(-3).map(e => e.outerHTML.slice(0, 160)).join('\n')`

// TestLanguageSwitch: by the browser's wish, then chosen, also by who is signed out and without
// script; a language that is not there is said, and changes nothing.
func TestLanguageSwitch(t *testing.T) {
	s := open(t)
	if _, err := chromedp.Call(s.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
		Headers: network.Headers{"Accept-Language": "tlh, de;q=0.8"}}); err != nil {
		t.Fatal(err)
	}
	s.visit("/user/login")
	s.until("document.documentElement.lang === 'de'")
	s.accessible("sign-in in German")
	s.script(false)
	s.click(".languages button[value=ar]")
	s.until("document.documentElement.dir === 'rtl'")
	s.script(true)
	s.visit("/user/login")
	s.accessible("sign-in in Arabic")
	s.shot("lang-ar-signin")
	s.signIn(s.Owner, "/settings")
	s.until("document.documentElement.lang === 'ar'")
	s.click(".account summary")
	s.shot("lang-ar-menu")
	s.click(".languages button[value=en]")
	s.until("document.documentElement.lang === 'en' && location.pathname === '/settings'")
	eval[any](s, "document.querySelector('.languages button').value = 'tlh'")
	s.click(".account summary")
	s.click(".languages button")
	s.says("There is no language tlh here. The language stays as it was.")
	s.until("document.documentElement.lang === 'en'")
}
