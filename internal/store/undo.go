package store

import (
	"context"
	"fmt"
	"strings"

	"roster"
)

// The statements here look people up by operation and person with
// "(SELECT count(*) …) > 0" where a join would say the same: PostgreSQL's
// statistics do not know the rows of an operation that is still under way, and
// it would begin a join with 100,000 of them as if they were one.

// RestoreMemberships takes back the removals of operation undone: everybody it
// removed who is still in the organization and has no newer membership gets
// back the membership, role and assignments they had. It returns how many, without
// those that had ended besides and are dormant; the others are recorded with their reason.
func (db *DB) RestoreMemberships(ctx context.Context, p roster.Project, undone roster.Operation,
	undo int64) (int, error) {
	if err := db.recordGone(ctx, inProjects, p.OrganizationID, p.ID, undone.ID, undo); err != nil {
		return 0, err
	}
	if err := db.recordRemovedAgain(ctx, inProjects, p.ID, undone.ID, undo); err != nil {
		return 0, err
	}
	// the rows that carried on for people with other access make way
	q := db.query(`UPDATE project_members SET removed_by = ? WHERE project_id = ? AND {{implicit}}
 AND (SELECT count(*)`, undo, p.ID)
	appendRestorable(q, p, undone.ID, undo)
	if _, err := db.exec(ctx, q.add(" AND old.user_id = project_members.user_id) > 0")); err != nil {
		return 0, err
	}
	restored, err := db.insertRestored(ctx, p, undone.ID, undo)
	if err != nil {
		return restored, err
	}
	if restored < undone.Changed+undone.Dormant {
		if err := db.recordReadded(ctx, p, undone.ID, undo); err != nil {
			return restored, err
		}
	}
	dormant, err := db.recordDormantBack(ctx, inProjects, p.OrganizationID, p.ID, undone.ID, undo)
	if err != nil {
		return restored, err
	}
	return restored - dormant, db.dropTaken(ctx, undone.ID, undo, func(q *query) {
		q.add(" AND newer.project_id = ?", p.ID)
	})
}

// insertRestored makes members of them again, first as if nobody had been added
// meanwhile: PostgreSQL writes a row that may meet a conflict in two steps. Who
// was added is met as a conflict: nobody has to be looked up for it.
func (db *DB) insertRestored(ctx context.Context, p roster.Project, undone, undo int64) (restored int, err error) {
	q := db.query(beginInProject+"old.project_id, old.user_id, TRUE, {{goes on old}}, ?", undo)
	appendRestorable(q, p, undone, undo)
	q.add(" ORDER BY old.user_id")
	err = db.attempt(ctx, func() (err error) {
		restored, err = db.exec(ctx, q)
		return err
	})
	if err != nil && db.dialect.isUnique(err) {
		restored, err = db.exec(ctx, q.add("\nON CONFLICT (project_id, user_id) WHERE {{active}} DO NOTHING"))
	}
	return restored, err
}

// appendRestorable appends the rows that operation undone ended and that can begin
// again: all but those of the people recordGone and recordRemovedAgain named.
func appendRestorable(q *query, p roster.Project, undone, undo int64) {
	q.add(` FROM project_members old WHERE old.removed_by = ? AND old.project_id = ? AND old.explicit
 AND old.user_id NOT IN (SELECT x.user_id FROM outcomes x WHERE x.operation_id = ?
 AND x.result IN ('gone_meanwhile', 'readded_meanwhile'))`,
		undone, p.ID, undo)
}

