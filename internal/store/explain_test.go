package store_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// whole is a table read from end to end: on SQLite a scan that names no index,
// on PostgreSQL a sequential scan (which the test makes as dear as can be).
var whole = regexp.MustCompile(`(?m)(^SCAN (u|om|po|pm|wm|p|m|o|users|operations|project_members|organization_members|workspace_members|n|su|scim_users)$|Seq Scan on )`)

// through is the index of memberships that a question must be answered by: the
// one of the active rows, or history would be read along with them, and those
// of an operation, where rows of it are meant.
var through = map[string][]string{
	"standing":              {"project_members_active", "workspace_members_active"},
	"who, and standing":     {"project_members_active", "workspace_members_active"},
	"token, and standing":   {"legacy_tokens", "project_members_active", "workspace_members_active"},
	"access, and standing":  {"personal_tokens", "project_members_active", "workspace_members_active"},
	"session, and standing": {"sessions", "project_members_active", "workspace_members_active"},
	"unassign":              {"project_members_active"},
	"unassign, joined":      {"project_members_active"},
	"member list, a page":   {"project_members_active", "workspace_members_active", "organization_members_implicit"},
	"outcomes":              {"project_members_removed", "project_members_active"},
	"who keeps access":      {"project_members_removed"},
	"undo":                  {"project_members_removed"},
	"role history":          {"project_members_removed", "project_members_active"},
	"roles, a person":       {"project_members_active"},
	"operations, a person":  {"project_members_removed", "project_members_active"},
	"reach, a person":       {"project_members_active", "workspace_members_active"},
	"whom to assign":        {"project_members_active", "workspace_members_active", "organization_members_implicit"},
	"tasks, by annotators":  {"project_members_active", "assignments_"},
	"dormant":               {"project_members_active", "organization_members_inactive"},
	"who left":              {"project_members_removed", "workspace_members_removed", "organization_members_inactive"},
	"whose task":            {"project_members_active", "assignments_"},
	"provisioning, names":   {"scim_users_name", "users_shared_mailbox"},
	"provisioning, called":  {"scim_users_name"},
	"provisioning, taken":   {"scim_users_external"},
	"whose addresses":       {"users_shared_mailbox"},

	"provisioning, by username":   {"scim_users_name"},
	"provisioning, by externalid": {"scim_users_external"},
	"whose tasks":                 {"project_members_active", "assignments_"},
}

// What is asked on every request, and what the bulk operations select by, stay
// on their indexes on both engines.
func TestPlans(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		plans, err := db.Plans(context.Background(), roster.Project{ID: 1, OrganizationID: 1, WorkspaceID: 1})
		if err != nil {
			t.Fatal(err)
		}
		for name, indexes := range through {
			for _, index := range indexes {
				if !strings.Contains(plans[name], index) {
					t.Errorf("%s does not go through %s:\n%s", name, index, plans[name])
				}
			}
		}
		if byID := regexp.MustCompile(`SEARCH x USING INTEGER PRIMARY KEY|operations_pkey`); !byID.MatchString(plans["unassign, joined"]) {
			t.Errorf("operations are not looked up by id:\n%s", plans["unassign, joined"])
		}
		for name, plan := range plans {
			if of := strings.HasPrefix(name, "provisioning"); of && strings.Contains(plan, "SEARCH om") &&
				!strings.Contains(plan, "(organization_id=? AND user_id=?)") {
				t.Errorf("%s looks at every member:\n%s", name, plan)
			}
			if found := whole.FindString(plan); found != "" {
				t.Errorf("%s reads a whole table (%s):\n%s", name, found, plan)
			}
		}
	})
}
