package browser

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// nginxBelow is nginx with a server below /labels, and another one beside it.
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

// behindNginx is an organization below /labels of an nginx that takes the path off, or not,
// and a tab that looks at it. Its URL is nginx's own.
func behindNginx(t *testing.T, takesOff bool) *site {
	t.Helper()
	s := open(t) // or there is no browser
	binary, err := exec.LookPath("nginx")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Skip("no nginx: apt-get install nginx-light")
		}
	}
	at := freeAddress(t)
	w := apptest.New(t, storetest.SQLite(t))
	w.Clock = s.Clock
	w.App = w.Configured(func(c *core.Config) {
		c.Links = "http://" + at + "/labels"
		c.URL = c.Links
	})
	srv := httptest.NewServer(server.Behind([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		server.Handler(w.App, "test")))
	t.Cleanup(srv.Close)
	dir, to, said := t.TempDir(), srv.Listener.Addr().String(), ""
	if takesOff {
		to, said = to+"/", "/labels"
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxBelow, dir, at, to, said), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	nginx := exec.CommandContext(ctx, binary, "-p", dir, "-c", file)
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); nginx.Wait() })
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		if answer, err := http.Get("http://" + at + "/labels/health"); err == nil {
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("through nginx: %d", answer.StatusCode)
			}
			break
		}
		if nginx.ProcessState != nil {
			t.Fatal("nginx does not run")
		}
	}
	s.World, s.URL = w, "http://"+at
	return s
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

// TestConsoleBelowAPath: behind an nginx that takes the path off, and behind one that does
// not, the whole console works, and loads nothing from beside its path.
func TestConsoleBelowAPath(t *testing.T) {
	for name, takesOff := range map[string]bool{"taken off": true, "as it came": false} {
		t.Run(name, func(t *testing.T) { behindNginx(t, takesOff).console() })
	}
}

func (s *site) console() {
	project := s.Project("Street signs", 0)
	for range 3 {
		s.Assign(project, s.Person("AN"))
	}
	email := s.account(s.Owner)
	s.visit("/labels/projects")
	s.until("document.readyState === 'complete' && location.pathname === '/labels/user/login'")
	s.do(chromedp.SetValue("#email", email), chromedp.SetValue("#password", password),
		chromedp.Click("main form .btn-primary"))
	s.arrived("/labels/projects")
	s.onlyBelow()
	s.click("main a[href$='/members']")
	s.arrived(fmt.Sprintf("/labels/projects/%d/members", project))
	s.palette("people")
	s.until("document.querySelector('#palette [role=option]')")
	s.onlyBelow()
	s.do(chromedp.KeyEvent(kb.Escape))
	s.click("thead input[type=checkbox]")
	s.until("document.querySelector('.bar')")
	s.onlyBelow()
	for _, path := range []string{"/people", "/roster/people", "/tags", "/history", "/settings", "/help", "/",
		"/docs/api/"} {
		s.visit("/labels" + path)
		s.until("document.readyState === 'complete'")
		if to := eval[string](s, "location.pathname"); !strings.HasPrefix(to, "/labels/") {
			s.T.Errorf("%s led to %s", path, to)
		}
		s.onlyBelow()
	}
	if said := eval[string](s, "document.cookie"); !strings.Contains(said, "roster_zone=") {
		s.T.Errorf("the page's own cookies: %q", said)
	}
	s.visit("/nothing")
	if said := eval[string](s, "document.cookie"); said != "" {
		s.T.Errorf("beside the path, there are cookies: %q", said)
	}
}

// arrived waits until a page is there.
func (s *site) arrived(path string) {
	s.T.Helper()
	s.until("document.readyState === 'complete' && location.pathname === " + fmt.Sprintf("%q", path))
}

// onlyBelow holds everything that the page has loaded, and all that it leads to, to its path.
func (s *site) onlyBelow() {
	s.T.Helper()
	all := eval[[]string](
		s, `[...performance.getEntriesByType("resource").map(e => e.name + (e.responseStatus >= 400 ? " " + e.responseStatus : "")),
		...[...document.querySelectorAll("[href]")].map(e => e.href.baseVal || e.href),
		...[...document.querySelectorAll("[src]")].map(e => e.src), ...[...document.forms].map(e => e.action)]`)
	for _, at := range all {
		if !strings.HasPrefix(at, s.URL+"/labels") || strings.Contains(at, " ") {
			s.T.Errorf("%s has %s", eval[string](s, "location.pathname"), at)
		}
	}
}
