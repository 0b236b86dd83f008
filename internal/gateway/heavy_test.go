package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"roster/internal/store/storetest"
)

// TestNothingIsTooHeavyForTheUpstream: what it would unpack to more than it can hold does
// not arrive whole, by whichever way labels and tasks come.
func TestNothingIsTooHeavyForTheUpstream(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	const dense = `"result":[{"type":"brushlabels","value":{"format":"rle","rle":[34,85,81,0,3,0]}},{"value":{"rle":[34,85,81,0,3,0]}}]`
	empty := strings.Repeat("{},", 6_000_000) + "{}"
	form := func(body string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.json\"\r\n\r\n" + body + "\r\n--x--\r\n"
	}
	for name, c := range map[string]struct {
		who, request, body string
		status             int
		kind               string
	}{
		"an annotation":     {"ann", "POST /api/tasks/11/annotations/", `{` + dense + `}`, 400, ""},
		"a change of one":   {"ann", "PATCH /api/annotations/101/", `{` + dense + `}`, 400, ""},
		"a draft":           {"ann", "POST /api/tasks/11/drafts", `{` + dense + `}`, 400, ""},
		"a change of a one": {"ann", "PATCH /api/drafts/301/", `{` + dense + `}`, 400, ""},
		"a prediction":      {"mia", "POST /api/predictions/", `{"task":11,` + dense + `}`, 400, ""},
		"tasks":             {"mia", "POST /api/projects/1/import", `[{"data":{},"annotations":[{` + dense + `}]}]`, 400, ""},
		"predictions":       {"mia", "POST /api/projects/1/import/predictions", `[{"task":11,` + dense + `}]`, 400, ""},
		"a file": {"mia", "POST /api/projects/1/import", form(`[{"data":{},"predictions":[{` + dense + `}]}]`),
			400, "multipart/form-data; boundary=x"},
		"a task":            {"mia", "POST /api/tasks/", `{"project":1,"data":{"a":[` + empty + `]}}`, 413, ""},
		"values":            {"mia", "POST /api/projects/1/import", `[{"data":{"a":[` + empty + `]}}]`, 413, ""},
		"empty predictions": {"mia", "POST /api/projects/1/import/predictions", `[` + empty + `]`, 413, ""},
		"a file of values": {"mia", "POST /api/projects/1/tasks/bulk/", form(`[{"data":{"a":[` + empty + `]}}]`),
			413, "multipart/form-data; boundary=x"},
		"one mask": {"ann", "POST /api/tasks/11/annotations/",
			`{"result":[{"value":{"rle":[34,85,81,0,3,0]}}]}`, 201, ""},
		"an honest file": {"mia", "POST /api/projects/1/import", form(`[{"data":{"text":"a"}}]`), 200,
			"multipart/form-data; boundary=x"},
	} {
		method, target, _ := strings.Cut(c.request, " ")
		if c.kind == "" {
			c.kind = "application/json"
		}
		w.fake.taken()
		got := w.send(c.who, method, target, c.body, "Content-Type", c.kind)
		whole := false
		for _, u := range w.fake.taken() {
			whole = whole || json.Valid([]byte(u.body)) || strings.HasSuffix(u.body, "--x--\r\n")
		}
		if good := c.status < 400; good != (got.status < 300) || !good && got.status != c.status || whole != good {
			t.Errorf("%s: %d %.200s; arrived whole: %v", name, got.status, got.body, whole)
		}
	}
}
