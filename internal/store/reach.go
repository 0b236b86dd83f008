package store

import (
	"context"
	"database/sql"

	"roster"
)

// reachQuery is every project that a person is in and viewer may see, with the
// paths: Standing, of one person, for all projects. The rows of somebody who
// is deactivated are there too, because they stand and count again when the person comes
// back; a project role only where it counts.
func reachQuery(db *DB, viewer roster.Actor, user int64) *query {
	const role = "COALESCE({{by role om}} AND NOT (COALESCE(w.is_personal, FALSE) AND w.created_by <> om.user_id), FALSE)"
	q := db.query(`SELECT p.id, p.organization_id, p.title, p.is_archived, p.created_by, p.mirrored, p.maker_until,
 p.workspace_id, w.title, CASE WHEN w.is_personal THEN w.created_by END,
 COALESCE(pm.explicit, FALSE), wm.id IS NOT NULL, `+
		role+`, CASE WHEN om.role IN ('AN', 'RE') THEN pm.role END, CASE WHEN om.role IN ('AN', 'RE') THEN pm.role_source END,
 EXISTS (SELECT 1 FROM pauses ps WHERE ps.project_id = p.id AND ps.user_id = ? AND ps.deleted_at IS NULL), `+
		openAssignments+`
FROM projects p
LEFT JOIN workspaces w ON w.id = p.workspace_id
LEFT JOIN organization_members om ON om.organization_id = p.organization_id AND om.user_id = ?
LEFT JOIN project_members pm ON pm.project_id = p.id AND pm.user_id = ? AND {{active pm}}
LEFT JOIN workspace_members wm ON wm.workspace_id = p.workspace_id AND wm.user_id = ? AND {{active wm}}
WHERE p.deleted_at IS NULL AND (pm.explicit OR wm.id IS NOT NULL OR `+role+")", user, user, user, user)
	if viewer.UserID == user {
		appendVisibleProjects(q, viewer)
	} else {
		appendOpenProjects(q, viewer)
	}
	return q.add(" ORDER BY p.title_key, p.id")
}

// Reach is every project that a person is in and viewer may see, by title.
func (db *DB) Reach(ctx context.Context, viewer roster.Actor, user int64) ([]roster.Reach, error) {
	return collect(ctx, db, reachQuery(db, viewer, user), func(s scanner) (roster.Reach, error) {
		r := roster.Reach{UserID: user}
		var workspace, sandbox, maker sql.NullInt64
		var title, role, source sql.NullString
		p := &r.Project
		err := s.Scan(&p.ID, &p.OrganizationID, &p.Title, &p.Archived, &p.CreatedBy.ID, &p.Mirrored, &maker,
			&workspace, &title, &sandbox,
			&r.Explicit, &r.InWorkspace, &r.ByRole, &role, &source, &r.Paused, &r.Open)
		p.WorkspaceID, p.WorkspaceTitle, p.SandboxOf, p.MakerUntil = workspace.Int64, title.String, sandbox.Int64,
			moment(maker)
		r.Role, r.Source = roster.Role(role.String), roster.RoleSource(source.String)
		return r, err
	})
}

// WorkspacesOf is the workspaces that a person is in and viewer may see, by title.
func (db *DB) WorkspacesOf(ctx context.Context, viewer roster.Actor, user int64) ([]roster.Workspace, error) {
	q := db.query(workspaceSelect+" AND w.organization_id = ?", viewer.UserID, viewer.OrganizationID)
	appendVisibleWorkspaces(q, viewer, false)
	q.add(" AND EXISTS (SELECT 1 FROM workspace_members x WHERE x.workspace_id = w.id AND x.user_id = ?"+
		" AND {{active x}})", user)
	return collect(ctx, db, q.add(" ORDER BY w.title, w.id"), scanWorkspace)
}

