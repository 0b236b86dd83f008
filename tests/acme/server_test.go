package acme_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// host is whom certificates are for.
const host = "roster.example.com"

// patience is how long a test waits for a line of the log.
const patience = time.Minute

// rosterServer is the built Roster on a store in a folder.
type rosterServer struct {
	*authority
	t       *testing.T
	address string // host and port
	lines   chan string
	stop    func()
}

// serve starts a server that gets its certificates from a pebble, and has the gate lead to it.
func (a *authority) serve(t *testing.T, data string, flags ...string) *rosterServer {
	t.Helper()
	return a.start(t, nil, append([]string{"--data", data, "--addr", "127.0.0.1:0"}, flags...)...)
}

// start does, with a socket that systemd would hold, unless it is nil.
func (a *authority) start(t *testing.T, held *os.File, flags ...string) *rosterServer {
	t.Helper()
	binary := os.Getenv("ROSTER_BIN")
	if binary == "" {
		t.Fatal("ROSTER_BIN must name the built roster; make acme sets it")
	}
	command := exec.Command(binary, append([]string{"serve",
		"--acme-hosts", host, "--acme-directory", a.url, "--acme-email", "olga@example.com"}, flags...)...)
	command.Env = append(os.Environ(), "SSL_CERT_FILE="+a.itsRoots)
	if held != nil {
		command.Path, command.Args = "/bin/sh", append([]string{"sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"`, "sh"},
			command.Args...)
		command.ExtraFiles = []*os.File{held}
	}
	out, err := command.StdoutPipe()
	a.must(err)
	logged, err := command.StderrPipe()
	a.must(err)
	a.must(command.Start())
	s := &rosterServer{authority: a, t: t, lines: make(chan string, 1000)}
	go func() {
		for lines := bufio.NewScanner(logged); lines.Scan(); {
			s.lines <- lines.Text()
		}
		close(s.lines)
	}()
	ended := false
	s.stop = func() {
		if !ended {
			ended = true
			command.Process.Signal(syscall.SIGTERM)
			command.Wait()
		}
	}
	t.Cleanup(s.stop)
	said := bufio.NewScanner(out)
	for s.address == "" && said.Scan() {
		s.address = strings.TrimPrefix(regexp.MustCompile(`https://127\.0\.0\.1:\d+`).FindString(said.Text()), "https://")
	}
	if s.address == "" {
		t.Fatalf("it did not start: %s", s.heard())
	}
	go io.Copy(io.Discard, out)
	a.front.leads(s.address)
	return s
}

// heard is what it has logged and nobody has read, once it has ended.
func (s *rosterServer) heard() string {
	var all []string
	for line := range s.lines {
		all = append(all, line)
	}
	return strings.Join(all, "\n")
}

// logs waits for a line of the log that has all of these in it.
func (s *rosterServer) logs(parts ...string) string {
	s.t.Helper()
	late := time.After(patience)
	var before []string
	for {
		select {
		case line, ok := <-s.lines:
			if has(line, parts) {
				return line
			}
			if before = append(before, line); !ok {
				s.t.Fatalf("it ended without logging %q, but\n%s", parts, strings.Join(before, "\n"))
			}
		case <-late:
			s.t.Fatalf("it did not log %q, but\n%s", parts, strings.Join(before, "\n"))
		}
	}
}

func has(line string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(line, part) {
			return false
		}
	}
	return true
}

// client talks to a server under a name; "" is none.
func (s *rosterServer) client(name string) *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{RootCAs: s.roots, ServerName: name}}}
}

// greets asks for its health, and returns the certificate that it answered with.
func (s *rosterServer) greets(client *http.Client) (*x509.Certificate, *http.Response) {
	s.t.Helper()
	answer, err := client.Get("https://" + s.address + "/health")
	s.must(err)
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	return answer.TLS.PeerCertificates[0], answer
}
