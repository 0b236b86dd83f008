package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const withSchema = `<View><Text name="t" value="$t"/><ReactCode name="r" toName="t" ` +
	`outputs='{"properties":{"f":{"$provider":"lambda: 1"}}}'/></View>`

// configured is a body with a labeling configuration, and what else it says.
func configured(t *testing.T, config any, more map[string]any) string {
	t.Helper()
	o := map[string]any{"label_config": config}
	for name, value := range more {
		o[name] = value
	}
	raw, err := json.Marshal(o)
	ok(t, err)
	return string(raw)
}

// TestNothingRunsForASample: the upstream makes annotations up by schemas that are programs,
// for whoever asks, and by whichever configuration: so it is asked by nobody.
func TestNothingRunsForASample(t *testing.T) {
	w := newWorld(t)
	const target = "/api/projects/1/sample-task/"
	plain := `<View><Text name="t" value="$t"/></View>`
	for _, who := range []string{"mia", "adm", "owner"} {
		for _, on := range []any{true, "false", 1, []any{}, map[string]any{}} {
			w.fake.taken()
			got := w.send(who, "POST", target, configured(t, plain, map[string]any{"include_annotation_and_prediction": on}))
			if got.status != 400 || !strings.Contains(got.body, "include_annotation_and_prediction") || len(w.fake.taken()) > 0 {
				t.Errorf("%s, %v: %d %s", who, on, got.status, got.body)
			}
		}
		for _, off := range []any{false, nil} {
			if got := w.send(who, "POST", target,
				configured(t, plain, map[string]any{"include_annotation_and_prediction": off})); got.status != 200 {
				t.Errorf("%s, %v: %d %s", who, off, got.status, got.body)
			}
		}
		if got := w.send(who, "POST", target, configured(t, plain, nil)); got.status != 200 {
			t.Errorf("%s: %d %s", who, got.status, got.body)
		}
		if got := w.send(who, "POST", target, ""); got.status >= 500 {
			t.Errorf("%s, with no body: %d %s", who, got.status, got.body)
		}
	}
}

// TestConfigurationsBringNoProgram: a configuration with a program is the Owner's, at every
// door by which one comes in.
func TestConfigurationsBringNoProgram(t *testing.T) {
	w := newWorld(t)
	doors := []string{
		"POST /api/projects/", "PATCH /api/projects/1/", "PUT /api/projects/1/", "POST /api/projects/validate/",
		"POST /api/projects/1/validate/", "POST /api/projects/1/sample-task/",
	}
	for _, door := range doors {
		method, target, _ := strings.Cut(door, " ")
		for _, config := range []any{
			withSchema, `<View><reactcode name="r"/></View>`, `<View><CustomInterface name="r"/></View>`,
			`<View><x:REACTCODE xmlns:x="y"/></View>`,
			`<!DOCTYPE View [<!ENTITY e "&#60;React&#67;ode name='r'/&#62;">]><View>&e;</View>`, []any{withSchema},
			map[string]any{"": withSchema},
			`<View><Text name="t" value="$t"/><Choices name="(a+)+b" toName="t"><Choice value="A"/></Choices></View>`,
		} {
			for _, who := range []string{"mia", "adm"} {
				w.fake.taken()
				if got := w.send(who, method, target, configured(t, config, map[string]any{"title": "P"})); got.status != 400 ||
					!strings.Contains(got.body, "label_config") || len(w.fake.taken()) > 0 {
					t.Errorf("%s %s %v: %d %s", who, door, config, got.status, got.body)
				}
			}
		}
		if got := w.send("mia", method, target,
			configured(t, `<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="React &amp; `+
				`code"/></Choices></View>`, nil)); got.status >= 400 {
			t.Errorf("%s: %d %s", door, got.status, got.body)
		}
		if got := w.send("owner", method, target, configured(t, withSchema, nil)); got.status >= 400 {
			t.Errorf("the Owner, %s: %d %s", door, got.status, got.body)
		}
	}
}

// TestConfigurationsAreComparedWithLittle: the upstream reads a configuration anew for each
// kind of result that a project has.
func TestConfigurationsAreComparedWithLittle(t *testing.T) {
	w := newWorld(t)
	kinds := 0
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.Trim(r.URL.Path, "/") != "api/projects/1/summary" {
			return false
		}
		has := map[string]int{}
		for i := range kinds {
			has[fmt.Sprintf("c%d|t|choices", i)] = 1
		}
		writeJSON(rw, map[string]any{"all_data_columns": map[string]int{}, "created_annotations": has})
		return true
	})
	config := `<View><Text name="t" value="$t"/><Header value="` + strings.Repeat("x", 500<<10) + `"/></View>`
	for _, door := range []string{"PATCH /api/projects/1/", "PUT /api/projects/1/", "POST /api/projects/1/validate/"} {
		method, target, _ := strings.Cut(door, " ")
		for n, status := range map[int]int{85: 200, 95: 400} {
			kinds = n
			if got := w.send("mia", method, target, configured(t, config, map[string]any{"title": "P"})); got.status != status {
				t.Errorf("%s with %d kinds: %d %s", door, n, got.status, got.body)
			}
			if got := w.send("owner", method, target, configured(t, config, map[string]any{"title": "P"})); got.status != 200 {
				t.Errorf("%s as the Owner: %d %s", door, got.status, got.body)
			}
		}
	}
}
