// Package live_test changes what is below a Roster that people are working with: its pooler
// restarts, and its schema moves on under an older and a newer server.
package live_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
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

// running is a server, and what ends it.
type running struct {
	url  string
	stop func()
}

// serve runs the program until it is stopped, or the test ends.
func serve(t *testing.T, program, at string) running {
	t.Helper()
	c := exec.Command(program, "serve", "--addr", "127.0.0.1:0", "--db", at, "--log-level", "error")
	c.Env = append(os.Environ(), "ROSTER_SECRET_KEY=a secret for tests")
	out, err := c.StdoutPipe()
	ok(t, err)
	said := &strings.Builder{}
	c.Stderr = said
	ok(t, c.Start())
	stop := sync.OnceFunc(func() {
		c.Process.Signal(os.Interrupt)
		c.Wait()
		if t.Failed() {
			t.Logf("the server: %.3000s", said)
		}
	})
	t.Cleanup(stop)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			go io.Copy(io.Discard, out)
			return running{m[1], stop}
		}
	}
	t.Fatal("the server did not start")
	return running{}
}
