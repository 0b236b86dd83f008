package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestDaysAreTheViewers: a day in the filter is one of the viewer's calendar, with
// the nights in which clocks change.
func TestDaysAreTheViewers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", 0)
		active := map[string]string{
			"spring": "2026-03-29T22:30:00Z", // 00:30 on 30 March in Berlin
			"autumn": "2026-10-25T22:30:00Z", // 23:30 on 25 October
		}
		for name, at := range active {
			id := b.PersonNamed(roster.NewUser{Email: name + "@example.com", Role: "AN"})
			b.Assign(project, id)
			moment, err := time.Parse(time.RFC3339, at)
			if err == nil {
				err = db.TouchUser(context.Background(), id, moment)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		b.cookies["roster_zone"] = "Europe%2FBerlin"
		for query, want := range map[string]string{
			"from=2026-03-29&to=2026-03-29": "0 people", "from=2026-03-30&to=2026-03-30": "One person",
			"from=2026-10-25&to=2026-10-25": "One person", "from=2026-10-26": "0 people", "to=2026-10-25": "2 people",
		} {
			b.must(200, "data-say>"+want, "GET", fmt.Sprintf("/projects/%d/members?role=AN&%s", project, query), nil)
		}
	})
}

// A zone that nobody knows is an error of what reads days by it, and of nothing else: the
// days of another zone would mean other people.
func TestAnUnknownZoneIsRefused(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project := b.Project("Street signs", 0)
	for _, zone := range []string{"Europe%2FNowhere", "Local", "..%2F..%2Fetc"} {
		b.cookies["roster_zone"] = zone
		b.must(200, "data-say", "GET", fmt.Sprintf("/projects/%d/members", project), nil)
		for _, query := range []string{"members?to=2026-03-29", "members?from=2026-03-29", "members?active=30",
			"history/access?day=2026-03-29"} {
			b.must(400, "not known here", "GET", fmt.Sprintf("/projects/%d/%s", project, query), nil)
		}
		b.must(400, "not known here", "GET", "/history?from=2026-03-29", nil)
	}
}
