package cluster_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// network is hosts on one switch, each in a network namespace of its own. The tests run on
// one of them, so that nothing of it can be reached from outside, nor the outside from it.
type network struct {
	prefix string // of the namespaces
	hosts  int
	names  []string
}

// tester is the host that the tests run on.
const (
	tester         = "tester"
	testersAddress = "192.0.2.1"
)

// onHost is set where this program runs on a host of the network; it is its prefix.
const onHost = "ROSTER_TEST_CLUSTER_NETWORK"

func newNetwork() (*network, error) {
	n := &network{prefix: "roster" + strconv.Itoa(os.Getpid())}
	if err := n.space("switch"); err != nil {
		return n, err
	}
	return n, errors.Join(n.ip("-n", n.in("switch"), "link", "add", "bridge", "type", "bridge"),
		n.ip("-n", n.in("switch"), "link", "set", "bridge", "up"))
}

func (n *network) in(host string) string { return n.prefix + "-" + host }

func (n *network) space(name string) error {
	n.names = append(n.names, name)
	return errors.Join(n.ip("netns", "add", n.in(name)), n.ip("-n", n.in(name), "link", "set", "lo", "up"))
}

// add makes a host, and returns its address: one of those that are for documentation.
func (n *network) add(name string) (address string, err error) {
	n.hosts++
	address = fmt.Sprintf("192.0.2.%d", n.hosts)
	plug, end := fmt.Sprintf("plug%d", n.hosts), n.in("switch")
	if err := n.space(name); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"-n", end, "link", "add", plug, "type", "veth", "peer", "name", "eth0", "netns", n.in(name)},
		{"-n", end, "link", "set", plug, "master", "bridge", "up"},
		{"-n", n.in(name), "address", "add", address + "/24", "dev", "eth0"},
		{"-n", n.in(name), "link", "set", "eth0", "up"},
	} {
		if err := n.ip(args...); err != nil {
			return "", err
		}
	}
	return address, nil
}

func (n *network) ip(args ...string) error {
	if said, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, said)
	}
	return nil
}

// remove ends what runs on the hosts, and takes them away.
func (n *network) remove() {
	for _, name := range n.names {
		signal(pids(n.in(name)), syscall.SIGKILL)
		n.ip("netns", "delete", n.in(name))
	}
}

// pids are the processes in a namespace.
func pids(space string) (all []int) {
	said, _ := exec.Command("ip", "netns", "pids", space).Output()
	for _, field := range strings.Fields(string(said)) {
		if pid, err := strconv.Atoi(field); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

func signal(pids []int, with syscall.Signal) {
	for _, pid := range pids {
		syscall.Kill(pid, with)
	}
}

// host is one of the network, as a test sees it.
type host struct {
	t                    *testing.T
	space, name, address string
}

// command runs a program on the host as its user: PostgreSQL's refuse to be root's.
func (h *host) command(user string, env []string, args ...string) *exec.Cmd {
	whole := append([]string{"netns", "exec", h.space, "setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups",
		"--"}, args...)
	c := exec.Command("ip", whole...)
	c.Env = append(os.Environ(), env...)
	return c
}

// everything is the host's processes.
func (h *host) everything(with syscall.Signal) { signal(pids(h.space), with) }

// cut lets nothing through between two hosts, either way; heal takes back every cut.
func (h *host) cut(others ...*host) {
	h.t.Helper()
	for _, other := range others {
		for _, way := range [][]string{{"INPUT", "-s"}, {"OUTPUT", "-d"}} {
			h.firewall("-A", way[0], way[1], other.address, "-j", "DROP")
		}
	}
}

func (h *host) heal() { h.firewall("-F") }

func (h *host) firewall(args ...string) {
	h.t.Helper()
	whole := append([]string{"netns", "exec", h.space, "iptables", "-w"}, args...)
	if said, err := exec.Command("ip", whole...).CombinedOutput(); err != nil {
		h.t.Fatalf("iptables %s: %v: %s", strings.Join(args, " "), err, said)
	}
}

// TestMain runs the tests on a host of a network made for them.
func TestMain(m *testing.M) {
	if os.Getenv(onHost) != "" || os.Getenv("ROSTER_BIN") == "" || os.Getuid() != 0 {
		os.Exit(m.Run())
	}
	os.Exit(inNetwork())
}

// inNetwork makes the network and runs this program on it.
func inNetwork() int {
	n, err := newNetwork()
	defer n.remove()
	for _, name := range append([]string{tester}, names...) {
		if err == nil {
			_, err = n.add(name)
		}
	}
	if err != nil {
		fmt.Println("no network can be made here:", err)
		return 1
	}
	c := exec.Command("ip", append([]string{"netns", "exec", n.in(tester)}, os.Args...)...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), onHost+"="+n.prefix)
	if c.Run() != nil {
		return 1
	}
	return 0
}
