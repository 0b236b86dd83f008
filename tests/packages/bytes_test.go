package packages

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSameBytes: the same commit gives the same bytes in another folder.
func TestSameBytes(t *testing.T) {
	first, second := release(t), os.Getenv("ROSTER_RELEASE_AGAIN")
	if a, b := read(first+"/SHA256SUMS"), read(second+"/SHA256SUMS"); a == "" || a != b {
		t.Errorf("first\n%s\nsecond\n%s", a, b)
	}
	check := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
	for _, check.Dir = range []string{first, second} {
		again := exec.Command(check.Path, check.Args[1:]...)
		again.Dir = check.Dir
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%s", out)
		}
	}
	if out, err := try("diff", "-r", first+"/image", second+"/image"); err != nil {
		t.Errorf("the image's layout: %s", out)
	}
}

// TestSameBytesCold: nor does the binary hang on what Go had compiled before.
func TestSameBytesCold(t *testing.T) {
	archive := artifact(t, "roster_"+version+"_linux_amd64.tar.gz")
	to := filepath.Join(t.TempDir(), "roster")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=v"+version,
		"-o", to, "./cmd/roster")
	build.Dir = filepath.Dir(release(t))
	build.Env = append(os.Environ(), "GOCACHE="+t.TempDir(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Equal([]byte(read(to)), unpacked(t, archive, "roster")) {
		t.Error("another binary")
	}
}

// TestEveryPlatform: each is there and is made for what it says. Only Linux' are run.
func TestEveryPlatform(t *testing.T) {
	for platform, opens := range map[string]func(string) error{
		"linux_amd64":   func(f string) error { _, err := elf.Open(f); return err },
		"linux_arm64":   func(f string) error { _, err := elf.Open(f); return err },
		"darwin_amd64":  func(f string) error { _, err := macho.Open(f); return err },
		"darwin_arm64":  func(f string) error { _, err := macho.Open(f); return err },
		"windows_amd64": func(f string) error { _, err := pe.Open(f); return err },
		"windows_arm64": func(f string) error { _, err := pe.Open(f); return err },
	} {
		found, _ := filepath.Glob(artifact(t, "roster_"+platform+"_*/roster*"))
		if len(found) != 1 {
			t.Errorf("%s: %v", platform, found)
			continue
		}
		if err := opens(found[0]); err != nil {
			t.Errorf("%s: %v", platform, err)
		}
		archives, _ := filepath.Glob(artifact(t, "roster_"+version+"_"+platform+"*"))
		if len(archives) != 2 {
			t.Errorf("%s: %v", platform, archives)
		}
	}
	to := filepath.Join(t.TempDir(), "roster")
	binary := unpacked(t, artifact(t, "roster_"+version+"_linux_amd64.tar.gz"), "roster")
	if err := os.WriteFile(to, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	if said := run(t, to, "version"); !strings.HasPrefix(said, "roster v"+version+" ") {
		t.Errorf("%q", said)
	}
}

// TestBills: whatever is published says what is in it.
func TestBills(t *testing.T) {
	bills := 0
	for line := range strings.Lines(read(artifact(t, "SHA256SUMS"))) {
		name := strings.Fields(line)[1]
		if strings.HasSuffix(name, ".cdx.json") || name == "roster_"+version+"_image.tar" { // its platforms have one each
			continue
		}
		bills++
		isBill(t, name)
	}
	if bills != 12 {
		t.Errorf("%d bills", bills)
	}
}

func isBill(t *testing.T, name string) {
	t.Helper()
	var bill struct {
		Format     string `json:"bomFormat"`
		Components []struct {
			Name     string
			Licenses []any
		}
	}
	if err := json.Unmarshal([]byte(read(artifact(t, name+".cdx.json"))), &bill); err != nil ||
		bill.Format != "CycloneDX" {
		t.Errorf("%s: %v", name, err)
	}
	named := map[string]bool{}
	for _, c := range bill.Components {
		named[c.Name] = true
	}
	for _, want := range []string{"std", "modernc.org/sqlite", "github.com/jackc/pgx/v5"} {
		if !named[want] {
			t.Errorf("%s: nothing of %s", name, want)
		}
	}
}
