package lsapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/lsapi"
)

// lists are the addresses of every list of people that is narrowed by filters, of
// project 1, workspace 1 and organization 1.
var lists = map[roster.Lists][]struct{ method, path, body string }{
	roster.ListProject: {{"GET", "/api/projects/1/members/paginated/", ""},
		{"GET", "/api/projects/1/members/export/", ""}},
	roster.ListRemoval: {
		{"DELETE", "/api/projects/1/members/bulk/?all=true", ""},
		{"POST", "/api/roster/projects/1/members/bulk/preview?all=true", ""},
	},
	roster.ListAddition: {
		{"POST", "/api/projects/1/members/bulk/", `{"all":true}`},
		{"POST", "/api/roster/projects/1/members/bulk/assign/preview", `{"all":true}`},
	},
	roster.ListPeople: {
		{"GET", "/api/organizations/1/memberships", ""}, {"GET", "/api/organizations/1/memberships/search", ""},
		{"POST", "/api/organizations/1/member-tags/assignments", `{"all":true,"tags":[1]}`},
	},
	roster.ListWorkspace: {
		{"GET", "/api/workspaces/1/memberships/paginated", ""},
		{"DELETE", "/api/workspaces/1/memberships/bulk/?all=true", ""},
		{"POST", "/api/workspaces/1/memberships/bulk/", `{"all":true}`},
	},
}

// TestEveryFilterIsReadOrRefused: in every list, by its name; and so it is described.
func TestEveryFilterIsReadOrRefused(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		space := w.Workspace("Vision")
		project := w.Project("Street signs", space)
		person := w.Person("AN")
		w.Assign(project, person)
		w.must(http.StatusOK, "POST", "/api/workspaces/1/memberships/bulk/", w.Owner,
			map[string]any{"all": false, "included": []int64{person}})
		w.Tag("night")
		for list, calls := range lists {
			for _, call := range calls {
				for _, d := range roster.MemberFilterFields {
					if d.Lists == 0 {
						continue
					}
					w.refused(d.Parameter(list), call.method, with(call.path, d.Parameter(list)+"=%01"), w.Owner, bodyOf(call.body))
				}
			}
		}
		if got := w.Explicit(project); len(got) != 1 {
			t.Errorf("members: %v", got)
		}
	})
	documented := map[string][]string{}
	for _, f := range lsapi.Families() {
		for _, o := range f.Operations {
			for _, p := range o.Parameters {
				documented[o.Method+" "+o.Path] = append(documented[o.Method+" "+o.Path], p.Name)
			}
		}
	}
	for list, path := range map[roster.Lists]string{
		roster.ListProject:   "GET /api/projects/{id}/members/export",
		roster.ListRemoval:   "DELETE /api/projects/{id}/members/bulk",
		roster.ListAddition:  "POST /api/projects/{id}/members/bulk",
		roster.ListPeople:    "GET /api/organizations/{id}/memberships",
		roster.ListWorkspace: "DELETE /api/workspaces/{id}/memberships/bulk",
	} {
		for _, d := range roster.FilterFields(list) {
			if !slices.Contains(documented[path], d.Parameter(list)) {
				t.Errorf("%s does not say %s", path, d.Parameter(list))
			}
		}
	}
}

func bodyOf(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// with is a path with one more parameter.
func with(path, parameter string) string {
	for _, c := range path {
		if c == '?' {
			return path + "&" + parameter
		}
	}
	return path + "?" + parameter
}

// TestFiltersOfRostersOwn: what only the console could say, wherever roles are.
func TestFiltersOfRostersOwn(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		space := w.Workspace("Vision")
		project := w.Project("Street signs", 0)
		active, paused, off, waiting, admin := w.Person("AN"), w.Person("AN"), w.Person("AN"), w.Person("NO"), w.Person("AD")
		w.Assign(project, active, paused, off, admin)
		w.must(http.StatusOK, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/bulk/", space), w.Owner,
			map[string]any{"all": false, "included": []int64{active}})
		w.must(http.StatusOK, "PATCH", fmt.Sprintf("/api/organizations/%d/memberships", w.Org), w.Owner,
			map[string]any{"user_id": off, "role": "DI"})
		w.must(http.StatusCreated, "POST", fmt.Sprintf("/api/projects/%d/members/%d/pauses/", project, paused),
			w.Owner, map[string]any{"reason": "MANUAL"})
		list := fmt.Sprintf("/api/projects/%d/members/paginated/?implicit=false&ordering=id&", project)
		people := fmt.Sprintf("/api/organizations/%d/memberships?ordering=id&", w.Org)
		ids := func(decoded any, path ...any) (out []int64) {
			for i := 0; at(decoded, "results", i) != nil; i++ {
				out = append(out, int64(at(decoded, append([]any{"results", i}, path...)...).(float64)))
			}
			return out
		}
		bulk := fmt.Sprintf("/api/projects/%d/members/bulk/?all=true&", project)
		preview := fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview?all=true&", project)
		for query, want := range map[string][]int64{
			fmt.Sprintf("paused_in=%d", project): {paused}, fmt.Sprintf("in_workspace=%d", space): {active},
			"by_organization_role=true": {admin},
			"ability=deactivated":       {off}, "ability=able": {active, paused, admin}, "ability=waiting": nil,
			fmt.Sprintf("shared_with=%d", waiting): nil,
			fmt.Sprintf("shared_with=%d", active):  {active, paused, admin}, "joined_after=2026-03-01": {active, paused, admin},
			"joined_before=2026-02-28": nil, "joined_after=2026-03-02": nil,
		} {
			if got := ids(w.must(http.StatusOK, "GET", list+query, w.Owner, nil), "id"); !slices.Equal(got, want) {
				t.Errorf("%s lists %v, want %v", query, got, want)
			}
			if got := ids(w.must(http.StatusOK, "POST", preview+query, w.Owner, nil), "id"); !slices.Equal(got, want) {
				t.Errorf("%s previews %v, want %v", query, got, want)
			}
		}
		if got := ids(w.must(http.StatusOK, "GET", people+"ability=waiting", w.Owner, nil), "user",
			"id"); !slices.Equal(got, []int64{waiting}) {
			t.Errorf("waiting: %v", got)
		}
		w.must(http.StatusOK, "DELETE", bulk+fmt.Sprintf("paused_in=%d", project), w.Owner, nil)
		if got := w.Explicit(project); slices.Contains(got, paused) || len(got) != 3 {
			t.Errorf("left: %v", got)
		}
	})
}

