// Package packages tries what a release is published as. "make package-test" makes one, twice,
// and says where; without it the tests are skipped.
package packages

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const version = "0.9.0"

// release is the folder with what was made first.
func release(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ROSTER_RELEASE")
	if dir == "" {
		t.Skip("no release: make package-test")
	}
	return dir
}

// artifact is a file of the release.
func artifact(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(release(t), name)
}

// try runs a command and returns what it says on both outputs.
func try(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	return string(out), err
}

// run is try for what must succeed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := try(name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// read is a file's text; "" where there is none.
func read(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// unpacked is a file of a .tar.gz.
func unpacked(t *testing.T, archive, name string) []byte {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(z); ; {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("%s holds no %s", archive, name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if head.Name == name {
			var text bytes.Buffer
			if _, err := text.ReadFrom(files); err != nil {
				t.Fatal(err)
			}
			return text.Bytes()
		}
	}
}

// freePort is one that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// nothing is to be done while a server runs.
func nothing() {}

// answers starts a server, waits until it is ready, does what is to be done meanwhile, has it
// stopped, and wants it to end well.
func answers(t *testing.T, port string, meanwhile func(), name string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	server := exec.Command(name, args...)
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	ready := waitFor(ended, "http://127.0.0.1:"+port+"/health/ready")
	if !ready {
		_ = server.Process.Kill()
		t.Fatalf("no answer:\n%s", said.String())
	}
	meanwhile()
	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v:\n%s", err, said.String())
	}
}

// waitFor asks until the answer is 200, a minute has passed, or who was to answer ended.
func waitFor(ended chan error, url string) bool {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		if answer, err := http.Get(url); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case err := <-ended:
			ended <- err
			return false
		case <-ctx.Done():
			return false
		case <-again.C:
		}
	}
}
