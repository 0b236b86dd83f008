package store

import (
	"cmp"
	"context"
	"slices"

	"roster"
)

// The memberships of somebody who is deactivated are dormant: kept, because suspending is
// not removing, and in no list. A removal that takes everybody ends those that match, too,
// besides the people it lists and counts. One that names people, or the role Deactivated,
// counts them like anybody else.

// isDormant is the condition that a membership om of an organization waits for its person
// to be able to act again.
const isDormant = "om.role = 'DI' AND om.deleted_at IS NULL"

// sweeps reports whether a removal with selector s takes dormant memberships besides.
func sweeps(s roster.Selector) bool {
	f := s.Filter
	return s.All && f.Roles == nil && f.Ability == roster.AnyAbility && !f.OnlyDeleted && f.Access != roster.ImplicitAccess
}

// appendBesides appends the dormant memberships of a source that a removal with selector s ends
// appendBesides. They are looked for from the deactivated people of the organization, who are few.
func appendBesides(q *query, src source, s roster.Selector) {
	f := s.Filter
	f.Access, f.WithInactive = "", true
	src.among(membersAsOM, isDormant).appendMatch(q, f)
	if len(s.Excluded) > 0 {
		q.add(" AND NOT (").anyOf("om.user_id", s.Excluded).add(")")
	}
}

// dormantRows is the dormant memberships of p that a removal with selector s ends
// besides, by person.
func (db *DB) dormantRows(ctx context.Context, p roster.Project, s roster.Selector) ([]memberRow, error) {
	if !sweeps(s) {
		return nil, nil
	}
	return db.memberRows(ctx, dormantOf(db, p, s))
}

func dormantOf(db *DB, p roster.Project, s roster.Selector) *query {
	q := db.query("SELECT pm.user_id, pm.id")
	appendBesides(q, rowSource(p, roster.ExplicitAccess), s)
	return q
}

// workspaceDormant is the same for a workspace.
func (db *DB) workspaceDormant(ctx context.Context, w roster.Workspace, s roster.Selector) ([]memberRow, error) {
	if !sweeps(s) {
		return nil, nil
	}
	q := db.query("SELECT wm.user_id, wm.id")
	appendBesides(q, workspaceMemberSource(w), s)
	return db.memberRows(ctx, q)
}

func (db *DB) memberRows(ctx context.Context, q *query) ([]memberRow, error) {
	return collect(ctx, db, q.add(" ORDER BY 1"), func(s scanner) (r memberRow, err error) {
		return r, s.Scan(&r.user, &r.row)
	})
}

// endDormant ends dormant memberships, of which a removal of everybody found that they go
// besides, and records whose.
func (db *DB) endDormant(ctx context.Context, in stays, of int64, rows []memberRow, op int64) error {
	if len(rows) == 0 {
		return nil
	}
	users := peopleOfRows(rows)
	q := db.query("UPDATE "+in.table+" SET removed_by = ? WHERE "+in.of+" = ? AND {{active}} AND ", op, of)
	if _, err := db.exec(ctx, q.anyOf("user_id", users)); err != nil {
		return err
	}
	if err := db.RecordSame(ctx, op, users, roster.Outcome{Result: roster.RemovedDormant}); err != nil {
		return err
	}
	return db.countDormant(ctx, op, len(users))
}

func (db *DB) countDormant(ctx context.Context, op int64, n int) error {
	_, err := db.exec(ctx, db.query("UPDATE operations SET dormant = ? WHERE id = ?", n, op))
	return err
}

