package web_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// transported is b on a server whose mail goes out so.
func (b *browser) transported(t core.Transport) {
	b.App = b.Configured(func(c *core.Config) { c.Transport = t })
	b.handler = server.Handler(b.App, "test")
}

func nowhere(context.Context, roster.Mail) error { return nil }

// invite invites people through the page and returns the page that follows.
func (b *browser) invite(role string, emails ...string) string {
	b.T.Helper()
	form := b.form(b.page("Invite people", "/people/invite"), "/people/invite", "role", role, "emails",
		strings.Join(emails, "\n"))
	return b.page("", b.must(303, "", "POST", "/people/invite", form).Header().Get("Location"))
}

var signUpLink = regexp.MustCompile(`/user/signup/\?token=[A-Za-z0-9_-]+`)

// menu sends the form of an invitation's menu, and returns the page that follows.
func (b *browser) menu(page, does string) string {
	b.T.Helper()
	action := regexp.MustCompile(`/people/invitations/\d+/` + does).FindString(page)
	return b.page("", b.must(303, "", "POST", action, b.form(page, action)).Header().Get("Location"))
}

// Where letters are only printed, or this server was not told how, nothing says that a
// letter is on its way, or was sent.
func TestWhatIsNotMailedSaysSo(t *testing.T) {
	for name, how := range map[string]core.Transport{"printed": {Prints: true, Send: nowhere}, "none": {}} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				b := open(t, db)
				b.transported(how)
				b.signIn("OW")
				page := b.invite("AN", "noor@example.com")
				for _, lie := range []string{"on its way", "Sent", "About to be"} {
					b.without(page, lie)
				}
				for _, text := range []string{"was not mailed: this server sends no mail", "Not mailed", "chooses the password"} {
					if !strings.Contains(page, text) {
						t.Errorf("does not say %q", text)
					}
				}
				b.page("Not mailed", "/settings/mail")
				if how.Send == nil {
					return
				}
				if _, err := b.App.DeliverMail(t.Context(), nowhere); err != nil {
					t.Fatal(err)
				}
				b.without(b.page("Not mailed", "/people/invitations"), "Mailed <time")
				b.page("Printed, not mailed", "/settings/mail")
			})
		})
	}
}

// A letter that was printed stays so when the server learns to send mail; others are mailed.
func TestMailedSaysWhen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		b.transported(core.Transport{Prints: true, Send: nowhere})
		b.signIn("OW")
		b.invite("AN", "noor@example.com")
		deliver := func() {
			if _, err := b.App.DeliverMail(t.Context(), nowhere); err != nil {
				t.Fatal(err)
			}
		}
		deliver()
		b.transported(core.Transport{Send: nowhere})
		b.page("Not mailed", "/people/invitations")
		page := b.invite("AN", "uma@example.com")
		if !strings.Contains(page, "One invitation is on its way.") || !strings.Contains(page, "About to be mailed") {
			t.Errorf("does not say that it is on its way:\n%s", page)
		}
		deliver()
		b.page("Mailed <time", "/people/invitations")
	})
}

// The link of a row is the one that was mailed; after sending again it is another, and the
// first is dead.
func TestTheLinkOfAnInvitation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		first := signUpLink.FindString(b.invite("RE", "noor@example.com"))
		mailed := ""
		_, err := b.App.DeliverMail(t.Context(), func(_ context.Context, m roster.Mail) error {
			mailed = signUpLink.FindString(m.Text)
			return nil
		})
		list := b.page("noor@example.com", "/people/invitations")
		b.without(list, "signup")
		if copied := signUpLink.FindString(b.menu(list, "link")); err != nil || copied == "" || copied != mailed ||
			copied != first {
			t.Errorf("%q, not %q: %v", copied, mailed, err)
		}
		again := b.menu(list, "resend")
		if renewed := signUpLink.FindString(again); renewed == "" || renewed == first {
			t.Errorf("the same link: %q", renewed)
		}
		b.without(again, "Could not be")
		b.must(403, "a newer one took its place", "GET", first, nil)
		old := regexp.MustCompile(`/people/invitations/\d+/`).FindString(list)
		for _, does := range []string{"link", "resend", "revoke"} {
			b.must(409, "a newer one took its place", "POST", old+does, url.Values{"key": {does}})
		}
		b.must(404, "no such invitation", "POST", "/people/invitations/999/link", url.Values{"key": {"x"}})
	})
}

// Revoking asks first, and tells what it did.
func TestRevokingAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		link := signUpLink.FindString(b.invite("AN", "noor@example.com"))
		b.page(`Invited <span class="tab-count">1</span>`, "/people")
		list := b.page("Revoke…", "/people/invitations")
		ask := html.UnescapeString(regexp.MustCompile(`/people/invitations/\d+/revoke\?[^"]*`).FindString(list))
		question := b.page("Revoke the invitation of noor@example.com?", ask)
		b.menu(question, "revoke")
		b.page("Nobody is waiting", "/people/invitations")
		b.page(`>Revoked<`, "/people/invitations?state=revoked")
		b.without(b.page("noor@example.com", "/people/invitations?state=all"), "Could not be mailed")
		b.must(403, "Ask for a new one", "GET", link, nil)
		b.must(409, "was revoked", "GET", ask, nil)
		b.must(400, "cannot be read", "GET", "/people/invitations?state=open", nil)
	})
}

