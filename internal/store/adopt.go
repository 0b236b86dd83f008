package store

import (
	"context"

	"roster"
)

// ProjectMakers is who made each project of an organization that there is.
func (db *DB) ProjectMakers(ctx context.Context, organization int64) (map[int64]int64, error) {
	makers := map[int64]int64{}
	q := db.query("SELECT id, created_by FROM projects WHERE organization_id = ? AND deleted_at IS NULL", organization)
	err := db.each(ctx, q, func(s scanner) error {
		var project, maker int64
		err := s.Scan(&project, &maker)
		makers[project] = maker
		return err
	})
	return makers, err
}

// MirroredPeople is everybody who is in an organization, ascending.
func (db *DB) MirroredPeople(ctx context.Context, organization int64) ([]int64, error) {
	return db.plainIDs(ctx,
		db.query("SELECT user_id FROM organization_members WHERE organization_id = ? AND deleted_at IS NULL"+
			" ORDER BY user_id", organization))
}

// ProjectsOf is the projects that an operation on several of them made people
// members of, ascending.
func (db *DB) ProjectsOf(ctx context.Context, op int64) ([]int64, error) {
	return db.plainIDs(ctx,
		db.query("SELECT DISTINCT project_id FROM outcomes WHERE operation_id = ? AND result = 'assigned'"+
			" ORDER BY project_id", op))
}

// RecordEnded writes down whose memberships of p an undo of several projects
// ended, and which project its other words are about.
func (db *DB) RecordEnded(ctx context.Context, p roster.Project, undo int64) error {
	if _, err := db.exec(ctx, db.query("UPDATE outcomes SET project_id = ? WHERE operation_id = ? AND project_id = 0",
		p.ID, undo)); err != nil {
		return err
	}
	_, err := db.exec(ctx, db.query(`INSERT INTO outcomes (operation_id, user_id, project_id, result)
SELECT m.removed_by, m.user_id, m.project_id, 'removed' FROM project_members m WHERE m.project_id = ?
 AND m.removed_by = ? AND m.explicit
 AND NOT EXISTS (SELECT 1 FROM outcomes x WHERE x.operation_id = m.removed_by AND x.user_id = m.user_id
 AND x.project_id = m.project_id)`, p.ID, undo))
	return err
}

// plainIDs is the one column of ids that q selects.
func (db *DB) plainIDs(ctx context.Context, q *query) ([]int64, error) {
	return collect(ctx, db, q, func(s scanner) (id int64, err error) {
		err = s.Scan(&id)
		return id, err
	})
}
