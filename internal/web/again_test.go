package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/web"
)

// end ends the session, as a policy or an Administrator does.
func (b *browser) end() {
	b.T.Helper()
	if err := b.App.SignOut(b.T.Context(), b.cookies["sessionid"]); err != nil {
		b.T.Fatal(err)
	}
}

// wasSent sends a form under a session that has ended, and returns where that leads to when
// somebody has signed in.
func (b *browser) wasSent(target string, form url.Values) string {
	b.T.Helper()
	b.end()
	answer := b.posted(target, form)
	to, err := url.Parse(answer.Header().Get("Location"))
	next := to.Query().Get("next")
	if err != nil || answer.Code != http.StatusSeeOther || to.Path != "/user/login" ||
		!strings.HasPrefix(next, "/sent/") {
		b.T.Fatalf("%s: %d %s", target, answer.Code, to)
	}
	b.must(200, "What you sent is kept for you", "GET", to.String(), nil)
	return next
}

// back signs a person in again.
func (b *browser) back(email string) {
	b.T.Helper()
	b.Clock = b.Clock.Add(4 * time.Minute) // it is not done often
	b.must(303, "", "POST", "/user/login", credentials(email, password))
}

// TestWhatWasSentWhenASessionHadEnded is shown again to who sent it, and to nobody else, and
// nothing of it is done before they have seen it.
func TestWhatWasSentWhenASessionHadEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		p := b.Project("Signs", 0)
		me, email := b.account("AD")
		_, other := b.account("AD")
		ana := b.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: "AN"})
		b.Assign(p, ana)
		list := fmt.Sprintf("/projects/%d/members", p)
		b.back(email)

		emails := url.Values{"emails": {"someone@example.com\nnobody, really\n"}, "give": {""}}
		next := b.wasSent(list+"/add/emails", emails)
		b.back(other)
		b.must(404, "This is gone, or somebody else", "GET", next, nil)
		b.end()
		b.back(email)
		b.must(200, "someone@example.com", "GET", next, nil)
		b.must(200, "someone@example.com", "GET", next, nil) // a reload

		next = b.wasSent(list+"/unassign", url.Values{"included": {fmt.Sprint(ana)}})
		b.back(email)
		to := b.must(303, "", "GET", next, nil).Header().Get("Location")
		question := b.must(200, "Take one person off the project", "GET", to, nil).Body.String()

		next = b.wasSent(list+"/unassign/apply", fields(question))
		b.back(email)
		to = b.must(303, "", "GET", next, nil).Header().Get("Location")
		b.must(200, "Look at it, and send it again.", "GET", to, nil)
		if got := b.Explicit(p); len(got) != 1 {
			t.Errorf("members %v", got)
		}

		b.header.Set("Referer", "http://example.com"+list+"?role=AN")
		next = b.wasSent(fmt.Sprintf("%s/%d/role", list, ana), url.Values{"give": {"RE"}, "key": {"k"},
			"shown": {fmt.Sprint(ana)}, "pick": {fmt.Sprint(ana)}})
		b.header.Del("Referer")
		b.back(email)
		to = b.must(303, "", "GET", next, nil).Header().Get("Location")
		if to != fmt.Sprintf("%s?included=%d&role=AN", list, ana) {
			t.Errorf("the ticks of the list are lost: %s", to)
		}
		b.must(200, "Your session had ended before this was sent. Nothing was changed.", "GET", to, nil)
		_, n, err := b.App.Operations(b.As(me), roster.OperationFilter{ProjectID: p}, roster.Everything)
		if err != nil || n != 1 {
			t.Errorf("%d operations, %v", n, err)
		}
	})
}

