package web_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// crew is a project with people of these first names, in this order.
func (b *browser) crew(role roster.Role, names ...string) (project int64, people []int64) {
	b.T.Helper()
	project = b.Project("Street signs", 0)
	for i, name := range names {
		first, last, _ := strings.Cut(name, " ")
		people = append(people,
			b.PersonNamed(roster.NewUser{Email: fmt.Sprintf("p%d@example.com", i), FirstName: first, LastName: last,
				Role: role}))
	}
	b.Assign(project, people...)
	return project, people
}

func ids(people ...int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(people), " ", ","), "[]")
}

// link is where an element of a page leads to, by what stands before its address.
func (b *browser) link(page, before string) string {
	b.T.Helper()
	m := regexp.MustCompile(before + `[^>]*`).FindString(page)
	href := regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(m)
	if href == nil {
		b.T.Fatalf("no link %s in\n%s", before, page)
	}
	return html.UnescapeString(href[1])
}

// TestASelectionOutlivesTheSearch: searching for the one who is to stay, and clearing the
// search, dropped everybody who was selected, without a word.
func TestASelectionOutlivesTheSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		project, people := b.crew("AN", "Ann One", "Ben Two", "Jean Barbier", "Ewa Duda")
		b.Assign(project, b.PersonNamed(roster.NewUser{Email: "rev@example.com", FirstName: "Barbier",
			LastName: "Reviewer", Role: "RE"}))
		list := fmt.Sprintf("/projects/%d/members", project)
		page := b.page("All 4 direct members who match are selected.", list+"?all=1&under=role%3DAN&q=barbier")
		b.without(page, fmt.Sprintf(`name="pick" value="%d"`, people[3]+1)) // a Reviewer is not among them
		if !strings.Contains(page, "Not among the selected") ||
			!strings.Contains(page, fmt.Sprintf(`name="pick" value="%d" data-pick data-carry checked`, people[2])) {
			t.Errorf("who is among the selected does not show:\n%s", page)
		}
		b.header.Set("HX-Request", "true")
		b.page("All 4 direct members who match are selected, except 1.",
			fmt.Sprintf("%s?q=barbier&all=1&under=role%%3DAN&shown=%d&pick=", list, people[2]))
		b.header.Del("HX-Request")
		gone := b.link(b.page("Remove this filter", list+"?role=AN&q=barbier&all=1&excluded="+ids(people[2])+
			"&under=role%3DAN"), `<a class="chip"`)
		if gone != fmt.Sprintf("%s?all=1&excluded=%d&role=AN", list, people[2]) {
			t.Errorf("without the search it is %s", gone)
		}
		if bare := b.link(b.page("Clear all", list+"?role=AN&all=1"), `<a class="chip-all"`); bare != list+
			"?all=1&under=role%3DAN" {
			t.Errorf("without filters it is %s", bare)
		}
		// and what it comes to is the wire's selector, with the filters it was made with
		b.page("The one person who matches is selected.", "/people?q=p0%40&all=1&under=q%3Dp1%2540")
		form := url.Values{"all": {"1"}, "under": {"role=AN"}, "q": {"barbier"}, "excluded": {ids(people[2])}}
		ask := b.must(200, "Take 3 people off the project", "POST", list+"/unassign", form).Body.String()
		b.must(303, "", "POST", list+"/unassign/apply", fields(ask))
		if got := b.Explicit(project); !slices.Equal(got, []int64{people[2], people[3] + 1}) {
			t.Errorf("left are %v", got)
		}
	})
}

// TestADroppedSelectionIsOfferedBack: with the ticks that no server knew of.
func TestADroppedSelectionIsOfferedBack(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	project, people := b.crew("AN", "Ann One", "Ben Two", "Jean Barbier")
	list := fmt.Sprintf("/projects/%d/members", project)
	b.header.Set("HX-Request", "true")
	page := b.page("Your selection of everybody who matches Annotator was dropped.",
		fmt.Sprintf("%s?q=x&all=1&under=role%%3DAN&instead=nobody&shown=%s&pick=%d", list, ids(people...), people[0]))
	b.header.Del("HX-Request")
	want := fmt.Sprintf("%s?all=1&excluded=%s&role=AN", list, url.QueryEscape(ids(people[1:]...)))
	if to := b.link(page, `Your selection.*?<a `); to != want {
		t.Errorf("it is offered back as %s, want %s", to, want)
	}
	page = b.page("Your selection of 2 people was dropped.", fmt.Sprintf("%s?included=%s&instead=all", list,
		url.QueryEscape(ids(people[:2]...))))
	b.without(page, "data-select-all")
	if to := b.link(page, `Your selection.*?<a `); to != fmt.Sprintf("%s?included=%s", list,
		url.QueryEscape(ids(people[:2]...))) {
		t.Errorf("it is offered back as %s", to)
	}
}

