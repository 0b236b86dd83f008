package gateway_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestUpstreamRestarts: while it is away everything of it is refused, and when
// it is back nothing wrong is remembered.
func TestUpstreamRestarts(t *testing.T) {
	w := newWorld(t)
	away := func(name string, want int, how func(rw http.ResponseWriter, r *http.Request)) {
		t.Helper()
		w.fake.beforeAll(func(rw http.ResponseWriter, r *http.Request) bool { how(rw, r); return true })
		if got := w.get("ann", "/api/tasks/12/"); got.status != want {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		w.fake.beforeAll(nil)
	}
	gone := func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNotFound) }
	away("the whole of it is not found", 404, gone)
	away("a page of a server in front of it", 502, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		io.WriteString(rw, "<html>starting</html>")
	})
	away("unavailable", 502, func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusServiceUnavailable)
	})
	away("reset before an answer", 502, func(rw http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	if got := w.get("ann", "/api/tasks/12/"); got.status != 200 {
		t.Fatal("when it is back:", got)
	}
	away("not found, once it is known", 404, gone)

	address := w.fake.srv.Listener.Addr().String()
	w.fake.srv.CloseClientConnections()
	w.fake.srv.Close()
	for _, target := range []string{"/api/tasks/12/", "/api/tasks/13/", "/api/projects/"} {
		if got := w.get("ann", target); got.status != 502 {
			t.Error("down:", target, got)
		}
	}
	again := httptest.NewUnstartedServer(w.fake)
	again.Listener.Close()
	var err error
	again.Listener, err = net.Listen("tcp", address)
	ok(t, err)
	again.Start()
	t.Cleanup(again.Close)
	for _, target := range []string{"/api/tasks/12/", "/api/tasks/13/", "/api/projects/"} {
		if got := w.get("ann", target); got.status != 200 {
			t.Error("up again:", target, got)
		}
	}
}

// TestBrokenAnswers: an answer that does not come whole is never told as if it
// had, and one that has more in it than fits is not read to its end.
func TestBrokenAnswers(t *testing.T) {
	w := newWorld(t)
	w.get("ann", "/api/tasks/11/")
	const list, file = "/api/tasks/?project=1", "/data/upload/1/a.png"
	const whole = `{"tasks":[],"total":0}`
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, c := range map[string]struct {
		target, raw string
		want        int // 0: breaks off
	}{
		"garbage":               {list, "\x00\x01\x02 garbage\r\n\r\n", 502},
		"shorter than it says":  {list, head + "Content-Length: 100\r\n\r\n" + whole, 502},
		"longer than it says":   {list, head + "Content-Length: 10\r\n\r\n" + whole, 502},
		"two lengths":           {list, head + "Content-Length: 10\r\nContent-Length: 22\r\n\r\n" + whole, 502},
		"a length that is none": {list, head + "Content-Length: many\r\n\r\n" + whole, 502},
		"no last chunk":         {list, head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"tas\r\n", 502},
		"zipped, and cut": {list, head + "Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n" +
			"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xab\x56", 502},
		"zipped twice": {
			list, head + "Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\nxx", 502},
		"half a file":           {file, head + "Content-Length: 100\r\n\r\nhalf", 0},
		"half a file in chunks": {file, head + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", 0},
		"a date and a cookie of other years": {
			list, head + "Date: Mon, 01 Jan 1990 00:00:00 GMT\r\nExpires: Mon, 01 Jan 1990 00:00:00 " +
				"GMT\r\nContent-Length: 22\r\n\r\n" + whole, 200},
	} {
		t.Run(name, func(t *testing.T) {
			w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
				conn, _, err := http.NewResponseController(rw).Hijack()
				ok(t, err)
				io.WriteString(conn, c.raw)
				conn.Close()
				return true
			})
			defer w.fake.answering(nil)
			r, err := http.NewRequest("GET", w.srv.URL+c.target, nil)
			ok(t, err)
			r.Header.Set("Authorization", "Token tok-ann")
			answer, err := http.DefaultClient.Do(r)
			if c.want == 0 && err != nil {
				return // it broke off before any of it was sent on
			}
			ok(t, err)
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if c.want == 0 && err == nil {
				t.Errorf("read %q as if it were whole", body)
			}
			if c.want != 0 && (err != nil || answer.StatusCode != c.want) {
				t.Errorf("answered %d %q, %v", answer.StatusCode, body, err)
			}
		})
	}
}

