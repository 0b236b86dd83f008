package store

import (
	"slices"
	"strconv"
	"strings"

	"roster"
)

// rule is what holds in every store, whatever was done to it, and the rows that break it.
type rule struct {
	says   string
	row    string // what such a row is called
	id     string // its number
	broken string // FROM … WHERE …
}

// rules are all of them, but for those that SQL cannot say.
var rules = slices.Concat(ofReferences(), ofStays, ofPeople, ofCounts, ofBounds)

// reference is a column that names a row of another table, by its id; unless says when a row x
// names nothing by it.
type reference struct{ column, to, unless string }

// naming is a table whose rows name others.
type naming struct {
	table, row, id string // what a row is called, and its number
	names          []reference
}

// nobody is who did what no person did: a migration, or a Roster of before it was noted.
func nobody(column string) reference { return reference{column, "users", "x." + column + " = 0"} }

// unnamed is the condition that an outcome names nobody: an id that nobody has, or somebody
// whom an import of an earlier Roster created.
const unnamed = "x.result = 'unknown' OR x.result = 'created' AND x.user_id = 0"

// namings are the tables whose rows name others. The engines watch over some of it as foreign
// keys, but not where a load was told to leave that out, and most of it they do not: a check
// a row would double the cost of the bulk operations (docs/adr/0003).
var namings = []naming{
	{"organizations", "organization", "id", []reference{nobody("created_by")}},
	{"users", "person", "id", []reference{{"active_organization", "organizations", ""}}},
	{"organization_members", "row of organization_members", "id",
		[]reference{{"organization_id", "organizations", ""}, {"user_id", "users", ""}}},
	{"workspaces", "workspace", "id", []reference{{"organization_id", "organizations", ""}, nobody("created_by")}},
	{"workspace_members", "row of workspace_members", "id",
		[]reference{{"workspace_id", "workspaces", ""}, {"user_id", "users", ""}}},
	{"projects", "project", "id",
		[]reference{{"organization_id", "organizations", ""}, {"workspace_id", "workspaces", ""}, nobody("created_by")}},
	{"project_members", "row of project_members", "id",
		[]reference{{"user_id", "users", ""}, {"began_by", "operations", ""}}},
	{"tasks", "task", "id", []reference{{"project_id", "projects", ""}}},
	{"assignments", "assignment", "id",
		[]reference{{"project_id", "projects", ""}, {"task_id", "tasks", ""}, {"user_id", "users", ""}}},
	{"operations", "operation", "id", []reference{{"organization_id", "organizations", ""},
		{"project_id", "projects", ""}, {"workspace_id", "workspaces", ""}, nobody("actor_id")}},
	{"outcomes", "operation", "operation_id", []reference{
		{"user_id", "users", unnamed}, {"project_id", "projects", "x.project_id = 0"}}},
	{"tags", "tag", "id", []reference{{"organization_id", "organizations", ""}, nobody("created_by")}},
	{"member_tags", "person", "user_id", []reference{{"user_id", "users", ""}, {"tag_id", "tags", ""}}},
	{"deleted_tags", "operation", "operation_id", []reference{{"operation_id", "operations", ""}, nobody("created_by")}},
	{"tag_imports", "import of tags", "id", []reference{{"organization_id", "organizations", ""},
		{"created_by", "users", ""}, {"operation_id", "operations", ""}}},
	{"pauses", "pause", "id", []reference{{"project_id", "projects", ""}, {"user_id", "users", ""},
		{"paused_by", "users", ""}, {"deleted_by", "users", ""}}},
	{"renames", "operation", "operation_id", []reference{{"operation_id", "operations", ""}, {"user_id", "users", ""}}},
	{"plans", "project", "project_id", []reference{{"project_id", "projects", ""}}},
	{"idempotency_keys", "person", "user_id", []reference{{"user_id", "users", ""}}},
	{"kept_pages", "kept page", "id", []reference{{"user_id", "users", ""}}},
	{"legacy_tokens", "person", "user_id", []reference{{"user_id", "users", ""}}},
	{"personal_tokens", "personal access token", "id", []reference{{"user_id", "users", ""}}},
	{"token_settings", "organization", "organization_id", []reference{{"organization_id", "organizations", ""}}},
	{"sessions", "session", "id", []reference{{"user_id", "users", ""}}},
	{"session_policies", "organization", "organization_id", []reference{{"organization_id", "organizations", ""}}},
	{"invitations", "invitation", "id", []reference{{"organization_id", "organizations", ""},
		{"invited_by", "users", ""}, {"user_id", "users", ""}}},
	{"organization_permissions", "row of organization_permissions", "id",
		[]reference{{"organization_id", "organizations", ""}}},
	{"activities", "row of activities", "id", []reference{{"organization_id", "organizations", ""},
		{"user_id", "users", ""}}},
	{"scim_users", "person", "user_id", []reference{{"organization_id", "organizations", ""}, {"user_id", "users", ""}}},
	{"scim_groups", "group", "id", []reference{{"organization_id", "organizations", ""}}},
	{"scim_group_members", "group", "group_id", []reference{{"group_id", "scim_groups", ""}, {"user_id", "users", ""}}},
	{"scim_mappings", "row of scim_mappings", "id", []reference{{"organization_id", "organizations", ""}}},
	{"scim_locks", "organization", "organization_id", []reference{{"organization_id", "organizations", ""}}},
	{"claimed_groups", "person", "user_id",
		[]reference{{"organization_id", "organizations", ""}, {"user_id", "users", ""}}},
	{"departed_scim_users", "operation", "operation_id", []reference{{"operation_id", "operations", ""},
		{"organization_id", "organizations", ""}, {"user_id", "users", ""}}},
	{"departed_groups", "operation", "operation_id",
		[]reference{{"operation_id", "operations", ""}, {"user_id", "users", ""}}},
	{"identities", "person", "user_id", []reference{{"user_id", "users", ""}}},
	{"saml_settings", "organization", "organization_id", []reference{{"organization_id", "organizations", ""}}},
	{"saml_domains", "organization", "organization_id", []reference{{"organization_id", "organizations", ""}}},
	{"settings_changes", "row of settings_changes", "id",
		[]reference{{"organization_id", "organizations", ""}, nobody("actor_id")}},
	{"upstream_logins", "person", "user_id", []reference{{"user_id", "users", ""}}},
	{"project_hotkeys", "person", "user_id", []reference{{"user_id", "users", ""}, {"project_id", "projects", ""}}},
	{"made_things", "thing", "id", []reference{{"project_id", "projects", ""}, {"maker_id", "users", ""},
		{"disabled_by", "operations", ""}, {"stranded_by", "operations", "x.stranded_by = 0"}}},
	{"made_intents", "intent", "id", []reference{{"made_id", "made_things", ""}, {"operation_id", "operations", ""}}},
	{"saved_views", "view", "id", []reference{{"organization_id", "organizations", ""}, {"user_id", "users", ""}}},
	{"preferences", "person", "user_id", []reference{{"user_id", "users", ""}}},
}

