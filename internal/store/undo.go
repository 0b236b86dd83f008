package store

import (
	"context"
	"fmt"
	"strings"

	"roster"
)

// RestoreMemberships takes back the removals of operation undone: everybody it
// removed who is still in the organization and has no newer membership gets
// back the membership, role and assignments they had. It returns how many; the
// others are recorded with their reason.
func (db *DB) RestoreMemberships(ctx context.Context, p roster.Project, undone roster.Operation, undo int64) (int, error) {
	if err := db.recordUnrestorable(ctx, p, undone.ID, undo); err != nil {
		return 0, err
	}
	// the rows that carried on for people with other access make way
	q := db.query(`UPDATE project_members SET removed_by = ? WHERE project_id = ? AND removed_by IS NULL AND NOT explicit
 AND user_id IN (SELECT old.user_id`, undo, p.ID)
	restorable(q, p, undone.ID, undo)
	if _, err := db.exec(ctx, q.add(")")); err != nil {
		return 0, err
	}
	q = db.query(`INSERT INTO project_members (project_id, user_id, explicit, role, role_source, tenure, added_by)
SELECT old.project_id, old.user_id, TRUE, old.role, old.role_source, COALESCE(old.tenure, old.id), ?`, undo)
	restorable(q, p, undone.ID, undo)
	restored, err := db.exec(ctx, q.add(" ORDER BY old.user_id"))
	if err != nil || restored == 0 {
		return restored, err
	}
	return restored, db.dropTaken(ctx, p, undone.ID, undo)
}

// restorable appends the rows that operation undone ended and that can begin
// again: all but the people recordUnrestorable named.
func restorable(q *query, p roster.Project, undone, undo int64) {
	q.add(` FROM project_members old WHERE old.project_id = ? AND old.removed_by = ? AND old.explicit
 AND NOT EXISTS (SELECT 1 FROM outcomes x WHERE x.operation_id = ? AND x.user_id = old.user_id AND x.result IN ('readded_meanwhile', 'gone_meanwhile'))`,
		p.ID, undone, undo)
}

func (db *DB) recordUnrestorable(ctx context.Context, p roster.Project, undone, undo int64) error {
	q := db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT ?, old.user_id, 'readded_meanwhile' FROM project_members old
JOIN project_members now ON now.project_id = old.project_id AND now.user_id = old.user_id AND now.removed_by IS NULL AND now.explicit
WHERE old.project_id = ? AND old.removed_by = ? AND old.explicit`, undo, p.ID, undone)
	if _, err := db.exec(ctx, q); err != nil {
		return err
	}
	q = db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT ?, old.user_id, 'gone_meanwhile' FROM project_members old
JOIN organization_members om ON om.organization_id = ? AND om.user_id = old.user_id AND om.deleted_at IS NOT NULL
WHERE old.project_id = ? AND old.removed_by = ? AND old.explicit
 AND NOT EXISTS (SELECT 1 FROM outcomes x WHERE x.operation_id = ? AND x.user_id = old.user_id)`, undo, p.OrganizationID, p.ID, undone, undo)
	_, err := db.exec(ctx, q)
	return err
}

// dropTaken keeps a restored person from getting back a task that went to
// somebody else while they were away. It looks at the assignments made since
// the removal, which are few, and not at the restored ones, which may be many.
func (db *DB) dropTaken(ctx context.Context, p roster.Project, undone, undo int64) error {
	taken := func(q *query) {
		q.add(` FROM operations o CROSS JOIN assignments newer CROSS JOIN assignments a CROSS JOIN project_members pm
WHERE o.id = ? AND newer.id > o.assignments_through AND newer.project_id = ? AND a.task_id = newer.task_id AND a.type = newer.type
 AND a.user_id <> newer.user_id AND a.id <= o.assignments_through
 AND pm.project_id = a.project_id AND pm.user_id = a.user_id AND pm.added_by = ? AND pm.tenure = a.tenure`, undone, p.ID, undo)
	}
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT DISTINCT pm.added_by, a.user_id, 'assignment_taken'")
	taken(q)
	if n, err := db.exec(ctx, q); err != nil || n == 0 {
		return err
	}
	q = db.query("DELETE FROM assignments WHERE id IN (SELECT a.id")
	taken(q)
	_, err := db.exec(ctx, q.add(")"))
	return err
}

// EndBegun takes back the assignments of people that operation undone made:
// everybody it added who is still a member by that very row. The others are
// recorded as changed meanwhile.
func (db *DB) EndBegun(ctx context.Context, p roster.Project, undone, undo int64) (int, error) {
	q := db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT ?, pm.user_id, 'changed_meanwhile' FROM project_members pm
WHERE pm.project_id = ? AND pm.added_by = ? AND pm.explicit AND pm.removed_by IS NOT NULL`, undo, p.ID, undone)
	if _, err := db.exec(ctx, q); err != nil {
		return 0, err
	}
	q = db.query("UPDATE project_members SET removed_by = ? WHERE project_id = ? AND added_by = ? AND explicit AND removed_by IS NULL", undo, p.ID, undone)
	n, err := db.exec(ctx, q)
	if err != nil || n == 0 {
		return n, err
	}
	return n, db.keepStanding(ctx, p, undo)
}

// RevertRoles takes back the project roles that operation undone set or
// cleared, where nobody changed them again, and returns how many.
func (db *DB) RevertRoles(ctx context.Context, p roster.Project, undone, undo int64, source roster.RoleSource) (int, error) {
	const standing = `o.operation_id = ? AND o.result IN ('role_set', 'role_cleared') AND %EXISTS (SELECT 1 FROM project_members pm
 WHERE pm.project_id = ? AND pm.user_id = o.user_id AND pm.removed_by IS NULL AND COALESCE(pm.role, '') = o.role_after)`
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, o.user_id, 'changed_meanwhile' FROM outcomes o WHERE ", undo)
	if _, err := db.exec(ctx, q.add(strings.Replace(standing, "%", "NOT ", 1), undone, p.ID)); err != nil {
		return 0, err
	}
	q = db.query(`INSERT INTO outcomes (operation_id, user_id, result, role_before, role_after)
SELECT ?, o.user_id, CASE WHEN o.role_before = '' THEN 'role_cleared' ELSE 'role_set' END, o.role_after, o.role_before FROM outcomes o WHERE `, undo)
	n, err := db.exec(ctx, q.add(strings.Replace(standing, "%", "", 1), undone, p.ID))
	if err != nil || n == 0 {
		return n, err
	}
	const back = "SELECT %s FROM outcomes o WHERE o.operation_id = ? AND o.user_id = project_members.user_id AND o.result IN ('role_set', 'role_cleared')"
	q = db.query("UPDATE project_members SET role = ("+fmt.Sprintf(back, "NULLIF(o.role_after, '')")+")", undo)
	q.add(", role_source = ("+fmt.Sprintf(back, "CASE WHEN o.role_after <> '' THEN ? END")+")", source, undo)
	q.add(" WHERE project_id = ? AND removed_by IS NULL AND user_id IN (SELECT o.user_id FROM outcomes o WHERE o.operation_id = ? AND o.result IN ('role_set', 'role_cleared'))", p.ID, undo)
	_, err = db.exec(ctx, q)
	return n, err
}
