package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"roster/internal/store/storetest"
	"strings"
	"testing"
)

// condition is a filter as the upstream's screens write it.
func condition(column, operator, value string) string {
	return fmt.Sprintf(`{"filter":"filter:tasks:%s","operator":%q,"type":"String","value":%s}`, column, operator, value)
}

// within is a condition with another within it.
func within(outer, inner string) string {
	return strings.TrimSuffix(outer, "}") + `,"child_filter":` + inner + "}"
}

// filtered is a question with some filters.
func filtered(conjunction string, conditions ...string) string {
	return fmt.Sprintf(`{"filters":{"conjunction":%q,"items":[%s]},"ordering":[]}`, conjunction,
		strings.Join(conditions, ","))
}

// repeated is a condition many times, its value counted.
func repeated(n int, column, operator string) (all []string) {
	for i := range n {
		all = append(all, condition(column, operator, fmt.Sprintf(`"%d"`, i)))
	}
	return all
}

// way is one by which a question reaches the upstream.
type way struct{ method, target, body string }

// ways are all of them; tab 401 asks the same where it is used.
func (w *world) ways(question string) map[string]way {
	w.tabAsks(question)
	query := url.QueryEscape(strings.ReplaceAll(question, "%", "%25"))
	return map[string]way{
		"the list":             {"GET", "/api/tasks/?project=1&query=" + query, ""},
		"the next task":        {"GET", "/api/projects/1/next/?query=" + query, ""},
		"the next, by action":  {"POST", "/api/dm/actions/?id=next_task&project=1", question},
		"an action's address":  {"POST", "/api/dm/actions/?id=next_task&project=1&query=" + query, `{}`},
		"a new tab":            {"POST", "/api/dm/views/", `{"project":1,"data":` + question + `}`},
		"a new tab, as stored": {"POST", "/api/dm/views/", `{"project":1,"data":{},"filter_group":` + stored(question) + `}`},
		"a change of a tab":    {"PATCH", "/api/dm/views/401/", `{"data":` + question + `}`},
		"a tab that is used":   {"GET", "/api/tasks/?view=401", ""},
		"the next of a tab":    {"GET", "/api/projects/1/next/?view=401", ""},
		"a tab of an action":   {"POST", "/api/dm/actions/?id=next_task&project=1", `{"view":401}`},
	}
}

// stored is the filters of a question as the upstream stores them with a tab.
func stored(question string) string {
	_, rest, _ := strings.Cut(question, `"filters":`)
	rest, _, _ = strings.Cut(rest, `,"ordering"`)
	return strings.NewReplacer(`"items"`, `"filters"`, `"filter":`, `"column":`).Replace(rest)
}

// tabAsks has the upstream's tab 401, which is Ann's, hold a question.
func (w *world) tabAsks(question string) {
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/dm/views/401/" {
			return false
		}
		writeJSON(rw, map[string]any{"id": 401, "project": 1, "user": 2, "data": json.RawMessage(question)})
		return true
	})
}

// everyWay sends a question by every way, and says what came of each. What was
// refused must not have reached the upstream, and say why.
func (w *world) everyWay(who, question string, want int, says string) {
	w.t.Helper()
	for name, c := range w.ways(question) {
		w.fake.taken()
		got := w.send(who, c.method, c.target, c.body)
		reached := len(w.fake.taken())
		if got.status != want || (want == 200) != (reached == 1) || !strings.Contains(got.body, says) {
			w.t.Errorf("%s, by %s, of %.200s: %d %.300s; reached %d times", who, name, question, got.status, got.body, reached)
		}
	}
}

