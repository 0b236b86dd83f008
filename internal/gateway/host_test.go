package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/gateway"
)

// asHost sends a GET that says it is meant for another host.
func (w *world) asHost(host, who, target string) reply {
	w.t.Helper()
	r, err := http.NewRequest("GET", w.srv.URL+target, nil)
	ok(w.t, err)
	r.Host = host
	r.Header.Set("Authorization", "Token tok-"+who)
	answer, err := http.DefaultTransport.RoundTrip(r)
	ok(w.t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	ok(w.t, err)
	return reply{answer.StatusCode, answer.Header, string(raw)}
}

// TestHost: what the upstream takes for its own name is not the client's to say,
// nor what the gate writes into links where it was told.
func TestHost(t *testing.T) {
	public, err := url.Parse("https://label.example.com")
	ok(t, err)
	for name, at := range map[string]*url.URL{"as the operator says": public, "as the upstream is": nil} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *gateway.Config) { c.Public = at })
			want := w.upstreamURL().Host
			if at != nil {
				want = at.Host
			}
			w.get("ann", "/api/version/")
			w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
				if r.Host != want {
					t.Errorf("the upstream was called %q", r.Host)
				}
				here := "http://" + r.Host
				switch r.URL.Path {
				case "/projects/1/":
					rw.Header().Set("Location", here+"/projects/1/data/?tab=1")
					rw.WriteHeader(http.StatusFound)
				default:
					writeJSON(rw, map[string]any{"count": 9, "next": here + "/api/label_links/?page=3&project=1",
						"previous": here + "/api/label_links/?project=1", "results": []any{}})
				}
				return true
			})
			got := w.asHost("evil.example", "ann", "/projects/1/")
			if got.status != 302 || got.header.Get("Location") != "/projects/1/data/?tab=1" {
				t.Error(got)
			}
			got = w.asHost("evil.example", "ann", "/api/label_links/?project=1&page=2")
			if strings.Contains(got.body, w.upstreamURL().Host) || !strings.Contains(got.body, "page=3") {
				t.Error(got)
			}
			if at != nil && (strings.Contains(got.body, "evil") ||
				!strings.Contains(got.body, `"next":"https://label.example.com/api/label_links/`)) {
				t.Error(got)
			}
		})
	}
}

// TestLinksNameNoHost: a link to another page begins with where people reach the
// gate, or is a path; with what a client says, never.
func TestLinksNameNoHost(t *testing.T) {
	public, err := url.Parse("https://label.example.com")
	ok(t, err)
	for base, at := range map[string]*url.URL{"": nil, "https://label.example.com": public} {
		w := newWorld(t, func(c *gateway.Config) { c.Public = at })
		for _, target := range []string{"/api/projects/?page_size=1", "/api/projects/?page_size=1&title=a"} {
			got := w.asHost("evil.example", "mia", target)
			if next := fmt.Sprint(got.json(t).(map[string]any)["next"]); !strings.HasPrefix(next, base+"/api/projects/") ||
				strings.Contains(got.body, "evil.example") {
				t.Errorf("%q, %s: next is %s", base, target, next)
			}
		}
	}
}

// TestRedirectStaysHere: what the upstream takes for an address of its own, and
// lets people be sent to after they signed in, is not one of another server here.
func TestRedirectStaysHere(t *testing.T) {
	public, err := url.Parse("https://label.example.com")
	ok(t, err)
	w := newWorld(t, func(c *gateway.Config) { c.Public = public })
	w.get("ann", "/api/version/") // it is known whose the token is
	for to, want := range map[string]string{
		"https://label.example.com//evil.example/x?y=1": "/evil.example/x?y=1",
		"https://label.example.com///evil.example":      "/evil.example",
		"https://label.example.com/%2F/evil.example":    "/evil.example",
		`https://label.example.com/\evil.example`:       "/%5Cevil.example",
		"https://label.example.com":                     "/", "https://label.example.com/a%2Fb/?c=1": "/a%2Fb/?c=1",
		"/projects/": "/projects/",
	} {
		w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
			rw.Header().Set("Location", to)
			rw.WriteHeader(http.StatusFound)
			return true
		})
		if got := w.get("ann", "/projects/1/").header.Get("Location"); got != want {
			t.Errorf("%s leads to %q, not %q", to, got, want)
		}
	}
}

// told is a body that says when it is first read.
type told struct {
	io.ReadCloser
	once sync.Once
	read chan struct{}
}

func (b *told) Read(p []byte) (int, error) {
	b.once.Do(func() { close(b.read) })
	return b.ReadCloser.Read(p)
}

// TestSignedOutMeanwhile: who is signed out while their request is still
// arriving has sent nothing.
func TestSignedOutMeanwhile(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Recheck = time.Nanosecond })
	_, session := w.signIn("ann@example.com", "right")
	cookie := "sessionid=" + session
	if got := w.get("", "/api/tasks/11/", "Cookie", cookie); got.status != 200 {
		t.Fatal(got)
	}
	w.fake.taken()
	read := make(chan struct{})
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Body = &told{ReadCloser: r.Body, read: read}
		w.srv.Config.Handler.ServeHTTP(rw, r)
	}))
	defer front.Close()
	body, writer := io.Pipe()
	r, err := http.NewRequest("POST", front.URL+"/api/tasks/11/annotations/", body)
	ok(t, err)
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Content-Type", "application/json")
	done := make(chan *http.Response, 1)
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
		}
		done <- answer
	}()
	_, err = writer.Write([]byte(`{"result":`))
	ok(t, err)
	<-read
	if got := w.get("", "/logout/", "Cookie", cookie); got.status != 302 {
		t.Fatal(got)
	}
	writer.Write([]byte(`[]}`))
	writer.Close()
	if answer := <-done; answer == nil || answer.StatusCode != 401 || len(w.fake.taken()) > 0 {
		t.Errorf("%+v", answer)
	}
}