// TestNoFormIsCarriedOutUnseen: whatever form is sent under a session that had ended, it is
// shown again or refused, and changes nothing. A password is not kept.
func TestNoFormIsCarriedOutUnseen(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	p := b.Project("Signs", b.Workspace("Vision"))
	b.Assign(p, b.Person("AN"))
	_, email := b.account("OW")
	b.back(email)
	operations := func() int {
		_, n, err := b.App.Operations(b.As(b.Owner), roster.OperationFilter{}, roster.Everything)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := operations()
	form := url.Values{"key": {"k"}, "give": {"RE"}, "all": {"1"}, "name": {"x"}, "label": {"x"}, "title": {"x"},
		"emails": {"a@example.com"}, "role": {"AN"}, "address": {"/people"}, "current": {password},
		"password": {"another one"}}
	b.end()
	var kept []string
	look := func() {
		b.back(email)
		for _, next := range kept {
			if answer := b.send("GET", next, nil); answer.Code >= 500 {
				t.Errorf("%s: %d\n%s", next, answer.Code, answer.Body)
			}
		}
		kept = nil
		b.end()
	}
	for path, secret := range web.Forms() {
		if to := b.posted(path, form).Header().Get("Location"); secret && strings.Contains(to, "sent") {
			t.Errorf("%s is kept: %s", path, to)
		}
		if secret {
			continue
		}
		if kept = append(kept, b.wasSent(inPath.ReplaceAllString(path, fmt.Sprint(p)), form)); len(kept) == 20 {
			look()
		}
	}
	look()
	if after := operations(); after != before {
		t.Errorf("%d operations, before %d", after, before)
	}
}

// TestSigningInOverAPage: htmx is told that a session ended, and whether it may go on by
// itself; only the page's own person signs in over it, and a page of somebody else's changes
// nothing.
func TestSigningInOverAPage(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	p := b.Project("Signs", 0)
	me, email := b.account("AD")
	_, other := b.account("AD")
	b.back(email)
	list := fmt.Sprintf("/projects/%d/members", p)
	b.header.Set("HX-Request", "true")
	b.header.Set("Roster-Whose", fmt.Sprint(me))
	b.end()
	for target, goes := range map[string]string{list + "/unassign": "1", list + "/unassign/apply": "0"} {
		answer := b.posted(target, url.Values{"all": {"1"}})
		if answer.Code != 401 || answer.Header().Get("Roster-Goes-On") != goes || answer.Header().Get("HX-Redirect") != "" {
			t.Errorf("%s: %d %v", target, answer.Code, answer.Header())
		}
	}
	form := credentials(other, password)
	form.Set("again", fmt.Sprint(me))
	old := b.cookies["sessionid"]
	if answer := b.must(403, "somebody else", "POST", "/user/login", form); len(answer.Result().Cookies()) != 0 ||
		b.cookies["sessionid"] != old {
		t.Error("somebody else is signed in")
	}
	form = credentials(email, password)
	form.Set("again", fmt.Sprint(me))
	b.must(204, "", "POST", "/user/login", form)
	if b.cookies["sessionid"] == old {
		t.Error("the session is the old one") // a cookie planted before would be one's session
	}
	b.must(204, "", "GET", "/user/session", nil)

	b.header.Del("HX-Request")
	b.header.Del("Roster-Whose")
	b.back(other)
	b.header.Set("HX-Request", "true")
	b.header.Set("Roster-Whose", fmt.Sprint(me))
	b.must(403, "Somebody else has signed in here", "POST", list+"/unassign", url.Values{"all": {"1"}})
}

// TestAPageOfWhatIsGone is replaced, instead of saying so over people who are not there.
func TestAPageOfWhatIsGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("Signs", 0)
		list := fmt.Sprintf("/projects/%d/members", p)
		if err := b.App.DeleteProject(b.As(b.Owner), p); err != nil {
			t.Fatal(err)
		}
		b.header.Set("HX-Request", "true")
		b.header.Set("HX-Current-URL", "http://example.com"+list+"?role=AN")
		for _, answer := range []*httptest.ResponseRecorder{b.send("GET", list+"?q=a", nil),
			b.posted(list+"/unassign", url.Values{"all": {"1"}})} {
			if to := answer.Header().Get("HX-Redirect"); to != list+"?role=AN" {
				t.Errorf("it leads to %q, with %d", to, answer.Code)
			}
		}
		b.header.Del("HX-Request")
		b.must(404, "This project was deleted meanwhile", "GET", list+"?role=AN", nil)
	})
}
