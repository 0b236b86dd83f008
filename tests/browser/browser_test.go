// Package browser drives the console in a real headless Chromium against a
// real server: what only a browser can tell.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

//go:embed testdata/axe.js
var axe string

const password = "correct horse"

// allocator is the one Chromium that all tests open their tabs in.
var allocator context.Context

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(run(m))
}

func run(m *testing.M) int {
	binary, ok := chromium()
	if !ok {
		return storetest.Main(m) // each test says that it is skipped
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "Chromium does not start:", err)
		return 1
	}
	allocator = ctx
	return storetest.Main(m)
}

// chromium finds the browser.
func chromium() (string, bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// site is a server with an organization, and a tab that looks at it.
type site struct {
	*apptest.World
	URL  string
	stop func() // the server
	ctx  context.Context
}

// open serves an organization on SQLite, and opens a tab of its own cookies.
func open(t *testing.T) *site { return openOn(t, storetest.SQLite(t)) }

// openOn is open on a given store.
func openOn(t *testing.T, db *store.DB) *site {
	t.Helper()
	storetest.Long(t)
	if allocator == nil {
		if os.Getenv("ROSTER_REQUIRE_BROWSER") != "" {
			t.Fatal("no Chromium: apt-get install chromium")
		}
		t.Skip("no Chromium: apt-get install chromium")
	}
	w := apptest.New(t, db)
	w.Clock = time.Now().UTC().Truncate(time.Second) // the browser drops cookies that expired
	srv := httptest.NewServer(server.Handler(w.App, "test"))
	t.Cleanup(srv.Close)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	s := &site{World: w, URL: srv.URL, ctx: ctx, stop: func() { srv.CloseClientConnections(); srv.Close() }}
	s.do()
	s.width(1440)
	s.theme("light") // and nothing moves by itself
	return s
}

// do runs actions; an error ends the test with what the page says.
func (s *site) do(steps ...chromedp.Action[chromedp.Void]) {
	s.T.Helper()
	if err := chromedp.Do(s.ctx, steps...); err != nil {
		s.fatal(err)
	}
}

// value runs an action and returns what it comes to.
func value[T any](s *site, a chromedp.Action[T]) T {
	s.T.Helper()
	out, err := chromedp.Run(s.ctx, a)
	if err != nil {
		s.fatal(err)
	}
	return out
}

// fatal ends the test with what is on the page.
func (s *site) fatal(err error) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx,
		chromedp.Evaluate[string](
			"[location.href, ...document.querySelectorAll('dialog[open], #notices, .bar, main')].map(e => e.innerText || "+
				"e).join('\\n')"))
	if len(text) > 700 {
		text = text[:700]
	}
	s.T.Fatalf("%v, on\n%s", err, text)
}

// eval runs an expression in the page.
func eval[T any](s *site, expression string) T {
	s.T.Helper()
	return value(s, chromedp.Evaluate[T](expression))
}

// until waits for an expression to become true, on whatever page is there.
func (s *site) until(expression string) {
	s.T.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		ok, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok {
			return
		}
		if time.Now().After(deadline) || s.ctx.Err() != nil {
			s.fatal(fmt.Errorf("never came true: %s (%v)", expression, err))
		}
	}
}

// says waits until the page shows a text.
func (s *site) says(text string) {
	s.T.Helper()
	quoted, _ := json.Marshal(text)
	s.until("document.body.innerText.includes(" + string(quoted) + ")")
}

// click clicks with the mouse on the middle of an element, once nothing else
// lies over it.
func (s *site) click(selector string) { s.T.Helper(); s.clickWith(selector) }

// clickWith is click with what is held meanwhile.
func (s *site) clickWith(selector string, options ...chromedp.MouseOption) {
	s.T.Helper()
	quoted, _ := json.Marshal(selector)
	find := "document.querySelector(" + string(quoted) + ")"
	s.until(find + " && (e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();" +
		" return e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)) })(" + find + ")")
	at := eval[[]float64](s, "(r => [r.x + r.width / 2, r.y + r.height / 2])("+find+".getBoundingClientRect())")
	s.do(chromedp.MouseClickXY(at[0], at[1], options...))
}

