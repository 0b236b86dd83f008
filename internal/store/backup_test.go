package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestBackupWhileWriting: a backup holds one state of the store, with each
// transaction in it whole or not at all, however busy the store is.
func TestBackupWhileWriting(t *testing.T) {
	dir := t.TempDir()
	db := storetest.SQLite(t)
	org, err := db.CreateOrganization(t.Context(),
		roster.Organization{Title: "Acme", DefaultRole: roster.RoleAnnotator, CreatedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	pair := []roster.Tag{{Label: "a"}, {Label: "b"}}
	ctx, stop := context.WithCancel(t.Context())
	wrote, ended := make(chan int), make(chan error, 1)
	go func() {
		var err error
		for n := 0; err == nil && ctx.Err() == nil; n += 2 {
			err = db.Update(context.WithoutCancel(ctx), func(tx *store.DB) error {
				for _, tag := range pair {
					tag.Label += time.Duration(n).String()
					if _, err := tx.LoadTags(ctx, org, []roster.Tag{tag}); err != nil {
						return err
					}
				}
				return nil
			})
			select {
			case wrote <- n + 2:
			default:
			}
		}
		ended <- err
	}()
	for i, least := range []int{<-wrote, <-wrote, <-wrote} {
		file := filepath.Join(dir, "copy")
		if err := db.Backup(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		if n := tagsIn(t, file, filepath.Join(dir, string(rune('0'+i))), org); n < least || n%2 != 0 {
			t.Errorf("the backup holds %d tags, after %d were written in pairs", n, least)
		}
	}
	stop()
	if err := <-ended; err != nil && ctx.Err() == nil {
		t.Error(err)
	}
}

// tagsIn restores a backup to a directory and counts the tags in it.
func tagsIn(t *testing.T, file, dir string, org int64) int {
	t.Helper()
	if err := store.Restore(t.Context(), file, dir); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := db.CountTags(t.Context(), org, "")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKilledBackupsAreSwept: the next backup to the same file removes what one that was
// killed left, and nothing that somebody may be writing.
func TestKilledBackupsAreSwept(t *testing.T) {
	db, file := storetest.SQLite(t), filepath.Join(t.TempDir(), "copy")
	dead, alive := filepath.Join(filepath.Dir(file), ".copy.1"), filepath.Join(filepath.Dir(file), ".copy.2")
	for _, part := range []string{dead, alive} {
		if err := os.WriteFile(part, []byte("part"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(dead, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	_, gone := os.Stat(dead)
	_, there := os.Stat(alive)
	if !errors.Is(gone, os.ErrNotExist) || there != nil {
		t.Error(gone, there)
	}
}
