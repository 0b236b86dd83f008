package store_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func TestMigrateIsDoneOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		steps, err := db.Migrate(context.Background())
		if err != nil || steps != 0 {
			t.Fatalf("second migration took %d steps: %v", steps, err)
		}
		if err := db.CheckSchema(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

// Processes that start together must not trip over each other.
func TestMigrateTogether(t *testing.T) {
	url := storetest.PostgresURL(t)
	var wait sync.WaitGroup
	failed := make(chan error, 4)
	for range 4 {
		wait.Go(func() {
			db, err := store.OpenURL(url)
			if err == nil {
				_, err = db.Migrate(context.Background())
				db.Close()
			}
			failed <- err
		})
	}
	wait.Wait()
	for range 4 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

func TestAnUnmigratedStoreIsRefused(t *testing.T) {
	db, err := store.OpenURL(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.CheckSchema(context.Background()); roster.KindOf(err) != roster.Invalid ||
		!strings.Contains(err.Error(), "roster migrate") {
		t.Fatalf("an empty database: %v", err)
	}
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		boom := errors.New("boom")
		err := db.Update(ctx, func(tx *store.DB) error {
			if _, err := tx.CreateUser(ctx, roster.NewUser{Email: "a@example.com", Username: "a"}, "", now); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if _, err := db.UserByEmail(ctx, "a@example.com"); roster.KindOf(err) != roster.NotFound {
			t.Fatalf("half of a failed update was kept: %v", err)
		}
	})
}

// A panic must not leave a transaction open, or SQLite's one writer is gone.
func TestUpdateSurvivesAPanic(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		func() {
			defer func() { recover() }()
			db.Update(ctx, func(tx *store.DB) error { panic("boom") })
		}()
		if err := db.Update(ctx, func(tx *store.DB) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestUserRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		n := roster.NewUser{Email: "Ünal@example.com", Username: "ünal", FirstName: "Ünal",
			LastName: "Şahin-Öztürk", Phone: "+90"}
		id, err := db.CreateUser(ctx, n, "hash", now)
		if err != nil {
			t.Fatal(err)
		}
		u, err := db.UserByEmail(ctx, "ÜNAL@EXAMPLE.COM")
		if err != nil || u.ID != id || u.FirstName != n.FirstName || u.LastName != n.LastName ||
			!u.DateJoined.Equal(now) || !u.LastActivity.IsZero() {
			t.Fatalf("%+v %v", u, err)
		}
		if _, err := db.CreateUser(ctx, roster.NewUser{Email: "ünal@EXAMPLE.com", Username: "x"}, "",
			now); roster.KindOf(err) != roster.Invalid {
			t.Fatalf("the same e-mail in other case: %v", err)
		}
	})
}

func TestTerms(t *testing.T) {
	for search, want := range map[string]string{
		"jane doe":          "jane|doe",
		" Jane,  DOE ,":     "jane|doe",
		`"van der" Berg`:    "van der|berg",
		`"unclosed phrase`:  "unclosed phrase",
		`a"b"c`:             "a|b|c",
		"":                  "",
		"  , ":              "",
		"STRASSE ЖУК":       "strasse|жук",
		"tab\tand\u00a0nbs": "tab|and|nbs",
	} {
		if got := strings.Join(store.Terms(search), "|"); got != want {
			t.Errorf("Terms(%q) = %q, want %q", search, got, want)
		}
	}
}

func TestOpenDirSaysWhatIsWrong(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenDir(file); err == nil {
		t.Fatal("a file was taken for a directory")
	}
}

// TestExportsHoldNobodyUp: who reads a long list slowly keeps nobody's rights
// from being asked.
func TestExportsHoldNobodyUp(t *testing.T) {
	db := storetest.SQLite(t)
	var group sync.WaitGroup
	begun, end := make(chan struct{}), make(chan struct{})
	for range db.Readers() {
		group.Go(func() {
			err := db.View(t.Context(), func(*store.DB) error { begun <- struct{}{}; <-end; return nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	for range db.Readers() {
		<-begun
	}
	// which waits for ever, or does not
	if _, err := db.Standing(t.Context(), 1, 1); roster.KindOf(err) != roster.NotFound {
		t.Error(err)
	}
	close(end)
	group.Wait()
}

// TestLongListsHoldHalf: those who stream wait for each other, and nobody who
// only looks waits for them.
func TestLongListsHoldHalf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var group sync.WaitGroup
		begun, end := make(chan struct{}), make(chan struct{})
		for range db.Readers() / 2 {
			group.Go(func() {
				err := db.Stream(t.Context(), func(tx *store.DB) error {
					begun <- struct{}{}
					<-end
					return tx.Stream(t.Context(), func(*store.DB) error { return nil }) // the same one
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		for range db.Readers() / 2 {
			<-begun
		}
		if err := db.View(t.Context(), func(*store.DB) error { return nil }); err != nil {
			t.Error(err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := db.Stream(gone, func(*store.DB) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Error("one more did not wait:", err)
		}
		if err := db.Stream(store.WithPatience(t.Context(), 20*time.Millisecond),
			func(*store.DB) error { return nil }); roster.KindOf(err) != roster.Busy {
			t.Error("one more waits for ever:", err)
		}
		close(end)
		group.Wait()
		if err := db.Stream(t.Context(), func(*store.DB) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}

// TestLongListsEnd: who takes a long list a little at a time holds a slot for so long, and
// then no more.
func TestLongListsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := store.WithStreamPatience(store.WithPatience(t.Context(), time.Hour), 20*time.Millisecond)
		for range db.Readers() { // more than there are slots
			err := db.Stream(ctx, func(tx *store.DB) (err error) {
				for err == nil { // for ever, or not
					_, err = tx.SchemaVersion(ctx)
				}
				return err
			})
			if roster.KindOf(err) != roster.Busy || !strings.Contains(err.Error(), "took longer than one may") {
				t.Fatal(err)
			}
		}
	})
}
