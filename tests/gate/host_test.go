package gate

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestHostileHost: what somebody says the server is called reaches neither the
// upstream's answers nor its redirects.
func TestHostileHost(t *testing.T) {
	s := need(t).newScene(t)
	s.id("link", nil)
	dir := t.TempDir()
	g := start(dir, "--data", filepath.Join(dir, "data"), "--url", "http://label.example.com")
	defer g.stop()
	owner := g.who(t, "owner")
	for _, path := range []string{"/", s.path("/projects/%d/"), s.path("/projects/%d/data/"),
		"/user/login/?next=http://evil.example/", "/api/projects/?page_size=1",
		s.path("/api/label_links/?project=%d&page_size=1"), "/api/current-user/whoami", s.path("/api/projects/%d/")} {
		r, err := http.NewRequest("GET", g.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := url.Parse(g.url)
		for _, c := range owner.client.Jar.Cookies(at) {
			r.AddCookie(c)
		}
		r.Host = "evil.example"
		got, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(got.Body)
		got.Body.Close()
		if location := got.Header.Get("Location"); err != nil || got.StatusCode >= 400 ||
			strings.HasPrefix(location, "http") || strings.Contains(string(body), "//evil.example/api") ||
			strings.Contains(string(body), upstream.url) {
			t.Errorf("%s: %s to %q, %.300s %v", path, got.Status, location, body, err)
		}
	}
}

const boxes = `<View><Image name="image" value="$image"/><RectangleLabels name="kind" toName="image"><Label ` +
	`value="Bird"/></RectangleLabels></View>`

// box is an annotation of a picture.
var box = map[string]any{"result": []any{map[string]any{
	"from_name": "kind", "to_name": "image", "type": "rectanglelabels", "original_width": 10, "original_height": 10,
	"value": map[string]any{"x": 1, "y": 1, "width": 5, "height": 5, "rotation": 0, "rectanglelabels": []string{"Bird"}},
}}}

// TestOwnersTokenStays: with DOMAIN_FROM_REQUEST, the upstream sends its owner's
// token to wherever an export with files says that it was sent. Reproduced past
// the gate, and not through it.
func TestOwnersTokenStays(t *testing.T) {
	g := need(t)
	var told atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Authorization"), upstream.token) {
			told.Add(1)
		}
	}))
	defer elsewhere.Close()
	s := &scene{t: t, g: g, made: map[string]int64{}}
	s.project = s.create("/api/projects/", map[string]any{"title": t.Name(), "label_config": boxes})
	task := s.create("/api/tasks/",
		map[string]any{"project": s.project, "data": map[string]any{"image": s.path("/data/upload/%d/bird.png")}})
	s.create(fmt.Sprintf("/api/tasks/%d/annotations/", task), box)
	export := func(base string) {
		t.Helper()
		r, err := http.NewRequest("GET", base+s.path("/api/projects/%d/export?exportType=COCO_WITH_IMAGES"), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = strings.TrimPrefix(elsewhere.URL, "http://")
		if got, err := behind().send(r); err != nil || got.status != http.StatusOK {
			t.Fatal(got, err)
		}
	}
	export(upstream.url)
	if told.Swap(0) == 0 {
		t.Error("past the gate the token stays, too: is this test about anything any more?")
	}
	export(g.url)
	if n := told.Load(); n != 0 {
		t.Errorf("the owner's token left %d times", n)
	}
}
