package gateway_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/store/storetest"
)

// below is a world that people reach below /labels, and whose upstream knows it.
func below(t *testing.T) *world {
	t.Helper()
	at, err := url.Parse("https://label.example.com/labels")
	ok(t, err)
	hooks, err := url.Parse("http://127.0.0.1:8080")
	ok(t, err)
	return worldWith(t, storetest.SQLite(t), func(c *core.Config) { c.Links, c.URL = at.String(), at.String() },
		func(c *gateway.Config) { c.Public, c.Hooks = at, hooks })
}

// TestGateBelowAPath: the rules are about the path below that of --url, and the upstream gets
// the path without it: it puts its own before what it writes, by its LABEL_STUDIO_HOST.
func TestGateBelowAPath(t *testing.T) {
	w := below(t)
	w.fake.taken()
	if got := w.get("ann", "/labels/api/projects/1/"); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if seen := w.fake.taken(); len(seen) != 1 || seen[0].path != "/api/projects/1/" {
		t.Errorf("the upstream was asked %+v", seen)
	}
	for _, target := range []string{"/api/projects/1/", "/labels/labels/api/projects/1/", "//labels/api/projects/1/",
		"/labels//api/projects/1/", "/labels/../api/projects/1/", "/labels/./api/projects/1/",
		"/labels/%2e%2e/api/projects/1/",
		"/labels%2fapi/projects/1/", "/%6cabels/api/projects/1/", "/labels/%2fapi/projects/1/", "/labelsapi/projects/1/",
		"/labels;/api/projects/1/", "/x/../labels/api/projects/1/", "/labels/api/projects/2/",
		"/labels/api/projects/1/../2/", "/labels/admin/", "/admin/", "/labels/../admin/", "/labels/%2e%2e/admin/",
		"/labels/labels/admin/", "/user/login/", "/react-app/main.js", "/roster/", "/health"} {
		for _, said := range []string{"", "/labels", "/", "/labels/api", "/labels/.."} {
			if got := w.get("ann", target, "X-Forwarded-Prefix", said, "X-Script-Name", "/labels", "X-Original-Uri",
				"/labels/api/projects/1/"); got.status != 404 && got.status != 400 {
				t.Errorf("%s with %q: %d %.200s", target, said, got.status, got.body)
			}
		}
		if seen := w.fake.taken(); len(seen) != 0 {
			t.Errorf("%s reached the upstream: %+v", target, seen)
		}
	}
}

// TestPagesOfAGateBelowAPath: whatever a browser is led to, or given, is below the path.
func TestPagesOfAGateBelowAPath(t *testing.T) {
	w := below(t)
	page := []string{"Accept", "text/html"}
	for _, c := range []struct{ who, method, target, want string }{
		{"", "GET", "/labels/projects/?page=2", "/labels/user/login/?next=%2Flabels%2Fprojects%2F%3Fpage%3D2"},
		{"ann", "GET", "/labels/logout", "/labels/user/login/"},
		{"", "GET", "/labels/roster/user/login?next=%2Flabels%2Froster%2F", "/labels/user/login/?next=%2Flabels%2Froster%2F"},
		{"", "GET", "/labels/roster/people", "/labels/user/login"},
	} {
		got := w.send(c.who, c.method, c.target, "", page...)
		if to := got.header.Get("Location"); !strings.HasPrefix(to, c.want) {
			t.Errorf("%s leads to %q, not %q", c.target, to, c.want)
		}
		for _, cookie := range got.header["Set-Cookie"] {
			if !strings.Contains(cookie, "; Path=/labels;") {
				t.Errorf("%s: %s", c.target, cookie)
			}
		}
	}
	if got := w.get("ann", "/labels/admin/", page...); !strings.Contains(got.body, `href="/labels/projects/"`) ||
		strings.Contains(got.body, `="/p`) {
		t.Errorf("a refusal leads elsewhere: %s", got.body)
	}
	w.get("mia", "/labels/api/version/") // it is known whose the token is
	for said, want := range map[string]string{
		"/projects/": "/labels/projects/", "/labels/projects/": "/labels/projects/", "/labels": "/labels",
		"https://label.example.com/labels/projects/": "/labels/projects/", w.fake.srv.URL +
			"/projects/?x=1": "/labels/projects/?x=1",
		"https://label.example.com//evil.example": "/labels/evil.example", "/labelsx": "/labels/labelsx",
		"//evil.example/x": "//evil.example/x",
	} {
		w.fake.answering(func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Location", said)
			rw.Header().Add("Set-Cookie", "csrftoken=form; Path=/")
			rw.WriteHeader(http.StatusFound)
			return true
		})
		got := w.get("mia", "/labels/projects/1/data", page...)
		if to := got.header.Get("Location"); to != want || !strings.Contains(got.header.Get("Set-Cookie"), "Path=/labels") {
			t.Errorf("%s was brought to %q, not %q: %d %v %s", said, to, want, got.status, got.header["Set-Cookie"], got.body)
		}
	}
	w.fake.answering(func(rw http.ResponseWriter, _ *http.Request) bool {
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, "<html><body></body></html>")
		return true
	})
	shown := w.get("mia", "/labels/projects/1/data", page...).body
	if !strings.Contains(shown, `href="/labels/roster/"`) || strings.Contains(shown, "ROOT") {
		t.Errorf("the link to the members: %s", shown)
	}
	w.fake.answering(nil)
}

