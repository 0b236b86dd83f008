package store

import (
	"context"
	"time"

	"roster"
)

// Leaving an organization ends everything that people had in it, in the operation that
// deletes them. So who comes again begins anew, and only undoing that operation is the
// way back to how it was.

// lockPlaces locks the workspaces and the projects of an organization, in the order that
// everybody locks them in.
func (db *DB) lockPlaces(ctx context.Context, organization int64) error {
	q := db.query("SELECT w.id FROM workspaces w WHERE w.organization_id = ? ORDER BY w.id"+db.lock("w"), organization)
	if err := db.each(ctx, q, func(scanner) error { return nil }); err != nil {
		return err
	}
	return db.lockProjects(ctx, func(q *query) { q.add("p.organization_id = ?", organization) })
}

// endEverything ends the memberships of people in projects and workspaces of the
// organization, and with them their project roles and their open assignments.
func (db *DB) endEverything(ctx context.Context, organization int64, users []int64, op int64) error {
	for _, in := range []struct{ table, of, places string }{
		{"project_members", "project_id", "projects"}, {"workspace_members", "workspace_id", "workspaces"},
	} {
		q := db.query("UPDATE "+in.table+" SET removed_by = ? WHERE {{active}} AND "+in.of+
			" IN (SELECT x.id FROM "+in.places+" x WHERE x.organization_id = ?) AND ", op, organization)
		if _, err := db.exec(ctx, q.anyOf("user_id", users)); err != nil {
			return err
		}
	}
	return nil
}

// RestorePeople brings soft-deleted people of an organization back, with the role
// and the seat they had and all that hangs on their rows.
func (db *DB) RestorePeople(ctx context.Context, organization int64, users []int64) error {
	q := db.query("UPDATE organization_members SET deleted_at = NULL WHERE organization_id = ? AND ", organization)
	if _, err := db.exec(ctx, q.anyOf("user_id", users)); err != nil {
		return err
	}
	q = db.query("UPDATE users SET active_organization = ? WHERE active_organization IS NULL AND ", organization)
	_, err := db.exec(ctx, q.anyOf("id", users))
	return err
}

// RevivePeople gives people what operation undone, on their roles or their being
// there, ended of what they had in workspaces and projects of the organization. Those
// are locked: nobody changes their members meanwhile.
func (db *DB) RevivePeople(ctx context.Context, organization, undone, undo int64) error {
	q := db.query(`SELECT w.id FROM workspaces w WHERE w.id IN (SELECT wm.workspace_id FROM workspace_members wm
 WHERE wm.removed_by = ?)
ORDER BY w.id`+db.lock("w"), undone)
	if err := db.each(ctx, q, func(scanner) error { return nil }); err != nil {
		return err
	}
	err := db.lockProjects(ctx, func(q *query) {
		q.add("p.id IN (SELECT pm.project_id FROM project_members pm WHERE pm.removed_by = ?)", undone)
	})
	if err != nil {
		return err
	}
	q = db.query(beginInWorkspace+`wm.workspace_id, wm.user_id, ? FROM workspace_members wm WHERE wm.removed_by = ?`,
		undo, undone)
	appendLeftAlone(q, "wm.user_id", undo)
	q.add(" ORDER BY wm.workspace_id, wm.user_id ON CONFLICT (workspace_id, user_id) WHERE {{active}} DO NOTHING")
	if _, err := db.exec(ctx, q); err != nil {
		return err
	}
	return db.reviveStanding(ctx, undone, undo, func(q *query) { q.add("p.organization_id = ?", organization) })
}

// appendLeftAlone appends the condition that undo leaves a person not alone.
func appendLeftAlone(q *query, person string, undo int64) {
	q.add(`
 AND NOT EXISTS (SELECT 1 FROM outcomes x WHERE x.operation_id = ? AND x.user_id = `+person+
		` AND x.result IN ('readded_meanwhile', 'changed_meanwhile', 'gone_meanwhile'))`, undo)
}

// heldInWaiting is the condition that the person of a row pm is deactivated: what they
// held by a role or a workspace is told from what they still hold when they can act again.
const heldInWaiting = `EXISTS (SELECT 1 FROM organization_members om
 WHERE om.organization_id = p.organization_id AND om.user_id = pm.user_id AND om.role = 'DI')`

// reviveStanding gives people whom undo brought back the rows in projects that operation
// undone ended: their memberships, and the standing they had by another path where they
// have access so again, and no newer row stands. Where says in which projects, p, that
// can be.
func (db *DB) reviveStanding(ctx context.Context, undone, undo int64, where func(q *query)) error {
	q := db.query(beginInProject+`pm.project_id, pm.user_id, pm.explicit, {{goes on pm}}, ?
FROM project_members pm CROSS JOIN projects p WHERE pm.removed_by = ? AND p.id = pm.project_id AND `, undo, undone)
	where(q)
	appendLeftAlone(q.add(" AND (pm.explicit OR "+heldByWorkspace+" OR "+heldByRole+" OR "+heldInWaiting+")"),
		"pm.user_id", undo)
	q.add("\n AND NOT EXISTS (SELECT 1 FROM project_members now WHERE now.project_id = pm.project_id" +
		" AND now.user_id = pm.user_id AND {{active now}})")
	if n, err := db.exec(ctx, q); err != nil || n == 0 {
		return err
	}
	return db.dropTaken(ctx, undone, undo, func(q *query) {
		where(q.add(" AND newer.project_id IN (SELECT p.id FROM projects p WHERE "))
		q.add(")")
	})
}

