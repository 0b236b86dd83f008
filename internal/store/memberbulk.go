package store

import (
	"context"
	"time"

	"roster"
)

// WithRole is who of the people has a role in p already; for "", who was given none there.
func (db *DB) WithRole(ctx context.Context, p roster.Project, users []int64, role roster.Role) (map[int64]bool, error) {
	q := db.query("SELECT x.id FROM ").idTable(users).add(` AS x
JOIN organization_members om ON om.organization_id = ? AND om.user_id = x.id
LEFT JOIN project_members pm ON pm.project_id = ? AND pm.user_id = x.id AND {{active pm}} WHERE `,
		p.OrganizationID, p.ID)
	if role == "" {
		return db.idSet(ctx, q.add("pm.role IS NULL"))
	}
	return db.idSet(ctx, q.add(effectiveRole+" = ?", role))
}

// CreatePauses pauses many people alike in the project of p.
func (db *DB) CreatePauses(ctx context.Context, p roster.Pause, users []int64, now time.Time) error {
	q := db.query(`INSERT INTO pauses (project_id, user_id, reason, verbose_reason, paused_by, created_at, updated_at)
SELECT ?, x.id, ?, ?, ?, ?, ? FROM `, p.ProjectID, p.Reason, p.Message, p.PausedBy.ID, micros(now), micros(now)).
		idTable(users).add(" AS x ORDER BY x.id")
	_, err := db.exec(ctx, q)
	return err
}

// LiftPausesIn ends every pause that stands against the people in a project.
func (db *DB) LiftPausesIn(ctx context.Context, project int64, users []int64, by int64, now time.Time) error {
	q := db.query("UPDATE pauses SET deleted_at = ?, deleted_by = ? WHERE project_id = ? AND deleted_at IS NULL AND ",
		micros(now), by, project)
	_, err := db.exec(ctx, q.anyOf("user_id", users))
	return err
}
