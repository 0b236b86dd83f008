package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// answer is what a command said and how it ended.
type answer struct {
	code        int
	out, errors string
}

// environment is what the commands of a test see.
type environment map[string]string

// roster runs a command to its end, as a script would.
func (e environment) roster(t *testing.T, args ...string) answer {
	t.Helper()
	return e.fed(t, "", args...)
}

// fed is roster with something on stdin.
func (e environment) fed(t *testing.T, stdin string, args ...string) answer {
	t.Helper()
	var out, errors bytes.Buffer
	code := run(t.Context(), args, func(name string) string { return e[name] }, strings.NewReader(stdin), &out, &errors)
	slog.SetDefault(slog.New(slog.DiscardHandler)) // errors is the test's own again
	return answer{code, out.String(), errors.String()}
}

// ok is roster where only success will do; it returns what was printed.
func (e environment) ok(t *testing.T, args ...string) string {
	t.Helper()
	a := e.roster(t, args...)
	if a.code != 0 || a.errors != "" {
		t.Fatalf("roster %s: exit code %d: %s", strings.Join(args, " "), a.code, a.errors)
	}
	return a.out
}

// serving is a server that a test started.
type serving struct {
	address string
	said    string // its first screen
	stop    func() (code int)
}

// serve starts a server on a free port and waits until it is ready.
func (e environment) serve(t *testing.T, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	var logs lockedBuffer
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), func(name string) string { return e[name] }, strings.NewReader(""), stdout, &logs)
		stdout.Close()
		ended <- code
	}()
	s := &serving{stop: sync.OnceValue(func() int { cancel(); return <-ended })}
	t.Cleanup(func() { s.stop() })
	lines := bufio.NewScanner(out)
	for s.address == "" && lines.Scan() {
		s.said += lines.Text() + "\n"
		s.address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text())
	}
	if s.address == "" {
		t.Fatalf("the server did not start: %s%s", s.said, logs.String())
	}
	rest := make(chan string)
	go func() {
		text, _ := io.ReadAll(out)
		rest <- string(text)
	}()
	health(t, s.address) // answered only after the whole screen is printed
	stop := s.stop
	s.stop = sync.OnceValue(func() int {
		code := stop()
		s.said += <-rest
		return code
	})
	return s
}

func health(t *testing.T, address string) {
	t.Helper()
	if status, body := call(t, "GET", address+"/health", ""); status != http.StatusOK {
		t.Fatalf("health: %d %s", status, body)
	}
}

// lockedBuffer is a log that is written while it is read.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// call is curl: one request with a token ("" is none).
func call(t *testing.T, method, address, token string) (status int, body map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Token "+token)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if err := json.NewDecoder(a.Body).Decode(&body); err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	if id := a.Header.Get("Roster-Operation"); id != "" {
		body["operation"] = id
	}
	return a.StatusCode, body
}

// eachStore runs a test with the flags of an empty store on every engine.
func eachStore(t *testing.T, fn func(t *testing.T, store ...string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, "--data", filepath.Join(t.TempDir(), "store")) })
	t.Run("postgres", func(t *testing.T) { fn(t, "--db", storetest.PostgresURL(t)) })
}

// with appends the store's flags to a command.
func on(store []string, args ...string) []string { return append(args, store...) }

