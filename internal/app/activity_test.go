package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// ask records a request and moves the clock by a minute.
func ask(w *apptest.World, a roster.Activity) {
	a.OrganizationID, a.At = w.Org, w.Clock
	w.App.Record(a)
	w.Clock = w.Clock.Add(time.Minute)
}

func written(w *apptest.World) (lost int) {
	w.T.Helper()
	lost, err := w.App.WriteActivities(context.Background())
	must(w.T, err)
	return lost
}

func activityURLs(w *apptest.World, f roster.ActivityFilter, order string) []string {
	w.T.Helper()
	window, err := w.App.Activities(w.As(w.Owner), f, order, 0, 100)
	must(w.T, err)
	urls := []string{}
	for _, a := range window.Activities {
		urls = append(urls, a.URL)
	}
	if window.Matched != len(urls) {
		w.T.Errorf("%d matched, %d listed", window.Matched, len(urls))
	}
	return urls
}

func TestActivities(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		start := w.Clock
		full := roster.Activity{
			UserID: w.Owner, ProjectID: 7, WorkspaceID: space, Method: "POST", URL: "/a?x=50%", Status: 201,
			Duration: 1500 * time.Millisecond,
			Address:  "192.0.2.7", UserAgent: `agent "7"`, Referer: "https://example.com/", RequestID: "r7",
		}
		ask(w, full)
		ask(w, roster.Activity{UserID: 99, Method: "GET", URL: "/b/Members"})
		ask(w, roster.Activity{UserID: w.Owner, Method: "GET", URL: "/c/members_x"})
		if got := activityURLs(w, roster.ActivityFilter{}, ""); len(got) != 0 {
			t.Errorf("written before it is time: %v", got)
		}
		if lost := written(w); lost != 0 {
			t.Errorf("%d lost", lost)
		}
		written(w) // nothing twice
		for _, try := range []struct {
			f     roster.ActivityFilter
			order string
			want  []string
		}{
			{roster.ActivityFilter{}, "", []string{"/c/members_x", "/b/Members", "/a?x=50%"}},
			{roster.ActivityFilter{}, "datetime", []string{"/a?x=50%", "/b/Members", "/c/members_x"}},
			{roster.ActivityFilter{}, "-response_code", []string{"/a?x=50%", "/c/members_x", "/b/Members"}},
			{roster.ActivityFilter{From: start.Add(time.Minute)}, "", []string{"/c/members_x", "/b/Members"}},
			{roster.ActivityFilter{To: start.Add(time.Minute)}, "", []string{"/b/Members", "/a?x=50%"}},
			{roster.ActivityFilter{Method: "POST"}, "", []string{"/a?x=50%"}},
			{roster.ActivityFilter{ProjectID: 7}, "", []string{"/a?x=50%"}},
			{roster.ActivityFilter{WorkspaceID: space}, "", []string{"/a?x=50%"}},
			{roster.ActivityFilter{UserID: 99}, "", []string{"/b/Members"}},
			{roster.ActivityFilter{URL: [][]string{{"MEMBERS"}}}, "", []string{"/c/members_x", "/b/Members"}},
			{roster.ActivityFilter{URL: [][]string{{"members", "/c"}, {"50%"}}}, "", []string{"/c/members_x", "/a?x=50%"}},
			{roster.ActivityFilter{URL: [][]string{{"s_"}}}, "", []string{"/c/members_x"}},
		} {
			if got := activityURLs(w, try.f, try.order); !slices.Equal(got, try.want) {
				t.Errorf("%+v %q: %v, want %v", try.f, try.order, got, try.want)
			}
		}
		window, err := w.App.Activities(w.As(w.Owner), roster.ActivityFilter{ProjectID: 7}, "", 0, 1)
		must(t, err)
		full.ID, full.At, full.OrganizationID, full.Email, full.WorkspaceOwner = window.Activities[0].ID, start,
			w.Org, "owner@example.com", w.Owner
		if window.Activities[0] != full || window.Total != 3 {
			t.Errorf("%+v of %d\nwant %+v", window.Activities[0], window.Total, full)
		}
		for _, role := range []roster.Role{"MA", "RE", "AN"} {
			_, err := w.App.Activities(w.As(w.Person(role)), roster.ActivityFilter{}, "", 0, 1)
			wantKind(t, role.Name(), err, roster.Forbidden)
		}
	})
}

// A store that cannot be written to costs nobody anything: what was asked
// waits, and what is too much is counted.
func TestActivitiesWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		const room = 16_384
		for i := range room + 5 {
			w.App.Record(roster.Activity{OrganizationID: w.Org, UserID: int64(i)})
			if i == 100 {
				if lost, err := w.App.WriteActivities(gone); err == nil || lost != 0 {
					t.Fatalf("%d lost, %v", lost, err)
				}
			}
		}
		if lost := written(w); lost != 5 {
			t.Errorf("%d lost, want 5", lost)
		}
		w.App.Record(roster.Activity{OrganizationID: w.Org})
		if lost := written(w); lost != 0 {
			t.Errorf("%d lost when there was room again", lost)
		}
		window, err := w.App.Activities(w.As(w.Owner), roster.ActivityFilter{}, "datetime", 0, room+1)
		must(t, err)
		if window.Total != room+1 || window.Activities[0].UserID != 0 || window.Activities[room-1].UserID != room-1 {
			t.Errorf("%d written", window.Total)
		}
	})
}

func TestActivitiesAreForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		for range 1500 { // more than are forgotten at once
			w.App.Record(roster.Activity{OrganizationID: w.Org, At: w.Clock, URL: "/old"})
		}
		w.Clock = w.Clock.Add(90*24*time.Hour - time.Minute)
		ask(w, roster.Activity{URL: "/new"})
		written(w)
		w.Swept()
		if n := len(activityURLs(w, roster.ActivityFilter{URL: [][]string{{"/new"}}}, "")); n != 1 {
			t.Fatalf("%d new", n)
		}
		count := func() int {
			window, err := w.App.Activities(w.As(w.Owner), roster.ActivityFilter{}, "", 0, 1)
			must(t, err)
			return window.Total
		}
		if n := count(); n != 1501 {
			t.Errorf("90 days after: %d", n)
		}
		w.Clock = w.Clock.Add(time.Minute)
		w.Swept()
		if n := count(); n != 1 {
			t.Errorf("after 90 days: %d", n)
		}
	})
}
