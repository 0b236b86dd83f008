package store

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"roster"
)

const taskSelect = "SELECT t.id, t.project_id, t.inner_id, t.data, t.created_at, t.updated_at FROM tasks t"

func scanTask(s scanner) (t roster.Task, err error) {
	var created, updated sql.NullInt64
	err = s.Scan(&t.ID, &t.ProjectID, &t.Number, &t.Data, &created, &updated)
	t.CreatedAt, t.UpdatedAt = moment(created), moment(updated)
	return t, err
}

// Task reads a task, of a deleted project too.
func (db *DB) Task(ctx context.Context, id int64) (roster.Task, error) {
	q := db.query(taskSelect+" WHERE t.id = ?", id)
	return one(ctx, db, q, scanTask)
}

// taskOrders are the columns that tasks can be ordered by.
var taskOrders = map[string]string{"created_at": "t.created_at", "updated_at": "t.updated_at"}

// Tasks is one page of a project's tasks, by id unless the page says otherwise. Invalid
// when their data is more than a page may hold.
func (db *DB) Tasks(ctx context.Context, project int64, page roster.Page) ([]roster.Task, error) {
	q := db.query(taskSelect+" WHERE t.project_id = ? ORDER BY ", project)
	if column, ok := taskOrders[trimMinus(page.Order)]; ok {
		q.add(column + descending(page.Order) + ", t.id")
	} else if trimMinus(page.Order) == "id" {
		q.add("t.id" + descending(page.Order))
	} else {
		q.add("t.id")
	}
	var tasks []roster.Task
	held := 0
	err := db.each(ctx, q.limited(page), func(s scanner) error {
		t, err := scanTask(s)
		if held += len(t.Data); err == nil && held > roster.MostTaskData {
			err = roster.InvalidField("page_size",
				"The first %d tasks of this page hold more than %d MiB. Ask for a smaller page.", len(tasks)+1,
				roster.MostTaskData>>20)
		}
		tasks = append(tasks, t)
		return err
	})
	return tasks, err
}

// CountTasks is how many tasks a project has.
func (db *DB) CountTasks(ctx context.Context, project int64) (int, error) {
	return db.count(ctx, db.query("SELECT count(*) FROM tasks WHERE project_id = ?", project))
}

// UpdateTask writes what of a task can change. No two changes have the same time,
// whatever the clocks say: by it a change is noticed.
func (db *DB) UpdateTask(ctx context.Context, t roster.Task) error {
	now := micros(t.UpdatedAt)
	_, err := db.exec(ctx,
		db.query(`UPDATE tasks SET data = ?, updated_at = CASE WHEN updated_at < ? THEN ? ELSE updated_at + 1 END
WHERE id = ?`, t.Data, now, now, t.ID))
	return err
}

// DeleteTasks deletes the tasks of a project that s selects, and everybody's
// assignments to them.
func (db *DB) DeleteTasks(ctx context.Context, project int64, s roster.TaskSelector) error {
	assigned := db.query("DELETE FROM assignments WHERE project_id = ? AND task_id IN (SELECT t.id FROM tasks t WHERE ",
		project)
	appendTaskMatch(assigned, project, s)
	if _, err := db.exec(ctx, assigned.add(")")); err != nil {
		return err
	}
	tasks := db.query("DELETE FROM tasks AS t WHERE ")
	appendTaskMatch(tasks, project, s)
	_, err := db.exec(ctx, tasks)
	return err
}

// AssignedTo is who has an open assignment to a task of a project that s selects,
// by id.
func (db *DB) AssignedTo(ctx context.Context, project int64, s roster.TaskSelector) ([]int64, error) {
	return db.plainIDs(ctx, assignedTo(db, project, s))
}

func assignedTo(db *DB, project int64, s roster.TaskSelector) *query {
	q := db.query(`SELECT DISTINCT a.user_id FROM tasks t JOIN assignments a ON a.task_id = t.id
 AND a.project_id = t.project_id
JOIN project_members pm ON pm.project_id = a.project_id AND pm.user_id = a.user_id AND {{active pm}}
 AND COALESCE(pm.tenure, pm.id) = a.tenure
WHERE `)
	appendTaskMatch(q, project, s)
	return q.add(" ORDER BY a.user_id")
}

// SelectedTasks is the tasks of a project that s selects, ascending. What is in their
// data is taken from read where it has not changed since; nil has all of it read now.
func (db *DB) SelectedTasks(ctx context.Context, project int64, s roster.TaskSelector,
	read TaskReading) ([]int64, error) {
	now, err := db.ReadTasks(ctx, project, s, read)
	if err != nil {
		return nil, err
	}
	return db.plainIDs(ctx, selectedTasksQuery(db, project, s, now.holding()))
}

func selectedTasksQuery(db *DB, project int64, s roster.TaskSelector, dataHolds []int64) *query {
	q := db.query("SELECT t.id FROM tasks t WHERE ")
	appendTaskMatch(q, project, s)
	appendTaskFilter(q, s.Filter, dataHolds)
	return q.add(" ORDER BY t.id")
}

// appendTaskMatch appends the condition that task t is one that s selects, whatever its filter
// says.
func appendTaskMatch(q *query, project int64, s roster.TaskSelector) {
	q.add("t.project_id = ?", project)
	switch {
	case !s.All:
		q.add(" AND ").anyOf("t.id", roster.Selector{Included: s.Included, Excluded: s.Excluded}.NamedIDs())
	case len(s.Excluded) > 0:
		q.add(" AND NOT (").anyOf("t.id", s.Excluded).add(")")
	}
}

