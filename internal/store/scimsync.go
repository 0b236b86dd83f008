package store

import (
	"context"
	"slices"

	"roster"
)

// What a mapping makes of people. Everything here is set-based: the cost is a
// few statements per mapped workspace or project, however many people change.

const mappingFrom = `SELECT m.kind, m.target, COALESCE(w.title, m.title), m.role, m.group_name FROM scim_mappings m
LEFT JOIN workspaces w ON m.kind = 'workspace' AND w.id = m.target WHERE m.organization_id = ?`

// Mappings is what an organization's groups give, in the order it was said;
// MappingsOf, by one of its settings.
func (db *DB) Mappings(ctx context.Context, organization int64) ([]roster.SCIMMapping, error) {
	return db.mappings(ctx, db.query(mappingFrom, organization))
}

// MappingsOf is those of one source.
func (db *DB) MappingsOf(ctx context.Context, organization int64,
	source roster.MappingSource) ([]roster.SCIMMapping, error) {
	return db.mappings(ctx, db.query(mappingFrom+" AND m.source = ?", organization, source))
}

func (db *DB) mappings(ctx context.Context, q *query) ([]roster.SCIMMapping, error) {
	return collect(ctx, db, q.add(" ORDER BY m.id"), func(s scanner) (m roster.SCIMMapping, err error) {
		return m, s.Scan(&m.Kind, &m.Target, &m.Title, &m.Role, &m.Group)
	})
}

// SetMappings replaces the mappings of one kind and source.
func (db *DB) SetMappings(ctx context.Context, organization int64, source roster.MappingSource,
	kind roster.SCIMTarget, mappings []roster.SCIMMapping) error {
	if _, err := db.exec(ctx,
		db.query("DELETE FROM scim_mappings WHERE organization_id = ? AND source = ? AND kind = ?", organization,
			source, kind)); err != nil {
		return err
	}
	rows := make([][]any, len(mappings))
	for i, m := range mappings {
		rank := slices.Index(roster.Roles, m.Role)
		if rank < 0 { // the inherited one
			rank = len(roster.Roles)
		}
		rows[i] = []any{m.Target, m.Role, rank, m.Title, m.Group}
	}
	q := db.query(`INSERT INTO scim_mappings (organization_id, source, kind, target, role, rank, title, group_name)
SELECT ?, ?, ?, CAST(x.value->>0 AS BIGINT), x.value->>1, CAST(x.value->>2 AS BIGINT), x.value->>3, x.value->>4
 FROM `, organization, source, kind).table(rows)
	_, err := db.exec(ctx, q.add(" AS x"))
	return err
}

// UngroupSCIMUsers forgets whose role is a group's. It goes before the sync
// of a changed mapping, which so takes nobody's last role away: they left no group.
func (db *DB) UngroupSCIMUsers(ctx context.Context, organization int64) error {
	_, err := db.exec(ctx, db.query("UPDATE scim_users SET grouped = FALSE WHERE organization_id = ?", organization))
	return err
}

// SCIMPeople is everybody the provider said something of.
func (db *DB) SCIMPeople(ctx context.Context, organization int64) ([]int64, error) {
	return db.ids(ctx, db.query("SELECT user_id, NULL FROM scim_users WHERE organization_id = ? ORDER BY user_id",
		organization))
}

// groupRole is the highest role that the groups of om's person give.
const groupRole = `(SELECT m.role FROM group_people g
 JOIN scim_mappings m ON m.organization_id = g.organization_id AND m.group_name = g.name AND m.kind = 'role'
 WHERE g.organization_id = om.organization_id AND g.user_id = om.user_id ORDER BY m.rank LIMIT 1)`

// dueRole is the role that what the provider said comes to: nobody's who is
// not active; the highest of a group's; Deactivated for who left the last
// group; the role from before for who is active again.
const dueRole = `CASE WHEN NOT su.active THEN 'DI' WHEN ` + groupRole + ` IS NOT NULL THEN ` + groupRole + `
 WHEN su.grouped AND NOT EXISTS (SELECT 1 FROM saml_settings ss WHERE ss.organization_id = om.organization_id
 AND ss.manual_roles) THEN 'DI' WHEN om.role = 'DI' AND su.role_before <> '' THEN su.role_before ELSE om.role END`

// appendDueOf appends the people whose role is not the one they are due, as due. The
// Owner stays what they are.
func appendDueOf(q *query, organization int64, users []int64) *query {
	return q.add(` FROM (SELECT om.user_id, om.role, `+dueRole+` AS role_due
 FROM organization_members om JOIN scim_users su ON su.organization_id = om.organization_id AND su.user_id = om.user_id
 WHERE om.organization_id = ? AND om.role <> 'OW' AND om.deleted_at IS NULL AND `, organization).
		anyOf("om.user_id", users).add(") due WHERE due.role <> due.role_due")
}

