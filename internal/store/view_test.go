package store_test

import (
	"roster"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestNothingChangesInAView: a change would be lost with the state that is read, so it is
// refused, on both engines.
func TestNothingChangesInAView(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p, _ := someProject(t, db)
		err := db.View(t.Context(), func(tx *store.DB) error {
			return tx.UpdateOrganization(t.Context(), roster.Organization{ID: p.OrganizationID, Title: "Lost"})
		})
		if err == nil {
			t.Error("a change within a view is said to be done")
		}
		err = db.View(t.Context(), func(tx *store.DB) error {
			return tx.Update(t.Context(), func(*store.DB) error { return nil })
		})
		if err == nil {
			t.Error("a transaction that writes begins within one that reads")
		}
	})
}
