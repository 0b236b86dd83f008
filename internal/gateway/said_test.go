package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// dynamic is a configuration some of whose labels are the tasks' own.
const dynamic = `<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="A"/></Choices>` +
	`<Choices name="d" toName="t" value="$own[0].labels"/><TextArea name="w" toName="t"/><Ranker name="r" toName="t"/>` +
	`<Labels name="l" toName="t"><Label value="Person" alias="P"/></Labels>` +
	`<BrushLabels name="b" toName="t"><Label value="Sky"/></BrushLabels>` +
	`<Taxonomy name="x" toName="t"><Choice value="Animal"><Choice value="Cat"/></Choice></Taxonomy>` +
	`<Choices name="n" toName="t" allowNested="true"><Choice value="Cat's"><Choice value="Tail"/></Choice></Choices>` +
	`<Repeater on="$p" indexFlag="{{i}}"><Text name="p_{{i}}" value="$p[{{i}}]"/>` +
	`<Choices name="q_{{i}}" toName="p_{{i}}"><Choice value="A"/></Choices></Repeater></View>`

// labeled is project 1 with a configuration, what was counted of it, and task 11 with labels of
// its own. asked are the paths of what the gate asks about.
func (f *fake) labeled(config string, counted map[string]any, asked map[string]int) {
	f.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		switch strings.Trim(r.URL.Path, "/") {
		case "api/projects/1":
			o := project(1)
			o["label_config"] = config
			writeJSON(rw, o)
		case "api/projects/1/summary":
			writeJSON(rw, counted)
		case "api/tasks":
			if !strings.Contains(r.URL.Query().Get("include"), "data") {
				return false
			}
			writeJSON(rw, map[string]any{"total": 1, "tasks": []any{map[string]any{"id": 11, "project": 1,
				"data": map[string]any{"text": "A text", "own": []any{map[string]any{"labels": []any{
					map[string]any{"value": "First", "html": "<b>"}, "Second", 3}}}}}}})
		case "api/annotations/101":
			if r.Header.Get("Authorization") == "" {
				return false
			}
			o := annotation(101)
			o["result"] = []any{map[string]any{"from_name": "c", "to_name": "t", "type": "choices",
				"value": map[string]any{"choices": []any{"imported"}}}}
			writeJSON(rw, o)
		default:
			return false
		}
		asked[strings.Trim(r.URL.Path, "/")]++
		return true
	})
}

// saying is a result of a control with a value.
func saying(from, kind, value string) string {
	to := "t"
	if strings.HasPrefix(from, "q_") {
		to = "p_" + from[2:]
	}
	return fmt.Sprintf(`{"from_name":%q,"to_name":%q,"type":%q,"value":%s}`, from, to, kind, value)
}

// choosing is work with labels of a control.
func choosing(from string, labels ...string) string {
	list, _ := json.Marshal(labels)
	return working(saying(from, "choices", fmt.Sprintf(`{"choices":%s}`, list)))
}

func working(results ...string) string { return `{"result":[` + strings.Join(results, ",") + `]}` }

// manyLabels are so many, each of so many bytes.
func manyLabels(n, size int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%0*d", size, i))
	}
	return all
}

func countedLabels(field, from string, labels []string) map[string]any {
	all := map[string]any{}
	for _, l := range labels {
		all[l] = 1
	}
	return map[string]any{"created_annotations": map[string]any{}, field: map[string]any{from: all}}
}

