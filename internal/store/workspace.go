package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

const workspaceSelect = `SELECT w.id, w.organization_id, w.title, w.description, w.color, w.is_personal,
 w.is_archived, w.created_by, w.maker_until, w.created_at,
 (SELECT count(*) FROM projects p WHERE p.workspace_id = w.id AND p.deleted_at IS NULL),
 EXISTS (SELECT 1 FROM workspace_members m WHERE m.workspace_id = w.id AND m.user_id = ? AND {{active m}}), ` +
	userColumns + `
FROM workspaces w JOIN users u ON u.id = w.created_by WHERE w.deleted_at IS NULL`

func scanWorkspace(s scanner) (w roster.Workspace, err error) {
	var created, maker sql.NullInt64
	var u userScan
	dest := []any{&w.ID, &w.OrganizationID, &w.Title, &w.Description, &w.Color, &w.Personal, &w.Archived,
		&w.CreatedBy, &maker, &created, &w.ProjectsCount, &w.Member}
	err = s.Scan(append(dest, u.into(&w.Creator)...)...)
	u.finish(&w.Creator)
	w.CreatedAt, w.MakerUntil = moment(created), moment(maker)
	return w, err
}

// Workspace reads a workspace as viewer sees it.
func (db *DB) Workspace(ctx context.Context, id, viewer int64) (roster.Workspace, error) {
	q := db.query(workspaceSelect+" AND w.id = ?", viewer, id)
	return one(ctx, db, q, scanWorkspace)
}

// WorkspacesByID is Workspace of several, without those there are not.
func (db *DB) WorkspacesByID(ctx context.Context, ids []int64, viewer int64) ([]roster.Workspace, error) {
	return collect(ctx, db, db.query(workspaceSelect+" AND ", viewer).anyOf("w.id", ids), scanWorkspace)
}

// Workspaces is all workspaces that viewer may see.
func (db *DB) Workspaces(ctx context.Context, viewer roster.Actor, f roster.WorkspaceFilter,
	order string) ([]roster.Workspace, error) {
	q := db.query(workspaceSelect+" AND w.organization_id = ?", viewer.UserID, viewer.OrganizationID)
	appendVisibleWorkspaces(q, viewer, f.Sandboxes)
	if f.Personal != nil {
		q.add(" AND w.is_personal = ?", *f.Personal)
	}
	if f.Archived != nil {
		q.add(" AND w.is_archived = ?", *f.Archived)
	}
	keys := map[string]string{"id": "w.id", "title": "w.title", "created_at": "w.created_at"}
	by := " ORDER BY w.id"
	if key := keys[trimMinus(order)]; key != "" {
		by = " ORDER BY " + key + descending(order) + ", w.id"
	}
	return collect(ctx, db, q.add(by), scanWorkspace)
}

// appendVisibleWorkspaces appends the condition that viewer may see workspace w. Whoever cannot
// act sees none.
func appendVisibleWorkspaces(q *query, viewer roster.Actor, sandboxes bool) {
	member := func() {
		q.add("EXISTS (SELECT 1 FROM workspace_members m WHERE m.workspace_id = w.id AND m.user_id = ? AND {{active m}})",
			viewer.UserID)
	}
	switch {
	case !viewer.Role.Works() || !viewer.Role.Valid():
		q.add(" AND 1 = 0")
	case viewer.Role.SeesEveryProject() && sandboxes:
	case viewer.Role.SeesEveryProject():
		q.add(" AND (NOT w.is_personal OR w.created_by = ? OR ", viewer.UserID)
		member()
		q.add(")")
	case viewer.Role == roster.RoleManager:
		q.add(" AND (w.created_by = ? AND w.maker_until IS NULL OR ", viewer.UserID)
		member()
		q.add(")")
	default:
		q.add(" AND ")
		member()
	}
}

// CountInWorkspaces is how many people, neither deactivated nor deleted, are in
// each of the workspaces.
func (db *DB) CountInWorkspaces(ctx context.Context, workspaces []int64) (map[int64]int, error) {
	q := db.query("SELECT w.id, count(*) FROM ").idTable(workspaces).
		add(` AS x CROSS JOIN workspaces w CROSS JOIN workspace_members wm CROSS JOIN organization_members om
WHERE w.id = x.id AND wm.workspace_id = w.id AND {{active wm}}
 AND om.organization_id = w.organization_id AND om.user_id = wm.user_id AND {{present om}} GROUP BY w.id`)
	counts := map[int64]int{}
	err := db.each(ctx, q, func(s scanner) error {
		var id int64
		var n int
		err := s.Scan(&id, &n)
		counts[id] = n
		return err
	})
	return counts, err
}

// HasSandbox reports whether a person has a personal workspace.
func (db *DB) HasSandbox(ctx context.Context, organization, user int64) (bool, error) {
	n, err := db.count(ctx,
		db.query("SELECT count(*) FROM workspaces WHERE organization_id = ? AND created_by = ? AND is_personal"+
			" AND deleted_at IS NULL", organization, user))
	return n > 0, err
}

