package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"roster/internal/store/storetest"
)

// tab is one tab of a Chromium.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTab starts Chromium.
func openTab(t *testing.T) *tab {
	t.Helper()
	storetest.Long(t)
	binary, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("ROSTER_REQUIRE_BROWSER") != "" {
			t.Fatal("no Chromium: apt-get install chromium")
		}
		t.Skip("no Chromium: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	return (&tab{t, ctx}).another()
}

// another opens a tab beside it.
func (b *tab) another() *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	other := &tab{b.t, ctx}
	other.do()
	return other
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ok(b.t, chromedp.Do(b.ctx, steps...))
}

// until waits for an expression to become true.
func (b *tab) until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		if is, _ := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); is {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + document.body.innerText"))
			b.t.Fatalf("never came true: %s, on\n%.700s", expression, text)
		}
	}
}

// signsInElsewhere follows the page that says its session ended to another tab, and goes on.
func (b *tab) signsInElsewhere() {
	b.t.Helper()
	b.until("document.querySelector('#again')?.open && document.activeElement.matches('#again a')")
	b.until("document.querySelector('#again-form').hidden")
	b.until("document.querySelector('#again').innerText.includes('Nothing was changed')")
	to, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector('#again a').href"))
	ok(b.t, err)
	other := b.another()
	other.do(chromedp.Navigate(to))
	other.until("location.pathname === '/user/login/'")
	other.do(chromedp.SetValue("#email", "mia@example.com"), chromedp.SetValue("#password", "right"),
		chromedp.Click("button"))
	other.until("location.pathname !== '/user/login/'")
	b.do(chromedp.Click("[data-signed-in]"))
	b.until("!document.querySelector('#again').open")
}

// asksToSignIn is signsIn with the upstream's form.
func asksToSignIn(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/user/login/" || r.Method != http.MethodGet {
		return signsIn(w, r)
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, `<!doctype html><title>Sign in</title><form method="post"><input name="email" id="email">
<input name="password" id="password" type="password"><button>Sign in</button></form>`)
	return true
}

// TestASessionThatEndedGoesOnBehindTheGate: people of an upstream sign in to that, so a page whose
// session ended says so over itself and offers no form of its own; when they have signed in in
// another tab it goes on where it was, with who is selected.
func TestASessionThatEndedGoesOnBehindTheGate(t *testing.T) {
	b := openTab(t)
	w := newWorld(t)
	_, session := w.signIn("mia@example.com", "right")
	w.fake.answering(asksToSignIn)
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: "sessionid", Value: session,
		URL: w.srv.URL})
	ok(t, err)
	b.do(chromedp.Navigate(w.srv.URL + "/roster/projects/1/members"))
	b.until("document.querySelector('[data-row] input[type=checkbox]')")
	b.do(chromedp.Click("[data-row] input[type=checkbox]"))
	b.until("document.body.innerText.includes('One person is selected.')")

	ok(t, w.app.EndMyOtherSessions(w.as("mia")))
	b.do(chromedp.SendKeys("#q", "ann"))
	b.signsInElsewhere()
	b.until("location.search.includes('q=ann') && document.querySelectorAll('[data-row]').length === 1")
	b.until("document.body.innerText.includes('One person is selected.')")

	ok(t, w.app.EndMyOtherSessions(w.as("mia"))) // what changes something waits for another press
	b.do(chromedp.Click("[data-bar] .btn-danger"))
	b.signsInElsewhere()
	b.until("document.body.innerText.includes('Nothing was sent yet: press the button once more.')")
	b.do(chromedp.Click("[data-bar] .btn-danger"))
	b.until("document.querySelector('#dialog')?.open")
	if page := w.get("", "/roster/projects/1/members"); page.status == 200 {
		t.Error("the page is anybody's")
	}
}
