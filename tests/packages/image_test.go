package packages

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestImage: two platforms, each with a user that is not root, and nothing but the binary.
func TestImage(t *testing.T) {
	file := artifact(t, "roster_"+version+"_image.tar")
	var index struct {
		Manifests []struct {
			Platform struct{ OS, Architecture string }
		}
	}
	if err := json.Unmarshal([]byte(run(t, "skopeo", "inspect", "--raw", "oci-archive:"+file)), &index); err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, m := range index.Manifests {
		platforms = append(platforms, m.Platform.OS+"/"+m.Platform.Architecture)
	}
	if !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("%v", platforms)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		var image struct {
			Architecture string
			Config       struct {
				User            string
				Entrypoint, Cmd []string
				Volumes         map[string]any
			}
		}
		said := run(t, "skopeo", "--override-arch", arch, "inspect", "--config", "oci-archive:"+file)
		if err := json.Unmarshal([]byte(said), &image); err != nil {
			t.Fatal(err)
		}
		c := image.Config
		if image.Architecture != arch || c.User != "65532:65532" ||
			!slices.Equal(c.Entrypoint, []string{"/usr/bin/roster"}) ||
			!slices.Equal(c.Cmd, []string{"serve"}) || len(c.Volumes) != 1 {
			t.Errorf("%s", said)
		}
	}
}

// layout unpacks one platform's image and returns its root.
func layout(t *testing.T, arch string) string {
	t.Helper()
	dir := t.TempDir()
	run(t, "skopeo", "copy", "oci-archive:"+artifact(t, fmt.Sprintf("roster_%s_image_linux_%s.tar", version, arch)),
		"oci:"+dir+"/image:one")
	run(t, "umoci", "unpack", "--image", dir+"/image:one", dir+"/bundle")
	return dir + "/bundle/rootfs"
}

// TestImageHoldsTheBinary: the same one as the archive, and an empty folder.
func TestImageHoldsTheBinary(t *testing.T) {
	for arch, variant := range map[string]string{"amd64": "v1", "arm64": "v8.0"} {
		root := layout(t, arch)
		files := strings.Fields(run(t, "find", root, "-type", "f", "-printf", "%P\n"))
		if !slices.Equal(files, []string{"usr/bin/roster"}) {
			t.Errorf("%v", files)
		}
		run(t, "cmp", root+"/usr/bin/roster", artifact(t, "roster_linux_"+arch+"_"+variant+"/roster"))
		if got := run(t, "stat", "--format=%u:%g %a", root+"/var/lib/roster"); got != "65532:65532 755\n" {
			t.Errorf("the data's folder: %s", got)
		}
	}
}

// TestImageStarts without a runtime: in its root directory, which is read-only, as its user.
func TestImageStarts(t *testing.T) {
	root, port := layout(t, "amd64"), freePort(t)
	script := `set -e
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
mount -t tmpfs -o mode=0700,uid=65532,gid=65532 none "$1/var/lib/roster"
exec chroot --userspec=65532:65532 --groups= "$1" /usr/bin/roster serve`
	t.Setenv("ROSTER_ADDR", "127.0.0.1:"+port)
	t.Setenv("ROSTER_DATA", "/var/lib/roster")
	answers(t, port, nothing, "unshare", "--mount", "sh", "-c", script, "sh", root)
}

// podman is a runtime with images of the test's own. The limits are lower than its own, which
// a machine in a machine may not set.
type podman struct {
	*testing.T
	own []string
}

func newPodman(t *testing.T) podman {
	store := t.TempDir()
	return podman{t, []string{"--root", store + "/root", "--runroot", store + "/run", "--storage-driver", "vfs",
		"--cgroup-manager", "cgroupfs", "--events-backend", "none", "--runtime", "runc"}}
}

func (p podman) try(args ...string) (string, error) {
	return try("podman", slices.Concat(p.own, args)...)
}

// server is how a container is run as docs/install.md says.
func (p podman) server(args ...string) []string {
	return append([]string{"run", "--rm", "--pull", "never", "--name", "roster", "--read-only", "--network",
		"host", "--cap-drop", "all",
		"--security-opt", "no-new-privileges", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"}, args...)
}

// TestImageInPodman: loaded and run by a runtime, read-only, where one runs; it says itself that
// it is well.
func TestImageInPodman(t *testing.T) {
	p, image := newPodman(t), "roster:"+version
	for _, file := range []string{"image.tar", "image_linux_amd64.tar"} {
		if said, err := p.try("load", "--input", artifact(t, "roster_"+version+"_"+file)); err != nil {
			t.Fatalf("%s: %v\n%s", file, err, said)
		}
	}
	if said, err := p.try(p.server(image, "version")...); err != nil || !strings.Contains(said, "roster v"+version) {
		t.Skipf("no container runs here: %v\n%s", err, said)
	}
	port := freePort(t)
	run := p.server("--env", "ROSTER_ADDR=127.0.0.1:"+port, image)
	answers(t, port, func() {
		if said, err := p.try("exec", "roster", "/usr/bin/roster", "health"); err != nil || !strings.Contains(said, "ready") {
			t.Errorf("health: %v %s", err, said)
		}
	}, "podman", slices.Concat(p.own, run)...)
}
