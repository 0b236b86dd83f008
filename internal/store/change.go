package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"roster"
)

// Changes of project membership. Each is a few set-based statements that name
// the operation they belong to; whoever calls them holds the project's lock.

// LockProject reads a project and keeps others from changing its members until
// the transaction ends.
func (db *DB) LockProject(ctx context.Context, id int64) (roster.Project, error) {
	if err := db.turn("projects", id); err != nil {
		return roster.Project{}, err
	}
	var locked int64
	err := db.find(ctx, db.query("SELECT id FROM projects WHERE id = ? AND deleted_at IS NULL"+db.lock("projects"),
		id), &locked)
	if err != nil {
		return roster.Project{}, err
	}
	return db.Project(ctx, id)
}

// lockProjects does the same with all projects, p, that a condition is true of, in
// the one order that everybody locks several in.
func (db *DB) lockProjects(ctx context.Context, condition func(q *query)) error {
	q := db.query("SELECT p.id FROM projects p WHERE ")
	condition(q)
	return db.each(ctx, q.add(" ORDER BY p.id"+db.lock("p")), func(scanner) error { return nil })
}

// EndMemberships ends the memberships that s selects and returns how many, and how many
// dormant ones ended besides. Those are found before anything ends.
func (db *DB) EndMemberships(ctx context.Context, p roster.Project, s roster.Selector,
	op int64) (ended, dormant int, err error) {
	besides, err := db.dormantRows(ctx, p, s)
	if err != nil {
		return 0, 0, err
	}
	end := db.endFound
	if endsDirectly(p, s) {
		end = db.endDirectly
	}
	if ended, err = end(ctx, p, s, op); err != nil {
		return ended, 0, err
	}
	if err := db.endDormant(ctx, inProjects, p.ID, besides, op); err != nil || ended+len(besides) == 0 {
		return ended, 0, err
	}
	return ended, len(besides), db.keepStanding(ctx, p, op)
}

// endDirectly ends the memberships of a selection that reads no other table.
func (db *DB) endDirectly(ctx context.Context, p roster.Project, s roster.Selector, op int64) (int, error) {
	return db.exec(ctx, endDirectlyQuery(db, p, s, op))
}

func endDirectlyQuery(db *DB, p roster.Project, s roster.Selector, op int64) *query {
	q := db.query("UPDATE project_members AS pm SET removed_by = ?", op)
	appendSelectedDirectly(q, p, s)
	return q
}

// endFound finds the memberships first and then ends them where they are:
// PostgreSQL spreads a SELECT over processors, but not an UPDATE. The project is
// locked, so they are still there; should that ever fail, nothing is ended half.
func (db *DB) endFound(ctx context.Context, p roster.Project, s roster.Selector, op int64) (int, error) {
	var found int
	var rows []byte
	if err := db.row(ctx, findRowsQuery(db, p, s), &found, &rows); err != nil || found == 0 {
		return 0, err
	}
	ended, err := db.exec(ctx, endRowsQuery(db, rows, op))
	if err == nil && ended != found {
		err = &roster.Error{
			Kind: roster.Busy, Message: "The project's members changed meanwhile. Nothing was changed; try again."}
	}
	return ended, err
}

// findRowsQuery asks how many rows s selects, and where they are.
func findRowsQuery(db *DB, p roster.Project, s roster.Selector) *query {
	q := db.query("SELECT count(*), " + db.dialect.rowIDs)
	appendSelected(q, p, s)
	return q
}

// endRowsQuery ends the rows that findRowsQuery found.
func endRowsQuery(db *DB, rows []byte, op int64) *query {
	return db.query("UPDATE project_members AS pm SET removed_by = ? WHERE {{active pm}} AND "+db.dialect.isAt, op, rows)
}

