package web_test

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// enter opens the site as somebody who has signed in.
func enter(t *testing.T, db *store.DB, role roster.Role) (*browser, int64) {
	b := open(t, db)
	id, email := b.account(role)
	b.must(303, "", "POST", "/user/login/", credentials(email, password))
	return b, id
}

var keyShape = regexp.MustCompile(`name="key" value="([A-Z0-9]+)"`)

// key is the key of the first form of a page.
func (b *browser) key(target string) string {
	b.T.Helper()
	found := keyShape.FindStringSubmatch(b.must(200, "", "GET", target, nil).Body.String())
	if found == nil {
		b.T.Fatalf("%s has no form that can be sent", target)
	}
	return found[1]
}

// fields is what the hidden fields of a page's last form hold.
func fields(html string) url.Values {
	_, form, answers := strings.Cut(html, `/apply"`) // not what is looked at before it
	if !answers {
		_, form, _ = strings.Cut(html, `<form method="post" action="`)
	}
	out := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).
		FindAllStringSubmatch(form, -1) {
		out.Add(m[1], strings.NewReplacer("&#34;", `"`, "&amp;", "&", "&#43;", "+").Replace(m[2]))
	}
	return out
}

func TestMembersPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", b.Workspace("Vision"))
		ann := b.PersonNamed(roster.NewUser{Email: "ann@example.com", FirstName: "Ann",
			LastName: "<script>alert(1)</script>", Role: "AN"})
		rev := b.PersonNamed(roster.NewUser{Email: "rev@example.com", FirstName: strings.Repeat("長", 250),
			LastName: "مرحبا", Role: "RE"})
		b.Assign(project, ann, rev)
		list := fmt.Sprintf("/projects/%d/members", project)
		page := b.must(200, "&lt;script&gt;", "GET", list, nil).Body.String()
		if strings.Contains(page, "<script>alert") {
			t.Error("a name is run")
		}
		for query, want := range map[string]string{
			"":                  "4 people", // both, the owner and the administrator
			"?access=direct":    "2 people",
			"?access=inherited": "2 people",
			"?access=role":      "2 people",
			"?access=paused":    "Nobody matches these filters",
			"?access=workspace": "Nobody matches these filters",
			"?role=AN":          "One person",
			"?role=AN&role=RE":  "2 people",
			"?q=ann@":           "One person",
			"?active=never":     "4 people", // pages are no activity; the sign-in was the administrator's
			"?seat=flex":        "Nobody matches these filters",
			"?from=2026-01-01":  "One person",
			"?to=2025-12-31":    "Nobody matches these filters",
			"?page=0":           "", "?size=x": "", "?order=x": "", "?order=x;y": "",
			"?size=1000000": "4 people",
		} {
			if query == "?active=never" {
				want = "3 people"
			}
			if want == "" {
				b.must(400, "cannot be read", "GET", list+query, nil)
				continue
			}
			b.must(200, want, "GET", list+query, nil)
		}
		if to := b.must(303, "", "GET", list+"?page=99&q=ann", nil).Header().Get("Location"); to != list+"?q=ann" {
			t.Errorf("past the end it leads to %q", to)
		}
		for _, query := range []string{"?role=XX", "?seat=gold", "?tag=999", "?active=soon", "?from=yesterday",
			"?access=magic", "?to=2026-02-30"} {
			answer := b.must(400, "Choose it again from the list.", "GET", list+query, nil)
			if !strings.Contains(answer.Body.String(), `href="`+list+`"`) {
				t.Errorf("%s: no way to the page without filters", query)
			}
		}
		b.must(404, "", "GET", "/projects/9999/members", nil)
		b.must(404, "", "GET", "/projects/x/members", nil)
		b.must(200, `href="/roster/projects"`, "GET", "/roster"+list, nil)
	})
}

// Who may not see the members is told so; who may see, but not change, is
// offered nothing.
func TestMembersPageAsksThePolicy(t *testing.T) {
	b, annotator := enter(t, storetest.SQLite(t), "AN")
	project := b.Project("Street signs", 0)
	b.Assign(project, annotator)
	list := fmt.Sprintf("/projects/%d/members", project)
	b.must(403, "Not permitted", "GET", list, nil)
	b.must(403, "Not permitted", "POST", list+"/unassign", url.Values{"included": {"1"}})
	b.must(403, "Not permitted", "GET", list+"/add", nil)
	b.must(403, "Not permitted", "GET", list+"/add/emails", nil)
	b.must(403, "Not permitted", "GET", list+".csv", nil)
	b.must(404, "Not found", "GET", fmt.Sprintf("/projects/%d/members", b.Project("Other", 0)), nil)
}

