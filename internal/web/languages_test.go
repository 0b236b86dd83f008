package web_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"roster"
	"roster/internal/locale"
	"roster/internal/store/storetest"
)

// TestLanguages: a page is in the language that the browser asks for, or that was chosen; in
// English where there is none of them.
func TestLanguages(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "AD")
	for _, c := range []struct{ accept, chosen, want string }{
		{"", "", `<html lang="en" dir="ltr"`},
		{"de-AT,de;q=0.9,en;q=0.8", "", `<html lang="de" dir="ltr"`},
		{"ar-EG", "", `<html lang="ar" dir="rtl"`},
		{"tlh, xx;q=0.5", "", `<html lang="en"`},
		{strings.Repeat("de,", 1000), "", `<html lang="en"`},
		{"de", "ja", `<html lang="ja"`},
		{"de", "tlh", `<html lang="de"`},
		{"ja", "en-XA", `<html lang="ja"`}, // for tests alone
	} {
		page := b.in(c.accept, c.chosen, "/people")
		b.with(page, c.want)
	}
	b.with(b.in("de", "", "/people"), "<h1>Personen</h1>")
	b.with(b.in("ar", "", "/people"), "دعوة أشخاص")
	b.with(b.in("ar", "", "/people"), "tablerrtl.")
	b.with(b.in("ja", "", "/nothing"), "このページはありません。")
	b.with(b.in("de", "", "/people?role=XX"), "kann nicht &#34;XX&#34; sein")
}

// in is a page in a language.
func (b *browser) in(accept, chosen, path string) string {
	b.T.Helper()
	b.header.Set("Accept-Language", accept)
	b.cookies["roster_language"] = chosen
	defer b.header.Del("Accept-Language")
	defer delete(b.cookies, "roster_language")
	return b.send("GET", path, nil).Body.String()
}

// TestChoosingALanguage: it is kept, and one that is not there is said in words and changes nothing.
func TestChoosingALanguage(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "AN")
	answer := b.send("POST", "/user/language", map[string][]string{"language": {"de"}, "next": {"/settings"}})
	if cookie := answer.Header().Get("Set-Cookie"); answer.Code != 303 ||
		!strings.Contains(cookie, "roster_language=de;") {
		t.Errorf("%d %q", answer.Code, cookie)
	}
	answer = b.send("POST", "/user/language", map[string][]string{"language": {"tlh"}, "next": {"/settings"}})
	for _, cookie := range answer.Header().Values("Set-Cookie") {
		if strings.Contains(cookie, "roster_language") {
			t.Errorf("%q", cookie)
		}
	}
}

var fourSides = regexp.MustCompile(`(?:margin|padding): [^\s;]+ ([^\s;]+) [^\s;]+ ([^\s;]+);`)

// TestStylesAreMirrored: the console's own styles say start and end, so that a page from right
// to left needs no others.
func TestStylesAreMirrored(t *testing.T) {
	css, err := os.ReadFile("static/roster.css")
	if err != nil {
		t.Fatal(err)
	}
	sided := regexp.MustCompile(`(?:margin|padding|border)-(?:left|right)|[{; ](?:left|right): |text-align: (?:left|right)`)
	for n, line := range strings.Split(string(css), "\n") {
		if found := sided.FindString(line); found != "" {
			t.Errorf("roster.css:%d: %s: say start or end (margin-inline-start, inset-inline-end, text-align: start)",
				n+1, found)
		}
		for _, four := range fourSides.FindAllStringSubmatch(line, -1) {
			if four[1] != four[2] {
				t.Errorf("roster.css:%d: %s: the sides differ: say them with padding-inline or margin-inline", n+1, four[0])
			}
		}
	}
}

// TestSetsAreWhole: every page can be made in every language.
func TestSetsAreWhole(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	b.Project("نور & Söhne", 0)
	for _, l := range locale.Languages() {
		for _, path := range []string{"/home", "/projects", "/people", "/workspaces", "/tags", "/tags/import", "/history",
			"/settings", "/settings/organization", "/settings/permissions", "/settings/scim", "/settings/mail",
			"/settings/addresses", "/settings/activity", "/help", "/search?q=a", "/views", "/display", "/people/invite",
			"/people/invitations", "/people/1", "/people/1/history", "/projects/1/members", "/projects/1/history",
			"/projects/1/members/add", "/projects/1/members/add/emails", "/projects/1/history/access?day=2020-01-01"} {
			if page := b.in("", l.Code, path); !strings.Contains(page, `lang="`+l.Code+`"`) ||
				!strings.Contains(page, "</html>") {
				t.Errorf("%s in %s: %.300s", path, l.Code, page)
			}
		}
	}
}

