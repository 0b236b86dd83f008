package lsapi_test

import (
	"testing"

	"roster"
)

func TestActivityPages(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		for range 35 {
			w.App.Record(roster.Activity{OrganizationID: w.Org, UserID: w.Owner, At: w.Clock, Method: "GET", URL: "/api/x"})
		}
		w.App.Record(roster.Activity{OrganizationID: w.Org + 1, UserID: w.Owner, At: w.Clock, Method: "GET",
			URL: "/api/elsewhere"})
		if _, err := w.App.WriteActivities(t.Context()); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{ // how many, or 404
			"": 30, "?page=1": 30, "?page=2": 5, "?page=3": 404, "?page=0": 404, "?page=x": 404,
			"?page_size=-1": 35, "?length=-1": 35, "?page_size=-2": 30, "?page_size=0": 30, "?page_size=x": 30,
			"?page_size=999999": 35,
			"?length=10&page=4": 5, "?length=10&page=5": 404, "?length=10&page_size=20": 20,
			"?start=34": 1, "?start=35": 404, "?start=-1": 404, "?start=x": 404, "?start=0&length=7": 7, "?start=30&page=1": 30,
			"?page_size=-1&page=2": 404, "?method=ALL": 30, "?method=post": 0, "?search=elsewhere": 0, "?search=OR": 30,
			"?search=API%20AND%20x": 30, "?search=API%20x": 30, "?search=nothing%20OR%20x": 30, "?search=nothing%20AND%20x": 0,
			"?end_date=2026-03-01": 30, "?end_date=2026-02-28": 0, "?start_date=2026-03-01T12:00:00Z": 30,
			"?start_date=2026-03-01T12:00:01Z": 0,
		} {
			status, answer := w.do("GET", "/api/activity-logs/"+query, w.Owner, nil)
			if want == 404 {
				if status != 404 || at(answer, "detail") != "Invalid page." {
					t.Errorf("%s: %d %v", query, status, answer)
				}
				continue
			}
			data, _ := at(answer, 0, "data").([]any)
			if status != 200 || len(data) != want || at(answer, 1) != nil || at(answer, 0, "recordsTotal") != 35.0 {
				t.Errorf("%s: %d, %d of %v, want %d", query, status, len(data), at(answer, 0, "recordsTotal"), want)
			}
		}
		w.refused("project", "GET", "/api/activity-logs/?project=0", w.Owner, nil)
		w.refused("start_date", "GET", "/api/activity-logs/?start_date=2026-13-01", w.Owner, nil)
	})
}