// ofReferences is that what rows name is there, a rule for each table.
func ofReferences() (all []rule) {
	for _, t := range namings {
		var broken []string
		for _, of := range t.names {
			missing := "x." + of.column + " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " + of.to + " o WHERE o.id = x." +
				of.column + ")"
			if of.unless != "" {
				missing += " AND NOT (" + of.unless + ")"
			}
			broken = append(broken, missing)
		}
		all = append(all, rule{"what " + t.table + " names is there", t.row, "x." + t.id,
			"FROM " + t.table + " x WHERE " + strings.Join(broken, " OR ")})
	}
	return all
}

// nobodysOperation is the condition that a column names an operation that there is not.
func nobodysOperation(column string) string {
	return column + " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.id = " + column + ")"
}

// elsewhere is the condition that a column names an operation of another organization than
// in, or of another project or workspace than the row's.
func elsewhere(column, in, of, id string) string {
	return "EXISTS (SELECT 1 FROM operations o WHERE o.id = " + column + " AND (o.organization_id <> " + in +
		".organization_id OR o." + of + " <> " + id + "))"
}

// ofStays are the rules of memberships, and of what hangs on them.
var ofStays = []rule{
	{"who begins or ends a membership of a project is written down", "row of project_members", "pm.id",
		"FROM project_members pm WHERE " + nobodysOperation("pm.added_by") + " OR " + nobodysOperation("pm.removed_by")},
	{"a membership of a project begins and ends by what was done in its organization", "row of project_members", "pm.id",
		"FROM project_members pm JOIN projects p ON p.id = pm.project_id WHERE " +
			elsewhere("pm.added_by", "p", "project_id", "p.id") + " OR " +
			elsewhere("pm.removed_by", "p", "project_id", "p.id")},
	{
		"a membership of a project ends after it began", "row of project_members", "pm.id",
		"FROM project_members pm WHERE pm.removed_by < pm.added_by",
	},
	{"a row of project_members has a number of its own", "row of project_members", "pm.id",
		"FROM (SELECT id FROM project_members GROUP BY id HAVING count(*) > 1) pm WHERE 1 = 1"},
	{"who is in a project is in its organization", "row of project_members",
		"pm.id", `FROM project_members pm JOIN projects p ON p.id = pm.project_id WHERE {{active pm}}
 AND NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = p.organization_id
 AND om.user_id = pm.user_id AND om.deleted_at IS NULL)`},
	{"a membership is of a project that there is", "row of project_members", "pm.id",
		"FROM project_members pm WHERE NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = pm.project_id)"},
	{"a person has one standing in a project at a time", "project", "pm.project_id",
		"FROM (SELECT project_id FROM project_members WHERE {{active}}" +
			" GROUP BY project_id, user_id HAVING count(*) > 1) pm WHERE 1 = 1"},
	{"a person had one standing in a project at a time", "row of project_members", "pm.id",
		`FROM (SELECT id, added_by, lag(removed_by) OVER stay AS ended, lag(id) OVER stay AS earlier FROM project_members
 WINDOW stay AS (PARTITION BY project_id, user_id ORDER BY added_by, id)) pm
 WHERE pm.earlier IS NOT NULL AND (pm.ended IS NULL OR pm.ended > pm.added_by)`},
	{"who inherits a standing in a project has access to it", "row of project_members", "pm.id",
		"FROM project_members pm WHERE {{implicit pm}} AND NOT " + heldByWorkspace + " AND NOT " + heldByRole},
	{"a tenure is whole: of one person in one project, as its first row began", "row of project_members", "pm.id",
		`FROM project_members pm LEFT JOIN project_members f ON f.id = pm.tenure AND f.tenure IS NULL
 WHERE pm.tenure IS NULL AND pm.began_by IS NOT NULL OR pm.tenure IS NOT NULL AND (f.id IS NULL
 OR pm.began_by IS NULL OR f.added_by <> pm.began_by OR f.project_id <> pm.project_id OR f.user_id <> pm.user_id
 OR f.id >= pm.id)`},
	{"an assignment is of a tenure of its person in its project", "assignment", "a.id",
		`FROM assignments a WHERE NOT EXISTS (SELECT 1 FROM project_members f WHERE f.id = a.tenure AND f.tenure IS NULL
 AND f.project_id = a.project_id AND f.user_id = a.user_id)`},
	{"an assignment is of a task of its project", "assignment", "a.id",
		"FROM assignments a JOIN tasks t ON t.id = a.task_id WHERE t.project_id <> a.project_id"},
	{"a task has a number of its own in its project", "project", "t.project_id",
		`FROM (SELECT k.project_id FROM tasks k JOIN projects p ON p.id = k.project_id WHERE NOT p.mirrored
 AND k.inner_id <> 0 GROUP BY k.project_id, k.inner_id HAVING count(*) > 1) t WHERE 1 = 1`},
	{"who begins or ends a membership of a workspace is written down", "row of workspace_members", "wm.id",
		"FROM workspace_members wm WHERE " + nobodysOperation("wm.added_by") + " OR " + nobodysOperation("wm.removed_by")},
	{"a membership of a workspace begins and ends by what was done in its organization", "row of workspace_members",
		"wm.id", "FROM workspace_members wm JOIN workspaces w ON w.id = wm.workspace_id WHERE " +
			elsewhere("wm.added_by", "w", "workspace_id", "w.id") + " OR " +
			elsewhere("wm.removed_by", "w", "workspace_id", "w.id")},
	{"a membership of a workspace ends after it began", "row of workspace_members", "wm.id",
		"FROM workspace_members wm WHERE wm.removed_by < wm.added_by"},
	{"who is in a workspace is in its organization", "row of workspace_members",
		"wm.id", `FROM workspace_members wm JOIN workspaces w ON w.id = wm.workspace_id WHERE {{active wm}}
 AND NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = w.organization_id
 AND om.user_id = wm.user_id AND om.deleted_at IS NULL)`},
	{"a person is in a workspace once at a time", "workspace", "wm.workspace_id",
		"FROM (SELECT workspace_id FROM workspace_members WHERE {{active}}" +
			" GROUP BY workspace_id, user_id HAVING count(*) > 1) wm WHERE 1 = 1"},
	{"what became of people belongs to an operation", "operation", "x.operation_id",
		"FROM outcomes x WHERE " + nobodysOperation("x.operation_id")},
}

