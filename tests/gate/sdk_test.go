package gate

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSDK: the official client works through the gate, for what the Community
// Edition has and for the membership that only Enterprise has.
func TestSDK(t *testing.T) {
	g := need(t)
	s := g.newScene(t)
	command := exec.Command(filepath.Join(os.Getenv("LABEL_STUDIO_VENV"), "bin/python"), "testdata/sdk.py", g.url,
		upstream.token, s.path("%d"))
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