// TestLabelsThatNothingGivesAreFew: the upstream writes all that a project ever had anew with
// each annotation.
func TestLabelsThatNothingGivesAreFew(t *testing.T) {
	const annotate, draft = "POST /api/tasks/11/annotations/", "POST /api/tasks/11/drafts"
	full := countedLabels("created_labels", "c", manyLabels(10_000, 20))
	heavy := countedLabels("created_labels_drafts", "c", manyLabels(1040, 1000))
	given, heavier := countedLabels("created_labels", "d", manyLabels(20_000, 20)),
		countedLabels("created_labels_drafts", "d", manyLabels(2080, 1000))
	for name, c := range map[string]struct {
		request string
		has     map[string]any
		body    string
		status  int
	}{
		"the configuration's": {annotate, full, choosing("c", "A"), 201},
		"by its alias":        {annotate, full, working(saying("l", "labels", `{"start":1,"end":2,"labels":["P"]}`)), 201},
		"of a brush": {
			annotate, full, working(saying("b", "brushlabels", `{"rle":[0,0,0,1,7],"brushlabels":["Sky"]}`)), 201},
		"of a taxonomy": {
			annotate, full, working(saying("x", "taxonomy", `{"taxonomy":[["Animal","Cat"],["Animal"]]}`)), 201},
		"nested": {
			annotate, full, working(saying("n", "choices", `{"choices":[["Cat's","Tail"],["Cat's"]]}`)), 201},
		"of a Repeater": {annotate, full, choosing("q_7", "A"), 201},
		"written texts": {
			annotate, full, working(saying("w", "textarea", `{"text":["as","I like"]}`)), 201},
		"ranked": {
			annotate, full, working(saying("r", "ranker", `{"ranker":{"rank":["1","2"]}}`)), 201},
		"the task's":                       {annotate, full, choosing("d", "First", "Second", "3"), 201},
		"the task's, of too many":          {annotate, given, choosing("d", "First"), 400},
		"the task's, of too much":          {annotate, heavier, choosing("d", "First"), 400},
		"of too many, what is there":       {annotate, given, choosing("d", manyLabels(100, 20)...), 201},
		"of too many, the configuration's": {annotate, given, choosing("c", "A"), 201},
		"what is there":                    {annotate, full, choosing("c", manyLabels(100, 20)...), 201},
		"one more":                         {annotate, full, choosing("c", "B"), 400},
		"one more for a task's":            {annotate, full, choosing("d", "Third"), 400},
		"the task's text":                  {annotate, full, choosing("d", "A text"), 400},
		"for what has no choice":           {annotate, full, choosing("c", "First"), 400},
		"in another order": {
			annotate, full, working(saying("n", "choices", `{"choices":[["Tail","Cat's"]]}`)), 400},
		"a brush's": {
			annotate, full, working(saying("b", "brushlabels", `{"rle":[0,0,0,1],"brushlabels":["B"]}`)), 400},
		"a taxonomy's":           {annotate, full, working(saying("x", "taxonomy", `{"taxonomy":[["Animal","Dog"]]}`)), 400},
		"a number":               {annotate, full, working(saying("c", "choices", `{"choices":[17]}`)), 400},
		"an object":              {annotate, full, working(saying("c", "choices", `{"choices":[{"a":1}]}`)), 400},
		"points as labels":       {annotate, full, working(saying("c", "points", `{"points":[[1,2]]}`)), 400},
		"of films":               {annotate, full, working(saying("l", "videorectangle", `{"labels":["B"]}`)), 400},
		"a type that is escaped": {annotate, full, working(saying("c", `choices`, `{"choi\u0063es":["B"]}`)), 400},
		"by a change":            {"PATCH /api/annotations/101/", full, choosing("c", "B"), 400},
		"in a draft":             {draft, full, choosing("c", "B"), 400},
		"in a change of a draft": {"PATCH /api/drafts/301/", full, choosing("c", "B"), 400},
		"in a draft, given":      {draft, full, choosing("d", "First"), 201},
		"of what was imported":   {"POST /api/annotations/101/convert-to-draft", full, "{}", 400},
		"that, with room":        {"POST /api/annotations/101/convert-to-draft", summary(), "{}", 201},
		"too many bytes":         {annotate, heavy, choosing("c", "B"), 400},
		"that are there":         {annotate, heavy, choosing("c", manyLabels(3, 1000)...), 201},
		"as many as may be":      {annotate, summary(), choosing("c", manyLabels(9_990, 20)...), 201},
		"more at once":           {annotate, summary(), choosing("c", manyLabels(10_001, 5)...), 400},
		"a large one":            {annotate, summary(), choosing("c", manyLabels(1, 200<<10)...), 201},
		"large ones": {annotate, summary(), working(strings.Split(strings.Repeat(
			saying("c", "choices", `{"choices":["`+strings.Repeat("x", 250<<10)+`"]}`)+";", 3), ";")[:3]...), 201},
		"one too large": {annotate, summary(), choosing("c", manyLabels(1, 300<<10)...), 400},
	} {
		w := newWorld(t)
		w.fake.labeled(dynamic, c.has, map[string]int{})
		method, target, _ := strings.Cut(c.request, " ")
		got := w.send("ann", method, target, c.body)
		refused := got.status == 400 && strings.Contains(got.body, "result")
		if (got.status < 300) != (c.status < 300) || c.status == 400 && !refused {
			t.Errorf("%s: %d %.300s", name, got.status, got.body)
		}
	}
}

