package store_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// past is a way into a store past what its engine looks after: foreign keys are not asked.
func past(t *testing.T, db *store.DB) *sql.DB {
	t.Helper()
	beside := storetest.Beside(t, db)
	if beside == nil {
		var err error
		if beside, err = sql.Open("sqlite", store.SQLiteDSN(db.Dir())); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { beside.Close() })
	}
	beside.SetMaxOpenConns(1)
	asleep := map[string]string{"sqlite": "PRAGMA foreign_keys = 0", "postgres": "SET session_replication_role = replica"}
	do(t, beside, asleep[db.Engine()])
	return beside
}

func do(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	for statement := range strings.SplitSeq(statements, ";") {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// column is one of the schema, of an engine's own type.
type column struct{ table, name, kind string }

// columns are all of a store, but for those of its schema's version.
func columns(t *testing.T, db *store.DB, beside *sql.DB) (all []column) {
	t.Helper()
	question := map[string]string{
		"sqlite": `SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c
 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`,
		"postgres": `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
 JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
 WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position`,
	}
	rows, err := beside.Query(question[db.Engine()])
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.table, &c.name, &c.kind); err != nil {
			t.Fatal(err)
		}
		if c.table != "schema_versions" {
			all = append(all, c)
		}
	}
	return all
}

// ones fills every table of a store with a row of ones: each names the first of every other.
func ones(t *testing.T, beside *sql.DB, all []column) {
	t.Helper()
	for i := 0; i < len(all); {
		var names, values []string
		table := all[i].table
		for ; i < len(all) && all[i].table == table; i++ {
			value := map[string]string{"TEXT": "'1'", "BOOL": "FALSE", "BLOB": "x'01'", "BYTE": `'\x01'`}
			kind := strings.ToUpper(all[i].kind)[:4]
			names = append(names, all[i].name)
			values = append(values, cmpOr(value[kind], "1"))
		}
		do(t, beside, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(values, ", ")+")")
	}
}

func cmpOr(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// otherwise are the columns that name a row, and are looked after by a rule with a name of
// its own.
var otherwise = map[string]string{
	"project_members.project_id":   "a membership is of a project that there is",
	"project_members.added_by":     "who begins or ends a membership of a project is written down",
	"project_members.removed_by":   "who begins or ends a membership of a project is written down",
	"project_members.tenure":       "a tenure is whole: of one person in one project, as its first row began",
	"workspace_members.added_by":   "who begins or ends a membership of a workspace is written down",
	"workspace_members.removed_by": "who begins or ends a membership of a workspace is written down",
	"assignments.tenure":           "an assignment is of a tenure of its person in its project",
	"operations.undoes":            "what is taken back was done, in the same organization and before",
	"outcomes.operation_id":        "what became of people belongs to an operation",
}

// nothing are the numbers that name no row of this store.
var nothing = []string{
	"activities.project_id", "activities.workspace_id", // as they were asked for, be they there or not
	"activities.duration", "activities.status",
	"deleted_tags.tag_id", "outcomes.tag_id", "departed_groups.group_id", // which may be deleted for good
	"scim_mappings.target", "scim_mappings.rank", "saved_views.place_id", // as they were said
	"made_things.upstream_id",        // the upstream's
	"operations.assignments_through", // which may be deleted since
	"operations.changed", "operations.dormant", "operations.unnamed", "idempotency_keys.status", "made_intents.attempts",
	"mails.attempts", "projects.maker_until", "workspaces.maker_until", "session_policies.max_age",
	"session_policies.max_idle", "sessions.last_seen", "scim_locks.taken", "tag_imports.assignments_created",
	"tag_imports.tags_created", "tasks.inner_id", "token_settings.ttl_days", "users.date_joined", "users.last_activity",
	"renames.at",
}

// TestVerifyReferences: whatever a row names is looked for, in every table of the schema.
func TestVerifyReferences(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		beside := past(t, db)
		all := columns(t, db, beside)
		if len(all) < 200 {
			t.Fatal(len(all), "columns")
		}
		ones(t, beside, all)
		for _, c := range all {
			name, kind := c.table+"."+c.name, strings.ToUpper(c.kind)
			if !strings.Contains(kind, "INT") || c.name == "id" || c.name == "at" || strings.HasSuffix(c.name, "_at") ||
				c.name == "text_version" || slices.Contains(nothing, name) {
				continue
			}
			rule := cmpOr(otherwise[name], "what "+c.table+" names is there")
			if got := strings.Join(verified(t, db), "\n"); strings.Contains(got, rule) && otherwise[name] == "" {
				t.Fatalf("%s: %s is broken before\n%s", name, rule, got)
			}
			do(t, beside, fmt.Sprintf("UPDATE %s SET %s = 77", c.table, c.name))
			if got := strings.Join(verified(t, db), "\n"); !strings.Contains(got, rule) {
				t.Errorf("%s names what is not there, and %q is not broken:\n%s", name, rule, got)
			}
			do(t, beside, fmt.Sprintf("UPDATE %s SET %s = 1", c.table, c.name))
		}
	})
}

