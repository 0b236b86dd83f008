package roster_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestNoTestDataIsShipped: what is in the binary is what it serves.
func TestNoTestDataIsShipped(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f",
		`{{if not .Standard}}{{range .EmbedFiles}}{{$.ImportPath}}/{{.}}{{"\n"}}{{end}}{{end}}`, "./cmd/roster").Output()
	if err != nil || len(out) == 0 {
		t.Fatal(string(out), err)
	}
	for file := range strings.Lines(string(out)) {
		if strings.Contains(file, "testdata/") || strings.Contains(file, "storetest/") {
			t.Errorf("the binary holds %s", file)
		}
	}
}
