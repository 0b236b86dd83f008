package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"roster/internal/app/apptest"
)

// sample is a value of each setting that is not its default.
var sample = map[string]string{
	"drain-delay": "5s",
	"data":        "elsewhere", "db": "postgres://roster@db/roster", "secret-key-file": "key",
	"oidc-issuer": "https://login.example.com", "oidc-client-id": "roster", "oidc-client-secret": "hidden",
	"oidc-name": "Acme", "oidc-scopes": "openid,email", "oidc-groups-claim": "groups", "oidc-trust-email": "true",
	"oidc-create": "false", "addr": "127.0.0.1:9", "demo": "true", "migrate": "true", "checkpoints": "false",
	"undo-window": "3d", "activity-retention": "4d", "store-timeout": "5s", "export-timeout": "1h", "replay": "false",
	"confirm-share": "30", "owner-email": "olga@example.com", "organization": "Acme", "rate-limit-refresh": "7/h",
	"rate-limit-calls": "8/s", "trusted-proxy": "127.0.0.0/8", "cors-origin": "https://app.example.com",
	"rate-limit-sign-in": "off", "rate-limit-misses": "9/min",
	"url": "https://roster.example.com", "mail": "log", "upstream": "http://127.0.0.1:1", "upstream-token": "hidden",
	"upstream-files": "/srv/files", "upstream-hooks": "http://127.0.0.1:2", "adopt": "none", "members-link": "false",
	"backup-every": "2d", "backup-dir": "copies", "backup-keep": "3", "log-level": "warn",
	"metrics-addr": "127.0.0.1:3", "pprof-addr": "127.0.0.1:4",
	"tls-cert": "cert.pem", "tls-key": "key.pem", "acme-hosts": "roster.example.com",
	"acme-email": "olga@example.com", "acme-directory": "https://ca.example.com/dir", "acme-cache": "acme",
	"acme-key-id": "kid-1", "acme-key": "hidden",
	"read-only": "true", "db-direct": "postgres://roster@past/roster", "db-connections": "9", "db-idle-timeout": "1m0s",
	"db-application-name": "labels", "db-lock-timeout": "2s", "db-statement-timeout": "30s",
	"db-transaction-timeout": "3s",
}

// needs are the settings without which another is refused.
var needs = map[string][]string{
	"oidc-client-id": {"oidc-issuer"}, "oidc-issuer": {"oidc-client-id"},
	"oidc-client-secret": {"oidc-issuer", "oidc-client-id"}, "oidc-groups-claim": {"oidc-issuer", "oidc-client-id"},
	"oidc-trust-email": {"oidc-issuer", "oidc-client-id"}, "upstream-token": {"upstream"},
	"backup-every": {"backup-dir"}, "backup-dir": {"backup-every"},
	"tls-cert": {"tls-key"}, "tls-key": {"tls-cert"}, "acme-email": {"acme-hosts"}, "acme-cache": {"acme-hosts"},
	"acme-directory": {"acme-hosts"}, "acme-key-id": {"acme-hosts", "acme-key"}, "acme-key": {"acme-hosts", "acme-key-id"},
	"upstream-files": {"upstream"}, "upstream-hooks": {"upstream"},
}

// flagsOf are the names of a command's flags.
func flagsOf(t *testing.T, command string) (names []string) {
	t.Helper()
	k, err := kong.New(newCommands())
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range k.Model.Leaves(true) {
		for _, flag := range leaf.Flags {
			if leaf.Path() == command {
				names = append(names, flag.Name)
			}
		}
	}
	return names
}

// configured is what "roster config" says of the settings.
func configured(t *testing.T, e environment, args ...string) map[string]shown {
	t.Helper()
	var all []shown
	if err := json.Unmarshal([]byte(e.ok(t, append([]string{"config", "--json"}, args...)...)), &all); err != nil {
		t.Fatal(err)
	}
	by := map[string]shown{}
	for _, one := range all {
		by[one.Name] = one
	}
	return by
}

// TestSettings: each flag of serve can be given on the command line, by a variable and by
// the file, in this order, and "roster config" says what counts and why.
func TestSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range flagsOf(t, "serve") {
		value, ok := sample[name]
		if !ok {
			t.Errorf("no sample of --%s: add one to the test", name)
			continue
		}
		want, e := value, environment{}
		for _, other := range needs[name] {
			e[variable(other)] = sample[other]
		}
		if slices.Contains([]string{"db", "db-direct", "mail", "oidc-client-secret", "upstream-token", "acme-key"}, name) {
			want = "(not shown)"
		}
		write(t, "roster.yaml", name+": "+value+"\n")
		inFile := configured(t, e, "--config", "roster.yaml")[name]
		e[variable(name)] = value
		inEnvironment := configured(t, e, "--config", "roster.yaml")[name]
		asFlag := configured(t, e, "--config", "roster.yaml", "--"+name+"="+value)[name]
		if name == "oidc-create" || name == "export-timeout" {
			inFile.Value, inEnvironment.Value, asFlag.Value = want, want, want // as Go writes them
		}
		for by, got := range map[string]shown{"roster.yaml:1: " + name: inFile, variable(name): inEnvironment,
			"--" + name: asFlag} {
			if got.Value != want || got.By != by {
				t.Errorf("%s: %+v, want %q by %s", name, got, want, by)
			}
		}
	}
}