// AddGiven fills in to whom each of the tasks is given now.
func (db *DB) AddGiven(ctx context.Context, tasks []roster.Task) error {
	ids := make([]int64, len(tasks))
	for i, t := range tasks {
		ids[i] = t.ID
	}
	given, err := db.givenTasks(ctx, func(q *query) { q.anyOf("a.task_id", ids) })
	for i, t := range tasks {
		tasks[i].Given = cmp.Or(given[t.ID], &roster.TaskGiven{})
	}
	return err
}

// givenTasks is the open assignments that a condition on a is about, by task.
func (db *DB) givenTasks(ctx context.Context, condition func(*query)) (map[int64]*roster.TaskGiven, error) {
	open, err := db.openAssignments(ctx, condition)
	given := map[int64]*roster.TaskGiven{}
	for _, a := range open {
		if given[a.TaskID] == nil {
			given[a.TaskID] = &roster.TaskGiven{}
		}
		to := &given[a.TaskID].Annotators
		if a.Type == roster.Review {
			to = &given[a.TaskID].Reviewers
		}
		*to = append(*to, a.UserID)
	}
	return given, err
}

// Assignable says which of the given people have access to p, by any path:
// Standing.Member, for many at once.
func (db *DB) Assignable(ctx context.Context, p roster.Project, users []int64) (map[int64]bool, error) {
	q := db.query("SELECT x.id FROM ").idTable(users).add(` AS x
JOIN organization_members om ON om.organization_id = ? AND om.user_id = x.id`+mayJoin+`
WHERE EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = x.id AND {{explicit pm}})
 OR EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ? AND wm.user_id = x.id AND {{active wm}})
 OR ({{sees all om}}`, p.OrganizationID, p.ID, p.WorkspaceID)
	if p.SandboxOf != 0 {
		q.add(" AND x.id = ?", p.SandboxOf)
	}
	return db.idSet(ctx, q.add(")"))
}

// WithoutStanding is those of the given people who have no row in p.
func (db *DB) WithoutStanding(ctx context.Context, p roster.Project, users []int64) ([]int64, error) {
	q := db.query("SELECT x.id FROM ").idTable(distinct(users)).add(` AS x
WHERE NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = x.id
 AND {{active pm}}) ORDER BY x.id`, p.ID)
	return collect(ctx, db, q, func(s scanner) (id int64, err error) {
		err = s.Scan(&id)
		return id, err
	})
}

// BeginInherited gives people with access to p by another path, and no row
// yet, one that their assignments can belong to; the record says which path.
func (db *DB) BeginInherited(ctx context.Context, p roster.Project, users []int64, op int64) error {
	q := db.query(beginInProject+"?, x.id, FALSE, "+noRole+", "+newStay+", ? FROM ", p.ID, op)
	if _, err := db.exec(ctx, q.idTable(users).add(" AS x")); err != nil {
		return err
	}
	_, err := db.exec(ctx, db.query(`INSERT INTO outcomes (operation_id, user_id, result)
SELECT pm.added_by, pm.user_id, CASE WHEN wm.id IS NOT NULL THEN 'implicit_via_workspace'
 ELSE 'implicit_via_organization_role' END
FROM project_members pm LEFT JOIN workspace_members wm ON wm.workspace_id = ? AND wm.user_id = pm.user_id
 AND {{active wm}}
WHERE pm.project_id = ? AND {{active pm}} AND pm.added_by = ?`, p.WorkspaceID, p.ID, op))
	return err
}

// AssignTasks gives tasks of p to each of the given people with a row in p, within the
// stay they have now, and returns how many assignments that made.
func (db *DB) AssignTasks(ctx context.Context, p roster.Project, tasks []int64, kind roster.AssignmentType,
	users []int64, now time.Time) (int, error) {
	q := db.query(`INSERT INTO assignments (project_id, task_id, user_id, type, tenure, created_at)
SELECT pm.project_id, t.id, pm.user_id, ?, COALESCE(pm.tenure, pm.id), ? FROM tasks t CROSS JOIN project_members pm
WHERE pm.project_id = ? AND {{active pm}} AND `, kind, micros(now), p.ID).anyOf("pm.user_id", users).
		add(" AND t.project_id = ? AND ", p.ID).anyOf("t.id", tasks)
	return db.exec(ctx, q.add(" ORDER BY t.id, pm.user_id ON CONFLICT (task_id, user_id, type, tenure) DO NOTHING"))
}

// Assignees is the open assignments of a task, oldest first, of one type
// unless kind is empty.
func (db *DB) Assignees(ctx context.Context, task int64, kind roster.AssignmentType) ([]roster.Assignment, error) {
	return db.openAssignments(ctx, func(q *query) {
		q.add("a.task_id = ?", task)
		if kind != "" {
			q.add(" AND a.type = ?", kind)
		}
	})
}

// openAssignments is those that a condition on a is about, oldest first.
func (db *DB) openAssignments(ctx context.Context, condition func(*query)) ([]roster.Assignment, error) {
	q := db.query(`SELECT a.id, a.task_id, a.user_id, a.type, a.created_at FROM assignments a
JOIN project_members pm ON pm.project_id = a.project_id AND pm.user_id = a.user_id AND {{active pm}}
 AND COALESCE(pm.tenure, pm.id) = a.tenure
WHERE `)
	condition(q)
	return collect(ctx, db, q.add(" ORDER BY a.id"), func(s scanner) (a roster.Assignment, err error) {
		var created sql.NullInt64
		err = s.Scan(&a.ID, &a.TaskID, &a.UserID, &a.Type, &created)
		a.CreatedAt = moment(created)
		return a, err
	})
}

// DropAssignments deletes assignments.
func (db *DB) DropAssignments(ctx context.Context, ids []int64) error {
	_, err := db.exec(ctx, db.query("DELETE FROM assignments WHERE ").anyOf("id", ids))
	return err
}
