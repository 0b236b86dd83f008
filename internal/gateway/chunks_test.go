package gateway_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestChunksThatNobodyReads: a chunk whose size cannot be is the client's fault, whatever
// kind of body it is of.
func TestChunksThatNobodyReads(t *testing.T) {
	w := newWorld(t)
	for name, target := range map[string]string{
		"a stream": "POST /api/projects/1/import", "JSON": "POST /api/tasks/11/annotations/",
		"no body": "GET /api/tasks/11/", "a form": "POST /user/login/",
	} {
		connection, err := net.Dial("tcp", strings.TrimPrefix(w.srv.URL, "http://"))
		ok(t, err)
		kind := map[string]string{"a form": "application/x-www-form-urlencoded"}[name]
		if kind == "" {
			kind = "application/json"
		}
		fmt.Fprintf(connection,
			"%s HTTP/1.1\r\nHost: x\r\nAuthorization: Token tok-mia\r\nContent-Type: %s\r\nTransfer-Encoding: "+
				"chunked\r\n\r\n11111111111111111\r\n",
			target, kind)
		answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
		ok(t, err)
		want := 400
		if name == "a stream" || name == "a form" { // these say their length, or are not read
			want = 411
		}
		if answer.StatusCode != want {
			t.Errorf("%s: %s", name, answer.Status)
		}
		answer.Body.Close()
		connection.Close()
	}
}