// TestHandMadeSelections: what cannot be read is refused, and never means more people.
func TestHandMadeSelections(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	project, people := b.crew("AN", "Ann One", "Ben Two")
	list := fmt.Sprintf("/projects/%d/members", project)
	for _, query := range []string{
		"all=1&under=role%3DXX", "all=1&under=rolle%3DAN", "all=1&under=all%3D1", "all=1&under=%25zz",
		"all=1&under=tag%3D99", "all=1&under=page%3D2",
		"all=1&under=role%3DAN&under=q%3Dx", "was=included%3Dx", "was=role%3DAN", "was=all%3D1%26under%3Drole%253DXX",
		"instead=some", "was=%25zz",
	} {
		b.must(400, "", "GET", list+"?"+query, nil)
		form, _ := url.ParseQuery(query)
		if form.Has("was") { // of a view only
			continue
		}
		form.Set("all", "1")
		b.must(400, "", "POST", list+"/unassign", form)
	}
	b.must(404, "This one is gone. Nothing was changed", "POST", list+"/unassign/apply",
		url.Values{"asked": {"NONE"}, "key": {"K"}, "plan": {"x"}})
	b.must(404, "There is no such page", "GET", list+"/unassign", nil)
	if got := b.Explicit(project); !slices.Equal(got, people) {
		t.Errorf("left are %v", got)
	}
}

// TestAFormLeadsToItsAnswer: Back and a reload send no form again, and what is shown is its
// person's own, for a day.
func TestAFormLeadsToItsAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		project, people := b.crew("AN", "Ann One", "Ben Two")
		list := fmt.Sprintf("/projects/%d/members", project)
		lead := func(target string, form url.Values) string {
			t.Helper()
			answer := b.posted(target, form)
			if answer.Code != 303 {
				t.Fatalf("%s: %d", target, answer.Code)
			}
			return answer.Header().Get("Location")
		}
		asked := lead(list+"/unassign", url.Values{"all": {"1"}, "role": {"AN"}})
		if !strings.HasPrefix(asked, list+"/unassign?asked=") || strings.Contains(asked, "role") {
			t.Errorf("a question is at %s", asked)
		}
		ask := b.page("Take 2 people off the project", asked)
		b.page("Take 2 people off the project", asked)
		b.must(404, "This one is gone", "GET", strings.Replace(asked, "unassign", "except", 1), nil) // another question
		shown := lead(list+"/add/emails", url.Values{"emails": {"nobody@example.com"}})
		b.page("One line cannot be used.", shown)
		b.must(400, "Choose a role first", "GET", lead("/people/role", url.Values{"included": {ids(people...)}}), nil)

		own := b.cookies
		b.cookies = map[string]string{}
		b.signIn("AD")
		b.must(404, "It is kept for a day, and is gone", "GET", shown, nil)
		b.must(404, "This one is gone", "GET", asked, nil)
		b.cookies = own

		// an answer is for those who may have it still
		if _, _, err := b.App.ChangeMembership(b.As(b.Owner), b.Org, people[0], roster.MembershipChange{
			Role: "RE"}); err != nil {
			t.Fatal(err)
		}
		b.page("Take one person off the project", asked) // it is as it would be now
		b.must(409, "Somebody changed who this is about.", "POST", list+"/unassign/apply", fields(ask))
		b.Clock = b.Clock.Add(24 * 3600 * 1e9)
		b.cookies = map[string]string{}
		b.must(303, "", "GET", shown, nil)
	})
}

// TestKeptPagesAreBounded: the newest are kept.
func TestKeptPagesAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		var tokens []string
		for range store.MostKept + 3 {
			token, err := b.App.KeepPage(b.As(b.Owner), "x", []byte("body"))
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, token)
		}
		for i, token := range tokens {
			body, _, err := b.App.KeptPage(b.As(b.Owner), "x", token)
			if kept := err == nil && string(body) == "body"; kept != (i >= 3) {
				t.Errorf("page %d of %d: %q %v", i, len(tokens), body, err)
			}
		}
	})
}

