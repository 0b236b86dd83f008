package packages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// debian is a bare Debian of the test's own.
type debian struct {
	*testing.T
	root string
}

func newDebian(t *testing.T) debian {
	t.Helper()
	release(t)
	d := debian{t, filepath.Join(t.TempDir(), "debian")}
	run(t, "cp", "-a", os.Getenv("ROSTER_BARE_DEBIAN"), d.root)
	return d
}

// in runs a command inside.
func (d debian) in(args ...string) string {
	d.Helper()
	return run(d.T, "chroot", append([]string{d.root, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"}, args...)...)
}

func (d debian) at(path string) string { return filepath.Join(d.root, path) }

// take copies a file into its root.
func (d debian) take(file string) string {
	d.Helper()
	run(d.T, "cp", file, d.root)
	return "/" + filepath.Base(file)
}

// owner is a file's mode and who owns it, as "-rw-r----- root roster".
func (d debian) owner(path string) string {
	d.Helper()
	return strings.TrimSpace(d.in("stat", "--format=%A %U %G", path))
}

func (d debian) has(path, want string) {
	d.Helper()
	if got := d.owner(path); got != want {
		d.Errorf("%s: %s, not %s", path, got, want)
	}
}

// next is the package of a later version, with other default settings.
func next(t *testing.T, deb string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "next")
	run(t, "dpkg-deb", "--raw-extract", deb, dir)
	run(t, "sed", "-i", "s/^Version: .*/Version: 0.10.0/", dir+"/DEBIAN/control")
	run(t, "sh", "-c", "echo '# another default' >>"+dir+"/etc/roster/roster.env")
	to := filepath.Join(t.TempDir(), "next.deb")
	run(t, "dpkg-deb", "--build", dir, to)
	return to
}

// watched puts a systemctl in the root's place that only notes how it is called, as if systemd ran.
func (d debian) watched() {
	d.Helper()
	script := "#!/bin/sh\necho \"$*\" >>/systemctl.log\n"
	if err := os.WriteFile(d.at("usr/bin/systemctl"), []byte(script), 0o755); err != nil {
		d.Fatal(err)
	}
	if err := os.MkdirAll(d.at("run/systemd/system"), 0o755); err != nil {
		d.Fatal(err)
	}
}

// called is how systemctl was called since the last time.
func (d debian) called() string {
	defer os.Remove(d.at("systemctl.log"))
	return read(d.at("systemctl.log"))
}

func TestDeb(t *testing.T) {
	d := newDebian(t)
	deb := artifact(t, "roster_"+version+"_amd64.deb")
	d.in("dpkg", "--install", d.take(deb))
	d.has("/usr/bin/roster", "-rwxr-xr-x root root")
	d.has("/etc/roster", "drwxr-x--- root roster")
	d.has("/etc/roster/roster.env", "-rw-r----- root roster")
	d.has("/var/lib/roster", "drwx------ roster roster")
	if who := d.in("getent", "passwd", "roster"); !strings.HasSuffix(who, ":/var/lib/roster:/usr/sbin/nologin\n") {
		t.Errorf("%s", who)
	}
	if exists(d.at("etc/systemd/system/multi-user.target.wants/roster.service")) {
		t.Error("it is enabled before anybody said what it is to be")
	}
	unit(d)
	serves(d)
	upgraded(d, deb)
	removed(d)
}

// unit: the machine is as closed to the service as the unit says.
func unit(d debian) {
	d.Helper()
	said, err := try("systemd-analyze", "security", "--offline=true", "--root="+d.root, "--threshold=19", "--no-pager",
		"roster.service")
	lines := strings.Split(strings.TrimSpace(said), "\n")
	d.Log(lines[len(lines)-1])
	if err != nil {
		d.Errorf("%v: %s", err, said)
	}
	if said, err := try("systemd-analyze", "verify", "--man=no", "--root="+d.root, "roster.service",
		"roster.socket"); err != nil || strings.Contains(said, "roster") {
		d.Errorf("%v: %s", err, said)
	}
}

// serves starts what was installed as the unit does: as its user, with its data.
func serves(d debian) {
	d.Helper()
	port := freePort(d.T)
	answers(d.T, port, nothing, "chroot", "--userspec=roster:roster", d.root, "env", "-i", "ROSTER_DATA=/var/lib/roster",
		"ROSTER_ADDR=127.0.0.1:"+port, "sh", "-c", "umask 0077; exec /usr/bin/roster serve")
	d.has("/var/lib/roster/roster.db", "-rw------- roster roster")
}

// upgraded: what an operator said and what people did stay.
func upgraded(d debian, deb string) {
	d.Helper()
	d.watched()
	d.in("sh", "-c", "echo ROSTER_URL=https://roster.example.com >>/etc/roster/roster.env")
	mine := read(d.at("etc/roster/roster.env"))
	data := read(d.at("var/lib/roster/roster.db"))
	d.in("dpkg", "--force-confold", "--install", d.take(next(d.T, deb)))
	if read(d.at("etc/roster/roster.env")) != mine || !exists(d.at("etc/roster/roster.env.dpkg-dist")) {
		d.Error("the settings were not kept, or the new ones not put beside them")
	}
	if read(d.at("var/lib/roster/roster.db")) != data || data == "" {
		d.Error("the data was not kept")
	}
	if got := d.called(); !strings.Contains(got, "try-restart roster.service") || strings.Contains(got, "stop") {
		d.Errorf("systemctl %s", got)
	}
}

// removed: removal stops it and leaves settings and data; purging takes both.
func removed(d debian) {
	d.Helper()
	d.in("dpkg", "--remove", "roster")
	if got := d.called(); !strings.Contains(got, "disable --quiet roster.service") ||
		!strings.Contains(got, "stop roster.service") {
		d.Errorf("systemctl %s", got)
	}
	if exists(d.at("usr/bin/roster")) || !exists(d.at("etc/roster/roster.env")) ||
		!exists(d.at("var/lib/roster/roster.db")) {
		d.Error("removing takes the program and leaves the rest")
	}
	d.in("dpkg", "--purge", "roster")
	if exists(d.at("etc/roster")) || exists(d.at("var/lib/roster")) {
		d.Error("purging leaves something")
	}
	d.in("getent", "passwd", "roster")
}

// TestRPM: installed, and erased, by rpm in a root that knows no other.
func TestRPM(t *testing.T) {
	d := newDebian(t)
	file := artifact(t, "roster-"+version+"-1.x86_64.rpm")
	files := run(t, "rpm", "-qpl", file)
	for _, want := range []string{"/usr/bin/roster", "/usr/lib/systemd/system/roster.service", "/etc/roster/roster.env",
		"/var/lib/roster", "/usr/share/man/man1/roster.1.gz", "/usr/share/bash-completion/completions/roster",
		"/usr/share/zsh/site-functions/_roster"} {
		if !strings.Contains(files, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	if got := run(t, "rpm", "-qpc", file); got != "/etc/roster/roster.env\n" {
		t.Errorf("settings: %s", got)
	}
	if got := run(t, "sh", "-c", "rpm2cpio "+file+" | cpio --quiet -i --to-stdout '*usr/bin/roster' | sha256sum"); got !=
		run(t, "sh", "-c", "cat "+artifact(t, "roster_linux_amd64_v1/roster")+" | sha256sum") {
		t.Errorf("another binary")
	}
	rpm := func(args ...string) {
		t.Helper()
		run(t, "rpm", append([]string{"--root", d.root, "--nodeps"}, args...)...)
	}
	d.watched()
	rpm("--install", file)
	d.has("/etc/roster/roster.env", "-rw-r----- root roster")
	d.has("/var/lib/roster", "drwx------ roster roster")
	unit(d)
	serves(d)
	d.in("sh", "-c", "echo ROSTER_URL=https://roster.example.com >>/etc/roster/roster.env")
	d.called()
	rpm("--erase", "roster")
	if got := d.called(); !strings.Contains(got, "stop roster.service") {
		t.Errorf("systemctl %s", got)
	}
	if exists(d.at("usr/bin/roster")) || !exists(d.at("etc/roster/roster.env.rpmsave")) ||
		!exists(d.at("var/lib/roster/roster.db")) {
		t.Error("erasing takes the program and leaves the rest")
	}
}
