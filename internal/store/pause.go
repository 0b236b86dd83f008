package store

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"roster"
)

const pauseColumns = "ps.id, ps.project_id, ps.user_id, ps.reason, ps.verbose_reason, ps.created_at, " +
	"ps.updated_at, ps.deleted_at, ps.deleted_by, " + userColumns

const pauseSelect = "SELECT " + pauseColumns + " FROM pauses ps JOIN users u ON u.id = ps.paused_by"

func scanPause(s scanner) (p roster.Pause, err error) {
	var created, updated, deleted, by sql.NullInt64
	var u userScan
	dest := []any{&p.ID, &p.ProjectID, &p.UserID, &p.Reason, &p.Message, &created, &updated, &deleted, &by}
	err = s.Scan(append(dest, u.into(&p.PausedBy)...)...)
	u.finish(&p.PausedBy)
	p.CreatedAt, p.UpdatedAt, p.DeletedAt, p.DeletedBy = moment(created), moment(updated), moment(deleted), by.Int64
	return p, err
}

// pausesOf is the newest standing pause of each of the given people in a
// project (0: in none).
func (db *DB) pausesOf(ctx context.Context, project int64, ids []int64) (map[int64]*roster.Pause, error) {
	out := map[int64]*roster.Pause{}
	if project == 0 {
		return out, nil
	}
	q := db.query("SELECT "+pauseColumns+" FROM ").idTable(ids).add(` AS x CROSS JOIN pauses ps CROSS JOIN users u
WHERE ps.project_id = ? AND ps.user_id = x.id AND ps.deleted_at IS NULL AND u.id = ps.paused_by ORDER BY ps.id`,
		project)
	err := db.each(ctx, q.keep(), func(s scanner) error {
		p, err := scanPause(s)
		out[p.UserID] = &p
		return err
	})
	return out, err
}

// PausedIn is the people whom a pause in a project stands against, members or
// not.
func (db *DB) PausedIn(ctx context.Context, project int64) ([]int64, error) {
	q := db.query("SELECT DISTINCT user_id, NULL FROM pauses WHERE project_id = ? AND deleted_at IS NULL"+
		" ORDER BY user_id", project)
	return db.ids(ctx, q)
}

// PausedAmong is those of the projects in which a pause stands against a person.
func (db *DB) PausedAmong(ctx context.Context, user int64, projects []int64) (map[int64]bool, error) {
	q := db.query("SELECT x.id FROM ").idTable(projects).
		add(" AS x WHERE EXISTS (SELECT 1 FROM pauses ps WHERE ps.project_id = x.id AND ps.user_id = ?"+
			" AND ps.deleted_at IS NULL)", user)
	return db.idSet(ctx, q)
}

// PausedProjects is every project in which a pause stands against a person.
func (db *DB) PausedProjects(ctx context.Context, user int64) (map[int64]bool, error) {
	return db.idSet(ctx, db.query("SELECT project_id FROM pauses WHERE user_id = ? AND deleted_at IS NULL", user))
}

// PausedInWorkspace is the projects of a workspace in which a pause stands
// against a person, by id.
func (db *DB) PausedInWorkspace(ctx context.Context, user, workspace int64) ([]roster.ProjectRef, error) {
	q := db.query(`SELECT p.id, p.title FROM projects p WHERE p.workspace_id = ? AND p.deleted_at IS NULL
 AND EXISTS (SELECT 1 FROM pauses ps WHERE ps.project_id = p.id AND ps.user_id = ? AND ps.deleted_at IS NULL)
ORDER BY p.id`, workspace, user)
	return collect(ctx, db, q, func(s scanner) (p roster.ProjectRef, err error) {
		err = s.Scan(&p.ID, &p.Title)
		return p, err
	})
}

// notPaused appends the condition that no pause stands against a person in the
// project whose id the expression is.
func (q *query) notPaused(project string, user int64) *query {
	return q.add("NOT EXISTS (SELECT 1 FROM pauses ps WHERE ps.project_id = "+project+
		" AND ps.user_id = ? AND ps.deleted_at IS NULL)", user)
}