// The boxes of a page are merged with what was selected before: the wire's
// all, included and excluded.
func TestSelection(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project := b.Project("Street signs", 0)
	var people []string
	for range 4 {
		id := b.Person("AN")
		b.Assign(project, id)
		people = append(people, strconv.FormatInt(id, 10))
	}
	list := fmt.Sprintf("/projects/%d/members", project)
	for _, try := range []struct {
		form url.Values
		want string // the view's address says so
		says string
	}{
		{url.Values{}, "", "people are selected."},
		{url.Values{"included": {people[0]}, "shown": {people[1] + "," + people[2]}, "pick": {people[2]}},
			"included=" + people[0] + "%2C" + people[2], "2 people are selected."},
		{url.Values{"included": {people[0]}, "shown": {people[0]}}, "", "people are selected."},
		{url.Values{"all": {"1"}}, "all=1", "All 4 direct members who match are selected."},
		{url.Values{"all": {"1"}, "shown": {people[0] + "," + people[1]}, "pick": {people[0]}}, "all=1&excluded=" +
			people[1], "All 4 direct members who match are selected, except 1."},
		{url.Values{"all": {"1"}, "excluded": {people[1]}, "shown": {people[1]}, "pick": {people[1]}}, "all=1",
			"All 4 direct members"},
		// said of other filters
		{url.Values{"all": {"1"}, "under": {""}, "q": {"First2"}}, "all=1&q=First2&under=",
			"All 4 direct members who match are selected."},
		{url.Values{"all": {"1"}, "under": {"q=First2"}, "q": {"First2"}}, "all=1&q=First2",
			"The one direct member who matches is selected."},
		{url.Values{"included": {people[3] + "," + people[3]}}, "included=" + people[3], "One person is selected."},
	} {
		b.header.Set("HX-Request", "true")
		answer := b.must(200, try.says, "GET", list+"?"+try.form.Encode(), nil)
		b.header.Del("HX-Request")
		if got := answer.Header().Get("HX-Push-Url"); strings.TrimPrefix(strings.TrimPrefix(got, list), "?") != try.want {
			t.Errorf("%v leads to %s, want %s", try.form, got, try.want)
		}
		if strings.Contains(answer.Body.String(), "<html") {
			t.Error("htmx is answered with a whole page")
		}
	}
	// without script the browser sends the boxes, and comes to the same address
	to := b.must(303, "", "GET", list+"?key=X&all=&included=&shown="+people[0]+"&pick="+people[0], nil).Header().
		Get("Location")
	if to != list+"?included="+people[0] {
		t.Errorf("leads to %s", to)
	}
}

// Without script: tick, look, confirm, undo; sent twice it is done once.
func TestUnassignByForms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street & signs", 0)
		a := b.PersonNamed(roster.NewUser{Email: "one@example.com", FirstName: "Same", LastName: "Name", Role: "AN"})
		c := b.PersonNamed(roster.NewUser{Email: "other@example.com", FirstName: "Same", LastName: "Name", Role: "AN"})
		d := b.Person("AN")
		b.Assign(project, a, c, d)
		list := fmt.Sprintf("/projects/%d/members", project)
		b.must(400, "Nobody is selected", "POST", list+"/unassign", url.Values{"key": {"K"}})
		page := b.must(200, "Take 2 people off the project", "POST", list+"/unassign",
			url.Values{"all": {"1"}, "excluded": {fmt.Sprint(d)}}).Body.String()
		for _, email := range []string{"one@example.com", "other@example.com"} {
			if !strings.Contains(page, ">"+email+"<") {
				t.Errorf("the question does not name %s", email)
			}
		}
		form := fields(page)
		b.Assign(project, b.Person("AN")) // behind its back
		page = b.must(409, "One person is among them now:", "POST", list+"/unassign/apply", form).Body.String()
		form = fields(page)
		answer := b.must(303, "", "POST", list+"/unassign/apply", form)
		if answer.Header().Get("Location") != list {
			t.Errorf("leads to %q", answer.Header().Get("Location"))
		}
		if got := b.Explicit(project); !slices.Equal(got, []int64{d}) {
			t.Fatalf("left are %v", got)
		}
		b.must(303, "", "POST", list+"/unassign/apply", form) // a second click
		page = b.must(200, "3 people were taken off the project.", "GET", list, nil).Body.String()
		changed := url.Values{}
		for name := range form {
			changed[name] = form[name]
		}
		changed.Set("excluded", "1")
		b.must(409, "sent before with other values", "POST", list+"/unassign/apply", changed)
		undo := regexp.MustCompile(`action="(/operations/\d+/undo)"><input type="hidden" name="key" value="([A-Z0-9]+)"`).
			FindStringSubmatch(page)
		b.must(303, "", "POST", undo[1], url.Values{"key": {undo[2]}, "next": {list}})
		b.must(200, "Undone: 3 people are as they were before.", "GET", list, nil)
		b.must(303, "", "POST", undo[1], url.Values{"key": {"another"}, "next": {list}})
		b.must(200, "This was undone already. Nothing was changed.", "GET", list, nil)
		if len(b.Explicit(project)) != 4 {
			t.Error("not undone")
		}
		b.must(400, "not from a page of this site", "POST", list+"/unassign/apply", url.Values{"all": {"1"}})
		form.Del("key")
		b.must(400, "not from a page of this site", "POST", list+"/unassign/apply", form)
	})
}