// TestRegexes: a pattern that Python tries in many ways holds the upstream for
// everybody, by whichever way it comes. What stands for one character each is
// as quick as any other filter.
func TestRegexes(t *testing.T) {
	w := newWorld(t)
	for _, pattern := range []string{
		`(a+)+$`, `(a|a)(a|a)b`, `.*.*.*x`, `a{1,99}`, `[[:alpha:]]`, `(?i)a`, `a?`, `\1`, `[^](a+)+]`, `\p{L}`, `x\`,
		strings.Repeat("a", 201),
	} {
		raw, _ := json.Marshal(pattern)
		w.everyWay("ann", filtered("and", condition("data.text", "regex", string(raw))), 400, "hold up Label Studio")
	}
	w.everyWay("mia", filtered("or", condition("data.text", "contains", `"x"`),
		condition("data.text", "regex", `"(a+)+$"`)), 400, "hold up Label Studio")
	for _, pattern := range []string{`^bird$`, `cat|dog`, `[a-f0-9]\d\.png`, `[^.]\*`, `größe`, `a.c`} {
		raw, _ := json.Marshal(pattern)
		w.everyWay("ann", filtered("and", condition("data.text", "regex", string(raw))), 200, "")
	}
}

// TestRegexByAColumn: the upstream takes data.regex for a pattern to look for in
// all of the data, whatever the operator says.
func TestRegexByAColumn(t *testing.T) {
	w := newWorld(t)
	for _, column := range []string{"data.regex", "data.iregex", "data.text__regex", "data.xdata.regex"} {
		for _, who := range []string{"ann", "mia"} {
			w.everyWay(who, filtered("and", condition(column, "equal", `"(a+)+$"`)), 400, "not chosen")
		}
	}
	w.everyWay("ann", filtered("and", condition("data.regexes", "equal", `"x"`),
		condition("data.user__name", "equal", `"x"`)), 200, "")
}

// TestHiddenColumns: what an annotator may not see, no filter, no order and no
// tab tells; only what the list of tasks shows is asked for by anybody.
func TestHiddenColumns(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	for column, reviewers := range map[string]int{
		"annotations__completed_by": 400, "updated_by__active_organization": 400, "annotations__result": 400,
		"file_upload__user": 400, "is_labeled": 400, "pk": 400,
		"annotators": 200, "annotations_ids": 200, "annotations_results": 200, "updated_by": 200, "avg_lead_time": 200,
		"draft_exists": 200,
	} {
		for _, question := range []string{
			filtered("and", condition(column, "contains", `"3"`)),
			filtered("or", within(condition("id", "equal", "1"), condition(column, "contains", "3"))),
			filtered("or", condition("id", "equal", "1"), condition(column, "not_contains", "3")),
		} {
			w.everyWay("ann", question, 403, "Only reviewers")
			w.everyWay("mia", question, reviewers, "")
		}
		for _, sign := range []string{"", "-"} {
			got := w.get("ann", "/api/tasks/?project=1&query="+url.QueryEscape(`{"ordering":["tasks:id","`+sign+`tasks:`+
				column+`"]}`))
			if reached := w.fake.taken(); got.status != 403 || len(reached) > 0 {
				t.Errorf("order by %s%s: %d %s", sign, column, got.status, got.body)
			}
		}
	}
	// it asks for annotations
	w.everyWay("ann", filtered("and", condition("predictions_results", "empty", "true")), 403, "Only reviewers")
}

// TestOneselfAmongAnnotators: who annotated is no secret about oneself.
func TestOneselfAmongAnnotators(t *testing.T) {
	w := newWorld(t)
	for value, want := range map[string]int{"2": 200, `"2"`: 200, "3": 403, "2.0": 403, "true": 403, "[2]": 403,
		`"02"`: 403, "null": 403} {
		says := ""
		if want == 403 {
			says = "yourself"
		}
		w.everyWay("ann", filtered("and", condition("annotators", "not_contains", value)), want, says)
	}
	w.everyWay("ann", filtered("and", condition("annotators", "empty", "2")), 403, "yourself")
}

