package lsapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster"
)

// tags is where the member tags of a world are.
func (w *wire) tags() string { return fmt.Sprintf("/api/organizations/%d/member-tags", w.Org) }

// tag makes a tag and returns its id.
func (w *wire) tag(label string) int64 {
	w.T.Helper()
	return int64(at(w.must(201, "POST", w.tags(), w.Owner, map[string]any{"label": label}), "id").(float64))
}

// tagged is the people who have a tag, by id.
func (w *wire) tagged(tag int64) []int64 {
	w.T.Helper()
	members, _, err := w.App.OrganizationMembers(w.As(w.Owner), w.Org, roster.MemberFilter{Tags: []int64{tag}},
		roster.Page{Number: 1, Size: 1000, Order: "id"})
	if err != nil {
		w.T.Fatal(err)
	}
	ids := []int64{}
	for _, m := range members {
		ids = append(ids, m.User.ID)
	}
	return ids
}

// labels is the labels of a list of tags, in its order.
func labels(decoded any) []string {
	results, _ := at(decoded, "results").([]any)
	out := []string{}
	for i := range results {
		out = append(out, at(results, i, "label").(string))
	}
	return out
}

func TestTags(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		made := w.must(201, "POST", w.tags()+"/", w.Owner, map[string]any{"label": " Night shift ", "member_count": 9,
			"organization": 9})
		if at(made, "label") != "Night shift" || at(made, "member_count") != 0.0 ||
			at(made, "organization") != float64(w.Org) || at(made, "created_by", "id") != float64(w.Owner) {
			t.Errorf("made: %v", made)
		}
		one := fmt.Sprintf("%s/%v", w.tags(), at(made, "id"))
		w.refused("label", "POST", w.tags(), w.Owner, map[string]any{"label": "NIGHT SHIFT"})
		w.refused("label", "POST", w.tags(), w.Owner, map[string]any{"label": "   "})
		w.refused("label", "POST", w.tags(), w.Owner, map[string]any{"label": strings.Repeat("é", 256)})
		w.refused("label", "POST", w.tags(), w.Owner, map[string]any{"label": "a\x01b"})
		w.refused("label", "POST", w.tags(), w.Owner, map[string]any{"label": []int{1}})
		w.refused("label", "POST", w.tags(), w.Owner, map[string]any{"label": nil})
		w.refused("label", "POST", w.tags(), w.Owner, map[string]any{})
		w.must(201, "POST", w.tags(), w.Owner, map[string]any{"label": strings.Repeat("é", 255)})
		other := w.tag("Éclair")

		w.Clock = w.Clock.Add(1)
		if got := w.must(200, "PATCH", one, w.Owner, map[string]any{"label": "night SHIFT"}); at(got,
			"label") != "night SHIFT" {
			t.Errorf("a tag may change the case of its own label: %v", got)
		}
		w.refused("label", "PATCH", one, w.Owner, map[string]any{"label": "éCLAIR"})
		w.refused("label", "PATCH", one, w.Owner, map[string]any{"label": ""})
		if got := w.must(200, "PATCH", one, w.Owner, map[string]any{}); at(got, "label") != "night SHIFT" {
			t.Errorf("an empty patch: %v", got)
		}
		w.must(204, "DELETE", fmt.Sprintf("%s/%d/", w.tags(), other), w.Owner, nil)
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			w.must(404, method, fmt.Sprintf("%s/%d", w.tags(), other), w.Owner, nil)
			w.must(404, method, strings.Replace(one, fmt.Sprint("/", w.Org, "/"), "/99/", 1), w.Owner, nil)
		}
		w.must(404, "GET", w.tags()+"/x", w.Owner, nil)
		w.must(405, "GET", w.tags()+"/bulk", w.Owner, nil)
	})
}