// LockWorkspace keeps others from changing a workspace's members, or what is
// in it, until the transaction ends. Whoever locks a project too locks it after.
func (db *DB) LockWorkspace(ctx context.Context, id int64) error {
	if err := db.turn("workspaces", id); err != nil {
		return err
	}
	var locked int64
	return db.find(ctx, db.query("SELECT id FROM workspaces WHERE id = ? AND deleted_at IS NULL"+
		db.lock("workspaces"), id), &locked)
}

// LockProjectsOf locks the projects of a workspace: a change of its members
// ends what they held in the projects, where nothing may begin meanwhile.
func (db *DB) LockProjectsOf(ctx context.Context, workspace int64) error {
	return db.lockProjects(ctx, func(q *query) { q.add("p.workspace_id = ?", workspace) })
}

// CreateWorkspace makes a workspace without members.
func (db *DB) CreateWorkspace(ctx context.Context, w roster.Workspace, now time.Time) (int64, error) {
	return db.insert(ctx,
		db.query(`INSERT INTO workspaces (organization_id, title, description, color, is_personal, is_archived,
 created_by, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			w.OrganizationID, w.Title, w.Description, w.Color, w.Personal, w.Archived, w.CreatedBy, micros(now)))
}

// UpdateWorkspace writes the changeable fields of w.
func (db *DB) UpdateWorkspace(ctx context.Context, w roster.Workspace) error {
	_, err := db.exec(ctx,
		db.query("UPDATE workspaces SET title = ?, description = ?, color = ?, is_archived = ? WHERE id = ?",
			w.Title, w.Description, w.Color, w.Archived, w.ID))
	return err
}

// DeleteWorkspace takes a workspace out of every list. Its rows stay, so that
// the record can still say who was in it.
func (db *DB) DeleteWorkspace(ctx context.Context, id int64, now time.Time) error {
	_, err := db.exec(ctx, db.query("UPDATE workspaces SET deleted_at = ? WHERE id = ?", micros(now), id))
	return err
}

// WorkspaceMembers is one page of the people in a workspace, and how many there are in all.
func (db *DB) WorkspaceMembers(ctx context.Context, w roster.Workspace, f roster.MemberFilter,
	page roster.Page) (members []roster.Member, total int, err error) {
	ids, total, err := db.listed(ctx, []source{workspaceMemberSource(w)}, f, page)
	if err != nil {
		return nil, total, err
	}
	members, err = db.MembersByID(ctx, roster.Project{OrganizationID: w.OrganizationID, WorkspaceID: w.ID}, ids)
	return members, total, err
}

// nowhere is the organization of w as a project that nobody is in: an addition
// to a workspace looks for its people like one to a project.
func nowhere(w roster.Workspace) roster.Project {
	return roster.Project{OrganizationID: w.OrganizationID}
}

// SkippedInWorkspace is whom an assign into w must pass over, as Skipped.
func (db *DB) SkippedInWorkspace(ctx context.Context, w roster.Workspace, s roster.Selector) ([]roster.Outcome, error) {
	s.Filter.ExcludeWorkspace = w.ID
	return db.Skipped(ctx, nowhere(w), s)
}

// BeginWorkspaceMembers makes the people that s selects members of w, where
// they may be and are not yet, and returns how many. The index of the active
// rows tells who is one already, at the same price however many there are.
func (db *DB) BeginWorkspaceMembers(ctx context.Context, w roster.Workspace, s roster.Selector, op int64) (int, error) {
	if !s.All {
		q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, wm.user_id, 'already_a_member'", op)
		appendSelectedInWorkspace(q, w, s)
		if _, err := db.exec(ctx, q); err != nil {
			return 0, err
		}
	}
	q := db.query(beginInWorkspace+"?, om.user_id, ?", w.ID, op)
	appendCandidates(q, nowhere(w), s)
	return db.exec(ctx, q.add(mayJoin+
		" ORDER BY om.user_id ON CONFLICT (workspace_id, user_id) WHERE {{active}} DO NOTHING"))
}

// appendSelectedInWorkspace appends the rows of w that a removal with selector s is
// about, as wm.
func appendSelectedInWorkspace(q *query, w roster.Workspace, s roster.Selector) {
	if !s.All {
		q.add(" FROM workspace_members wm WHERE wm.workspace_id = ? AND {{active wm}} AND ", w.ID).
			anyOf("wm.user_id", s.NamedIDs())
		return
	}
	workspaceMemberSource(w).appendMatch(q, s.Filter)
	if len(s.Excluded) > 0 {
		q.add(" AND NOT (").anyOf("wm.user_id", s.Excluded).add(")")
	}
}

// WorkspaceDormant is the people whose dormant memberships a removal with selector s would
// end besides, by id.
func (db *DB) WorkspaceDormant(ctx context.Context, w roster.Workspace, s roster.Selector) ([]int64, error) {
	rows, err := db.workspaceDormant(ctx, w, s)
	return peopleOfRows(rows), err
}

// WorkspaceSelected is the people whom a removal with selector s would take out
// of w, by id.
func (db *DB) WorkspaceSelected(ctx context.Context, w roster.Workspace, s roster.Selector) ([]int64, error) {
	q := db.query("SELECT wm.user_id, NULL")
	appendSelectedInWorkspace(q, w, s)
	return db.ids(ctx, q.add(" ORDER BY 1"))
}

// CountWorkspaceSelected is how many these are.
func (db *DB) CountWorkspaceSelected(ctx context.Context, w roster.Workspace, s roster.Selector) (int, error) {
	q := db.query("SELECT count(*)")
	appendSelectedInWorkspace(q, w, s)
	return db.count(ctx, q)
}

// WorkspaceLosses is what their removal does in each project of w, by title.
func (db *DB) WorkspaceLosses(ctx context.Context, w roster.Workspace,
	s roster.Selector) ([]roster.ProjectLoss, error) {
	const byRole = "({{by role om}})"
	q := db.query(`SELECT p.id, p.title, count(*), sum(CASE WHEN pm.explicit THEN 1 ELSE 0 END),
 sum(CASE WHEN NOT COALESCE(pm.explicit, FALSE) AND ` + byRole + ` THEN 1 ELSE 0 END),
 sum(CASE WHEN COALESCE(pm.explicit, FALSE) OR ` + byRole + ` THEN 0 ELSE ` + openAssignments + ` END)
FROM (SELECT wm.user_id`)
	appendSelectedInWorkspace(q, w, s)
	q.add(`) AS s CROSS JOIN projects p JOIN organization_members om ON om.organization_id = p.organization_id
 AND om.user_id = s.user_id
LEFT JOIN project_members pm ON pm.project_id = p.id AND pm.user_id = s.user_id AND {{active pm}}
WHERE p.workspace_id = ? AND p.deleted_at IS NULL GROUP BY p.id, p.title, p.title_key ORDER BY p.title_key, p.id`, w.ID)
	return collect(ctx, db, q, func(s scanner) (l roster.ProjectLoss, err error) {
		var all int
		err = s.Scan(&l.Project.ID, &l.Project.Title, &all, &l.Direct, &l.ByRole, &l.Open)
		l.Lost = all - l.Direct - l.ByRole
		return l, err
	})
}

// EndWorkspaceMembers ends the workspace memberships that s selects, and with
// them what these people held in its projects without another way in. It
// returns how many memberships ended, and how many dormant ones besides.
func (db *DB) EndWorkspaceMembers(ctx context.Context, w roster.Workspace, s roster.Selector,
	op int64) (ended, dormant int, err error) {
	besides, err := db.workspaceDormant(ctx, w, s)
	if err != nil {
		return 0, 0, err
	}
	q := db.query("UPDATE workspace_members SET removed_by = ? WHERE id IN (SELECT wm.id", op)
	appendSelectedInWorkspace(q, w, s)
	if ended, err = db.exec(ctx, q.add(")")); err != nil {
		return ended, 0, err
	}
	if err := db.endDormant(ctx, inWorkspaces, w.ID, besides, op); err != nil || ended+len(besides) == 0 {
		return ended, 0, err
	}
	return ended, len(besides), db.endStrandedBy(ctx, w, op)
}

// endStrandedBy ends the inherited standing of the people whom op removed from w.
func (db *DB) endStrandedBy(ctx context.Context, w roster.Workspace, op int64) error {
	return db.endStranded(ctx, op, func(q *query) {
		q.add(` AND project_id IN (SELECT p.id FROM projects p WHERE p.workspace_id = ?)
 AND user_id IN (SELECT gone.user_id FROM workspace_members gone WHERE gone.workspace_id = ?
 AND gone.removed_by = ?)`, w.ID, w.ID, op)
	})
}

// RecordWorkspaceUntouched writes down the people whom a removal named and left alone, and
// why.
func (db *DB) RecordWorkspaceUntouched(ctx context.Context, w roster.Workspace, s roster.Selector, op int64) error {
	if !s.All {
		return db.recordWorkspaceNamed(ctx, w, s, op)
	}
	if len(s.Excluded) == 0 {
		return nil
	}
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, wm.user_id, 'excluded'"+
		" FROM workspace_members wm WHERE wm.workspace_id = ? AND {{active wm}} AND ",
		op, w.ID)
	_, err := db.exec(ctx, q.anyOf("wm.user_id", s.Excluded))
	return err
}

func (db *DB) recordWorkspaceNamed(ctx context.Context, w roster.Workspace, s roster.Selector, op int64) error {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, x.id, CASE WHEN ", op).
		anyOf("x.id", s.Excluded).add(" THEN 'excluded' ELSE 'not_a_member' END FROM ").
		idTable(distinct(s.Included)).add(` AS x
JOIN organization_members om ON om.organization_id = ? AND om.user_id = x.id
WHERE NOT EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ? AND wm.user_id = x.id
 AND wm.removed_by = ?)`,
		w.OrganizationID, w.ID, op)
	_, err := db.exec(ctx, q)
	return err
}
