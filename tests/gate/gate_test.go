// Package gate drives the built Roster in front of a real Label Studio Community
// Edition: what only the two together can tell. `make e2e-gate` starts that and
// says where it is.
package gate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// upstream is the Label Studio behind the gate.
var upstream = struct{ url, token string }{os.Getenv("LABEL_STUDIO_URL"), os.Getenv("LABEL_STUDIO_TOKEN")}

// shared is the gate that the tests share; each works in projects of its own.
var shared *gate

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if upstream.url == "" {
		return m.Run() // each test says that it is skipped
	}
	dir, err := os.MkdirTemp("", "roster-tests-gate")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	shared = start(dir, "--data", filepath.Join(dir, "data"))
	defer shared.stop()
	if err := shared.giveRoles(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// gate is the built Roster in front of the upstream.
type gate struct {
	url     string
	log     string // the file that it logs to
	command *exec.Cmd
	people  map[string]*person // by name, signed in when first asked for
}

// start starts one on a store; it panics when it cannot.
func start(dir string, flags ...string) *gate {
	log, err := os.CreateTemp(dir, "log")
	if err != nil {
		panic(err)
	}
	defer log.Close()
	args := append([]string{"serve", "--addr", "127.0.0.1:0", "--upstream", upstream.url, "--upstream-token",
		upstream.token, "--rate-limit-sign-in", "off",
		"--upstream-files", filepath.Join(os.Getenv("LABEL_STUDIO_DATA"), "files")}, flags...)
	g := &gate{log: log.Name(), command: exec.Command(os.Getenv("ROSTER_BIN"), args...), people: map[string]*person{}}
	g.command.Stderr = log
	out, err := g.command.StdoutPipe()
	if err == nil {
		err = g.command.Start()
	}
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(out); g.url == "" && lines.Scan(); {
		g.url = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text())
	}
	if g.url == "" {
		said, _ := os.ReadFile(g.log)
		panic("the gate did not start: " + string(said))
	}
	go io.Copy(io.Discard, out)
	return g
}

func (g *gate) stop() {
	g.command.Process.Signal(syscall.SIGTERM)
	g.command.Wait()
}

// refusal is the gate's own word on a request that it did not let through.
type refusal struct {
	Msg, Rule, Method, Path, Request, Error string
	Status                                  int
	User                                    int64
}

// refused reads from the gate's log what it refused, by the request's id.
func (g *gate) refused(t *testing.T) map[string]refusal {
	t.Helper()
	raw, err := os.ReadFile(g.log)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]refusal{}
	for line := range bytes.Lines(raw) {
		var r refusal
		if json.Unmarshal(line, &r) == nil && r.Msg == "gate refused" {
			found[r.Request] = r
		}
	}
	return found
}

// person is somebody of scripts/label-studio-seed who asks a server.
type person struct {
	name   string
	base   string
	id     int64
	token  string // of the upstream's, instead of a session
	client *http.Client
}

// answer is what came back.
type answer struct {
	status  int
	request string // its id, when it came through the gate
	header  http.Header
	body    []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %.300s", a.status, a.body) }

// ask sends a request; body is nil or what is sent as JSON.
func (p *person) ask(method, path string, body any) (a answer, err error) {
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return a, err
		}
		sent = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, p.base+path, sent)
	if err != nil {
		return a, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return p.send(r)
}

func (p *person) send(r *http.Request) (a answer, err error) {
	if p.token != "" {
		r.Header.Set("Authorization", "Token "+p.token)
	}
	got, err := p.client.Do(r)
	if err != nil {
		return a, err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header.Get("X-Request-Id"), got.Header, raw}, err
}

// must is ask where anything but success ends the test; what came is read into
// out, unless that is nil.
func (p *person) must(t *testing.T, method, path string, body, out any) {
	t.Helper()
	a, err := p.ask(method, path, body)
	if err == nil && a.status/100 != 2 {
		err = fmt.Errorf("%v", a)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(a.body, out)
	}
	if err != nil {
		t.Fatalf("%s: %s %s: %v", p.name, method, path, err)
	}
}

// status is what a request is answered with.
func (p *person) status(t *testing.T, method, path string, body any) int {
	t.Helper()
	a, err := p.ask(method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	return a.status
}

// signedIn is somebody with a session, by the sign-in form of a server: the
// gate's, or the upstream's own.
func signedIn(base, name string) (*person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	p := &person{name: name, base: base,
		client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}}
	if _, err = p.ask("GET", "/user/login/", nil); err != nil {
		return nil, err
	}
	at, _ := url.Parse(base)
	form := url.Values{"email": {name + "@example.com"}, "password": {"password-" + name}}
	for _, c := range jar.Cookies(at) {
		if c.Name == "csrftoken" {
			form.Set("csrfmiddlewaretoken", c.Value)
		}
	}
	r, err := http.NewRequest("POST", base+"/user/login/", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := p.send(r)
	if err == nil && a.status != http.StatusFound {
		err = fmt.Errorf("signing in: %v", a)
	}
	if err != nil {
		return nil, err
	}
	if a, err = p.ask("GET", "/api/current-user/whoami", nil); err != nil {
		return nil, err
	}
	var who struct{ ID int64 }
	err = json.Unmarshal(a.body, &who)
	p.id = who.ID
	return p, err
}

// as is somebody signed in at the gate.
func (g *gate) as(name string) (*person, error) {
	if p := g.people[name]; p != nil {
		return p, nil
	}
	p, err := signedIn(g.url, name)
	g.people[name] = p
	return p, err
}

// need is the shared gate, or the end of the test.
func need(t *testing.T) *gate {
	t.Helper()
	if shared == nil {
		t.Skip("no Label Studio: run make e2e-gate")
	}
	return shared
}

// who is somebody signed in at the gate, or the end of the test.
func (g *gate) who(t *testing.T, name string) *person {
	t.Helper()
	p, err := g.as(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// behind is the owner past the gate, by token: what is set up this way the gate
// has not seen.
func behind() *person {
	return &person{name: "owner past the gate", base: upstream.url, token: upstream.token, client: http.DefaultClient}
}

// giveRoles makes Mia a manager and Rea a reviewer of the organization. Ann and
// Bob annotate.
func (g *gate) giveRoles() error {
	owner, err := g.as("owner")
	for name, role := range map[string]string{"mia": "MA", "rea": "RE"} {
		if err != nil {
			return err
		}
		var p *person
		if p, err = g.as(name); err != nil {
			return err
		}
		var a answer
		if a, err = owner.ask("PATCH", "/api/organizations/1/memberships/",
			map[string]any{"user_id": p.id, "role": role}); err == nil && a.status != 200 {
			err = fmt.Errorf("the role of %s: %v", name, a)
		}
	}
	return err
}