// leftBy is the operation that deleted the person of om from the organization last.
const leftBy = `(SELECT max(x.operation_id) FROM outcomes x CROSS JOIN operations gone
 WHERE x.user_id = om.user_id AND x.result = 'removed' AND x.project_id = 0
 AND gone.id = x.operation_id AND gone.organization_id = om.organization_id AND gone.project_id IS NULL
 AND gone.workspace_id IS NULL)`

// leftSources are the people who had access to p, by a row of it or of its workspace, until
// they were deleted from the organization, if that was not before a time.
func leftSources(p roster.Project, access roster.Access, since time.Time) []source {
	left := func(table, role string, where func(q *query)) source {
		return source{first: membersAsOM + " CROSS JOIN " + table, by: "om", role: role, left: true, where: func(q *query) {
			q.add("om.organization_id = ? AND om.deleted_at IS NOT NULL AND ", p.OrganizationID)
			where(q)
			q.add(" AND EXISTS (SELECT 1 FROM operations o WHERE o.id = "+leftBy+" AND o.at >= ?)", micros(since))
		}}
	}
	row := left("project_members pm", effectiveRole, func(q *query) {
		q.add("pm.removed_by = "+leftBy+" AND pm.user_id = om.user_id AND pm.project_id = ?", p.ID)
		switch access {
		case roster.ExplicitAccess:
			q.add(" AND pm.explicit")
		case roster.ImplicitAccess:
			q.add(" AND NOT pm.explicit")
		}
	})
	row.row = true
	if access == roster.ExplicitAccess || p.WorkspaceID == 0 {
		return []source{row}
	}
	return []source{row, left("workspace_members wm", "om.role", func(q *query) {
		q.add("wm.removed_by = "+leftBy+" AND wm.user_id = om.user_id AND wm.workspace_id = ?", p.WorkspaceID)
		q.add(" AND NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.removed_by = wm.removed_by"+
			" AND pm.user_id = om.user_id AND pm.project_id = ?)",
			p.ID)
	})}
}

// LeftAmong is which of the people among ids a list of p shows that is with the deleted,
// ascending: those who had access to it until they were deleted, not before a time.
func (db *DB) LeftAmong(ctx context.Context, p roster.Project, ids []int64, since time.Time) ([]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	f := roster.MemberFilter{IDs: ids, WithInactive: true}
	q := db.query("")
	for i, s := range leftSources(p, roster.AnyAccess, since) {
		if i > 0 {
			q.add("\nUNION ALL\n")
		}
		s.appendMatch(q.add("SELECT "+s.id()+" AS user_id"), f)
	}
	return db.plainIDs(ctx, q.add("\nORDER BY user_id"))
}

// fillLeft fills in what those of the members who were deleted had in p until then.
func (db *DB) fillLeft(ctx context.Context, p roster.Project, members []roster.Member) error {
	at := map[int64]*roster.Member{}
	var ids []int64
	for i, m := range members {
		if m.Membership.Deleted() {
			at[m.User.ID], ids = &members[i], append(ids, m.User.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	q := db.query(`SELECT gone.user_id, COALESCE(pm.explicit, FALSE), COALESCE(pm.role, ''), COALESCE(pm.role_source, ''),
 EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.removed_by = gone.op AND wm.user_id = gone.user_id
 AND wm.workspace_id = ?)
FROM (SELECT om.user_id, `+leftBy+` AS op FROM organization_members om WHERE om.organization_id = ? AND `,
		p.WorkspaceID, p.OrganizationID)
	q.anyOf("om.user_id", ids).add(`) AS gone
LEFT JOIN project_members pm ON pm.removed_by = gone.op AND pm.user_id = gone.user_id AND pm.project_id = ?`, p.ID)
	return db.each(ctx, q, func(s scanner) error {
		var had roster.Member
		if err := s.Scan(&had.User.ID, &had.Explicit, &had.ProjectRole, &had.ProjectRoleSource,
			&had.InWorkspace); err != nil {
			return err
		}
		m := at[had.User.ID]
		m.Explicit, m.InWorkspace = had.Explicit, had.InWorkspace
		if m.Membership.Role.Overridable() {
			m.ProjectRole, m.ProjectRoleSource = had.ProjectRole, had.ProjectRoleSource
		}
		return nil
	})
}

// EndMaking ends the access that somebody has in an organization by having made a project or
// a workspace; op records the projects. What is in a personal workspace of theirs stays: it
// is closed to everybody else.
func (db *DB) EndMaking(ctx context.Context, organization, user, op int64, now time.Time) error {
	const theirs = " WHERE organization_id = ? AND created_by = ? AND maker_until IS NULL"
	const projects = theirs + ` AND NOT mirrored
 AND NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.id = workspace_id AND w.is_personal
 AND w.created_by = projects.created_by)`
	for _, q := range []*query{
		db.query("INSERT INTO outcomes (operation_id, user_id, project_id, result)"+
			" SELECT CAST(? AS BIGINT), created_by, id, 'maker_ended' FROM projects"+projects,
			op, organization, user),
		db.query("UPDATE projects SET maker_until = ?"+projects, micros(now), organization, user),
		db.query("UPDATE workspaces SET maker_until = ?"+theirs+" AND NOT is_personal", micros(now), organization, user),
	} {
		if _, err := db.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
