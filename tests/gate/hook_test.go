package gate

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestToldOfChanges: what is made and deleted past the gate is known through the
// upstream's hook, before the next comparison.
func TestToldOfChanges(t *testing.T) {
	need(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	flags := []string{"--data", filepath.Join(t.TempDir(), "data"), "--addr", address, "--upstream-hooks",
		"http://" + address}
	g := start(t.TempDir(), flags...)
	said, err := os.ReadFile(g.log)
	g.stop()
	if err != nil || !strings.Contains(string(said), "makes none when asked (404 Not Found: Project not found.)") {
		t.Fatalf("a release that makes the hook itself; say so in the documentation: %s %v", said, err)
	}
	hook := makeHook(t, "http://"+address+"/api/roster/gate/changes")
	t.Cleanup(func() { behind().must(t, "DELETE", fmt.Sprintf("/api/webhooks/%d/", hook), nil, nil) })
	g = start(t.TempDir(), flags...)
	defer g.stop()
	owner := g.who(t, "owner")
	for _, method := range []string{"GET", "DELETE", "PATCH"} {
		var body any
		if method == "PATCH" {
			body = map[string]any{"is_active": false}
		}
		if got := owner.status(t, method, fmt.Sprintf("/api/webhooks/%d/", hook), body); got != 404 {
			t.Errorf("%s of the gate's own hook: %d", method, got)
		}
	}
	if a, err := owner.ask("GET", "/api/webhooks/", nil); err != nil || a.status != 200 ||
		bytes.Contains(a.body, []byte("X-Roster-Secret")) {
		t.Error(a, err)
	}
	var made struct{ ID int64 }
	behind().must(t, "POST", "/api/projects/", map[string]any{"title": "Past the gate"}, &made)
	// Roster's own answer: the gate itself would look for a project that it does not know
	members := fmt.Sprintf("/api/projects/%d/members/paginated/", made.ID)
	until(t, owner, members, 200)
	behind().must(t, "DELETE", fmt.Sprintf("/api/projects/%d/", made.ID), nil, nil)
	until(t, owner, members, 404)
}

// until asks until the answer is the wanted one. The upstream has told the gate
// before it answered, so that it is a matter of milliseconds.
func until(t *testing.T, p *person, path string, want int) {
	t.Helper()
	got := 0
	for range 2000 {
		if got = p.status(t, "GET", path, nil); got == want {
			return
		}
	}
	t.Errorf("%s: still %d, not %d", path, got, want)
}

// makeHook makes a hook of the whole organization, which this release of the
// upstream does not do by its API.
func makeHook(t *testing.T, url string) (id int64) {
	t.Helper()
	data := os.Getenv("LABEL_STUDIO_DATA")
	c := exec.Command(filepath.Join(os.Getenv("LABEL_STUDIO_VENV"), "bin", "label-studio"), "shell", "--data-dir", data)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LANG=C.UTF-8",
		"LABEL_STUDIO_BASE_DATA_DIR=" + data, "COLLECT_ANALYTICS=false",
		"LATEST_VERSION_CHECK=false", "SENTRY_DSN=", "FRONTEND_SENTRY_DSN="}
	c.Stdin = strings.NewReader(
		fmt.Sprintf("from webhooks.models import Webhook\nprint('MADE', Webhook.objects.create(organization_id=1, "+
			"url=%q).id)\n", url))
	out, err := c.CombinedOutput()
	_, number, found := strings.Cut(string(out), "MADE ")
	if _, scanned := fmt.Sscan(number, &id); err != nil || !found || scanned != nil {
		t.Fatalf("%s %v", out, err)
	}
	return id
}