// sound is a store that breaks no rule: two organizations, with people and what they do.
const sound = `
INSERT INTO users (id, email, email_key, username, search_text, first_name_key, last_name_key, date_joined)
 SELECT n, 'p' || n || '@example.com', 'p' || n || '@example.com', 'p' || n, '', '', '', 1 FROM
 (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) x;
INSERT INTO organizations (id, title, token, created_at) VALUES (1, 'Acme', 'a', 1), (2, 'Other', 'b', 1);
INSERT INTO organization_members (id, organization_id, user_id, role, created_at, deleted_at) VALUES
 (1, 1, 1, 'OW', 1, NULL), (2, 2, 2, 'OW', 1, NULL), (3, 1, 3, 'AN', 1, NULL), (4, 1, 4, 'AN', 1, 2);
INSERT INTO workspaces (id, organization_id, title, created_by, created_at) VALUES (1, 1, 'A', 1, 1), (2, 2, 'B', 2, 1);
INSERT INTO projects (id, organization_id, workspace_id, title, title_key, created_by, created_at) VALUES
 (1, 1, 1, 'Signs', '', 1, 1), (2, 1, NULL, 'Birds', '', 1, 1), (3, 2, 2, 'Others', '', 2, 1);
INSERT INTO operations (id, organization_id, project_id, kind, actor_id, credential, at, changed) VALUES
 (1, 1, 1, 'assign', 1, 'token', 1, 1), (2, 1, 1, 'unassign', 1, 'token', 2, 1), (3, 1, 1, 'assign', 1, 'token', 3, 1),
 (4, 2, 3, 'project_role', 2, 'token', 3, 0), (5, 1, 2, 'project_role', 1, 'token', 3, 0);
INSERT INTO project_members (id, project_id, user_id, explicit, added_by, removed_by) VALUES
 (1, 1, 3, TRUE, 1, 2), (2, 1, 3, TRUE, 3, NULL);
INSERT INTO tasks (id, project_id, inner_id, data, created_at, updated_at) VALUES
 (1, 1, 1, '{}', 1, 1), (2, 2, 1, '{}', 1, 1);
INSERT INTO tags (id, organization_id, label, label_key, created_by, created_at, updated_at) VALUES
 (2, 2, 'x', 'x', 2, 1, 1);
INSERT INTO invitations (id, organization_id, email, email_key, hash, role, user_type, projects, workspaces, invited_by,
 created_at, expires_at) VALUES (1, 1, 'a@example.com', 'a@example.com', 'h', 'AN', 'standard', '[]', '[]', 1, 1, 2)`

