package store_test

import (
	"testing"

	"roster/internal/store"
)

// A plan of SQLite's does not depend on whom it is about, so nothing is compiled anew for
// everybody: neither after a load nor where somebody else analyzed the store.
func TestAnalyzedStoreHasNoSamples(t *testing.T) {
	db, err := store.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Claim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if there, err := db.HasSamples(t.Context()); err != nil || there {
		t.Error("a load leaves samples:", there, err)
	}
	if err := db.Spoil(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	if there, err := db.HasSamples(t.Context()); err != nil || !there {
		t.Fatal("somebody else's analysis has samples:", there, err)
	}
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if there, err := db.HasSamples(t.Context()); err != nil || there {
		t.Error("a server that starts keeps samples:", there, err)
	}
}
