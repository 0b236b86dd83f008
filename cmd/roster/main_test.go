package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestStory is the whole of it: from the first start over a token, people, a
// project and its members to an unassign by curl and its undo.
func TestStory(t *testing.T) {
	storetest.Long(t)
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
	a := environment{"ROSTER_DB": wire.URL, "ROSTER_SECRET_KEY": "a key that is long enough"}.roster(t, "user",
		"add", "ana@example.com")
	if a.code != 3 || !strings.Contains(a.errors, "This may have happened") {
		t.Errorf("on a store: %+v", a)
	}
	whole.ok(t, "project", "add", "Street signs")
	assign := []string{"member", "assign", "--project", "Street signs", "--include", "ana@example.com"}
	a = environment{"ROSTER_SERVER": losing(t, s.address, "/members/bulk/"), "ROSTER_TOKEN": token}.roster(t, assign...)
	if a.code != 3 || !strings.Contains(a.errors, "This may have happened") {
		t.Errorf("on a server: %+v", a)
	}
	if members := whole.ok(t, "member", "list", "--project", "Street signs"); !strings.Contains(members,
		"ana@example.com") {
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
		{nil, "member unassign --project 1 --all --exclude=", "--exclude has no value"},
		{nil, "member unassign --project 1 --all --include=", "--include has no value"},
		{nil, "member assign --project 1 --include=,", "--include has no value"},
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
	storetest.Long(t)
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
		"", "serve", "token create", "migrate", "demo", "user add", "user list", "user deactivate", "user unlink",
		"project add", "project list",
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
	if err := json.Unmarshal([]byte(environment{}.ok(t, "version", "--json")), &v); err != nil ||
		v.Version != version || v.Schema < 1 {
		t.Errorf("%+v %v", v, err)
	}
}
