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

// projectEvents are the beginnings and ends of explicit memberships of p.
func projectEvents(p roster.Project) events {
	const active, removed = "'" + roster.StateActive + "'", "'" + roster.StateRemoved + "'"
	return events{op: "e.op", append: func(q *query, _ roster.HistoryFilter) {
		q.add("SELECT m.id AS row_id, m.user_id, o.id AS op, o.at, "+active+` AS state, '' AS previous
FROM project_members m CROSS JOIN operations o WHERE m.project_id = ? AND {{explicit m}} AND o.id = m.added_by`, p.ID)
		appendPast(q.add("\nUNION ALL SELECT m.id, m.user_id, ends.id, ends.at, "+removed+", "+active+" FROM "), p).
			add(" AND m.explicit")
		q.add("\nUNION ALL SELECT ended.id, ended.user_id, o.id, o.at, " + active +
			", '' FROM (SELECT m.id, m.user_id, m.added_by FROM ")
		appendPast(q, p).add(" AND m.explicit) AS ended CROSS JOIN operations o WHERE o.id = ended.added_by")
	}, previous: func(q *query) {
		appendPast(q.add("CASE WHEN e.state = "+active+" AND EXISTS (SELECT 1 FROM "), p)
		q.add(" AND m.user_id = e.user_id AND m.explicit AND m.id < e.row_id) THEN " + removed + " ELSE e.previous END")
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
		q.add(`CASE WHEN e.state = 'active' AND EXISTS (SELECT 1 FROM workspace_members b WHERE b.user_id = e.user_id
 AND b.workspace_id = ?
 AND b.id < e.row_id) THEN 'removed' ELSE e.previous END`, workspace)
	}}
}

// roleEvents are the project roles of p: those given and taken, which are
// outcomes; those that ended with the row that held them and did not go on
// in another; and those that came back with an undo.
func roleEvents(p roster.Project) events {
	return events{op: "e.op", append: func(q *query, _ roster.HistoryFilter) {
		q.add(`SELECT 0 AS row_id, x.user_id, o.id AS op, o.at, CASE x.result WHEN 'role_set' THEN x.role_after
 ELSE 'removed' END AS state, x.role_before AS previous
FROM operations o CROSS JOIN outcomes x WHERE o.project_id = ? AND x.operation_id = o.id
 AND x.result IN ('role_set', 'role_cleared')`, p.ID)
		appendLostRoles(q.add("\nUNION ALL SELECT lost.row_id, lost.user_id, lost.op, lost.at, 'removed', lost.role FROM "),
			p)
		appendLostRoles(q.add("\nUNION ALL SELECT lost.row_id, lost.user_id, o.id, o.at, lost.role, 'removed' FROM "), p)
		q.add(" CROSS JOIN operations o WHERE o.undoes = lost.op AND (EXISTS (SELECT 1 FROM project_members b"+
			" WHERE b.project_id = ? AND b.user_id = lost.user_id AND {{active b}} AND b.added_by = o.id)",
			p.ID)
		appendPast(q.add(" OR EXISTS (SELECT 1 FROM "), p).add(" AND m.user_id = lost.user_id AND m.added_by = o.id))")
	}, previous: func(q *query) { q.add("e.previous") }}
}

// appendLostRoles appends, as lost, the project roles that ended with the row of p that held them,
// by person and operation, but for those whose standing went on: in another row that began
// as theirs ended, of a tenure that began before. What ended and what began is put together
// in groups: no index tells which ended row an operation began, and a join may look through
// all of them for each where the planner's statistics are wrong.
func appendLostRoles(q *query, p roster.Project) {
	q.add("(SELECT x.user_id, x.op, max(x.row_id) AS row_id, max(x.at) AS at, max(x.role) AS role FROM (")
	appendPast(q.add("SELECT m.id AS row_id, m.user_id, m.removed_by AS op, ends.at, m.role, 0 AS went_on FROM "), p)
	q.add(" AND m.role IS NOT NULL")
	q.add("\n UNION ALL SELECT 0, m.user_id, m.added_by, 0, '', 1 FROM project_members m WHERE m.project_id = ?"+
		" AND {{active m}} AND m.tenure IS NOT NULL",
		p.ID)
	appendPast(q.add("\n UNION ALL SELECT 0, m.user_id, m.added_by, 0, '', 1 FROM "), p).add(" AND m.tenure IS NOT NULL")
	q.add(") AS x GROUP BY x.user_id, x.op HAVING max(x.went_on) = 0) AS lost")
}