// TestHookBelowAPath: the upstream is told where the gate is found.
func TestHookBelowAPath(t *testing.T) {
	w := below(t)
	for _, target := range []string{"/api/roster/gate/changes", "/labels/labels/api/roster/gate/changes"} {
		if got := w.send("", "POST", target, `{}`); got.status != 404 {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	got := w.send("", "POST", "/labels/api/roster/gate/changes", `{"action":"PROJECT_UPDATED","project":{"id":1}}`,
		"X-Roster-Secret", w.app.HookSecret())
	if got.status/100 != 2 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestNoFilesInTheOwnersName: while the upstream is told an address of its own, which it
// sends its owner's token to, nobody has it fetch what tasks name, the Owner included.
func TestNoFilesInTheOwnersName(t *testing.T) {
	w := newWorld(t)
	for own, want := range map[string]int{"": 200, "https://label.example.com/labels": 403} {
		w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/user/login/" {
				return false
			}
			fmt.Fprintf(rw, `<link href="%s/static/css/main.css" rel="stylesheet"/>`, own)
			return true
		})
		for _, query := range []string{"exportType=YOLO_WITH_IMAGES", "exportType=ASR_MANIFEST",
			"exportType=VOC&download_resources=true"} {
			w.fake.taken()
			got := w.get("owner", "/api/projects/1/export?"+query)
			if got.status != want || want == 403 && !strings.Contains(got.body, "LABEL_STUDIO_HOST") {
				t.Errorf("told %q, %s: %d %.200s", own, query, got.status, got.body)
			}
		}
		if got := w.get("owner", "/api/projects/1/export?exportType=JSON"); got.status != 200 {
			t.Errorf("told %q, without files: %d %.200s", own, got.status, got.body)
		}
	}
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/user/login/" {
			fmt.Fprint(rw, "a page that tells nothing")
		}
		return r.URL.Path == "/user/login/"
	})
	if got := w.get("owner", "/api/projects/1/export?exportType=YOLO_WITH_IMAGES"); got.status != 502 {
		t.Errorf("nobody knows which address it has: %d %.200s", got.status, got.body)
	}
}

// TestSessionBesideAnothers: another server at the same host may have a cookie of the same
// name, as Label Studio's kind has. The one for the longer path comes first, and is ours.
func TestSessionBesideAnothers(t *testing.T) {
	w := below(t)
	w.get("ann", "/labels/api/version/")
	_, session := w.signInAt("/labels/user/login/", "ann@example.com", "right")
	for cookies, want := range map[string]int{
		"sessionid=" + session + "; sessionid=anothers": 200, "sessionid=" + session: 200, "sessionid=anothers": 401,
	} {
		if got := w.get("", "/labels/api/projects/1/", "Cookie", cookies); got.status != want {
			t.Errorf("%s: %d %s", cookies, got.status, got.body)
		}
	}
	both := w.get("ann", "/labels/api/projects/1/", "Cookie", "sessionid="+session)
	if both.status != 400 {
		t.Errorf("a token and a session: %d", both.status)
	}
}