// Who may not revoke an invitation does not get its link either, and nobody gets the link to
// an account that they could not set the password of.
func TestWhoseLinkItIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.invite("AD", "ada@example.com")
		list := b.page("ada@example.com", "/people/invitations")
		action := regexp.MustCompile(`/people/invitations/\d+/link`).FindString(list)
		b.signIn("AD")
		b.without(b.page("ada@example.com", "/people/invitations"), action)
		b.must(403, "permission", "POST", action, url.Values{"key": {"a"}})
		b.signIn("MA")
		b.must(404, "no such invitation", "POST", action, url.Values{"key": {"b"}})
		b.without(b.page("Nobody is waiting", "/people/invitations"), "ada@example.com")

		gone := b.PersonNamed(roster.NewUser{Email: "gone@example.com", Role: "AN"})
		if _, err := b.App.RemoveFromOrganization(b.As(b.Owner), b.Org, gone); err != nil {
			t.Fatal(err)
		}
		page := b.invite("AN", "gone@example.com")
		b.without(page, "signup")
		b.must(403, "goes to their mailbox only", "POST", regexp.MustCompile(`/people/invitations/\d+/link`).
			FindString(page), url.Values{"key": {"c"}})
		b.signIn("OW")
		if link := signUpLink.FindString(b.menu(b.page("gone@example.com", "/people/invitations"), "link")); link == "" {
			t.Error("the Owner could set the password, and gets no link")
		}
	})
}

// Problems come first, are said in words, and keep nobody else out; what is left of a list
// stays there until it is done.
func TestLinesAreCheckedBeforeInviting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.PersonNamed(roster.NewUser{Email: "here@example.com", FirstName: "Hana", LastName: "Here", Role: "AN"})
		p := b.Project("Signs", 0)
		form := b.form(b.page("Invite people", "/people/invite"), "/people/invite", "role", "RE",
			"emails", "noor@example.com\nnobody\nUma Ng <uma@example.com>\nnoor@EXAMPLE.com\nhere@example.com")
		form["projects"] = []string{fmt.Sprint(p)}
		report := b.must(409, "2 people can be invited", "POST", "/people/invite", form).Body.String()
		if n, err := b.App.CountInvitations(b.As(b.Owner), roster.InvitationFilter{}); n != 0 || err != nil {
			t.Fatalf("%d were invited: %v", n, err)
		}
		for _, text := range []string{
			"One line cannot be used", "Hana Here", "In the organization already, as Annotator.",
			"Make this one Reviewer…", "Add this one to Signs…", "Invite these 2",
		} {
			if !strings.Contains(report, text) {
				t.Errorf("no %q", text)
			}
		}
		if strings.Index(report, "This is not an e-mail address.") > strings.Index(report, "Will be invited.") {
			t.Error("the problems come last")
		}
		ready := url.Values{"key": {"k"}, "role": {"RE"}, "emails": {"noor@example.com\numa@example.com\n"},
			"left": {"nobody\nhere@example.com\n"}, "projects": {fmt.Sprint(p)}}
		left := b.must(303, "", "POST", "/people/invite", ready).Header().Get("Location")
		page := b.page("2 people are invited, and were not mailed", left)
		for _, text := range []string{"nobody", "Hana Here", "Nobody on this list can be invited"} {
			if !strings.Contains(page, text) {
				t.Errorf("%q is lost", text)
			}
		}
		ask := b.must(200, "Make one person Reviewer", "POST", "/people/role", b.form(report, "/people/role")).Body.String()
		back := b.must(303, "", "POST", "/people/role/apply", b.form(ask, "/people/role/apply")).Header().Get("Location")
		if again := b.page("as Reviewer.", back); strings.Contains(again, "Make this one") {
			t.Error("offers the role that they have")
		}
		added := b.must(200, "Hana Here", "POST", fmt.Sprintf("/projects/%d/members/add/emails", p),
			url.Values{"emails": {"here@example.com\n"}, "give": {""}}).Body.String()
		if !strings.Contains(added, "Will be added.") {
			t.Errorf("cannot be added:\n%s", added)
		}
		list, _, err := b.App.Invitations(b.As(b.Owner), roster.InvitationFilter{}, roster.Everything)
		if err != nil || len(list) != 2 || list[0].Role != "RE" || len(list[0].Projects) != 1 {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// A list may name a role for each; 10,000 lines are read, and a longer list is refused whole.
func TestLongListsAndRolesOfLines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.invite("AN", "email,role", "noor@example.com,Reviewer", "uma@example.com,", "wim@example.com,View Only")
		list, _, err := b.App.Invitations(b.As(b.Owner), roster.InvitationFilter{}, roster.Everything)
		got := map[string]roster.Role{}
		for _, i := range list {
			got[i.Email] = i.Role
		}
		if err != nil || fmt.Sprint(got) != "map[noor@example.com:RE uma@example.com:AN wim@example.com:VO]" {
			t.Errorf("%v %v", got, err)
		}
		form := url.Values{"key": {"l"}, "role": {"AN"}, "emails": {"email,role\nx@example.com,Pilot"}}
		b.must(409, "The role must be one of: ", "POST", "/people/invite", form)
		var many strings.Builder
		for i := range 10_001 {
			fmt.Fprintf(&many, "p%d@example.com\n", i)
		}
		form.Set("emails", many.String())
		page := b.must(400, "At most 10,000 people can be listed at once.", "POST", "/people/invite", form).Body.String()
		if !strings.Contains(page, "p10000@example.com") {
			t.Error("the list is lost")
		}
		form.Set("emails", strings.Replace(many.String(), "p0@example.com\n", "", 1))
		b.must(http.StatusTooManyRequests, "p10000@example.com", "POST", "/people/invite", form)
		if n, err := b.App.CountInvitations(b.As(b.Owner), roster.InvitationFilter{}); n != 3 || err != nil {
			t.Errorf("%d invitations: %v", n, err)
		}
	})
}