func TestTagList(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		var many []string
		for i := range 120 {
			many = append(many, fmt.Sprintf("tag %03d", i))
		}
		w.must(201, "POST", w.tags()+"/bulk", w.Owner, map[string]any{"labels": many})
		w.tag("Zebra")
		w.tag("apple")
		if got := w.must(200, "GET", w.tags(), w.Owner, nil); at(got, "count") != 122.0 || len(labels(got)) != 30 ||
			labels(got)[0] != "apple" {
			t.Errorf("first page: %v", got)
		}
		if got := labels(w.must(200, "GET", w.tags()+"?page_size=1000", w.Owner, nil)); len(got) != 100 {
			t.Errorf("a page of %d", len(got))
		}
		for query, want := range map[string][]string{
			"?search=ZEB": {"Zebra"},
			"?search=tag+11&ordering=-label": {"tag 119", "tag 118", "tag 117", "tag 116", "tag 115", "tag 114",
				"tag 113", "tag 112", "tag 111", "tag 110", "tag 011"},
			"?search=%25":               {},
			"?page=99":                  {},
			"?ordering=-id&page_size=2": {"apple", "Zebra"},
		} {
			if got := labels(w.must(200, "GET", w.tags()+query, w.Owner, nil)); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		w.refused("search", "GET", w.tags()+"?search=%00", w.Owner, nil)
		w.must(404, "GET", w.tags()+"?page=0", w.Owner, nil)
	})
}

func TestTagsInBulk(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		night := w.tag("Night")
		create := func(labels ...string) any {
			return at(w.must(201, "POST", w.tags()+"/bulk", w.Owner, map[string]any{"labels": labels}), "created")
		}
		if got := create("day", "Day", "NIGHT", `q"u'o\te`, "<b>"); got != 3.0 {
			t.Errorf("created %v, want 3", got)
		}
		if got := create("day", "night"); got != 0.0 {
			t.Errorf("created %v again", got)
		}
		if got := labels(w.must(200, "GET", w.tags(), w.Owner, nil)); !slices.Equal(got,
			[]string{"<b>", "day", "Night", `q"u'o\te`}) {
			t.Errorf("labels: %q", got)
		}
		w.refused("labels", "POST", w.tags()+"/bulk", w.Owner, map[string]any{})
		w.refused("labels", "POST", w.tags()+"/bulk", w.Owner, map[string]any{"labels": "day"})
		w.refused("labels", "POST", w.tags()+"/bulk", w.Owner, map[string]any{"labels": []string{"fine", ""}})
		w.refused("labels", "POST", w.tags()+"/bulk", w.Owner, map[string]any{"labels": []string{strings.Repeat("x", 256)}})

		a, b, c := w.tag("a"), w.tag("b"), w.tag("c")
		deleted := func(query string, body any) any {
			return at(w.must(200, "DELETE", w.tags()+"/bulk"+query, w.Owner, body), "deleted")
		}
		if got := deleted(fmt.Sprintf("?ids=%d&ids=%d", a, b), nil); got != 2.0 {
			t.Errorf("repeated: %v", got)
		}
		if got := deleted(fmt.Sprintf("?ids=%d%%2C%d,999", b, c), nil); got != 1.0 {
			t.Errorf("commas: %v", got)
		}
		if got := deleted("", map[string]any{"ids": []int64{night}}); got != 1.0 {
			t.Errorf("body: %v", got)
		}
		if got := deleted("", map[string]any{"ids": []int64{}}); got != 0.0 {
			t.Errorf("an empty list: %v", got)
		}
		w.refused("ids", "DELETE", w.tags()+"/bulk", w.Owner, nil)
		w.refused("ids", "DELETE", w.tags()+"/bulk?ids=1,x", w.Owner, nil)
		w.refused("ids", "DELETE", w.tags()+"/bulk?ids=0", w.Owner, nil)
	})
}

