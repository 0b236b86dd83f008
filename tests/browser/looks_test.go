package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// style is what is drawn of an element besides its fill: with forced colours that says
// nothing.
func (s *site) style(selector string) string {
	s.T.Helper()
	return eval[string](s, fmt.Sprintf("(c => [c.borderBottomWidth, c.borderTopStyle, c.borderTopWidth, c.outlineStyle,"+
		" c.outlineWidth, c.fontWeight, c.textDecorationLine].join(' '))(getComputedStyle(document.querySelector(%q)))",
		selector))
}

// pictured is shot of the page as it is shown now.
func (s *site) pictured(name string) {
	s.T.Helper()
	if dir := os.Getenv("ROSTER_SHOTS"); dir != "" {
		s.picture(filepath.Join(dir, name+".png"))
	}
}

// With forced colours, what is current, chosen or active, and what a button does, can be told
// apart by more than a fill.
func TestForcedColours(t *testing.T) {
	s := open(t)
	project, people := s.crew(3)
	s.signIn(s.Owner, s.members(project, "role=AN"))
	s.click(box(people[1]))
	s.media("", "light", "active")
	s.pictured("forced")
	for _, pair := range [][2]string{
		{".places a[aria-current]", ".places a:not([aria-current])"},
		{".tabs a[aria-current]", ".tabs a:not([aria-current])"},
		{"tr.chosen", "tbody tr:not(.chosen)"},
		{".pick:has(:checked:not([value=''])) > summary", ".pick:not(:has(:checked:not([value='']))) > summary"},
		{".chips .chip", ".role-cell .role"},
		{".page-head .btn-primary", ".page-head .btn:not(.btn-primary)"},
		{"[data-bar] .btn-danger", ".page-head .btn:not(.btn-primary)"},
		{"[data-bar] .btn-danger", ".page-head .btn-primary"},
	} {
		if eval[bool](s, fmt.Sprintf("!document.querySelector(%q) || !document.querySelector(%q)", pair[0], pair[1])) {
			t.Errorf("not on the page: %v", pair)
		} else if one, other := s.style(pair[0]), s.style(pair[1]); one == other {
			t.Errorf("%v look alike: %s", pair, one)
		}
	}
}

// At 200 % on a laptop the bar covers no row, wherever one scrolls to.
func TestTheBarCoversNoRowsAt200Percent(t *testing.T) {
	s := open(t)
	project, people := s.crew(30)
	s.signIn(s.Owner, s.members(project, ""))
	_, err := chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: 720, Height: 450, DeviceScaleFactor: 2})
	if err != nil {
		t.Fatal(err)
	}
	s.click(box(people[0]))
	s.says("One person is selected.")
	covered := `(() => {
	const bar = document.querySelector("[data-bar]").getBoundingClientRect();
	return [...document.querySelectorAll("[data-row]")].filter(row => {
		const r = row.getBoundingClientRect();
		return r.bottom > bar.top + 1 && r.top < bar.bottom - 1;
	}).length })()`
	for at := range 12 {
		eval[any](s, fmt.Sprintf("scrollTo(0, %d * 200)", at))
		if n := eval[int](s, covered); n > 0 {
			t.Errorf("%d rows are under the bar, scrolled to %d", n, at*200)
		}
	}
	s.until("document.documentElement.scrollWidth <= 720")
	s.shot("at-200-percent")
	s.accessible("members at 200 %")
}

// Buttons of a pager that lead nowhere can still be read.
func TestDisabledPagerButtonsCanBeRead(t *testing.T) {
	s := open(t)
	project, _ := s.crew(30)
	s.signIn(s.Owner, s.members(project, "size=25"))
	for _, theme := range []string{"light", "dark"} {
		s.theme(theme)
		s.until(fmt.Sprintf("document.documentElement.dataset.bsTheme === %q", theme))
		ratio := eval[float64](s, `(() => {
	const light = text => text.match(/[\d.]+/g).slice(0, 3).map(v => v / 255)
		.map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const c = getComputedStyle(document.querySelector(".pager .btn.disabled"));
	const [a, b] = [light(c.color), light(c.backgroundColor)].sort((x, y) => y - x);
	return c.opacity === "1" ? (a + .05) / (b + .05) : 0 })()`)
		if ratio < 4.5 {
			t.Errorf("%s: %.2f to 1", theme, ratio)
		}
	}
}

// On paper there are no bars and nothing to press, names are whole, and it says where and
// when it was printed; a question that is open is what is printed.
func TestPrinted(t *testing.T) {
	s := open(t)
	project, people, _, _ := s.offboarding(4)
	s.signIn(s.Owner, s.members(project, "role=AN"))
	printed := func(what string, holds ...string) {
		t.Helper()
		s.media("print", "light", "none")
		eval[any](s, "dispatchEvent(new Event('beforeprint'))")
		text := eval[string](s, "document.body.innerText")
		for _, want := range append(holds, s.URL, "UTC") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", what, want, text)
			}
		}
		for _, sel := range []string{".topbar", ".bar", ".pager", ".filters", ".answers", "[data-pick]", ".row-menu"} {
			if eval[bool](s, fmt.Sprintf("[...document.querySelectorAll(%q)].some(e => e.checkVisibility())", sel)) {
				t.Errorf("%s: %s is printed", what, sel)
			}
		}
		if n := eval[int](s, "[...document.querySelectorAll('main .name')].filter(e => e.checkVisibility() && "+
			"e.scrollWidth > e.clientWidth + 1).length"); n > 0 {
			t.Errorf("%s: %d names are cut", what, n)
		}
		s.pictured("print-" + what)
		out, err := chromedp.Call(s.ctx, page.PrintToPDF, page.PrintToPDFParams{})
		if err != nil || len(out.Data) == 0 {
			t.Errorf("%s: %v", what, err)
		}
		s.media("", "light", "none")
	}
	printed("members", "Street signs", "Wolfeschlegelsteinhausen", "Never")
	s.click(box(people[0]))
	s.click(box(people[1]))
	s.click("[data-bar] .btn-danger")
	s.says("Take 2 people off the project")
	printed("preview", "Take 2 people off the project", "Ann000 Otator", "Loses access")
	s.click("#dialog .btn-danger")
	s.says("2 people were taken off the project.")
	s.visit("/history")
	printed("history", "History", "assigned")
}
