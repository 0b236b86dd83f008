package lsapi_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roster"
)

// imported puts tasks into a project.
func (w *wire) imported(project int64, n int) []int64 {
	w.T.Helper()
	items := make([]map[string]any, n)
	for i := range items {
		items[i] = map[string]any{"n": i}
	}
	done := w.must(http.StatusCreated, "POST", fmt.Sprintf("/api/projects/%d/import?return_task_ids=true", project),
		w.Owner, items)
	var ids []int64
	for i := range n {
		ids = append(ids, number(at(done, "task_ids", i)))
	}
	return ids
}

func TestTasks(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p, annotator, stranger := w.Project("Street signs", 0), w.Person(roster.RoleAnnotator), w.Person(roster.RoleManager)
		w.Assign(p, annotator)
		made := w.must(http.StatusCreated, "POST", "/api/tasks/", w.Owner,
			map[string]any{"project": p, "data": map[string]any{"text": "Ångström 李"}})
		path := fmt.Sprintf("/api/tasks/%d/", number(at(made, "id")))
		got := w.must(http.StatusOK, "GET", path, annotator, nil)
		if at(got, "data", "text") != "Ångström 李" || number(at(got, "project")) != p || at(got, "created_at") == nil {
			t.Errorf("%v", got)
		}
		w.refused("project", "POST", "/api/tasks/", w.Owner, map[string]any{"data": map[string]any{}})
		w.refused("project", "POST", "/api/tasks/", w.Owner, map[string]any{"project": 9999, "data": map[string]any{}})
		w.refused("project", "POST", "/api/tasks/", stranger, map[string]any{"project": p, "data": map[string]any{}})
		for _, data := range []any{nil, "text", []int{1}} {
			w.refused("data", "POST", "/api/tasks/", w.Owner, map[string]any{"project": p, "data": data})
		}
		w.must(http.StatusForbidden, "POST", "/api/tasks/", annotator, map[string]any{"project": p, "data": map[string]any{}})
		w.must(http.StatusForbidden, "DELETE", path, annotator, nil)
		w.must(http.StatusNotFound, "GET", path, stranger, nil)
		w.must(http.StatusNoContent, "DELETE", path, w.Owner, nil)
		w.must(http.StatusNotFound, "GET", path, w.Owner, nil)
	})
}

func TestImport(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p := w.Project("Street signs", 0)
		path := fmt.Sprintf("/api/projects/%d/import", p)
		done := w.must(http.StatusCreated, "POST", path, w.Owner,
			`[{"text": "a"}, {"data": {"text": "b"}, "meta": {}}, {"data": "c"}]`)
		if at(done, "task_count") != 3.0 || at(done, "task_ids") != nil {
			t.Fatalf("%v", done)
		}
		if one := w.must(http.StatusCreated, "POST", path+"/", w.Owner, `{"text": "d"}`); at(one, "task_count") != 1.0 {
			t.Fatalf("%v", one)
		}
		page := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/tasks?project=%d&page_size=3", p), w.Owner, nil)
		if at(page, "total") != 4.0 || at(page, "tasks", 0, "data", "text") != "a" ||
			at(page, "tasks", 1, "data", "text") != "b" ||
			at(page, "tasks", 2, "data", "data") != "c" || at(page, "tasks", 3) != nil {
			t.Errorf("%v", page)
		}
		if last := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/tasks?project=%d&page_size=3&page=2", p), w.Owner,
			nil); at(last, "tasks", 0, "data", "text") != "d" {
			t.Errorf("%v", last)
		}
		for body, message := range map[string]string{
			`[{"a": 1}, 7]`: "Item 1 ", `[[]]`: "Item 0 ", `null`: "Item 0 ", `"text"`: "Item 0 ", `[]`: "no tasks",
			`{`: "not valid JSON", "": "not valid JSON",
			`{"a": "\u0000"}`: "Null", "{\"a\": \"\xff\"}": "UTF-8", `{"a": 1} {"b": 2}`: "not valid JSON",
		} {
			refused := w.must(http.StatusBadRequest, "POST", path, w.Owner, body)
			if got := fmt.Sprint(at(refused, "validation_errors", "non_field_errors")); !strings.Contains(got, message) {
				t.Errorf("%s: %v", body, refused)
			}
		}
		w.must(http.StatusRequestEntityTooLarge, "POST", path, w.Owner, `[{"a": "`+strings.Repeat("x", 8<<20)+`"}]`)
		w.refused("project", "GET", "/api/tasks/", w.Owner, nil)
		if after := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/tasks?project=%d", p), w.Owner, nil); at(after,
			"total") != 4.0 {
			t.Errorf("something was imported: %v", at(after, "total"))
		}
	})
}

