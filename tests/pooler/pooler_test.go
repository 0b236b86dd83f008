// Package pooler_test runs a Roster behind a PgBouncer in transaction mode, and restarts that
// under it.
package pooler_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	projects = 12
	persons  = 12
	callers  = 6
)

// TestRestart: through the pooler every request is answered, and each removal is done. When
// the pooler restarts, what was under way is done or refused as when the store is away, and
// what comes afterwards is done.
func TestRestart(t *testing.T) {
	program, pooler := os.Getenv("ROSTER_BIN"), os.Getenv("ROSTER_TEST_POOLER")
	if program == "" || pooler == "" {
		t.Skip("this is for make pooler")
	}
	at := storetest.MigratedURL(t)
	w := world(t, at)
	w.url = serve(t, program, storetest.Pooled(t, at))
	before := w.work(t, 0, projects/2)
	if before[http.StatusOK] != before.all() {
		t.Errorf("before the restart: %v", before)
	}
	under := make(chan counts)
	go func() { under <- w.work(t, projects/2, projects-1) }()
	restart(t, pooler)
	if told := <-under; told[http.StatusOK]+told[http.StatusServiceUnavailable] != told.all() {
		t.Errorf("while it restarted: %v", told)
	}
	for w.members(t, projects-1) != http.StatusOK { // until it is back
	}
	after := w.work(t, projects-1, projects)
	if after[http.StatusOK] != after.all() {
		t.Errorf("after the restart: %v", after)
	}
	t.Logf("told: %v, then %v", before, after)
	if said, err := exec.Command(program, "verify", "--db", storetest.Pooled(t, at)).CombinedOutput(); err != nil {
		t.Errorf("roster verify: %v\n%s", err, said)
	}
}

// counts are how often each status was answered.
type counts map[int]int

func (c counts) all() (n int) {
	for _, of := range c {
		n += of
	}
	return n
}

type load struct {
	url, token string
	projects   []int64
	people     []int64
}

func world(t *testing.T, at string) *load {
	t.Helper()
	db, err := store.OpenURL(at)
	ok(t, err)
	defer db.Close()
	w := apptest.New(t, db)
	l := &load{}
	for range persons {
		l.people = append(l.people, w.Person("AN"))
	}
	for n := range projects {
		project := w.Project(fmt.Sprintf("Project %d", n), 0)
		w.Assign(project, l.people...)
		l.projects = append(l.projects, project)
	}
	l.token, err = w.App.Token(t.Context(), w.Owner)
	ok(t, err)
	return l
}

// work lists and removes all members of some projects, by several callers at once.
func (l *load) work(t *testing.T, from, to int) counts {
	told, lock := counts{}, sync.Mutex{}
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				project := from + n/persons
				if project >= to {
					return
				}
				listed, removed := l.members(t, project), l.remove(t, project, l.people[n%persons])
				lock.Lock()
				told[listed]++
				told[removed]++
				lock.Unlock()
			}
		})
	}
	all.Wait()
	return told
}

func (l *load) members(t *testing.T, project int) int {
	return l.ask(t, "GET", fmt.Sprintf("/api/projects/%d/members/paginated/?page_size=100&role=AN", l.projects[project]))
}

func (l *load) remove(t *testing.T, project int, person int64) int {
	return l.ask(t, "DELETE", fmt.Sprintf("/api/projects/%d/members/bulk/?all=false&included=%d",
		l.projects[project], person))
}

func (l *load) ask(t *testing.T, method, path string) int {
	r, err := http.NewRequest(method, l.url+path, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header.Set("Authorization", "Token "+l.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	if answer.StatusCode >= 500 && answer.StatusCode != http.StatusServiceUnavailable {
		t.Logf("%s %s: %d %.300s", method, path, answer.StatusCode, said)
	}
	return answer.StatusCode
}

var ready = regexp.MustCompile(`ready on (http://\S+)`)

// serve runs the program until the test ends.
func serve(t *testing.T, program, at string) (url string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program, "serve", "--addr", "127.0.0.1:0", "--db", at, "--log-level", "error")
	c.Env = append(os.Environ(), "ROSTER_SECRET_KEY=a secret for tests")
	out, err := c.StdoutPipe()
	ok(t, err)
	said := &strings.Builder{}
	c.Stderr = said
	ok(t, c.Start())
	t.Cleanup(func() {
		stop()
		c.Wait()
		if t.Failed() {
			t.Logf("the server: %.3000s", said)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			go io.Copy(io.Discard, out)
			return m[1]
		}
	}
	t.Fatal("the server did not start")
	return ""
}

// restart ends the pooler by its console; whoever started it starts it anew.
func restart(t *testing.T, pooler string) {
	t.Helper()
	u, err := url.Parse(pooler)
	ok(t, err)
	u.Path = "/pgbouncer"
	query := u.Query()
	query.Set("default_query_exec_mode", "simple_protocol")
	u.RawQuery = query.Encode()
	console, err := sql.Open("pgx", u.String())
	ok(t, err)
	defer console.Close()
	_, err = console.Exec("SHUTDOWN") // it ends before it answers
	if err == nil {
		t.Error("the pooler goes on")
	}
}