// appendKeepers appends the people who have access to p without a membership of
// their own, and the path by which they have it. Whoever is deactivated has none.
func appendKeepers(q *query, p roster.Project) {
	q.add("(SELECT wm.user_id, 'workspace' AS path FROM workspace_members wm WHERE wm.workspace_id = ?"+
		" AND {{active wm}}", p.WorkspaceID)
	q.add(" AND NOT EXISTS (SELECT 1 FROM organization_members x"+q.dialect.through("organization_members_inactive")+
		" WHERE x.organization_id = ? AND x.user_id = wm.user_id AND {{inactive x}})",
		p.OrganizationID)
	q.add(`
 UNION ALL SELECT om.user_id, 'organization_role' FROM organization_members om
 WHERE om.organization_id = ? AND {{by role om}}
 AND NOT EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ? AND wm.user_id = om.user_id
 AND {{active wm}})`,
		p.OrganizationID, p.WorkspaceID)
	if p.SandboxOf != 0 {
		q.add(" AND om.user_id = ?", p.SandboxOf)
	}
	q.add(") k")
}

// removedRow is the row by which an operation removed a person from a project.
const removedRow = " FROM project_members pm WHERE pm.removed_by = ? AND pm.user_id = %s AND pm.project_id = ?" +
	" AND pm.explicit"

// appendStanding appends, as a table, the people whose appendStanding in p goes on when a membership of
// their own ends, with the path by which they have access; "" of the deactivated.
func appendStanding(q *query, p roster.Project) *query {
	appendKeepers(q.add("(SELECT k.user_id, k.path FROM "), p)
	appendDormant(q.add(" UNION ALL SELECT d.user_id, '' FROM "), p)
	return q.add(" AS d)")
}

// ableKeeper is whether a keeper k may work at all: who may not has no access to keep.
const ableKeeper = "(SELECT om.role NOT IN ('DI', 'NO') FROM organization_members om" +
	" WHERE om.organization_id = ? AND om.user_id = k.user_id)"

// keeping writes down by which path the people whom op removed still have access.
func keeping(db *DB, p roster.Project, op int64) *query {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result, keeps_by)\nSELECT ?, k.user_id,"+
		" 'removed', k.path FROM ", op)
	appendKeepers(q, p)
	return q.add(" WHERE "+ableKeeper+" AND (SELECT count(*)"+fmt.Sprintf(removedRow, "k.user_id")+") > 0",
		p.OrganizationID, op, p.ID)
}

// keepStanding follows the people whom op removed and who still have access:
// the record says by which path, and their project role and assignments go on
// in a row that ends with that access (contract 4.6). So do those of people who would
// have it but cannot act, and wait for them.
//
// It asks for each keeper whether op removed them. A join would leave the order
// to PostgreSQL, whose statistics do not know the rows of an operation that is
// still under way: it would take 100,000 of them for one and look for keepers
// once for each.
func (db *DB) keepStanding(ctx context.Context, p roster.Project, op int64) error {
	if _, err := db.exec(ctx, keeping(db, p, op)); err != nil {
		return err
	}
	q := db.query(beginInProject+
		`k.project_id, k.user_id, FALSE, k.role, k.role_source, k.tenure, k.began_by, k.ended
 FROM (SELECT CAST(? AS BIGINT) AS project_id, o.user_id, CAST(? AS BIGINT) AS ended`, p.ID, op)
	for _, column := range []string{"role", "role_source", "COALESCE(tenure, id) AS tenure",
		"COALESCE(began_by, added_by) AS began_by"} {
		expr, name, _ := strings.Cut(column, " AS ")
		q.add(", (SELECT "+expr+fmt.Sprintf(removedRow, "o.user_id")+") AS "+cmp.Or(name, expr), op, p.ID)
	}
	appendStanding(q.add(" FROM "), p)
	q.add(" AS o WHERE (SELECT count(*)"+fmt.Sprintf(removedRow, "o.user_id")+`) > 0) k
WHERE k.role IS NOT NULL OR EXISTS (SELECT 1 FROM assignments a
 WHERE a.project_id = k.project_id AND a.user_id = k.user_id AND a.tenure = k.tenure)`, op, p.ID)
	_, err := db.exec(ctx, q)
	return err
}