// TestLabelsAddUp: over requests, before the upstream shows them; the Owner's do not count.
func TestLabelsAddUp(t *testing.T) {
	w := newWorld(t)
	w.fake.labeled(dynamic, summary(), map[string]int{})
	passed := 0
	for i := range 12 {
		labels := make([]string, 1000)
		for j := range labels {
			labels[j] = fmt.Sprintf("%d of %d", j, i)
		}
		if w.send("ann", "POST", "/api/tasks/11/drafts", choosing("c", labels...)).status < 300 {
			passed++
		}
	}
	if passed != 9 { // the project has two of its own
		t.Errorf("%d of 12 passed", passed)
	}
	got := w.send("ann", "POST", "/api/tasks/11/annotations/", choosing("c", "new"))
	if got.status >= 300 {
		t.Errorf("what there is room for: %d %s", got.status, got.body)
	}
	more := choosing("c", manyLabels(1000, 9)...)
	if got := w.send("ann", "POST", "/api/tasks/11/annotations/", more); got.status != 400 ||
		!strings.Contains(got.body, "Neither the labeling configuration nor the data of the task gives") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.send("owner", "POST", "/api/tasks/11/annotations/", more); got.status >= 300 {
		t.Errorf("the Owner: %d %s", got.status, got.body)
	}
	if got := w.send("ann", "POST", "/api/tasks/11/annotations/", choosing("c", "A")); got.status >= 300 {
		t.Errorf("the configuration's: %d %s", got.status, got.body)
	}
	w.late.Add(int64(11 * time.Minute)) // and none was stored
	if got := w.send("ann", "POST", "/api/tasks/11/annotations/", more); got.status >= 300 {
		t.Errorf("later: %d %s", got.status, got.body)
	}
}

// TestWhatIsSavedEverySecondAsksLittle: labels that a task has are not looked for each time.
func TestWhatIsSavedEverySecondAsksLittle(t *testing.T) {
	w := newWorld(t)
	asked := map[string]int{}
	w.fake.labeled(dynamic, summary(), asked)
	for range 5 {
		if got := w.send("ann", "POST", "/api/tasks/11/drafts", choosing("d", "First")); got.status >= 300 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	if asked["api/projects/1/summary"] != 1 || asked["api/tasks"] != 1 {
		t.Errorf("asked %v", asked)
	}
}

// TestAnImportSaysFewLabels: those of the configuration count for nothing.
func TestAnImportSaysFewLabels(t *testing.T) {
	w := newWorld(t)
	var choices strings.Builder
	for _, l := range manyLabels(30_000, 5) {
		fmt.Fprintf(&choices, `<Choice value=%q/>`, l)
	}
	config := `<View><Text name="t" value="$t"/><Choices name="c" toName="t">` + choices.String() + `</Choices></View>`
	w.fake.labelsWith(&config, summary())
	work := func(n, size int) string {
		var results []string
		for some := range slices.Chunk(manyLabels(n, size), 1000) {
			results = append(results, saying("c", "choices", `{"choices":["`+strings.Join(some, `","`)+`"]}`))
		}
		return working(results...)
	}
	importing := func(n, size int) string { return `[{"data":{"t":"x"},"annotations":[` + work(n, size) + `]}]` }
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"the configuration's": {"/api/projects/1/import", importing(30_000, 5), 201},
		"others":              {"/api/projects/1/import", importing(40_000, 6), 201},
		"too many":            {"/api/projects/1/import", importing(51_000, 6), 400},
		"too large":           {"/api/projects/1/import", importing(22_000, 200), 400},
		"predictions":         {"/api/projects/1/import/predictions", `[{"task":11,` + work(51_000, 6)[1:] + "]", 400},
	} {
		if got := w.send("mia", "POST", c.path, c.body); (got.status < 300) != (c.status < 300) {
			t.Errorf("%s: %d %.300s", name, got.status, got.body)
		}
	}
}
