package oidc_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// rosterServer is the built Roster on a new store, with dex as its provider.
type rosterServer struct {
	*dex
	address string
	token   string // of the owner
}

func serve(t *testing.T, flags ...string) *rosterServer {
	t.Helper()
	binary := os.Getenv("ROSTER_BIN")
	if binary == "" {
		t.Fatal("ROSTER_BIN must name the built roster; make sign-on sets it")
	}
	d, data := newDex(t), t.TempDir()
	args := append([]string{
		"serve", "--addr", "127.0.0.1:0", "--data", data, "--log-level", "error",
		"--oidc-issuer", d.url, "--oidc-client-id", "roster", "--oidc-name", "Dex",
	}, flags...)
	command := exec.Command(binary, args...)
	command.Env = append(os.Environ(), "ROSTER_OIDC_CLIENT_SECRET=a secret")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	d.must(err)
	d.must(command.Start())
	t.Cleanup(func() {
		command.Process.Signal(syscall.SIGTERM)
		command.Wait()
	})
	s := &rosterServer{dex: d}
	for lines := bufio.NewScanner(out); s.address == "" && lines.Scan(); {
		s.address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text())
	}
	go io.Copy(io.Discard, out)
	token, err := exec.Command(binary, "token", "create", "--user", "owner@example.com", "--data", data).Output()
	d.must(err)
	s.token = strings.TrimSpace(string(token))
	d.client(s.address)
	return s
}

// api asks the API as the owner, and reads its answer into a value.
func (s *rosterServer) api(method, path string, body, into any) {
	s.t.Helper()
	text, err := json.Marshal(body)
	s.must(err)
	r, err := http.NewRequest(method, s.address+path, strings.NewReader(string(text)))
	s.must(err)
	r.Header.Set("Authorization", "Token "+s.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	s.must(err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	s.must(err)
	if answer.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, read)
	}
	if into != nil {
		s.must(json.Unmarshal(read, into))
	}
}

// role is the organization role that somebody has; "" for nobody.
func (s *rosterServer) role(email string) string {
	s.t.Helper()
	var page struct {
		Results []struct {
			Role string
			User struct{ Email string }
		}
	}
	s.api("GET", "/api/organizations/1/memberships?page_size=100", nil, &page)
	for _, m := range page.Results {
		if m.User.Email == email {
			return m.Role
		}
	}
	return ""
}

// kinds is the kinds of the operations that are recorded, newest first.
func (s *rosterServer) operations() (kinds []string) {
	s.t.Helper()
	var page struct {
		Results []struct {
			Kind       string
			Credential string
		}
	}
	s.api("GET", "/api/roster/operations/", nil, &page)
	for _, o := range page.Results {
		kinds = append(kinds, fmt.Sprint(o.Kind, " by ", o.Credential))
	}
	return kinds
}