// TestThePreviewCanBeReadWhole: who goes, who keeps access and who stays, by name, to be
// searched, unticked and downloaded; and the notice says the same numbers.
func TestThePreviewCanBeReadWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space := b.Workspace("Vision")
		project := b.Project("Street signs", space)
		var people []int64
		for _, name := range []string{"Zoe", "Ann", "Duda", "Barbier", "Off"} {
			people = append(people,
				b.PersonNamed(roster.NewUser{Email: strings.ToLower(name) + "@example.com", FirstName: name, Role: "AN"}))
		}
		b.Assign(project, people...)
		if _, err := b.App.AddToWorkspace(b.As(b.Owner), space, people[0]); err != nil {
			t.Fatal(err)
		}
		b.becomes(people[4], "DI")
		list := fmt.Sprintf("/projects/%d/members", project)
		ask := b.must(200, "Take 2 people off the project", "POST", list+"/unassign",
			url.Values{"all": {"1"}, "active": {"never"}, "excluded": {ids(people[2:4]...)}}).Body.String()
		for _, text := range []string{
			"Everybody who matches: <strong><bdi>Never active</bdi></strong>. <strong>2 stay: \u2068Barbier\u2069, " +
				"\u2068Duda\u2069.</strong>",
			"One person keeps access through the workspace.", "One deactivated person loses their dormant membership, too",
			`Everybody <span class="soft">4</span>`, `Lose access <span class="soft">1</span>`,
			`Keep access <span class="soft">1</span>`,
			`Deactivated <span class="soft">1</span>`, `Stay <span class="soft">2</span>`,
			"Keeps access through the workspace", "<strong>Stays</strong>",
		} {
			if !strings.Contains(ask, text) {
				t.Errorf("it does not say %q:\n%s", text, ask)
			}
		}
		if ann, zoe := strings.Index(ask, "<bdi>Ann</bdi>"), strings.Index(ask, "<bdi>Zoe</bdi>"); ann < 0 || zoe < ann {
			t.Error("not in alphabetical order")
		}
		group := func(value string) string {
			return html.UnescapeString(regexp.MustCompile(`href="([^"]*group=` + value + `[^"]*)"`).FindStringSubmatch(ask)[1])
		}
		found := b.page("<bdi>Off</bdi>", group("dormant"))
		b.without(found, "<bdi>Ann</bdi>")
		b.without(b.page("<bdi>Duda</bdi>", group("spared")), "<bdi>Zoe</bdi>")
		b.without(b.page("<bdi>Zoe</bdi>", group("lose")[:strings.Index(group("lose"), "&group")]+"&find=zoe"),
			"<bdi>Ann</bdi>")
		csv := b.must(200, "ann@example.com", "GET", strings.Replace(group("lose"), "/unassign?", "/unassign.csv?", 1),
			nil).Body.String()
		if strings.Contains(csv, "zoe@") || strings.Contains(csv, "duda@") {
			t.Errorf("the file of those who lose access is\n%s", csv)
		}

		// untick Ann, then tick Duda
		tick := b.form(ask, list+"/unassign")
		tick["pick"] = []string{fmt.Sprint(people[0])}
		tick.Set("shown", ids(people[0], people[1]))
		ask = b.must(200, "Take one person off the project", "POST", list+"/unassign", tick).Body.String()
		tick = b.form(ask, list+"/unassign")
		tick["pick"] = []string{fmt.Sprint(people[2])}
		tick.Set("shown", fmt.Sprint(people[2]))
		ask = b.must(200, "Take 2 people off the project", "POST", list+"/unassign", tick).Body.String()
		b.must(303, "", "POST", list+"/unassign/apply", fields(ask))
		b.page("2 people were taken off the project. One of them still has access through the workspace. The "+
			"dormant membership", list)
		if got := b.Explicit(project); !slices.Equal(got, []int64{people[1], people[3]}) {
			t.Errorf("left are %v", got)
		}
	})
}

