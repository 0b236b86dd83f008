package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestAuditPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("<i>Signs</i>", b.Workspace("Vision"))
		user := b.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "=HYPERLINK(1)",
			LastName: strings.Repeat("名", 250), Role: "AN"})
		b.Clock = b.Clock.Add(24 * time.Hour) // it is 2 March now
		b.Assign(p, user, b.Person("RE"))
		if _, err := b.App.UnassignMembers(b.As(b.Owner), p, roster.Selector{Included: []int64{user}}, ""); err != nil {
			t.Fatal(err)
		}
		b.Clock = b.Clock.Add(24 * time.Hour)
		b.must(303, "", "POST", "/user/login/", credentials("owner@example.com", password))
		at := fmt.Sprintf("/projects/%d/history/access", p)
		form := b.page("Who could see this project?", fmt.Sprintf("/projects/%d/history", p))
		if !strings.Contains(form, `max="2026-03-03"`) || !strings.Contains(form, fmt.Sprintf(`action="%s"`, at)) {
			t.Errorf("no question on the history's page:\n%s", form)
		}
		page := b.page("cannot", at)
		b.without(page, "<i>Signs")
		b.without(page, "data-row ")
		for query, want := range map[string]string{
			"?day=2026-02-28": "Nobody could see the project on 28 February 2026.",
			"?day=2026-03-01": "One person could see the project on 1 March 2026.",
			// a membership of no time at all is none
			"?day=2026-03-02":                  "2 people could see the project on 2 March 2026.",
			"?day=2026-03-03":                  "2 people could see the project on 3 March 2026.",
			"?day=2026-03-03&q=PERSON":         "One person who matches could see the project on 3 March 2026.",
			"?day=2026-03-03&q=%25":            "Nobody who matches could see the project on 3 March 2026.",
			"?day=2026-03-03&size=9999&page=1": "2 people",
			"?day=2026-03-02&way=direct":       "One person who matches could see the project on 2 March 2026.",
			"?day=2026-03-01&today=all":        "Can today, and could not: 1",
			"?day=2026-03-01&today=new":        "One person can see the project today who could not on 1 March 2026.",
			"?day=2026-03-01&today=gone":       "Nobody who could see the project on 1 March 2026 has lost it since.",
		} {
			b.page(want, at+strings.ReplaceAll(query, ";", "%3B"))
		}
		for day, want := range map[string]string{
			"2026-03-04": "This day has not come yet.", "9999-12-31": "This day has not come yet.",
			"2026-02-31": "is no date", "tomorrow": "is no date", "<script>": "&lt;script&gt;",
			"2026-03-01' OR 1=1": "is no date",
		} {
			b.must(400, want, "GET", at+"?day="+strings.ReplaceAll(day, " ", "+"), nil)
			b.must(400, want, "GET", at+".csv?day="+strings.ReplaceAll(day, " ", "+"), nil)
		}
		for _, query := range []string{"order=x", "page=-1", "size=x", "q=%25%00", "q=%2C",
			"day=2026-03-03&day=2026-03-02", "rolle=AN", "day=2026-03-03&way=x", "day=2026-03-03&today=yesterday"} {
			b.must(400, "", "GET", at+"?"+query, nil)
		}
		b.must(303, "", "GET", at+"?day=2026-03-03&page=77", nil)
		b.must(404, "no such project", "GET", "/projects/99999/history/access?day=2026-03-03", nil)
	})
}

func TestAuditAsCSV(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	p := b.Project("Signs", 0)
	user := b.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "=1+1", Role: "AD"})
	b.Assign(p, user)
	b.Clock = b.Clock.Add(time.Hour)
	at := fmt.Sprintf("/projects/%d/history/access.csv?day=2026-03-01", p)
	answer := b.must(200, "", "GET", at, nil)
	want := "\ufeffid,email,first_name,last_name,access,day,deleted,role_then,since\r\n" +
		fmt.Sprintf("%d,noor@example.com,'=1+1,,Direct; Organization "+
			"role,2026-03-01,,Administrator,2026-03-01T12:00:00Z\r\n%d,owner@example.com,Olga,Owner,Organization "+
			"role,2026-03-01,,Owner,2026-03-01T12:00:00Z\r\n", user, b.Owner)
	if got := answer.Body.String(); got != want {
		t.Errorf("%q, want\n%q", got, want)
	}
	if to := b.exported(strings.Replace(at, ".csv", "", 1)); to != at {
		t.Errorf("the page leads to %s", to)
	}
	if got := answer.Header().
		Get("Content-Disposition"); got != fmt.Sprintf(`attachment; filename="project-%d-access-2026-03-01.csv"`, p) {
		t.Error(got)
	}
	if got := strings.Count(b.must(200, "", "GET", at+"&q=olga", nil).Body.String(), "\n"); got != 2 {
		t.Errorf("%d lines, want 2", got)
	}
}

// Histories are for Owner and Administrators; a Manager sees the charts of
// their projects, and no question that would be refused.
func TestAuditObeysThePolicy(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	p := b.Project("Signs", 0)
	b.Assign(p, b.signIn("MA"))
	b.without(b.page("Members over time", fmt.Sprintf("/projects/%d/history", p)), "Who could see")
	at := fmt.Sprintf("/projects/%d/history/access", p)
	b.must(403, "permission", "GET", at+"?day=2026-03-01", nil)
	b.must(403, "permission", "GET", at+".csv?day=2026-03-01", nil)
	b.signIn("AN")
	b.must(404, "no such project", "GET", at, nil)
}