// SCIMRolesDue reports whether anybody's role would change.
func (db *DB) SCIMRolesDue(ctx context.Context, organization int64, users []int64) (bool, error) {
	n, err := db.count(ctx, appendDueOf(db.query("SELECT count(*)"), organization, users))
	return n > 0, err
}

// SyncSCIMRoles gives people the organization roles they are due and returns
// how many changed; the outcomes of op name them.
func (db *DB) SyncSCIMRoles(ctx context.Context, organization int64, users []int64, op int64) (int, error) {
	q := db.query(`INSERT INTO outcomes (operation_id, user_id, result, role_before, role_after)
SELECT ?, due.user_id, 'role_set', due.role, due.role_due`, op)
	appendDueOf(q, organization, users)
	changed, err := db.exec(ctx, q)
	if err != nil {
		return 0, err
	}
	if err := db.rememberSCIM(ctx, organization, users, op); err != nil || changed == 0 {
		return changed, err
	}
	if err := db.lockReach(ctx, organization, users); err != nil {
		return 0, err
	}
	const outcome = "(SELECT o.role_after FROM outcomes o WHERE o.operation_id = ?" +
		" AND o.user_id = organization_members.user_id AND o.result = 'role_set')"
	const these = " user_id IN (SELECT o.user_id FROM outcomes o WHERE o.operation_id = ? AND o.result = 'role_set')"
	q = db.query("UPDATE organization_members SET role = "+outcome+
		", role_source = 'scim',\n user_type = CASE WHEN user_type = 'viewonly' AND "+outcome+
		" NOT IN ('DI', 'NO', 'VO') THEN 'standard' ELSE user_type END WHERE organization_id = ? AND"+these, op, op,
		organization, op)
	if _, err := db.exec(ctx, q); err != nil {
		return 0, err
	}
	_, err = db.exec(ctx,
		db.query("DELETE FROM sessions WHERE user_id IN (SELECT o.user_id FROM outcomes o WHERE o.operation_id = ?"+
			" AND o.role_after IN ('DI', 'NO'))", op))
	if err != nil {
		return 0, err
	}
	return changed, db.endStranded(ctx, op, func(q *query) {
		q.add(" AND user_id IN (SELECT o.user_id FROM outcomes o WHERE o.operation_id = ? AND o.role_after <> 'DI')", op)
	})
}

// rememberSCIM keeps what the next sync must know: whose role is a group's,
// and what somebody was who is not active any more.
func (db *DB) rememberSCIM(ctx context.Context, organization int64, users []int64, op int64) error {
	const inGroup = ` EXISTS (SELECT 1 FROM group_people g
 JOIN scim_mappings m ON m.organization_id = g.organization_id AND m.group_name = g.name AND m.kind = 'role'
 WHERE g.organization_id = scim_users.organization_id AND g.user_id = scim_users.user_id)`
	q := db.query(`UPDATE scim_users SET grouped = grouped OR`+inGroup+`,
 role_before = CASE WHEN active THEN '' ELSE COALESCE((SELECT o.role_before FROM outcomes o
  WHERE o.operation_id = ? AND o.user_id = scim_users.user_id AND o.result = 'role_set'
 AND o.role_before <> 'DI'), role_before) END
WHERE organization_id = ? AND `, op, organization)
	_, err := db.exec(ctx, q.anyOf("user_id", users))
	return err
}

// appendMapped appends the condition that the groups of the person in expr give them
// a mapping's target.
func appendMapped(q *query, organization int64, kind roster.SCIMTarget, target int64, expr string) *query {
	return q.add(`EXISTS (SELECT 1 FROM group_people g
 JOIN scim_mappings m ON m.organization_id = g.organization_id AND m.group_name = g.name
 WHERE g.user_id = `+expr+` AND g.organization_id = ? AND m.kind = ? AND m.target = ?)`, organization, kind, target)
}

// scimTables is where the memberships of a kind of target are.
var scimTables = map[roster.SCIMTarget]struct{ table, column, explicit string }{
	roster.SCIMWorkspace: {"workspace_members", "workspace_id", ""},
	roster.SCIMProject:   {"project_members", "project_id", " AND t.explicit"},
}

