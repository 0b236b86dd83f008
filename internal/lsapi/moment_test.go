package lsapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster"
)

// TestOneMomentOnEveryRoute: a parameter with Label Studio's name means a moment, on
// Roster's own routes and in exports, too: a day without a time is its midnight. So a
// preview shows exactly whom the removal takes.
func TestOneMomentOnEveryRoute(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		day := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
		for name, at := range map[string]time.Time{"before": day.Add(-time.Microsecond), "midnight": day,
			"noon": day.Add(12 * time.Hour)} {
			id := w.PersonNamed(roster.NewUser{Email: name + "@example.com", Role: "AN"})
			if err := w.DB.TouchUser(context.Background(), id, at); err != nil {
				t.Fatal(err)
			}
			w.Assign(project, id)
		}
		members := fmt.Sprintf("/api/projects/%d/members/", project)
		preview := fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview", project)
		count := func(query string) [4]any {
			return [4]any{
				at(w.must(200, "GET", members+"paginated/?implicit=false&"+query, w.Owner, nil), "count"),
				at(w.must(200, "POST", preview+"?all=true&"+query, w.Owner, nil), "count"),
				// and the username
				float64(strings.Count(w.send("GET", members+"export/?role=AN&"+query, w.Owner, nil).Body.String(),
					"@example.com,") / 2),
				at(w.must(200, "GET", fmt.Sprintf("/api/organizations/%d/memberships?role=AN&user__%s", w.Org, query),
					w.Owner, nil), "count"),
			}
		}
		for query, want := range map[string]float64{
			"last_activity__lte=2026-01-31": 2, "last_activity__gte=2026-01-31": 2,
			"last_activity__lte=2026-01-30T23:59:59.999999Z": 1,
			"last_activity__gte=2026-01-31T14:00:00%2B0200":  1, "last_activity__gte=2026-01-31T14:00:00%2B02": 1,
			"last_activity__gte=2026-01-31T14:00:00.000001%2B02:00": 0,
		} {
			if got := count(query); got != [4]any{want, want, want, want} {
				t.Errorf("%s: list, preview, export and people are %v, want %v each", query, got, want)
			}
		}
		for _, bad := range []string{
			"26-01-31", "31-01-26", "2026-06-30T23:59:60Z", "0000-01-01", "10000-01-01",
			"2026-01-31T12:00:00 Europe/Nowhere", "2026-01-31T12:00:00+25:00", "2026-02-30",
		} {
			for _, name := range []string{"last_activity__gte", "last_activity__lte"} {
				query := name + "=" + url.QueryEscape(bad)
				w.refused(name, "GET", members+"paginated/?"+query, w.Owner, nil)
				w.refused(name, "GET", members+"export/?"+query, w.Owner, nil)
				w.refused(name, "POST", preview+"?all=true&"+query, w.Owner, nil)
				w.refused(name, "POST", preview, w.Owner, map[string]any{"all": true, name: bad})
				w.refused(name, "DELETE", members+"bulk/?all=true&"+query, w.Owner, nil)
				w.refused("user__"+name, "GET", fmt.Sprintf("/api/organizations/%d/memberships?user__%s", w.Org, query),
					w.Owner, nil)
			}
			for name, path := range map[string]string{"since": "/api/roster/operations/",
				"until": "/api/roster/operations/", "start_date": "/api/activity-logs/", "end_date": "/api/activity-logs/"} {
				w.refused(name, "GET", path+"?"+name+"="+url.QueryEscape(bad), w.Owner, nil)
			}
		}
		if n := at(w.must(http.StatusOK, "DELETE", members+"bulk/?all=true&last_activity__lte=2026-01-31", w.Owner, nil),
			"unassignments"); n != float64(2) {
			t.Errorf("the removal takes %v", n)
		}
	})
}
