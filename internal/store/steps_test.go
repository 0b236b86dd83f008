package store_test

import (
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestEachStepKeepsWhatWasThere: an older store comes to this version step by step, each is
// taken once, none loses a row of what people have, and nobody works with it in between.
func TestEachStepKeepsWhatWasThere(t *testing.T) {
	storetest.EachBefore(t, func(t *testing.T, db *store.DB) {
		tables := []string{"organizations", "users", "organization_members", "workspaces", "workspace_members", "projects",
			"project_members", "operations", "outcomes", "assignments", "tasks", "tags", "member_tags", "pauses",
			"invitations", "sessions", "legacy_tokens"}
		rows := func() map[string]int {
			n := map[string]int{}
			for _, table := range tables {
				count, err := db.Rows(t.Context(), table)
				must(t, err)
				n[table] = count
			}
			return n
		}
		at, err := db.SchemaVersion(t.Context())
		must(t, err)
		before := rows()
		for version := at + 1; version <= store.Version(); version++ {
			if err := db.CheckSchema(t.Context()); roster.KindOf(err) != roster.Invalid {
				t.Errorf("one at %d is worked with: %v", version-1, err)
			}
			if steps, err := db.MigrateTo(t.Context(), version); err != nil || steps != 1 {
				t.Fatalf("to %d: %d steps %v", version, steps, err)
			}
			if steps, err := db.MigrateTo(t.Context(), version); err != nil || steps != 0 {
				t.Fatalf("to %d again: %d steps %v", version, steps, err)
			}
			if is, err := db.SchemaVersion(t.Context()); err != nil || is != version {
				t.Errorf("it is at %d, not %d: %v", is, version, err)
			}
		}
		must(t, db.CheckSchema(t.Context()))
		for table, n := range rows() {
			if n < before[table] {
				t.Errorf("%d of %d rows of %s are left", n, before[table], table)
			}
		}
		if broken := verified(t, db); broken != nil {
			t.Error(strings.Join(broken, "\n"))
		}
	})
}

// TestANewerStoreIsLeftAlone: one that a newer Roster made is not worked with, nor changed.
func TestANewerStoreIsLeftAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		newer := store.Version() + 1
		must(t, db.Spoil(t.Context(), "INSERT INTO schema_versions (version) VALUES (?)", newer))
		_, migrated := db.Migrate(t.Context())
		_, older := db.MigrateTo(t.Context(), store.Version()-1)
		for what, err := range map[string]error{"checked": db.CheckSchema(t.Context()), "ready": db.Ready(t.Context()),
			"migrated": migrated, "to an older one": older} {
			if roster.KindOf(err) != roster.Invalid || !strings.Contains(err.Error(), "newer Roster") {
				t.Errorf("%s: %v", what, err)
			}
		}
		if at, err := db.SchemaVersion(t.Context()); err != nil || at != newer {
			t.Errorf("it is at %d: %v", at, err)
		}
	})
}
