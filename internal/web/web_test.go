package web_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(storetest.Main(m))
}

const password = "correct horse"

// browser is a person at a site: it keeps cookies and follows nothing.
type browser struct {
	*apptest.World
	handler http.Handler
	cookies map[string]string
	header  http.Header
}

func open(t *testing.T, db *store.DB) *browser {
	w := apptest.New(t, db)
	return &browser{World: w, handler: server.Handler(w.App, "test"), cookies: map[string]string{},
		header: http.Header{"Sec-Fetch-Site": {"same-origin"}}}
}

// account adds somebody with a password and returns their e-mail.
func (b *browser) account(role roster.Role) (int64, string) {
	b.T.Helper()
	id, text := b.Person(role), password
	m, err := b.App.UpdatePerson(b.As(b.Owner), id, roster.UserPatch{Password: &text})
	if err != nil {
		b.T.Fatal(err)
	}
	return id, m.User.Email
}

// send makes a request; form is sent in its body unless it is nil.
func (b *browser) send(method, target string, form url.Values) *httptest.ResponseRecorder {
	b.T.Helper()
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return b.raw(method, target, kind, form.Encode())
}

// posted sends a form and does not go where it leads.
func (b *browser) posted(target string, form url.Values) *httptest.ResponseRecorder {
	b.T.Helper()
	return b.request("POST", target, "application/x-www-form-urlencoded", form.Encode())
}

// raw makes a request with a body of some kind, and goes to the page that answers a form.
func (b *browser) raw(method, target, kind, body string) *httptest.ResponseRecorder {
	b.T.Helper()
	answer := b.request(method, target, kind, body)
	if to := answer.Header().Get("Location"); method == "POST" && answer.Code == 303 && keptPage.MatchString(to) {
		return b.request("GET", to, "", "")
	}
	return answer
}

func (b *browser) request(method, target, kind, body string) *httptest.ResponseRecorder {
	b.T.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header = b.header.Clone()
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	b.handler.ServeHTTP(answer, r)
	for _, c := range answer.Result().Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return answer
}

// keptPage is where a form leads to that is answered with a page.
var keptPage = regexp.MustCompile(`/shown/[A-Z0-9]+$|\?asked=[A-Z0-9]+`)

// must is send for an answer that has to have a status and a text.
func (b *browser) must(status int, text, method, target string, form url.Values) *httptest.ResponseRecorder {
	b.T.Helper()
	answer := b.send(method, target, form)
	if answer.Code != status || !strings.Contains(answer.Body.String(), text) {
		b.T.Fatalf("%s %s: %d, want %d with %q in\n%s", method, target, answer.Code, status, text, answer.Body)
	}
	return answer
}

func credentials(email, password string) url.Values {
	return url.Values{"email": {email}, "password": {password}}
}

func TestSignInAndOut(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		_, email := b.account("AN")
		if to := b.must(303, "", "GET", "/", nil).Header().Get("Location"); to != "/user/login?next=%2F" {
			t.Errorf("a stranger is led to %q", to)
		}
		b.must(200, `name="password"`, "GET", "/user/login/", nil)
		b.must(401, "The e-mail or the password is wrong.", "POST", "/user/login/", credentials(email, "guess"))
		b.must(401, "The e-mail or the password is wrong.", "POST", "/user/login/",
			credentials("nobody\x00\xff@example.com", "guess"))
		b.must(401, `value="&#34;&gt;&lt;script&gt;"`, "POST", "/user/login/", credentials(`"><script>`, "guess"))
		if len(b.cookies) != 0 {
			t.Fatal("a cookie for nothing")
		}
		answer := b.must(303, "", "POST", "/user/login/", credentials(email, password))
		c := answer.Result().Cookies()[0]
		if c.Name != "sessionid" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure ||
			len(c.Value) != 40 || !c.Expires.Equal(b.Clock.Add(8*24*time.Hour)) {
			t.Errorf("the cookie is %v", c)
		}
		if answer.Header().Get("Location") != "/" {
			t.Errorf("leads to %q", answer.Header().Get("Location"))
		}
		b.must(200, "First1 Last1", "GET", "/projects", nil)
		b.must(200, email, "GET", "/api/current-user/whoami", nil)
		b.must(303, "", "GET", "/user/login/?next=/somewhere", nil)
		old := b.cookies["sessionid"]
		b.must(303, "", "POST", "/user/login/", credentials(email, password))
		if _, err := b.App.AuthenticateSession(context.Background(), old); err == nil || b.cookies["sessionid"] == old {
			t.Error("signing in again must begin a new session and end the old one")
		}
		old = b.cookies["sessionid"]
		b.must(303, "", "POST", "/user/logout/", nil)
		if _, err := b.App.AuthenticateSession(context.Background(), old); err == nil || len(b.cookies) != 0 {
			t.Error("signed out, and the session lives")
		}
		b.must(401, "credentials were not provided", "GET", "/api/current-user/whoami", nil)
		b.must(404, "There is no such page", "GET", "/user/logout/", nil) // a link ends no session
	})
}