// TestNothingElseIsASetting: what one command is to do is not taken from the environment
// or a file.
func TestNothingElseIsASetting(t *testing.T) {
	t.Chdir(t.TempDir())
	e := environment{"ROSTER_DATA": "store", "ROSTER_ALL": "true", "ROSTER_FORCE": "true", "ROSTER_PROJECT": "1"}
	if a := e.roster(t, "member", "unassign"); a.code != 2 || !strings.Contains(a.errors, "say whom") {
		t.Errorf("%+v", a)
	}
	write(t, "roster.yaml", "all: true\n")
	if a := e.roster(t, "member", "unassign", "--project", "1", "--config", "roster.yaml"); a.code != 2 ||
		!strings.Contains(a.errors, "roster.yaml:1: all is not a setting") {
		t.Errorf("%+v", a)
	}
}

// TestAFlagOfTheSameNameIsNoSetting: what serve may do by itself, another command is told to.
func TestAFlagOfTheSameNameIsNoSetting(t *testing.T) {
	k, err := kong.New(newCommands())
	if err != nil {
		t.Fatal(err)
	}
	s := &settings{env: func(string) string { return "true" }}
	s.declare(k)
	for _, command := range k.Model.Leaves(true) {
		for _, flag := range command.Flags {
			if flag.Name != "migrate" {
				continue
			}
			got, err := s.Resolve(nil, nil, flag)
			if own := command.Name == "serve" || command.Parent.Name == "config"; err != nil || (got != nil) != own {
				t.Errorf("--migrate of %s: %v %v", command.Path(), got, err)
			}
		}
	}
}

// TestATokenGoesToItsServer: the file's token is not sent to a server that somebody names
// instead of the file's.
func TestATokenGoesToItsServer(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "roster.yaml", "server: http://127.0.0.1:1\ntoken: hidden\n")
	for name, test := range map[string]struct {
		env  environment
		args []string
		says string
	}{
		"the file's":          {environment{}, nil, "does not answer"},
		"the file's, another": {environment{"ROSTER_TOKEN": "mine"}, nil, "does not answer"},
		"a flag's":            {environment{}, []string{"--server", "http://127.0.0.1:2"}, "needs a token"},
		"a variable's":        {environment{"ROSTER_SERVER": "http://127.0.0.1:2"}, nil, "needs a token"},
	} {
		a := test.env.roster(t, append([]string{"member", "list", "--project", "1", "--config", "roster.yaml"},
			test.args...)...)
		if !strings.Contains(a.errors, test.says) {
			t.Errorf("%s: %+v, want %q", name, a, test.says)
		}
	}
}

// TestSecretsByFile: every secret may be in a file of its own, and in one place only.
func TestSecretsByFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "mail", "smtp://ana:hidden@127.0.0.1:1?from=a@example.com\n")
	write(t, "empty", "\n")
	write(t, "file.yaml", "mail-file: mail\n")
	write(t, "both.yaml", "mail-file: mail\nmail: log\n")
	for by, got := range map[string]map[string]shown{
		"ROSTER_MAIL_FILE":       configured(t, environment{"ROSTER_MAIL_FILE": "mail"}),
		"file.yaml:1: mail-file": configured(t, environment{"ROSTER_CONFIG": "file.yaml"}),
		"ROSTER_MAIL":            configured(t, environment{"ROSTER_CONFIG": "file.yaml", "ROSTER_MAIL": "log"}),
	} {
		if got["mail"] != (shown{"mail", "(not shown)", by}) {
			t.Errorf("%+v, want by %s", got["mail"], by)
		}
	}
	for _, test := range []struct {
		env  environment
		says string
	}{
		{environment{"ROSTER_MAIL": "log", "ROSTER_MAIL_FILE": "mail"},
			"ROSTER_MAIL and ROSTER_MAIL_FILE both give the same secret"},
		{environment{"ROSTER_CONFIG": "both.yaml"}, "both.yaml:2: mail and both.yaml:1: mail-file both give the same secret"},
		{environment{"ROSTER_SECRET_KEY": "a key that is long enough", "ROSTER_SECRET_KEY_FILE": "mail"},
			"both give the same secret"},
		{environment{"ROSTER_DB": "postgres://a/b", "ROSTER_DB_FILE": "mail"},
			"ROSTER_DB and ROSTER_DB_FILE both give the same secret"},
		{environment{"ROSTER_MAIL_FILE": "nowhere"}, "ROSTER_MAIL_FILE: open nowhere"},
		{environment{"ROSTER_MAIL_FILE": "empty"}, "ROSTER_MAIL_FILE: empty is empty"},
	} {
		if a := test.env.roster(t, "config"); a.code != 2 || !strings.Contains(a.errors, test.says) {
			t.Errorf("%v: %+v, want %q", test.env, a, test.says)
		}
	}
}