// TestFiltersTellNoMore: the difference of two lists would tell who is in a place that
// one does not see, or with whom somebody shares.
func TestFiltersTellNoMore(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		space := w.Workspace("Vision")
		project, secret := w.Project("Street signs", 0), w.Project("Secret", 0)
		manager, other := w.Person("MA"), w.Person("AN")
		w.Assign(project, manager, other)
		for _, path := range []string{
			fmt.Sprintf("/api/projects/%d/members/paginated/?", project),
			fmt.Sprintf("/api/organizations/%d/memberships?", w.Org),
			fmt.Sprintf("/api/projects/%d/members/export/?", project),
		} {
			w.refused("in_workspace", "GET", path+fmt.Sprintf("in_workspace=%d", space), manager, nil)
			w.refused("paused_in", "GET", path+fmt.Sprintf("paused_in=%d", secret), manager, nil)
			w.refused("shared_with", "GET", path+fmt.Sprintf("shared_with=%d", other), manager, nil)
			w.refused("shared_with", "GET", path+"shared_with=999", w.Owner, nil)
		}
		w.refused("in_workspace", "DELETE",
			fmt.Sprintf("/api/projects/%d/members/bulk/?all=true&in_workspace=%d", project, space), manager, nil)
		w.refused("shared_with", "DELETE",
			fmt.Sprintf("/api/projects/%d/members/bulk/?all=true&shared_with=%d", project, other), manager, nil)
		if got := w.Explicit(project); len(got) != 2 {
			t.Errorf("left: %v", got)
		}
	})
}

// TestJoinedIsADay: a date is all of that day in UTC, at both ends.
func TestJoinedIsADay(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project, person := w.Project("Street signs", 0), w.Person("AN")
		w.Clock = time.Date(2026, 1, 31, 23, 59, 59, 999_999_000, time.UTC)
		w.Assign(project, person)
		list := fmt.Sprintf("/api/projects/%d/members/paginated/?implicit=false&", project)
		for query, want := range map[string]float64{
			"joined_before=2026-01-31": 1, "joined_after=2026-01-31": 1, "joined_after=2026-02-01": 0,
			"joined_before=2026-01-30":                 0,
			"joined_after=2026-01-31T23:59:59.999999Z": 1, "joined_before=2026-02-01T00:00:00%2B01:00": 0,
			"joined_before=2026-02-01T00:59:59.999999%2B0100": 1,
		} {
			if got := at(w.must(http.StatusOK, "GET", list+query, w.Owner, nil), "count"); got != want {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		w.refused("joined_after", "GET", list+"joined_after=0001-01-01", w.Owner, nil)
	})
}

// TestOneRequestSaysOneThing: a query and a body that say different things, null for a
// filter, and a field that comes twice.
func TestOneRequestSaysOneThing(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		w.Assign(project, w.Person("AN"), w.Person("RE"))
		preview := fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview", project)
		bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", project)
		w.refused("role", "POST", preview+"?all=true&role=AN", w.Owner, `{"role":"RE"}`)
		w.refused("role", "POST", preview, w.Owner, `{"all":true,"role":null}`)
		w.refused("joined_after", "POST", preview, w.Owner, `{"all":true,"joined_after":null}`)
		w.refused("never_active", "POST", preview+"?never_active=true", w.Owner, `{"all":true,"never_active":false}`)
		for _, path := range []string{bulk, preview, bulk + "assign/preview"} {
			method := "POST"
			if path == bulk+"assign/preview" {
				path = fmt.Sprintf("/api/roster/projects/%d/members/bulk/assign/preview", project)
			}
			w.refused("all", method, path, w.Owner, `{"all":false,"all":true}`)
			w.refused("all", method, path, w.Owner, `{"all":""}`)
		}
		w.refused("all", "DELETE", bulk+"?all=", w.Owner, nil)
		if got := w.Explicit(project); len(got) != 2 {
			t.Errorf("members: %v", got)
		}
	})
}
