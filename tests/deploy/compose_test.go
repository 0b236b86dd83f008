package deploy

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// project reads the compose file as "docker compose" does, in a folder where somebody did what
// docs/install.md says.
func project(t *testing.T) *types.Project {
	t.Helper()
	dir := t.TempDir()
	for file, as := range map[string]string{"compose.yaml": "compose.yaml", "compose.env": ".env",
		"secrets.sh": "secrets.sh"} {
		text, err := os.ReadFile(filepath.Join("../../deploy", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, as), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(filepath.Join(dir, "secrets.sh")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	options, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(dir), cli.WithEnvFiles(), cli.WithDotEnv,
		cli.WithDefaultConfigPath)
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeKeepsPeopleOut(t *testing.T) {
	p := project(t)
	for name, service := range p.Services {
		if name != "roster" && len(service.Ports) > 0 {
			t.Errorf("%s can be reached past Roster: %+v", name, service.Ports)
		}
		if service.HealthCheck == nil || service.Restart == "" {
			t.Errorf("%s: nobody sees to it", name)
		}
	}
	if port := p.Services["roster"].Ports[0]; port.HostIP != "127.0.0.1" || port.Target != 8080 {
		t.Errorf("%+v", port)
	}
	if roster := p.Services["roster"]; !roster.ReadOnly || !slices.Equal(roster.CapDrop, []string{"ALL"}) {
		t.Errorf("%+v", roster)
	}
	if !p.Networks["store"].Internal {
		t.Error("the databases can be reached")
	}
}

// TestComposeOrder: each waits until what it needs is well.
func TestComposeOrder(t *testing.T) {
	p := project(t)
	for name, needs := range map[string][]string{"roster": {"db", "label-studio"}, "label-studio": {"db"}, "db": nil} {
		for _, other := range needs {
			if got := p.Services[name].DependsOn[other].Condition; got != types.ServiceConditionHealthy {
				t.Errorf("%s waits for %s: %q", name, other, got)
			}
		}
	}
}

var secret = regexp.MustCompile(`[0-9a-f]{40}`)

// TestComposeSecrets: what is secret is in a file each, which exists, and nowhere else.
func TestComposeSecrets(t *testing.T) {
	p := project(t)
	values := map[string]string{}
	for name, s := range p.Secrets {
		text, err := os.ReadFile(s.File)
		if err != nil || len(text) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		values[name] = string(text)
		if s.Environment != "" {
			t.Errorf("%s would be written into a container that is read-only", name)
		}
	}
	text, err := p.MarshalYAML()
	if err != nil {
		t.Fatal(err)
	}
	if found := secret.Find(text); found != nil {
		t.Errorf("the file itself says %s", found)
	}
	if !strings.Contains(values["label-studio"], values["label-studio-token"]) {
		t.Error("Roster has another token than Label Studio")
	}
	password := secret.FindString(values["roster-db"])
	if password == "" || !strings.Contains(values["databases"], password) {
		t.Error("Roster has another password than its role")
	}
}

// never are what docs/gate.md says not to set on the upstream.
var never = []string{"LABEL_STUDIO_HOST", "HOST", "DOMAIN_FROM_REQUEST", "ALLOWED_HOSTS", "INTERPOLATE_KEY_FRAMES"}

func TestComposeUpstreamSettings(t *testing.T) {
	set := project(t).Services["label-studio"].Environment
	for _, name := range never {
		if _, is := set[name]; is {
			t.Errorf("%s is set", name)
		}
	}
	for name, want := range map[string]string{"LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
		"SSRF_PROTECTION_ENABLED": "true", "USE_NGINX_FOR_UPLOADS": "false"} {
		if set[name] == nil || *set[name] != want {
			t.Errorf("%s is not %s", name, want)
		}
	}
}

// TestSecretsStay: passwords that are in use are not made anew.
func TestSecretsStay(t *testing.T) {
	p := project(t)
	if out, err := exec.Command(filepath.Join(p.WorkingDir, "secrets.sh")).CombinedOutput(); err == nil {
		t.Errorf("done again: %s", out)
	}
}