// TestStory is the whole of it: from the first start over a token, people, a
// project and its members to an unassign by curl and its undo.
func TestStory(t *testing.T) {
	eachStore(t, func(t *testing.T, store ...string) {
		e := environment{}
		s := e.serve(t, on(store, "--migrate", "--owner-email", "olga@example.com", "--organization", "Acme")...)
		token := strings.TrimSpace(e.ok(t, on(store, "token", "create", "--user", "olga@example.com")...))
		if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(token) {
			t.Fatalf("token %q", token)
		}
		e["ROSTER_SERVER"], e["ROSTER_TOKEN"] = s.address, token
		e.ok(t, on(store, "project", "add", "Street signs")...)
		for _, email := range []string{"ana@example.com", "bo@example.com", "cy@example.com"} {
			e.ok(t, on(store, "user", "add", email, "--role", "RE")...)
		}
		e.ok(t, "member", "assign", "--project", "Street signs", "--include", "ana@example.com,bo@example.com,cy@example.com")

		status, done := call(t, "DELETE", s.address+"/api/projects/1/members/bulk/?all=true&role=RE&search=ana", token)
		if status != http.StatusOK || done["unassignments"] != 1.0 {
			t.Fatalf("unassign: %d %v", status, done)
		}
		members := func() []string { return column(e.ok(t, "member", "list", "--project", "1", "--no-implicit"), 1) }
		if got := strings.Join(members(), " "); got != "bo@example.com cy@example.com" {
			t.Errorf("after the unassign: %s", got)
		}
		status, undo := call(t, "POST", s.address+"/api/roster/operations/"+done["operation"].(string)+"/undo/", token)
		if status != http.StatusCreated || undo["changed"] != 1.0 {
			t.Errorf("undo: %d %v", status, undo)
		}
		if got := strings.Join(members(), " "); got != "ana@example.com bo@example.com cy@example.com" {
			t.Errorf("after the undo: %s", got)
		}
		if code := s.stop(); code != 0 {
			t.Errorf("the server ended with %d", code)
		}
		for _, want := range []string{"Acme", "olga@example.com", "Password", "token create"} {
			if !strings.Contains(s.said, want) {
				t.Errorf("the first start does not say %q:\n%s", want, s.said)
			}
		}
	})
}

// column is one column of a table, without its heading.
func column(table string, n int) []string {
	var out []string
	for line := range strings.Lines(table) {
		out = append(out, strings.Fields(line)[n])
	}
	return out[1:]
}

// TestDemo: what the demo prints is true, on the first start and on the next.
func TestDemo(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	s := e.serve(t, "--demo")
	s.stop()
	first := s.said
	s = e.serve(t, "--demo")
	s.stop()
	if without(first) != without(s.said) {
		t.Errorf("the second start says\n%s\nand the first said\n%s", s.said, first)
	}
	s = e.serve(t, "--demo")
	curl := regexp.MustCompile(`curl -X (\w+) "http://[^/]+(/[^"]+)" -H "Authorization: Token (\w+)"`).FindAllStringSubmatch(first, -1)
	if len(curl) != 3 {
		t.Fatalf("%d requests in\n%s", len(curl), first)
	}
	_, preview := call(t, curl[0][1], s.address+curl[0][2], curl[0][3])
	_, done := call(t, curl[1][1], s.address+curl[1][2], curl[1][3])
	if first, _ := preview["results"].([]any); len(first) != 3 {
		t.Errorf("the preview names %d people, more than fit on a screen", len(first))
	}
	if n, _ := preview["count"].(float64); n < 10 || done["unassignments"] != n {
		t.Errorf("preview %v, then %v", preview["count"], done)
	}
	_, undo := call(t, curl[2][1], s.address+strings.Replace(curl[2][2], "N", done["operation"].(string), 1), curl[2][3])
	if undo["changed"] != preview["count"] {
		t.Errorf("undo %v of %v", undo["changed"], preview["count"])
	}
}

// without is a screen without the port, which is another one every time.
func without(screen string) string {
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(screen, "")
}

// TestDemoOfAnotherSize is there once, whichever command made it.
func TestDemoOfAnotherSize(t *testing.T) {
	eachStore(t, func(t *testing.T, store ...string) {
		e := environment{}
		for range 2 {
			if out := e.ok(t, on(store, "demo", "--migrate", "--people", "40", "--projects", "3", "--members", "10")...); !strings.Contains(out, "40 people and 3 projects") {
				t.Errorf("%q", out)
			}
		}
		s := e.serve(t, on(store, "--demo")...)
		s.stop()
		if !strings.Contains(s.said, "40 people, 3 projects") {
			t.Errorf("serve --demo says\n%s", s.said)
		}
		if n := len(column(e.ok(t, on(store, "project", "list")...), 0)); n != 3 {
			t.Errorf("%d projects", n)
		}
	})
}

