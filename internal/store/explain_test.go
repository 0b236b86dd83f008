package store_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// whole is a table read from end to end: on SQLite a scan that names no index,
// on PostgreSQL a sequential scan (which the test makes as dear as can be).
var whole = regexp.MustCompile(`(?m)(^SCAN (u|om|po|pm|wm|p|m|o|n|su|t|e|users|operations|` +
	`project_members|organization_members|workspace_members|scim_users)$|Seq Scan on )`)

// through is the index of memberships that a question must be answered by: the
// one of the active rows, or history would be read along with them, and those
// of an operation, where rows of it are meant.
var through = map[string][]string{
	"standing":            {"project_members_active", "workspace_members_active"},
	"unassign":            {"project_members_active"},
	"unassign, joined":    {"project_members_active"},
	"member list, a page": {"project_members_active", "workspace_members_active", "organization_members_implicit"},
	"member count":        {"project_members_active", "workspace_members_active", "organization_members_inactive"},
	"projects, counts":    {"project_members_active", "project_members_inherited", "organization_members_inactive"},
	"projects, inherited": {
		"workspace_members_active", "project_members_active", "organization_members_inactive",
		"organization_members_implicit",
	},
	"project, counted": {
		"workspace_members_active", "project_members_active", "project_members_inherited",
		"organization_members_inactive", "organization_members_implicit",
	},
	"member rows":           {"project_members_active", "workspace_members_active", "invitations_user", "member_tags_"},
	"people rows":           {"invitations_user"},
	"selections, counted":   {"project_members_active"},
	"first members":         {"project_members_active"},
	"outcomes":              {"project_members_removed", "project_members_active"},
	"who keeps access":      {"project_members_removed"},
	"undo":                  {"project_members_removed"},
	"what was released":     {"project_members_removed", "project_members_active"},
	"role history":          {"project_members_removed", "project_members_active"},
	"roles, a person":       {"project_members_active"},
	"operations, a person":  {"project_members_removed", "project_members_active"},
	"changes, of few":       {"project_members_removed", "workspace_members_removed"},
	"managers":              {"project_members_active", "workspace_members_active"},
	"invitations, waiting":  {"invitations_"},
	"reach, a person":       {"project_members_active", "workspace_members_"},
	"awaiting, people":      {"project_members_active", "workspace_members_user"},
	"returned":              {"project_members_active", "workspace_members_user"},
	"whom to assign":        {"project_members_active", "workspace_members_active", "organization_members_implicit"},
	"tasks, by annotators":  {"project_members_active", "assignments_"},
	"dormant":               {"project_members_active", "organization_members_inactive"},
	"who left":              {"project_members_removed", "workspace_members_removed", "organization_members_inactive"},
	"whose task":            {"project_members_active", "assignments_"},
	"provisioning, names":   {"scim_users_name", "users_shared_mailbox"},
	"provisioning, called":  {"scim_users_name"},
	"provisioning, taken":   {"scim_users_external"},
	"upstream access":       {"upstream_access", "upstream_ended"},
	"whose addresses":       {"users_shared_mailbox"},
	"who, and standing":     {"project_members_active", "workspace_members_"},
	"token, and standing":   {"legacy_tokens", "project_members_active", "workspace_members_"},
	"access, and standing":  {"personal_tokens", "project_members_active", "workspace_members_"},
	"session, and standing": {"sessions", "project_members_active", "workspace_members_"},

	"kept pages, the oldest": {"kept_pages_person"},
	"seen today":             {"project_members_active", "workspace_members_"},
	"find, how it begins":    {"users_first_name", "users_last_name"},
	"find, in sight":         {"projects_organization", "workspace_members_", "project_members_active"},

	"provisioning, by username":   {"scim_users_name"},
	"provisioning, by externalid": {"scim_users_external"},
	"whose tasks":                 {"project_members_active", "assignments_"},

	"without work":     {"project_members_active", "assignments_member", "projects_organization"},
	"glance, projects": {"project_members_active", "assignments_member", "operations_project"},
	"glance, workspaces": {
		"projects_workspace", "workspace_members_active", "project_members_active", "assignments_member",
		"operations_workspace",
	},
	"steps": {"project_members_active", "project_members_removed", "operations_"},
	"steps, of charts": {
		"project_members_active", "project_members_removed", "operations_", "organization_members_inactive",
	},
	"projects, a page": {
		"workspace_members_active", "project_members_active", "organization_members_inactive",
		"organization_members_implicit",
	},
	"what waits": {
		"invitations_", "project_members_active", "assignments_member", "projects_organization",
	},
	"what undos touch": {"outcomes", "renames"},
}

