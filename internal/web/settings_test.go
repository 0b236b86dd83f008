package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestAccountPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		me := b.signIn("AN")
		page := b.page("Create a token", "/settings")
		b.without(page, "/settings/organization")
		form := b.form(page, "/settings/tokens")
		b.must(303, "", "POST", "/settings/tokens", form)
		page = b.page("not shown again", "/settings")
		token := regexp.MustCompile(`<p class="secret mono">(ey[^<]+)</p>`).FindStringSubmatch(page)
		if token == nil {
			t.Fatalf("no token in\n%s", page)
		}
		if _, err := b.App.AccessToken(t.Context(), token[1], "192.0.2.1"); err != nil {
			t.Errorf("the token that is shown: %v", err)
		}
		b.without(b.page("Revoke", "/settings"), token[1])
		b.must(303, "", "POST", "/settings/tokens", form) // a second click shows the same again
		page = b.page(token[1], "/settings")
		b.must(409, "already have a valid token", "POST", "/settings/tokens", url.Values{"key": {"another"}})
		b.must(303, "", "POST", "/settings/tokens/revoke", b.form(page, "/settings/tokens/revoke"))
		if _, err := b.App.AccessToken(t.Context(), token[1], "192.0.2.1"); err == nil {
			t.Error("revoked, and taken")
		}
		page = b.page("The token was revoked", "/settings")
		b.must(404, "revoked already", "POST", "/settings/tokens/revoke", url.Values{"key": {"late"}, "token": {token[1]}})
		legacy := regexp.MustCompile(`[0-9a-f]{40}`).FindString(page)
		b.must(303, "", "POST", "/settings/tokens/reset", b.form(page, "/settings/tokens/reset"))
		b.without(b.page("You have a new legacy token", "/settings"), legacy)
		if err := db.SetLegacyToken(t.Context(), me, []byte("hash"), []byte("sealed by another key"), b.Clock); err != nil {
			t.Fatal(err)
		}
		b.page("stored under another server key", "/settings") // and the page is there all the same

		b.must(400, "This is not your password", "POST", "/settings/password",
			url.Values{"current": {"guess"}, "password": {"a new long one"}})
		b.must(400, "at least 8", "POST", "/settings/password", url.Values{"current": {password}, "password": {"short"}})
		b.must(303, "", "POST", "/settings/password", url.Values{"current": {password}, "password": {"a new long one"}})
		b.page("Your password was changed", "/settings") // still signed in
		for _, path := range []string{"/settings/organization", "/settings/permissions"} {
			b.must(403, "permission", "GET", path, nil)
			b.must(403, "permission", "POST", path, url.Values{"key": {path}, "title": {"Mine"}})
		}
		b.must(403, "permission", "POST", "/settings/sessions", url.Values{"key": {"s"}, "max_session_age": {"1"},
			"max_time_between_activity": {"1"}})
		b.must(403, "permission", "POST", "/settings/credentials", url.Values{"key": {"c"}, "api_token_ttl_days": {"1"}})
	})
}

func TestOrganizationSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		page := b.page("Acme", "/settings/organization")
		form := b.form(page, "/settings/organization", "title", "<b>Acme</b> 王", "default_role", "AN")
		b.must(303, "", "POST", "/settings/organization", form)
		page = b.page("&lt;b&gt;Acme&lt;/b&gt; 王", "/settings/organization")
		b.must(400, "marked", "POST", "/settings/organization", b.form(page, "/settings/organization", "title", "",
			"default_role", "AN"))
		b.must(400, "cannot be the default", "POST", "/settings/organization",
			b.form(page, "/settings/organization", "title", "Acme", "default_role", "OW"))
		if o, err := db.Organization(t.Context(), b.Org); err != nil || o.DefaultRole != "AN" ||
			!strings.HasPrefix(o.Title, "<b>") {
			t.Errorf("%+v %v", o, err)
		}
		b.must(400, "whole number", "POST", "/settings/sessions", b.form(page, "/settings/sessions", "max_session_age",
			"soon", "max_time_between_activity", "5"))
		b.must(400, "Must be from 1", "POST", "/settings/sessions",
			b.form(page, "/settings/sessions", "max_session_age", "0", "max_time_between_activity", "5"))
		b.must(303, "", "POST", "/settings/sessions", b.form(page, "/settings/sessions", "max_session_age", "600",
			"max_time_between_activity", "60"))
		if p, err := db.SessionPolicy(t.Context(), b.Org); err != nil || p.MaxAge != 600 || p.MaxIdle != 60 {
			t.Errorf("%+v %v", p, err)
		}
		b.must(400, "between 1 and", "POST", "/settings/credentials",
			b.form(page, "/settings/credentials", "api_token_ttl_days", "0", "personal", "1"))
		b.must(303, "", "POST", "/settings/credentials", b.form(page, "/settings/credentials", "api_token_ttl_days",
			"30", "personal", "1"))
		if s, err := db.TokenSettings(t.Context(), b.Org); err != nil ||
			s != (roster.TokenSettings{Personal: true, TTLDays: 30}) {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestPermissionSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		page := b.page("Manage project members", "/settings/permissions")
		checked := url.Values{}
		for _, box := range regexp.MustCompile(`name="([a-z._]+)" value="([A-Z]+)" checked`).FindAllStringSubmatch(page, -1) {
			checked.Add(box[1], box[2])
		}
		send := func(form url.Values) {
			t.Helper()
			for name, shown := range b.form(b.page("", "/settings/permissions"), "/settings/permissions") {
				if name == "key" || strings.HasPrefix(name, "was.") {
					form[name] = shown
				}
			}
			b.must(303, "", "POST", "/settings/permissions", form)
		}
		checked.Add("projects.members", "RE")
		checked.Add("projects.members", "AN") // hand-made: no option
		send(checked)
		o, err := b.App.PermissionOverride(b.As(b.Owner), b.Org, "projects.members")
		if err != nil || len(o.Roles) != 3 {
			t.Errorf("%v %v", o.Roles, err)
		}
		if all, err := b.App.PermissionOverrides(b.As(b.Owner), b.Org, ""); err != nil || len(all) != 1 {
			t.Errorf("%v %v", all, err)
		}
		b.page("Changed", "/settings/permissions")
		stale := url.Values{"key": {"stale"}, "was.projects.members": {"AD,MA"}, "projects.members": {"AD"}}
		b.must(409, "Somebody else has changed “Manage project members”", "POST", "/settings/permissions", stale)
		checked["projects.members"] = []string{"AD", "MA"}
		send(checked)
		if all, err := b.App.PermissionOverrides(b.As(b.Owner), b.Org, ""); err != nil || len(all) != 0 {
			t.Errorf("back to the usual: %v %v", all, err)
		}
		b.signIn("AD")
		b.without(b.page("Only the Owner", "/settings/permissions"), "Save")
		b.must(403, "permission", "POST", "/settings/permissions", url.Values{"key": {"k"}})
	})
}

func TestActivityLogPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.page("No request", "/settings/activity")
		b.send("GET", "/api/projects/?search=%3Cb%3E", nil)
		b.send("GET", "/api/current-user/whoami", nil)
		if _, err := b.App.WriteActivities(t.Context()); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{"": 2, "?q=whoami": 1, "?method=POST": 0, "?method=GET": 2,
			"?person=owner@example.com": 2, "?person=x@example.com": 0, "?from=2026-03-02": 0, "?q=%25": 1,
			"?order=duration": 2} {
			if got := strings.Count(b.page("Activity log", "/settings/activity"+query), `<tr data-row>`); got != want {
				t.Errorf("%q: %d requests, want %d", query, got, want)
			}
		}
		b.must(400, "Choose it again", "GET", "/settings/activity?method=BREW", nil)
		b.must(400, "Choose it again", "GET", "/settings/activity?to=x", nil)
		b.signIn("MA")
		b.must(403, "permission", "GET", "/settings/activity", nil)
	})
}

func TestScimSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space, p := b.Workspace("<i>Vision</i>"), b.Project("Signs", 0)
		page := b.page("/scim/v2", "/settings/scim")
		add := func(group, gives, role string) url.Values {
			return b.form(page, "/settings/scim", "group", group, "gives", gives, "role", role)
		}
		for group, gives := range map[string]string{"leads": "role MA", "vision": fmt.Sprintf("workspace %d", space),
			"<b>signs</b>": fmt.Sprintf("project %d", p)} {
			page = b.page("", "/settings/scim")
			b.must(303, "", "POST", "/settings/scim", add(group, gives, "RE"))
		}
		page = b.page("The organization role Manager", "/settings/scim")
		for _, text := range []string{"&lt;b&gt;signs", "&lt;i&gt;Vision", "as Reviewer"} {
			if !strings.Contains(page, text) {
				t.Errorf("no %q in\n%s", text, page)
			}
		}
		for _, bad := range [][3]string{{"x", "role OW"}, {"x", "role"}, {"x", ""}, {"", "role MA"}, {" x", "role MA"},
			{"x", "workspace 999"}, {"x", "project 999"}, {"x", "project x"}, {"leads", "role MA"},
			{"x", fmt.Sprintf("project %d", p), "AD"}, {strings.Repeat("g", 257), "role MA"}} {
			page = b.page("", "/settings/scim")
			if code := b.send("POST", "/settings/scim", add(bad[0], bad[1], bad[2])).Code; code != 400 {
				t.Errorf("%q: %d", bad, code)
			}
		}
		form := b.form(b.page("", "/settings/scim"), "/settings/scim/remove")
		b.must(303, "", "POST", "/settings/scim/remove", form)
		form.Set("key", "later")
		b.must(404, "removed already", "POST", "/settings/scim/remove", form)
		if all, err := b.App.SCIMMappings(b.As(b.Owner)); err != nil || len(all) != 2 {
			t.Errorf("%v %v", all, err)
		}
		b.signIn("MA")
		b.must(403, "permission", "GET", "/settings/scim", nil)
		b.must(403, "permission", "POST", "/settings/scim", url.Values{"key": {"m"}, "group": {"x"}, "gives": {"role AN"}})
	})
}

func TestOutboxPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		b.transported(core.Transport{Send: nowhere})
		b.signIn("OW")
		b.page("No mail yet", "/settings/mail")
		if err := b.App.InvitePeople(b.As(b.Owner),
			roster.Invite{Emails: []string{"ana@example.com", "jun@example.com"}, Role: "AN"}); err != nil {
			t.Fatal(err)
		}
		b.page("About to be mailed", "/settings/mail")
		fails := func(_ context.Context, m roster.Mail) error {
			if m.Recipient == "ana@example.com" {
				return nil
			}
			return errors.New("550 <i>no such mailbox</i>")
		}
		if _, err := b.App.DeliverMail(t.Context(), fails); err != nil {
			t.Fatal(err)
		}
		page := b.page("Failed once", "/settings/mail")
		if !strings.Contains(page, "550 &lt;i&gt;no such mailbox") || !strings.Contains(page, ">Mailed<") ||
			strings.Count(page, "<tr data-row>") != 2 {
			t.Errorf("does not say what became of the two letters:\n%s", page)
		}
		b.signIn("MA")
		b.must(403, "permission", "GET", "/settings/mail", nil)
	})
}

func TestMailTestAndRetry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.must(400, "The test mail was not sent", "POST", "/settings/mail/test", nil)
		if err := b.App.InvitePeople(b.As(b.Owner), roster.Invite{Emails: []string{"noor@example.com"},
			Role: "AN"}); err != nil {
			t.Fatal(err)
		}
		deliver := func(answer error) int {
			n, err := b.App.DeliverMail(t.Context(), func(context.Context, roster.Mail) error { return answer })
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		deliver(errors.New("550 no"))
		page := b.page("Try now", "/settings/mail")
		if deliver(nil) != 0 {
			t.Error("tried again before its time")
		}
		at := regexp.MustCompile(`/settings/mail/\d+/retry`).FindString(page)
		b.must(303, "", "POST", at, b.form(page, at))
		if deliver(nil) != 1 {
			t.Error("not tried at once")
		}
		b.must(409, "does not wait any more", "POST", at, url.Values{"key": {"late"}})
		b.signIn("MA")
		b.must(403, "permission", "POST", at, url.Values{"key": {"m"}})
		b.must(403, "permission", "POST", "/settings/mail/test", nil)
	})
}

func TestOwnSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		id, email := b.account("AN")
		elsewhere := func() string {
			s, err := b.App.SignIn(t.Context(), email, password, "192.0.2.5")
			if err != nil {
				t.Fatal(err)
			}
			return s.Token
		}
		lives := func(token string) bool {
			_, err := b.App.AuthenticateSession(t.Context(), token)
			return err == nil
		}
		first, second := elsewhere(), elsewhere()
		b.must(303, "", "POST", "/user/login", credentials(email, password))
		list, err := b.App.MySessions(b.As(id))
		if err != nil || len(list) != 3 {
			t.Fatalf("%v %v", list, err)
		}
		if err := b.App.EndMySession(b.As(b.Person("AN")), list[0].ID); roster.KindOf(err) != roster.NotFound {
			t.Errorf("somebody else ended it: %v", err)
		}
		page := b.page("This one", "/settings")
		b.must(404, "", "POST", "/settings/my-sessions/end", url.Values{"key": {"bad"}, "session": {"x"}})
		b.must(303, "", "POST", "/settings/my-sessions/end", b.form(page, "/settings/my-sessions/end"))
		if lives(first) && lives(second) {
			t.Error("neither was ended")
		}
		b.must(303, "", "POST", "/settings/my-sessions/end-others", b.form(page, "/settings/my-sessions/end-others"))
		if lives(first) || lives(second) || !lives(b.cookies["sessionid"]) {
			t.Error("not exactly the others were ended")
		}
	})
}

// What is sent in the console is in the activity log, and what is looked at not.
func TestConsoleInTheActivityLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("Signs", 0)
		b.page("Signs", "/projects")
		b.send("POST", fmt.Sprintf("/roster/projects/%d/unassign", p), url.Values{"key": {"u"}})
		if _, err := b.App.WriteActivities(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := b.App.Activities(b.As(b.Owner), roster.ActivityFilter{}, "", 0, 10)
		if err != nil || found.Matched != 1 || found.Activities[0].ProjectID != p || found.Activities[0].Session == "" ||
			found.Activities[0].Method != "POST" {
			t.Errorf("%+v %v", found, err)
		}
	})
}

// TestAddressesPage names those whose address nobody could be given, to administrators.
func TestAddressesPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		b.must(200, "No problems", "GET", "/settings/addresses", nil)
		b.PersonNamed(roster.NewUser{Email: "ａnn@example.com", FirstName: "Ann", Role: "AN"})
		b.must(200, "look like the usual ones", "GET", "/settings/addresses", nil)
		b.must(200, ">Ann</bdi>", "GET", "/settings/addresses", nil)
		manager, _ := enter(t, storetest.SQLite(t), "MA")
		manager.must(403, "", "GET", "/settings/addresses", nil)
	})
}

// TestPastedAddresses: one person by every spelling of their mailbox, and a reason where
// nobody can have an address.
func TestPastedAddresses(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project := b.Project("Street signs", 0)
	b.PersonNamed(roster.NewUser{Email: "hans@müller.example", Role: "AN"})
	b.PersonNamed(roster.NewUser{Email: "kevin@example.com", Role: "AN"})
	at := fmt.Sprintf("/projects/%d/members/add/emails", project)
	paste := func(emails, says string) { b.must(200, says, "POST", at, url.Values{"emails": {emails}}) }
	paste("Hans@xn--mller-kva.example", "Will be added")
	paste("hans@müller.example\nhans@xn--mller-kva.example", "The same person as in line 1")
	paste("\u212aevin@example.com", "look like the usual ones")
}