// SCIMDue is which of the given people a mapping makes members of its target,
// and whom an earlier sync made members who are not to be any more.
func (db *DB) SCIMDue(ctx context.Context, organization int64, kind roster.SCIMTarget, target int64,
	users []int64) (join, leave []int64, err error) {
	at := scimTables[kind]
	q := db.query("SELECT om.user_id, NULL FROM organization_members om WHERE om.organization_id = ?"+mayJoin+
		" AND ", organization).
		anyOf("om.user_id", users).add(" AND NOT EXISTS (SELECT 1 FROM "+at.table+" t WHERE t."+at.column+
		" = ? AND t.user_id = om.user_id AND {{active t}}"+at.explicit+") AND ", target)
	if join, err = db.ids(ctx, appendMapped(q, organization, kind, target, "om.user_id").
		add(" ORDER BY om.user_id")); err != nil {
		return nil, nil, err
	}
	q = db.query("SELECT t.user_id, NULL FROM "+at.table+
		" t JOIN operations o ON o.id = t.added_by WHERE o.kind = 'scim_sync' AND t."+at.column+
		" = ? AND {{active t}}"+at.explicit+" AND ", target).anyOf("t.user_id", users).add(" AND NOT ")
	leave, err = db.ids(ctx, appendMapped(q, organization, kind, target, "t.user_id").add(" ORDER BY t.user_id"))
	return join, leave, err
}

// mappedProjectRole is the highest role that the groups of pm's person give
// them in a project, by SCIM's settings where those say any; NULL when none
// does, or only the inherited one.
const mappedProjectRole = `(SELECT m.role FROM group_people g
 JOIN scim_mappings m ON m.organization_id = g.organization_id AND m.group_name = g.name
 WHERE g.user_id = pm.user_id AND g.organization_id = ? AND m.kind = 'project' AND m.target = pm.project_id
 AND m.role <> ''
 ORDER BY CASE WHEN m.source = 'scim' THEN 0 ELSE 1 END, m.rank LIMIT 1)`

// SCIMProjectRoles is which of the given members of p are due another role
// than they have, by the role; "" is whose role an earlier sync gave and none
// gives now.
func (db *DB) SCIMProjectRoles(ctx context.Context, p roster.Project, users []int64) (map[roster.Role][]int64, error) {
	q := db.query(`SELECT due.user_id, due.role_due FROM (SELECT pm.user_id, COALESCE(pm.role, '') AS role,
 COALESCE(pm.role_source, '') AS source,
 COALESCE(`+mappedProjectRole+`, '') AS role_due FROM project_members pm
 JOIN organization_members om ON om.organization_id = ? AND om.user_id = pm.user_id AND om.role IN ('AN', 'RE')
 AND om.deleted_at IS NULL
 WHERE pm.project_id = ? AND {{active pm}} AND `, p.OrganizationID, p.OrganizationID, p.ID).anyOf("pm.user_id", users).
		add(") due WHERE due.role <> due.role_due AND (due.role_due <> '' OR due.source = 'scim') ORDER BY due.user_id")
	out := map[roster.Role][]int64{}
	err := db.each(ctx, q, func(s scanner) error {
		var user int64
		var role roster.Role
		err := s.Scan(&user, &role)
		out[role] = append(out[role], user)
		return err
	})
	return out, err
}

// ClearProjectRoles takes the roles of people out of their active rows in p.
func (db *DB) ClearProjectRoles(ctx context.Context, p roster.Project, users []int64, op int64) error {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result, role_before)"+
		" SELECT ?, pm.user_id, 'role_cleared', pm.role FROM project_members pm WHERE pm.project_id = ?"+
		" AND {{active pm}} AND pm.role IS NOT NULL AND ", op, p.ID)
	if _, err := db.exec(ctx, q.anyOf("pm.user_id", users)); err != nil {
		return err
	}
	q = db.query("UPDATE project_members SET role = NULL, role_source = NULL WHERE project_id = ? AND {{active}} AND ",
		p.ID)
	_, err := db.exec(ctx, q.anyOf("user_id", users))
	return err
}

// WorkspacesTitled is the shared workspaces of an organization by their title,
// the oldest where several have one.
func (db *DB) WorkspacesTitled(ctx context.Context, organization int64) (map[string]int64, error) {
	out := map[string]int64{}
	q := db.query("SELECT id, title FROM workspaces WHERE organization_id = ? AND deleted_at IS NULL"+
		" AND NOT is_personal ORDER BY id DESC", organization)
	return out, db.each(ctx, q, func(s scanner) error {
		var id int64
		var title string
		err := s.Scan(&id, &title)
		out[title] = id
		return err
	})
}
