package gateway_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"roster"
	"roster/internal/core"
	"roster/internal/store/storetest"
)

// announce says that a body of 31 MiB follows, and waits to be told to send it:
// the status is 100 where the server wants it before it decides.
func (w *world) announce(who, method, target string) int {
	w.t.Helper()
	c, err := net.Dial("tcp", w.srv.Listener.Addr().String())
	ok(w.t, err)
	defer c.Close()
	_, err = fmt.Fprintf(c,
		"%s %s HTTP/1.1\r\nHost: gate\r\nAuthorization: Token tok-%s\r\nContent-Type: "+
			"application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		method, target, who, 31<<20)
	ok(w.t, err)
	line, err := bufio.NewReader(c).ReadString('\n')
	ok(w.t, err)
	var status int
	_, err = fmt.Sscanf(line, "HTTP/1.1 %d", &status)
	ok(w.t, err)
	return status
}

// TestRightsBeforeBodies: what the address, the rule and the person say is enough
// to refuse, so no body is read for it.
func TestRightsBeforeBodies(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		who, method, target string
		status              int
	}{
		{"out", "POST", "/api/tasks/11/annotations/", 404},  // no member
		{"ann", "POST", "/api/tasks/21/annotations/", 404},  // of another project
		{"ann", "PATCH", "/api/annotations/102/", 100},      // whose it is, is asked when it is here
		{"ann", "PATCH", "/api/projects/1/", 403},           // not as an annotator
		{"vic", "POST", "/api/dm/views/?project=1", 403},    // named by the query
		{"ann", "POST", "/api/tasks/", 403},                 // annotators manage no project's tasks
		{"mia", "POST", "/api/tasks/", 100},                 // the body says which
		{"mia", "POST", "/api/ml/", 403},                    // for nobody's project
		{"ann", "PATCH", "/api/organizations/1", 403},       // the organization's
		{"paul", "POST", "/api/tasks/11/annotations/", 403}, // paused
		{"ann", "POST", "/api/tasks/11/annotations/", 100},
		{"nobody", "POST", "/api/tasks/11/annotations/", 401},
	} {
		if status := w.announce(c.who, c.method, c.target); status != c.status {
			t.Errorf("%s %s %s: %d, want %d", c.who, c.method, c.target, status, c.status)
		}
	}
}

// TestBodiesShareMemory: who sends more than there is room for is told to come
// back, while others are held; small bodies always fit.
func TestBodiesShareMemory(t *testing.T) {
	w := newWorldOf(t, func(c *core.Config) { c.BodiesEach, c.BodiesAll = 300<<10, 500<<10 })
	body := func(kib int) string {
		return `{"result":["` + strings.Repeat("x", kib<<10) + `"]}`
	}
	const target = "/api/tasks/11/annotations/"
	if got := w.send("ann", "POST", target, body(400)); got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("more than one person's: %d %s", got.status, got.body)
	}
	w.get("rev", "/api/tasks/11/") // so that who they are is known
	arrived, goOn := make(chan bool), make(chan bool)
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		arrived <- true
		<-goOn
		return false
	})
	sent := make(chan reply)
	go func() { sent <- w.send("rev", "POST", target, body(350)) }()
	<-arrived
	w.fake.answering(nil)
	if got := w.send("ann", "POST", target, body(300)); got.status != 503 {
		t.Errorf("more than everybody's: %d %s", got.status, got.body)
	}
	if got := w.send("ann", "POST", target, body(60)); got.status != 200 {
		t.Errorf("a small one: %d %s", got.status, got.body)
	}
	goOn <- true
	if got := <-sent; got.status != 200 {
		t.Errorf("the one that was held: %d %s", got.status, got.body)
	}
	if got := w.send("ann", "POST", target, body(300)); got.status != 200 {
		t.Errorf("when there is room again: %d %s", got.status, got.body)
	}
	_, err := w.app.PauseMember(w.as("owner"), 1, people["ann"], roster.PauseManual, "")
	ok(t, err)
	if got := w.send("ann", "POST", target, body(400)); got.status != 403 {
		t.Errorf("whose right is gone: %d %s", got.status, got.body)
	}
}

// TestDeepBodies: nothing that is nested without end gets to the upstream.
func TestDeepBodies(t *testing.T) {
	w := newWorld(t)
	nested := func(n int) string { return `{"result":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	for n, want := range map[int]int{50: 200, 100: 200, 101: 400, 9_000: 400, 100_000: 400} {
		if got := w.send("ann", "POST", "/api/tasks/11/annotations/", nested(n)); got.status != want {
			t.Errorf("%d levels: %d, want %d", n, got.status, want)
		}
	}
}

// TestNoBodyGrowsOutOfBounds: what is made of a body takes memory too, and so counts before
// it is made. Lists of numbers stay as they were written.
func TestNoBodyGrowsOutOfBounds(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	list := func(item string, n int) string { return "[" + strings.Repeat(item+",", n) + item + "]" }
	for _, c := range []struct {
		who, target, body string
		status            int
	}{
		{"out", "/api/labels/", list("{}", 7<<20), 413},
		{"out", "/api/labels/", list("{}", 1000), 400},
		{"ann", "/api/tasks/11/annotations/", `{"result":` + list("{}", 2<<20) + `}`, 413},
		{"ann", "/api/tasks/11/annotations/", `{"result":{"a":` + list(`{"b":1}`, 1<<20) + `}}`, 413},
		{"ann", "/api/tasks/11/annotations/", `{"result":[{"rle":` + list("0", 4<<20) + `}]}`, 200},
		{"mia", "/api/dm/actions/?id=next_task&project=1", `{"x":` + list("0", 600_000) + `}`, 413},
		{"mia", "/api/token/rotate/", `{"refresh":"x.` +
			base64.RawURLEncoding.EncodeToString([]byte(list("{}", 1<<20))) + `"}`, 400},
	} {
		if got := w.send(c.who, "POST", c.target, c.body); got.status != c.status {
			t.Errorf("%s %s %.20s: %d %.200s, want %d", c.who, c.target, c.body, got.status, got.body, c.status)
		}
	}
}