// A link to the sign-in page leads to this site and to no other.
func TestNextStaysHere(t *testing.T) {
	storetest.Long(t)
	b := open(t, storetest.SQLite(t))
	_, email := b.account("AN")
	for next, want := range map[string]string{
		"/projects/7?tab=members#x": "/projects/7?tab=members#x",
		"":                          "/",
		"projects":                  "/",
		"//evil.example":            "/",
		"///evil.example":           "/",
		`/\evil.example`:            "/",
		`\\evil.example`:            "/",
		"/\t/evil.example":          "/",
		"/\n/evil.example":          "/",
		"https://evil.example":      "/",
		"https:evil.example":        "/",
		"javascript:alert(1)":       "/",
		" //evil.example":           "/",
		"/%zz":                      "/",
	} {
		form := credentials(email, password)
		form.Set("next", next)
		if got := b.send("POST", "/user/login/", form).Header().Get("Location"); got != want {
			t.Errorf("next=%q leads to %q, want %q", next, got, want)
		}
		if got := b.send("GET", "/user/login/?next="+url.QueryEscape(next), nil).Header().Get("Location"); got != want {
			t.Errorf("signed in, next=%q leads to %q, want %q", next, got, want)
		}
		b.cookies = map[string]string{}
	}
}

// What another site has a browser send is refused, wherever a session counts.
func TestOtherSites(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	id, email := b.account("AD")
	token, err := b.App.Token(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	b.must(303, "", "POST", "/user/login/", credentials(email, password))
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}},
		{"Origin": {"https://evil.example"}}, {"Origin": {"null"}},
		{"Referer": {"https://evil.example/page"}}, {"Referer": {"http://example.com.evil.example/"}},
		{"Referer": {"http://example.com@evil.example/"}},
		{"Referer": {"http://%"}}, {"Referer": {"/projects"}}, {"Referer": {"ftp://example.com/"}},
		{"Origin": {"https://evil.example"}, "Referer": {"http://example.com/"}},
	} {
		b.header = header
		b.must(403, "another site", "POST", "/api/organizations/1/member-tags", url.Values{"label": {"x"}})
		b.must(403, "another site", "GET", "/api/current-user/whoami", nil)
		b.must(200, "", "GET", "/people", nil) // a page can be linked to
		b.must(403, "another site", "POST", "/user/logout/", nil)
		b.must(403, "another site", "POST", "/user/login/", credentials(email, password))
		b.must(403, "another site", "POST", "/user/signup/", url.Values{"token": {"x"}})
		// a browser does not add this by itself, so that it proves the caller
		b.header = header.Clone()
		b.header.Set("Authorization", "Token "+token)
		if answer := b.send("POST", "/api/organizations/1/member-tags",
			url.Values{"label": {fmt.Sprint(header)}}); answer.Code != 201 {
			t.Errorf("with a token, from %v: %d %s", header, answer.Code, answer.Body)
		}
	}
	for i, header := range []http.Header{
		{"Origin": {"http://example.com"}}, {"Origin": {"https://example.com"}, "Referer": {"https://evil.example/"}},
		{"Referer": {"http://example.com/projects?page=2"}},
		{"Sec-Fetch-Site": {"none"}, "Referer": {"https://evil.example/"}},
	} {
		b.header = header
		b.must(201, "", "POST", "/api/organizations/1/member-tags", url.Values{"label": {fmt.Sprint("ours", i)}})
	}
	b.header = http.Header{}
	b.must(201, "", "POST", "/api/organizations/1/member-tags", url.Values{"label": {"no browser"}})
}