func TestTagAssignments(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		red, blue := w.tag("red"), w.tag("blue")
		a, b, c := w.Person("AN"), w.Person("AN"), w.Person("RE")
		assign := func(query string, body map[string]any) any {
			t.Helper()
			return at(w.must(200, "POST", w.tags()+"/assignments"+query, w.Owner, body), "assigned")
		}
		check := func(what string, got, want any, reds, blues []int64) {
			t.Helper()
			if got != want || !slices.Equal(w.tagged(red), reds) || !slices.Equal(w.tagged(blue), blues) {
				t.Errorf("%s: assigned %v, red %v, blue %v; want %v %v %v", what, got, w.tagged(red), w.tagged(blue),
					want, reds, blues)
			}
		}
		none := []int64{}
		check("named", assign("", map[string]any{"all": false, "included": []int64{a, b, 999}, "tags": []int64{red}}),
			2.0, []int64{a, b}, none)
		check("again", assign("", map[string]any{"all": false, "included": []int64{a}, "tags": []int64{red}}), 1.0,
			[]int64{a, b}, none)
		check("nobody", assign("", map[string]any{"all": false, "tags": []int64{blue}}), 0.0, []int64{a, b}, none)
		// the same name twice: the red ones get blue
		check("by tag", assign(fmt.Sprintf("?tags=%d", red), map[string]any{"all": true, "excluded": []int64{b},
			"tags": []int64{blue}}), 1.0, []int64{a, b}, []int64{a})
		check("instead", assign(fmt.Sprintf("?tags=%d", red), map[string]any{"all": true, "tags": []int64{blue},
			"overwrite": true}), 2.0, none, []int64{a, b})
		check("no tags", assign("", map[string]any{"all": true}), 0.0, none, []int64{a, b})
		check("by role", assign("?role=RE", map[string]any{"all": true, "tags": []int64{red, blue}}), 1.0, []int64{c},
			[]int64{a, b, c})
		// what the SDK sends when somebody mixes the two up: the filter has no effect on a named person
		answer := w.send("POST", fmt.Sprintf("%s/assignments?tags=%d", w.tags(), red), w.Owner,
			map[string]any{"all": false, "included": []int64{a}, "overwrite": true})
		if answer.Header().Get("Roster-Ignored") != "tags" {
			t.Errorf("ignored: %q", answer.Header().Get("Roster-Ignored"))
		}
		check("cleared", 1.0, 1.0, []int64{c}, []int64{b, c})
		if got := at(w.must(200, "GET", fmt.Sprintf("%s/%d", w.tags(), blue), w.Owner, nil), "member_count"); got != 2.0 {
			t.Errorf("member_count: %v", got)
		}
		w.must(204, "DELETE", fmt.Sprintf("%s/%d", w.tags(), blue), w.Owner, nil)
		check("deleted", 0.0, 0.0, []int64{c}, none)
	})
}

// What the list shows with a filter is whom an assignment with it is about.
func TestTagAssignmentsFollowTheList(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project, space := w.Project("Signs", 0), w.Workspace("Vision")
		people := w.roles()
		flex := w.PersonNamed(roster.NewUser{Email: "flex@example.com", FirstName: "Félix", Role: "AN",
			UserType: roster.SeatFlex})
		gone := w.Person("AN")
		w.must(204, "DELETE", fmt.Sprintf("/api/organizations/%d/memberships/%d", w.Org, gone), w.Owner, nil)
		w.Assign(project, people["AN"], people["RE"])
		old := w.tag("old")
		w.must(200, "POST", w.tags()+"/assignments", w.Owner,
			map[string]any{"all": false, "included": []int64{flex, people["MA"]}, "tags": []int64{old}})
		for i, query := range []string{
			"", "role=AN,DI", "user_type=flex", "search=F%C3%89LIX", fmt.Sprintf("tags=%d", old), "is_deleted=true",
			fmt.Sprintf("exclude_project_id=%d", project),
			fmt.Sprintf("exclude_workspace_id=%d&role=MA", space), "user__last_activity__gte=2020-01-01",
		} {
			fresh := w.tag(fmt.Sprint("fresh ", i))
			list := listed(t, w.must(200, "GET", fmt.Sprintf("/api/organizations/%d/memberships?ordering=id&%s", w.Org,
				query), w.Owner, nil))
			assigned := at(w.must(200, "POST", w.tags()+"/assignments?"+query, w.Owner,
				map[string]any{"all": true, "tags": []int64{fresh}}), "assigned")
			if len(list) == 0 || assigned != float64(len(list)) {
				t.Errorf("%q: %d listed, %v assigned", query, len(list), assigned)
			}
			want := slices.DeleteFunc(list, func(id int64) bool { return id == gone })
			if got := w.tagged(fresh); !slices.Equal(got, want) {
				t.Errorf("%q: %v have the tag, want %v", query, got, want)
			}
			if got := at(w.must(200, "GET", fmt.Sprintf("%s/%d", w.tags(), fresh), w.Owner, nil),
				"member_count"); got != float64(len(want)) {
				t.Errorf("%q: member_count %v, want %d", query, got, len(want))
			}
		}
	})
}

