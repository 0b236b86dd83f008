package failover_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestPointInTime: from a copy of a PostgreSQL and the archive of its log, the store is had
// back as it was between two operations: what was done before is there, and what was done
// after is not, and no rule is broken.
func TestPointInTime(t *testing.T) {
	bin, program := os.Getenv("ROSTER_POSTGRES_BIN"), os.Getenv("ROSTER_BIN")
	if bin == "" || program == "" {
		t.Skip("this is for make pitr")
	}
	dir := serversFolder(t)
	archive := filepath.Join(dir, "archive")
	primary := newServer(t, bin, dir, "primary")
	primary.must("initdb", "-D", primary.dir, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
		"--no-sync")
	ok(t, os.Mkdir(archive, 0o700))
	if who := owner(t); who != nil {
		ok(t, os.Chown(archive, int(who.Uid), int(who.Gid)))
	}
	primary.start("archive_mode=on", fmt.Sprintf("archive_command=test ! -f %[1]s/%%f && cp %%p %[1]s/%%f", archive))
	primary.ask("CREATE DATABASE roster")
	roster := func(s *server, args ...string) string {
		t.Helper()
		at := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/roster?sslmode=disable", s.port)
		said, err := exec.Command(program, append(args, "--db", at)...).CombinedOutput()
		if err != nil {
			t.Fatalf("roster %s: %v\n%s", args, err, said)
		}
		return string(said)
	}
	roster(primary, "demo", "--migrate", "--people", "200", "--projects", "3")

	copied := newServer(t, bin, dir, "copied")
	primary.must("pg_basebackup", "-D", copied.dir, "-X", "fetch", "-c", "fast", "-h", "127.0.0.1", "-p",
		strconv.Itoa(primary.port), "-U", "postgres")
	roster(primary, "member", "unassign", "--project", "1", "--all", "--role", "RE", "--yes")
	between := primary.ask("SELECT clock_timestamp()")
	before := primary.operations()
	roster(primary, "member", "unassign", "--project", "1", "--all", "--yes") // the mistake
	if after := primary.operations(); after == before {
		t.Fatal("nobody was unassigned")
	}
	last := primary.ask("SELECT pg_walfile_name(pg_switch_wal())")
	for primary.ask("SELECT COALESCE(last_archived_wal, '') FROM pg_stat_archiver") < last {
	}
	primary.kill()

	ok(t, os.WriteFile(filepath.Join(copied.dir, "recovery.signal"), nil, 0o600))
	if who := owner(t); who != nil {
		ok(t, os.Chown(filepath.Join(copied.dir, "recovery.signal"), int(who.Uid), int(who.Gid)))
	}
	copied.start("archive_mode=off", fmt.Sprintf("restore_command=cp %s/%%f %%p", archive),
		"recovery_target_time="+between, "recovery_target_action=promote")
	for copied.ask("SELECT pg_is_in_recovery()") != "f" {
	}
	if got := copied.operations(); got != before {
		t.Errorf("there are the operations\n%s\nnot\n%s", got, before)
	}
	t.Log(strings.TrimSpace(roster(copied, "verify")))
	roster(copied, "member", "list", "--project", "1")
}

// operations are all that the store of a server has, in their order.
func (s *server) operations() string {
	s.t.Helper()
	said, err := s.program("psql", "-AtX", "-h", net.IPv4(127, 0, 0, 1).String(), "-p", strconv.Itoa(s.port), "-U",
		"postgres", "-d", "roster", "-c", "SELECT id, kind, changed FROM operations ORDER BY id").CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v\n%s", err, said)
	}
	return strings.TrimSpace(string(said))
}
