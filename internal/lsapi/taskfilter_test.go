package lsapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"roster"
)

// giving is a bulk assignment of all tasks of a project that conditions match.
func giving(user int64, conditions ...any) map[string]any {
	return map[string]any{
		"type": "AN", "users": []int64{user}, "selectedItems": map[string]any{"all": true},
		"filters": map[string]any{"conjunction": "and", "items": conditions},
	}
}

func asked(column, operator, kind string, value any) map[string]any {
	return map[string]any{"filter": "filter:tasks:" + column, "operator": operator, "type": kind, "value": value}
}

// TestAFilterThatIsNotUnderstoodIsRefused: it is 400, which names the condition, and
// nobody is given anything: never is it everything.
func TestAFilterThatIsNotUnderstoodIsRefused(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p, a := w.Project("Street signs", 0), w.Person(roster.RoleAnnotator)
		w.Assign(p, a)
		task := w.imported(p, 2)[0]
		path := fmt.Sprintf("/api/projects/%d/tasks/assignees", p)
		without := func(field string, item map[string]any) map[string]any {
			delete(item, field)
			return item
		}
		with := func(field string, value any, item map[string]any) map[string]any {
			item[field] = value
			return item
		}
		object, list := map[string]any{"a": 1}, []any{}
		cases := map[string]map[string]any{
			"empty without a value":      without("value", asked("data.text", "empty", "String", nil)),
			"empty of null":              asked("data.text", "empty", "String", nil),
			"empty of nothing":           asked("data.text", "empty", "String", ""),
			"empty of a list":            asked("data.text", "empty", "String", list),
			"empty of a number":          asked("annotators", "empty", "List", 2),
			"exists of false":            asked("data.text", "exists", "String", false),
			"not_exists of a text":       asked("data.text", "not_exists", "String", "stop"),
			"no type":                    without("type", asked("data.n", "less", "", 10)),
			"null type":                  with("type", nil, asked("data.n", "less", "", 10)),
			"type in small letters":      asked("data.n", "less", "number", 10),
			"type with a blank":          asked("data.n", "less", "Number ", 10),
			"a type of no kind":          asked("data.n", "less", "Integer", 10),
			"type that is a number":      with("type", 5, asked("data.n", "less", "", 10)),
			"type of another column":     asked("id", "less", "String", 10),
			"a list's type for a number": asked("inner_id", "less", "List", 10),
			"a day's type for data":      asked("data.n", "less", "Datetime", "2026-01-01"),
			"type of the annotators":     asked("annotators", "equal", "Number", a),
			"type of completed_at":       asked("completed_at", "less", "String", "2026-01-01"),
			"an object for a value":      asked("data.text", "not_equal", "String", object),
			"a list for a value":         asked("data.text", "not_equal", "String", []any{"a"}),
			"a list in a list":           asked("data.text", "not_in_list", "String", []any{[]any{"a"}}),
			"null in a list":             asked("data.text", "not_in_list", "String", []any{"a", nil}),
			"nothing in a list":          asked("data.text", "not_in_list", "String", []any{"a", ""}),
			"no list":                    asked("data.text", "not_in_list", "String", list),
			"no list of ids":             asked("id", "not_in_list", "Number", list),
			"blanks for a list of ids":   asked("id", "not_in_list", "Number", " "),
			"a comma for a list of ids":  asked("id", "not_in_list", "Number", fmt.Sprint(task, ",")),
			"nothing for a text":         asked("data.text", "contains", "String", ""),
			"blanks for a text":          asked("data.text", "not_equal", "String", "  "),
			"null for a text":            asked("data.text", "not_equal", "String", nil),
			"a truth for a number":       asked("data.n", "not_equal", "Number", true),
			"a text for a truth":         asked("data.ok", "not_equal", "Boolean", "maybe"),
			"a truth that is less":       asked("data.ok", "less", "Boolean", true),
			"part of a number":           asked("data.n", "contains", "Number", 1),
			"nan":                        asked("data.n", "not_equal", "Number", "nan"),
			"infinity":                   asked("data.n", "less", "Number", "Infinity"),
			"a number in base 16":        asked("data.n", "less", "Number", "0x1p4"),
			"a list for an end":          asked("data.n", "not_in", "Number", map[string]any{"min": list, "max": 3}),
			"a list for an end of ids":   asked("id", "in", "Number", map[string]any{"min": list, "max": 3}),
			"null for an end":            asked("id", "not_in", "Number", map[string]any{"min": nil, "max": 3}),
			"an object for an end":       asked("id", "not_in", "Number", map[string]any{"min": object, "max": 3}),
			"an end too much":            asked("id", "not_in", "Number", map[string]any{"min": 1, "max": 3, "step": 2}),
			"ends the wrong way round":   asked("id", "not_in", "Number", map[string]any{"min": 3, "max": 1}),
			"days the wrong way round": asked("completed_at", "not_in", "Datetime",
				map[string]any{"min": "2026-02-01", "max": "2026-01-01"}),
			"a field of no filter": with("child_filter", object, asked("id", "less", "Number", 1000)),
			"a misspelt field":     with("negate", true, asked("id", "less", "Number", 1000)),
		}
		for name, item := range cases {
			good := asked("id", "greater", "Number", 0)
			answer := w.send("POST", path, w.Owner, giving(a, good, item))
			if answer.Code != http.StatusBadRequest ||
				!strings.Contains(answer.Body.String(), fmt.Sprintf("items[1] %v", item["filter"])) {
				t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
			}
		}
		whole := func(name string, value any) map[string]any {
			body := giving(a, asked("id", "equal", "Number", task))
			delete(body, "filters")
			body[name] = value
			return body
		}
		filters := map[string]any{"conjunction": "and", "items": []any{asked("id", "equal", "Number", task)}}
		for name, body := range map[string]map[string]any{
			"filter for filters": whole("filter", filters),
			"a list for filters": whole("filters", []any{filters}),
			"more beside the items": whole("filters", map[string]any{
				"conjunction": "and", "items": []any{}, "filters": filters["items"],
			}),
			"exclude for excluded":    whole("selectedItems", map[string]any{"all": true, "exclude": []int64{task}}),
			"an item that is no item": whole("filters", map[string]any{"conjunction": "and", "items": []any{"id"}}),
			"null for an item":        whole("filters", map[string]any{"conjunction": "and", "items": []any{nil}}),
			"no conjunction":          whole("filters", map[string]any{"conjunction": "", "items": filters["items"]}),
		} {
			if answer := w.send("POST", path, w.Owner, body); answer.Code != http.StatusBadRequest {
				t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
			}
		}
		w.must(http.StatusBadRequest, "POST", path+"?filters=x", w.Owner, whole("async", false))
		if list := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/projects/%d/tasks/%d/assignees", p, task),
			w.Owner, nil); len(list.([]any)) != 0 {
			t.Errorf("something was given out: %v", list)
		}
	})
}

