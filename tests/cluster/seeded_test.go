package cluster_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// defect is a change of one file that makes a Roster wrong, for the checker to find.
type defect struct {
	name, file string
	edits      [][2]string // what is there, and what takes its place
}

var defects = []defect{
	{"a cached membership", "internal/store/member.go", [][2]string{
		{"import (", "import (\n\t\"sync\"\n"},
		{"\tvar row standingRow\n\terr := db.prepared(", `	type remembered struct {
		at time.Time
		s  roster.Standing
	}
	if kept, ok := seeded.Load([2]int64{project, user}); ok && time.Since(kept.(remembered).at) < time.Second {
		return kept.(remembered).s, nil
	}
	var row standingRow
	defer func() { seeded.Store([2]int64{project, user}, remembered{time.Now(), row.standing(project, user)}) }()
	err := db.prepared(`},
		{"// Standing is what", "var seeded sync.Map\n\n// Standing is what"},
	}},
}

// build makes a Roster with the defect.
func (d defect) build(t *testing.T) (program string) {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	ok(t, err)
	text, err := os.ReadFile(filepath.Join(root, d.file))
	ok(t, err)
	for _, edit := range d.edits {
		if strings.Count(string(text), edit[0]) != 1 {
			t.Fatalf("%s: %q is not there once, so nothing can be seeded", d.file, edit[0])
		}
		text = []byte(strings.Replace(string(text), edit[0], edit[1], 1))
	}
	seeded, overlay := filepath.Join(dir, "seeded.go"), filepath.Join(dir, "overlay.json")
	ok(t, os.WriteFile(seeded, text, 0o644))
	instead, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, d.file): seeded}})
	ok(t, err)
	ok(t, os.WriteFile(overlay, instead, 0o644))
	program = filepath.Join(dir, "roster")
	c := exec.Command("go", "build", "-buildvcs=false", "-overlay", overlay, "-o", program, "./cmd/roster")
	c.Dir, c.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return program
}

// TestSeededDefects: a checker that accepts everything would accept these, too.
func TestSeededDefects(t *testing.T) {
	if !*long {
		t.Skip("this is for make test-cluster")
	}
	for _, d := range defects {
		t.Run(d.name, func(t *testing.T) {
			c, l := start(t, d.build(t), short, true)
			c.suffer(l, faults[0], 5*time.Second)
			c.close(l)
			if wrong := judge(t, l.history); len(wrong) == 0 {
				t.Error("the checker accepts it")
			} else {
				t.Logf("rejected: %d histories of %d", len(wrong), len(l.members))
			}
		})
	}
}