const (
	beginning = "INSERT INTO project_members (id, project_id, user_id, explicit, added_by, removed_by) VALUES "
	entering  = "INSERT INTO workspace_members (id, workspace_id, user_id, added_by, removed_by) VALUES "
	doing     = "INSERT INTO operations (id, organization_id, project_id, workspace_id, kind, actor_id, credential, at," +
		" changed, undoes) VALUES "
	giving   = "INSERT INTO assignments (id, project_id, task_id, user_id, type, tenure, created_at) VALUES "
	inviting = "INSERT INTO invitations (id, organization_id, email, email_key, hash, role, user_type, projects," +
		" workspaces, invited_by, created_at, expires_at, accepted_at, user_id, revoked_at)" +
		" VALUES (100, 1, 'b@example.com', 'b@example.com', 'i', 'AN', 'standard', '[]', '[]', 1, 1, 2, "
	posting = "INSERT INTO mails (id, invitation, recipient, subject, sealed, created_at, next_at, sent_at) VALUES "
	making  = "INSERT INTO made_things (id, project_id, kind, upstream_id, made_at, works, disabled_by) VALUES "
	telling = "INSERT INTO made_intents (id, made_id, action, state, next_at) VALUES "
	asking  = "INSERT INTO activities (id, organization_id, user_id, at, method, url, status, duration," +
		" address, user_agent," +
		" referer, request_id, session) VALUES "
	keeping = "INSERT INTO kept_pages (id, user_id, token, place, granted, body, expires_at) "
)

