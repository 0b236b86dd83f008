package oidc_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// browser keeps cookies and follows redirects, one at a time.
type browser struct {
	*rosterServer
	client *http.Client
	// on sees, and may change, where each redirect leads
	on func(to *url.URL)
}

func (s *rosterServer) browser() *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	s.must(err)
	none := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{rosterServer: s, client: &http.Client{Jar: jar, CheckRedirect: none}}
}

// page is where a browser came to rest.
type page struct {
	at     *url.URL
	status int
	text   string
	header http.Header
}

// open goes to an address and on from there, until a page is shown.
func (b *browser) open(address string) page {
	b.t.Helper()
	answer, err := b.client.Get(address)
	return b.follow(answer, err)
}

func (b *browser) follow(answer *http.Response, err error) page {
	b.t.Helper()
	for range 20 {
		b.must(err)
		raw, failed := io.ReadAll(answer.Body)
		b.must(failed)
		answer.Body.Close()
		if answer.StatusCode/100 != 3 {
			return page{answer.Request.URL, answer.StatusCode, html.UnescapeString(string(raw)), answer.Header}
		}
		to, failed := answer.Location()
		b.must(failed)
		if b.on != nil {
			b.on(to)
		}
		answer, err = b.client.Get(to.String())
	}
	b.t.Fatal("redirects without end")
	return page{}
}

var formAction = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)

// signIn begins at Roster and gives the password at dex.
func (b *browser) signIn(email, next string) page {
	b.t.Helper()
	at := b.open(b.address + "/user/oidc/?next=" + url.QueryEscape(next))
	action := formAction.FindStringSubmatch(at.text)
	if action == nil || !strings.HasPrefix(at.at.String(), b.url) {
		return at
	}
	to, err := at.at.Parse(action[1])
	b.must(err)
	return b.follow(b.client.PostForm(to.String(), url.Values{"login": {email}, "password": {password}}))
}

// isSignedIn reports whether the browser has a session.
func (b *browser) isSignedIn() bool {
	b.t.Helper()
	return b.open(b.address+"/api/current-user/whoami").status == http.StatusOK
}

// refused checks that nobody was signed in, and why.
func (b *browser) refused(p page, status int, why string) {
	b.t.Helper()
	if p.status != status || !strings.Contains(p.text, why) {
		b.t.Errorf("%s: %d, want %d with %q in\n%s", p.at, p.status, status, why, p.text)
	}
	if b.isSignedIn() {
		b.t.Error("somebody was signed in")
	}
}
