package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// labelsWith has project 1 be labeled by a configuration, as long as it is not another one, and
// its annotations be counted.
func (f *fake) labelsWith(config *string, counted map[string]any) {
	f.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		switch strings.Trim(r.URL.Path, "/") {
		case "api/projects/1":
			o := project(1)
			o["label_config"] = *config
			writeJSON(rw, o)
		case "api/projects/1/summary":
			writeJSON(rw, counted)
		default:
			return false
		}
		return true
	})
}

// choicesOf is a configuration with so many labels.
func choicesOf(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, `<Choice value="label number %d"/>`, i)
	}
	return `<View><Text name="t" value="$t"/><Choices name="c" toName="t">` + out.String() + `</Choices></View>`
}

// TestPredictionsThatDoNotFitAreFew: for each region that does not fit, the upstream lists all
// the labels there are, by whichever way it comes.
func TestPredictionsThatDoNotFitAreFew(t *testing.T) {
	w := newWorld(t)
	config := choicesOf(2000)
	w.fake.labelsWith(&config, summary())
	regions := func(n int, value string) string {
		one := `{"from_name":"c","to_name":"t","type":"choices","value":` + value + `}`
		return `"result":[` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]`
	}
	form := func(name, body string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" + name + "\"\r\n\r\n" + body +
			"\r\n--x--\r\n"
	}
	const good, bad = `{"choices":["label number 7"]}`, `{"choices":["Q"]}`
	const given = "POST /api/projects/1/import/predictions"
	const tasks, made = "POST /api/projects/1/import", "POST /api/projects/1/import?preannotated_from_fields="
	for name, c := range map[string]struct {
		request, body string
		status        int
	}{
		"predictions": {given, `[{"task":11,` + regions(500, bad) + `}]`, 400},
		"many predictions": {given,
			`[` + strings.Repeat(`{"task":11,`+regions(1, bad)+`},`, 499) + `{"task":11,` + regions(1, bad) + `}]`, 400},
		"of another form": {given, `[{"task":11,` + regions(500, `{"text":["x"]}`) + `}]`, 400},
		"a few wrong":     {given, `[{"task":11,` + regions(100, bad) + `}]`, 200},
		"all right":       {given, `[{"task":11,` + regions(5000, good) + `}]`, 200},
		"tasks":           {tasks, `[{"data":{},"predictions":[{` + regions(500, bad) + `}]}]`, 400},
		"a task":          {tasks, `{"data":{},"predict\u0069ons":[{` + regions(500, bad) + `}]}`, 400},
		"good tasks":      {tasks, `[{"data":{},"predictions":[{` + regions(5000, good) + `}]}]`, 200},
		"annotations":     {tasks, `[{"data":{},"annotations":[{` + regions(500, bad) + `}]}]`, 200},
		"the old door": {"POST /api/projects/1/tasks/bulk/",
			`[{"data":{},"predictions":[{` + regions(500, bad) + `}]}]`, 400},
		"a file": {tasks,
			form("a.json", `[{"data":{},"predictions":[{`+regions(500, bad)+`}]}]`), 400},
		"two files": {tasks,
			strings.TrimSuffix(form("a.json", `[{"data":{},"predictions":[{`+regions(250, bad)+`}]}]`), "--x--\r\n") +
				form("b.json", `[{"data":{},"predictions":[{`+regions(250, bad)+`}]}]`), 400},
		"one prediction":        {"POST /api/predictions/", `{"task":11,` + regions(500, bad) + `}`, 400},
		"a good one":            {"POST /api/predictions/", `{"task":11,` + regions(500, good) + `}`, 200},
		"a change of one":       {"PATCH /api/predictions/501/", `{` + regions(500, bad) + `}`, 400},
		"fields that are":       {made + "c", "[" + strings.Repeat(`{"c":"Q"},`, 500) + `{"c":"Q"}]`, 400},
		"fields that are, once": {made + "c", `[{"c":"Q"}]`, 200},
		"the same field again": {made + strings.Repeat("c,", 500) + "c",
			`[{"c":"Q"}]`, 400},
		"rows":         {made + "c", form("a.csv", "c\n"+strings.Repeat("Q\n", 500)), 400},
		"rows of data": {tasks, form("a.csv", "c\n"+strings.Repeat("Q\n", 500)), 200},
		"all with all": {given, `[{"task":11,"result":[` +
			strings.Repeat(`{"type":"relation","from_id":"a","to_id":"b","direction":"left"},`, 12_000) +
			`{"from_name":"c","to_name":"t","type":"choices","value":` + good + `}]}]`, 400},
	} {
		method, target, _ := strings.Cut(c.request, " ")
		kind := "application/json"
		if strings.HasPrefix(c.body, "--x") {
			kind = "multipart/form-data; boundary=x"
		}
		w.fake.taken()
		got := w.send("mia", method, target, c.body, "Content-Type", kind)
		whole := false
		for _, u := range w.fake.taken() {
			whole = whole || json.Valid([]byte(u.body)) || strings.HasSuffix(u.body, "--x--\r\n")
		}
		if good := c.status < 400; good != (got.status < 300) || !good && got.status != c.status || whole != good {
			t.Errorf("%s: %d %.200s; arrived whole: %v", name, got.status, got.body, whole)
		}
		if got.status == 400 && name == "tasks" && !strings.Contains(got.body, `predictions`) {
			t.Errorf("%s: %s", name, got.body)
		}
	}
}

// TestPredictionsAreLookedAtByWhatIsThen: an import counts by the configuration that the upstream
// compares it with, whatever becomes of that meanwhile.
func TestPredictionsAreLookedAtByWhatIsThen(t *testing.T) {
	w := newWorld(t)
	config := choicesOf(2)
	asked := 0
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.Trim(r.URL.Path, "/") != "api/projects/1" || r.URL.Query().Get("include") != "label_config" {
			return false
		}
		asked++
		o := project(1)
		o["label_config"] = config
		config = choicesOf(2 + asked)
		writeJSON(rw, o)
		return true
	})
	body := `[{"data":{},"predictions":[{"result":[{"from_name":"c","to_name":"t","type":"choices","value":{}}]}]}]`
	if got := w.send("mia", "POST", "/api/projects/1/import", body); got.status != 503 ||
		!strings.Contains(got.body, "just changed") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.send("mia", "POST", "/api/projects/1/import", `[{"data":{}}]`); got.status != 200 || asked != 3 {
		t.Errorf("without predictions: %d %s, asked %d times", got.status, got.body, asked)
	}
}