// TestDemoKeepsOutOfARealStore: it would print the real owner's token.
func TestDemoKeepsOutOfARealStore(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	e.serve(t).stop()
	e.ok(t, "user", "add", "ana@example.com")
	a := e.roster(t, "serve", "--addr", "127.0.0.1:0", "--demo")
	if a.code != 1 || a.out != "" || !strings.Contains(a.errors, "already") {
		t.Errorf("%+v", a)
	}
}

func TestAddressInUse(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	s := e.serve(t)
	taken := strings.TrimPrefix(s.address, "http://")
	other := filepath.Join(t.TempDir(), "other")
	a := e.roster(t, "serve", "--addr", taken, "--data", other)
	if a.code != 1 || a.errors != "roster: The address "+taken+" is in use already.\n" {
		t.Errorf("%+v", a)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a store was made all the same")
	}
}

// TestOneServerOnSQLite: a second one is refused with the reason; commands work on
// beside the first, and another takes its place when it ends.
func TestOneServerOnSQLite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	e := environment{"ROSTER_DATA": dir}
	first := e.serve(t)
	a := e.roster(t, "serve", "--addr", "127.0.0.1:0")
	if a.code != 1 || !strings.Contains(a.errors, `Another "roster serve" works on `+dir) {
		t.Errorf("%+v", a)
	}
	e.ok(t, "user", "add", "ana@example.com")
	first.stop()
	e.serve(t).stop()
}

