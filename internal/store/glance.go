package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

// openIn is the condition that an assignment a is open in project p: it is of a stay pm that
// lasts.
const openIn = `a.project_id = p.id AND pm.project_id = a.project_id AND pm.user_id = a.user_id AND {{active pm}}
 AND COALESCE(pm.tenure, pm.id) = a.tenure`

// ProjectGlances is what is shown of each of the projects, of one organization, in a list:
// of those in counted, the members of their own who were last active before a time and the
// open assignments, at most so many, and the steps of their charts (ChartSteps); of all of them,
// when their newest operation was.
func (db *DB) ProjectGlances(ctx context.Context, organization int64, projects, counted []int64, inactive time.Time,
	most int) (map[int64]roster.Glance, error) {
	out := map[int64]roster.Glance{}
	q := glancesAndSteps(db, organization, projects, counted, inactive, most)
	err := db.each(ctx, q, func(s scanner) error {
		var step stepScan
		var isStep bool
		var quiet, open, at sql.NullInt64
		err := s.Scan(append([]any{&isStep, &quiet, &open, &at}, step.into()...)...)
		g := out[step.project]
		if isStep {
			g.Steps = append(g.Steps, step.read())
		} else {
			g.Counted, g.Inactive, g.Open, g.Changed = quiet.Valid, int(quiet.Int64), int(open.Int64), moment(at)
		}
		out[step.project] = g
		return err
	})
	return out, err
}

// glancesAndSteps has a row for each project, and one for each step of its chart.
func glancesAndSteps(db *DB, organization int64, projects, counted []int64, inactive time.Time, most int) *query {
	q := db.query("SELECT FALSE AS is_step, inactive, open, changed, project_id, NULL AS at, 0 AS begun, 0 AS ended," +
		" 0 AS stilled, 0 AS op, 0 AS undoes FROM (")
	appendProjectGlances(q, organization, projects, counted, inactive, most)
	appendChartSteps(q.add(") AS glances\nUNION ALL SELECT TRUE, NULL, NULL, NULL, steps.* FROM ("), organization, counted)
	return q.add(") AS steps ORDER BY 1, 5, 9, 6, 10")
}

// appendProjectGlances looks at every member of the counted projects once: by index who they
// are, and then when they were last active; and takes off the few who are there by another path.
func appendProjectGlances(q *query, organization int64, projects, counted []int64, inactive time.Time, most int) {
	q.add("WITH ")
	for _, rows := range []string{"active", "implicit"} {
		q.add(rows+"_quiet AS MATERIALIZED (SELECT pm.project_id, count(*) AS n FROM ").idTable(counted).
			add(" AS x CROSS JOIN project_members pm CROSS JOIN users u\n WHERE pm.project_id = x.id AND {{"+rows+
				" pm}} AND NOT ("+q.dialect.amongInactive("pm.user_id")+
				")\n AND u.id = pm.user_id AND u.last_activity <= ? GROUP BY pm.project_id),\n",
				organization, micros(inactive))
	}
	q.add("counted AS (SELECT id FROM ").idTable(counted).add(` AS x)
SELECT p.id AS project_id, CASE WHEN c.id IS NOT NULL THEN COALESCE(a.n, 0) - COALESCE(i.n, 0) END AS inactive,
 CASE WHEN c.id IS NOT NULL THEN (SELECT count(*) FROM (SELECT 1 FROM assignments a CROSS JOIN project_members pm
WHERE `+openIn+` LIMIT ?) AS open) END AS open,
 (SELECT o.at FROM operations o WHERE o.project_id = p.id ORDER BY o.id DESC LIMIT 1) AS changed
FROM `, most)
	q.idTable(projects).add(` AS x JOIN projects p ON p.id = x.id LEFT JOIN counted c ON c.id = p.id
LEFT JOIN active_quiet a ON a.project_id = p.id LEFT JOIN implicit_quiet i ON i.project_id = p.id`)
}

// WorkspaceGlances is the same of workspaces: their members, and the open assignments in
// their projects. What was done in their projects is not among their operations.
func (db *DB) WorkspaceGlances(ctx context.Context, workspaces, counted []int64, inactive time.Time,
	most int) (map[int64]roster.Glance, error) {
	return db.glances(ctx, glancingAtWorkspaces(db, workspaces, counted, inactive, most))
}