// A large part of a project needs its name, however the form is made.
func TestWeightyUnassignNeedsTheName(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project := b.Project("Street signs", 0)
	for range 21 {
		b.Assign(project, b.Person("AN"))
	}
	list := fmt.Sprintf("/projects/%d/members", project)
	page := b.must(200, "Type its name to confirm", "POST", list+"/unassign", url.Values{"all": {"1"}}).Body.String()
	form := fields(page)
	b.must(400, "This is not the project&#39;s name.", "POST", list+"/unassign/apply", form)
	form.Set("typed", "street  SIGNS ")
	b.must(303, "", "POST", list+"/unassign/apply", form)
	if left := b.Explicit(project); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

func TestRowsChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", 0)
		ann := b.PersonNamed(roster.NewUser{Email: "ann@example.com", FirstName: "Ann", Role: "AN"})
		b.Assign(project, ann)
		list := fmt.Sprintf("/projects/%d/members", project)
		row := fmt.Sprintf("%s/%d", list, ann)
		do := func(path, field, value, says string) {
			t.Helper()
			b.must(303, "", "POST", row+path, url.Values{"key": {b.key(list)}, field: {value}, "next": {list}})
			b.must(200, says, "GET", list, nil)
		}
		do("/role", "give", "RE", "Ann is Reviewer in this project now.")
		b.must(200, "in this project", "GET", list+"?role=RE&q=ann", nil)
		do("/role", "give", "", "Ann is Annotator in this project now.")
		b.must(400, "", "POST", row+"/role", url.Values{"key": {"1"}, "give": {"OW"}})
		b.must(200, "Pause Ann", "GET", row+"/pause", nil)
		do("/pause", "message", "<b>Come back</b> on Monday", "Ann is paused")
		b.must(200, "&lt;b&gt;Come back&lt;/b&gt; on Monday", "GET", list+"?access=paused", nil)
		do("/resume", "x", "", "Ann may work in the project again.")
		b.must(404, "no longer in the project", "POST", fmt.Sprintf("%s/%d/pause", list, b.Person("AN")),
			url.Values{"key": {"2"}})
		if err := b.App.DeleteProject(b.As(b.Owner), project); err != nil {
			t.Fatal(err)
		}
		b.must(404, "Not found", "POST", row+"/role", url.Values{"key": {"3"}, "give": {"RE"}})
	})
}

// What is ticked when a row's menu is used is ticked in the view that comes.
func TestRowsChangeKeepsTheTicks(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project := b.Project("Street signs", 0)
	a, c := b.Person("AN"), b.Person("AN")
	b.Assign(project, a, c)
	list := fmt.Sprintf("/projects/%d/members", project)
	b.header.Set("Referer", fmt.Sprintf("http://example.com%s?included=%d&page=2&size=25", list, a))
	form := url.Values{"key": {"K"}, "give": {"RE"}, "included": {fmt.Sprint(a)},
		"shown": {fmt.Sprintf("%d,%d", a, c)}, "pick": {fmt.Sprint(c)}}
	want := fmt.Sprintf("%s?included=%d&page=2&size=25", list, c)
	if to := b.must(303, "", "POST", fmt.Sprintf("%s/%d/role", list, a), form).Header().Get("Location"); to != want {
		t.Errorf("leads to %s, want %s", to, want)
	}
}

// exported is where a list leads to that is to be had as CSV.
func (b *browser) exported(list string) string {
	b.T.Helper()
	link := regexp.MustCompile(`class="export" href="([^"]*)"`).FindStringSubmatch(b.page("Export as CSV", list))
	if link == nil {
		b.T.Fatal("no link")
	}
	return html.UnescapeString(link[1])
}

func TestExportIsWhatIsShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", 0)
		formula := b.PersonNamed(roster.NewUser{Email: "a@example.com", FirstName: "=HYPERLINK(\"x\")", Role: "AN"})
		b.Assign(project, formula, b.Person("RE"))
		answer := b.must(200, "", "GET", fmt.Sprintf("/projects/%d/members.csv?role=AN", project), nil)
		rows, err := csv.NewReader(answer.Body).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][2] != "'=HYPERLINK(\"x\")" || rows[1][4] != "Annotator" ||
			rows[1][9] != "direct" {
			t.Errorf("%q %v", rows, err)
		}
		if !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/csv") {
			t.Error("not a CSV file")
		}
		if to := b.exported(fmt.Sprintf("/projects/%d/members?role=AN", project)); to != fmt.Sprintf(
			"/projects/%d/members.csv?role=AN", project) {
			t.Errorf("the page leads to %s", to)
		}
	})
}

// A session that ends in mid-work leads to the sign-in, and back to the view. (What was sent is
// kept where it is known whose it is: TestWhatWasSentWhenASessionHadEnded.)
func TestSessionEndsInMidWork(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	delete(b.cookies, "roster_whose")
	project := b.Project("Street signs", 0)
	list := fmt.Sprintf("/projects/%d/members?all=1&role=AN", project)
	b.cookies["sessionid"] = strings.Repeat("0", 40)
	if to := b.must(303, "", "GET", list, nil).Header().Get("Location"); to != "/user/login?next="+url.QueryEscape(list) {
		t.Errorf("leads to %s", to)
	}
	b.header.Set("Referer", "http://example.com"+list)
	to := b.must(303, "", "POST", fmt.Sprintf("/projects/%d/members/unassign", project), url.Values{"all": {"1"}}).
		Header().Get("Location")
	if to != "/user/login?next="+url.QueryEscape(list) {
		t.Errorf("leads to %s", to)
	}
	b.must(200, "Your session ended before this was sent.", "GET", to, nil)
	b.header.Set("Referer", "http://evil.example"+list)
	if to := b.must(303, "", "POST", "/projects/1/members/unassign", url.Values{}).Header().
		Get("Location"); to != "/user/login?next=%2F" {
		t.Errorf("leads to %s", to)
	}
	b.header.Set("HX-Request", "true")
	b.header.Set("HX-Current-URL", "http://example.com"+list)
	if to := b.must(200, "", "GET", "/projects", nil).Header().Get("HX-Redirect"); to != "/user/login?next="+
		url.QueryEscape(list) {
		t.Errorf("htmx is led to %s", to)
	}
}

// TestPausesOnThePages: where somebody may not pause, nothing offers it; and who
// is paused is told why, by whom and since when, wherever they look.
func TestPausesOnThePages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, manager := enter(t, db, "MA")
		project := b.Project("Street signs", b.Workspace("Vision"))
		peer, ann := b.Person("MA"), b.Person("AN")
		b.Assign(project, manager, peer, ann)
		list := fmt.Sprintf("/projects/%d/members", project)
		shown := b.must(200, "", "GET", list, nil).Body.String()
		for who, offered := range map[int64]bool{manager: false, peer: false, b.Owner: false, ann: true} {
			if got := strings.Contains(shown, fmt.Sprintf(`%s/%d/pause"`, list, who)); got != offered {
				t.Errorf("pausing %d is offered: %v", who, got)
			}
		}
		row := fmt.Sprintf("%s/%d", list, peer)
		b.must(403, "The role of this one is Manager", "GET", row+"/pause", nil)
		b.must(403, "The role of this one is Manager", "POST", row+"/pause", url.Values{"key": {"3"}})
		b.must(403, "The role of this one is Manager", "POST", row+"/resume", url.Values{"key": {"4"}})

		_, err := b.App.PauseMember(b.As(b.Owner), project, manager, roster.PauseManual, "<b>Let us talk</b> first")
		if err != nil {
			t.Fatal(err)
		}
		front := b.must(200, "", "GET", "/projects", nil).Body.String()
		leads := strings.Contains(front, fmt.Sprintf(`href="/projects/%d"`, project)) && strings.Contains(front, "Paused")
		if !leads || strings.Contains(front, list) || strings.Contains(front, ">Vision<") {
			t.Errorf("the list says more than the name, or less:\n%s", front)
		}
		for _, path := range []string{list, list + ".csv", list + "/add", fmt.Sprintf("/projects/%d/history", project),
			row + "/pause"} {
			page := b.must(403, "You are paused in this project", "GET", path, nil).Body.String()
			if !strings.Contains(page, "Olga Owner paused you") ||
				!strings.Contains(page, "&lt;b&gt;Let us talk&lt;/b&gt; first") {
				t.Errorf("%s does not say why:\n%s", path, page)
			}
		}
		b.must(200, fmt.Sprintf(`href="/projects/%d"`, project), "GET", fmt.Sprintf("/people/%d", manager), nil)
	})
}
