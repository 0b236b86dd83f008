package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

const projectColumns = `p.id, p.organization_id, p.workspace_id, w.title, CASE WHEN w.is_personal THEN w.created_by END,
 p.title, p.description, p.color, p.created_at, p.is_published, p.is_draft, p.is_archived, p.task_distribution, p.settings,
 (SELECT count(*) FROM tasks t WHERE t.project_id = p.id),
 (SELECT count(*) FROM project_members pm JOIN organization_members om ON om.organization_id = p.organization_id AND om.user_id = pm.user_id
  WHERE pm.project_id = p.id AND pm.removed_by IS NULL AND pm.explicit AND om.role <> 'DI' AND om.deleted_at IS NULL), ` + userColumns

const projectFrom = " FROM projects p JOIN users u ON u.id = p.created_by LEFT JOIN workspaces w ON w.id = p.workspace_id"

func scanProject(s scanner) (p roster.Project, err error) {
	var workspace, sandbox, created sql.NullInt64
	var title sql.NullString
	var u userScan
	dest := []any{&p.ID, &p.OrganizationID, &workspace, &title, &sandbox, &p.Title, &p.Description, &p.Color, &created,
		&p.Published, &p.Draft, &p.Archived, &p.TaskDistribution, &p.Settings, &p.TaskCount, &p.MembersCount}
	if err = s.Scan(append(dest, u.into(&p.CreatedBy)...)...); err != nil {
		return p, err
	}
	u.finish(&p.CreatedBy)
	p.WorkspaceID, p.WorkspaceTitle, p.SandboxOf, p.CreatedAt = workspace.Int64, title.String, sandbox.Int64, moment(created)
	return p, nil
}

// Project reads a project, with its counts; NotFound when absent or deleted.
func (db *DB) Project(ctx context.Context, id int64) (roster.Project, error) {
	q := db.query("SELECT "+projectColumns+projectFrom+" WHERE p.id = ? AND p.deleted_at IS NULL", id)
	return scanProject(rowScanner(func(dest ...any) error { return db.row(ctx, q, dest...) }))
}

