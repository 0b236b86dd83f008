package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func importing(w *apptest.World, file, everybody string) int64 {
	w.T.Helper()
	id, err := w.App.ImportTags(w.As(w.Owner), w.Org, strings.NewReader(file), everybody)
	must(w.T, err)
	return id
}

func job(w *apptest.World, id int64) roster.TagImport {
	w.T.Helper()
	job, err := w.App.TagImport(w.As(w.Owner), w.Org, id)
	must(w.T, err)
	return job
}

// taggedAs is who has the tag with the given label, by e-mail.
func taggedAs(w *apptest.World, label string) []string {
	w.T.Helper()
	as := w.As(w.Owner)
	tags, _, err := w.App.Tags(as, w.Org, label, roster.Everything)
	must(w.T, err)
	if len(tags) != 1 {
		w.T.Fatalf("tags called %q: %+v", label, tags)
	}
	people, _, err := w.App.OrganizationMembers(as, w.Org, roster.MemberFilter{Tags: []int64{tags[0].ID}},
		roster.Page{Number: 1, Size: 100, Order: "email"})
	must(w.T, err)
	out := []string{}
	for _, m := range people {
		out = append(out, m.User.Email)
	}
	return out
}

func TestTagImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		for _, email := range []string{"ada@example.com", "bo@example.com", "gone@example.com"} {
			id := w.PersonNamed(roster.NewUser{Email: email, Role: "AN"})
			if email == "gone@example.com" {
				_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, id)
				must(t, err)
			}
		}
		_, err := w.App.CreateTag(w.As(w.Owner), w.Org, "Night")
		must(t, err)
		const file = "\ufeffEmail,Tags\r\nADA@example.com,\"night, Éclair\"\nbo@example.com,\nada@example.com,extra\ngone@example.com,night\nnobody@example.com,new one\n"
		id := importing(w, file, "batch 7")
		if got := job(w, id); got.Status != roster.JobCreated || !got.FinishedAt.IsZero() {
			t.Errorf("before: %+v", got)
		}
		select {
		case <-w.App.JobsWait():
		default:
			t.Error("nobody was told")
		}
		w.Clock = w.Clock.Add(time.Minute)
		must(t, w.App.RunJobs(t.Context()))
		got := job(w, id)
		// Éclair, extra, new one and batch 7; ada has four, bo one
		if got.Status != roster.JobCompleted || got.TagsCreated != 4 || got.Assigned != 5 || !got.FinishedAt.Equal(w.Clock) ||
			!slices.Equal(got.Skipped, []string{"gone@example.com", "nobody@example.com"}) {
			t.Errorf("after: %+v", got)
		}
		for label, want := range map[string][]string{
			"Night": {"ada@example.com"}, "éclair": {"ada@example.com"}, "extra": {"ada@example.com"}, "new one": {},
			"batch 7": {"ada@example.com", "bo@example.com"},
		} {
			if got := taggedAs(w, label); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", label, got, want)
			}
		}
		again := importing(w, file, "batch 7")
		must(t, w.App.RunJobs(t.Context()))
		if got := job(w, again); got.Status != roster.JobCompleted || got.TagsCreated != 0 || got.Assigned != 0 {
			t.Errorf("again: %+v", got)
		}
	})
}

// TestTagImportInterrupted: what a server left half-way is failed and has
// changed nothing; what still waited is done; and a job that was declared
// failed does not come to life again.
func TestTagImportInterrupted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		person := w.PersonNamed(roster.NewUser{Email: "ada@example.com", Role: "AN"})
		half, waits := importing(w, "email,tags\nada@example.com,half\n", ""),
			importing(w, "email,tags\nada@example.com,whole\n", "")
		taken, _, err := db.TakeTagImport(t.Context())
		if err != nil || taken.ID != half || job(w, half).Status != roster.JobInProgress {
			t.Fatalf("took %+v, %v", taken, err)
		}
		must(t, w.App.FailInterrupted(t.Context()))
		must(t, w.App.RunJobs(t.Context()))
		if a, b := job(w, half), job(w, waits); a.Status != roster.JobFailed || a.FinishedAt.IsZero() ||
			b.Status != roster.JobCompleted {
			t.Errorf("half %+v, waiting %+v", a, b)
		}
		if still, err := db.CompleteTagImport(t.Context(), taken, w.Clock); err != nil || still {
			t.Errorf("a failed job was completed: %v %v", still, err)
		}
		m, err := w.App.OrganizationMember(w.As(w.Owner), w.Org, person)
		if err != nil || len(m.Tags) != 1 || m.Tags[0].Label != "whole" {
			t.Errorf("tags: %+v %v", m.Tags, err)
		}
	})
}