func glancingAtWorkspaces(db *DB, workspaces, counted []int64, inactive time.Time, most int) *query {
	q := db.query("SELECT w.id, CASE WHEN ").anyOf("w.id", counted)
	q.add(` THEN (SELECT count(*) FROM workspace_members wm CROSS JOIN organization_members om CROSS JOIN users u
WHERE wm.workspace_id = w.id AND {{active wm}} AND om.organization_id = w.organization_id AND om.user_id = wm.user_id
 AND om.role <> 'DI' AND om.deleted_at IS NULL AND u.id = wm.user_id AND u.last_activity <= ?) END,
 CASE WHEN `, micros(inactive)).anyOf("w.id", counted)
	q.add(` THEN (SELECT count(*) FROM (SELECT 1 FROM projects p`+q.dialect.through("projects_workspace")+`
 CROSS JOIN assignments a CROSS JOIN project_members pm WHERE p.workspace_id = w.id AND p.deleted_at IS NULL AND `+openIn+` LIMIT ?) AS open) END,
 (SELECT o.at FROM operations o WHERE o.workspace_id = w.id ORDER BY o.id DESC LIMIT 1)
FROM `, most)
	return q.idTable(workspaces).add(" AS x JOIN workspaces w ON w.id = x.id")
}

func (db *DB) glances(ctx context.Context, q *query) (map[int64]roster.Glance, error) {
	out := map[int64]roster.Glance{}
	err := db.each(ctx, q, func(s scanner) error {
		var id int64
		var inactive, open, at sql.NullInt64
		err := s.Scan(&id, &inactive, &open, &at)
		out[id] = roster.Glance{Counted: inactive.Valid, Inactive: int(inactive.Int64), Open: int(open.Int64),
			Changed: moment(at)}
		return err
	})
	return out, err
}

// WithoutWork is the people of an organization, one page of them by name and how many there
// are in all, who are members of projects in which tasks are handed out, may work there, and
// have no open assignment in any of them.
func (db *DB) WithoutWork(ctx context.Context, organization int64, page roster.Page) (people []roster.User, total int,
	err error) {
	err = db.each(ctx, withoutWork(db, organization, page), func(s scanner) error {
		var u userScan
		var user roster.User
		err := s.Scan(append(u.into(&user), &total)...)
		u.finish(&user)
		people = append(people, user)
		return err
	})
	return people, total, err
}

// withoutWork begins with the projects: those that are archived hand nothing out, and the
// others do where somebody was ever given a task.
func withoutWork(db *DB, organization int64, page roster.Page) *query {
	q := db.query("")
	appendWithoutWork(q, organization, userColumns+", count(*) OVER ()", page)
	return q
}

func appendWithoutWork(q *query, organization int64, columns string, page roster.Page) {
	q.add(`WITH handing AS MATERIALIZED (SELECT p.id FROM projects p WHERE p.organization_id = ?
 AND p.deleted_at IS NULL AND NOT p.is_archived AND EXISTS (SELECT 1 FROM assignments a WHERE a.project_id = p.id)),
idle AS MATERIALIZED (SELECT pm.user_id FROM handing h CROSS JOIN project_members pm
 WHERE pm.project_id = h.id AND {{active pm}}
 AND NOT EXISTS (SELECT 1 FROM pauses ps WHERE ps.project_id = pm.project_id AND ps.user_id = pm.user_id
 AND ps.deleted_at IS NULL)
 GROUP BY pm.user_id HAVING max(CASE WHEN pm.explicit THEN 1 ELSE 0 END) = 1
 AND max(CASE WHEN EXISTS (SELECT 1 FROM assignments a WHERE a.project_id = pm.project_id AND a.user_id = pm.user_id
 AND a.tenure = COALESCE(pm.tenure, pm.id)) THEN 1 ELSE 0 END) = 0)
SELECT `+columns+` FROM idle CROSS JOIN organization_members om CROSS JOIN users u
WHERE om.organization_id = ? AND om.user_id = idle.user_id AND om.role IN ('AN', 'RE') AND om.deleted_at IS NULL
 AND u.id = om.user_id ORDER BY u.name_sort, u.id`, organization, organization)
	q.limited(page)
}