// recordGone writes down whom undo leaves alone because they are not in the organization
// any more, or left it since and came again: leaving ended everything. It starts from
// them, who are few.
func (db *DB) recordGone(ctx context.Context, in stays, organization, id, undone, undo int64) error {
	q := db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT ?, gone.user_id, 'gone_meanwhile' FROM (SELECT om.user_id FROM organization_members om
 WHERE om.organization_id = ? AND om.deleted_at IS NOT NULL
 UNION `, undo, organization)
	appendLeftSince(q, organization, undone)
	text := `) AS gone WHERE (SELECT count(*) FROM {table} old WHERE old.removed_by = ?
 AND old.user_id = gone.user_id AND old.{of} = ?` + in.owned("old") + `) > 0
 AND NOT EXISTS (SELECT 1 FROM {table} now WHERE now.{of} = ? AND now.user_id = gone.user_id AND {{active now}}` +
		in.owned("now") + ")"
	_, err := db.exec(ctx, q.add(in.named(text), undone, id, id))
	return err
}

// stays is a table of stays in projects or in workspaces: by which column, and
// which of its rows count.
type stays struct{ table, of, own string }

var (
	inProjects   = stays{"project_members", "project_id", " AND %.explicit"}
	inWorkspaces = stays{"workspace_members", "workspace_id", ""}
)

// owned is the condition that a row of the table counts.
func (in stays) owned(row string) string { return strings.Replace(in.own, "%", row, 1) }

// named puts the table and its column in their places in a statement.
func (in stays) named(text string) string {
	return strings.NewReplacer("{table}", in.table, "{of}", in.of).Replace(text)
}

// recordRemovedAgain writes down whom undo leaves alone because somebody added
// them again and somebody took them off again since: that later removal stands.
// It starts from the later removals, of which there are mostly none.
func (db *DB) recordRemovedAgain(ctx context.Context, in stays, id, undone, undo int64) error {
	text := `INSERT INTO outcomes (operation_id, user_id, result)
SELECT DISTINCT CAST(? AS BIGINT), again.user_id, 'readded_meanwhile' FROM operations o CROSS JOIN {table} again
WHERE o.{of} = ? AND o.id > ? AND o.kind <> 'undo' AND again.removed_by = o.id AND again.{of} = ?` +
		in.owned("again") + `
 AND (SELECT count(*) FROM {table} old WHERE old.removed_by = ? AND old.user_id = again.user_id AND old.{of} = ?` +
		in.owned("old") + `) > 0
 AND NOT EXISTS (SELECT 1 FROM outcomes x WHERE x.operation_id = ? AND x.user_id = again.user_id)`
	_, err := db.exec(ctx, db.query(in.named(text), undo, id, undone, id, undone, id, undo))
	return err
}

// recordReadded writes down whom undo left alone because they are members by a
// newer row.
func (db *DB) recordReadded(ctx context.Context, p roster.Project, undone, undo int64) error {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result)\nSELECT ?, old.user_id, 'readded_meanwhile'", undo)
	appendRestorable(q, p, undone, undo)
	q.add(` AND (SELECT count(*) FROM project_members back
 WHERE back.project_id = ? AND back.user_id = old.user_id AND {{active back}} AND back.added_by = ?) = 0`, p.ID, undo)
	_, err := db.exec(ctx, q)
	return err
}

// dropTaken keeps a restored person from getting back a task that went to
// somebody else while they were away, and still is theirs. Nobody was away whose
// stay went on in an inherited row. It looks at the assignments made since the
// removal, which are few, and not at the restored ones, which may be many.
// Where says in which projects they can be.
func (db *DB) dropTaken(ctx context.Context, undone, undo int64, where func(q *query)) error {
	// read apart, so that the planner sees how few came after it
	through, err := db.count(ctx, db.query("SELECT assignments_through FROM operations WHERE id = ?", undone))
	if err != nil {
		return err
	}
	taken := func(q *query) {
		q.add(" FROM assignments newer CROSS JOIN project_members holder CROSS JOIN assignments a\nWHERE newer.id > ?",
			through)
		where(q)
		q.add(` AND holder.project_id = newer.project_id AND holder.user_id = newer.user_id AND {{active holder}}
 AND COALESCE(holder.tenure, holder.id) = newer.tenure
 AND a.task_id = newer.task_id AND a.type = newer.type AND a.user_id <> newer.user_id AND a.id <= ?
 AND (SELECT count(*) FROM project_members pm
  WHERE pm.project_id = a.project_id AND pm.user_id = a.user_id AND {{active pm}} AND pm.added_by = ?
 AND pm.tenure = a.tenure) > 0
 AND (SELECT count(*) FROM project_members carried
  WHERE carried.removed_by = ? AND carried.user_id = a.user_id AND carried.project_id = a.project_id
 AND NOT carried.explicit
  AND COALESCE(carried.tenure, carried.id) = a.tenure) = 0`, through, undo, undo)
	}
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result)"+
		" SELECT DISTINCT CAST(? AS BIGINT), a.user_id, 'assignment_taken'", undo)
	taken(q)
	if n, err := db.exec(ctx, q); err != nil || n == 0 {
		return err
	}
	q = db.query("DELETE FROM assignments WHERE id IN (SELECT a.id")
	taken(q)
	_, err = db.exec(ctx, q.add(")"))
	return err
}

// EndBegun takes back the assignments of people that operation undone made:
// everybody whose stay it began and who is in that stay now, be it that a later
// removal was undone in between. The others are recorded as changed meanwhile.
func (db *DB) EndBegun(ctx context.Context, p roster.Project, undone, undo int64) (int, error) {
	// begun by it, or by an undo that continued a stay which it began
	const still = ` AND (now.added_by = ? OR now.added_by IN (SELECT o.id FROM operations o WHERE o.project_id = ?
 AND o.kind = 'undo'))`
	begun := func(q *query) *query {
		return appendBegunBy(q, p, undone, "m.user_id, COALESCE(m.tenure, m.id) AS tenure").add(" AS begun")
	}
	q := begun(db.query(
		"INSERT INTO outcomes (operation_id, user_id, result)\nSELECT ?, begun.user_id, 'changed_meanwhile' FROM ", undo))
	q.add(` WHERE NOT EXISTS (SELECT 1 FROM project_members now WHERE now.project_id = ? AND now.user_id = begun.user_id
 AND {{explicit now}} AND COALESCE(now.tenure, now.id) = begun.tenure`+still+")", p.ID, undone, p.ID)
	if _, err := db.exec(ctx, q); err != nil {
		return 0, err
	}
	q = db.query("UPDATE project_members AS now SET removed_by = ? WHERE now.project_id = ? AND {{explicit now}}",
		undo, p.ID)
	n, err := db.exec(ctx,
		begun(q.add(still+" AND COALESCE(now.tenure, now.id) IN (SELECT begun.tenure FROM ", undone, p.ID)).add(")"))
	if err != nil || n == 0 {
		return n, err
	}
	return n, db.keepStanding(ctx, p, undo)
}

// RevertRoles takes back the project roles that operation undone set or
// cleared, where nobody changed them again, and returns how many. Who was taken off since
// and added again has a role of that new stay, whichever it is.
func (db *DB) RevertRoles(ctx context.Context, p roster.Project, undone, undo int64,
	source roster.RoleSource) (int, error) {
	given := func(q *query) *query {
		return q.add(" FROM outcomes o WHERE o.operation_id = ? AND o.result IN ('role_set', 'role_cleared') AND ", undone)
	}
	const member = "EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = o.user_id" +
		" AND {{active pm}} AND "
	stands := func(q *query) *query {
		return appendSameStay(q.add(member+"COALESCE(pm.role, '') = o.role_after AND ", p.ID), p, undone).add(")")
	}
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, o.user_id, CASE WHEN ", undo)
	appendSameStay(q.add(member+"NOT ", p.ID), p, undone).add(") THEN 'readded_meanwhile' ELSE 'changed_meanwhile' END")
	if _, err := db.exec(ctx, stands(given(q).add("NOT "))); err != nil {
		return 0, err
	}
	q = db.query(`INSERT INTO outcomes (operation_id, user_id, result, role_before, role_after)
SELECT ?, o.user_id, CASE WHEN o.role_before = '' THEN 'role_cleared'
 ELSE 'role_set' END, o.role_after, o.role_before`, undo)
	n, err := db.exec(ctx, stands(given(q)))
	if err != nil || n == 0 {
		return n, err
	}
	const back = "SELECT %s FROM outcomes o WHERE o.operation_id = ? AND o.user_id = project_members.user_id" +
		" AND o.result IN ('role_set', 'role_cleared')"
	q = db.query("UPDATE project_members SET role = ("+fmt.Sprintf(back, "NULLIF(o.role_after, '')")+")", undo)
	q.add(", role_source = ("+fmt.Sprintf(back, "CASE WHEN o.role_after <> '' THEN ? END")+")", source, undo)
	q.add(" WHERE project_id = ? AND {{active}} AND user_id IN (SELECT o.user_id FROM outcomes o"+
		" WHERE o.operation_id = ? AND o.result IN ('role_set', 'role_cleared'))", p.ID, undo)
	_, err = db.exec(ctx, q)
	return n, err
}

// appendSameStay appends the condition that the stay in p of which pm is a row was under way at
// operation op: it began by then, and is none that had ended by then and that a later undo
// went on with.
func appendSameStay(q *query, p roster.Project, op int64) *query {
	return q.add(`(COALESCE(pm.began_by, pm.added_by) <= ? AND COALESCE(pm.tenure, pm.id) NOT IN
 (SELECT COALESCE(ended.tenure, ended.id)
 FROM operations u CROSS JOIN project_members ended WHERE u.organization_id = ? AND u.id > ? AND u.undoes <= ?
 AND ended.removed_by = u.undoes AND ended.project_id = ?))`, op, p.OrganizationID, op, op, p.ID)
}

// RestoreWorkspaceMembers takes back the removals from w that operation undone
// made: everybody it removed who is still in the organization and was not added
// again since is a member again, and has back what they held in the projects of
// w by that. It returns how many; the others are recorded with their reason.
func (db *DB) RestoreWorkspaceMembers(ctx context.Context, w roster.Workspace, undone roster.Operation,
	undo int64) (int, error) {
	q := db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT ?, old.user_id, 'readded_meanwhile' FROM workspace_members old CROSS JOIN workspace_members now
WHERE old.workspace_id = ? AND old.removed_by = ? AND now.workspace_id = old.workspace_id
 AND now.user_id = old.user_id AND {{active now}}`,
		undo, w.ID, undone.ID)
	if _, err := db.exec(ctx, q); err != nil {
		return 0, err
	}
	if err := db.recordGone(ctx, inWorkspaces, w.OrganizationID, w.ID, undone.ID, undo); err != nil {
		return 0, err
	}
	if err := db.recordRemovedAgain(ctx, inWorkspaces, w.ID, undone.ID, undo); err != nil {
		return 0, err
	}
	restored, err := db.exec(ctx,
		db.query(beginInWorkspace+`old.workspace_id, old.user_id, ? FROM workspace_members old
 WHERE old.workspace_id = ? AND old.removed_by = ?
 AND NOT EXISTS (SELECT 1 FROM outcomes x WHERE x.operation_id = ? AND x.user_id = old.user_id) ORDER BY old.user_id`,
			undo, w.ID, undone.ID, undo))
	if err != nil || restored == 0 {
		return restored, err
	}
	dormant, err := db.recordDormantBack(ctx, inWorkspaces, w.OrganizationID, w.ID, undone.ID, undo)
	if err != nil {
		return restored, err
	}
	return restored - dormant, db.reviveStanding(ctx, undone.ID, undo, func(q *query) {
		q.add("p.workspace_id = ?", w.ID)
	})
}

// RemovedSince is whom operation op deleted from the organization and a later one
// deleted again.
func (db *DB) RemovedSince(ctx context.Context, op roster.Operation) ([]int64, error) {
	return db.plainIDs(ctx,
		db.query(`SELECT DISTINCT later.user_id FROM outcomes x CROSS JOIN outcomes later CROSS JOIN operations o
WHERE x.operation_id = ? AND x.result = 'removed' AND later.user_id = x.user_id AND later.operation_id > ?
 AND later.result = 'removed' AND later.project_id = 0
 AND o.id = later.operation_id AND o.organization_id = ? AND o.project_id IS NULL AND o.workspace_id IS NULL`,
			op.ID, op.ID, op.OrganizationID))
}

// LeftSince is who was deleted from the organization since operation op, by an operation
// that was not taken back for them, and who came again since. Those of them who are there
// now have nothing of what was theirs at op.
func (db *DB) LeftSince(ctx context.Context, op roster.Operation) ([]int64, error) {
	return db.plainIDs(ctx, appendLeftSince(db.query(""), op.OrganizationID, op.ID))
}

func appendLeftSince(q *query, organization, op int64) *query {
	return q.add(`SELECT gone.user_id FROM operations o CROSS JOIN outcomes gone
WHERE o.organization_id = ? AND o.id > ? AND o.kind = 'organization_leave' AND gone.operation_id = o.id
 AND gone.result = 'removed' AND gone.project_id = 0
 AND NOT EXISTS (SELECT 1 FROM operations u CROSS JOIN outcomes back
  WHERE u.undoes = o.id AND back.operation_id = u.id AND back.user_id = gone.user_id AND back.result = 'restored')
 UNION SELECT came.user_id FROM operations o CROSS JOIN outcomes came
WHERE o.organization_id = ? AND o.id > ? AND o.kind IN ('organization_join', 'scim_sync')
 AND came.operation_id = o.id AND came.result = 'restored' AND came.project_id = 0`, organization, op, organization, op)
}

// Removal is the operation that deleted somebody from an organization last;
// NotFound where no record says.
func (db *DB) Removal(ctx context.Context, organization, user int64) (roster.Operation, error) {
	q := db.query("SELECT "+
		operationColumns+` FROM outcomes x CROSS JOIN operations o WHERE x.user_id = ? AND x.result = 'removed'
 AND x.project_id = 0
 AND o.id = x.operation_id AND o.organization_id = ? AND o.project_id IS NULL AND o.workspace_id IS NULL
 ORDER BY x.operation_id DESC LIMIT 1`, user, organization)
	return one(ctx, db, q, scanOperation)
}

// EndWorkspaceBegun takes back the additions to w that operation undone made:
// everybody it added who is still a member by that very row. The others are
// recorded as changed meanwhile.
func (db *DB) EndWorkspaceBegun(ctx context.Context, w roster.Workspace, undone, undo int64) (int, error) {
	q := db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT ?, wm.user_id, 'changed_meanwhile' FROM workspace_members wm WHERE wm.workspace_id = ?
 AND wm.added_by = ? AND wm.removed_by IS NOT NULL`, undo, w.ID, undone)
	if _, err := db.exec(ctx, q); err != nil {
		return 0, err
	}
	n, err := db.exec(ctx,
		db.query("UPDATE workspace_members SET removed_by = ? WHERE workspace_id = ? AND added_by = ? AND {{active}}",
			undo, w.ID, undone))
	if err != nil || n == 0 {
		return n, err
	}
	return n, db.endStrandedBy(ctx, w, undo)
}
