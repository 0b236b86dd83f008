package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestActionsMakeLittleOfLittle: what an action writes into every task is short, and does
// not grow by what is there.
func TestActionsMakeLittleOfLittle(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("b", 10_000)
	field := func(kind, value string) map[string]any {
		return map[string]any{"value_name": "t", "value_type": kind, "value": value}
	}
	for name, c := range map[string]struct {
		action string
		body   map[string]any
		status int
	}{
		"much of little":  {"add_data_field", field("Expression", `replace("a","`+long+`")`), 400},
		"twice as much":   {"add_data_field", field("Expression", `replace("a","aa")`), 400},
		"more bytes":      {"add_data_field", field("Expression", `replace('a','é')`), 400},
		"escaped":         {"add_data_field", field("Expression", `replace("aaaaaaa","\u0062")`), 400},
		"between all":     {"add_data_field", field("Expression", `replace("","a")`), 400},
		"in a list":       {"add_data_field", field("Expression", `replace(["aaaaaa"],"a")`), 400},
		"three":           {"add_data_field", field("Expression", `replace("aaaaaaaaa","a","b")`), 400},
		"as much":         {"add_data_field", field("Expression", `replace("http", 'file')`), 200},
		"less":            {"add_data_field", field("Expression", `replace("a","")`), 200},
		"a random number": {"add_data_field", field("Expression", `random(1, 2)`), 200},
		"one of several":  {"add_data_field", field("Expression", `choices(["x", "y"], [1, 2])`), 200},
		"the word itself": {"add_data_field", field("String", `replace("a","aa")`), 200},
		"a long text":     {"add_data_field", field("String", long), 400},
		"a long name": {"add_data_field", map[string]any{"value_name": long, "value_type": "Number",
			"value": 1}, 400},
		"a long list": {"add_data_field", map[string]any{"value_name": "t", "value_type": "String",
			"value": strings.Split(long, "")}, 400},
		"a long label": {"rename_labels", map[string]any{"control_tag": "c", "old_label_name": "a",
			"new_label_name": long}, 400},
		"a longer label": {"rename_labels", map[string]any{"control_tag": "c", "old_label_name": "a",
			"new_label_name": long[:200]}, 400},
		"a label": {"rename_labels", map[string]any{"control_tag": "c", "old_label_name": "a",
			"new_label_name": "bb"}, 200},
		"many tasks, one by one": {
			"cache_labels", map[string]any{"selectedItems": map[string]any{"all": false, "included": make([]int, 5000)}}, 200},
		"an annotation": {"propagate_annotations", map[string]any{"source_annotation_id": 101}, 200},
		"no annotation": {"propagate_annotations",
			map[string]any{"selectedItems": map[string]any{"all": true}}, 400},
		"another's, and not at hand": {"propagate_annotations", map[string]any{"source_annotation_id": 201}, 404},
	} {
		raw, err := json.Marshal(c.body)
		ok(t, err)
		w.fake.taken()
		got := w.send("mia", "POST", "/api/dm/actions/?project=1&id="+c.action, string(raw))
		if got.status != c.status || (got.status == 200) != (len(w.fake.taken()) == 1) {
			t.Errorf("%s: %d %.200s", name, got.status, got.body)
		}
		if got := w.send("owner", "POST", "/api/dm/actions/?project=1&id="+c.action, string(raw)); c.status == 400 &&
			got.status != 200 {
			t.Errorf("%s, the Owner: %d %.200s", name, got.status, got.body)
		}
	}
	if got := w.send("mia", "POST", "/api/labels/bulk?project=1", `{"old_label":"a","new_label":"`+long+
		`"}`); got.status != 400 {
		t.Errorf("a label everywhere: %d %s", got.status, got.body)
	}
}

// TestLargeAnnotationsAreNotCopied: one annotation, in as many tasks as a project has.
func TestLargeAnnotationsAreNotCopied(t *testing.T) {
	w := newWorld(t)
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/annotations/101") {
			return false
		}
		json.NewEncoder(rw).Encode(map[string]any{"id": 101, "task": 11, "project": 1, "completed_by": 2,
			"result": []any{strings.Repeat("x", 200<<10)}})
		return true
	})
	got := w.send("mia", "POST", "/api/dm/actions/?project=1&id=propagate_annotations", `{"source_annotation_id":"101"}`)
	if got.status != 400 || !strings.Contains(got.body, "source_annotation_id") || len(w.fake.taken()) > 0 {
		t.Error(got)
	}
}

// TestActionsSayOnWhich: an action that says nothing is taken for all tasks. It comes of a body
// that got lost, as that of a chunked request of HTTP/1.0 does.
func TestActionsSayOnWhich(t *testing.T) {
	w := newWorld(t)
	for _, who := range []string{"owner", "adm", "mia"} {
		for _, action := range []string{"delete_tasks", "remove_duplicates", "delete_tasks_annotations", "cache_labels"} {
			for _, body := range []string{"", "{}", `{"project":1}`} {
				w.fake.taken()
				got := w.send(who, "POST", "/api/dm/actions/?project=1&id="+action, body)
				if got.status != 400 || !strings.Contains(got.body, "selectedItems") || len(w.fake.taken()) > 0 {
					t.Errorf("%s, %s %q: %d %s", who, action, body, got.status, got.body)
				}
			}
		}
		if got := w.send(who, "POST", "/api/dm/actions/?project=1&id=next_task", "{}"); got.status != 200 {
			t.Errorf("%s, the next task: %d %s", who, got.status, got.body)
		}
	}
}