func TestMalformedTagAssignments(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		tag, user := w.tag("red"), w.Person("AN")
		path := w.tags() + "/assignments"
		good := func(more map[string]any) map[string]any {
			body := map[string]any{"all": true, "tags": []int64{tag}}
			for name, value := range more {
				body[name] = value
			}
			return body
		}
		w.refused("all", "POST", path, w.Owner, map[string]any{"included": []int64{user}, "tags": []int64{tag}})
		w.refused("all", "POST", path, w.Owner, nil)
		w.refused("all", "POST", path, w.Owner, good(map[string]any{"all": "perhaps"}))
		w.refused("included", "POST", path, w.Owner, good(map[string]any{"included": []int64{user}}))
		w.refused("excluded", "POST", path, w.Owner, good(map[string]any{"excluded": []any{"x"}}))
		w.refused("tags", "POST", path, w.Owner, good(map[string]any{"tags": []int64{tag, 999}}))
		w.refused("tags", "POST", path, w.Owner, good(map[string]any{"tags": []int64{0}}))
		w.refused("overwrite", "POST", path, w.Owner, good(map[string]any{"overwrite": "often"}))
		w.refused("role", "POST", path+"?role=XX", w.Owner, good(nil))
		// the project's name for it
		w.refused("last_activity__gte", "POST", path+"?last_activity__gte=2026-01-01", w.Owner, good(nil))
		w.refused("exclude_project_id", "POST", path+"?exclude_project_id=999", w.Owner, good(nil))
		w.refused("non_field_errors", "POST", path, w.Owner, "[1]")
		if got := w.tagged(tag); len(got) != 0 {
			t.Errorf("a refused assignment tagged %v", got)
		}
	})
}

func TestWhoMayTag(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		tag := w.tag("red")
		one := fmt.Sprintf("%s/%d", w.tags(), tag)
		read := map[roster.Role]int{"OW": 200, "AD": 200, "MA": 200, "RE": 403, "AN": 403, "VO": 403, "NO": 401, "DI": 401}
		w.statuses(people, read, "GET", w.tags(), nil)
		w.statuses(people, read, "GET", one, nil)
		write := map[roster.Role]int{"MA": 403, "RE": 403, "AN": 403, "VO": 403, "NO": 401, "DI": 401}
		delete(people, "OW")
		admin := people["AD"]
		delete(people, "AD")
		w.statuses(people, write, "POST", w.tags(), map[string]any{"label": "blue"})
		w.statuses(people, write, "PATCH", one, map[string]any{"label": "blue"})
		w.statuses(people, write, "DELETE", one, nil)
		w.statuses(people, write, "POST", w.tags()+"/bulk", map[string]any{"labels": []string{"blue"}})
		w.statuses(people, write, "DELETE", fmt.Sprintf("%s/bulk?ids=%d", w.tags(), tag), nil)
		w.statuses(people, write, "POST", w.tags()+"/assignments", map[string]any{"all": true, "tags": []int64{tag}})
		if got := w.must(200, "GET", w.tags(), w.Owner, nil); at(got, "count") != 1.0 ||
			at(got, "results", 0, "member_count") != 0.0 || at(got, "results", 0, "label") != "red" {
			t.Errorf("something was done: %v", got)
		}
		w.must(200, "POST", w.tags()+"/assignments", admin, map[string]any{"all": true, "tags": []int64{tag}})
		w.must(204, "DELETE", one, admin, nil)
	})
}