// menu opens the menu within an element, unless it is, and clicks an item of it.
func (s *site) menu(within, item string) {
	s.T.Helper()
	s.until(fmt.Sprintf("document.querySelector(%q)", within+" .more"))
	if !eval[bool](s, fmt.Sprintf("document.querySelector(%q).open", within+" .menu")) {
		s.click(within + " .more")
	}
	s.click(within + " .menu[open] " + item)
}

// width makes the window so wide.
func (s *site) width(pixels int64) {
	s.T.Helper()
	_, err := chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: pixels, Height: 900, DeviceScaleFactor: 1})
	if err != nil {
		s.T.Fatal(err)
	}
}

// theme has the system prefer light or dark.
func (s *site) theme(name string) { s.T.Helper(); s.media("", name, "none") }

// media has pages shown as on a screen or, "print", on paper, by a system that prefers light
// or dark, and, "active", forces its colours.
func (s *site) media(kind, theme, forced string) {
	s.T.Helper()
	_, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind,
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			{Name: "forced-colors", Value: forced},
		}})
	if err != nil {
		s.T.Fatal(err)
	}
}

// script turns scripts on or off for the pages that come.
func (s *site) script(on bool) {
	s.T.Helper()
	_, err := chromedp.Call(s.ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: !on})
	if err != nil {
		s.T.Fatal(err)
	}
}

// visit goes to a page of the site.
func (s *site) visit(path string) {
	s.T.Helper()
	s.do(chromedp.Navigate(s.URL + path))
}

// account gives somebody a password and returns their e-mail.
func (s *site) account(user int64) string {
	s.T.Helper()
	text := password
	m, err := s.App.UpdatePerson(s.As(s.Owner), user, roster.UserPatch{Password: &text})
	if err != nil {
		s.T.Fatal(err)
	}
	return m.User.Email
}

// signIn signs somebody in through the page and comes to path.
func (s *site) signIn(user int64, path string) {
	s.T.Helper()
	email := s.account(user)
	s.visit("/user/login?next=" + url.QueryEscape(path))
	s.do(chromedp.SetValue("#email", email), chromedp.SetValue("#password", password),
		chromedp.Click("main form .btn-primary"))
	place, _, _ := strings.Cut(path, "?")
	s.until("document.readyState === 'complete' && location.pathname === " + fmt.Sprintf("%q", place))
}

// finding is something that axe-core found.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML    string `json:"html"`
		Failure string `json:"failureSummary"`
	}
}

// accessible holds the page against axe-core: light, dark, and with forced colours.
func (s *site) accessible(what string) {
	s.T.Helper()
	// what a bar or a notice half covers would pass for a target too small
	lying := "document.querySelectorAll('.notices, .bar').forEach(e => e.style.position = %q)"
	eval[any](s, "scrollTo(0, 0), "+fmt.Sprintf(lying, "static"))
	defer eval[any](s, fmt.Sprintf(lying, ""))
	defer s.theme("light")
	for _, look := range []struct{ theme, forced string }{{"light", "none"}, {"dark", "none"}, {"light", "active"}} {
		s.media("", look.theme, look.forced)
		s.until(fmt.Sprintf("document.documentElement.dataset.bsTheme === %q && matchMedia('(forced-colors: %s)').matches",
			look.theme, look.forced))
		if !eval[bool](s, "!!window.axe") {
			value(s, chromedp.Evaluate[any](axe+"; null"))
		}
		text := value(s, chromedp.Evaluate[string](
			"axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', "+
				"'wcag22aa', 'best-practice']}).then(r => JSON.stringify(r.violations))", chromedp.EvalAwaitPromise))
		var found []finding
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			s.T.Fatal(err)
		}
		for _, f := range found {
			if f.Impact == "serious" || f.Impact == "critical" {
				s.T.Errorf("%s, %v: %s (%s): %s, %d times, such as %s: %s", what, look, f.ID, f.Impact, f.Help,
					len(f.Nodes), f.Nodes[0].HTML, f.Nodes[0].Failure)
			}
		}
	}
}
