package web_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// rows is how many people a page of a list shows.
func rows(page string) int { return strings.Count(page, `<td class="person-cell">`) }

func TestPeoplePage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		an, re, gone := b.Person("AN"), b.Person("RE"), b.Person("AN")
		b.PersonNamed(roster.NewUser{Email: "out@example.com", FirstName: "<i>Out</i>", Role: "DI"})
		b.PersonNamed(roster.NewUser{Email: "new@example.com", FirstName: "New", Role: "NO"})
		night := b.Tag("night")
		as := b.As(b.Owner)
		if _, err := b.App.AssignTags(as, b.Org, roster.TagAssignment{Selector: roster.Selector{Included: []int64{an}},
			Tags: []int64{night}}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.App.RemoveFromOrganization(as, b.Org, gone); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{
			"": 5, "?q=person2": 1, "?role=AN&role=RE": 2, fmt.Sprintf("?tag=%d", night): 1, "?seat=standard": 5,
			"?seat=flex":    0,
			"?state=active": 3, "?state=deactivated": 1, "?state=waiting": 1, "?state=deleted": 1,
			"?state=deactivated&role=AN": 0, "?active=never": 4,
			"?order=-name&size=25&page=9": 0, "?included=" + fmt.Sprint(re): 5, "?all=1": 5,
		} {
			answer := b.send("GET", "/people"+query, nil)
			if got := rows(answer.Body.String()); got != want || (answer.Code != 200 && answer.Code != 303) {
				t.Errorf("%q: %d people, want %d (%d)", query, got, want, answer.Code)
			}
		}
		b.page("All 5 people who match are selected.", "/people?all=1")
		b.page("All 5 people who match are selected, except 1.", fmt.Sprintf("/people?all=1&excluded=%d", an))
		b.page("One person is selected.", fmt.Sprintf("/people?included=%d", an))
		b.page("&lt;i&gt;Out&lt;/i&gt;", "/people")
		for _, bad := range []string{"?state=asleep", "?role=XX", "?tag=999", "?seat=x", "?active=7", "?from=yesterday"} {
			b.must(400, "Choose it again", "GET", "/people"+bad, nil)
		}
	})
}