// OutcomesOf is what operations did to one person, as far as it was written
// down; what the membership rows say is not (see outcomesOf).
func (db *DB) OutcomesOf(ctx context.Context, user int64, ops []int64) (map[int64][]roster.Outcome, error) {
	q := db.query("SELECT x.operation_id, x.project_id, "+projectNamed+", result, keeps_by, role_before, role_after, seat_before, tag_id, "+
		tagNamed+", "+renamed+", u.email FROM outcomes x"+
		" JOIN users u ON u.id = x.user_id LEFT JOIN renames r ON r.operation_id = x.operation_id"+
		" AND r.user_id = x.user_id WHERE x.user_id = ? AND ", user).
		anyOf("x.operation_id", ops)
	out := map[int64][]roster.Outcome{}
	err := db.each(ctx, q.add(" ORDER BY x.operation_id, x.project_id, tag_id, result"), func(s scanner) error {
		var op int64
		var before, after roster.User
		o := roster.Outcome{UserID: user}
		err := s.Scan(&op, &o.ProjectID, &o.Project, &o.Result, &o.KeepsBy, &o.RoleBefore, &o.RoleAfter, &o.SeatBefore,
			&o.TagID, &o.Tag,
			&before.FirstName, &before.LastName, &after.FirstName, &after.LastName, &o.Email)
		o.NameBefore, o.NameAfter = names(o, before, after)
		out[op] = append(out[op], o)
		return err
	})
	return out, err
}

// Titles is what projects and workspaces are called, the deleted ones too.
func (db *DB) Titles(ctx context.Context, organization int64,
	projects, workspaces []int64) (ofProjects, ofWorkspaces map[int64]string, err error) {
	ofProjects, ofWorkspaces = map[int64]string{}, map[int64]string{}
	q := db.query("SELECT TRUE, id, title FROM projects WHERE organization_id = ? AND ", organization).
		anyOf("id", projects).
		add("\nUNION ALL SELECT FALSE, id, title FROM workspaces WHERE organization_id = ? AND ", organization).
		anyOf("id", workspaces)
	err = db.each(ctx, q, func(s scanner) error {
		var isProject bool
		var id int64
		var title string
		err := s.Scan(&isProject, &id, &title)
		if isProject {
			ofProjects[id] = title
		} else {
			ofWorkspaces[id] = title
		}
		return err
	})
	return ofProjects, ofWorkspaces, err
}

// Names is what people are called, whatever became of them.
func (db *DB) Names(ctx context.Context, users []int64) (map[int64]string, error) {
	out := map[int64]string{}
	err := db.each(ctx, db.query("SELECT id, email, first_name, last_name FROM users WHERE ").anyOf("id", users),
		func(s scanner) error {
			var u roster.User
			err := s.Scan(&u.ID, &u.Email, &u.FirstName, &u.LastName)
			out[u.ID] = u.Name()
			return err
		})
	return out, err
}

// OrganizationRoles is the roles that people hold in an organization, or held when they
// were deleted from it; of nobody else.
func (db *DB) OrganizationRoles(ctx context.Context, organization int64, users []int64) (map[int64]roster.Role, error) {
	out := map[int64]roster.Role{}
	q := db.query("SELECT user_id, role FROM organization_members WHERE organization_id = ? AND ", organization).
		anyOf("user_id", users)
	return out, db.each(ctx, q, func(s scanner) error {
		var id int64
		var role roster.Role
		err := s.Scan(&id, &role)
		out[id] = role
		return err
	})
}

// RoleBeforeDeactivation is the organization role that somebody had before they
// were deactivated last; "" where no record says.
func (db *DB) RoleBeforeDeactivation(ctx context.Context, user int64) (role roster.Role, err error) {
	err = db.find(ctx, db.query(`SELECT role_before FROM outcomes WHERE user_id = ? AND result = 'role_set'
 AND role_after = 'DI' AND project_id = 0
ORDER BY operation_id DESC LIMIT 1`, user), &role)
	if roster.KindOf(err) == roster.NotFound {
		return "", nil
	}
	return role, err
}