// TestTabOfSomebodyElse: what a manager's tab asks, an annotator does not get to
// know by it; she is told what is wrong with it, and managers go on using it.
func TestTabOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.tabAsks(filtered("and", condition("annotators", "contains", "3")))
	for who, want := range map[string]int{"ann": 403, "vic": 403, "rev": 200, "mia": 200} {
		got := w.get(who, "/api/tasks/?view=401")
		if got.status != want || (want == 403 && !strings.Contains(got.body, "It is this tab that asks so")) {
			t.Errorf("%s: %d %s", who, got.status, got.body)
		}
	}
	if got := w.get("ann", "/api/dm/views/?project=1"); got.status != 200 {
		t.Error("her screen lists it all the same:", got)
	}
	w.fake.taken()
	w.tabAsks(filtered("and", condition("data.text", "regex", `"(a+)+$"`)))
	for _, view := range []string{`401`, `"401"`} {
		got := w.send("mia", "POST", "/api/projects/1/exports/", `{"title":"x","task_filter_options":{"view":`+view+`}}`)
		if got.status != 400 || !strings.Contains(got.body, "hold up") {
			t.Error("an export of it:", got)
		}
	}
	for _, body := range []string{`{"view":401,"task_filter_options":{}}`, `{"task_filter_options":{"view":401}}`,
		`[{"view":401}]`} {
		if got := w.send("mia", "POST", "/api/dm/actions/?id=next_task&project=1", body); got.status != 400 {
			t.Errorf("an action with %s: %d %s", body, got.status, got.body)
		}
	}
	for body, want := range map[string]int{
		`{"task_filter_options":{"view":402}}`: 404, `{"task_filter_options":{"view":"4 01"}}`: 400,
		`{"task_filter_options":[401]}`: 200,
		`{"task_filter_options":null}`:  200, `{"task_filter_options":{"skipped":"only"}}`: 200, `{}`: 200,
	} {
		if got := w.send("mia", "POST", "/api/projects/1/exports/", body); got.status != want {
			t.Errorf("an export with %s: %d %s", body, got.status, got.body)
		}
	}
}

// TestLargeQuestions: a question has a size, by whichever way it comes, and what
// screens and scripts send is far below it.
func TestLargeQuestions(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	long := strings.Repeat("a", 4001)
	one := condition("id", "equal", "1")
	nested := within(one, within(one, one))
	for name, question := range map[string]string{
		"31 filters": filtered("or", repeated(31, "data.text", "contains")...),
		"values one by one": filtered("or", condition("predictions_model_versions", "contains",
			`["v`+strings.Repeat(`","v`, 29)+`"]`)),
		"a filter in one in one": filtered("or", nested),
		"joins that multiply":    filtered("and", repeated(3, "annotators", "contains")...),
		"joins of several columns": filtered("and", append(repeated(2, "annotators", "contains"),
			condition("predictions_model_versions", "contains", `["v1"]`))...),
		"a long value":           filtered("and", condition("data.text", "contains", `"`+long+`"`)),
		"a long value in a list": filtered("and", condition("data.text", "in_list", `["`+long+`"]`)),
		"values of values":       filtered("and", condition("data.text", "in_list", `[["x"]]`)),
		"a range of objects":     filtered("and", condition("id", "in", `{"min":{},"max":1}`)),
		"an unknown operator":    filtered("and", condition("id", "sounds_like", "1")),
		"no operator":            filtered("and", `{"filter":"filter:tasks:id","type":"Number","value":1}`),
		"an unknown field":       filtered("and", strings.Replace(one, `"type"`, `"child_filters":[],"type"`, 1)),
		"an unknown conjunction": filtered("xor", one),
		"another table":          filtered("and", strings.Replace(one, "filter:tasks:", "filter:annotations:", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, fake: w.fake, db: w.db, app: w.app, srv: w.srv}
			w.everyWay("mia", question, 400, "Nothing was done")
		})
	}
	w.everyWay("mia", filtered("or", repeated(30, "annotators", "contains")...), 200, "")
	w.everyWay("mia", filtered("and", append(repeated(2, "annotators", "contains"),
		repeated(9, "annotators", "not_contains")...)...), 200, "")
	w.everyWay("ann", filtered("and", condition("id", "in", `{"min":1,"max":7}`), condition("id", "in_list", `[1,2]`),
		condition("completed_at", "empty", "false")), 200, "")
}

