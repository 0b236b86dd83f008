package store

import (
	"context"

	"roster"
)

// RoleTargets says which of the given people can have a role in p: explicit or
// workspace members whose organization role is Annotator or Reviewer.
func (db *DB) RoleTargets(ctx context.Context, p roster.Project, users []int64) (map[int64]bool, error) {
	q := db.query("SELECT x.id FROM ").idTable(users).add(` AS x
JOIN organization_members om ON om.organization_id = ? AND om.user_id = x.id AND om.deleted_at IS NULL
 AND om.role IN ('AN', 'RE')
WHERE EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = x.id AND {{explicit pm}})
 OR EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ? AND wm.user_id = x.id AND {{active wm}})`,
		p.OrganizationID, p.ID, p.WorkspaceID)
	fit := map[int64]bool{}
	err := db.each(ctx, q, func(s scanner) error {
		var id int64
		err := s.Scan(&id)
		fit[id] = true
		return err
	})
	return fit, err
}

// MemberRole is the override one person has in one project.
func (db *DB) MemberRole(ctx context.Context, project, user int64) (roster.ProjectRole, error) {
	q := db.query(roleSelect+" AND pm.project_id = ? AND pm.user_id = ?", project, user)
	return one(ctx, db, q, scanRole)
}
