package store

import (
	"context"
	"time"

	"roster"
)

// CopyTasks gives project to the tasks of project from, in their order.
func (db *DB) CopyTasks(ctx context.Context, from, to int64, now time.Time) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO tasks (project_id, inner_id, data, created_at, updated_at)
SELECT ?, row_number() OVER (ORDER BY t.id), t.data, ?, ? FROM tasks t WHERE t.project_id = ? ORDER BY t.id`,
		to, micros(now), micros(now), from))
	return err
}

// CopyMemberships makes the explicit members of from members of to, which has
// none, and returns how many. Project roles go along, also those of people who
// reach both projects through the workspace.
func (db *DB) CopyMemberships(ctx context.Context, from, to roster.Project, source roster.RoleSource,
	op int64) (int, error) {
	const given = "CASE WHEN om.role IN ('AN', 'RE') THEN pm.role END"
	copies := func(explicit string) *query {
		return db.query(beginInProject+"?, pm.user_id, "+explicit+", "+given+", CASE WHEN "+given+
			" IS NOT NULL THEN ? END, "+newStay+`, ?
FROM project_members pm CROSS JOIN organization_members om
WHERE pm.project_id = ? AND {{active pm}} AND om.organization_id = ? AND om.user_id = pm.user_id`+mayJoin,
			to.ID, source, op, from.ID, from.OrganizationID)
	}
	begun, err := db.exec(ctx, copies("TRUE").add(" AND pm.explicit ORDER BY pm.user_id"))
	if err != nil {
		return 0, err
	}
	_, err = db.exec(ctx, copies("FALSE").add(` AND NOT pm.explicit AND om.role IN ('AN', 'RE') AND pm.role IS NOT NULL
 AND EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ? AND wm.user_id = pm.user_id
 AND {{active wm}})`, to.WorkspaceID))
	if err != nil {
		return 0, err
	}
	_, err = db.exec(ctx, db.query(`INSERT INTO outcomes (operation_id, user_id, result, role_after)
SELECT pm.added_by, pm.user_id, 'role_set', pm.role FROM project_members pm WHERE pm.project_id = ?
 AND {{active pm}} AND pm.added_by = ? AND pm.role IS NOT NULL`, to.ID, op))
	return begun, err
}
