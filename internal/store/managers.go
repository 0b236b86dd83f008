package store

import (
	"context"

	"roster"
)

// ManagersOf is the Managers in each of some projects of an organization, being members of
// it or of its workspace, by name: what they are called, and no more.
func (db *DB) ManagersOf(ctx context.Context, organization int64, projects []int64) (map[int64][]roster.User, error) {
	out := map[int64][]roster.User{}
	return out, db.each(ctx, managersQuery(db, organization, projects), func(s scanner) error {
		var project int64
		var u roster.User
		err := s.Scan(&project, &u.ID, &u.Email, &u.FirstName, &u.LastName)
		out[project] = append(out[project], u)
		return err
	})
}

func managersQuery(db *DB, organization int64, projects []int64) *query {
	return db.query("SELECT p.id, u.id, u.email, u.first_name, u.last_name FROM ").idTable(projects).
		add(` AS x JOIN projects p ON p.id = x.id AND p.organization_id = ?
JOIN organization_members om ON om.organization_id = p.organization_id AND om.role = 'MA' AND om.deleted_at IS NULL
JOIN users u ON u.id = om.user_id
WHERE EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = p.id AND pm.user_id = om.user_id
 AND pm.explicit AND {{active pm}})
 OR EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = p.workspace_id
 AND wm.user_id = om.user_id AND {{active wm}})
ORDER BY u.first_name, u.last_name, u.id`, organization)
}
