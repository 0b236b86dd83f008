// Package litestream_test replicates the store of a built server by Litestream, with the
// configuration in deploy, and restores it. It is a module of its own, so that what Litestream
// needs stays out of Roster.
package litestream_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const (
	callers = 4
	changes = 1000
)

// program names a built program; make litestream sets the variables.
func program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skip(variable + " names no program: this is for make litestream")
	}
	return path
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// scene is a server on SQLite whose store is replicated.
type scene struct {
	*testing.T
	roster, litestream string
	data, replica      string
	url, token         string
	server, replicator *exec.Cmd
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, roster: program(t, "ROSTER_BIN"), litestream: program(t, "LITESTREAM_BIN"), data: t.TempDir(),
		replica: t.TempDir()}
	s.serve()
	s.token = strings.TrimSpace(s.run(s.roster, "token", "create", "--user", "owner@example.com", "--data", s.data))
	s.replicator = s.replicating("replicate")
	s.replicator.Stderr = os.Stderr
	ok(t, s.replicator.Start())
	t.Cleanup(func() { s.replicator.Process.Kill() })
	return s
}

// serve starts the server.
func (s *scene) serve() {
	s.server = exec.Command(s.roster, "serve", "--addr", "127.0.0.1:0", "--data", s.data, "--no-checkpoints",
		"--log-level", "error")
	s.server.Stderr = os.Stderr
	out, err := s.server.StdoutPipe()
	ok(s.T, err)
	ok(s.T, s.server.Start())
	s.Cleanup(func() { s.server.Process.Kill(); s.server.Wait() })
	ready := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	for lines := bufio.NewScanner(out); s.url == "" && lines.Scan(); {
		s.url = ready.FindString(lines.Text())
	}
	go io.Copy(io.Discard, out)
}

// replicating is Litestream with Roster's configuration.
func (s *scene) replicating(command string, args ...string) *exec.Cmd {
	c := exec.Command(s.litestream,
		append([]string{command, "-config", "../../deploy/litestream/litestream.yml"}, args...)...)
	c.Env = append(os.Environ(), "ROSTER_DATA="+s.data, "ROSTER_REPLICA=file://"+s.replica)
	return c
}

func (s *scene) run(name string, args ...string) string {
	s.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		s.Fatalf("%s: %v\n%s", args, err, out)
	}
	return string(out)
}

// make makes a project, and reports whether it was told that it is done.
func (s *scene) make(title string) bool {
	r, err := http.NewRequest("POST", s.url+"/api/projects/", strings.NewReader(fmt.Sprintf(`{"title": %q}`, title)))
	ok(s.T, err)
	r.Header.Set("Authorization", "Token "+s.token)
	r.Header.Set("Content-Type", "application/json")
	answered, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answered.Body.Close()
	return answered.StatusCode == http.StatusCreated
}

// restored is what the store in the replica holds, which must break no rule.
func (s *scene) restored() (titles []string) {
	s.Helper()
	dir := s.TempDir()
	for {
		restore := s.replicating("restore", "-o", filepath.Join(dir, "roster.db"), filepath.Join(s.data, "roster.db"))
		said, err := restore.CombinedOutput()
		if err == nil {
			break
		}
		if !strings.Contains(string(said), "no matching backup files") { // it has copied nothing yet
			s.Fatalf("litestream restore: %v\n%s", err, said)
		}
	}
	s.run(s.roster, "verify", "--data", dir)
	var projects []struct{ Title string }
	ok(s.T, json.Unmarshal([]byte(s.run(s.roster, "project", "list", "--json", "--data", dir)), &projects))
	for _, p := range projects {
		titles = append(titles, p.Title)
	}
	return titles
}

// TestReplica: a store that is replicated under writes can be restored in their midst, and has
// all that anybody was told is done after its server was killed and Litestream caught up.
func TestReplica(t *testing.T) {
	s := newScene(t)
	t.Logf("before the changes the replica has %d projects", len(s.restored()))
	var lock sync.Mutex
	var done []string
	titles := make(chan string)
	go func() {
		defer close(titles)
		for n := range changes {
			titles <- fmt.Sprintf("Project %d", n)
		}
	}()
	half, killed := make(chan bool, changes), make(chan bool)
	var work sync.WaitGroup
	for range callers {
		work.Go(func() {
			for title := range titles {
				if !s.make(title) {
					continue
				}
				lock.Lock()
				done = append(done, title)
				n := len(done)
				lock.Unlock()
				half <- true
				if n == changes-50 {
					ok(t, s.server.Process.Kill())
					close(killed)
				}
			}
		})
	}
	for range changes / 2 {
		<-half
	}
	t.Logf("in the midst of the changes the replica had %d projects", len(s.restored()))
	<-killed
	work.Wait()
	ok(t, s.replicator.Process.Signal(syscall.SIGTERM))
	ok(t, s.replicator.Wait())
	has := s.restored()
	for _, title := range done {
		if !slices.Contains(has, title) {
			t.Errorf("%s was done, and is not in the replica", title)
		}
	}
	t.Logf("%d projects were told to be made; the replica has %d", len(done), len(has))
}
