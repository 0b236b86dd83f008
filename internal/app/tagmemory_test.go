package app_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// made is how many bytes do makes.
func made(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestWhatIsMadeOfAFileOfTagsIsWeighed: a line of eight bytes becomes hundreds. Where there is
// no room for it, none of it is made, by import and check alike.
func TestWhatIsMadeOfAFileOfTagsIsWeighed(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	as := w.As(w.Owner)
	bounded := w.Configured(func(c *core.Config) { c.BodiesEach, c.BodiesAll = 48<<20, 192<<20 })
	for what, file := range map[string]string{
		"lines":  "email,tags\n" + strings.Repeat("a@b.c,x\n", 900_000),
		"blanks": "email,tags\n" + strings.Repeat("\n", 7_000_000),
		"items":  "email,tags\n" + strings.Repeat("a@b.c,\""+strings.Repeat("x;", 900)+"\"\n", 2_000),
	} {
		for way, try := range map[string]func() error{
			"import": func() error { _, err := bounded.ImportTags(as, w.Org, strings.NewReader(file), ""); return err },
			"check": func() error {
				_, err := bounded.PreviewTagFile(as, w.Org, provision.TextFile{Text: file, Encoding: "UTF-8"}, "")
				return err
			},
		} {
			var err error
			if n := made(func() { err = try() }); n > 10*uint64(len(file)) || kindOf(err) != roster.TooLarge {
				t.Errorf("%s, %s: %d bytes were made of %d: %v", way, what, n, len(file), err)
			}
		}
	}
	if _, err := w.App.TagImport(as, w.Org, 1); kindOf(err) != roster.NotFound {
		t.Errorf("an import was kept: %v", err)
	}
}

// TestFilesOfTagsShareTheRoom: with everything else that is held, for each and for all, until
// they were read.
func TestFilesOfTagsShareTheRoom(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	as, other := w.As(w.Owner), w.As(w.Person("AD"))
	bounded := w.Configured(func(c *core.Config) { c.BodiesEach, c.BodiesAll = 1<<20, 1<<20 })
	file := "email,tags\n" + strings.Repeat("ann@example.com,night\n", 2_000)
	try := func() error { _, err := bounded.ImportTags(as, w.Org, strings.NewReader(file), ""); return err }
	for range 5 {
		must(t, try())
		if err := bad(bounded, w); kindOf(err) != roster.Invalid {
			t.Error(err)
		}
	}
	held, err := bounded.HoldMade(other, 1<<19)
	must(t, err)
	if err := try(); kindOf(err) != roster.Busy {
		t.Errorf("beside another's: %v", err)
	}
	held.Release()
	must(t, try())
}

// bad imports a file of bad lines.
func bad(a *app.App, w *apptest.World) error {
	file := "email,tags\n" + strings.Repeat("nobody,x\n", 2_000)
	_, err := a.ImportTags(w.As(w.Owner), w.Org, strings.NewReader(file), "")
	return err
}

// TestTagsForEverybodyAreKeptOnce: long labels for everybody, with a thousand lines, were
// written down a thousand times. All of them are put on, however many that comes to.
func TestTagsForEverybodyAreKeptOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		labels := make([]string, 900)
		for i := range labels {
			labels[i] = fmt.Sprintf("%d%s", i, strings.Repeat("x", 240))
		}
		everybody := strings.Join(labels, ",")
		file := "email,tags\n" + strings.Repeat("ann@example.com,\n", 1000)
		if n := made(func() { importing(w, file, everybody) }); n > 20*uint64(len(file)+len(everybody)) {
			t.Errorf("%d bytes were made of %d", n, len(file)+len(everybody))
		}
		must(t, w.App.RunJobs(t.Context()))

		file = "email,tags\n"
		for range 25 {
			u, err := db.User(t.Context(), w.Person("AN"))
			must(t, err)
			file += u.Email + ",night\n" + strings.ToUpper(u.Email) + ",0" + strings.Repeat("x", 240) + "\n"
		}
		id := importing(w, file, everybody)
		must(t, w.App.RunJobs(t.Context()))
		if got := job(w, id); got.Status != roster.JobCompleted || got.Assigned != 25*901 || len(got.Skipped) != 0 {
			t.Errorf("%s, %d assigned, %d skipped", got.Status, got.Assigned, len(got.Skipped))
		}
	})
}