// choosing is a view of the people with somebody selected in it, as the bar
// sends it.
func choosing(query string, more ...string) url.Values {
	form, _ := url.ParseQuery(query)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

func TestPeopleAreChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		an, re := b.Person("AN"), b.Person("RE")
		role := func(user int64) roster.Role {
			t.Helper()
			m, err := db.Membership(t.Context(), b.Org, user)
			if err != nil || !m.DeletedAt.IsZero() {
				return ""
			}
			return m.Role
		}
		b.must(400, "Nobody is selected", "POST", "/people/role", choosing("give=AN"))
		b.must(400, "Choose a role first", "POST", "/people/role", choosing("all=1&give=boss"))
		b.must(400, "cannot be given", "POST", "/people/role", choosing("all=1&give=OW"))
		ask := b.must(200, "Make 2 people Manager", "POST", "/people/role", choosing("all=1&q=person&give=MA")).Body.String()
		form := b.form(ask, "/people/role/apply")
		late := b.Person("AN") // somebody more matches now
		ask = b.must(409, "Make 3 people Manager", "POST", "/people/role/apply", form).Body.String()
		if role(an) != "AN" {
			t.Error("changed all the same")
		}
		form = b.form(ask, "/people/role/apply")
		b.must(303, "", "POST", "/people/role/apply", form)
		b.page("3 people are Manager now.", "/people")
		b.must(303, "", "POST", "/people/role/apply", form) // sent twice, done once
		if role(an) != "MA" || role(re) != "MA" || role(late) != "MA" {
			t.Error("not changed")
		}

		night := fmt.Sprint(b.Tag("night"))
		ask = b.must(200, "Tags of one person", "POST", "/people/tags", choosing("included="+fmt.Sprint(an))).Body.String()
		form = b.form(ask, "/people/tags/apply")
		b.must(400, "Choose at least one tag", "POST", "/people/tags/apply", form)
		form.Set("add", night)
		b.must(303, "", "POST", "/people/tags/apply", form)
		ask = b.must(200, "Take off", "POST", "/people/tags", choosing("included="+fmt.Sprint(an))).Body.String()
		b.without(ask, `name="add"`)
		form = b.form(ask, "/people/tags/apply", "drop", night)
		b.must(303, "", "POST", "/people/tags/apply", form)
		b.must(404, "no such person", "POST", "/people/tags", choosing("included=999"))

		ask = b.must(200, "Deactivate one person", "POST", "/people/role",
			choosing("included="+fmt.Sprint(re), "deactivate", "1", "give", "AN")).Body.String()
		b.must(303, "", "POST", "/people/role/apply", b.form(ask, "/people/role/apply"))
		if role(re) != "DI" {
			t.Errorf("is %s", role(re))
		}
		ask = b.must(200, "Delete 2 people from the organization", "POST", "/people/delete",
			choosing(fmt.Sprintf("included=%d,%d,%d", b.Owner, an, re), "next", "/people?state=active")).Body.String()
		if !strings.Contains(ask, "What is kept") || !strings.Contains(ask, "One more selected person stays") {
			t.Errorf("does not say what is kept, and who stays:\n%s", ask)
		}
		if to := b.must(303, "", "POST", "/people/delete/apply", b.form(ask, "/people/delete/apply")).Header().
			Get("Location"); to != "/people?state=active" {
			t.Errorf("leads to %s", to)
		}
		b.page("2 people were deleted from the organization. One person stays unchanged.", "/people")
		gone := b.page("The deletion of these 2 people can be undone until", fmt.Sprintf("/people/%d", an))
		at := regexp.MustCompile(`href="(/history/\d+)"`).FindStringSubmatch(gone)
		if at == nil {
			t.Fatalf("no way to the operation:\n%s", gone)
		}
		b.page("Possible until", at[1])
		b.must(200, "There is nothing to do.", "POST", "/people/delete", choosing("included="+fmt.Sprint(an)))
		b.must(200, "There is nothing to do.", "POST", "/people/seat", choosing("included="+fmt.Sprint(late)))
		flex := b.PersonNamed(roster.NewUser{Email: "flex@example.com", Role: "AN", UserType: roster.SeatFlex})
		ask = b.must(200, "Give one person a standard seat", "POST", "/people/seat",
			choosing("included="+fmt.Sprint(flex))).Body.String()
		b.must(303, "", "POST", "/people/seat/apply", b.form(ask, "/people/seat/apply"))
		b.without(b.page("Seat changed; it was Flexible before.", fmt.Sprintf("/people/%d/history", flex)),
			"from Annotator to Annotator")
	})
}

func TestPeoplePageObeysThePolicy(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	p := b.Project("Signs", 0)
	seen := b.Person("AN")
	b.Person("AN")
	manager := b.signIn("MA")
	b.Assign(p, manager, seen)
	page := b.page("People", "/people")
	if rows(page) != 3 { // the two, and the owner, who reaches every project
		t.Errorf("%d people", rows(page))
	}
	for _, text := range []string{"Delete…", "Give role…", "data-pick", `value="deleted"`} {
		b.without(page, text)
	}
	b.must(400, "Choose it again", "GET", "/people?state=deleted", nil)
	for _, path := range []string{"/people/role", "/people/role/apply", "/people/seat", "/people/delete",
		"/people/delete/apply", "/people/tags", "/people/tags/apply"} {
		form := choosing("all=1&give=AN&key=" + strings.ReplaceAll(path, "/", ""))
		if code := b.send("POST", path, form).Code; code != 403 && code != 400 {
			t.Errorf("%s: %d", path, code)
		}
	}
	b.signIn("AN")
	b.must(403, "permission", "GET", "/people", nil)
}

func TestPeopleExportIsWhatIsShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		formula := b.PersonNamed(roster.NewUser{Email: "a@example.com", FirstName: "=1+1", Role: "AN"})
		shared, stranger := b.PersonNamed(roster.NewUser{Email: "c@example.com", Role: "AN"}),
			b.PersonNamed(roster.NewUser{Email: "b@example.com", Role: "AN"})
		b.Person("RE")
		for _, label := range []string{"Day", "Night"} {
			if _, err := b.App.AssignTags(b.As(b.Owner), b.Org,
				roster.TagAssignment{Selector: roster.Selector{Included: []int64{formula}},
					Tags: []int64{b.Tag(label)}}); err != nil {
				t.Fatal(err)
			}
		}
		export := func(query string) (emails []string, rows [][]string) {
			t.Helper()
			rows, err := csv.NewReader(b.must(200, "", "GET", "/people.csv"+query, nil).Body).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows[1:] {
				emails = append(emails, row[1])
			}
			return emails, rows
		}
		emails, rows := export("?role=AN&order=-email")
		if !slices.Equal(emails, []string{"c@example.com", "b@example.com", "a@example.com"}) {
			t.Errorf("%q", emails)
		}
		if want := []string{fmt.Sprint(formula), "a@example.com", "'=1+1", "", "Annotator", "standard", "Day; Night",
			"", ""}; !slices.Equal(rows[3], want) {
			t.Errorf("%q, want %q", rows[3], want)
		}
		if _, err := b.App.RemoveFromOrganization(b.As(b.Owner), b.Org, stranger); err != nil {
			t.Fatal(err)
		}
		if emails, _ = export("?state=deleted"); !slices.Equal(emails, []string{"b@example.com"}) {
			t.Errorf("the deleted: %q", emails)
		}
		if to := b.exported("/people?role=AN&order=email"); to != "/people.csv?order=email&role=AN" {
			t.Errorf("the page leads to %s", to)
		}

		ma := b.signIn("MA")
		p := b.Project("Street signs", 0)
		b.Assign(p, ma, shared)
		if emails, _ = export("?role=AN"); !slices.Equal(emails, []string{"c@example.com"}) {
			t.Errorf("a Manager exports people of other projects: %q", emails)
		}
		b.signIn("AN")
		b.must(403, "", "GET", "/people.csv", nil)
	})
}

// An organization with more tags than a filter offers can filter by any.
func TestEveryTagFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.without(b.page("One person", "/people"), "tagfind")
		labels := make([]string, 600)
		for i := range labels {
			labels[i] = fmt.Sprintf("shift %03d", i)
		}
		if _, err := b.App.CreateTags(b.As(b.Owner), b.Org, labels); err != nil {
			t.Fatal(err)
		}
		zebra, user := b.Tag("zebra"), b.Person("AN")
		last := fmt.Sprint(zebra)
		page := b.page("Find a tag", "/people")
		b.without(page, "zebra")
		if _, err := b.App.AssignTags(b.As(b.Owner), b.Org,
			roster.TagAssignment{Selector: roster.Selector{Included: []int64{user}}, Tags: []int64{zebra}}); err != nil {
			t.Fatal(err)
		}
		if rows(b.page("zebra", "/people?tag="+last)) != 1 {
			t.Error("not filtered by a tag that is not offered")
		}
		page = b.page("zebra", "/people?tagfind=ZEB")
		b.without(page, "shift 001")
		page = b.page("zebra", "/people?shown=1&tagfind=shift+59&tag="+last) // without script; the chosen stays
		if !strings.Contains(page, "shift 599") || rows(page) != 1 {
			t.Error("not found beside the chosen")
		}
		b.page("No tag has this name.", "/people?tagfind=nothing")
		for _, tag := range []string{"0", "-1", "x", "+1", "99999999", "99999999999999999999"} {
			b.must(400, "Choose it again from the list", "GET", "/people?tag="+url.QueryEscape(tag), nil)
		}
	})
}