// spoilings are what breaks a rule, by its name, with rows whose numbers begin at 100.
var spoilings = []struct{ rule, statements string }{
	{"who begins or ends a membership of a project is written down", beginning + "(100, 1, 1, TRUE, 77, NULL)"},
	{"a membership of a project begins and ends by what was done in its organization",
		beginning + "(100, 1, 1, TRUE, 4, NULL)"},
	{"a membership of a project begins and ends by what was done in its organization",
		beginning + "(100, 1, 1, TRUE, 3, 5)"},
	{"a membership of a project ends after it began", beginning + "(100, 1, 1, TRUE, 3, 2)"},
	{"a row of project_members has a number of its own", "{{twice}}"},
	{"who is in a project is in its organization", beginning + "(100, 1, 2, TRUE, 1, NULL)"},
	{"who is in a project is in its organization", beginning + "(100, 1, 4, TRUE, 1, NULL)"},
	{"a membership is of a project that there is", beginning + "(100, 77, 1, TRUE, 1, NULL)"},
	{"a person has one standing in a project at a time",
		"DROP INDEX project_members_active;" + beginning + "(100, 1, 3, TRUE, 3, NULL)"},
	{"a person had one standing in a project at a time", beginning + "(100, 1, 1, TRUE, 1, 3), (101, 1, 1, TRUE, 2, 3)"},
	{"who inherits a standing in a project has access to it", beginning + "(100, 2, 3, FALSE, 5, NULL)"},
	{"a tenure is whole: of one person in one project, as its first row began",
		"INSERT INTO project_members (id, project_id, user_id, explicit, added_by, tenure, began_by)" +
			" VALUES (100, 1, 1, TRUE, 3, 1, 1)"},
	{"a tenure is whole: of one person in one project, as its first row began",
		"INSERT INTO project_members (id, project_id, user_id, explicit, added_by, removed_by, tenure, began_by)" +
			" VALUES (100, 1, 3, TRUE, 2, 3, 1, 2)"},
	{"an assignment is of a tenure of its person in its project", giving + "(100, 1, 1, 1, 'AN', 1, 1)"},
	{"an assignment is of a task of its project", giving + "(100, 1, 2, 3, 'AN', 1, 1)"},
	{"a task has a number of its own in its project",
		"INSERT INTO tasks (id, project_id, inner_id, data, created_at, updated_at) VALUES (100, 1, 1, '{}', 1, 1)"},
	{"who begins or ends a membership of a workspace is written down", entering + "(100, 1, 1, 77, NULL)"},
	{"a membership of a workspace begins and ends by what was done in its organization",
		entering + "(100, 1, 1, 4, NULL)"},
	{"a membership of a workspace ends after it began", entering + "(100, 1, 1, 3, 2)"},
	{"who is in a workspace is in its organization", entering + "(100, 1, 4, 3, NULL)"},
	{"a person is in a workspace once at a time",
		"DROP INDEX workspace_members_active;" + entering + "(100, 1, 1, 3, NULL), (101, 1, 1, 3, NULL)"},
	{"what became of people belongs to an operation",
		"INSERT INTO outcomes (operation_id, user_id, result) VALUES (777, 1, 'removed')"},
	{"what is taken back was done, in the same organization and before",
		doing + "(100, 1, 1, NULL, 'undo', 1, '', 1, 0, NULL)"},
	{"what is taken back was done, in the same organization and before",
		doing + "(100, 1, 1, NULL, 'undo', 1, '', 1, 0, 4)"},
	{"what was done is taken back once", "DROP INDEX operations_undoes;" +
		doing + "(100, 1, 1, NULL, 'undo', 1, '', 1, 0, 3), (101, 1, 1, NULL, 'undo', 1, '', 1, 0, 3)"},
	{"what is done in a project or a workspace is done in its organization",
		doing + "(100, 1, 3, NULL, 'project_role', 1, '', 1, 0, NULL)"},
	{"a project's workspace is of its organization", "INSERT INTO projects (id, organization_id, workspace_id, title," +
		" title_key, created_by, created_at) VALUES (100, 1, 2, 'x', '', 1, 1)"},
	{"a person wears the tags of their organizations", "INSERT INTO member_tags (user_id, tag_id) VALUES (3, 2)"},
	{"an organization has one owner", "INSERT INTO organization_members (id, organization_id, user_id, role, created_at)" +
		" VALUES (100, 1, 2, 'OW', 1)"},
	{"an organization has one owner",
		"INSERT INTO organizations (id, title, token, created_at) VALUES (100, 'None', 'c', 1)"},
	{"who works in an organization is in it", "INSERT INTO users (id, email, email_key, username, search_text," +
		" first_name_key, last_name_key, date_joined, active_organization) VALUES (100, '', 'x', '', '', '', '', 1, 1)"},
	{"a role is one that there is", "INSERT INTO organization_members (id, organization_id, user_id, role, created_at)" +
		" VALUES (100, 1, 2, 'XX', 1)"},
	{"a project role is one that there is", "INSERT INTO project_members (id, project_id, user_id, explicit, added_by," +
		" role) VALUES (100, 1, 1, TRUE, 3, 'XX')"},
	{"whom a provider knows is in the organization", "INSERT INTO scim_users (organization_id, user_id) VALUES (1, 4)"},
	{"who is in a provider's group is in its organization",
		"INSERT INTO claimed_groups (organization_id, user_id, name) VALUES (1, 4, 'x')"},
	{"a pause that somebody lifted does not stand", "INSERT INTO pauses (id, project_id, user_id, reason, paused_by," +
		" created_at, updated_at, deleted_by) VALUES (100, 1, 3, '', 1, 1, 1, 1)"},
	{"an invitation was accepted by somebody, or was not, and is not revoked then", inviting + "1, 3, 1)"},
	{"an invitation was accepted by somebody, or was not, and is not revoked then", inviting + "1, NULL, NULL)"},
	{"a letter belongs to an invitation", posting + "(100, 'none', '', '', 's', 1, NULL, NULL)"},
	{"a letter that was sent is not sent again", posting + "(100, 'h', '', '', 's', 1, 1, 1)"},
	{"an import of tags that is done says when", "INSERT INTO tag_imports (id, organization_id, created_by, status," +
		" content, created_at) VALUES (100, 1, 1, 'completed', '', 1)"},
	{"what the upstream is still to be told is due some time",
		making + "(100, 1, 'webhook', 1, 1, TRUE, NULL);" + telling + "(100, 100, 'disable', 'pending', NULL)"},
	{"the upstream is to be told one thing at a time", making + "(100, 1, 'webhook', 1, 1, TRUE, NULL);" + telling +
		"(100, 100, 'disable', 'pending', 1), (101, 100, 'enable', 'pending', 1)"},
	{"what an operation disabled is disabled", making + "(100, 1, 'webhook', 1, 1, TRUE, 1)"},
	{"an operation says how many it took off a project", doing + "(100, 1, 1, NULL, 'unassign', 1, '', 0, 3, NULL)"},
	{"an operation says how many it took off a workspace",
		doing + "(100, 1, NULL, 1, 'workspace_unassign', 1, '', 0, 3, NULL)"},
	{"an operation says how many it put on a workspace",
		doing + "(100, 1, NULL, 1, 'workspace_assign', 1, '', 0, 3, NULL)"},
	{"an operation says how many it put on a project", doing + "(100, 1, 1, NULL, 'assign', 1, '', 0, 3, NULL)"},
	{"an operation says whom it gave another name", doing + "(100, 1, NULL, NULL, 'person_rename', 1, '', 0, 1, NULL)"},
	{"an Idempotency-Key has its answer",
		"INSERT INTO idempotency_keys (user_id, key, request_hash, status, header, body," +
			" expires_at) VALUES (1, 'k', 'h', 0, '', '', 1)"},
	{"what is kept for a day is over two days from now at the latest",
		"INSERT INTO idempotency_keys (user_id, key, request_hash, status, header, body, expires_at)" +
			" VALUES (1, 'k', 'h', 200, '', '', 9000000000000000)"},
	{"so much is kept of what one person was shown",
		keeping + "SELECT 100 + a.n * 8 + b.n, 1, 't' || a.n || b.n, '', ''," +
			" '', 1 FROM {{eight}} a, {{eight}} b"},
	{"the activity log keeps what was asked in short, and how it was answered",
		asking + "(100, 1, 1, 1, 'GET', '/', 99, 1, '', '', '', '', '')"},
	{"the activity log keeps what was asked in short, and how it was answered",
		asking + "(100, 1, 1, 1, 'GET', '/', 200, 1, '', '', '', '', 'too long a session')"},
	{"a plan is called by the people whom it holds",
		"INSERT INTO plans (token, project_id, members, expires_at) VALUES ('x', 1, 'aa', 1)"},
	{"a plan is called by the people whom it holds", // cut in a number
		"INSERT INTO plans (token, project_id, members, expires_at) VALUES ('x', 1, {{cut}}, 1)"},
}

