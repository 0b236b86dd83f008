package metrics_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"roster/internal/metrics"
)

var update = flag.Bool("update", false, "write the table of docs/metrics.md anew")

const page = "../../docs/metrics.md"

// TestPage: the table of metrics is what the code declares.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- metrics -->\n", "<!-- end of metrics -->"
	head, rest, _ := strings.Cut(string(text), begin)
	_, tail, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no place for the table", page)
	}
	want := head + begin + table() + end + tail
	if string(text) == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the code declares: go test ./internal/metrics -update", page)
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func table() string {
	var out strings.Builder
	out.WriteString("| metric | kind | labels | |\n|---|---|---|---|\n")
	for _, m := range metrics.All() {
		labels := ""
		if len(m.Labels) > 0 {
			labels = "`" + strings.Join(m.Labels, "`, `") + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", m.Name, m.Kind, labels, m.Help)
	}
	return out.String()
}

// TestNames: names follow Prometheus's conventions, and no label can be somebody.
func TestNames(t *testing.T) {
	shape := regexp.MustCompile(`^roster_[a-z]+(_[a-z]+)*$`)
	for _, m := range metrics.All() {
		unit := strings.HasSuffix(m.Name, "_total")
		if !shape.MatchString(m.Name) || unit != (m.Kind == "counter") || m.Kind == "histogram" &&
			!strings.HasSuffix(m.Name, "_seconds") || !strings.HasSuffix(m.Help, ".") {
			t.Errorf("%+v", m)
		}
		for _, label := range m.Labels {
			if strings.Contains("user person email project organization address id path", label) {
				t.Errorf("%s has a label %s, of which there may be any number", m.Name, label)
			}
		}
	}
}