// TestZippedBomb: an answer that unpacks to more than is read whole is refused,
// without unpacking all of it.
func TestZippedBomb(t *testing.T) {
	w := newWorld(t)
	w.get("ann", "/api/tasks/11/")
	written := make(chan int64, 1)
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(rw)
		n, _ := io.Copy(z, io.LimitReader(spaces{}, 8<<30))
		select {
		case written <- n:
		default: // the gate's own questions are answered so, too, and nobody waits for those
		}
		return true
	})
	if got := w.get("ann", "/api/tasks/?project=1"); got.status != 502 {
		t.Error(got)
	}
	if n := <-written; n >= 1<<30 {
		t.Errorf("%d MiB were unpacked", n>>20)
	}
}

// spaces reads as blanks without end.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestZippedForWhoCannotRead: what only passes goes on as it is called, also
// when the client asked for it plain.
func TestZippedForWhoCannotRead(t *testing.T) {
	w := newWorld(t)
	w.get("ann", "/api/tasks/11/")
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(rw)
		io.WriteString(z, "a picture")
		z.Close()
		return true
	})
	got := w.get("ann", "/data/upload/1/a.png", "Accept-Encoding", "identity")
	if got.status != 200 || got.header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(got.body, "\x1f\x8b") {
		t.Errorf("%+v", got)
	}
}

// TestSlowUpstream: whoever loses access while the upstream has not begun its
// answer, or dribbles one that is read whole, is told so and sees none of it.
func TestSlowUpstream(t *testing.T) {
	storetest.Long(t)
	for name, begin := range map[string]func(rw http.ResponseWriter){
		"headers late": func(http.ResponseWriter) {},
		"body dribbling": func(rw http.ResponseWriter) {
			rw.Header().Set("Content-Type", "application/json")
			io.WriteString(rw, `{"tasks":[`)
			rw.(http.Flusher).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.get("ann", "/api/tasks/11/")
			begun := make(chan struct{})
			w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
				begin(rw)
				close(begun)
				<-r.Context().Done()
				return true
			})
			go func() { <-begun; w.unassign(1, "ann") }()
			if got := w.get("ann", "/api/tasks/?project=1"); got.status != 404 || strings.Contains(got.body, "tasks") {
				t.Error(got)
			}
		})
	}
}

// TestCutUnread: a client that does not read what comes cannot keep the request.
func TestCutUnread(t *testing.T) {
	w := newWorld(t)
	w.get("ann", "/api/tasks/11/")
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		io.Copy(rw, spaces{})
		return true
	})
	closed := make(chan struct{})
	srv := httptest.NewUnstartedServer(w.srv.Config.Handler)
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	ok(t, err)
	defer conn.Close()
	fmt.Fprint(conn, "GET /data/upload/1/big.bin HTTP/1.1\r\nHost: gate\r\nAuthorization: Token tok-ann\r\n\r\n")
	line, err := bufio.NewReaderSize(conn, 16).ReadString('\n')
	if err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Fatal(line, err)
	}
	w.unassign(1, "ann")
	<-closed
}

// TestStoreAwayInFlight: what nobody can ask about any more is cut.
func TestStoreAwayInFlight(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		for _, who := range []string{"ann", "mia"} {
			w.get(who, "/api/tasks/11/")
		}
		begun := make(chan struct{})
		w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.URL.Path, "/data/") {
				io.WriteString(rw, "the beginning")
				rw.(http.Flusher).Flush()
			}
			begun <- struct{}{}
			<-r.Context().Done()
			return true
		})
		ends := make(chan string, 2)
		for _, target := range []string{"/data/upload/1/big.bin", "/api/tasks/11/"} {
			go func() { ends <- w.ending("ann", target) }()
			<-begun
		}
		ok(t, db.Close())
		got := map[string]bool{<-ends: true, <-ends: true}
		if !got["200, broken off after the beginning"] || !got["503"] {
			t.Error(got)
		}
		if got := w.get("mia", "/api/tasks/11/"); got.status != 503 {
			t.Error(got)
		}
	})
}

// ending is how the answer to a request came to its end.
func (w *world) ending(who, target string) string {
	r, err := http.NewRequest("GET", w.srv.URL+target, nil)
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Authorization", "Token tok-"+who)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Sprintf("%d, broken off after %s", answer.StatusCode, body)
	}
	return fmt.Sprint(answer.StatusCode)
}

// TestTwoGates on one store: who is taken off a project by way of one is
// refused by the other at its next request, and cut there.
func TestTwoGates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		other := w.replica()
		if got := other.get("ann", "/api/tasks/11/"); got.status != 200 {
			t.Fatal(got)
		}
		begun, _ := w.fake.stalling()
		end := make(chan string, 1)
		go func() { end <- other.ending("ann", "/data/upload/1/big.bin") }()
		<-begun
		if got := w.send("mia", "DELETE", "/api/projects/1/members/bulk/?included=2", ""); got.status != 200 {
			t.Fatal(got)
		}
		if got := other.get("ann", "/api/tasks/11/"); got.status != 404 {
			t.Error(got)
		}
		if got := <-end; got != "200, broken off after the beginning" {
			t.Error(got)
		}
	})
}

