// Package cluster_test runs several Rosters on a PostgreSQL that is kept by Patroni and etcd,
// each on a host of its own, does to it what happens to machines, and has a checker judge
// what everybody was told.
package cluster_test

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
	"time"
)

// names are the hosts, in the order of their addresses after the tester's.
var names = []string{"etcd1", "etcd2", "etcd3", "db1", "db2", "db3", "roster1", "roster2"}

// size is how many of each a cluster has.
type size struct{ etcds, databases, rosters int }

var (
	whole = size{3, 3, 2}
	short = size{1, 2, 2}
)

// cluster is one that runs until its test ends.
type cluster struct {
	t         *testing.T
	dir       string
	hosts     map[string]*host
	etcds     []*host
	databases []*host
	rosters   []*server
	strict    bool // a COMMIT waits for a standby, always
	program   string
	upstream  string // the address of the Label Studio
	slow      string // a file: while it is there, the databases' disk is slow
}

// key is the secret that the Rosters share.
const key = "a secret for tests"

// newCluster starts one, with an empty database called roster.
func newCluster(t *testing.T, program string, of size, strict bool) *cluster {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "roster-cluster-*") // not the test's own, which may be shut to the servers' user
	ok(t, err)
	ok(t, os.Chmod(dir, 0o777))
	c := &cluster{t: t, dir: dir, hosts: map[string]*host{}, strict: strict, program: program,
		slow: filepath.Join(dir, "slow")}
	for i, name := range names {
		c.hosts[name] = &host{t, os.Getenv(onHost) + "-" + name, name, fmt.Sprintf("192.0.2.%d", i+2)}
	}
	t.Cleanup(c.end)
	c.etcds, c.databases = c.some("etcd", of.etcds), c.some("db", of.databases)
	for _, e := range c.etcds {
		c.startEtcd(e)
	}
	shim := slowDisk(t, c.dir)
	for _, db := range c.databases {
		c.writePatroni(db)
		c.startPatroni(db, shim)
	}
	c.await("a primary and its standbys", time.Minute, func() bool { return len(c.standbys()) == of.databases-1 })
	c.ask(c.primary(), "CREATE DATABASE roster")
	for _, db := range c.databases { // a standby that has not got it yet refuses whoever asks it which it is
		c.await("the database on "+db.name, 10*time.Second, func() bool {
			return c.ask(db, "SELECT count(*) FROM pg_database WHERE datname = 'roster'") == "1"
		})
	}
	return c
}

func (c *cluster) some(kind string, n int) (all []*host) {
	for i := range n {
		all = append(all, c.hosts[fmt.Sprint(kind, i+1)])
	}
	return all
}

// end stops everything that runs, and shows what it said where the test failed.
func (c *cluster) end() {
	for _, h := range c.hosts {
		h.heal()
		h.everything(syscall.SIGKILL)
	}
	if !c.t.Failed() || os.Getenv("ROSTER_KEEP") == "" {
		os.RemoveAll(c.dir)
	}
}