// recordDormantBack records whose membership an undo brought back that had ended besides
// and still waits for them, and returns of how many. Of the others, who can act again, the
// rows say that they are back.
func (db *DB) recordDormantBack(ctx context.Context, in stays, organization, of, undone, undo int64) (int, error) {
	n, err := db.exec(ctx, db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT ?, gone.user_id, 'restored_dormant' FROM outcomes gone CROSS JOIN organization_members om
WHERE gone.operation_id = ? AND gone.result = 'removed_dormant' AND om.organization_id = ?
 AND om.user_id = gone.user_id AND `+isDormant+`
 AND EXISTS (SELECT 1 FROM `+in.table+` back WHERE back.`+in.of+
		` = ? AND back.user_id = gone.user_id AND {{active back}} AND back.added_by = ?)`,
		undo, undone, organization, of, undo))
	if err != nil || n == 0 {
		return n, err
	}
	return n, db.countDormant(ctx, undo, n)
}

// appendDormant appends the deactivated people whose standing in p goes on, dormant, without a
// membership of their own, because they are in the workspace.
func appendDormant(q *query, p roster.Project) {
	q.add("(SELECT wm.user_id FROM "+membersAsOM+
		" CROSS JOIN workspace_members wm WHERE om.organization_id = ? AND "+isDormant+
		" AND wm.workspace_id = ? AND wm.user_id = om.user_id AND {{active wm}})", p.OrganizationID, p.WorkspaceID)
}

// Dormant memberships stand in a plan with the numbers of their rows below zero, so that
// who is deactivated or can act again since is another plan.

// planned is the memberships that a removal with selector s ends, by person, and what the
// expression comes to for those that it counts.
func (db *DB) planned(ctx context.Context, p roster.Project, s roster.Selector, summed string) (rows []memberRow,
	sum int, err error) {
	rows, sum, err = db.selectedRows(ctx, p, s, summed)
	if err != nil {
		return nil, 0, err
	}
	dormant, err := db.dormantRows(ctx, p, s)
	for _, r := range dormant {
		rows = append(rows, memberRow{r.user, -r.row})
	}
	slices.SortFunc(rows, func(a, b memberRow) int { return cmp.Compare(a.user, b.user) })
	return rows, sum, err
}

func (r memberRow) dormant() bool { return r.row < 0 }

// turned is the same membership, dormant where it was not and the other way around.
func (r memberRow) turned() memberRow { return memberRow{r.user, -r.row} }

func peopleOfRows(rows []memberRow) []int64 {
	users := make([]int64, len(rows))
	for i, r := range rows {
		users[i] = r.user
	}
	return users
}

// appendAwaiting appends, as a table, which projects of an organization await people who cannot
// act: by a membership of it, or of its workspace, that counts again when they can, and that
// operation op did not begin. The people are a condition on m.user_id; each of them is looked
// up once in each project, and all else is asked of what is found. A personal workspace is
// its owner's alone, and nobody else is told of it.
func appendAwaiting(q *query, organization int64, people func(*query), op int64) *query {
	people(q.add(`(SELECT m.user_id, m.project_id FROM projects x CROSS JOIN project_members m
  WHERE x.organization_id = ? AND m.project_id = x.id AND {{explicit m}} AND m.added_by <> ? AND `, organization, op))
	people(q.add(`
 UNION SELECT m.user_id, x.id FROM workspace_members m CROSS JOIN projects x
  WHERE {{active m}} AND m.added_by <> ? AND x.workspace_id = m.workspace_id AND x.organization_id = ? AND `,
		op, organization))
	return q.add(`) AS a CROSS JOIN projects p LEFT JOIN workspaces w ON w.id = p.workspace_id
WHERE p.id = a.project_id AND p.deleted_at IS NULL AND NOT COALESCE(w.is_personal, FALSE)`)
}

// Awaiting is the projects that await those of the people who are deactivated, by title,
// with how many each awaits: as far as viewer may see the projects.
func (db *DB) Awaiting(ctx context.Context, viewer roster.Actor, users []int64) ([]roster.Awaiting, error) {
	return collect(ctx, db, awaitingOf(db, viewer, users), func(s scanner) (a roster.Awaiting, err error) {
		return a, s.Scan(&a.Project.ID, &a.Project.Title, &a.People)
	})
}

func awaitingOf(db *DB, viewer roster.Actor, users []int64) *query {
	q := db.query("SELECT p.id, p.title, count(*) FROM ")
	appendAwaiting(q, viewer.OrganizationID, func(q *query) { q.anyOf("m.user_id", users) }, 0)
	q.add(" AND EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = ? AND om.user_id = a.user_id"+
		" AND "+isDormant+")", viewer.OrganizationID)
	appendOpenProjects(q, viewer)
	return q.add(" GROUP BY p.id, p.title, p.title_key ORDER BY p.title_key, p.id")
}

// RecordReturned writes down to which projects those people are back whom operation op
// made able to act again.
func (db *DB) RecordReturned(ctx context.Context, organization, op int64) error {
	_, err := db.exec(ctx, returning(db, organization, op))
	return err
}

func returning(db *DB, organization, op int64) *query {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, project_id, result)\nSELECT ?, a.user_id, p.id,"+
		" 'returned' FROM ", op)
	return appendAwaiting(q, organization, func(q *query) {
		q.add(`m.user_id IN (SELECT o.user_id FROM outcomes o WHERE o.operation_id = ? AND o.project_id = 0
  AND o.role_before = 'DI' AND o.role_after NOT IN ('', 'DI', 'NO'))`, op)
	}, op)
}
