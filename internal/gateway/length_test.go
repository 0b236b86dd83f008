package gateway_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"roster/internal/gateway"
	"roster/internal/store/storetest"
)

// chunked sends a request whose body has no length, as it stands on the wire.
func (w *world) chunked(who, method, target, contentType, body string, more ...string) reply {
	w.t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(w.srv.URL, "http://"))
	ok(w.t, err)
	defer connection.Close()
	if body != "" {
		body = fmt.Sprintf("%x\r\n%s\r\n", len(body), body)
	}
	_, err = fmt.Fprintf(connection,
		"%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Token tok-%s\r\nContent-Type: %s\r\nTransfer-Encoding: "+
			"chunked\r\n%s\r\n%s0\r\nX-Later: 1\r\n\r\n",
		method, target, who, contentType, strings.Join(more, ""), body)
	ok(w.t, err)
	from := bufio.NewReader(connection)
	answer, err := http.ReadResponse(from, &http.Request{Method: method})
	if err == nil && answer.StatusCode == http.StatusContinue {
		answer, err = http.ReadResponse(from, &http.Request{Method: method})
	}
	ok(w.t, err)
	answer.Body.Close()
	return reply{status: answer.StatusCode, header: answer.Header}
}

// lengths notes how long the upstream was told that bodies are, of everything that it is asked.
func (f *fake) lengths() func() []string {
	var mu sync.Mutex
	var told []string
	f.beforeAll(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if len(r.TransferEncoding) > 0 || r.ContentLength < 0 || r.Header.Get("Expect") != "" ||
			r.Header.Get("Te") != "" || len(r.Trailer) > 0 {
			told = append(told, fmt.Sprint(r.Method, " ", r.URL.Path, " ", r.TransferEncoding, r.Header, r.Trailer))
		}
		return false
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return told
	}
}

// TestNothingGoesOnInChunks: the upstream's own server reads no chunks. It would act
// without the body that was checked, and take that for the next request.
func TestNothingGoesOnInChunks(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	told := w.fake.lengths()
	const task = `{"selectedItems":{"all":false,"included":[11]}}`
	for _, more := range [][]string{nil, {"Expect: 100-continue\r\n"}, {"Trailer: X-Later\r\nTE: trailers\r\n"}} {
		w.fake.taken()
		if got := w.chunked("mia", "POST", "/api/dm/actions/?id=delete_tasks&project=1", "application/json", task,
			more...); got.status != 200 {
			t.Error(more, got)
		}
		if seen := w.fake.taken(); len(seen) != 1 || !strings.Contains(string(seen[0].body), `"included":[11]`) {
			t.Errorf("%q: arrived as %+v", more, seen)
		}
	}
	for _, line := range gateway.Lines() {
		for _, method := range append(slices.Clone(line.Methods), "HEAD") {
			for _, body := range []string{"", "{}"} {
				w.chunked("owner", method, target(line), "application/json", body)
				w.chunked("owner", method, target(line), "multipart/form-data; boundary=x", body)
			}
		}
	}
	if chunks := told(); len(chunks) > 0 {
		t.Errorf("went on without a length: %.2000q", chunks)
	}
}

// TestUploadsSayTheirLength: what is passed on as it comes has to say how long it is.
func TestUploadsSayTheirLength(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{"/api/projects/1/import", "/api/projects/1/tasks/bulk/",
		"/api/projects/1/import/predictions", "/user/login/"} {
		w.fake.taken()
		if got := w.chunked("mia", "POST", target, "application/json",
			`[{"data":{}}]`); got.status != http.StatusLengthRequired {
			t.Error(target, got)
		}
		if seen := w.fake.taken(); len(seen) > 0 {
			t.Errorf("%s: arrived as %+v", target, seen)
		}
	}
}