// Every page forbids scripts, frames and other sites' content, and holds none
// of its own; the style is served as what it is.
func TestPagesAreClosed(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	link, err := b.App.InviteToken(b.As(b.Owner))
	if err != nil {
		t.Fatal(err)
	}
	inline := regexp.MustCompile(`(?i)<script>|<style|\son[a-z]+=|\sstyle=|javascript:|https?://`)
	project := b.Project("Street signs", 0)
	b.Assign(project, b.Person("AN"))
	inside := fmt.Sprintf("/projects/%d/members", project)
	_, email := b.account("AD")
	b.must(303, "", "POST", "/user/login/", credentials(email, password))
	for target, status := range map[string]int{
		"/projects": 200, inside: 200, inside + "?role=XX": 400, inside + "/add": 200, inside + "/add/emails": 200,
		"/projects/99": 303, "/user/signup/?token=" + link: 200, "/user/signup/": 403, "/user/nowhere": 404,
		"/static/nothing.css": 404,
	} {
		answer := b.must(status, "", "GET", target, nil)
		h := answer.Header()
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
			!strings.Contains(policy, "form-action 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", target, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", target, h)
		}
		if strings.HasPrefix(target, "/static/") {
			continue
		}
		if found := inline.FindString(answer.Body.String()); found != "" || h.Get("Cache-Control") != "no-store" ||
			h.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %q in a page with %v", target, found, h)
		}
	}
	for file, kind := range map[string]string{"roster.css": "text/css", "roster.svg": "image/svg+xml"} {
		if got := b.must(200, "", "GET", "/static/"+file, nil).Header().Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("%s is %s", file, got)
		}
	}
}

func TestTooManyAttempts(t *testing.T) {
	storetest.Long(t)
	b := open(t, storetest.SQLite(t))
	for range 20 {
		b.must(401, "", "POST", "/user/login/", credentials("", ""))
	}
	answer := b.must(429, "Too many attempts. Try again in 3 minutes.", "POST", "/user/login/", credentials("", ""))
	if answer.Header().Get("Retry-After") != "180" {
		t.Errorf("Retry-After %q", answer.Header().Get("Retry-After"))
	}
}

func TestTooLargeAForm(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	if answer := b.send("POST", "/user/login/", credentials("a", strings.Repeat("x", 1<<20))); answer.Code != 401 &&
		answer.Code != 413 {
		t.Errorf("a megabyte of password: %d", answer.Code)
	}
}

// The cookie goes encrypted only, where the request came so.
func TestSecureCookie(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	_, email := b.account("AN")
	b.header.Set("X-Forwarded-Proto", "https")
	answer := b.must(303, "", "POST", "/user/login/", credentials(email, password))
	if !answer.Result().Cookies()[0].Secure {
		t.Error("a cookie that may travel unencrypted")
	}
}

func TestJoiningOnThePage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		link, err := b.App.InviteToken(b.As(b.Owner))
		if err != nil {
			t.Fatal(err)
		}
		b.must(200, "Join Acme", "GET", "/user/signup/?token="+link, nil)
		form := url.Values{"token": {link}, "email": {"noor"}, "first_name": {"Noor"}, "password": {password}}
		b.must(400, `aria-describedby="email-wrong"`, "POST", "/user/signup/", form)
		form.Set("email", "noor@example.com")
		form.Set("password", "short")
		b.must(400, "at least 8 characters", "POST", "/user/signup/", form)
		form.Set("password", password)
		b.must(200, "waits for a role", "POST", "/user/signup/", form)
		b.must(403, "nobody gave you a role yet", "POST", "/user/login/", credentials("noor@example.com", password))

		if err := b.App.InvitePeople(b.As(b.Owner), roster.Invite{Emails: []string{"uma@example.com"},
			Role: "MA"}); err != nil {
			t.Fatal(err)
		}
		address := ""
		_, err = b.App.DeliverMail(context.Background(), func(_ context.Context, m roster.Mail) error {
			address = regexp.MustCompile(`/user/signup/\?token=\S+`).FindString(m.Text)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		page := b.must(200, "as <strong>Manager</strong>", "GET", address, nil)
		if !strings.Contains(page.Body.String(), "Olga Owner invites you") {
			t.Error("does not say who invites")
		}
		_, token, _ := strings.Cut(address, "token=")
		// the e-mail is the invitation's, whatever the form says
		form = url.Values{"token": {token}, "email": {"other@example.com"}, "first_name": {"Uma"},
			"last_name": {"<b>Ng</b>"}, "password": {password}}
		b.must(303, "", "POST", "/user/signup/", form)
		b.must(200, "<bdi>Uma &lt;b&gt;Ng&lt;/b&gt;</bdi>", "GET", "/projects", nil)
		b.must(403, "was accepted already", "GET", address, nil)
		b.must(403, "was accepted already", "POST", "/user/signup/", form)
	})
}

// A provider posts its answer from its own page; that is told what is so.
func TestSAMLIsAnsweredClearly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		b.header.Set("Sec-Fetch-Site", "cross-site")
		b.must(501, "does not sign anybody in by SAML", "POST", "/saml/acs", url.Values{"SAMLResponse": {"x"}})
		b.must(501, "OpenID Connect", "GET", "/saml/login", nil)
		if len(b.cookies) != 0 {
			t.Error("a cookie")
		}
	})
}