// words of spoilings that the engines write differently.
var spoilWords = map[string]*strings.Replacer{
	"sqlite": strings.NewReplacer("{{eight}}", eightRows, "{{cut}}", "x'80'", "{{twice}}", "SELECT 1"),
	"postgres": strings.NewReplacer("{{eight}}", eightRows, "{{cut}}", `'\x80'`, "{{twice}}",
		beginning+"(100, 1, 1, TRUE, 1, 2), (100, 1, 1, TRUE, 2, 3)"),
}

const eightRows = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4" +
	" UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7)"

// mended takes away what a spoiling made.
const mended = `DELETE FROM plans; DELETE FROM idempotency_keys; DELETE FROM kept_pages; DELETE FROM activities;
DELETE FROM made_intents; DELETE FROM made_things; DELETE FROM mails; DELETE FROM invitations WHERE id >= 100;
DELETE FROM tag_imports; DELETE FROM pauses; DELETE FROM claimed_groups; DELETE FROM scim_users;
DELETE FROM member_tags;
DELETE FROM outcomes; DELETE FROM assignments; DELETE FROM tasks WHERE id >= 100; DELETE FROM workspace_members;
DELETE FROM project_members WHERE id >= 100; DELETE FROM operations WHERE id >= 100;
DELETE FROM projects WHERE id >= 100;
DELETE FROM organization_members WHERE id >= 100; DELETE FROM organizations WHERE id >= 100;
DELETE FROM users WHERE id >= 100`