// TestUploadCutInTheMiddle: 2 GiB that break off after an eighth were never held, and
// the upstream does not take them for whole.
func TestUploadCutInTheMiddle(t *testing.T) {
	storetest.Long(t)
	const size = 2 << 30
	w := newWorld(t)
	w.get("mia", "/api/projects/1/")
	before, most := heap(), uint64(0)
	ends := make(chan error, 1)
	var taken int64
	w.fake.beforeAll(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/import") {
			return false
		}
		var err error
		for n := int64(0); err == nil; most = max(most, heap()) {
			n, err = io.CopyN(io.Discard, r.Body, 64<<20)
			taken += n
		}
		ends <- err // nothing is written after that
		return true
	})
	r, err := http.NewRequest("POST", w.srv.URL+"/api/projects/1/import",
		io.MultiReader(io.LimitReader(spaces{}, size/8), failing{}))
	ok(t, err)
	r.ContentLength = size
	r.Header.Set("Authorization", "Token tok-mia")
	r.Header.Set("Content-Type", "application/json")
	if answer, err := http.DefaultClient.Do(r); err == nil {
		t.Error("answered", answer.Status)
		answer.Body.Close()
	}
	if err := <-ends; err == io.EOF {
		t.Error("the upstream took it for whole")
	}
	if taken == 0 || taken > size/8 {
		t.Errorf("%d bytes arrived", taken)
	}
	if most > before+64<<20 {
		t.Errorf("%d MiB were held", (most-before)>>20)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// failing is where a client's connection breaks.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the cable was pulled") }

// TestTenThousandProjects: no address grows longer than a server takes, the
// pages have every project once, and nobody's other project is among them.
func TestTenThousandProjects(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	const first, many = 1_000_000, 10_000 / under
	var all []roster.Project
	for id := int64(first); id < first+many; id++ {
		all = append(all, roster.Project{ID: id, OrganizationID: 1, Title: fmt.Sprintf("Project %d", id),
			CreatedBy: roster.User{ID: people["owner"]}, CreatedAt: w.app.Now()})
	}
	ok(t, w.app.MirrorProjects(w.as("owner"), all))
	w.everySecond(all, people["mia"])
	longest := 0
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/projects/" {
			return false
		}
		longest = max(longest, len(r.RequestURI))
		results := []any{}
		for id := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
			results = append(results, map[string]any{"id": json.Number(id)})
		}
		writeJSON(rw, map[string]any{"count": len(results), "next": nil, "previous": nil, "results": results})
		return true
	})
	seen := map[float64]int{}
	for target := "/api/projects/?page_size=100"; target != ""; {
		page := w.get("mia", target).json(t).(map[string]any)
		if page["count"] != float64(many/2+1) {
			t.Fatal("count", page["count"])
		}
		for _, p := range page["results"].([]any) {
			seen[p.(map[string]any)["id"].(float64)]++
		}
		next, _ := page["next"].(string)
		target = strings.TrimPrefix(next, w.srv.URL)
	}
	for id, times := range seen {
		if times != 1 || (id != 1 && int64(id)%2 == 1) {
			t.Fatalf("project %g was listed %d times", id, times)
		}
	}
	if len(seen) != many/2+1 {
		t.Errorf("%d projects", len(seen))
	}
	var ids []string
	for id := first; id < first+many; id++ {
		ids = append(ids, fmt.Sprint(id))
	}
	page := w.get("mia", "/api/projects/?page_size=100&ids="+strings.Join(ids, ",")).json(t).(map[string]any)
	if page["count"] != float64(many/2) || len(page["results"].([]any)) != 100 {
		t.Error("those asked for by id:", page["count"])
	}
	if page := w.get("mia", "/api/projects/?title=project+100013").json(t).(map[string]any); page["count"] != 5.0 {
		t.Error("by title:", page["count"])
	}
	if longest > 4094 { // what gunicorn takes of a request's first line
		t.Errorf("an address had %d bytes", longest)
	}
}

// everySecond makes somebody a member of every second project.
func (w *world) everySecond(all []roster.Project, user int64) {
	w.t.Helper()
	ctx := w.t.Context()
	ok(w.t, w.db.Update(ctx, func(tx *store.DB) error {
		op, err := tx.BeginOperation(ctx, roster.Operation{OrganizationID: 1, Kind: roster.OpAssign,
			ActorID: people["owner"], At: w.app.Now()})
		for i := 0; i < len(all) && err == nil; i += 2 {
			_, err = tx.BeginMemberships(ctx, all[i], roster.Selector{Included: []int64{user}}, op)
		}
		return err
	}))
}