func TestBulkAssignees(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p := w.Project("Street signs", 0)
		a, b, stranger := w.Person(roster.RoleAnnotator), w.Person(roster.RoleReviewer), w.Person(roster.RoleAnnotator)
		w.Assign(p, a, b)
		ids := w.imported(p, 4)
		path := fmt.Sprintf("/api/projects/%d/tasks/assignees", p)
		body := func(selected any, filters any) map[string]any {
			return map[string]any{"type": "AN", "users": []int64{a, b}, "selectedItems": selected, "filters": filters}
		}
		filter := func(item map[string]any) map[string]any {
			return map[string]any{"conjunction": "and", "items": []any{item}}
		}
		byID := func(operator string, value any) map[string]any {
			return filter(map[string]any{"filter": "filter:tasks:id", "operator": operator, "type": "Number", "value": value})
		}
		for _, c := range []struct {
			body  map[string]any
			made  int
			tasks []int64
		}{
			{body(map[string]any{"all": false, "included": ids[:2]}, nil), 4, ids[:2]},
			{body(map[string]any{"all": false, "included": ids[:2]}, nil), 0, ids[:2]},
			{body(map[string]any{"all": false}, nil), 0, []int64{}},
			{body(map[string]any{"all": true}, byID("in_list", []int64{ids[2]})), 2, ids[2:3]},
			{body(map[string]any{"all": true}, byID("in_list", fmt.Sprintf("%d, %d", ids[1], ids[2]))), 0, ids[1:3]},
			{body(map[string]any{"all": true, "excluded": ids[:1]}, byID("greater_or_equal", ids[3])), 2, ids[3:]},
			{body(map[string]any{"all": true}, map[string]any{"conjunction": "or", "items": []any{}}), 0, ids},
		} {
			got := w.must(http.StatusCreated, "POST", path, w.Owner, c.body)
			tasks := []int64{}
			for i := 0; at(got, "task_ids", i) != nil; i++ {
				tasks = append(tasks, number(at(got, "task_ids", i)))
			}
			if at(got, "assignments") != float64(c.made) || at(got, "async") != false || !slices.Equal(tasks, c.tasks) {
				t.Errorf("%v: %v, want %d of %v", c.body, got, c.made, c.tasks)
			}
		}
		everything := map[string]any{"all": true}
		for _, bad := range []map[string]any{
			filter(map[string]any{"filter": "filter:tasks:agreement", "operator": "equal", "type": "Number", "value": 1}),
			byID("contains", 1), byID("equal", "x"), byID("equal", []int{1, 2}), byID("in", 1),
			byID("in", map[string]any{"min": 1}), byID("empty", true),
			filter(map[string]any{"filter": "filter:tasks:id", "operator": "equal", "type": "Number"}),
			filter(map[string]any{"filter": "filter:tasks:id", "operator": "equal", "value": 1, "child_filters": []any{1}}),
			{"conjunction": "xor", "items": []any{}}, {"items": []any{}}, {"conjunction": "and"},
		} {
			w.must(http.StatusBadRequest, "POST", path, w.Owner, body(everything, bad))
		}
		unknown := filter(map[string]any{"filter": "filter:tasks:reviewers", "operator": "equal", "value": "x"})
		if answer := w.send("POST", path, w.Owner, body(everything, unknown)); !strings.Contains(answer.Body.String(),
			"tasks:reviewers") {
			t.Errorf("the column is not named: %s", answer.Body)
		}
		for _, selected := range []any{nil, map[string]any{}, map[string]any{"all": nil},
			map[string]any{"all": true, "included": ids}, map[string]any{"all": false, "included": []string{"x"}}, []int64{1}} {
			w.refused("selectedItems", "POST", path, w.Owner, body(selected, nil))
		}
		w.refused("users", "POST", path, w.Owner, map[string]any{"type": "AN", "users": []int64{a, stranger},
			"selectedItems": everything})
		w.refused("users", "POST", path, w.Owner, map[string]any{"type": "AN", "selectedItems": everything})
		w.refused("type", "POST", path, w.Owner, map[string]any{"type": "MA", "users": []int64{a},
			"selectedItems": everything})
		w.must(http.StatusForbidden, "POST", path, a, body(everything, nil))
		w.must(http.StatusNotFound, "POST", path, stranger, body(everything, nil))
	})
}

