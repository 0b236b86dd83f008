package store

import (
	"context"
	"database/sql"
	"strings"

	"roster"
)

// The histories are read from the rows with a life and from the outcomes of
// operations, which tell all there is to tell. A history's events are rows of
// row_id, user_id, op, at, state and previous.

// events is one history: what happened, and what only the rows of a page need
// to know.
type events struct {
	append   func(q *query, f roster.HistoryFilter)
	previous func(q *query) // the state before, given the event as e
	op       string         // the operation, given the event as e
}

// projectEvents are the beginnings and ends of explicit memberships of p. They
// are looked for by operation, because the table has no index of past members
// by project, on purpose (0001_core.sql).
func projectEvents(p roster.Project) events {
	half := func(q *query, column, state, previous string) {
		q.add("SELECT m.id AS row_id, m.user_id, o.id AS op, o.at, '"+state+"' AS state, '"+previous+`' AS previous
FROM operations o CROSS JOIN project_members m
WHERE (o.project_id = ? OR (o.organization_id = ? AND o.kind = 'import')) AND m.`+column+" = o.id AND m.project_id = ? AND m.explicit",
			p.ID, p.OrganizationID, p.ID)
	}
	return events{op: "e.op", append: func(q *query, _ roster.HistoryFilter) {
		half(q, "added_by", roster.StateActive, "")
		q.add("\nUNION ALL ")
		half(q, "removed_by", roster.StateRemoved, roster.StateActive)
	}, previous: func(q *query) {
		q.add(`CASE WHEN e.state = 'active' AND EXISTS (SELECT 1 FROM project_members b WHERE b.user_id = e.user_id AND b.project_id = ?
 AND b.explicit AND b.id < e.row_id) THEN 'removed' ELSE e.previous END`, p.ID)
	}}
}

// workspaceEvents are the same for a workspace.
func workspaceEvents(workspace int64) events {
	half := func(q *query, column, state, previous string) {
		q.add("SELECT m.id AS row_id, m.user_id, o.id AS op, o.at, '"+state+"' AS state, '"+previous+`' AS previous
FROM workspace_members m JOIN operations o ON o.id = m.`+column+" WHERE m.workspace_id = ?", workspace)
	}
	return events{op: "e.op", append: func(q *query, _ roster.HistoryFilter) {
		half(q, "added_by", roster.StateActive, "")
		q.add("\nUNION ALL ")
		half(q, "removed_by", roster.StateRemoved, roster.StateActive)
	}, previous: func(q *query) {
		q.add(`CASE WHEN e.state = 'active' AND EXISTS (SELECT 1 FROM workspace_members b WHERE b.user_id = e.user_id AND b.workspace_id = ?
 AND b.id < e.row_id) THEN 'removed' ELSE e.previous END`, workspace)
	}}
}

// roleEvents are the project roles of a project: those given and taken, which
// are outcomes; those that ended with the row that held them and were not
// carried on; and those that came back with an undo.
func roleEvents(project int64) events {
	const carried = `EXISTS (SELECT 1 FROM project_members n WHERE n.added_by = m.removed_by AND n.user_id = m.user_id AND n.project_id = m.project_id)`
	return events{op: "e.op", append: func(q *query, _ roster.HistoryFilter) {
		q.add(`SELECT 0 AS row_id, x.user_id, o.id AS op, o.at, CASE x.result WHEN 'role_set' THEN x.role_after ELSE 'removed' END AS state, x.role_before AS previous
FROM operations o CROSS JOIN outcomes x WHERE o.project_id = ? AND x.operation_id = o.id AND x.result IN ('role_set', 'role_cleared')
UNION ALL SELECT m.id, m.user_id, o.id, o.at, 'removed', m.role
FROM project_members m CROSS JOIN operations o WHERE m.project_id = ? AND m.role IS NOT NULL AND m.removed_by IS NOT NULL
 AND o.id = m.removed_by AND NOT `+carried+`
UNION ALL SELECT m.id, m.user_id, o.id, o.at, m.role, 'removed'
FROM project_members m CROSS JOIN operations o WHERE m.project_id = ? AND m.role IS NOT NULL AND m.removed_by IS NOT NULL
 AND o.undoes = m.removed_by AND NOT `+carried+`
 AND EXISTS (SELECT 1 FROM project_members b WHERE b.added_by = o.id AND b.user_id = m.user_id AND b.project_id = m.project_id)`, project, project, project)
	}, previous: func(q *query) { q.add("e.previous") }}
}

