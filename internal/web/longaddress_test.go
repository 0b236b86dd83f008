package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/store/storetest"
)

// numbers is n ids, as an address says them.
func numbers(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint(i+1))
	}
	return strings.Join(list, ",")
}

// TestALongAddressIsNotRepeatedByEveryRow: a list of people wrote its whole address five
// times into each row, so that a link of half a megabyte took half a gigabyte to answer.
func TestALongAddressIsNotRepeatedByEveryRow(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	for i := range 50 {
		b.PersonNamed(roster.NewUser{Email: fmt.Sprintf("p%d@example.com", i), FirstName: "Ann", Role: "AN"})
	}
	short := len(b.must(200, "people", "GET", "/people?included=1", nil).Body.String())
	selected := url.QueryEscape(numbers(10_000))
	if long := len(b.must(200, "people", "GET", "/people?included="+selected, nil).Body.String()); long > short+
		40*len(selected) {
		t.Errorf("an address of %d bytes is answered with %d", len(selected), long)
	}
	if !strings.Contains(b.page("people", "/people?included=1"), "next=") {
		t.Error("a short address is not come back to")
	}
	b.must(413, "This address is too long", "GET", "/people?included="+numbers(100_000), nil)
	tags := strings.TrimSuffix(strings.Repeat("tags=1&", 10_000), "&")
	if page := b.send("GET", "/people?"+tags, nil); page.Body.Len() > short+40*len(tags) {
		t.Errorf("filters of %d bytes are answered with %d", len(tags), page.Body.Len())
	}
}

// TestExceptingManyNamesakes: a paste of the most frequent names costs what it says, not the
// lines times the people who are called so.
func TestExceptingManyNamesakes(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	project, _ := b.crew("AN", strings.Split(strings.TrimSuffix(strings.Repeat("Ann Lee,", 60), ","), ",")...)
	list := fmt.Sprintf("/projects/%d/members", project)
	ask := b.must(200, "Except people", "POST", list+"/except", url.Values{"all": {"1"}}).Body.String()
	form := fields(ask)
	form.Set("names", strings.Repeat("Lee Ann\n", 1_000))
	page := b.must(200, "1,000 lines need a look.", "POST", list+"/except/apply", form).Body.String()
	if n := strings.Count(page, "More people are called so"); n != 200 {
		t.Errorf("%d lines offer candidates, want those that are shown", n)
	}
	if n := strings.Count(page, `name="chosen"`); n != 200*20 {
		t.Errorf("%d candidates", n)
	}
}
