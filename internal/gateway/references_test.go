package gateway_test

import (
	"strings"
	"testing"
)

// attempt is a request that names something.
type attempt struct {
	who, method, target, body string
	status                    int // 200: it passes
}

// try sends each, and holds the gate to its status. What is refused never reaches
// the upstream.
func (w *world) try(attempts map[string]attempt) {
	w.t.Helper()
	for name, a := range attempts {
		w.fake.taken()
		got := w.send(a.who, a.method, a.target, a.body)
		reached := len(w.fake.taken())
		if got.status != a.status || (reached > 0) != (a.status == 200) {
			w.t.Errorf("%s: %d %s, not %d; the upstream heard of it %d times", name, got.status, got.body, a.status, reached)
		}
	}
}

// TestNobodyAnswersForOthers: no field names another person, whatever the rule.
func TestNobodyAnswersForOthers(t *testing.T) {
	w := newWorld(t)
	w.try(map[string]attempt{
		"agreed to a label":        {"ann", "POST", "/api/labels/", `[{"project":1,"title":"New","approved_by":3}]`, 403},
		"agreed to it themselves":  {"ann", "POST", "/api/labels/", `[{"project":1,"title":"New","approved_by":2}]`, 200},
		"nobody agreed":            {"ann", "POST", "/api/labels/", `[{"project":1,"title":"New","approved_by":null}]`, 200},
		"made a label":             {"adm", "PATCH", "/api/labels/1401/", `{"created_by":3}`, 403},
		"a label of another house": {"adm", "PATCH", "/api/labels/1401/", `{"organization":2}`, 403},
		"a label of this one":      {"adm", "PATCH", "/api/labels/1401/", `{"organization":1,"approved_by":"7"}`, 200},
		"took a tour": {"ann", "PATCH", "/api/current-user/product-tour?name=x",
			`{"user":3,"state":"skipped"}`, 403},
		"took it themselves": {"ann", "PATCH", "/api/current-user/product-tour?name=x",
			`{"user":2,"state":"skipped"}`, 200},
		"changed a task":           {"mia", "POST", "/api/projects/1/tasks/", `{"data":{},"updated_by":3}`, 403},
		"wrote about a task":       {"mia", "POST", "/api/tasks/", `{"project":1,"data":{},"comment_authors":[4,3]}`, 403},
		"made an annotation first": {"mia", "PATCH", "/api/annotations/101/", `{"last_created_by":3}`, 403},
		"by mail":                  {"mia", "PATCH", "/api/annotations/101/", `{"completed_by":"rev@example.com"}`, 403},
		"made an export": {"mia", "POST", "/api/projects/1/exports/",
			`{"title":"x","created_by":{"email":"rev@example.com"}}`, 403},
		"an answer sent back whole": {"mia", "PATCH", "/api/projects/1/",
			`{"title":"x","created_by":{"id":1},"organization":5}`, 200},
	})
}

// TestNothingElseIsNamed: what lies deeper in a body, or has no way to be looked up.
func TestNothingElseIsNamed(t *testing.T) {
	w := newWorld(t)
	deep := strings.Repeat(`{"a":`, 20) + `{}` + strings.Repeat(`}`, 20)
	w.try(map[string]attempt{
		"a tab to export by": {"mia", "POST", "/api/projects/1/exports/",
			`{"task_filter_options":{"view":402}}`, 404},
		"one's own tab": {"mia", "POST", "/api/projects/1/exports/",
			`{"task_filter_options":{"view":401}}`, 200},
		"in a list":                {"mia", "POST", "/api/projects/1/exports/", `{"options":[1,[{"view":402}]]}`, 404},
		"a file for a task":        {"mia", "POST", "/api/projects/1/tasks/", `{"data":{},"file_upload":802}`, 404},
		"a file for a task, by id": {"mia", "POST", "/api/tasks/", `{"project":1,"data":{},"file_upload_id":802}`, 400},
		"a project for a task":     {"mia", "POST", "/api/projects/1/tasks/", `{"data":{},"project":2}`, 404},
		"no form for a task":       {"mia", "POST", "/api/projects/1/tasks/", `file_upload=802`, 400},
		"a model":                  {"mia", "POST", "/api/predictions/", `{"task":11,"result":[],"model":702}`, 404},
		"one's own model": {"mia", "POST", "/api/predictions/",
			`{"task":11,"result":[],"model":701,"model_run":null}`, 200},
		"a run of a model": {"mia", "POST", "/api/predictions/", `{"task":11,"result":[],"model_run":1}`, 400},
		"a filter of another's": {"mia", "POST", "/api/dm/views/",
			`{"project":1,"filter_group":{"filters":[{"column":"x","parent":1}]}}`, 400},
		"something new to ask by":   {"mia", "GET", "/api/projects/1/summary/?brand_new_id=2", "", 400},
		"a page's own business":     {"mia", "GET", "/projects/1/data/?utm_id=2", "", 200},
		"something new":             {"mia", "PATCH", "/api/projects/1/", `{"brand_new_id":2}`, 400},
		"something new, deeper":     {"mia", "PATCH", "/api/projects/1/", `{"brand_new":{"reviewed_by":2}}`, 400},
		"deeper than anybody reads": {"mia", "PATCH", "/api/projects/1/", `{"a":` + deep + `}`, 400},
		"deep where people write":   {"mia", "POST", "/api/tasks/", `{"project":1,"data":` + deep + `}`, 200},
		"ids that are what is shown": {"mia", "POST", "/api/tasks/",
			`{"project":1,"data":{"task":21,"project":2,"user_id":3}}`, 200},
		"tasks to act on": {"mia", "POST", "/api/dm/actions/?id=retrieve_tasks_predictions&project=1",
			`{"selectedItems":{"all":false,"included":[21]}}`, 200},
	})
}