// organizationEvents are how people came into an organization, left it and
// changed their role in it.
func organizationEvents(organization int64) events {
	return events{append: func(q *query, f roster.HistoryFilter) {
		q.add(`SELECT om.id AS row_id, om.user_id, 0 AS op, om.created_at AS at, 'active' AS state, '' AS previous
FROM organization_members om WHERE om.organization_id = ?`, organization)
		seatMatch(q, f)
		q.add(`
UNION ALL SELECT om.id, om.user_id, o.id, o.at,
 CASE WHEN x.result IN ('role_set', 'updated') THEN x.role_after WHEN x.result = 'removed' THEN 'removed' ELSE 'active' END,
 CASE WHEN x.result IN ('role_set', 'updated') THEN x.role_before WHEN x.result = 'removed' THEN 'active' ELSE 'removed' END
FROM operations o CROSS JOIN outcomes x CROSS JOIN organization_members om
WHERE o.organization_id = ? AND o.project_id IS NULL AND o.workspace_id IS NULL AND x.operation_id = o.id AND x.project_id = 0
 AND (x.result IN ('removed', 'assigned', 'restored') OR (x.result IN ('role_set', 'updated') AND x.role_after <> ''))
 AND om.organization_id = o.organization_id AND om.user_id = x.user_id`, organization)
		seatMatch(q, f)
	}, previous: func(q *query) {
		q.add("e.previous")
	}, op: `CASE WHEN e.op > 0 THEN e.op ELSE (SELECT max(x.operation_id) FROM outcomes x WHERE x.user_id = e.user_id AND x.result = 'created') END`}
}

func seatMatch(q *query, f roster.HistoryFilter) {
	if f.RoleSource != "" {
		q.add(" AND om.role_source = ?", f.RoleSource)
	}
	if f.UserType != "" {
		q.add(" AND COALESCE(NULLIF(om.user_type, ''), 'standard') = ?", f.UserType)
	}
}

// eventsOf is the events of one history of what has the given id.
func eventsOf(of roster.History, organization, id int64) events {
	switch of {
	case roster.ProjectMembers:
		return projectEvents(roster.Project{ID: id, OrganizationID: organization})
	case roster.ProjectRoles:
		return roleEvents(id)
	case roster.WorkspaceMembers:
		return workspaceEvents(id)
	}
	return organizationEvents(id)
}

// match appends the events that f matches, as every.
func (e events) match(q *query, f roster.HistoryFilter) {
	q.add("(")
	e.append(q, f)
	q.add(") AS every WHERE 1 = 1")
	if f.UserID != 0 {
		q.add(" AND every.user_id = ?", f.UserID)
	}
	if !f.Since.IsZero() {
		q.add(" AND every.at >= ?", micros(f.Since))
	}
	if !f.Until.IsZero() {
		q.add(" AND every.at <= ?", micros(f.Until))
	}
}

// CountHistory is how many transitions a history has in all.
func (db *DB) CountHistory(ctx context.Context, of roster.History, organization, id int64, f roster.HistoryFilter) (int, error) {
	q := db.query("SELECT count(*) FROM ")
	eventsOf(of, organization, id).match(q, f)
	return db.count(ctx, q)
}

// History is one page of a history, newest first unless the page says
// otherwise.
func (db *DB) History(ctx context.Context, of roster.History, organization, id int64, f roster.HistoryFilter, page roster.Page) ([]roster.Transition, error) {
	ordered := func(of string) string {
		order := strings.ReplaceAll(" ORDER BY %.at DESC, %.op DESC, %.user_id, %.state", "%", of)
		if page.Order == "created_at" {
			return strings.ReplaceAll(order, " DESC", "")
		}
		return order
	}
	e := eventsOf(of, organization, id)
	q := db.query("SELECT e.user_id, COALESCE(u.email, ''), e.state, ")
	e.previous(q)
	q.add(`, COALESCE(o.id, 0), COALESCE(o.kind, ''), COALESCE(o.actor_id, 0), COALESCE(a.email, ''), e.at, COALESCE(om.role_source, ''), COALESCE(om.user_type, '')
FROM (SELECT * FROM `)
	e.match(q, f)
	q.add(ordered("every")).limited(page).add(`) AS e LEFT JOIN operations o ON o.id = ` + e.op + `
LEFT JOIN users u ON u.id = e.user_id LEFT JOIN users a ON a.id = o.actor_id`)
	q.add("\nLEFT JOIN organization_members om ON om.organization_id = ? AND om.user_id = e.user_id", organization)
	return collect(ctx, db, q.add(ordered("e")), scanTransition)
}

func scanTransition(s scanner) (t roster.Transition, err error) {
	var at sql.NullInt64
	err = s.Scan(&t.UserID, &t.Email, &t.State, &t.Previous, &t.Operation, &t.Kind, &t.ActorID, &t.ActorEmail, &at, &t.RoleSource, &t.UserType)
	t.At = moment(at)
	return t, err
}