// crowd makes memberships of many people, a few each, so that the engines can tell what
// finds the rows of a person from what finds those of a place.
func crowd(t *testing.T, db *store.DB) {
	t.Helper()
	const numbers = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)\n"
	for _, statement := range []string{
		fmt.Sprintf(numbers, 4) +
			"INSERT INTO organizations (id, title, token, created_at) SELECT i, 'Crowd', 'crowd', 0 FROM n",
		fmt.Sprintf(numbers, 200) + `INSERT INTO projects (organization_id, title, title_key, created_by, created_at)
SELECT 1 + i % 4, 'Project', 'project', 1, 0 FROM n`,
		fmt.Sprintf(numbers, 2000) + `INSERT INTO users
 (id, email, email_key, username, search_text, first_name_key, last_name_key, date_joined)
SELECT i, 'x', 'x' || CAST(i AS TEXT), 'x', '', '', '', 0 FROM n`,
		fmt.Sprintf(numbers, 2000) + `INSERT INTO organization_members (organization_id, user_id, role, created_at)
SELECT 1 + i % 4, i, CASE WHEN i % 50 = 0 THEN 'DI' ELSE 'AN' END, 0 FROM n`,
		fmt.Sprintf(numbers, 20000) + `INSERT INTO project_members (project_id, user_id, explicit, role, added_by)
SELECT 1 + i / 100, 1 + i * 7 % 2000, TRUE, CASE WHEN i % 5 = 0 THEN 'RE' END, 1 FROM n`,
		fmt.Sprintf(numbers, 5000) + `INSERT INTO workspace_members (workspace_id, user_id, added_by)
SELECT 1 + i / 100, 1 + i * 7 % 500, 1 FROM n`,
		// The other tables are as unknown as new ones.
		"ANALYZE projects", "ANALYZE users", "ANALYZE organization_members", "ANALYZE project_members",
		"ANALYZE workspace_members",
	} {
		if err := db.Spoil(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// What is asked on every request, and what the bulk operations select by, stay
// on their indexes on both engines.
func TestPlans(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		crowd(t, db)
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
		// looked for among all outcomes for each person, 100,000 of either took 25 seconds
		lists := map[string]bool{}
		for _, list := range regexp.MustCompile(`(LIST SUBQUERY|hashed SubPlan) \d+`).FindAllString(plans["outcomes"], -1) {
			lists[list] = true
		}
		if len(lists) != 2 {
			t.Errorf("who has an outcome of their own, and who is dormant, are not listed once each:\n%s", plans["outcomes"])
		}
		if byID := regexp.MustCompile(`SEARCH x USING INTEGER PRIMARY KEY|operations_pkey`); !byID.MatchString(
			plans["unassign, joined"]) {
			t.Errorf("operations are not looked up by id:\n%s", plans["unassign, joined"])
		}
		// each of 40,000 tags was looked up for each of 2,000 people
		if each := regexp.MustCompile(`user_id=\? AND tag_id=\?|Index Cond: .*tag_id = ANY`); each.MatchString(
			plans["many tags"]) {
			t.Errorf("tags are looked up one by one for everybody:\n%s", plans["many tags"])
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
