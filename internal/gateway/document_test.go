package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"roster/internal/server"
	"roster/internal/store/storetest"
)

// saying has the fake answer one path with a text.
func (w *world) saying(path, text string) {
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.Trim(r.URL.Path, "/") != path {
			return false
		}
		rw.Header().Set("Content-Type", "application/json")
		io.WriteString(rw, text)
		return true
	})
}

// TestWhatPeopleWroteStaysAsWritten: the gate makes nothing of it on its way, and takes
// nobody's words for the upstream's.
func TestWhatPeopleWroteStaysAsWritten(t *testing.T) {
	w := newWorld(t)
	const labels, data = `[{"value":{"y":1.50,"x":2e3},"id":"z"}]`, `{"b":[1,{"email":"x@example.com"}],"a":null}`
	w.saying("api/tasks/11", `{"id":11,"project":1,"data":`+data+
		`,"meta":null,"annotations":[{"id":101,"completed_by":2,"task":11,"project":1,"result":`+labels+`}]}`)
	got := w.get("ann", "/api/tasks/11/")
	if got.status != 200 || !strings.Contains(got.body, labels) || !strings.Contains(got.body, data) ||
		!strings.Contains(got.body, `"meta":null`) {
		t.Error(got)
	}
}

// TestNoAnswerGrowsOutOfBounds: to read it whole takes a few times its size, whatever people
// wrote: [{},{},…] would be forty times that as values.
func TestNoAnswerGrowsOutOfBounds(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	w.get("ann", "/api/tasks/11/") // whatever is made once
	for _, item := range []string{"{}", "0", `{"a":{}}`} {
		list := "[" + strings.Repeat(item+",", 4<<20/len(item)) + item + "]"
		said := fmt.Sprintf(
			`{"id":11,"project":1,"data":{"x":%s},"annotations":[{"id":101,"completed_by":2,"task":11,"project":1,"result":%s}]}`, list, list)
		w.saying("api/tasks/11", said)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := w.get("ann", "/api/tasks/11/")
		runtime.ReadMemStats(&after)
		made := (after.TotalAlloc - before.TotalAlloc) / uint64(len(said))
		if got.status != 200 || len(got.body) < 8<<20 || made > 25 { // the test's own reading is among it
			t.Errorf("of %s: %d, %d bytes, and %d times as many were made", item, got.status, len(got.body), made)
		}
	}
}

// TestFileIsFoundInLargeData without making values of it, and in values alone.
func TestFileIsFoundInLargeData(t *testing.T) {
	w := newWorld(t)
	const uri, target = "s3://bucket/alpha.png", "/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n"
	for data, want := range map[string]int{
		`{"a":[1,{"b":["x","` + uri + `"]}]}`: 200, `{"html":"<img src='` + uri + `'>"}`: 200, `"` + uri + `"`: 200,
		`{"` + uri + `":1}`: 404, `{"a":{"` + uri + `":[true,null]},"b":"` + uri + `x"}`: 404, `null`: 404, `[[],{}]`: 404,
	} {
		w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/tasks") {
				return false
			}
			rw.Header().Set("Content-Type", "application/json")
			io.WriteString(rw, `{"tasks":[{"id":11,"project":1,"data":`+data+`}]}`)
			return true
		})
		if got := w.get("ann", target); got.status != want {
			t.Error(data, got.status, got.body)
		}
	}
}

// TestAddressesHaveABound: in parameters, before it is known who asks, and in the question
// that they hold.
func TestAddressesHaveABound(t *testing.T) {
	w := newWorld(t)
	for target, want := range map[string]int{
		"/api/tasks/?project=1&" + strings.Repeat("a&", 100_000):                         400,
		"/api/tasks/?project=1&" + strings.Repeat("a&", 1_000):                           200,
		"/api/tasks/?project=1&query={%22x%22:[" + strings.Repeat("0,", 600_000) + "0]}": 400,
		"/api/tasks/?project=1&query={%22x%22:[" + strings.Repeat("0,", 1_000) + "0]}":   200,
	} {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Authorization", "Token tok-mia")
		got := httptest.NewRecorder()
		server.Behind(nil, w.gate).ServeHTTP(got, r)
		if got.Code != want {
			t.Errorf("%.60s: %d %.200s", target, got.Code, got.Body)
		}
	}
}