// TestTagImportStopped: a job whose server stops is failed, not left behind.
func TestTagImportStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		id := importing(w, "email,tags\nada@example.com,night\n", "")
		stopped, stop := context.WithCancel(t.Context())
		stopping := w.Configured(func(c *core.Config) {
			c.Now = func() time.Time { stop(); return w.Clock } // asked for once the job is under way
		})
		if err := stopping.RunJobs(stopped); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
		if got := job(w, id); got.Status != roster.JobFailed {
			t.Errorf("left behind: %+v", got)
		}
		if tags, _, err := w.App.Tags(w.As(w.Owner), w.Org, "", roster.Everything); err != nil || len(tags) != 0 {
			t.Errorf("half done: %+v %v", tags, err)
		}
	})
}

func TestTagImportRefusals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		many := "email,tags\n" + strings.Repeat("a@example.com,\n", 2000)
		hundred := make([]string, 999)
		for i := range hundred {
			hundred[i] = fmt.Sprint("t", i)
		}
		for name, c := range map[string]struct{ file, everybody, field, says string }{
			"empty": {"", "", "file", "line 1: The file is empty."},
			"no header": {"ada@example.com,night\n", "", "file",
				`line 1: There is no column "ada@example.com"; the columns are email, tags.`},
			"no e-mail": {"tags\nnight\n", "", "file", "line 1: email: The column is missing."},
			"foreign": {"email,tags,role\na@example.com,x,OW\n", "", "file",
				`line 1: There is no column "role"; the columns are email, tags.`},
			"twice": {"email,tags,tags\n", "", "file", "line 1: tags: The column is there twice."},
			"bad e-mail": {"email,tags\na@example.com,x\nnobody,y\n", "", "file",
				"line 3: email: Enter a valid email address."},
			"long line": {"email,tags\na@example.com,x,y\n", "", "file", "line 2: There are 3 cells, and 2 columns."},
			"quote": {"email,tags\na@example.com,x\"y\n", "", "file",
				"line 2: This is not CSV: bare \" in non-quoted-field."},
			"open quote": {"email,tags\na@example.com,\"x\nb@example.com,y\n", "", "file",
				"line 2: This is not CSV: extraneous or missing \" in quoted-field."},
			"NUL":       {"email,tags\na@example.com,x\x00\n", "", "file", "line 2: tags: This is not valid UTF-8."},
			"not UTF-8": {"email,tags\na@example.com,\xff\n", "", "file", "line 2: tags: This is not valid UTF-8."},
			"control": {"email,tags\na@example.com,x\x1by\n", "", "file",
				`line 2: tags: "x\x1by": Control characters are not allowed.`},
			"long label": {"email,tags\na@example.com," + strings.Repeat("x", 256) + "\n", "", "file",
				fmt.Sprintf("line 2: tags: %q: Ensure this field has no more than 255 characters.", strings.Repeat("x", 256))},
			"many labels": {"email,tags\na@example.com,\"" + strings.Repeat("x,", 1000) + "\"\n", "", "file",
				"line 2: tags: These are more than 1000 tags."},
			"bulk label": {"email,tags\na@example.com,x\n", strings.Repeat("x", 256), "bulk_tags",
				fmt.Sprintf("%q: Ensure this field has no more than 255 characters.", strings.Repeat("x", 256))},
			"bulk many": {"email,tags\na@example.com,x\n", strings.Repeat("x,", 1000), "bulk_tags",
				"These are more than 1000 tags."},
			"larger still": {many, strings.Join(hundred, ","), "file",
				"These are 1998000 tags for people, more than 1000000. Split the file."},
		} {
			_, err := w.App.ImportTags(w.As(w.Owner), w.Org, strings.NewReader(c.file), c.everybody)
			e, ok := errors.AsType[*roster.Error](err)
			if !ok || len(e.Fields[c.field]) == 0 || e.Fields[c.field][0] != c.says {
				t.Errorf("%s: %v, want %q", name, err, c.says)
			}
		}
		_, err := w.App.ImportTags(w.As(w.Owner), w.Org, strings.NewReader("email,tags\n"+strings.Repeat("x\n", 100_000)), "")
		if e, ok := errors.AsType[*roster.Error](err); !ok || len(e.Fields["file"]) != 100 {
			t.Errorf("every line bad: %v", err)
		}
		manager := w.Person("MA")
		_, err = w.App.ImportTags(w.As(manager), w.Org, strings.NewReader("email,tags\n"), "")
		wantKind(t, "a Manager", err, roster.Forbidden)
		_, err = w.App.TagImport(w.As(w.Owner), w.Org, 1)
		wantKind(t, "an import that is not there", err, roster.NotFound)
	})
}
