package gate

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// nginxBelow has the gate below /labels, and nothing beside it.
const nginxBelow = `daemon off;
master_process off;
pid %[1]s/pid;
error_log stderr crit;
events {}
http {
  access_log off;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
  server {
    listen %[2]s;
    location /labels/ {
      proxy_pass http://%[3]s;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Prefix "%[4]s";
    }
    location / { return 404; }
  }
}
`

// startNginx is nginx before the gate, which takes the path off or not.
func startNginx(t *testing.T, at, gate string, takesOff bool) (stop func()) {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Skip("no nginx: apt-get install nginx-light")
		}
	}
	dir, said := t.TempDir(), ""
	if takesOff {
		gate, said = gate+"/", "/labels"
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxBelow, dir, at, gate, said), 0o600); err != nil {
		t.Fatal(err)
	}
	return startUntil(t, exec.Command(binary, "-p", dir, "-c", file), "http://"+at+"/labels/health/live")
}

// startUntil starts a program, and waits until an address answers.
func startUntil(t *testing.T, c *exec.Cmd, address string) (stop func()) {
	t.Helper()
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { c.Wait(); close(ended) }()
	stop = func() { c.Process.Kill(); <-ended }
	for tick := time.Tick(100 * time.Millisecond); ; {
		if answer, err := http.Get(address); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return stop
			}
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", c.Path, said.String())
		case <-t.Context().Done():
			t.Fatal("the test is over")
		case <-tick:
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// labelStudioBelow is another Label Studio on the same data, which is told that it is found
// below a path.
func labelStudioBelow(t *testing.T, host string) (address string) {
	t.Helper()
	at := freeAddress(t)
	_, port, _ := net.SplitHostPort(at)
	data := os.Getenv("LABEL_STUDIO_DATA")
	c := exec.Command(filepath.Join(os.Getenv("LABEL_STUDIO_VENV"), "bin", "label-studio"), "start", "--no-browser",
		"--internal-host", "127.0.0.1", "--port", port, "--data-dir", data)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LANG=C.UTF-8", "LABEL_STUDIO_HOST=" + host,
		"LABEL_STUDIO_BASE_DATA_DIR=" + data, "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true",
		"SSRF_PROTECTION_ENABLED=false", "COLLECT_ANALYTICS=false", "LATEST_VERSION_CHECK=false", "SENTRY_DSN=",
		"FRONTEND_SENTRY_DSN="}
	t.Cleanup(startUntil(t, c, "http://"+at+"/health"))
	return "http://" + at
}

// TestBelowAPath: with LABEL_STUDIO_HOST as the page on the gate says, an annotator works at
// the real Label Studio below a path, whether a proxy takes that off or not; nothing is
// loaded from beside it. And what that setting opened, a token in an export, stays shut.
func TestBelowAPath(t *testing.T) {
	s := need(t).newScene(t)
	s.task()
	at := freeAddress(t)
	dir, below := t.TempDir(), labelStudioBelow(t, "http://"+at+"/labels")
	g := start(dir, "--data", filepath.Join(dir, "data"), "--upstream", below, "--url", "http://"+at+"/labels",
		"--trusted-proxy", "127.0.0.0/8")
	t.Cleanup(g.stop)
	listens := strings.TrimPrefix(g.url, "http://")
	g.url = "http://" + at + "/labels"
	for _, takesOff := range []bool{true, false} {
		stop := startNginx(t, at, listens, takesOff)
		g.people = map[string]*person{}
		s.g = g
		if takesOff {
			s.join("ann")
		} else {
			stillShut(t, s)
		}
		g.work(t, s)
		stop()
		s.task() // the next one's
	}
}

// work is an annotator's, below the path.
func (g *gate) work(t *testing.T, s *scene) {
	t.Helper()
	had := len(s.annotations())
	b := g.look(t)
	b.do(chromedp.Navigate(g.url + "/projects/"))
	b.until("document.querySelector('input[name=email]') && document.readyState === 'complete'")
	b.onlyBelow()
	b.do(chromedp.SetValue("input[name=email]", "ann@example.com"),
		chromedp.SetValue("input[name=password]", "password-ann"))
	b.do(chromedp.Submit("input[name=password]"))
	b.until("location.pathname === '/labels/projects/' || location.pathname === '/labels/'")
	b.do(chromedp.Navigate(g.url + "/projects/"))
	b.says(t.Name())
	b.onlyBelow()
	b.do(chromedp.Navigate(g.url + s.path("/projects/%d/data")))
	b.press("button", "Label")
	b.says("Good")
	b.press("label", "Good")
	b.onlyBelow()
	b.press("button", "Submit")
	b.count(s, had+1, "say Good", saying("Good"))
}

// onlyBelow holds what the page has loaded from this server to its path; but for the
// fonts, which Label Studio's own style sheets look for at /static whatever it is told.
func (b *tab) onlyBelow() {
	b.t.Helper()
	all, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](
		`performance.getEntriesByType("resource").filter(e => e.name.startsWith(location.origin) &&
			(!new URL(e.name).pathname.startsWith("/labels/") || e.responseStatus >= 400)).map(e => e.responseStatus + " " + e.name)`))
	if err != nil {
		b.fatal(err)
	}
	for _, at := range all {
		if !strings.Contains(at, "/static/fonts/") {
			b.t.Errorf("a page loads %s", at)
		}
	}
}

// stillShut is what LABEL_STUDIO_HOST would open.
func stillShut(t *testing.T, s *scene) {
	t.Helper()
	a, err := s.g.who(t, "owner").ask("GET", s.path("/api/projects/%d/export?exportType=COCO_WITH_IMAGES"), nil)
	if err != nil || a.status != http.StatusForbidden || !strings.Contains(string(a.body), "LABEL_STUDIO_HOST") {
		t.Errorf("an export with files: %v %v", a, err)
	}
	if got := s.g.who(t, "owner").status(t, "GET", s.path("/api/projects/%d/export?exportType=JSON"), nil); got != 200 {
		t.Errorf("one without: %d", got)
	}
}