// RecordUntouched writes down the people whom an unassign named and left alone, and why.
func (db *DB) RecordUntouched(ctx context.Context, p roster.Project, s roster.Selector, op int64) error {
	if s.All {
		if len(s.Excluded) == 0 {
			return nil
		}
		q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, pm.user_id, 'excluded'"+
			" FROM project_members pm WHERE pm.project_id = ? AND {{explicit pm}} AND ", op, p.ID)
		_, err := db.exec(ctx, q.anyOf("pm.user_id", s.Excluded))
		return err
	}
	if len(s.Included) == 0 {
		return nil
	}
	return db.recordNamed(ctx, p, s, op)
}

// PeopleAmong is those of ids who are an organization's people, deleted ones too,
// ascending, each once; within the viewer's sight unless that is nil.
func (db *DB) PeopleAmong(ctx context.Context, organization int64, ids []int64, viewer *roster.Actor) ([]int64, error) {
	q := db.query("SELECT x.id FROM ").idTable(distinct(ids)).add(` AS x CROSS JOIN organization_members om
WHERE om.organization_id = ? AND om.user_id = x.id`, organization)
	if viewer != nil {
		appendSightMatch(q.add("\n AND "), "om.user_id", *viewer)
	}
	return db.plainIDs(ctx, q.add(" ORDER BY x.id"))
}

// recordNamed gives every named person who was not removed a reason.
func (db *DB) recordNamed(ctx context.Context, p roster.Project, s roster.Selector, op int64) error {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, x.id, CASE", op)
	if len(s.Excluded) > 0 {
		q.add(" WHEN ").anyOf("x.id", s.Excluded).add(" THEN 'excluded'")
	}
	q.add(` WHEN om.deleted_at IS NOT NULL THEN 'not_a_member'
 WHEN wm.id IS NOT NULL THEN 'implicit_via_workspace'`)
	if p.SandboxOf == 0 {
		q.add(" WHEN {{sees all om}} THEN 'implicit_via_organization_role'")
	}
	q.add(" ELSE 'not_a_member' END FROM ").idTable(distinct(s.Included)).add(` AS x
JOIN organization_members om ON om.organization_id = ? AND om.user_id = x.id
LEFT JOIN workspace_members wm ON wm.workspace_id = ? AND wm.user_id = x.id AND {{active wm}}
WHERE NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.user_id = x.id AND pm.project_id = ?
 AND pm.removed_by = ? AND pm.explicit)`,
		p.OrganizationID, p.WorkspaceID, p.ID, op)
	_, err := db.exec(ctx, q)
	return err
}

// appendCandidates appends the organization's people whom an assign with selector s
// is about, as om: the matching ones who have no access yet, or the
// named. Deactivated people are among them, to be told apart by mayJoin.
func appendCandidates(q *query, p roster.Project, s roster.Selector) {
	f := roster.MemberFilter{IDs: s.NamedIDs(), Sight: s.Filter.Sight}
	if s.All {
		f = s.Filter
		f.ExcludeProject = p.ID
	}
	f.WithInactive, f.OnlyDeleted = true, false
	organizationSource(p.OrganizationID).appendMatch(q, f)
	if s.All {
		q.add(" AND om.deleted_at IS NULL")
	}
	switch {
	case s.All && len(s.Excluded) > 0:
		q.add(" AND NOT (").anyOf("om.user_id", s.Excluded).add(")")
	case !s.All && len(f.IDs) == 0: // nobody is not the same as no filter
		q.add(" AND 1 = 0")
	}
}

// mayJoin is the condition that a person may be a member of anything.
const mayJoin = " AND {{able om}}"

