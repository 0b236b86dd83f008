package live_test

import (
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"

	"roster/internal/store/storetest"
)

// TestRestart: through the pooler every request is answered, and each removal is done. When
// the pooler restarts, what was under way is done or refused as when the store is away, and
// what comes afterwards is done.
func TestRestart(t *testing.T) {
	program, pooler := os.Getenv("ROSTER_BIN"), os.Getenv("ROSTER_TEST_POOLER")
	if program == "" || pooler == "" {
		t.Skip("this is for make pooler")
	}
	at := storetest.MigratedURL(t)
	w := world(t, at)
	w.url = serve(t, program, storetest.Pooled(t, at)).url
	before := w.work(t, 0, projects/2)
	if before[http.StatusOK] != before.all() {
		t.Errorf("before the restart: %v", before)
	}
	under := make(chan counts)
	go func() { under <- w.work(t, projects/2, projects-1) }()
	restart(t, pooler)
	if told := <-under; told[http.StatusOK]+told[http.StatusServiceUnavailable] != told.all() {
		t.Errorf("while it restarted: %v", told)
	}
	for w.members(t, projects-1) != http.StatusOK { // until it is back
	}
	after := w.work(t, projects-1, projects)
	if after[http.StatusOK] != after.all() {
		t.Errorf("after the restart: %v", after)
	}
	t.Logf("told: %v, then %v", before, after)
	if said, err := exec.Command(program, "verify", "--db", storetest.Pooled(t, at)).CombinedOutput(); err != nil {
		t.Errorf("roster verify: %v\n%s", err, said)
	}
}

// restart ends the pooler by its console; whoever started it starts it anew.
func restart(t *testing.T, pooler string) {
	t.Helper()
	u, err := url.Parse(pooler)
	ok(t, err)
	u.Path = "/pgbouncer"
	query := u.Query()
	query.Set("default_query_exec_mode", "simple_protocol")
	u.RawQuery = query.Encode()
	console, err := sql.Open("pgx", u.String())
	ok(t, err)
	defer console.Close()
	_, err = console.Exec("SHUTDOWN") // it ends before it answers
	if err == nil {
		t.Error("the pooler goes on")
	}
}