// TestClaimComesFirst: a server or command of a newer Roster does not bring a SQLite
// store up to date under a server that works on it.
func TestClaimComesFirst(t *testing.T) {
	dir := t.TempDir()
	e := environment{"ROSTER_DATA": dir}
	older, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer older.Close()
	if err := older.Claim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := older.MigrateTo(t.Context(), store.Version()-1); err != nil {
		t.Fatal(err)
	}
	for command, says := range map[string]string{
		"serve --addr 127.0.0.1:0": `Another "roster serve" works on ` + dir, "user list": "has to be brought up to date", "migrate": "has to be brought up to date",
		"restore --force " + filepath.Join(dir, "roster.db"): "is in use",
	} {
		if a := e.roster(t, strings.Fields(command)...); a.code != 1 || !strings.Contains(a.errors, says) {
			t.Errorf("roster %s: %+v", command, a)
		}
		if at, err := older.SchemaVersion(t.Context()); err != nil || at != store.Version()-1 {
			t.Fatalf("roster %s left the schema at %d: %v", command, at, err)
		}
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	e.ok(t, "migrate")
	s := e.serve(t)
	e.ok(t, "user", "list")
	s.stop()
}

// TestServersStartAtOnce: on an empty PostgreSQL, migrated already, all come up, and
// set up one organization.
func TestServersStartAtOnce(t *testing.T) {
	e := environment{"ROSTER_DB": storetest.PostgresURL(t)}
	e.ok(t, "migrate")
	var all sync.WaitGroup
	var shown atomic.Int64
	for range 4 {
		all.Go(func() {
			s := e.serve(t)
			s.stop()
			if strings.Contains(s.said, "shown this once") {
				shown.Add(1)
			}
		})
	}
	all.Wait()
	if shown.Load() != 1 {
		t.Errorf("%d of them set up an organization", shown.Load())
	}
}

// TestUnconfirmed: a command that may have done its work ends with a code of its own,
// on a store and on a server, and the help says which.
func TestUnconfirmed(t *testing.T) {
	store.LookUpFor(200 * time.Millisecond)
	defer store.LookUpFor(0)
	at := storetest.PostgresURL(t)
	whole := environment{"ROSTER_DB": at, "ROSTER_SECRET_KEY": "a key that is long enough"}
	s := whole.serve(t, "--migrate")
	token := strings.TrimSpace(whole.ok(t, "token", "create", "--user", "owner@example.com"))
	wire := storetest.NewWire(t, at)
	wire.Next(storetest.Gone)
	a := environment{"ROSTER_DB": wire.URL, "ROSTER_SECRET_KEY": "a key that is long enough"}.roster(t, "user", "add", "ana@example.com")
	if a.code != 3 || !strings.Contains(a.errors, "This may have happened") {
		t.Errorf("on a store: %+v", a)
	}
	whole.ok(t, "project", "add", "Street signs")
	assign := []string{"member", "assign", "--project", "Street signs", "--include", "ana@example.com"}
	a = environment{"ROSTER_SERVER": losing(t, s.address, "/members/bulk/"), "ROSTER_TOKEN": token}.roster(t, assign...)
	if a.code != 3 || !strings.Contains(a.errors, "This may have happened") {
		t.Errorf("on a server: %+v", a)
	}
	if members := whole.ok(t, "member", "list", "--project", "Street signs"); !strings.Contains(members, "ana@example.com") {
		t.Error("it did not happen, so this is about nothing:", members)
	}
	a = environment{"ROSTER_SERVER": "http://127.0.0.1:1", "ROSTER_TOKEN": token}.roster(t, assign...)
	if a.code != 1 {
		t.Errorf("with nobody there: %+v", a)
	}
	if help := whole.ok(t, "--help"); !strings.Contains(help, "3 not\nconfirmed") {
		t.Error(help)
	}
}

// losing is a way to a server that loses the answers to some requests.
func losing(t *testing.T, address, path string) string {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(answer *http.Response) error {
		if strings.HasSuffix(answer.Request.URL.Path, path) {
			panic(http.ErrAbortHandler)
		}
		return nil
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s.URL
}

// TestDamagedStore: who starts on one is told which file it is and what to do.
func TestDamagedStore(t *testing.T) {
	for text, says := range map[string]string{"": "is empty, so it is no store: it was cut, or never finished. Restore a backup, or remove the file to begin anew", strings.Repeat("this is no database. ", 1000): "is damaged. Move it and the files beside it that begin with roster.db out of the way, and restore a backup"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "roster.db")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		a := environment{"ROSTER_DATA": dir}.roster(t, "serve", "--addr", "127.0.0.1:0")
		if a.code != 1 || !strings.Contains(a.errors, file+" "+says) {
			t.Errorf("%.20q: %+v", text, a)
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != text {
			t.Errorf("%.20q: the file was changed: %v", text, err)
		}
	}
}

// TestMisuse: a command line that cannot be meant changes nothing, and says
// why in one line.
func TestMisuse(t *testing.T) {
	both := environment{"ROSTER_DATA": "a", "ROSTER_DB": "b"}
	remote := environment{"ROSTER_SERVER": "http://127.0.0.1:1", "ROSTER_TOKEN": "t", "ROSTER_DATA": "a"}
	for _, test := range []struct {
		env  environment
		args string
		says string
	}{
		{nil, "", "expected one of"},
		{nil, "bogus", "unexpected argument bogus"},
		{nil, "token", "expected"},
		{nil, "token create", "--user"},
		{nil, "serve --bogus", "unknown flag --bogus"},
		{nil, "serve --addr nonsense", "nonsense"},
		{nil, "serve --undo-window soon", "soon"},
		{nil, "serve --undo-window -1d", "-1d"},
		{nil, "serve --log-level loud", "loud"},
		{nil, "serve --addr 127.0.0.1:0 --data a --db b", "contradict"},
		{nil, "serve --demo --owner-email a@b.cc", "--demo brings its own owner"},
		{nil, "serve --upstream 127.0.0.1:8081", "is not an address"},
		{nil, "serve --upstream http://u --upstream-files media", "absolute path"},
		{nil, "serve --upstream http://u --upstream-files /", "a folder of its own"},
		{nil, "serve --upstream http://u --upstream-hooks http://r/path", "--upstream-hooks"},
		{nil, "serve --upstream http://u --demo", "brings its own people"},
		{nil, "serve --upstream http://u --oidc-client-id x", "--oidc-issuer is missing"},
		{nil, "serve --upstream-token t", "--upstream is missing"},
		{nil, "serve --upstream-files /srv", "--upstream is missing"},
		{nil, "serve --upstream-hooks http://r", "--upstream is missing"},
		{both, "serve --addr 127.0.0.1:0", "both set"},
		{both, "user list", "both set"},
		{nil, "member list", "--project"},
		{nil, "member unassign --project 1", "say whom"},
		{nil, "member unassign --project 1 --exclude 3", "say whom"},
		{nil, "member unassign --project 1 --all --include 3", "contradict"},
		{nil, "member unassign --project 1 --include 3 --role AN", "filters narrow --all"},
		{nil, "member unassign --project 1 --all --role=", "--role has no value"},
		{nil, "member unassign --project 1 --all --search=", "--search has no value"},
		{nil, "member unassign --project 1 --all --active-until= --tag=night", "--active-until has no value"},
		{nil, "member assign --project 1 --all --tag=,", "--tag has no value"},
		{nil, "member assign --project 1 --include 3 --active-until 2026-01-01", "filters narrow --all"},
		{nil, "member list --project 1 --tags-operator xor", "xor"},
		{nil, "member list --project 1 --server http://127.0.0.1:1", "needs a token"},
		{nil, "member list --project 1 --token t", "--token needs --server"},
		{nil, "member list --project 1 --server http://127.0.0.1:1 --token t --data d", "contradict"},
		{nil, "member list --project 1 --server ftp://x --token t", "not the address"},
		{remote, "member list --project 1", "both a server and a store"},
		{nil, "user add", "<email>"},
		{nil, "user add a@b.cc --role OW", "OW"},
		{nil, "import", "<file>"},
		{nil, "backup", "<file>"},
		{nil, "version --yaml", "--yaml"},
	} {
		t.Chdir(t.TempDir())
		a := test.env.roster(t, strings.Fields(test.args)...)
		if a.code != 2 || a.out != "" || !strings.Contains(a.errors, test.says) || strings.Count(a.errors, "\n") != 1 {
			t.Errorf("roster %s: %+v, want exit code 2 and one line with %q", test.args, a, test.says)
		}
		if left, _ := os.ReadDir("."); len(left) > 0 {
			t.Errorf("roster %s left %v", test.args, left)
		}
	}
}

// TestMisuseInAStore: some values can be judged only beside a store.
func TestMisuseInAStore(t *testing.T) {
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	e.serve(t).stop()
	e.ok(t, "project", "add", "Shops")
	for args, want := range map[string]answer{
		"member list --project 1 --role XX":             {2, "", `--role: "XX"`},
		"member list --project 1 --user-type big":       {2, "", `--user-type: "big"`},
		"member list --project 1 --active-since lately": {2, "", `--active-since: "lately"`},
		"member list --project Nowhere":                 {1, "", `no project "Nowhere"`},
		"member list --project 9":                       {1, "", "Not found."},
		"member list --project 1 --tag none":            {1, "", `no tag "none"`},
		"member assign --project 1 --include a@b.cc":    {1, "", "nobody with the e-mail a@b.cc"},
		"token create --user a@b.cc":                    {1, "", "nobody with the e-mail a@b.cc"},
		"user list --as a@b.cc":                         {1, "", "nobody with the e-mail a@b.cc"},
		"user list --data nowhere":                      {1, "", "no store in nowhere"},
		"user add nonsense":                             {1, "", "email"},
	} {
		a := e.roster(t, strings.Fields(args)...)
		if a.code != want.code || a.out != "" || !strings.Contains(a.errors, want.errors) {
			t.Errorf("roster %s: %+v, want %+v", args, a, want)
		}
	}
}

// TestHelp: every command explains itself, on stdout and with success.
func TestHelp(t *testing.T) {
	for _, command := range []string{
		"", "serve", "token create", "migrate", "demo", "user add", "user list", "user deactivate", "user unlink", "project add", "project list",
		"member list", "member assign", "member unassign", "member export", "import", "backup", "restore", "version",
	} {
		a := environment{}.roster(t, append(strings.Fields(command), "--help")...)
		if a.code != 0 || a.errors != "" || !strings.HasPrefix(a.out, strings.TrimSpace("Usage: roster "+command)) {
			t.Errorf("roster %s --help: %+v", command, a)
		}
	}
}

func TestVersion(t *testing.T) {
	var v struct {
		Version string
		Schema  int
	}
	if err := json.Unmarshal([]byte(environment{}.ok(t, "version", "--json")), &v); err != nil || v.Version != version || v.Schema < 1 {
		t.Errorf("%+v %v", v, err)
	}
}