// Skipped is whom an assign with selector s must pass over, ascending, with the
// reason; people it names who are unknown to the organization are among them, and
// those beyond its reach are as unknown as they.
func (db *DB) Skipped(ctx context.Context, p roster.Project, s roster.Selector) ([]roster.Outcome, error) {
	const reason = `CASE WHEN om.user_id IS NULL THEN 'unknown' WHEN om.deleted_at IS NOT NULL THEN 'deleted'
 WHEN om.role = 'DI' THEN 'deactivated' ELSE 'not_activated' END`
	var q *query
	if s.All {
		q = db.query("SELECT om.user_id, " + reason)
		appendCandidates(q, p, s)
		q.add(" AND om.role IN ('DI', 'NO') ORDER BY 1")
	} else {
		q = db.query("SELECT x.id, "+reason+" FROM ").idTable(s.NamedIDs()).add(` AS x
LEFT JOIN organization_members om ON om.organization_id = ? AND om.user_id = x.id`, p.OrganizationID)
		if viewer := s.Filter.Sight; viewer != nil {
			appendSightMatch(q.add(" AND "), "om.user_id", *viewer)
		}
		q.add("\nWHERE om.user_id IS NULL OR om.deleted_at IS NOT NULL OR om.role IN ('DI', 'NO') ORDER BY 1")
	}
	return collect(ctx, db, q, func(s scanner) (o roster.Outcome, err error) {
		err = s.Scan(&o.UserID, &o.Result)
		return o, err
	})
}

// BeginMemberships makes the people that s selects members, where they may be
// and are not yet, and returns how many. A role or an assignment they held
// through the workspace goes on with them.
func (db *DB) BeginMemberships(ctx context.Context, p roster.Project, s roster.Selector, op int64) (int, error) {
	if !s.All {
		if err := db.recordPresent(ctx, p, s, op); err != nil {
			return 0, err
		}
	}
	promoted, err := db.promoteStanding(ctx, p, s, op)
	if err != nil {
		return 0, err
	}
	q := db.query(beginInProject+"?, om.user_id, TRUE, "+noRole+", "+newStay+", ?", p.ID, op)
	appendCandidates(q, p, s)
	// who has a row already is left to the index: PostgreSQL, not knowing a new
	// table's size, may look for each of them in all of it
	q.add(mayJoin + " ORDER BY om.user_id ON CONFLICT (project_id, user_id) WHERE {{active}} DO NOTHING")
	begun, err := db.exec(ctx, q)
	return promoted + begun, err
}

// recordPresent writes down the named people who were members already.
func (db *DB) recordPresent(ctx context.Context, p roster.Project, s roster.Selector, op int64) error {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, pm.user_id, 'already_a_member'", op)
	appendSelected(q, p, s)
	_, err := db.exec(ctx, q)
	return err
}

// promoteStanding turns the rows of named people who had access another way
// into memberships of their own.
func (db *DB) promoteStanding(ctx context.Context, p roster.Project, s roster.Selector, op int64) (int, error) {
	if s.All {
		return 0, nil // its candidates have no access at all, so no rows either
	}
	q := db.query("UPDATE project_members SET removed_by = ? WHERE project_id = ? AND {{implicit}} AND user_id IN"+
		" (SELECT om.user_id", op, p.ID)
	appendCandidates(q, p, s)
	if n, err := db.exec(ctx, q.add(mayJoin+")")); err != nil || n == 0 {
		return 0, err
	}
	return db.exec(ctx, db.query(beginInProject+`project_id, user_id, TRUE, {{goes on}}, removed_by
FROM project_members WHERE project_id = ? AND removed_by = ? AND NOT explicit`, p.ID, op))
}

// EndStranded ends the standing of people who had access to projects only
// through a workspace or an organization role and no longer have: one
// statement, wherever such access was taken away. Where says which rows can
// be concerned.
func (db *DB) endStranded(ctx context.Context, op int64, where func(q *query)) error {
	q := db.query(`UPDATE project_members AS pm SET removed_by = ? WHERE {{implicit pm}}`, op)
	where(q)
	_, err := db.exec(ctx, q.add(" AND NOT "+heldByWorkspace+" AND NOT "+heldByRole))
	return err
}

