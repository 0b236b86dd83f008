package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"roster/internal/auth"
)

// measureConsole loads the first page of the large project's members: as the
// server answers it, and as a person sees it in Chromium, where there is one.
func measureConsole(b *bench) {
	const page = "/projects/1/members/"
	session := get(b.app.SignIn(b.ctx, ownerEmail, ownerPassword, "127.0.0.1"))
	b.server.session = session.Token
	answer := b.server.request("GET", page)
	check(strings.Count(string(get(io.ReadAll(answer.Body))), "data-row") >= 50, "the console does not show its members")
	ask := func(path string) func() { return func() { b.server.call("GET", path, nil) } }
	times := b.alternate(ask("/api/projects/1/members/paginated/?page_size=50"), ask(page), ask("/projects"),
		ask("/history"))
	b.add("the console's first page of members, as the server answers it", "the API's page of 50, in its order",
		times[1], times[0], 0)
	b.add("the console's projects, as the server answers them", "the page of members", times[2], times[1], 2)
	b.add("the console's history, as the server answers it", "the page of members", times[3], times[1], 2)
	browser, stop := openBrowser(b.ctx, b.server.url, session.Token)
	if browser == nil {
		progress("  no Chromium, so the page was not looked at in one")
		return
	}
	defer stop()
	var seen sample
	for range b.reps + 1 {
		seen.time(func() { must(chromedp.Do(browser, chromedp.Navigate(b.server.url+page))) })
		rows := get(chromedp.Run(browser, chromedp.Evaluate[int]("document.querySelectorAll('[data-row]').length")))
		check(rows == 50, "Chromium shows %d members", rows)
	}
	// the first one fetches the assets
	b.add("the same page loaded in Chromium (aim: under 1 s)", "the server's answer", seen[1:], times[1], 0)
}

// openBrowser starts Chromium with the session in its jar; nil where there is
// none.
func openBrowser(ctx context.Context, url, session string) (context.Context, func()) {
	binary, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	ctx, _ = chromedp.NewContext(ctx)
	must(chromedp.Do(ctx))
	_, err = chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: auth.SessionCookie,
		Value: session, URL: url})
	must(err)
	return ctx, func() { stop(); cancel() }
}
