package metrics_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"roster/internal/metrics"
)

// TestAlertsAndDashboard: what is alerted on and drawn is measured, by the names that the
// code has, and the rules do what their test says.
func TestAlertsAndDashboard(t *testing.T) {
	files, err := filepath.Glob("../../deploy/*/*.*")
	if err != nil {
		t.Fatal(err)
	}
	shape, part := regexp.MustCompile(`roster_[a-z_]+[a-z]`), regexp.MustCompile(`_(bucket|count|sum)$`)
	named := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(file) == ".json" && !json.Valid(text) {
			t.Errorf("%s is no JSON", file)
		}
		for _, name := range shape.FindAllString(string(text), -1) {
			named++
			if name = part.ReplaceAllString(name, ""); !slices.ContainsFunc(metrics.All(), func(m metrics.Metric) bool {
				return m.Name == name
			}) {
				t.Errorf("%s has %s, which nothing measures", file, name)
			}
		}
	}
	if named < 30 {
		t.Errorf("only %d metrics are named: is deploy still there?", named)
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool here, which Debian has in its package prometheus: the rules' own test does not run")
	}
	run := exec.CommandContext(t.Context(), promtool, "test", "rules", "alerts_test.yaml")
	run.Dir = "../../deploy/prometheus"
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