// Pauses is the pauses of one person in one project, the lifted ones too where
// they are asked for, by id unless order says otherwise.
func (db *DB) Pauses(ctx context.Context, project, user int64, lifted bool, order string) ([]roster.Pause, error) {
	q := db.query(pauseSelect+" WHERE ps.project_id = ? AND ps.user_id = ?", project, user)
	if !lifted {
		q.add(" AND ps.deleted_at IS NULL")
	}
	keys := map[string]string{"id": "ps.id", "reason": "ps.reason", "created_at": "ps.created_at",
		"updated_at": "ps.updated_at"}
	key := keys[trimMinus(order)]
	if key == "" {
		key, order = "ps.id", ""
	}
	return collect(ctx, db, q.add(" ORDER BY "+key+descending(order)+", ps.id"), scanPause)
}

// Pause reads one pause of one person in one project, while it stands.
func (db *DB) Pause(ctx context.Context, project, user, id int64) (roster.Pause, error) {
	q := db.query(pauseSelect+" WHERE ps.id = ? AND ps.project_id = ? AND ps.user_id = ? AND ps.deleted_at IS NULL",
		id, project, user)
	return one(ctx, db, q, scanPause)
}

// CreatePause makes a pause.
func (db *DB) CreatePause(ctx context.Context, p roster.Pause, now time.Time) (int64, error) {
	return db.insert(ctx,
		db.query(`INSERT INTO pauses (project_id, user_id, reason, verbose_reason, paused_by, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, p.ProjectID, p.UserID, p.Reason, p.Message, p.PausedBy.ID,
			micros(now), micros(now)))
}

// UpdatePause writes the reason and the message of a pause that stands.
func (db *DB) UpdatePause(ctx context.Context, p roster.Pause, now time.Time) error {
	_, err := db.exec(ctx,
		db.query("UPDATE pauses SET reason = ?, verbose_reason = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL",
			p.Reason, p.Message, micros(now), p.ID))
	return err
}

// LiftPause ends a pause, and reports whether it stood.
func (db *DB) LiftPause(ctx context.Context, project, user, id, by int64, now time.Time) (bool, error) {
	n, err := db.exec(ctx, db.query(`UPDATE pauses SET deleted_at = ?, deleted_by = ?
WHERE id = ? AND project_id = ? AND user_id = ? AND deleted_at IS NULL`, micros(now), by, id, project, user))
	return n > 0, err
}

// LiftPausesOf ends the pauses that stand against somebody in an organization, as its
// operation op records.
func (db *DB) LiftPausesOf(ctx context.Context, organization, user, op, by int64, now time.Time) error {
	const standing = " AND deleted_at IS NULL AND project_id IN (SELECT p.id FROM projects p WHERE p.organization_id = ?)"
	q := db.query(`INSERT INTO outcomes (operation_id, user_id, project_id, result)
SELECT DISTINCT CAST(? AS BIGINT), user_id, project_id, 'pause_lifted' FROM pauses WHERE user_id = ?`+standing,
		op, user, organization)
	if n, err := db.exec(ctx, q); err != nil || n == 0 {
		return err
	}
	_, err := db.exec(ctx, db.query("UPDATE pauses SET deleted_at = ?, deleted_by = ? WHERE user_id = ?"+standing,
		micros(now), by, user, organization))
	return err
}

// tellRuledOut names in the log the pauses that stopped counting because nobody
// may make such any more.
func (db *DB) tellRuledOut(ctx context.Context) error {
	q := db.query(`SELECT ps.id, p.id, p.title, COALESCE(u.email, ''), COALESCE(b.email, ''), ps.created_at
FROM pauses ps JOIN projects p ON p.id = ps.project_id LEFT JOIN users u ON u.id = ps.user_id
 LEFT JOIN users b ON b.id = ps.paused_by
WHERE ps.deleted_at IS NOT NULL AND ps.deleted_by IS NULL ORDER BY ps.id`)
	return db.each(ctx, q, func(s scanner) error {
		var pause, project int64
		var title, person, by string
		var since sql.NullInt64
		err := s.Scan(&pause, &project, &title, &person, &by, &since)
		slog.WarnContext(ctx,
			"a pause has ended that nobody may make any more: of the Owner, of oneself, or of somebody not below who made it",
			"pause", pause, "project", project, "title", title, "person", person, "paused_by", by, "since", moment(since))
		return err
	})
}