// What an import cannot keep it refuses, and what says nothing it passes over.
func TestAnImportLosesNothing(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		path := fmt.Sprintf("/api/projects/%d/import", w.Project("Street signs", 0))
		for item, field := range map[string]string{
			`"annotations": [{"result": []}]`: "annotations", `"predictions": [{"result": []}]`: "predictions",
			`"meta": {"from": "a"}`: "meta",
			`"overlap": 3`:          "overlap", `"total_annotations": 2`: "total_annotations",
		} {
			refused := w.must(http.StatusBadRequest, "POST", path, w.Owner,
				`[{"data": {"text": "a"}}, {"data": {"text": "b"}, `+item+`}]`)
			if got := fmt.Sprint(at(refused, "validation_errors", "non_field_errors")); !strings.Contains(got,
				"Item 1 has "+field) {
				t.Errorf("%s: %v", item, refused)
			}
		}
		done := w.must(http.StatusCreated, "POST", path, w.Owner,
			`[{"id": 7, "data": {"text": "a"}, "annotations": [], "predictions": [], "meta": null, "overlap": 1, `+
				`"total_annotations": 0}]`)
		if at(done, "task_count") != 1.0 {
			t.Errorf("%v", done)
		}
		w.refused("meta", "POST", "/api/tasks/", w.Owner, map[string]any{"project": 1, "data": map[string]any{},
			"meta": map[string]any{"from": "a"}})
	})
}

