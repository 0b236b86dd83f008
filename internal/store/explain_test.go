package store_test

import (
	"context"
	"regexp"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// whole is a table read from end to end: on SQLite a scan that names no index,
// on PostgreSQL a sequential scan (which the test makes as dear as can be).
var whole = regexp.MustCompile(`(?m)(^SCAN (u|om|pm|wm|p|m|o|users|operations|project_members|organization_members|workspace_members)$|Seq Scan on )`)

// What is asked on every request, and what the bulk operations select by, stay
// on their indexes on both engines.
func TestPlans(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		plans, err := db.Plans(context.Background(), roster.Project{ID: 1, OrganizationID: 1, WorkspaceID: 1})
		if err != nil {
			t.Fatal(err)
		}
		for name, plan := range plans {
			if found := whole.FindString(plan); found != "" {
				t.Errorf("%s reads a whole table (%s):\n%s", name, found, plan)
			}
		}
	})
}
