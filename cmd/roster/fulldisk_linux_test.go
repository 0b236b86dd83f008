package main

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"roster/internal/store/storetest"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk: a backup or a restore that runs out of space says so, changes nothing, leaves
// nothing behind, and can be run again as it was once there is space.
func TestFullDisk(t *testing.T) {
	storetest.Long(t)
	disk := smallDisk(t)
	if disk == "" {
		return
	}
	at := func(name string) string { return filepath.Join(disk, name) }
	stopNobody := []string{at("new"), at("new2"), at("killed/roster.db-shm"), at("killed2/roster.db-shm")}
	good := filepath.Join(t.TempDir(), "good")
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	e.serve(t).stop()
	e.ok(t, "backup", good)
	killed(t, e, at("killed"))
	killed(t, e, at("killed2"))
	for _, c := range []struct {
		name string
		args []string
		left int64  // how many bytes there is room for
		kept string // a store that is as it was
	}{
		{"a backup, nearly full", []string{"backup", at("copy")}, 64 << 10, ""},
		{"a backup, full", []string{"backup", at("copy2")}, 0, ""},
		{"a restore, nearly full", []string{"restore", good, "--data", at("new")}, 64 << 10, ""},
		{"a restore, full", []string{"restore", good, "--data", at("new2")}, 0, ""},
		{"a restore over what a killed server left, nearly full",
			[]string{"restore", good, "--data", at("killed"), "--force"}, 64 << 10, at("killed")},
		{"a restore over what a killed server left, full",
			[]string{"restore", good, "--data", at("killed2"), "--force"}, 0, at("killed2")},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := filesIn(t, disk)
			makeRoom := fill(t, at("filler"), c.left)
			a := e.roster(t, c.args...)
			says := strings.Contains(a.errors, "disk is full. Nothing was changed.") && strings.Count(a.errors, "\n") == 1
			if a.code != 1 || a.out != "" || !says {
				t.Errorf("%+v", a)
			}
			makeRoom()
			for name := range filesIn(t, disk) {
				if !before[name] && !slices.Contains(stopNobody, name) && filepath.Base(name) != "serving.lock" {
					t.Errorf("%s was left behind", name)
				}
			}
			last := filepath.Base(c.kept) + "999@example.com"
			if c.kept != "" && !strings.Contains(e.ok(t, "user", "list", "--data", c.kept), last) {
				t.Error("the store that was there is not as it was")
			}
			e.ok(t, c.args...)
		})
	}
	for _, restored := range []string{"new", "new2", "killed", "killed2"} {
		list := e.ok(t, "user", "list", "--data", at(restored))
		if !strings.Contains(list, "owner@example.com") || strings.Contains(list, "killed") {
			t.Errorf("%s:\n%s", restored, list)
		}
	}
	e.ok(t, "restore", at("copy"), "--data", filepath.Join(t.TempDir(), "of the copy"))
}

// TestFullDiskOfADump: a backup of a PostgreSQL store that runs out of space says so, and
// leaves nothing behind.
func TestFullDiskOfADump(t *testing.T) {
	storetest.Long(t)
	disk := smallDisk(t)
	if disk == "" {
		return
	}
	e, flags := postgresStore(t)
	for name, left := range map[string]int64{"nearly full": 8 << 10, "full": 0} {
		file := filepath.Join(disk, "copy")
		makeRoom := fill(t, filepath.Join(disk, "filler"), left)
		a := e.roster(t, on(flags, "backup", file)...)
		if a.code != 1 || !strings.Contains(a.errors, "disk is full. Nothing was changed.") || len(filesIn(t, disk)) != 2 {
			t.Errorf("%s: %+v %v", name, a, filesIn(t, disk))
		}
		makeRoom()
		e.ok(t, on(flags, "backup", file)...)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// inMounts says that this process may mount what no other one sees.
const inMounts = "ROSTER_TEST_MOUNTS"

// smallDisk is a file system of 16 MiB in a process of its own, in which the test runs once
// more; "" in the one that it began in, where that is done.
func smallDisk(t *testing.T) string {
	t.Helper()
	if os.Getenv(inMounts) == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), inMounts+"=1")
		again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if id := os.Getuid(); id != 0 {
			again.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			again.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: id, Size: 1}}
			again.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		}
		switch said, err := again.CombinedOutput(); {
		case err != nil && len(said) == 0:
			t.Skip("this system lets the test have no file system of its own:", err)
		case err != nil:
			t.Errorf("%v\n%s", err, said)
		case strings.Contains(string(said), "--- SKIP"):
			t.Skipf("%s", said)
		}
		return ""
	}
	dir := t.TempDir()
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		t.Skip("this system lets the test have no file system of its own:", err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skip("this system lets the test have no file system of its own:", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill leaves so many bytes of a file system, until makeRoom.
func fill(t *testing.T, filler string, left int64) (makeRoom func()) {
	t.Helper()
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var size int64
	for part := make([]byte, 64<<10); err == nil; {
		var n int
		n, err = f.Write(part)
		size += int64(n)
	}
	if err := f.Truncate(size - left); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
	}
}

// filesIn is what is beneath a directory.
func filesIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		all[path] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// killed makes in dir what is left of e's store when its server is killed after many were
// added: they are in the log only.
func killed(t *testing.T, e environment, dir string) {
	t.Helper()
	reader, err := sql.Open("sqlite", filepath.Join(e["ROSTER_DATA"], "roster.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Exec("SELECT count(*) FROM users"); err != nil { // or the last to leave would fold the log
		t.Fatal(err)
	}
	people := "email\n"
	for n := range 1000 {
		people += fmt.Sprintf("%s%d@example.com\n", filepath.Base(dir), n)
	}
	if a := e.fed(t, people, "import", "-"); a.code != 0 {
		t.Fatal(a.errors)
	}
	if err := os.CopyFS(dir, os.DirFS(e["ROSTER_DATA"])); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "roster.db-shm")); err != nil {
		t.Fatal(err)
	}
	if log, err := os.Stat(filepath.Join(dir, "roster.db-wal")); err != nil || log.Size() < 1<<16 {
		t.Fatal("the log has nothing in it", err)
	}
}