// TestTheNoticeSaysTheNumbersOfThePreview: of assignments, too.
func TestTheNoticeSaysTheNumbersOfThePreview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space := b.Workspace("Vision")
		project := b.Project("Street signs", space)
		stays, goes := b.Person("AN"), b.Person("AN")
		b.Assign(project, stays, goes)
		if _, err := b.App.AddToWorkspace(b.As(b.Owner), space, stays); err != nil {
			t.Fatal(err)
		}
		tasks, err := b.App.CreateTasks(b.As(b.Owner), project, []string{"{}", "{}", "{}"})
		if err != nil {
			t.Fatal(err)
		}
		for user, some := range map[int64][]int64{stays: tasks[:1], goes: tasks[1:]} {
			if _, err := b.App.AssignTasks(b.As(b.Owner), project, roster.TaskSelector{Included: some}, roster.Annotate,
				[]int64{user}); err != nil {
				t.Fatal(err)
			}
		}
		list := fmt.Sprintf("/projects/%d/members", project)
		ask := b.must(200, "2 open assignments are released.", "POST", list+"/unassign",
			url.Values{"all": {"1"}}).Body.String()
		b.must(303, "", "POST", list+"/unassign/apply", fields(ask))
		b.page("2 people were taken off the project. One of them still has access through the workspace. "+
			"2 open assignments were released: they can be given to somebody else.", list)
	})
}

// TestExcept: names and e-mails as people paste them; one that fits several is asked about.
func TestExcept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		project, people := b.crew("AN", "Ann One", "Ben Two", "Jean Barbier", "Ewa Duda", "Léa Barbier", "志强 胡")
		out := b.PersonNamed(roster.NewUser{Email: "out@example.com", FirstName: "Out", LastName: "Side", Role: "AN"})
		list := fmt.Sprintf("/projects/%d/members", project)
		ask := b.must(200, "Except people from the selection", "POST", list+"/except",
			url.Values{"all": {"1"}, "role": {"AN"}}).Body.String()
		say := func(names string, more ...string) string {
			t.Helper()
			answer := b.send("POST", list+"/except/apply",
				b.form(ask, list+"/except/apply", append([]string{"names", names}, more...)...))
			if answer.Code == 303 {
				return answer.Header().Get("Location")
			}
			return answer.Body.String()
		}
		at := func(excluded ...int64) string {
			return fmt.Sprintf("%s?all=1&excluded=%s&role=AN", list, url.QueryEscape(ids(excluded...)))
		}
		for names, want := range map[string]string{
			"DUDA, Ewa": at(people[3]),
			"p1@EXAMPLE.com; \"Ann\" <P0@example.com>": at(people[0], people[1]),
			"lea barbier\n\n  one ann \n胡志强":           at(people[0], people[4], people[5]),
		} {
			if got := say(names); got != want {
				t.Errorf("%q leads to %s, want %s", names, got, want)
			}
		}
		page := say("Barbier\nDuda\nout@example.com\nzzz")
		for _, text := range []string{
			"One person is found:", "3 lines need a look.", "Whom do you mean?", "Jean Barbier", "Léa Barbier",
			`<bdi class="strong">zzz</bdi> <strong class="wrong">Nobody among the selected is called so.</strong>`,
			`<bdi class="strong">out@example.com</bdi> <strong class="wrong">Nobody among`,
		} {
			if !strings.Contains(page, text) {
				t.Errorf("it does not say %q:\n%s", text, page)
			}
		}
		b.without(page, fmt.Sprintf(`value="%d" checked`, people[2])) // nobody is guessed
		if got := say("Barbier\nDuda", "sure", "1", "chosen", fmt.Sprint(people[4])); got != at(people[3], people[4]) {
			t.Errorf("the chosen lead to %s", got)
		}
		if got := say("bar", "sure", "1"); !strings.Contains(got, "Whom do you mean?") { // a part of a name is nobody's
			t.Error(got)
		}
		if got := say(" \n"); !strings.Contains(got, "Write at least one name or e-mail.") {
			t.Error(got)
		}
		if got := say(strings.Repeat("Nobody Here\n", 10_001)); !strings.Contains(got, "At most 10,000 names or e-mails") {
			t.Errorf("%.2000s", got)
		}
		if got := say(strings.Repeat("Nobody Here\n", 9_999) + "Duda"); !strings.Contains(got, "9,999 lines need a look.") {
			t.Errorf("%.2000s", got)
		}
		// of people who were picked, it takes them out
		ask = b.must(200, "Except people", "POST", list+"/except", url.Values{"included": {ids(people[:3]...)}}).Body.String()
		if got := say("ann"); got != fmt.Sprintf("%s?included=%s", list, url.QueryEscape(ids(people[1:3]...))) {
			t.Errorf("leads to %s", got)
		}
		if out == 0 || len(b.Explicit(project)) != 6 {
			t.Error("somebody went")
		}
		ask = b.must(200, "Except people", "POST", "/people/except", url.Values{"all": {"1"}}).Body.String()
		b.must(303, "", "POST", "/people/except/apply", b.form(ask, "/people/except/apply", "names", "duda"))
	})
}
