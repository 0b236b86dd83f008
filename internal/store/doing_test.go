package store_test

import (
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestErrorsNameTheOperation: an error that nobody foresaw says which operation of the
// store failed, with which ids, and no text that may be secret; what is not there is not
// found by those alone who look for it.
func TestErrorsNameTheOperation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p, op := someProject(t, db)
		if err := db.Spoil(t.Context(), "ALTER TABLE workspace_members RENAME TO gone"); err != nil {
			t.Fatal(err)
		}
		_, err := db.BeginWorkspaceMembers(t.Context(), roster.Workspace{ID: 7, OrganizationID: p.OrganizationID},
			roster.Selector{All: true, Filter: roster.MemberFilter{Search: "hush"}}, op)
		if err == nil || !strings.HasPrefix(err.Error(), "BeginWorkspaceMembers(7, ") ||
			strings.Contains(err.Error(), "hush") {
			t.Errorf("a change: %v", err)
		}
		err = db.Update(t.Context(), func(tx *store.DB) error {
			_, err := tx.Standing(t.Context(), p.ID, 3)
			return err
		})
		if err == nil || !strings.HasPrefix(err.Error(), "Standing(3, ") {
			t.Errorf("a question within a transaction: %v", err)
		}
		if _, err := db.Project(t.Context(), 77); roster.KindOf(err) != roster.NotFound || err.Error() != "Not found." {
			t.Errorf("what is not there: %v", err)
		}
		if err := db.NoRow(t.Context()); err == nil || roster.KindOf(err) != roster.Internal {
			t.Errorf("a row that there must be: %v", err)
		}
	})
}
