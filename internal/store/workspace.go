package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

const workspaceSelect = `SELECT w.id, w.organization_id, w.title, w.description, w.color, w.is_personal, w.is_archived, w.created_by, w.created_at,
 (SELECT count(*) FROM projects p WHERE p.workspace_id = w.id AND p.deleted_at IS NULL),
 EXISTS (SELECT 1 FROM workspace_members m WHERE m.workspace_id = w.id AND m.user_id = ? AND m.removed_by IS NULL)
FROM workspaces w WHERE w.deleted_at IS NULL`

func scanWorkspace(s scanner) (w roster.Workspace, err error) {
	var created sql.NullInt64
	err = s.Scan(&w.ID, &w.OrganizationID, &w.Title, &w.Description, &w.Color, &w.Personal, &w.Archived, &w.CreatedBy, &created, &w.ProjectsCount, &w.Member)
	w.CreatedAt = moment(created)
	return w, err
}

// Workspace reads a workspace as viewer sees it.
func (db *DB) Workspace(ctx context.Context, id, viewer int64) (roster.Workspace, error) {
	q := db.query(workspaceSelect+" AND w.id = ?", viewer, id)
	return scanWorkspace(rowScanner(func(dest ...any) error { return db.row(ctx, q, dest...) }))
}

// LockWorkspace keeps others from changing a workspace's members until the
// transaction ends.
func (db *DB) LockWorkspace(ctx context.Context, id int64) error {
	var locked int64
	return db.row(ctx, db.query("SELECT id FROM workspaces WHERE id = ? AND deleted_at IS NULL"+db.dialect.forUpdate, id), &locked)
}

// CreateWorkspace makes a workspace without members.
func (db *DB) CreateWorkspace(ctx context.Context, w roster.Workspace, now time.Time) (int64, error) {
	return db.insert(ctx, db.query(`INSERT INTO workspaces (organization_id, title, description, color, is_personal, is_archived, created_by, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		w.OrganizationID, w.Title, w.Description, w.Color, w.Personal, w.Archived, w.CreatedBy, micros(now)))
}
