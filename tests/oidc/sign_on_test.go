package oidc_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dexidp/dex/storage"
)

func TestSignOnMakesAnAccountAndFindsItAgain(t *testing.T) {
	s := serve(t)
	s.person("ann@example.com", true)
	b := s.browser()
	at := b.signIn("ann@example.com", "/api/current-user/whoami")
	if at.status != http.StatusOK || !strings.Contains(at.text, `"ann@example.com"`) {
		t.Fatalf("%d %s", at.status, at.text)
	}
	if role := s.role("ann@example.com"); role != "AN" {
		t.Errorf("the role is %q, not the default one", role)
	}
	if got := s.operations(); !slices.Equal(got, []string{"organization_join by single_sign_on"}) {
		t.Errorf("recorded: %q", got)
	}
	// The identity is the subject: another e-mail there is the same person here.
	s.change("ann@example.com", func(p *storage.Password) { no := false; p.EmailVerified = &no })
	again := s.browser()
	again.signIn("ann@example.com", "/")
	if !again.isSignedIn() || len(s.operations()) != 1 {
		t.Error("a person with an identity was not found by it")
	}
}

func TestSignOnFindsAnAccountByVerifiedEmail(t *testing.T) {
	s := serve(t, "--no-oidc-create")
	s.person("owner@example.com", true)
	b := s.browser()
	if at := b.signIn("owner@example.com", "/api/current-user/whoami"); !strings.Contains(at.text, `"owner@example.com"`) {
		t.Fatalf("%d %s", at.status, at.text)
	}
	// Somebody else who gets the e-mail later does not get the account.
	s.must(s.storage.DeletePassword(t.Context(), "owner@example.com"))
	s.person("owner@example.com", true)
	s.change("owner@example.com", func(p *storage.Password) { p.UserID = "somebody new" })
	other := s.browser()
	other.refused(other.signIn("owner@example.com", "/"), http.StatusForbidden, "belongs to somebody else at Dex")

	s.person("new@example.com", true)
	stranger := s.browser()
	stranger.refused(stranger.signIn("new@example.com", "/"), http.StatusForbidden,
		"There is no account for new@example.com")
}

func TestSignOnRefusesAnUnverifiedEmail(t *testing.T) {
	s := serve(t)
	s.person("owner@example.com", false)
	b := s.browser()
	b.refused(b.signIn("owner@example.com", "/"), http.StatusForbidden,
		"has not verified that owner@example.com is your e-mail address")
}

func TestSignOnMapsGroups(t *testing.T) {
	s := serve(t, "--oidc-groups-claim", "groups", "--oidc-scopes", "openid,email,profile,groups")
	s.api("POST", "/api/workspaces/", map[string]any{"title": "Vision"}, nil)
	s.api("POST", "/api/projects/", map[string]any{"title": "Signs"}, nil)
	s.api("POST", "/api/scim/settings", map[string]any{
		"roles_groups":      [][]string{{"Annotator", "crew"}, {"Manager", "leads"}},
		"workspaces_groups": [][]string{{"Vision", "crew"}},
		"projects_groups":   []map[string]any{{"project_id": 1, "group": "crew", "role": "Inherit"}},
	}, nil)
	s.person("ann@example.com", true, "crew", "leads", "unheard of")
	b := s.browser()
	b.signIn("ann@example.com", "/")
	if got := s.role("ann@example.com"); got != "MA" || !b.isSignedIn() {
		t.Fatalf("the role is %q", got)
	}
	// the role, the workspace, the project
	want := []string{"scim_sync by single_sign_on", "scim_sync by single_sign_on", "scim_sync by single_sign_on",
		"organization_join by single_sign_on"}
	if got := s.operations(); len(got) < 4 || !slices.Equal(got[:4], want) {
		t.Errorf("recorded: %q", got)
	}
	var members []struct{ Email string }
	s.api("GET", "/api/projects/1/members/?implicit=false", nil, &members)
	if !slices.ContainsFunc(members, func(m struct{ Email string }) bool { return m.Email == "ann@example.com" }) {
		t.Errorf("the project has the members %v", members)
	}
	s.change("ann@example.com", func(p *storage.Password) { p.Groups = []string{"crew"} })
	s.browser().signIn("ann@example.com", "/")
	if got := s.role("ann@example.com"); got != "AN" {
		t.Errorf("out of a group, the role is %q", got)
	}
	s.change("ann@example.com", func(p *storage.Password) { p.Groups = nil })
	out := s.browser()
	out.refused(out.signIn("ann@example.com", "/"), http.StatusForbidden, "Your account is deactivated")
	if got := s.role("ann@example.com"); got != "DI" || b.isSignedIn() {
		t.Errorf("out of the last group, the role is %q, and the old session lives: %v", got, b.isSignedIn())
	}
	s.change("ann@example.com", func(p *storage.Password) { p.Groups = []string{"leads"} })
	back := s.browser()
	back.signIn("ann@example.com", "/")
	if !back.isSignedIn() || s.role("ann@example.com") != "MA" {
		t.Error("back in a group, and not back")
	}
}

