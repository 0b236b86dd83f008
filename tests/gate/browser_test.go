package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab is a Chromium of its own that somebody looks at the gate with.
type tab struct {
	t   *testing.T
	g   *gate
	ctx context.Context
}

// look opens a browser.
func (g *gate) look(t *testing.T) *tab {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && binary == "" {
			binary = path
		}
	}
	if binary == "" {
		if os.Getenv("ROSTER_REQUIRE_BROWSER") != "" {
			t.Fatal("no Chromium: apt-get install chromium")
		}
		t.Skip("no Chromium: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.WindowSize(1500, 1000))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return &tab{t, g, ctx}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.fatal(err)
	}
}

// fatal ends the test with what is on the page.
func (b *tab) fatal(err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), 10*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	b.t.Fatalf("%v, on\n%.1500s", err, text)
}

// until waits for an expression to become true. The upstream's pages are slow
// where a machine does much else.
func (b *tab) until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for tick := time.Tick(50 * time.Millisecond); ; <-tick {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok {
			return
		}
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			b.fatal(fmt.Errorf("never came true: %s (%v)", expression, err))
		}
	}
}

// says waits until the page shows a text.
func (b *tab) says(text string) {
	b.t.Helper()
	b.until("document.body.innerText.includes(" + quoted(text) + ")")
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// press clicks the one element that a selector and a text name, by mouse events
// of the page's own.
func (b *tab) press(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(e => { if (!e || e.disabled || e.getAttribute('aria-disabled') === 'true') return false; e.scrollIntoView({block: 'center'}); e.click(); return true })(
[...document.querySelectorAll(%s)].find(e => e.innerText.includes(%s) || e.getAttribute('aria-label') === %s))`,
		quoted(selector), quoted(text), quoted(text)))
}

// signIn signs somebody in by the upstream's own form.
func (b *tab) signIn(name string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.g.url + "/projects/"))
	b.until("document.querySelector('input[name=email]') && document.readyState === 'complete'")
	b.do(chromedp.SetValue("input[name=email]", name+"@example.com"),
		chromedp.SetValue("input[name=password]", "password-"+name))
	b.do(chromedp.Submit("input[name=password]"))
	b.until("location.pathname === '/projects/' || location.pathname === '/'")
}

// annotations is what the upstream has of a project, newest last.
func (s *scene) annotations() (all []map[string]any) {
	s.t.Helper()
	var page struct {
		Tasks []struct{ Annotations []map[string]any }
	}
	behind().must(s.t, "GET", s.path("/api/tasks/?project=%d&fields=all"), nil, &page)
	for _, task := range page.Tasks {
		all = append(all, task.Annotations...)
	}
	return all
}

// count waits until so many of the project's annotations are as wanted.
func (b *tab) count(s *scene, n int, what string, is func(map[string]any) bool) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for tick := time.Tick(100 * time.Millisecond); ; <-tick {
		found := 0
		for _, a := range s.annotations() {
			if is(a) {
				found++
			}
		}
		if found == n {
			return
		}
		if time.Now().After(deadline) {
			b.fatal(fmt.Errorf("%d annotations %s, and should be %d", found, what, n))
		}
	}
}

func skippedTask(a map[string]any) bool { return a["was_cancelled"] == true }
func saying(value string) func(map[string]any) bool {
	return func(a map[string]any) bool {
		raw, _ := json.Marshal(a["result"])
		return a["was_cancelled"] == false && strings.Contains(string(raw), value)
	}
}

// TestAnnotatorsDay is an annotator's whole session in a browser, in which the
// gate refuses nothing that the work needs.
func TestAnnotatorsDay(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann")
	for range 3 {
		s.task()
	}
	s.id("view", nil) // a manager's tab, in which she works
	ann := g.who(t, "ann")
	before := g.refused(t)
	defer func() { // also when something never came true
		for id, r := range g.refused(t) {
			if _, earlier := before[id]; !earlier && r.User == ann.id {
				t.Errorf("refused in the middle of the work: %s %s: %d by %s: %s", r.Method, r.Path, r.Status, r.Rule, r.Error)
			}
		}
	}()
	b := g.look(t)
	b.signIn("ann")
	b.says(t.Name())
	b.do(chromedp.Navigate(g.url + s.path("/projects/%d/data")))
	b.press("button", "Label")
	b.says("Submit")
	b.press("label", "Good")
	b.press("button", "Submit")
	b.count(s, 1, "say Good", saying("Good"))
	b.press("button", "Skip")
	b.count(s, 1, "are skipped", skippedTask)
	b.press("label", "Good")
	b.press("button", "Submit")
	b.count(s, 2, "say Good", saying("Good"))
	b.update(s)
	if got := ann.status(t, "GET", s.path("/projects/%d/data"), nil); got != 200 {
		t.Errorf("the page of the work: %d", got)
	}
}

// update opens a task that is done and says something else about it.
func (b *tab) update(s *scene) {
	b.t.Helper()
	task := s.annotations()[0]["task"]
	b.do(chromedp.Navigate(b.g.url + s.path("/projects/%d/data") + fmt.Sprintf("?task=%v", task)))
	b.until(`[...document.querySelectorAll('button')].some(e => e.innerText.includes('Update'))`)
	b.press("label", "Bad")
	b.press("button", "Update")
	b.count(s, 1, "say Bad", saying("Bad"))
}

// TestMembersEntry: a manager finds the way from a project of the upstream's to
// its members, and somebody who labels is not shown one.
func TestMembersEntry(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "ann")
	const shown = "(a => a && !a.hidden)(document.getElementById('roster-members'))"
	b := g.look(t)
	b.signIn("mia")
	b.do(chromedp.Navigate(g.url + s.path("/projects/%d/data")))
	b.until(shown)
	b.press("a", "Members")
	b.until(s.path("location.pathname.startsWith('/roster/projects/%d/members')"))
	b.says("ann@example.com")
	b = g.look(t)
	b.signIn("ann")
	b.do(chromedp.Navigate(g.url + s.path("/projects/%d/data")))
	b.says(t.Name())
	if there, err := chromedp.Run(b.ctx,
		chromedp.Evaluate[bool]("!!document.getElementById('roster-members')")); err != nil || there {
		t.Errorf("for somebody who labels: %v %v", there, err)
	}
}
