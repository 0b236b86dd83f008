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

// consolePage is a page of the console, and its queries by hand.
type consolePage struct {
	what, path string
	bare       []string
}

// measureConsolePages holds what each page costs the processors, as the server answers it, to
// its bare queries, in turn.
func measureConsolePages(b *bench) {
	b.settle()
	b.server.session = get(b.app.SignIn(b.ctx, ownerEmail, ownerPassword, "127.0.0.1")).Token
	const audit = "/projects/1/history/access?day=" + consoleDay
	searched := " AND u.search_text LIKE '%hansen%'"
	for _, p := range []consolePage{
		{"members of the large project", "/projects/1/members/", append(bareNamedPage(barePeopleOf)[1:], bareEverybody)},
		{"the same, searched", "/projects/1/members/?q=hansen", bareFoundPage(barePeopleOf + searched)},
		{"people", "/people", bareNamedPage(bareEverybodyHere)},
		{"people, searched", "/people?q=hansen", bareFoundPage(bareEverybodyHere + searched)},
		{"projects", "/projects", bareProjectsPage(b.glanced())},
		{"history", "/history", bareOperations},
		{"the large project's history", "/projects/1/history", bareHistoryPage},
		{"who could see it on a day", audit, bareAudit(false)},
		{"the same, held to today", audit + "&today=all", bareAudit(true)},
	} {
		b.page(*b.server, p)
	}
	manager := *b.server
	var user string
	user, manager.session = b.managerOfMost()
	b.page(manager, consolePage{"people, of a Manager who sees most", "/people", bareFoundPage(bareInSight(user))})
}

func (b *bench) page(as remote, p consolePage) {
	times := b.alternateBy(b.busy, func() {
		for _, query := range p.bare {
			drain(b.bare, query)
		}
	}, func() { as.call("GET", p.path, nil) })
	b.add("the console: "+p.what, "the bare queries of the page, by processor time", times[1], times[0], 2)
}

// glanced is the projects of the first page that the console looks at more closely: the
// smallest, up to 50,000 members.
func (b *bench) glanced() string {
	rows := get(b.bare.Query("SELECT p.id, (SELECT count(*) FROM project_members pm WHERE pm.project_id = p.id" +
		" AND pm.removed_by IS NULL) AS n FROM " + bareListed + " ORDER BY n, p.id"))
	defer rows.Close()
	var ids []string
	for left := 50_000; rows.Next(); {
		var id string
		var n int
		must(rows.Scan(&id, &n))
		if left -= n; left < 0 {
			break
		}
		ids = append(ids, id)
	}
	must(rows.Err())
	return strings.Join(ids, ", ")
}

// managerOfMost is a Manager who is in every workspace, and their session.
func (b *bench) managerOfMost() (user, session string) {
	const manager = "(SELECT min(user_id) FROM organization_members WHERE role = 'MA')"
	execute(b.bare, "INSERT INTO workspace_members (workspace_id, user_id, added_by) SELECT w.id, "+manager+
		", 1 FROM workspaces w WHERE w.id NOT IN (SELECT workspace_id FROM workspace_members WHERE user_id = "+manager+")",
		"UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = '"+ownerEmail+
			"') WHERE id = "+manager)
	var email string
	must(b.bare.QueryRow("SELECT id, email FROM users WHERE id = "+manager).Scan(&user, &email))
	return user, get(b.app.SignIn(b.ctx, email, ownerPassword, "127.0.0.1")).Token
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