// notAmongRoles is the condition that a column is none of the organization's roles.
func notAmongRoles(column string) string {
	quoted := make([]string, len(roster.Roles))
	for i, role := range roster.Roles {
		quoted[i] = "'" + string(role) + "'"
	}
	return column + " NOT IN (" + strings.Join(quoted, ", ") + ")"
}

// noLonger is the condition that a person is not in an organization, or was deleted from it.
func noLonger(organization, person string) string {
	return "NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = " + organization +
		" AND om.user_id = " + person + " AND om.deleted_at IS NULL)"
}

// ofPeople are the rules of organizations, and of what their people are and do besides.
var ofPeople = []rule{
	{"what is taken back was done, in the same organization and before", "operation",
		"o.id", `FROM operations o WHERE o.kind = 'undo' AND o.undoes IS NULL OR o.undoes IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM operations was WHERE was.id = o.undoes
 AND was.organization_id = o.organization_id AND was.id < o.id)`},
	{"what was done is taken back once", "operation", "o.undoes", "FROM (SELECT undoes FROM operations" +
		" WHERE undoes IS NOT NULL GROUP BY undoes HAVING count(*) > 1) o WHERE 1 = 1"},
	{"what is done in a project or a workspace is done in its organization", "operation", "o.id",
		`FROM operations o WHERE EXISTS (SELECT 1 FROM projects p WHERE p.id = o.project_id
 AND p.organization_id <> o.organization_id) OR EXISTS (SELECT 1 FROM workspaces w WHERE w.id = o.workspace_id
 AND w.organization_id <> o.organization_id)`},
	{"a project's workspace is of its organization", "project", "p.id",
		"FROM projects p JOIN workspaces w ON w.id = p.workspace_id WHERE w.organization_id <> p.organization_id"},
	{"a person wears the tags of their organizations", "person",
		"mt.user_id", `FROM member_tags mt JOIN tags t ON t.id = mt.tag_id
 WHERE NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = t.organization_id
 AND om.user_id = mt.user_id)`},
	{"an organization has one owner", "organization", "og.id", `FROM organizations og
 WHERE (SELECT count(*) FROM organization_members om WHERE om.organization_id = og.id AND {{owner om}}) <> 1`},
	{"who works in an organization is in it", "person", "u.id", "FROM users u WHERE u.active_organization IS NOT NULL" +
		" AND " + noLonger("u.active_organization", "u.id")},
	{"a role is one that there is", "row of organization_members", "om.id",
		"FROM organization_members om WHERE " + notAmongRoles("om.role")},
	{"a project role is one that there is", "row of project_members", "pm.id",
		"FROM project_members pm WHERE " + notAmongRoles("pm.role")},
	{"whom a provider knows is in the organization", "person", "su.user_id",
		"FROM scim_users su WHERE " + noLonger("su.organization_id", "su.user_id")},
	{"who is in a provider's group is in its organization", "person", "gp.user_id",
		"FROM group_people gp WHERE " + noLonger("gp.organization_id", "gp.user_id")},
	{"a pause that somebody lifted does not stand", "pause", "ps.id",
		"FROM pauses ps WHERE ps.deleted_by IS NOT NULL AND ps.deleted_at IS NULL"},
	{"an invitation was accepted by somebody, or was not, and is not revoked then", "invitation", "i.id",
		`FROM invitations i WHERE i.accepted_at IS NOT NULL AND i.revoked_at IS NOT NULL
 OR (i.accepted_at IS NULL) <> (i.user_id IS NULL)`},
	{"a letter belongs to an invitation", "letter", "m.id",
		"FROM mails m WHERE NOT EXISTS (SELECT 1 FROM invitations i WHERE i.hash = m.invitation)"},
	{"a letter that was sent is not sent again", "letter", "m.id",
		"FROM mails m WHERE m.sent_at IS NOT NULL AND m.next_at IS NOT NULL"},
	{"an import of tags that is done says when", "import of tags", "ti.id",
		"FROM tag_imports ti WHERE (ti.status IN ('created', 'in_progress')) <> (ti.finished_at IS NULL)"},
	{"what the upstream is still to be told is due some time", "intent", "i.id",
		"FROM made_intents i WHERE (i.state = 'pending') <> (i.next_at IS NOT NULL)"},
	{"the upstream is to be told one thing at a time", "thing", "i.made_id", "FROM (SELECT made_id FROM made_intents" +
		" WHERE state = 'pending' GROUP BY made_id HAVING count(*) > 1) i WHERE 1 = 1"},
	{"what an operation disabled is disabled", "thing", "t.id",
		"FROM made_things t WHERE t.disabled_by IS NOT NULL AND NOT t.disabled"},
}