// heldByWorkspace and heldByRole are the conditions that the person of a row pm
// has access to its project by that path.
const (
	heldByWorkspace = `EXISTS (SELECT 1 FROM projects p JOIN workspace_members wm ON wm.workspace_id = p.workspace_id
  WHERE p.id = pm.project_id AND wm.user_id = pm.user_id AND {{active wm}})`
	heldByRole = `EXISTS (SELECT 1 FROM projects p JOIN organization_members om ON om.organization_id = p.organization_id
  LEFT JOIN workspaces w ON w.id = p.workspace_id
  WHERE p.id = pm.project_id AND om.user_id = pm.user_id AND {{by role om}}
  AND NOT (COALESCE(w.is_personal, FALSE) AND w.created_by <> om.user_id))`
)

// SetProjectRoles gives the listed members one role in p and returns whom it
// changed. A member through the workspace or the organization role gets a row
// to hold it.
func (db *DB) SetProjectRoles(ctx context.Context, p roster.Project, users []int64, role roster.Role,
	source roster.RoleSource, op int64) error {
	record := db.query(`INSERT INTO outcomes (operation_id, user_id, result, role_before, role_after)
SELECT ?, x.id, 'role_set', COALESCE(pm.role, ''), ? FROM `, op, role).idTable(users).add(` AS x
LEFT JOIN project_members pm ON pm.project_id = ? AND pm.user_id = x.id AND {{active pm}}
WHERE pm.role IS NULL OR pm.role <> ?`, p.ID, role)
	if _, err := db.exec(ctx, record); err != nil {
		return err
	}
	q := db.query("UPDATE project_members SET role = ?, role_source = ? WHERE project_id = ? AND {{active}} AND ",
		role, source, p.ID)
	if _, err := db.exec(ctx, q.anyOf("user_id", users)); err != nil {
		return err
	}
	q = db.query(beginInProject+"?, x.id, FALSE, ?, ?, "+newStay+", ? FROM ", p.ID, role, source, op).
		idTable(users).add(` AS x
WHERE NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = x.id AND {{active pm}})`,
		p.ID)
	_, err := db.exec(ctx, q)
	return err
}

// SetRoleOfAdded gives one role in p to whom op made members, but for those
// whose organization role allows none.
func (db *DB) SetRoleOfAdded(ctx context.Context, p roster.Project, role roster.Role, source roster.RoleSource,
	op int64) error {
	added := func(q *query) *query {
		return q.add(` WHERE project_id = ? AND added_by = ? AND {{active}} AND explicit AND COALESCE(role, '') <> ?
 AND user_id IN (SELECT om.user_id FROM organization_members om WHERE om.organization_id = ?
 AND om.role IN ('AN', 'RE') AND om.deleted_at IS NULL)`,
			p.ID, op, role, p.OrganizationID)
	}
	record := db.query("INSERT INTO outcomes (operation_id, user_id, result, role_before, role_after)"+
		" SELECT ?, user_id, 'role_set', COALESCE(role, ''), ? FROM project_members", op, role)
	if _, err := db.exec(ctx, added(record)); err != nil {
		return err
	}
	_, err := db.exec(ctx, added(db.query("UPDATE project_members SET role = ?, role_source = ?", role, source)))
	return err
}

// ClearProjectRole takes the role out of an active row.
func (db *DB) ClearProjectRole(ctx context.Context, r roster.ProjectRole, op int64) error {
	q := db.query("UPDATE project_members SET role = NULL, role_source = NULL WHERE project_id = ? AND user_id = ?"+
		" AND {{active}}", r.ProjectID, r.UserID)
	if _, err := db.exec(ctx, q); err != nil {
		return err
	}
	return db.RecordOutcome(ctx, op, roster.Outcome{UserID: r.UserID, Result: roster.RoleCleared, RoleBefore: r.Role})
}