// The vendor's tutorial gives out tasks by filter:tasks:inner_id; scripts also look at
// the data, at who has a task, and at what is done.
func TestTasksAreGivenOutByWhatIsInThem(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p := w.Project("Street signs", 0)
		first, second := w.Person(roster.RoleAnnotator), w.Person(roster.RoleAnnotator)
		w.Assign(p, first, second)
		var ids []int64
		for _, data := range []any{
			map[string]any{"text": "Stop Ångström", "page": 9, "ok": true}, map[string]any{"text": "give way", "page": 10},
			map[string]any{"text": nil, "page": "10", "a.b": "x"}, map[string]any{"other": "stop"},
		} {
			ids = append(ids, number(at(w.must(http.StatusCreated, "POST", "/api/tasks/", w.Owner,
				map[string]any{"project": p, "data": data}), "id")))
		}
		path := fmt.Sprintf("/api/projects/%d/tasks/assignees", p)
		w.must(http.StatusOK, "POST", fmt.Sprintf("/api/projects/%d/tasks/%d/assignees", p, ids[1]), w.Owner,
			map[string]any{"type": "AN", "users": []int64{first}})
		for _, c := range []struct {
			column, operator, kind string
			value                  any
			want                   string
		}{
			{"inner_id", "equal", "Number", 2, "1"},
			{"inner_id", "greater", "Number", 2, "2 3"},
			{"inner_id", "in_list", "Number", []int{1, 4}, "0 3"},
			{"inner_id", "in", "Number", map[string]any{"min": 2, "max": 3}, "1 2"},
			{"inner_id", "not_in", "Number", map[string]any{"min": 2, "max": 3}, "0 3"},
			{"data.text", "contains", "String", "sTOP", "0"},
			{"data.text", "contains", "String", "ÅNGSTRÖM", "0"},
			{"data.text", "not_contains", "String", "stop", "1 2 3"},
			{"data.text", "equal", "String", "give way", "1"},
			{"data.text", "not_equal", "String", "give way", "0 2 3"},
			{"data.text", "starts_with", "String", "give", "1"},
			{"data.text", "ends_with", "String", "WAY", "1"},
			{"data.text", "in_list", "String", []string{"give way", "x"}, "1"},
			{"data.text", "empty", "String", true, "2 3"},
			{"data.text", "empty", "String", "false", "0 1"},
			{"data.text", "exists", "String", "", "0 1"},
			{"data.page", "greater", "Number", 9, "1 2"},
			{"data.page", "less_or_equal", "Number", 9.5, "0"},
			{"data.page", "equal", "String", "10", "1 2"},
			{"data.ok", "equal", "Boolean", true, "0"},
			{"data.a.b", "equal", "String", "x", "2"},
			{"completed_at", "empty", "Datetime", true, "0 1 2 3"},
			{"completed_at", "greater", "Datetime", "2026-01-01T00:00:00Z", ""},
			{"annotators", "contains", "List", first, "1"},
			{"annotators", "not_contains", "List", first, "0 2 3"},
			{"annotators", "empty", "List", true, "0 2 3"},
		} {
			got := w.must(http.StatusCreated, "POST", path, w.Owner, map[string]any{
				"type": "RE", "users": []int64{w.Owner}, "selectedItems": map[string]any{"all": true},
				"filters": map[string]any{"conjunction": "and",
					"items": []any{map[string]any{"filter": "filter:tasks:" + c.column, "operator": c.operator, "type": c.kind,
						"value": c.value}}},
			})
			var found []string
			for i := 0; at(got, "task_ids", i) != nil; i++ {
				found = append(found, fmt.Sprint(slices.Index(ids, number(at(got, "task_ids", i)))))
			}
			if strings.Join(found, " ") != c.want {
				t.Errorf("%s %s %v: %v, want %s", c.column, c.operator, c.value, found, c.want)
			}
		}
		task := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/tasks/%d/", ids[1]), w.Owner, nil)
		if number(at(task, "inner_id")) != 2 || number(at(task, "annotators", 0, "user_id")) != first ||
			at(task, "annotators_count") != 1.0 || at(task, "reviewers_count") != 1.0 {
			t.Errorf("%v", task)
		}
		if task := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/tasks/%d/", ids[1]), first, nil); at(task,
			"annotators_count") != 0.0 {
			t.Errorf("an annotator is told who has what: %v", task)
		}
	})
}

// What has numbers keeps them: the next task goes on from the largest.
func TestTasksKeepTheirNumbers(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p := w.Project("Street signs", 0)
		ids := w.imported(p, 3)
		w.must(http.StatusNoContent, "DELETE", fmt.Sprintf("/api/tasks/%d/", ids[1]), w.Owner, nil)
		ids = append(ids, w.imported(p, 1)...)
		for at, want := range map[int]int64{0: 1, 2: 3, 3: 4} {
			if task := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/tasks/%d/", ids[at]), w.Owner,
				nil); number(task.(map[string]any)["inner_id"]) != want {
				t.Errorf("%v, want %d", task, want)
			}
		}
	})
}