// ofOrganization is the condition that an outcome x is about a person's
// place in the organization.
const ofOrganization = `x.project_id = 0
 AND (x.result IN ('removed', 'assigned', 'restored') OR (x.result IN ('role_set', 'updated') AND x.role_after <> ''))`

// organizationEvents are how people came into an organization, left it and
// changed their role in it.
func organizationEvents(organization int64) events {
	return events{append: func(q *query, f roster.HistoryFilter) {
		q.add(`SELECT om.id AS row_id, om.user_id, 0 AS op, om.created_at AS at, 'active' AS state, '' AS previous
FROM organization_members om WHERE om.organization_id = ?`, organization)
		appendSeatMatch(q, f)
		q.add(`
UNION ALL SELECT om.id, om.user_id, o.id, o.at,
 CASE WHEN x.result IN ('role_set', 'updated') THEN x.role_after WHEN x.result = 'removed' THEN 'removed'
 ELSE 'active' END,
 CASE WHEN x.result IN ('role_set', 'updated') THEN x.role_before WHEN x.result = 'removed' THEN 'active'
 ELSE 'removed' END
FROM operations o CROSS JOIN outcomes x CROSS JOIN organization_members om
WHERE o.organization_id = ? AND o.project_id IS NULL AND o.workspace_id IS NULL AND x.operation_id = o.id AND `+
			ofOrganization+`
 AND om.organization_id = o.organization_id AND om.user_id = x.user_id`, organization)
		appendSeatMatch(q, f)
	}, previous: func(q *query) {
		q.add("e.previous")
	}, op: `CASE WHEN e.op > 0 THEN e.op ELSE (SELECT max(x.operation_id) FROM outcomes x
 WHERE x.user_id = e.user_id AND x.result = 'created') END`}
}

func appendSeatMatch(q *query, f roster.HistoryFilter) {
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
		return roleEvents(roster.Project{ID: id, OrganizationID: organization})
	case roster.WorkspaceMembers:
		return workspaceEvents(id)
	}
	return organizationEvents(id)
}