// ofCounts are the rules of what operations say they did.
var ofCounts = []rule{
	{"an operation says how many it took off a project", "operation",
		"o.id", `FROM operations o WHERE o.kind = 'unassign' AND o.project_id IS NOT NULL AND o.workspace_id IS NULL
 AND o.changed + o.dormant <> (SELECT count(*) FROM project_members pm WHERE pm.removed_by = o.id AND pm.explicit)`},
	{"an operation says how many it took off a workspace", "operation",
		"o.id", `FROM operations o WHERE o.kind = 'workspace_unassign' AND o.workspace_id IS NOT NULL
 AND o.changed + o.dormant <> (SELECT count(*) FROM workspace_members wm WHERE wm.removed_by = o.id)`},
	{"an operation says how many it put on a workspace", "operation",
		"o.id", `FROM operations o WHERE o.kind = 'workspace_assign' AND o.workspace_id IS NOT NULL
 AND o.changed <> (SELECT count(*) FROM workspace_members wm WHERE wm.added_by = o.id)`},
	{"an operation says how many it put on a project", "operation",
		"o.id", `FROM operations o LEFT JOIN (SELECT added_by, count(*) AS n FROM project_members WHERE explicit
 GROUP BY added_by) pm ON pm.added_by = o.id WHERE o.kind = 'assign' AND o.changed <> COALESCE(pm.n, 0)`},
	{"an operation says whom it gave another name", "operation",
		"o.id", `FROM operations o WHERE o.kind = 'person_rename'
 AND o.changed <> (SELECT count(*) FROM renames r WHERE r.operation_id = o.id)`},
}