// TestVerifyRules: each rule is broken by what breaks it, and by nothing before.
func TestVerifyRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		beside := past(t, db)
		do(t, beside, sound)
		if db.Engine() == "postgres" {
			do(t, beside, "SELECT setval(pg_get_serial_sequence(table_name, 'id'), 50) FROM information_schema.columns"+
				" WHERE table_schema = current_schema() AND is_identity = 'YES'")
		}
		if broken := verified(t, db); broken != nil {
			t.Fatal(strings.Join(broken, "\n"))
		}
		for _, s := range spoilings {
			if s.statements == "{{twice}}" && db.Engine() == "sqlite" {
				continue // its key is the engine's own
			}
			do(t, beside, spoilWords[db.Engine()].Replace(s.statements))
			if got := strings.Join(verified(t, db), "\n"); !strings.Contains(got, s.rule) {
				t.Errorf("%q is not broken by %s\nbut\n%s", s.rule, s.statements, got)
			}
			do(t, beside, mended)
			if broken := verified(t, db); broken != nil {
				t.Fatalf("after %s:\n%s", s.statements, strings.Join(broken, "\n"))
			}
		}
	})
}

// TestVerifyNumbers: a table of PostgreSQL's whose numbers were given before is named.
func TestVerifyNumbers(t *testing.T) {
	db := storetest.Postgres(t)
	do(t, past(t, db), beginning+"(100, 1, 1, TRUE, 1, NULL)")
	if got := strings.Join(verified(t, db), "\n"); !strings.Contains(got,
		"the next number of a table is new: project_members") {
		t.Error(got)
	}
}

// TestVerifyNumbersOfAMirror: what an upstream numbers takes no number of the store's own.
func TestVerifyNumbersOfAMirror(t *testing.T) {
	db := storetest.Postgres(t)
	do(t, past(t, db), `INSERT INTO users (id, email, email_key, username, search_text, first_name_key, last_name_key,
 date_joined) VALUES (7, 'ann@example.com', 'ann@example.com', 'ann', '', '', '', 1)`)
	if got := strings.Join(verified(t, db), "\n"); !strings.Contains(got, "the next number of a table is new: users") {
		t.Error(got)
	}
	if _, err := db.SetSettingOnce(t.Context(), "upstream_organization", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if got := verified(t, db); got != nil {
		t.Error(got)
	}
}

// TestVerifyEveryRule: no rule is without something that breaks it.
func TestVerifyEveryRule(t *testing.T) {
	db := storetest.SQLite(t)
	_, err := db.Verify(t.Context(), func(b store.Broken) {
		named := strings.HasSuffix(b.Rule, " names is there") || b.Rule == "the database file is whole"
		for _, s := range spoilings {
			named = named || s.rule == b.Rule
		}
		if !named {
			t.Errorf("nothing breaks %q", b.Rule)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestVerifyIsInNobodysWay: while a store is looked through somebody writes, and what they
// write is of another state than the one that is looked at.
func TestVerifyIsInNobodysWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		do(t, past(t, db), sound)
		looked := 0
		broken, err := db.Verify(t.Context(), func(store.Broken) {
			if looked++; looked == 1 {
				if err := db.Spoil(t.Context(), doing+"(100, 1, 1, NULL, 'unassign', 1, '', 0, 3, NULL)"); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil || broken > 1 { // of PostgreSQL's numbers, which sound gave itself
			t.Error(broken, err)
		}
		if got := strings.Join(verified(t, db), "\n"); !strings.Contains(got, "how many it took off a project") {
			t.Error(got)
		}
	})
}

// TestVerifyReadsTablesOnce: no rule reads a large table anew for each row: among 100,000
// people, one that did took ten minutes.
func TestVerifyReadsTablesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		crowd(t, db)
		plans, err := db.RulePlans(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		anew := regexp.MustCompile(`(?:SubPlan (\d+)\n\s+->\s+Seq Scan on|CORRELATED SCALAR SUBQUERY (\d+)\n\s*SCAN) \w+`)
		for rule, plan := range plans {
			for _, found := range anew.FindAllStringSubmatch(plan, -1) {
				few := regexp.MustCompile(`Seq Scan on (operations|projects|workspaces|tags|organizations|outcomes|renames)`)
				if !strings.Contains(plan, "hashed SubPlan "+found[1]) && !few.MatchString(found[0]) {
					t.Errorf("%q reads a table for each row (%q):\n%s", rule, found[0], plan)
				}
			}
		}
	})
}
