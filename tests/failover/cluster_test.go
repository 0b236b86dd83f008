package failover_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// server is a PostgreSQL of this test's own.
type server struct {
	t    *testing.T
	bin  string
	dir  string
	port int
	run  *exec.Cmd
}

// owner is whom PostgreSQL's programs run as, which refuse to run as root; nil: as this
// test does.
func owner(t *testing.T) *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	ok(t, err)
	uid, err := strconv.Atoi(who.Uid)
	ok(t, err)
	gid, err := strconv.Atoi(who.Gid)
	ok(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// newServer makes a place for one, below dir.
func newServer(t *testing.T, bin, dir, name string) *server {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer free.Close()
	return &server{t: t, bin: bin, dir: filepath.Join(dir, name), port: free.Addr().(*net.TCPAddr).Port}
}

func (s *server) program(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = filepath.Dir(s.dir)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: owner(s.t)}
	return c
}

func (s *server) must(name string, args ...string) {
	s.t.Helper()
	if said, err := s.program(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, said)
	}
}

// start runs it until the test ends, with settings such as archive_mode=on.
func (s *server) start(settings ...string) {
	s.t.Helper()
	args := []string{"-D", s.dir, "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c",
		"wal_level=replica", "-c", "max_connections=60", "-c", "shared_buffers=32MB"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.run = s.program("postgres", args...)
	ok(s.t, s.run.Start())
	s.t.Cleanup(s.kill)
	for s.program("pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.port)).Run() != nil {
		if s.run.Process.Signal(syscall.Signal(0)) != nil {
			s.t.Fatal("the server did not start")
		}
	}
}

// kill ends it and all its processes at once, as a machine does that loses its power.
func (s *server) kill() {
	at := s.run.Process.Pid
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", at, at))
	s.run.Process.Kill()
	for _, child := range strings.Fields(string(children)) {
		if pid, err := strconv.Atoi(child); err == nil {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	s.run.Wait()
}

// ask has psql ask it something.
func (s *server) ask(question string) string {
	s.t.Helper()
	said, err := s.program("psql", "-AtX", "-h", "127.0.0.1", "-p", strconv.Itoa(s.port),
		"-U", "postgres", "-d", "postgres", "-c", question).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", question, err, said)
	}
	return strings.TrimSpace(string(said))
}

// serversFolder is where servers may be, until the test ends.
func serversFolder(t *testing.T) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "roster-failover-*") // not the test's own, which may be shut to the server
	ok(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	if who := owner(t); who != nil {
		ok(t, os.Chown(dir, int(who.Uid), int(who.Gid)))
	}
	return dir
}

// pair is a primary and its standby, which confirms each COMMIT where it is synchronous.
func pair(t *testing.T, bin string, synchronous bool) (primary, standby *server) {
	t.Helper()
	dir := serversFolder(t)
	primary, standby = newServer(t, bin, dir, "primary"), newServer(t, bin, dir, "standby")
	primary.must("initdb", "-D", primary.dir, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
		"--locale=C.UTF-8", "--no-sync")
	primary.start()
	primary.must("pg_basebackup", "-D", standby.dir, "-R", "-X", "stream", "-c", "fast",
		"-h", "127.0.0.1", "-p", strconv.Itoa(primary.port), "-U", "postgres")
	standby.start()
	if synchronous {
		primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
		primary.ask("SELECT pg_reload_conf()")
	}
	want := map[bool]string{true: "sync", false: "async"}[synchronous]
	for primary.ask("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'") != want {
	}
	return primary, standby
}