func TestSignOnKeepsOutWhoWasDeactivatedByHand(t *testing.T) {
	s := serve(t, "--oidc-groups-claim", "groups", "--oidc-scopes", "openid,email,profile,groups")
	s.api("POST", "/api/scim/settings", map[string]any{"roles_groups": [][]string{{"Annotator", "crew"}}}, nil)
	s.person("ann@example.com", true, "crew")
	s.browser().signIn("ann@example.com", "/")
	s.api("PATCH", "/api/organizations/1/memberships", map[string]any{"user_id": 2, "role": "DI"}, nil)
	b := s.browser()
	b.refused(b.signIn("ann@example.com", "/"), http.StatusForbidden, "Your account is deactivated")
	s.api("DELETE", "/api/organizations/1/memberships/2/", nil, nil)
	b = s.browser()
	b.refused(b.signIn("ann@example.com", "/"), http.StatusForbidden, "Your account was deleted")
}

// Whatever is changed on the way, nobody is signed in.
func TestSignOnHoldsTheAnswerAgainstTheQuestion(t *testing.T) {
	s := serve(t)
	s.person("ann@example.com", true)
	set := func(on, name, value string) func(*url.URL) {
		return func(to *url.URL) {
			if q := to.Query(); strings.HasSuffix(to.Path, on) && q.Has(name) {
				q.Set(name, value)
				to.RawQuery = q.Encode()
			}
		}
	}
	for name, c := range map[string]struct {
		on  func(*url.URL)
		why string
	}{
		"PKCE": {set("/auth", "code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
			"did not take back the code"},
		"state": {set("/callback", "state", "GUESSED"), "does not belong to a sign-in that began in this browser"},
		"nonce": {set("/auth", "nonce", "ANOTHER"), "answered to another sign-in"},
		"code":  {set("/callback", "code", "guessed"), "did not take back the code"},
		"issuer": {func(to *url.URL) {
			if strings.HasSuffix(to.Path, "/callback") {
				to.RawQuery += "&iss=https://evil.example"
			}
		}, "came from another identity provider"},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.browser()
			b.on = c.on
			b.refused(b.signIn("ann@example.com", "/"), http.StatusForbidden, c.why)
		})
	}
}

func TestSignOnWorksOnce(t *testing.T) {
	s := serve(t)
	s.person("ann@example.com", true)
	b, thief := s.browser(), s.browser()
	answer, kept := "", []*http.Cookie{}
	b.on = func(to *url.URL) {
		if strings.HasSuffix(to.Path, "/callback") {
			answer, kept = to.String(), b.client.Jar.Cookies(to)
		}
	}
	b.signIn("ann@example.com", "/")
	if !b.isSignedIn() || len(kept) == 0 {
		t.Fatal("not signed in", kept)
	}
	thief.refused(thief.open(answer), http.StatusForbidden, "does not belong to a sign-in")
	to, err := url.Parse(answer)
	s.must(err)
	thief.client.Jar.SetCookies(to, kept)
	thief.refused(thief.open(answer), http.StatusForbidden, "did not take back the code")
}

func TestSignOnLeadsToThisSiteOnly(t *testing.T) {
	s := serve(t)
	s.person("ann@example.com", true)
	for _, next := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "/\t/evil.example",
		"javascript:alert(1)", "/\r\nSet-Cookie: a=b", ""} {
		b := s.browser()
		at := b.signIn("ann@example.com", next)
		if at.at.String() != s.address+"/projects" || !b.isSignedIn() {
			t.Errorf("%q led to %s", next, at.at)
		}
	}
}

func TestSignOnSaysWhatTheProviderSays(t *testing.T) {
	s := serve(t)
	b := s.browser()
	state := ""
	b.on = func(to *url.URL) {
		if state == "" { // the provider has states of its own afterwards
			state = to.Query().Get("state")
		}
	}
	b.open(s.address + "/user/oidc/")
	at := b.open(s.address +
		"/roster/user/oidc/callback/?error=access_denied&error_description=Not+on+the+list+%3Cscript%3E&state=" +
		url.QueryEscape(state))
	b.refused(at, http.StatusForbidden, "Dex did not sign you in: Not on the list <script> (access_denied).")
	if csp := at.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
		!strings.Contains(csp, "form-action 'self'") {
		t.Error(csp)
	}
	at = b.open(s.address + "/roster/user/oidc/callback/?error=Call+555-SCAM")
	if strings.Contains(at.text, "555-SCAM.") || strings.Contains(at.text, "sign you in") {
		t.Error("the page repeats what anybody wrote into a link")
	}
	b.refused(at, http.StatusForbidden, "does not belong")
	if at = b.open(s.address + "/user/login/"); !strings.Contains(at.text, "Sign in with Dex") {
		t.Error(at.text)
	}
}
