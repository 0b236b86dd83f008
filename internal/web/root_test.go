package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store/storetest"
	"roster/internal/web"
)

// below is a browser at a site that people reach below a path.
func below(t *testing.T, root string) *browser {
	b := open(t, storetest.SQLite(t))
	b.App = b.Configured(func(c *core.Config) {
		c.Links = "https://example.com" + root
		c.URL = c.Links
	})
	b.handler = server.Handler(b.App, "test")
	return b
}

// leads is every attribute by which a page leads somewhere or has something sent.
var leads = regexp.MustCompile(
	`\s(href|src|action|formaction|poster|data-(?:href|session|url|search)|hx-(?:get|post|push-url|replace-url))="([^"]*)"`)

// outside is the addresses in an answer that are not below root.
func outside(root string, answer *httptest.ResponseRecorder) (all []string) {
	is := func(to string) bool {
		return to == root || strings.HasPrefix(to, root+"/") || strings.HasPrefix(to, "https://example.com"+root+"/")
	}
	for _, found := range leads.FindAllStringSubmatch(answer.Body.String(), -1) {
		to := html.UnescapeString(found[2])
		relative := to == "" || to[0] == '#' || to[0] == '?' || to == "true" || to == "false"
		if !relative && !is(to) && !strings.HasPrefix(to, "mailto:") && !strings.HasPrefix(to, "data:") {
			all = append(all, found[0])
		}
	}
	for _, name := range []string{"Location", "HX-Redirect", "HX-Push-Url", "HX-Replace-Url", "HX-Location"} {
		if to := answer.Header().Get(name); to != "" && to != "false" && !is(to) {
			all = append(all, name+": "+to)
		}
	}
	for _, c := range answer.Result().Cookies() {
		if c.Path != root && !strings.HasPrefix(c.Path, root+"/") {
			all = append(all, "Set-Cookie: "+c.String())
		}
	}
	return all
}

// TestEveryAddressIsBelowThePath walks every page there is, at both of its places, and
// whatever those lead to: no link, file, form, redirect or cookie leaves the path of --url.
func TestEveryAddressIsBelowThePath(t *testing.T) {
	storetest.Long(t)
	for _, root := range []string{"/labels", web.Prefix} {
		t.Run(root, func(t *testing.T) { walk(t, root) })
	}
}

func walk(t *testing.T, root string) {
	b := below(t, root)
	text := password
	m, err := b.App.UpdatePerson(b.As(b.Owner), b.Owner, roster.UserPatch{Password: &text})
	if err != nil {
		t.Fatal(err)
	}
	p := b.Project("Signs", b.Workspace("Streets"))
	b.Tag("north")
	for range 3 {
		b.Assign(p, b.Person("AN"))
	}
	check := func(answer *httptest.ResponseRecorder, target string) {
		for _, to := range outside(root, answer) {
			t.Errorf("%s leads to %s", target, to)
		}
	}
	check(b.send("GET", root+"/projects?q=x", nil), "a stranger's page")
	check(b.send("GET", root+"/user/login", nil), "the sign-in")
	answer := b.send("POST", root+"/user/login", credentials(m.User.Email, password))
	if check(answer, "the sign-in's form"); answer.Code != http.StatusSeeOther {
		t.Fatalf("signing in: %d", answer.Code)
	}
	for next, want := range map[string]string{root + "/people": root + "/people", "/people": root + "/",
		root + "/../people": root + "/", root + "/%2e%2e/people": root + "/", root + "x": root + "/"} {
		if to := b.send("GET", root+"/user/login?"+url.Values{"next": {next}}.Encode(), nil).Header().
			Get("Location"); to != want {
			t.Errorf("next=%s leads to %s, want %s", next, to, want)
		}
	}
	seen, queue := map[string]bool{}, []string{root, root + "/", root + "/nowhere", root + "/docs/api/"}
	for _, path := range web.Pages() {
		for _, base := range []string{root, root + web.Prefix} {
			queue = append(queue, base+inPath.ReplaceAllString(path, fmt.Sprint(p)))
		}
	}
	for len(queue) > 0 && len(seen) < 250 {
		target := queue[0]
		if queue = queue[1:]; seen[target] || strings.Contains(target, "/user/oidc") {
			continue
		}
		seen[target] = true
		answer := b.send("GET", target, nil)
		check(answer, target)
		for _, found := range leads.FindAllStringSubmatch(answer.Body.String(), -1) {
			if to, _, _ := strings.Cut(html.UnescapeString(found[2]), "#"); found[1] == "href" && strings.HasPrefix(to, root) {
				queue = append(queue, to)
			}
		}
		b.header.Set("HX-Request", "true")
		check(b.send("GET", target, nil), target+" in a page")
		b.header.Del("HX-Request")
	}
	check(b.send("POST", root+"/user/logout", url.Values{}), "signing out")
	if len(seen) < 100 {
		t.Errorf("only %d pages were looked at", len(seen))
	}
}
