package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// logged keeps what is logged, until the test ends.
type logged struct {
	mu  sync.Mutex
	raw bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.raw.Write(p)
}

// lines takes the lines with a message.
func (l *logged) lines(t *testing.T, message string) (all []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for text := range strings.Lines(l.raw.String()) {
		var line map[string]any
		ok(t, json.Unmarshal([]byte(text), &line))
		if line["msg"] == message {
			all = append(all, line)
		}
	}
	l.raw.Reset()
	return all
}

func logging(t *testing.T) *logged {
	l, before := &logged{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return l
}

// TestEveryRefusalIsLogged: with its rule, its reason, whose it was and which
// request, and without what people keep secret.
func TestEveryRefusalIsLogged(t *testing.T) {
	l := logging(t)
	w := newWorld(t)
	w.get("ann", "/api/tasks/11/")
	const none, ann = 0.0, 2.0
	broken := func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/tasks/" {
			return false
		}
		io.WriteString(rw, "sesame")
		return true
	}
	w.fake.answering(broken)
	for _, c := range []struct {
		who, method, target, body string
		header                    []string
		status                    int
		rule                      string
		user                      float64
	}{
		{"ann", "GET", "/api/%2e%2e/tasks?token=sesame", "", nil, 400, "unrouted", none},
		{"ann", "GET", "/api/version/", "", []string{"Upgrade", "websocket"}, 400, "unrouted", none},
		{"ann", "GET", "/api/brand-new/?token=sesame", "", nil, 404, "unrouted", none},
		{"ann", "GET", "/admin/", "", nil, 404, "", none},
		{"ann", "DELETE", "/api/version/", "", nil, 405, "unrouted", none},
		{"", "GET", "/api/tasks/11/?token=sesame", "", nil, 401, "GET /api/tasks/{task}/", none},
		{"", "GET", "/api/tasks/11/", "", []string{"Authorization", "Basic sesame"}, 401, "GET /api/tasks/{task}/", none},
		{"", "GET", "/api/tasks/11/", "", []string{"Authorization", "Token sesame"}, 401, "GET /api/tasks/{task}/", none},
		{"", "GET", "/api/tasks/11/", "", []string{"Cookie", "sessionid=sesame"}, 401, "GET /api/tasks/{task}/", none},
		{"ann", "GET", "/api/tasks/11/", "", []string{"X-Api-Key", "sesame"}, 400, "GET /api/tasks/{task}/", none},
		{"ann", "GET", "/api/tasks/21/", "", nil, 404, "GET /api/tasks/{task}/", ann},
		{"ann", "GET", "/api/tasks/?project=x", "", nil, 400, "GET /api/tasks/", ann},
		{"ann", "DELETE", "/api/projects/1/", "", nil, 403, "DELETE /api/projects/{project}/", ann},
		{"ann", "GET", "/api/annotations/102/", "", nil, 404, "", ann},
		{"ann", "POST", "/api/tasks/11/annotations/", `{"completed_by":3}`, nil, 403, "", ann},
		{"ann", "POST", "/api/tasks/11/annotations/", `{"a":"sesame","a":1}`, nil, 400, "", ann},
		{"ann", "POST", "/api/tasks/11/annotations/", "a=sesame",
			[]string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "", ann},
		{"ann", "GET", "/api/tasks/11/", "sesame", nil, 400, "GET /api/tasks/{task}/", ann},
		{"", "POST", "/api/token/refresh/", `{"refresh":"` + strings.Repeat("sesame", 20_000) + `"}`, nil, 413, "", none},
		{"ann", "GET", "/api/tasks/?project=1", "", nil, 502, "GET /api/tasks/", ann},
		{"ann", "GET", "/api/roster/gate/refusals", "", nil, 403, "", ann},
	} {
		l.lines(t, "")
		got := w.send(c.who, c.method, c.target, c.body, append(c.header, "X-Request-Id", "seven")...)
		whole := l.whole()
		lines := l.lines(t, "gate refused")
		if got.status != c.status || len(lines) != 1 {
			t.Errorf("%s %s: %d %s, logged %v", c.method, c.target, got.status, got.body, lines)
			continue
		}
		line := lines[0]
		rule, _ := line["rule"].(string)
		if rule == "" || (c.rule != "" && rule != c.rule) || line["user"] != c.user || line["request"] != "seven" ||
			line["error"] == "" || line["status"] != float64(c.status) || line["method"] != c.method {
			t.Errorf("%s %s: logged %v", c.method, c.target, line)
		}
		if strings.Contains(whole, "sesame") || strings.Contains(whole, "tok-") || strings.Contains(whole, serviceToken+`"`) {
			t.Errorf("%s %s: the log tells a secret: %s", c.method, c.target, whole)
		}
	}
}

func (l *logged) whole() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.raw.String()
}

// TestCutIsLogged likewise.
func TestCutIsLogged(t *testing.T) {
	l := logging(t)
	w := newWorld(t)
	w.get("ann", "/api/tasks/11/")
	begun, _ := w.fake.stalling()
	end := make(chan string, 1)
	go func() { end <- w.ending("ann", "/data/upload/1/big.bin") }()
	<-begun
	w.unassign(1, "ann")
	<-end
	w.srv.Close()
	lines := l.lines(t, "gate cut a request in flight")
	if len(lines) != 1 {
		t.Fatal(lines)
	}
	if line := lines[0]; line["rule"] != "GET /data/upload/{project}/{rest}" || line["user"] != 2.0 ||
		line["project"] != 1.0 || line["request"] == "" || line["error"] != "Not found." {
		t.Error(line)
	}
}