// appendMatch appends the events that f matches, as every.
func (e events) appendMatch(q *query, f roster.HistoryFilter) {
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
func (db *DB) CountHistory(ctx context.Context, of roster.History, organization, id int64,
	f roster.HistoryFilter) (int, error) {
	q := db.query("SELECT count(*) FROM ")
	eventsOf(of, organization, id).appendMatch(q, f)
	return db.count(ctx, q)
}

// History is one page of a history, newest first unless the page says
// otherwise.
func (db *DB) History(ctx context.Context, of roster.History, organization, id int64, f roster.HistoryFilter,
	page roster.Page) ([]roster.Transition, error) {
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
	q.add(`, COALESCE(o.id, 0), COALESCE(o.kind, ''), COALESCE(o.actor_id, 0), COALESCE(a.email, ''), e.at,
 COALESCE(om.role_source, ''), COALESCE(om.user_type, '')
FROM (SELECT * FROM `)
	e.appendMatch(q, f)
	q.add(ordered("every")).limited(page).add(`) AS e LEFT JOIN operations o ON o.id = ` + e.op + `
LEFT JOIN users u ON u.id = e.user_id LEFT JOIN users a ON a.id = o.actor_id`)
	q.add("\nLEFT JOIN organization_members om ON om.organization_id = ? AND om.user_id = e.user_id", organization)
	return collect(ctx, db, q.add(ordered("e")), scanTransition)
}

func scanTransition(s scanner) (t roster.Transition, err error) {
	var at sql.NullInt64
	err = s.Scan(&t.UserID, &t.Email, &t.State, &t.Previous, &t.Operation, &t.Kind, &t.ActorID, &t.ActorEmail, &at,
		&t.RoleSource, &t.UserType)
	t.At = moment(at)
	return t, err
}

// MembershipSteps is what every operation did to the number of explicit memberships of each
// of the projects, of one organization, oldest first: one statement, with a row for an
// operation and project however many people it was about.
func (db *DB) MembershipSteps(ctx context.Context, organization int64,
	projects []int64) (map[int64][]roster.MembershipStep, error) {
	return db.steps(ctx, membershipSteps(db, organization, projects))
}

func membershipSteps(db *DB, organization int64, projects []int64) *query {
	return appendSteps(db.query(""), organization, projects).add(" ORDER BY x.project_id, o.at, o.id")
}

func appendSteps(q *query, organization int64, projects []int64) *query {
	q.add("WITH ended AS MATERIALIZED (SELECT m.project_id, m.added_by, m.removed_by, count(*) AS n FROM ")
	appendPasts(q, organization, projects).add(` AND m.explicit GROUP BY m.project_id, m.added_by, m.removed_by)
SELECT x.project_id, o.at, x.begun, x.ended, 0 AS stilled, o.id, COALESCE(o.undoes, 0) AS undoes
 FROM (SELECT project_id, op, CAST(sum(begun) AS BIGINT) AS begun, CAST(sum(ended) AS BIGINT) AS ended FROM (
SELECT m.project_id, m.added_by AS op, count(*) AS begun, 0 AS ended FROM `).idTable(projects)
	return q.add(` AS p CROSS JOIN project_members m WHERE m.project_id = p.id AND {{explicit m}}
 GROUP BY m.project_id, m.added_by
UNION ALL SELECT project_id, removed_by, 0, n FROM ended
UNION ALL SELECT project_id, added_by, n, 0 FROM ended) AS every GROUP BY project_id, op) AS x
 CROSS JOIN operations o WHERE o.id = x.op`)
}

// ChartSteps is MembershipSteps and, behind them, when the deactivated people who are explicit
// members of each of the projects were deactivated, or else became members, with how many.
func (db *DB) ChartSteps(ctx context.Context, organization int64,
	projects []int64) (map[int64][]roster.MembershipStep, error) {
	return db.steps(ctx, chartSteps(db, organization, projects))
}

func chartSteps(db *DB, organization int64, projects []int64) *query {
	q := db.query("")
	appendChartSteps(q, organization, projects)
	return q.add(" ORDER BY 1, 5, 2, 6")
}

func appendChartSteps(q *query, organization int64, projects []int64) {
	appendSteps(q.add("SELECT * FROM ("), organization, projects)
	appendStilled(q.add(") AS done\nUNION ALL SELECT * FROM ("), organization, projects)
	q.add(") AS stilled")
}

func appendStilled(q *query, organization int64, projects []int64) {
	q.add(`WITH stopped AS (SELECT x.user_id, max(o.at) AS at FROM operations o CROSS JOIN outcomes x
 WHERE o.organization_id = ? AND o.project_id IS NULL AND o.workspace_id IS NULL AND x.operation_id = o.id
 AND x.role_after = 'DI' GROUP BY x.user_id)
SELECT m.project_id, CASE WHEN s.at > b.at THEN s.at ELSE b.at END AS since, 0, 0, count(*), 0, 0
 FROM `, organization).idTable(projects)
	q.add(` AS p
 CROSS JOIN project_members m JOIN operations b ON b.id = m.added_by LEFT JOIN stopped s ON s.user_id = m.user_id
WHERE m.project_id = p.id AND {{active m}} AND `+q.dialect.amongInactive("m.user_id")+` AND m.explicit
GROUP BY 1, 2`, organization)
}

func (db *DB) steps(ctx context.Context, q *query) (map[int64][]roster.MembershipStep, error) {
	steps := map[int64][]roster.MembershipStep{}
	err := db.each(ctx, q, func(s scanner) error {
		var step stepScan
		err := s.Scan(step.into()...)
		steps[step.project] = append(steps[step.project], step.read())
		return err
	})
	return steps, err
}

// stepScan is a row of steps while it is read.
type stepScan struct {
	roster.MembershipStep
	project int64
	at      sql.NullInt64
}

func (s *stepScan) into() []any {
	return []any{&s.project, &s.at, &s.Begun, &s.Ended, &s.Stilled, &s.Operation, &s.Undoes}
}

func (s *stepScan) read() roster.MembershipStep {
	s.At = moment(s.at)
	return s.MembershipStep
}