// everyPage is a page of each kind, in an organization with a bit of everything.
func (b *browser) everyPage() []string {
	b.T.Helper()
	project, space := b.Project("42", 0), b.Workspace("43")
	var people []int64
	for i := range 3 {
		people = append(people, b.PersonNamed(roster.NewUser{Email: fmt.Sprintf("p%d@example.com", i),
			FirstName: "١٢٣", LastName: strings.Repeat("٤", i+1), Role: roster.RoleAnnotator}))
	}
	if _, err := b.App.AssignMembers(b.As(b.Owner), project, roster.Selector{Included: people}, nil); err != nil {
		b.T.Fatal(err)
	}
	if _, err := b.App.UnassignMembers(b.As(b.Owner), project, roster.Selector{Included: people[:2]}, ""); err != nil {
		b.T.Fatal(err)
	}
	paths := []string{"/home", "/projects", "/people", "/people?role=AN&active=90&state=active", "/workspaces", "/tags",
		"/tags/new", "/tags/import", "/history", "/settings", "/settings/organization", "/settings/permissions",
		"/settings/scim", "/settings/mail", "/settings/addresses", "/settings/activity", "/help", "/search", "/views",
		"/display", "/people/invite", "/people/invitations", "/workspaces/new", "/nothing", "/people?role=XX",
		"/people?all=1"}
	for _, format := range []string{"/projects/%d/members", "/projects/%d/members?all=1", "/projects/%d/history",
		"/projects/%d/members/add", "/projects/%d/members/add/emails", "/projects/%d/history/access?day=2026-01-05"} {
		paths = append(paths, fmt.Sprintf(format, project))
	}
	for _, format := range []string{"/people/%d", "/people/%d/history", "/people/%d/name", "/people/%d/projects",
		"/people/%d/change?role=DI"} {
		paths = append(paths, fmt.Sprintf(format, people[0]))
	}
	for _, format := range []string{"/workspaces/%d/members", "/workspaces/%d/projects", "/workspaces/%d/members/add",
		"/workspaces/%d/edit", "/workspaces/%d/delete"} {
		paths = append(paths, fmt.Sprintf(format, space))
	}
	return append(paths, "/history/1", "/history/2", "/history/2/undo")
}

// TestNoPageSaysEnglish: in a language in which no letter is as it is in English, no page has
// one, but for what is a name or goes to programs.
func TestNoPageSaysEnglish(t *testing.T) {
	locale.OfferPseudo()
	b := signedIn(t, storetest.SQLite(t), "OW")
	for _, path := range b.everyPage() {
		for _, text := range spokenIn(t, b.in("", "en-XA", path)) {
			t.Errorf("%s: %q is in no catalogue (CONTRIBUTING.md, \"A text\")", path, text)
		}
	}
}

// spokenIn is what stands in English on a page.
func spokenIn(t *testing.T, page string) (found []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode && english.MatchString(verbatim.ReplaceAllString(n.Data, "")) {
			found = append(found, strings.TrimSpace(n.Data))
		}
		for _, a := range n.Attr {
			if slices.Contains([]string{"title", "placeholder", "aria-label", "alt"}, a.Key) &&
				english.MatchString(verbatim.ReplaceAllString(a.Val, "")) {
				found = append(found, a.Val)
			}
		}
		if n.Type == html.ElementNode && sameEverywhere(n) {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return found
}

// sameEverywhere reports whether what is in an element is in no language of the console's.
func sameEverywhere(n *html.Node) bool {
	return slices.Contains([]string{"bdi", "kbd", "code", "pre", "script", "textarea", "style"}, n.Data) ||
		strings.Contains(attributeOf(n, "class"), "mono") || attributeOf(n, "translate") == "no" ||
		attributeOf(n, "lang") != "" && n.Data != "html"
}

func attributeOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

var (
	english = regexp.MustCompile(`[A-Za-z]{2}`)
	// verbatim is e-mails, what is isolated, zones, and names of the test organization.
	verbatim = regexp.MustCompile(`\S+@\S+|\x{2068}[^\x{2069}]*\x{2069}|\b(UTC|Acme|Olga Owner|OO|role|XX|GET|POST|PUT|PATCH|DELETE)\b`)
)

// TestLettersAreInALanguage: who is invited reads the language of whoever invites.
func TestLettersAreInALanguage(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	for code, want := range map[string]string{
		"en": "Invitation to Acme\nHello,\n\nOlga Owner", "de": "Einladung zu Acme\nGuten Tag,\n\nOlga Owner",
		"ja": "Acme への招待\nこんにちは。\n\nOlga Owner",
	} {
		ctx := locale.With(b.As(b.Owner), locale.Find(code))
		err := b.App.InvitePeople(ctx, roster.Invite{Emails: []string{code + "@example.com"}, Role: roster.RoleAnnotator})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if _, err := b.App.DeliverMail(t.Context(), func(_ context.Context, m roster.Mail) error {
			got = m.Subject + "\n" + m.Text
			return nil
		}); err != nil || !strings.HasPrefix(got, want) || !strings.Contains(got, "/user/signup/?token=") {
			t.Errorf("%s: %q %v", code, got, err)
		}
	}
}