// CreateProject makes a project without members.
func (db *DB) CreateProject(ctx context.Context, p roster.Project, now time.Time) (int64, error) {
	return db.insert(ctx, db.query(`INSERT INTO projects
 (organization_id, workspace_id, title, title_key, description, color, created_by, created_at, is_published, is_draft, is_archived, task_distribution, settings)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.OrganizationID, orNull(p.WorkspaceID), p.Title, Fold(p.Title), p.Description, p.Color, p.CreatedBy.ID, micros(now),
		p.Published, p.Draft, p.Archived, p.TaskDistribution, p.Settings))
}

// UpdateProject writes the changeable fields of p.
func (db *DB) UpdateProject(ctx context.Context, p roster.Project) error {
	_, err := db.exec(ctx, db.query(`UPDATE projects SET workspace_id = ?, title = ?, title_key = ?, description = ?, color = ?,
 is_published = ?, is_draft = ?, is_archived = ?, task_distribution = ?, settings = ? WHERE id = ?`,
		orNull(p.WorkspaceID), p.Title, Fold(p.Title), p.Description, p.Color,
		p.Published, p.Draft, p.Archived, p.TaskDistribution, p.Settings, p.ID))
	return err
}

// EndInherited ends what people held in project p through a workspace or an
// organization role they do not have (any more).
func (db *DB) EndInherited(ctx context.Context, p roster.Project, op int64) error {
	return db.endStranded(ctx, op, func(q *query) { q.add(" AND project_id = ?", p.ID) })
}

// DeleteProject takes a project out of every list. Its rows stay, so that the
// record can still say who was in it.
func (db *DB) DeleteProject(ctx context.Context, id int64, now time.Time) error {
	_, err := db.exec(ctx, db.query("UPDATE projects SET deleted_at = ? WHERE id = ?", micros(now), id))
	return err
}

// Projects is one page of the projects that viewer may see.
func (db *DB) Projects(ctx context.Context, viewer roster.Actor, f roster.ProjectFilter, page roster.Page) ([]roster.Project, error) {
	q := db.query("SELECT " + projectColumns + projectFrom + " WHERE p.deleted_at IS NULL")
	visibleProjects(q, viewer)
	projectMatch(q, f)
	keys := map[string]string{"id": "p.id", "title": "p.title_key", "created_at": "p.created_at"}
	order := " ORDER BY p.id DESC"
	if key := keys[trimMinus(page.Order)]; key != "" {
		order = " ORDER BY " + key + descending(page.Order) + ", p.id"
	}
	return collect(ctx, db, q.add(order).limited(page), scanProject)
}

// CountProjects is how many there are in all.
func (db *DB) CountProjects(ctx context.Context, viewer roster.Actor, f roster.ProjectFilter) (int, error) {
	q := db.query("SELECT count(*)" + projectFrom + " WHERE p.deleted_at IS NULL")
	visibleProjects(q, viewer)
	projectMatch(q, f)
	return db.count(ctx, q)
}

// VisibleProjects is the ids of the projects that viewer may see, deleted
// ones among them when withDeleted.
func (db *DB) VisibleProjects(ctx context.Context, viewer roster.Actor) ([]int64, error) {
	q := db.query("SELECT p.id" + projectFrom + " WHERE p.deleted_at IS NULL")
	visibleProjects(q, viewer)
	return collect(ctx, db, q, func(s scanner) (id int64, err error) {
		err = s.Scan(&id)
		return id, err
	})
}

// visibleProjects appends the condition that viewer may see project p with
// workspace w: Standing, for a whole list.
func visibleProjects(q *query, viewer roster.Actor) {
	q.add(" AND p.organization_id = ?", viewer.OrganizationID)
	if !viewer.Role.Works() || !viewer.Role.Valid() {
		q.add(" AND 1 = 0")
		return
	}
	q.add(" AND (")
	if viewer.Role.SeesEveryProject() {
		q.add("NOT COALESCE(w.is_personal, FALSE) OR w.created_by = ? OR ", viewer.UserID)
	}
	if viewer.Role == roster.RoleManager {
		q.add("p.created_by = ? OR ", viewer.UserID)
	}
	q.add(`EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = p.id AND m.user_id = ? AND m.removed_by IS NULL AND m.explicit)
 OR EXISTS (SELECT 1 FROM workspace_members m WHERE m.workspace_id = p.workspace_id AND m.user_id = ? AND m.removed_by IS NULL))`,
		viewer.UserID, viewer.UserID)
}

func projectMatch(q *query, f roster.ProjectFilter) {
	if len(f.IDs) > 0 {
		q.add(" AND ").anyOf("p.id", f.IDs)
	}
	if len(f.Workspaces) > 0 {
		q.add(" AND ").anyOf("p.workspace_id", f.Workspaces)
	}
	for _, term := range Terms(f.Search) {
		q.add(` AND p.title_key LIKE ? ESCAPE '\'`, contains(term))
	}
	if f.Title != "" {
		q.add(` AND p.title_key LIKE ? ESCAPE '\'`, contains(Fold(f.Title)))
	}
	if f.Archived != nil {
		q.add(" AND p.is_archived = ?", *f.Archived)
	}
}

// ProjectRoles is every override in a project.
func (db *DB) ProjectRoles(ctx context.Context, project int64) ([]roster.ProjectRole, error) {
	return db.roles(ctx, db.query(roleSelect+" AND pm.project_id = ? ORDER BY pm.id", project))
}

// RolesOf is one person's overrides in the given projects (nil: in all).
func (db *DB) RolesOf(ctx context.Context, user int64, projects []int64) ([]roster.ProjectRole, error) {
	q := db.query(roleSelect+" AND pm.user_id = ?", user)
	if projects != nil {
		q.add(" AND ").anyOf("pm.project_id", projects)
	}
	return db.roles(ctx, q.add(" ORDER BY pm.id"))
}

// ProjectRole reads an override by its id, which is its membership row's.
func (db *DB) ProjectRole(ctx context.Context, id int64) (roster.ProjectRole, error) {
	q := db.query(roleSelect+" AND pm.id = ?", id)
	return scanRole(rowScanner(func(dest ...any) error { return db.row(ctx, q, dest...) }))
}

const roleSelect = `SELECT pm.id, pm.project_id, pm.user_id, pm.role, COALESCE(pm.role_source, '')
FROM project_members pm WHERE pm.removed_by IS NULL AND pm.role IS NOT NULL`

func (db *DB) roles(ctx context.Context, q *query) ([]roster.ProjectRole, error) {
	return collect(ctx, db, q, scanRole)
}

func scanRole(s scanner) (r roster.ProjectRole, err error) {
	err = s.Scan(&r.ID, &r.ProjectID, &r.UserID, &r.Role, &r.Source)
	return r, err
}
