// Package failover_test kills the PostgreSQL under a Roster that people are working with,
// and lets its standby take over: nobody may be told anything that is not so.
package failover_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"roster/internal/app/apptest"
	"roster/internal/store"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// key is that of apptest's worlds.
const key = "a secret for tests"

const (
	projects = 40
	persons  = 60
	callers  = 8
	early    = 300 // removals after which the server is killed
	late     = 200 // removals that are to succeed after that
)

// TestFailover: with a standby that confirms each COMMIT, nobody is told "done" of what is
// lost; and with any, nobody "nothing was changed" of what happened.
func TestFailover(t *testing.T) {
	bin, program := os.Getenv("ROSTER_POSTGRES_BIN"), os.Getenv("ROSTER_BIN")
	if bin == "" || program == "" {
		t.Skip("this is for make failover")
	}
	for name, synchronous := range map[string]bool{"a synchronous standby": true, "an asynchronous standby": false} {
		t.Run(name, func(t *testing.T) { testFailover(t, bin, program, synchronous) })
	}
}

func testFailover(t *testing.T, bin, program string, synchronous bool) {
	primary, standby := pair(t, bin, synchronous)
	primary.ask("CREATE DATABASE roster")
	at := fmt.Sprintf("postgres://postgres@127.0.0.1:%d,127.0.0.1:%d/roster?sslmode=disable"+
		"&target_session_attrs=read-write&connect_timeout=2", primary.port, standby.port)
	l := populate(t, at)
	l.url = serve(t, program, at)
	var killed time.Time
	var once sync.Once
	l.work(func(done int) {
		if done < early {
			return
		}
		once.Do(func() {
			killed = time.Now()
			primary.kill()
			standby.must("pg_ctl", "promote", "-D", standby.dir, "-w")
			t.Logf("the standby took over after %v", time.Since(killed).Round(time.Millisecond))
		})
	})
	l.judge(t, fmt.Sprintf("postgres://postgres@127.0.0.1:%d/roster?sslmode=disable", standby.port), killed, synchronous)
	if said, err := exec.Command(program, "verify", "--db", at).CombinedOutput(); err != nil {
		t.Errorf("roster verify: %v\n%s", err, said)
	}
}

// load is removals of one person from one project each.
type load struct {
	url, token string
	pairs      chan [2]int64 // a project and one of its members

	mu   sync.Mutex
	said []answer
	done int // removals that were told so
}

// answer is what was said of one of them.
type answer struct {
	project, person int64
	status          int // 0: none came
	body            string
	at              time.Time
}

// populate makes a Roster of people who are members of every project.
func populate(t *testing.T, at string) *load {
	t.Helper()
	db, err := store.OpenURL(at)
	ok(t, err)
	defer db.Close()
	_, err = db.Migrate(t.Context())
	ok(t, err)
	w := apptest.New(t, db)
	var people []int64
	for range persons {
		people = append(people, w.Person("AN"))
	}
	l := &load{pairs: make(chan [2]int64, projects*persons)}
	for n := range projects {
		project := w.Project(fmt.Sprintf("Project %d", n), 0)
		w.Assign(project, people...)
		for _, person := range people {
			l.pairs <- [2]int64{project, person}
		}
	}
	close(l.pairs)
	l.token, err = w.App.Token(t.Context(), w.Owner)
	ok(t, err)
	return l
}

var ready = regexp.MustCompile(`ready on (http://\S+)`)

// serve runs the program until the test ends.
func serve(t *testing.T, program, at string) (url string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program, "serve", "--addr", "127.0.0.1:0", "--db", at, "--log-level", "error")
	c.Env = append(os.Environ(), "ROSTER_SECRET_KEY="+key)
	out, err := c.StdoutPipe()
	ok(t, err)
	ok(t, c.Start())
	t.Cleanup(func() { stop(); c.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			go io.Copy(io.Discard, out)
			return m[1]
		}
	}
	t.Fatal("the server did not start")
	return ""
}

// work removes people until enough were told so, or there is nobody left.
func (l *load) work(each func(done int)) {
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for pair := range l.pairs {
				a := l.remove(pair)
				if a.status != http.StatusOK {
					time.Sleep(100 * time.Millisecond) // as Retry-After asks for, and less
				}
				done := l.keep(a)
				each(done)
				if done >= early+late {
					return
				}
			}
		})
	}
	all.Wait()
}

func (l *load) keep(a answer) (done int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, a)
	if a.status == http.StatusOK {
		l.done++
	}
	return l.done
}

func (l *load) remove(pair [2]int64) answer {
	a := answer{project: pair[0], person: pair[1]}
	r, err := http.NewRequest("DELETE", fmt.Sprintf("%s/api/projects/%d/members/bulk/?all=false&included=%d",
		l.url, pair[0], pair[1]), nil)
	if err != nil {
		return a
	}
	r.Header.Set("Authorization", "Token "+l.token)
	answered, err := http.DefaultClient.Do(r)
	a.at = time.Now()
	if err != nil {
		return a
	}
	defer answered.Body.Close()
	body, _ := io.ReadAll(answered.Body)
	a.status, a.body = answered.StatusCode, string(body)
	return a
}

const memberships = "SELECT count(*) FROM project_members WHERE project_id = $1 AND user_id = $2 AND removed_by IS NULL"

// judge compares what was said with what is so where the standby took over.
func (l *load) judge(t *testing.T, at string, killed time.Time, synchronous bool) {
	t.Helper()
	db, err := sql.Open("pgx", at)
	ok(t, err)
	defer db.Close()
	if l.done < early+late {
		t.Errorf("%d of %d removals were done: it did not work on", l.done, early+late)
	}
	told := map[string]int{}
	var back time.Duration
	for _, a := range l.said {
		var members int
		ok(t, db.QueryRow(memberships, a.project, a.person).Scan(&members))
		switch happened := members == 0; {
		case a.status == http.StatusOK && happened:
			told["done, and it is"]++
			if since := a.at.Sub(killed); since > 0 && (back == 0 || since < back) {
				back = since
			}
		case a.status == http.StatusOK:
			told["done, and it is lost"]++
			if synchronous {
				t.Errorf("told done, and it is not: %+v", a)
			}
		case strings.Contains(a.body, "othing was changed"):
			told["nothing was changed"]++
			if happened {
				t.Errorf("told that nothing was changed, and it was: %+v", a)
			}
		case strings.Contains(a.body, "may have happened"):
			told["may have happened"]++
		default:
			t.Errorf("told %+v", a)
		}
		if a.status != http.StatusOK && a.status != http.StatusServiceUnavailable {
			t.Errorf("neither done nor 503: %+v", a)
		}
	}
	t.Logf("told: %v; the first removal after the server died was done after %v", told, back.Round(time.Millisecond))
}
