package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const withRepeater = `<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="A"/></Choices>` +
	`<Labels name="l" toName="t"><Label value="A"/></Labels><Repeater on="$p" indexFlag="{{i}}">` +
	`<Text name="p_{{i}}" value="$p[{{i}}].t"/><Choices name="q_{{i}}" toName="p_{{i}}"><Choice value="A"/></Choices>` +
	`</Repeater></View>`

// resultsOf is a body with results of some kinds, each from_name, to_name and type.
func resultsOf(kinds ...string) string {
	var items []string
	for _, k := range kinds {
		parts := strings.Split(k, "|")
		items = append(items,
			fmt.Sprintf(`{"from_name":%q,"to_name":%q,"type":%q,"value":{}}`, parts[0], parts[1], parts[2]))
	}
	return `{"result":[` + strings.Join(items, ",") + `]}`
}

// strangers are so many kinds that no control gives.
func strangers(from, to int) (all []string) {
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprintf("m%d|t|choices", i))
	}
	return all
}

// TestKindsThatNoControlGivesAreFew: they add up over requests, and each is read the whole
// configuration for when that changes.
func TestKindsThatNoControlGivesAreFew(t *testing.T) {
	config := withRepeater
	counts := func(kinds []string, names ...string) map[string]any {
		annotations, labels := map[string]any{}, map[string]any{}
		for _, k := range kinds {
			annotations[k] = 1
			labels[strings.Split(k, "|")[0]] = map[string]any{}
		}
		drafts := map[string]any{}
		for _, name := range names {
			drafts[name] = map[string]any{}
		}
		return map[string]any{
			"created_annotations": annotations, "created_labels": labels, "created_labels_drafts": drafts}
	}
	full := counts(strangers(0, 20))
	fullOfDrafts := counts(nil, strings.Fields("a b c1 d e f g h i j k l1 m n o p q r s t1")...)
	const annotate, draft = "POST /api/tasks/11/annotations/", "POST /api/tasks/11/drafts"
	for name, c := range map[string]struct {
		who, request string
		has          map[string]any
		kinds        []string
		status       int
	}{
		"the configuration's":     {"ann", annotate, full, []string{"c|t|choices", "l|t|labels", "l|t|rectanglelabels"}, 201},
		"with an index":           {"ann", annotate, full, []string{"q_0|p_0|choices", "q_999|p_12|choices"}, 201},
		"with another index":      {"ann", annotate, full, []string{"q_01|p_0|choices"}, 400},
		"with a long index":       {"ann", annotate, full, []string{"q_1000|p_0|choices"}, 400},
		"of another type":         {"ann", annotate, full, []string{"c|t|rating"}, 400},
		"for something else":      {"ann", annotate, full, []string{"c|x|choices"}, 400},
		"what is there":           {"ann", annotate, full, strangers(0, 20), 201},
		"one more":                {"ann", annotate, full, strangers(20, 21), 400},
		"as many as there may be": {"ann", annotate, counts(nil), strangers(0, 20), 201},
		"more at once":            {"ann", annotate, counts(nil), strangers(0, 21), 400},
		"by a change":             {"ann", "PATCH /api/annotations/101/", full, strangers(20, 21), 400},
		"in a draft":              {"ann", draft, full, strangers(20, 21), 400},
		"in a change of a draft":  {"ann", "PATCH /api/drafts/301/", full, strangers(20, 21), 400},
		"the draft's own":         {"ann", draft, full, []string{"c|x|rating"}, 201},
		"in a draft as before":    {"ann", draft, full, strangers(0, 20), 201},
		"of drafts":               {"ann", draft, fullOfDrafts, strangers(20, 21), 400},
		"beside drafts":           {"ann", annotate, fullOfDrafts, strangers(20, 21), 400},
		"as the Owner":            {"owner", annotate, full, strangers(20, 30), 201},
	} {
		w := newWorld(t)
		w.fake.labelsWith(&config, c.has)
		method, target, _ := strings.Cut(c.request, " ")
		got := w.send(c.who, method, target, resultsOf(c.kinds...))
		refused := got.status == 400 && strings.Contains(got.body, "result")
		if (got.status < 300) != (c.status < 300) || c.status == 400 && !refused {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// TestKindsAddUp: over requests, at once and one after the other, before the upstream shows them.
func TestKindsAddUp(t *testing.T) {
	w := newWorld(t)
	config := withRepeater
	w.fake.labelsWith(&config, summary()) // which has a foreign one
	var mu sync.Mutex
	var all sync.WaitGroup
	passed := 0
	for i := range 10 {
		all.Go(func() {
			got := w.send("ann", "POST", "/api/tasks/11/annotations/", resultsOf(strangers(5*i, 5*i+5)...))
			mu.Lock()
			defer mu.Unlock()
			if got.status < 300 {
				passed++
			}
		})
	}
	all.Wait()
	if passed != 3 {
		t.Errorf("%d of 10 passed, with five kinds each", passed)
	}
	if got := w.send("ann", "POST", "/api/tasks/11/annotations/", resultsOf("c|t|choices")); got.status >= 300 {
		t.Errorf("the configuration's: %d %s", got.status, got.body)
	}
}

// TestOrdinaryWorkAsksForNoConfiguration: what the configuration has was asked a moment ago, and
// what it has not is asked anew.
func TestOrdinaryWorkAsksForNoConfiguration(t *testing.T) {
	w := newWorld(t)
	config, asked := withRepeater, 0
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("include") != "label_config" {
			return false
		}
		asked++
		o := project(1)
		o["label_config"] = config
		writeJSON(rw, o)
		return true
	})
	send := func(kinds ...string) {
		t.Helper()
		if got := w.send("ann", "POST", "/api/tasks/11/annotations/", resultsOf(kinds...)); got.status >= 300 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	for range 5 {
		send("c|t|choices", "l|t|labels")
	}
	if asked != 1 {
		t.Errorf("asked %d times for one minute's work", asked)
	}
	config = strings.ReplaceAll(withRepeater, `name="c"`, `name="n"`)
	send("n|t|choices")
	send("n|t|choices")
	if asked != 2 {
		t.Errorf("asked %d times with a new configuration", asked)
	}
	w.late.Add(int64(2 * time.Minute))
	send("n|t|choices")
	if asked != 3 {
		t.Errorf("asked %d times two minutes later", asked)
	}
}

// TestAManagersConfigurationIsLetIn: what somebody who labels added does not make a configuration
// too large, and what adds up does.
func TestAManagersConfigurationIsLetIn(t *testing.T) {
	w := newWorld(t)
	large := `<View><Text name="t" value="$t"/><Header value="` + strings.Repeat("x", 1000<<10) + `"/></View>`
	names := func(n int, form string) map[string]any {
		all := map[string]any{}
		for i := range n {
			all[fmt.Sprintf(form, i)] = map[string]any{}
		}
		return all
	}
	for name, c := range map[string]struct {
		has    map[string]any
		status int
	}{
		"twenty foreign kinds": {map[string]any{"created_annotations": names(20, "m%d|t|choices"),
			"created_labels": names(20, "m%d")}, 200},
		"many kinds":  {map[string]any{"created_annotations": names(70, "m%d|t|choices")}, 400},
		"many labels": {map[string]any{"created_labels": names(70, "m%d")}, 400},
		"many drafts": {map[string]any{"created_labels_drafts": names(70, "m%d")}, 400},
		"the same": {map[string]any{"created_labels": names(40, "m%d"),
			"created_labels_drafts": names(40, "m%d")}, 200},
	} {
		w.fake.labelsWith(&large, c.has)
		if got := w.send("mia", "PATCH", "/api/projects/1/", configured(t, large, nil)); got.status != c.status {
			t.Errorf("%s: %d %.300s", name, got.status, got.body)
		}
	}
}

// TestIndexesAddUp: each index of a Repeater is a kind of its own, and the configuration is read
// once more for each when it changes.
func TestIndexesAddUp(t *testing.T) {
	w := newWorld(t)
	config, has := withRepeater, map[string]any{}
	for i := range 900 {
		has[fmt.Sprintf("q_%d|p_%d|choices", i, i)] = 1
	}
	w.fake.labelsWith(&config, map[string]any{"created_annotations": has})
	send := func(who string, from, to, other int) int {
		var kinds []string
		for i := from; i < to; i++ {
			kinds = append(kinds, fmt.Sprintf("q_%d|p_%d|choices", i, other))
		}
		return w.send(who, "POST", "/api/tasks/11/annotations/", resultsOf(kinds...)).status
	}
	for _, c := range []struct {
		who             string
		from, to, other int
		passes          bool
	}{
		{"ann", 0, 60, 999, true}, {"ann", 60, 120, 999, false}, {"ann", 60, 100, 999, true}, {"ann", 0, 60, 999, true},
		{"ann", 7, 8, 7, true}, {"ann", 100, 101, 999, false}, {"owner", 100, 101, 999, true},
	} {
		if got := send(c.who, c.from, c.to, c.other); (got < 300) != c.passes {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