// TestWhatIsNoNumberIsNone: texts that some programs read as numbers are no numbers,
// in the data of tasks either.
func TestWhatIsNoNumberIsNone(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p, a := w.Project("Street signs", 0), w.Person(roster.RoleAnnotator)
		w.Assign(p, a)
		var ids []int64
		for _, n := range []string{
			`"nan"`, `"-inf"`, `"Infinity"`, `"0x1p-2"`, `"1_0"`, `"1e400"`, `true`, `[5]`, `5`, `"5.0"`, `"5e0"`,
			`9007199254740993`,
		} {
			task := fmt.Sprintf(`{"project": %d, "data": {"n": %s}}`, p, n)
			ids = append(ids, number(at(w.must(http.StatusCreated, "POST", "/api/tasks/", w.Owner, task), "id")))
		}
		for _, c := range []struct {
			operator string
			value    any
			want     []int
		}{
			{"less", 1, nil},
			{"greater", -1, []int{8, 9, 10, 11}},
			{"equal", 5, []int{8, 9, 10}},
			{"in_list", []any{5, 0.25}, []int{8, 9, 10}},
			{"in", map[string]any{"min": -1e300, "max": 1e300}, []int{8, 9, 10, 11}},
			{"equal", "9007199254740992", nil},
			{"in_list", "9007199254740993, 7", []int{11}},
			{"not_in", map[string]any{"min": 5, "max": 5}, []int{0, 1, 2, 3, 4, 5, 6, 7, 11}},
		} {
			got := w.must(http.StatusCreated, "POST", fmt.Sprintf("/api/projects/%d/tasks/assignees", p), w.Owner,
				giving(a, asked("data.n", c.operator, "Number", c.value)))
			var found []int
			for i := 0; at(got, "task_ids", i) != nil; i++ {
				found = append(found, slices.Index(ids, number(at(got, "task_ids", i))))
			}
			if !slices.Equal(found, c.want) {
				t.Errorf("%s %v: %v, want %v", c.operator, c.value, found, c.want)
			}
		}
	})
}

// TestManyConditions: there is a limit to them.
func TestManyConditions(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p, a := w.Project("Street signs", 0), w.Person(roster.RoleAnnotator)
		w.Assign(p, a)
		ids := w.imported(p, 3)
		path := fmt.Sprintf("/api/projects/%d/tasks/assignees", p)
		conditions := make([]any, roster.MostConditions+1)
		for i := range conditions {
			conditions[i] = asked("data.n", "greater", "Number", i%2)
		}
		got := w.must(http.StatusCreated, "POST", path, w.Owner, giving(a, conditions[1:]...))
		if number(at(got, "task_ids", 0)) != ids[2] || at(got, "assignments") != 1.0 {
			t.Error(got)
		}
		if answer := w.send("POST", path, w.Owner, giving(a, conditions...)); answer.Code != http.StatusBadRequest ||
			!strings.Contains(answer.Body.String(), "100 conditions") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
}