// TestBadConfiguration: a file that cannot be meant is refused with its line.
func TestBadConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	for text, says := range map[string]string{
		"undo_window: 3d":                       "roster.yaml:1: undo_window is not a setting; did you mean undo-window?",
		"ROSTER_LOG_LEVEL: info":                "did you mean log-level?",
		"# why\nupstraem: x":                    "roster.yaml:2: upstraem is not a setting; did you mean upstream?",
		"config: other.yaml":                    "config is not a setting",
		"mail:":                                 "roster.yaml:1: mail has no value",
		"trusted-proxy: [a: b]":                 "roster.yaml:1: trusted-proxy is not a list of plain values",
		"log-level: loud":                       `roster.yaml:1: log-level is "loud", not one of debug, info, warn, error`,
		"undo-window: soon":                     `roster.yaml:1: undo-window: "soon" is not a duration`,
		"replay: maybe":                         `roster.yaml:1: replay: bool value must be`,
		"log-level: info\nlog-level: warn":      "roster.yaml",
		"- log-level":                           "is not a list of settings",
		"log-level: \"info":                     "roster.yaml",
		"data: a\ndb: postgres://roster@db/r":   "both set; say which with --data or --db",
		"secret-key: a key that is long enough": "secret-key is not a setting",
	} {
		write(t, "roster.yaml", text+"\n")
		a := environment{}.roster(t, "config", "--config", "roster.yaml")
		if a.code != 2 || a.out != "" || !strings.Contains(a.errors, says) || strings.Count(a.errors, "\n") != 1 {
			t.Errorf("%q: %+v, want %q", text, a, says)
		}
	}
	if a := (environment{"ROSTER_CONFIG": "nowhere"}).roster(t, "user", "list"); a.code != 2 ||
		!strings.Contains(a.errors, "nowhere") {
		t.Errorf("%+v", a)
	}
}

// TestServesByFile: a server is set up by a file alone, and other commands find its store
// and its secrets by the same file.
func TestServesByFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "roster.yaml")
	write(t, filepath.Join(dir, "key"), "a key that is long enough\n")
	write(t, file, "data: "+filepath.Join(dir, "store")+"\nsecret-key-file: "+filepath.Join(dir, "key")+
		"\nowner-email: olga@example.com\norganization: Acme\nlog-level: error\n")
	e := environment{"ROSTER_CONFIG": file}
	s := e.serve(t)
	if token := e.ok(t, "token", "create", "--user", "olga@example.com"); len(token) < 40 {
		t.Errorf("token %q", token)
	}
	s.stop()
	if _, err := os.Stat(filepath.Join(dir, "store", secretFile)); err == nil {
		t.Error("a key of its own was made all the same")
	}
}

// TestConfigCheck: what serve would use is tried, and nothing is made.
func TestConfigCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	a := environment{}.roster(t, "config", "check")
	if a.code != 0 || !strings.Contains(a.out, "ok      store              There is none in data yet") {
		t.Errorf("%+v", a)
	}
	if left, _ := os.ReadDir("."); len(left) > 0 {
		t.Errorf("it made %v", left)
	}
	a = environment{"ROSTER_DB": "postgres://nobody@127.0.0.1:1/x"}.roster(t, "config", "check",
		"--mail", "smtp://ana:hidden@127.0.0.1:1?from=a@example.com",
		"--upstream", "http://127.0.0.1:1", "--upstream-token", "hidden")
	if a.code != 1 || strings.Count(a.out, "failed  ") != 3 || strings.Contains(a.out+a.errors, "hidden") ||
		!strings.Contains(a.errors, "3 of these do not work") {
		t.Errorf("%+v", a)
	}
	if a = (environment{}).roster(t, "config", "check", "--oidc-issuer", "http://127.0.0.1:1", "--oidc-client-id",
		"x"); a.code != 1 || !strings.Contains(a.out, "failed  identity provider") {
		t.Errorf("%+v", a)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSettingsPage: the table of settings is what the flags say.
func TestSettingsPage(t *testing.T) {
	const page, begin, end = "../../docs/settings.md", "<!-- settings -->\n", "<!-- end of settings -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), begin)
	_, tail, found := strings.Cut(rest, end)
	want := head + begin + settingsTable(t) + end + tail
	switch {
	case !found:
		t.Fatalf("%s has no place for the table", page)
	case string(text) == want:
		return
	case !apptest.Updates():
		t.Fatalf("%s is not what the flags say: go test ./cmd/roster -run SettingsPage -update", page)
	}
	write(t, page, want)
}

func settingsTable(t *testing.T) string {
	t.Helper()
	k, err := kong.New(newCommands())
	if err != nil {
		t.Fatal(err)
	}
	s := &settings{}
	s.declare(k)
	var out strings.Builder
	out.WriteString("| key | variable | |\n|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(s.flags)) {
		variables := "`" + variable(name) + "`"
		if s.isSecret(name) {
			variables += ", `…_FILE`"
		}
		help := strings.ReplaceAll(s.flags[name].Help, "|", "\\|")
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", name, variables, help)
	}
	return out.String()
}