// ofBounds are the rules of what is kept for a while, and no more of it.
var ofBounds = []rule{
	{"an Idempotency-Key has its answer", "person", "k.user_id",
		"FROM idempotency_keys k WHERE k.status < 200 OR k.status > 599"},
	{"what is kept for a day is over two days from now at the latest", "table", "k.at", `FROM (
 SELECT 1 AS at, expires_at FROM plans UNION ALL SELECT 2, expires_at FROM idempotency_keys
 UNION ALL SELECT 3, expires_at FROM kept_pages) k WHERE k.expires_at > {{now}} + 172800000000`},
	{"so much is kept of what one person was shown", "person", "kp.user_id",
		"FROM (SELECT user_id FROM kept_pages GROUP BY user_id HAVING count(*) > " + strconv.Itoa(MostKept) +
			" OR count(*) > 1 AND sum(length(body)) > " + strconv.Itoa(MostKeptBytes) + ") kp WHERE 1 = 1"},
	{"the activity log keeps what was asked in short, and how it was answered", "row of activities", "a.id",
		`FROM activities a WHERE length(a.url) > 256 OR length(a.session) > 8 OR a.duration < 0
 OR a.status < 100 OR a.status > 599`},
}

// postgresIntegrity is what a copy, or a build of an index that was cut, may leave wrong.
var postgresIntegrity = []inquiry{
	{"every index is valid", `SELECT CAST(CAST(i.indexrelid AS regclass) AS text) FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND CAST(c.relnamespace AS regnamespace) =
 CAST(current_schema() AS regnamespace) ORDER BY 1`},
	{"the next number of a table is new", nextNumbers()},
}

// upstreams are the tables whose numbers an upstream gives where the store mirrors one.
var upstreams = []string{"organizations", "users", "projects", "tasks"}

// nextNumbers asks for the tables that give numbers which they gave before: project_members
// has no primary key there that would refuse them.
func nextNumbers() string {
	var parts []string
	for _, t := range namings {
		if t.id == "id" {
			ours := ""
			if slices.Contains(upstreams, t.table) {
				ours = " AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'upstream_organization')"
			}
			parts = append(parts, "SELECT '"+t.table+"' AS at FROM pg_sequences s WHERE s.schemaname || '.' ||"+
				" s.sequencename = pg_get_serial_sequence('"+t.table+"', 'id') AND COALESCE(s.last_value, 0) <"+
				" (SELECT COALESCE(max(id), 0) FROM "+t.table+")"+ours)
		}
	}
	return strings.Join(parts, "\nUNION ALL ") + "\nORDER BY 1"
}