// start runs a program on a host in the background; what it says is in a file.
func (c *cluster) start(h *host, user string, env []string, args ...string) *exec.Cmd {
	c.t.Helper()
	log, err := os.OpenFile(filepath.Join(c.dir, h.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	ok(c.t, err)
	defer log.Close()
	cmd := h.command(user, env, args...)
	cmd.Stdout, cmd.Stderr = log, log
	ok(c.t, cmd.Start())
	go cmd.Wait()
	return cmd
}

func (c *cluster) startEtcd(h *host) {
	var all []string
	for _, e := range c.etcds {
		all = append(all, e.name+"=http://"+e.address+":2380")
	}
	at := "http://" + h.address
	c.start(h, "root", nil, "etcd", "--name", h.name, "--data-dir", filepath.Join(c.dir, h.name),
		"--listen-client-urls", at+":2379", "--advertise-client-urls", at+":2379", "--listen-peer-urls", at+":2380",
		"--initial-advertise-peer-urls", at+":2380", "--initial-cluster", strings.Join(all, ","),
		"--initial-cluster-state", "new", "--logger", "zap")
}

func (c *cluster) startPatroni(h *host, env []string) {
	c.start(h, "postgres", env, "patroni", filepath.Join(c.dir, h.name+".yml"))
}

// primary is the host whose database takes writes, as its Patroni says; nil: none does.
func (c *cluster) primary() *host {
	for _, db := range c.databases {
		if c.says(db, "/primary") {
			return db
		}
	}
	return nil
}

// standbys are the hosts whose databases follow, one of them in step where the cluster is strict.
func (c *cluster) standbys() (all []*host) {
	inStep := !c.strict
	for _, db := range c.databases {
		if c.says(db, "/replica?lag=1MB") {
			all = append(all, db)
			inStep = inStep || c.says(db, "/sync")
		}
	}
	if !inStep || c.primary() == nil {
		return nil
	}
	return all
}

var quick = &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// says asks a host's Patroni.
func (c *cluster) says(h *host, what string) bool {
	answer, err := quick.Get("http://" + h.address + ":8008" + what)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// await looks until something is so.
func (c *cluster) await(what string, within time.Duration, is func() bool) {
	c.t.Helper()
	by := time.Now().Add(within)
	for !is() {
		if time.Now().After(by) {
			c.t.Fatalf("%s: not within %v; %s", what, within, c.tails())
		}
		time.Sleep(100 * time.Millisecond) // between two questions to another program
	}
}

// tails is the end of what each program said.
func (c *cluster) tails() string {
	var out strings.Builder
	logs, _ := filepath.Glob(filepath.Join(c.dir, "*.log"))
	for _, log := range logs {
		text, _ := os.ReadFile(log)
		fmt.Fprintf(&out, "\n-- %s\n%s", filepath.Base(log), text[max(0, len(text)-1500):])
	}
	return out.String()
}

// ask has psql ask a host's database something.
func (c *cluster) ask(h *host, question string) string { return c.askIn("postgres", h, question) }

func (c *cluster) askIn(database string, h *host, question string) string {
	c.t.Helper()
	said, err := exec.Command("psql", "-AtX", "-h", h.address, "-U", "postgres", "-d", database, "-c",
		question).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s: %v: %s", question, err, said)
	}
	return strings.TrimSpace(string(said))
}

// address is the database's, whichever host has it.
func (c *cluster) address() string {
	var all []string
	for _, db := range c.databases {
		all = append(all, db.address+":5432")
	}
	return "postgres://postgres@" + strings.Join(all, ",") +
		"/roster?sslmode=disable&target_session_attrs=read-write&connect_timeout=2"
}

// switchOver has another database take over, in order.
func (c *cluster) switchOver() {
	c.t.Helper()
	from := c.primary()
	body, err := json.Marshal(map[string]string{"leader": from.name})
	ok(c.t, err)
	answer, err := (&http.Client{Timeout: time.Minute}).Post("http://"+from.address+":8008/switchover",
		"application/json", strings.NewReader(string(body)))
	ok(c.t, err)
	defer answer.Body.Close()
	if said, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		c.t.Fatalf("no switch-over: %d %s", answer.StatusCode, said)
	}
}

// server is a Roster.
type server struct {
	*host
	cluster *cluster
	url     string
}

var readyAt = regexp.MustCompile(`ready on (http://\S+)`)

// serve starts the Rosters, one after the other: the first makes the store.
func (c *cluster) serve(n int) {
	c.t.Helper()
	for _, h := range c.some("roster", n) {
		s := &server{host: h, cluster: c, url: "http://" + h.address + ":8080"}
		c.rosters = append(c.rosters, s)
		s.begin()
	}
}

// begin runs the program until it is killed.
func (s *server) begin() {
	s.t.Helper()
	cmd := s.command("root", []string{"ROSTER_SECRET_KEY=" + key}, s.cluster.program, "serve", "--addr",
		s.address+":8080", "--db", s.cluster.address(), "--migrate", "--upstream", s.cluster.upstream, "--upstream-token",
		ownersToken, "--adopt", "all-members", "--no-replay", "--log-level", "error")
	out, err := cmd.StdoutPipe()
	ok(s.t, err)
	log, err := os.OpenFile(filepath.Join(s.cluster.dir, s.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	ok(s.t, err)
	cmd.Stderr = log
	ok(s.t, cmd.Start())
	ready := make(chan bool, 1)
	go func() {
		defer log.Close()
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if readyAt.MatchString(lines.Text()) {
				ready <- true
			}
		}
		cmd.Wait()
		ready <- false
	}()
	if !<-ready {
		s.t.Fatalf("%s did not start; %s", s.name, s.cluster.tails())
	}
}

// populate starts n gates before a Label Studio whose people are members of every project.
func (c *cluster) populate(n, projects, persons int) *load {
	c.t.Helper()
	c.upstream = fakeUpstream{persons + 1, projects}.listen(c.t)
	c.serve(n)
	l := &load{cluster: c}
	for project := range projects {
		for person := range persons {
			l.members = append(l.members, member{int64(project + 1), int64(person + 2)})
		}
	}
	return l
}

// slowDisk is the environment in which a program's writes to the disk take long while a file
// is there; none where there is no compiler to make it with.
func slowDisk(t *testing.T, dir string) []string {
	cc, err := exec.LookPath("cc")
	if err != nil {
		return nil
	}
	library := filepath.Join(dir, "slow.so")
	make := exec.Command(cc, "-shared", "-fPIC", "-o", library, "testdata/slow.c", "-ldl")
	if said, err := make.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return []string{"LD_PRELOAD=" + library, "ROSTER_SLOW_DISK=" + filepath.Join(dir, "slow")}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// all runs one thing for each at once.
func all[T any](of []T, do func(T)) {
	var group sync.WaitGroup
	for _, one := range of {
		group.Go(func() { do(one) })
	}
	group.Wait()
}

// others are the hosts but one.
func others(of []*host, but *host) []*host {
	return slices.DeleteFunc(slices.Clone(of), func(h *host) bool { return h == but })
}
