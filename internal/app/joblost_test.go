package app_test

import (
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestJobsOfALostStore: what is said of a job is what is so where the store's answer is
// lost: that it failed, that it was done, or that nobody knows; and the job says no other.
func TestJobsOfALostStore(t *testing.T) {
	store.LookUpFor(2 * time.Second)
	defer store.LookUpFor(0)
	for _, c := range []struct {
		taking storetest.Fate
		fate   storetest.Fate
		says   string
		status roster.JobStatus
	}{
		{storetest.Kept, storetest.Kept, "", roster.JobCompleted},
		{storetest.Severed, storetest.Severed, "", roster.JobCompleted},
		{storetest.Lost, storetest.Kept, "whether a job waits: ", roster.JobCreated},
		{storetest.Unconfirmed, storetest.Kept, "import 1 failed and changed nothing: ", roster.JobFailed},
		{storetest.Kept, storetest.Lost, "import 1 failed and changed nothing: ", roster.JobFailed},
		{storetest.Kept, storetest.Unconfirmed, "import 1 was done, though the store did not confirm it: ",
			roster.JobCompleted},
		{storetest.Kept, storetest.Gone, "import 1 may have been done: ", roster.JobCompleted},
	} {
		w, worker := lostWorker(t, c.taking, c.fate)
		said := ""
		if err := worker.RunJobs(t.Context()); err != nil {
			said = err.Error()
		}
		if got := job(w, 1); (said == "") != (c.says == "") || !strings.HasPrefix(said, c.says) || got.Status != c.status {
			t.Errorf("fates %v, %v: the job is %s, and it is said:\n%s", c.taking, c.fate, got.Status, said)
		}
	}
}

// TestAJobThatWasNotTakenWaitsOn: where it cannot be found out that a job was not taken, it
// is taken again, and nobody is told that it failed.
func TestAJobThatWasNotTakenWaitsOn(t *testing.T) {
	store.LookUpFor(1)
	defer store.LookUpFor(0)
	w, worker := lostWorker(t, storetest.Lost, storetest.Kept)
	if err := worker.RunJobs(t.Context()); err != nil || job(w, 1).Status != roster.JobCompleted {
		t.Errorf("the job is %s, and it is said: %v", job(w, 1).Status, err)
	}
}

// lostWorker is an organization whose first job is a file of tags, and a server that works
// on it over a wire: what becomes of its next COMMITs is given.
func lostWorker(t *testing.T, fates ...storetest.Fate) (*apptest.World, *app.App) {
	t.Helper()
	at := storetest.PostgresURL(t)
	whole, err := store.OpenURL(at)
	must(t, err)
	t.Cleanup(func() { whole.Close() })
	_, err = whole.Migrate(t.Context())
	must(t, err)
	w := apptest.New(t, whole)
	importing(w, "email,tags\nowner@example.com,night\n", "")
	wire := storetest.NewWire(t, at)
	broken, err := store.OpenURL(wire.URL)
	must(t, err)
	t.Cleanup(func() { broken.Close() })
	worker, err := app.New(broken, core.DefaultConfig(), []byte("a secret for tests"))
	must(t, err)
	wire.Next(fates...)
	return w, worker
}