func TestAssigneesOfATask(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p := w.Project("Street signs", 0)
		a, b := w.Person(roster.RoleAnnotator), w.Person(roster.RoleReviewer)
		w.Assign(p, a, b)
		task := w.imported(p, 1)[0]
		path := fmt.Sprintf("/api/projects/%d/tasks/%d/assignees", p, task)
		assigned := func() string {
			var out []string
			list, _ := w.must(http.StatusOK, "GET", path, b, nil).([]any)
			for i := range list {
				out = append(out, fmt.Sprintf("%v:%d", at(list, i, "type"), number(at(list, i, "assignee"))-a))
			}
			slices.Sort(out)
			return strings.Join(out, " ")
		}
		first := w.must(http.StatusOK, "POST", path, w.Owner, map[string]any{"type": "AN", "users": []int64{a, b}})
		if number(at(first, "assignee")) != a || number(at(first, "task")) != task || at(first, "type") != "AN" ||
			at(first, "created_at") == nil || at(first, "id") == nil {
			t.Errorf("first: %v", first)
		}
		w.must(http.StatusOK, "POST", path+"/", w.Owner, map[string]any{"type": "RE", "users": []int64{b}})
		steps := []struct {
			method, query string
			body          any
			status        int
			want          string
		}{
			{"PATCH", "", map[string]any{"type": "AN", "users": []int64{b}}, 200, "AN:1 RE:1"},
			{"POST", "", map[string]any{"type": "AN", "users": []int64{a}}, 200, "AN:0 AN:1 RE:1"},
			{"DELETE", fmt.Sprintf("?type=AN&users=%d,9999", a), nil, 204, "AN:1 RE:1"},
			{"DELETE", "?users=", nil, 204, "AN:1 RE:1"},
			{"DELETE", "?type=RE", nil, 204, "AN:1"},
			{"DELETE", "", nil, 204, ""},
			{"DELETE", "", nil, 204, ""},
			{"PATCH", "", map[string]any{"type": "AN", "users": []int64{}}, 200, ""},
		}
		for _, s := range steps {
			w.must(s.status, s.method, path+s.query, w.Owner, s.body)
			if got := assigned(); got != s.want {
				t.Errorf("after %s %s %v: %q, want %q", s.method, s.query, s.body, got, s.want)
			}
		}
		w.refused("type", "POST", path, w.Owner, map[string]any{"users": []int64{a}})
		w.refused("users", "PATCH", path, w.Owner, map[string]any{"type": "AN"})
		w.refused("users", "POST", path, w.Owner, map[string]any{"type": "AN", "users": []int64{9999}})
		w.refused("user", "DELETE", path+fmt.Sprintf("?user=%d", a), w.Owner, nil)
		w.refused("type", "DELETE", path+"?type=OW", w.Owner, nil)
		w.must(http.StatusNotFound, "GET", fmt.Sprintf("/api/projects/%d/tasks/9999/assignees", p), w.Owner, nil)
		w.must(http.StatusForbidden, "GET", path, a, nil)
		w.must(http.StatusForbidden, "DELETE", path, b, nil) // both types: a reviewer takes no reviews away

		w.must(http.StatusOK, "POST", path, w.Owner, map[string]any{"type": "AN", "users": []int64{a}})
		w.must(http.StatusNoContent, "DELETE", fmt.Sprintf("/api/projects/%d/members/?user=%d", p, a), w.Owner, nil)
		if got := assigned(); got != "" {
			t.Errorf("somebody who left still has it: %q", got)
		}
	})
}

// TestTaskGoesRound: what a task is shown as can be sent back, read-only fields and
// all; and what the original lets a client write and Roster does not keep is refused by
// name, whatever is sent beside it.
func TestTaskGoesRound(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		made := w.must(http.StatusCreated, "POST", "/api/tasks/", w.Owner,
			map[string]any{"project": project, "data": map[string]any{"text": "a"}})
		path := fmt.Sprintf("/api/tasks/%d/", number(at(made, "id")))
		shown := w.must(http.StatusOK, "GET", path, w.Owner, nil)
		if back := w.must(http.StatusOK, "PATCH", path, w.Owner, shown); !reflect.DeepEqual(back, shown) {
			t.Errorf("%v became %v", shown, back)
		}
		for name, value := range map[string]any{
			"allow_skip": false, "avg_lead_time": 1.5, "cancelled_annotations": 1, "comment_count": 1,
			"completed_at": "2026-01-01T00:00:00Z", "draft_exists": true,
			"ground_truth": true, "inner_id": 99, "is_labeled": true, "last_comment_updated_at": "2026-01-01T00:00:00Z",
			"meta": map[string]any{"a": 1}, "overlap": 2,
			"precomputed_agreement": 0.5, "predictions_score": 0.5, "project": project + 1, "reviewed": true,
			"reviewed_at": "2026-01-01T00:00:00Z", "reviews_accepted": 1,
			"reviews_rejected": 1, "total_annotations": 1, "total_predictions": 1, "unresolved_comment_count": 1,
		} {
			w.refused(name, "PATCH", path, w.Owner, map[string]any{name: value, "data": map[string]any{"text": "b"}})
		}
		if after := w.must(http.StatusOK, "GET", path, w.Owner, nil); !reflect.DeepEqual(after, shown) {
			t.Errorf("%v became %v", shown, after)
		}
	})
}
