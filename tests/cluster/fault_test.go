package cluster_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var long = flag.Bool("long", false, "build the whole cluster, and do everything to it that is known")

// fault is what happens to a cluster, up to where it is whole again.
type fault struct {
	name string
	do   func(c *cluster)
}

// faults are in the order in which they are done. Those that the short form does come first.
var faults = []fault{
	{"the primary's database is killed", func(c *cluster) { killDatabase(c.primary()) }},
	{"a switch-over by hand", (*cluster).switchOver},
	{"a Roster is killed, and started again", func(c *cluster) {
		c.rosters[0].everything(syscall.SIGKILL)
		time.Sleep(2 * time.Second) // as long as whatever starts it again takes
		c.rosters[0].begin()
	}},
	{"the primary's host loses its power", func(c *cluster) {
		was := c.primary()
		was.everything(syscall.SIGKILL)
		c.anotherThan(was)
		c.startPatroni(was, slowDisk(c.t, c.dir))
	}},
	{"the primary cannot reach etcd", func(c *cluster) { c.partition(c.primary(), c.etcds) }},
	{"the primary cannot reach its standbys", func(c *cluster) {
		was := c.primary()
		c.partition(was, others(c.databases, was))
	}},
	{"the primary cannot reach the Rosters", func(c *cluster) {
		c.partition(c.primary(), c.some("roster", len(c.rosters)))
	}},
	{"the primary reaches the Rosters only", func(c *cluster) {
		was := c.primary()
		c.partition(was, slices.Concat(c.etcds, others(c.databases, was)))
	}},
	{"the disks are slow", func(c *cluster) {
		if slowDisk(c.t, c.dir) == nil {
			c.t.Log("no C compiler, so no disk is slow")
			return
		}
		ok(c.t, os.WriteFile(c.slow, nil, 0o644))
		time.Sleep(partitioned)
		ok(c.t, os.Remove(c.slow))
	}},
	{"the primary's host stands still, and goes on", func(c *cluster) {
		was := c.primary()
		was.everything(syscall.SIGSTOP)
		c.anotherThan(was)
		was.everything(syscall.SIGCONT)
	}},
	{"the primary's database stands still, and goes on", func(c *cluster) {
		was := c.primary()
		stopped := databaseOf(was)
		signal(stopped, syscall.SIGSTOP)
		time.Sleep(partitioned)
		signal(stopped, syscall.SIGCONT)
	}},
	{"everything is started again", func(c *cluster) {
		shim := slowDisk(c.t, c.dir)
		for _, h := range slices.Concat(c.databases, c.etcds) {
			h.everything(syscall.SIGKILL)
		}
		all(c.etcds, c.startEtcd)
		all(c.databases, func(h *host) { c.startPatroni(h, shim) })
	}},
}

// shortly is how many of the faults the short form does.
const shortly = 2

// partitioned is how long a fault lasts that ends by itself: longer than a leader's lease.
const partitioned = 30 * time.Second

// partition keeps a host from others for a while.
func (c *cluster) partition(h *host, from []*host) {
	h.cut(from...)
	time.Sleep(partitioned)
	h.heal()
}

// anotherThan waits until another host's database takes writes.
func (c *cluster) anotherThan(was *host) {
	c.t.Helper()
	c.await("another primary", time.Minute, func() bool { now := c.primary(); return now != nil && now != was })
}

// databaseOf are the processes of a host's database, without its Patroni.
func databaseOf(h *host) (all []int) {
	for _, pid := range pids(h.space) {
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if strings.TrimSpace(string(name)) == "postgres" {
			all = append(all, pid)
		}
	}
	return all
}

func killDatabase(h *host) { signal(databaseOf(h), syscall.SIGKILL) }

// TestCluster: whatever happens to a cluster in which a change waits for a standby, nobody
// is told anything that is not so, no change is lost, halved or doubled, and nobody is let in
// after their removal was answered.
func TestCluster(t *testing.T) {
	of, doing := short, faults[:shortly]
	if *long {
		of, doing = whole, faults
	}
	c, l := start(t, os.Getenv("ROSTER_BIN"), of, true)
	settle := 2 * time.Second
	if *long {
		settle = 5 * time.Second
	}
	for _, f := range doing {
		c.suffer(l, f, settle)
	}
	c.close(l)
	if wrong := judge(t, l.history); len(wrong) > 0 {
		t.Errorf("nobody can explain what was told of %v", wrong)
	}
	if said, err := exec.Command(c.program, "verify", "--db", c.address()).CombinedOutput(); err != nil {
		t.Errorf("roster verify: %v\n%s", err, said)
	}
}

// start is a cluster with work.
func start(t *testing.T, program string, of size, strict bool) (*cluster, *load) {
	t.Helper()
	if os.Getenv(onHost) == "" {
		t.Skip("this is for make test-cluster, as root")
	}
	c := newCluster(t, program, of, strict)
	return c, c.populate(of.rosters, 10, 20)
}

// suffer does one thing to the cluster while people work, and says how long nobody's change
// was confirmed.
func (c *cluster) suffer(l *load, f fault, settle time.Duration) {
	c.t.Helper()
	l.run()
	time.Sleep(settle)
	from, before := time.Since(began), l.writes()
	f.do(c)
	after := l.writes()
	c.await("changes after it: "+f.name, 2*time.Minute, func() bool { return l.writes() > after+20 })
	c.await("a whole cluster after it: "+f.name, 2*time.Minute, func() bool {
		return len(c.standbys()) == len(c.databases)-1
	})
	time.Sleep(settle)
	l.halt()
	c.t.Logf("%-50s without changes for %5.1f s; %d changes and %d decisions so far, %d unknown", f.name,
		l.gap(from).Seconds(), l.writes(), l.asked.Load(), l.unknown())
	if before == 0 {
		c.t.Errorf("nobody changed anything before %s", f.name)
	}
}

// close asks what is so in the end.
func (c *cluster) close(l *load) {
	c.t.Helper()
	c.await("a whole cluster in the end", time.Minute, func() bool { return len(c.standbys()) == len(c.databases)-1 })
	l.final()
}
