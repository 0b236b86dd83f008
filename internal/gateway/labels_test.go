package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/internal/gateway"
	"roster/internal/limit"
)

// TestLabelsAreLocated: a label is linked by who has it in a project of theirs.
func TestLabelsAreLocated(t *testing.T) {
	w := newWorld(t)
	link := func(label int) string { return fmt.Sprintf(`{"project":1,"from_name":"kind","label":%d}`, label) }
	w.try(map[string]attempt{
		"another project's":      {"mia", "POST", "/api/label_links/", link(1402), 404},
		"one of no project":      {"mia", "POST", "/api/label_links/", link(1404), 404},
		"one that is not there":  {"mia", "POST", "/api/label_links/", link(1499), 404},
		"as text":                {"mia", "POST", "/api/label_links/", `{"project":1,"label":"1402"}`, 404},
		"by changing a link":     {"mia", "PATCH", "/api/label_links/1001/", `{"label":1402}`, 404},
		"by replacing a link":    {"mia", "PUT", "/api/label_links/1001/", link(1402), 404},
		"one's own":              {"mia", "POST", "/api/label_links/", link(1401), 200},
		"one that both have":     {"mia", "PATCH", "/api/label_links/1001/", `{"label":1403}`, 200},
		"an administrator's":     {"adm", "POST", "/api/label_links/", link(1402), 200},
		"of no project, by them": {"owner", "POST", "/api/label_links/", link(1404), 200},
	})
	w.assign(2, "mia", "rev")
	w.try(map[string]attempt{
		"from another project of one's own": {"mia", "POST", "/api/label_links/", link(1402), 200},
		"by who does not manage there":      {"rev", "POST", "/api/label_links/", link(1402), 403},
	})
	w.unassign(2, "mia")
	w.try(map[string]attempt{"once one is out there": {"mia", "POST", "/api/label_links/", link(1402), 404}})
}

// TestLabelTitles: under the title of another project's label, the upstream would
// link that one and answer with it.
func TestLabelTitles(t *testing.T) {
	w := newWorld(t)
	label := func(title string) string {
		return fmt.Sprintf(`[{"project":1,"from_name":"kind","value":["x"],"title":%s}]`, title)
	}
	w.try(map[string]attempt{
		"another project's":  {"ann", "POST", "/api/labels/", label(`"Beta's"`), 400},
		"with blanks":        {"ann", "POST", "/api/labels/", label(`"\u001f Beta's\u00a0"`), 400},
		"escaped":            {"mia", "POST", "/api/labels/", label(`"\u0042eta's"`), 400},
		"on the second page": {"mia", "POST", "/api/labels/", label(`"Nobody's"`), 400},
		"as a number":        {"mia", "POST", "/api/labels/", label(`5`), 400},
		"the second of a list": {"mia", "POST", "/api/labels/",
			`[{"project":1,"title":"New"},{"project":1,"title":"Beta's"}]`, 400},
		"one's own":           {"ann", "POST", "/api/labels/", label(`"Own"`), 200},
		"one that both have":  {"ann", "POST", "/api/labels/", label(`"Shared"`), 200},
		"a new one":           {"ann", "POST", "/api/labels/", label(`"New"`), 200},
		"by an administrator": {"adm", "POST", "/api/labels/", label(`"Beta's"`), 200},
	})
	if got := w.send("ann", "POST", "/api/labels/", label(`"Shared"`)); !strings.Contains(got.body, `"projects":[1]`) {
		t.Errorf("it tells which other projects have the label: %s", got.body)
	}
}

// TestLabelTitlesAreCounted: who tries titles out is stopped.
func TestLabelTitlesAreCounted(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 3, Per: time.Hour} })
	for range 3 {
		w.send("ann", "POST", "/api/labels/", `[{"project":1,"title":"Beta's"}]`)
	}
	if got := w.send("ann", "POST", "/api/labels/", `[{"project":1,"title":"Beta's"}]`); got.status != 429 {
		t.Errorf("the fourth: %d %s", got.status, got.body)
	}
}