// TestLargeSelections: thousands of tasks can be picked one by one, and not more
// than the upstream bears.
func TestLargeSelections(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	picked := func(n int) string { return strings.Repeat("1234567,", n-1) + "1234567" }
	for body, want := range map[string]int{
		`{"selectedItems":{"all":false,"included":[` + picked(10_000) + `]}}`:       200,
		`{"selectedItems":{"all":true,"excluded":[` + picked(20_000) + `]}}`:        200,
		`{"selectedItems":{"all":false,"included":[` + picked(20_001) + `]}}`:       400,
		`{"selectedItems":"{\"all\":false,\"included\":[` + picked(20_001) + `]}"}`: 400,
		`{"selectedItems":"{\"all\":true,\"excluded\":[]}"}`:                        200,
		`{"selectedItems":"{"}`: 400,
		`{"selectedItems":[1]}`: 400,
		`{"ordering":["tasks:id"` + strings.Repeat(`,"tasks:id"`, 10) + `]}`: 400,
		`{"ordering":"tasks:id"}`: 400,
		filtered("and", condition("id", "in_list", "["+picked(10_000)+"]")): 200,
		filtered("and", condition("id", "in_list", "["+picked(10_001)+"]")): 400,
		`{"pad":"` + strings.Repeat("x", 1<<20) + `"}`:                      413,
	} {
		for _, action := range []string{"next_task", "delete_tasks", "retrieve_tasks_predictions"} {
			if got := w.send("mia", "POST", "/api/dm/actions/?project=1&id="+action, body); got.status != want {
				t.Errorf("%s of %.60s (%d bytes): %d %.300s", action, body, len(body), got.status, got.body)
			}
		}
	}
}

// TestAnswersOfLargeProjects: contains on annotations_results costs the upstream
// every task times every annotation.
func TestAnswersOfLargeProjects(t *testing.T) {
	w := newWorld(t)
	for annotations, want := range map[int]int{2_000: 200, 2_001: 400} {
		w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/projects/1/" {
				return false
			}
			writeJSON(rw, map[string]any{"id": 1, "task_number": 1_000, "total_annotations_number": annotations})
			return true
		})
		for _, operator := range []string{"contains", "not_contains"} {
			got := w.get("rev", "/api/tasks/?project=1&query="+
				url.QueryEscape(filtered("and", condition("annotations_results", operator, `"Good"`))))
			if got.status != want || (want == 400 && !strings.Contains(got.body, "Use regex")) {
				t.Errorf("%s among %d: %d %s", operator, annotations, got.status, got.body)
			}
		}
	}
	if got := w.get("rev", "/api/tasks/?project=1&query="+
		url.QueryEscape(filtered("and", condition("annotations_results", "regex", `"Good"`)))); got.status != 200 {
		t.Error("by regex:", got)
	}
}

// TestScreensAskAsEver: what the upstream's screens and its SDK send goes on as
// it came.
func TestScreensAskAsEver(t *testing.T) {
	w := newWorld(t)
	for _, question := range []string{
		`{"filters":{"conjunction":"and","items":[]},"ordering":[],"hiddenColumns":{"explore":["tasks:annotations_results"],"labeling":[]},"agreement_selected":"{}"}`,
		`{"filters":null,"ordering":[],"selectedItems":{"all":true,"excluded":[]}}`,
		`{"filters":{"conjunction":"or","items":[{"filter":"filter:tasks:completed_at","operator":"in","type":"Datetime","value":{"min":"2021-11-01T00:00:00.000000Z","max":"2021-11-05T00:00:00.000000Z"}}]}}`,
		`{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:data.text","operator":"equal","value":"annotators","child_filter":null,"type":"String"}]},"ordering":["-tasks:data.text"]}`,
		`{"filters":{},"ordering":{},"selectedItems":{}}`, `{}`,
	} {
		w.tabAsks(question)
		for name, c := range map[string]way{
			"the list": {"GET", "/api/tasks/?project=1&query=" + url.QueryEscape(question), ""},
			"a tab":    {"PATCH", "/api/dm/views/401/", `{"data":` + question + `}`},
			"its use":  {"GET", "/api/tasks/?view=401&project=1", ""},
			"the next": {"POST", "/api/dm/actions/?id=next_task&project=1&tabID=401", question},
		} {
			w.fake.taken()
			got := w.send("ann", c.method, c.target, c.body)
			reached := w.fake.taken()
			if got.status != 200 || len(reached) != 1 {
				t.Errorf("%s of %s: %d %s", name, question, got.status, got.body)
				continue
			}
			if name == "the list" && reached[0].query["query"] != question || name == "the next" && reached[0].body != question {
				t.Errorf("%s arrived as %v %s", name, reached[0].query, reached[0].body)
			}
		}
	}
}
