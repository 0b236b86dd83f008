package roster_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says which of Roster's own packages each may import: the arrows of
// docs/architecture.md, which point one way.
var allowed = map[string][]string{
	"roster":                              {},
	"roster/client":                       {"roster"}, // it asks in the nouns and answers in the wire's shapes
	"roster/internal/metrics":             {"roster"}, // whoever does something reports it there
	"roster/internal/tracing":             {"roster"}, // likewise
	"roster/internal/tracing/tracingtest": {},
	"roster/internal/store": {"roster", "roster/internal/mailbox", "roster/internal/metrics",
		"roster/internal/tracing"},
	"roster/internal/limit":   {"roster"},
	"roster/internal/mailbox": {},
	"roster/internal/oneway":  {"roster"},
	"roster/internal/core": {"roster", "roster/internal/limit", "roster/internal/mailbox",
		"roster/internal/metrics", "roster/internal/store"},
	"roster/internal/membership": {"roster", "roster/internal/core", "roster/internal/store"},
	"roster/internal/identity": {"roster", "roster/internal/core", "roster/internal/limit",
		"roster/internal/locale", "roster/internal/membership", "roster/internal/metrics", "roster/internal/store"},
	"roster/internal/provision": {"roster", "roster/internal/core", "roster/internal/identity",
		"roster/internal/mailbox", "roster/internal/membership", "roster/internal/store"},
	"roster/internal/mirror": {"roster", "roster/internal/core", "roster/internal/identity",
		"roster/internal/limit", "roster/internal/membership", "roster/internal/store"},
	"roster/internal/app": {"roster", "roster/internal/core", "roster/internal/identity",
		"roster/internal/membership", "roster/internal/mirror", "roster/internal/provision", "roster/internal/store"},
	"roster/internal/auth":            {"roster", "roster/internal/app"},
	"roster/internal/lsapi":           face("roster/internal/lsapi/schema", "roster/internal/oneway"),
	"roster/internal/lsapi/schema":    {},
	"roster/internal/scim":            face("roster/internal/oneway"),
	"roster/internal/locale":          {"roster"},
	"roster/internal/locale/messages": {"roster/internal/locale"},
	"roster/internal/mail":            {"roster"},
	"roster/internal/oidc":            {"roster"},
	"roster/internal/web":             face("roster/internal/auth", "roster/internal/locale"),
	"roster/internal/gateway": face("roster/internal/auth", "roster/internal/gateway/stage",
		"roster/internal/metrics", "roster/internal/oneway", "roster/internal/tracing"),
	"roster/internal/gateway/stage": {},
	"roster/internal/server": face("roster/internal/auth", "roster/internal/gateway",
		"roster/internal/lsapi", "roster/internal/mail", "roster/internal/metrics", "roster/internal/scim",
		"roster/internal/tracing", "roster/internal/web"),
	"roster/internal/demo": {"roster", "roster/internal/app", "roster/internal/store"},
	"roster/internal/app/apptest": {"roster", "roster/internal/app", "roster/internal/core",
		"roster/internal/store", "roster/internal/store/storetest"},
	"roster/internal/store/storetest": {"roster/internal/store"},
	"roster/tests/browser":            {}, // tests only
	"roster/tests/cluster":            {}, // likewise
	"roster/tests/failover":           {}, // likewise
	"roster/tests/gate":               {}, // likewise
	"roster/tests/live":               {}, // likewise
	"roster/tests/packages":           {}, // likewise
}

// rooms are where operations are. A face knows their nouns, and asks app.
var rooms = []string{"roster/internal/core", "roster/internal/membership", "roster/internal/identity",
	"roster/internal/provision", "roster/internal/mirror"}

// face is what a face may import: the operations, and some more.
func face(more ...string) []string {
	return slices.Concat([]string{"roster", "roster/internal/app", "roster/internal/limit"}, rooms, more)
}

// onlyStore is what no other package may touch.
var onlyStore = map[string]string{"database/sql": "roster/internal/store",
	"modernc.org/sqlite": "roster/internal/store"}

// composers put the parts together and may import what they like: the binary,
// and the benchmark, which also speaks bare SQL to have a floor to compare with.
var composers = map[string]bool{"roster/cmd/roster": true, "roster/internal/bench": true}

func TestImportsPointOneWay(t *testing.T) {
	for pkg, imports := range packages(t) {
		if composers[pkg] {
			continue
		}
		may, known := allowed[pkg]
		if !known {
			t.Errorf("%s is in nobody's map: say in this test what it may import", pkg)
			continue
		}
		for _, imported := range imports {
			own := imported == "roster" || strings.HasPrefix(imported, "roster/")
			if own && !slices.Contains(may, imported) {
				t.Errorf("%s must not import %s", pkg, imported)
			}
			if home := onlyStore[imported]; home != "" && pkg != home && pkg != "roster/internal/store/storetest" {
				t.Errorf("%s imports %s, which only %s may", pkg, imported, home)
			}
			if slices.Contains(rooms, pkg) && imported == "net/http" {
				t.Errorf("%s must not know HTTP", pkg)
			}
		}
	}
}

// TestOnlyRoomsReachTheStore: a face changes nothing past the operations.
func TestOnlyRoomsReachTheStore(t *testing.T) {
	for pkg := range packages(t) {
		if slices.Contains(rooms, pkg) || pkg == "roster" {
			continue
		}
		files, err := filepath.Glob(strings.TrimPrefix(pkg, "roster/") + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "core.StoreOf(") {
				t.Errorf("%s reaches past the operations into the store", file)
			}
		}
	}
}

// The root package is nouns: the standard library only, and none of the
// machinery around them.
func TestRootKnowsNoMachinery(t *testing.T) {
	for _, imported := range packages(t)["roster"] {
		if strings.Contains(imported, ".") || imported == "net/http" || imported == "encoding/json" ||
			imported == "database/sql" {
			t.Errorf("the root imports %s", imported)
		}
	}
}

func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		found[fields[0]] = fields[1:]
	}
	return found
}
