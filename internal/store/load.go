package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/mailbox"
)

// The Load methods write many rows at once: the demo, and the workload of the
// benchmarks. They trust their caller: nothing is authorized or recorded, and
// operations, workspaces and projects, which are few, are made beforehand. A
// statement has one parameter for all its rows: the time that SQLite takes to
// bind parameters grows with the square of their number. After a large load,
// Analyze.

// loadRows bounds the text that one statement of loadItems has as parameter.
const loadRows = 2000

// LoadPeople makes people and their memberships in an organization, which
// becomes their active one unless they are deleted from it, and returns their
// ids in the same order. E-mails must be new; ids and the memberships' UserID
// are not read.
func (db *DB) LoadPeople(ctx context.Context, organization int64,
	people []roster.OrganizationMember) (ids []int64, err error) {
	err = db.Update(ctx, func(tx *DB) error {
		if ids, err = loadItems(ctx, tx, usersTable, people, func(m roster.OrganizationMember, _ int) []any {
			u := m.User
			row := append([]any{u.Email, mailbox.Key(u.Email), u.Username, u.FirstName, u.LastName, u.Phone}, texts(u)...)
			active := organization
			if !m.Membership.DeletedAt.IsZero() {
				active = 0
			}
			return append(row, micros(u.DateJoined), nullMicros(u.LastActivity), orNull(active), textVersion)
		}); err != nil {
			return err
		}
		_, err = loadItems(ctx, tx, membershipsTable, people, func(p roster.OrganizationMember, at int) []any {
			m := p.Membership
			return []any{m.Role, m.RoleSource, m.UserType, organization, ids[at], micros(m.CreatedAt), nullMicros(m.DeletedAt)}
		})
		return err
	})
	return ids, err
}

// LoadTags makes tags, on nobody yet, and returns their ids in the same order.
func (db *DB) LoadTags(ctx context.Context, organization int64, tags []roster.Tag) ([]int64, error) {
	return loadItems(ctx, db, tagsTable, tags, func(t roster.Tag, _ int) []any {
		return []any{t.Label, Fold(t.Label), Searchable(t.Label), organization, t.CreatedBy.ID, micros(t.CreatedAt),
			micros(t.UpdatedAt), textVersion}
	})
}

// LoadTasks makes tasks and returns their ids in the same order. Their numbers go on
// from the last in each project, which the caller holds, so that nobody else numbers.
func (db *DB) LoadTasks(ctx context.Context, tasks []roster.Task) (ids []int64, err error) {
	err = db.Update(ctx, func(tx *DB) error {
		last, err := tx.lastNumbers(ctx, tasks)
		if err != nil {
			return err
		}
		ids, err = loadItems(ctx, tx, tasksTable, tasks, func(t roster.Task, _ int) []any {
			last[t.ProjectID]++
			return []any{t.Data, t.ProjectID, last[t.ProjectID], micros(t.CreatedAt), micros(t.UpdatedAt)}
		})
		return err
	})
	return ids, err
}

// lastNumbers is the largest number of a task in each of the projects that tasks are of.
func (db *DB) lastNumbers(ctx context.Context, tasks []roster.Task) (map[int64]int64, error) {
	projects := make([]int64, len(tasks))
	for i, t := range tasks {
		projects[i] = t.ProjectID
	}
	last := map[int64]int64{}
	q := db.query("SELECT x.id, COALESCE((SELECT max(t.inner_id) FROM tasks t WHERE t.project_id = x.id), 0) FROM ").
		idTable(distinct(projects)).add(" AS x")
	err := db.each(ctx, q, func(s scanner) error {
		var project, number int64
		err := s.Scan(&project, &number)
		last[project] = number
		return err
	})
	return last, err
}

// LoadMemberTags puts one tag on people who do not have it.
func (db *DB) LoadMemberTags(ctx context.Context, tag int64, users []int64) error {
	q := db.query("INSERT INTO member_tags (user_id, tag_id) SELECT x.id, ? FROM ", tag)
	return db.loadIDs(ctx, q, users, "")
}

// LoadWorkspaceMembers makes people who are not in it members of a workspace,
// by operation op.
func (db *DB) LoadWorkspaceMembers(ctx context.Context, workspace int64, users []int64, op int64) error {
	q := db.query(beginInWorkspace+"?, x.id, ? FROM ", workspace, op)
	return db.loadIDs(ctx, q, users, "")
}

// LoadProjectMembers gives people who have no row in a project one that
// operation op began, with a role of the project's or none (""). Explicit rows
// are memberships; the others hold the role and the assignments of people who
// have access by another path.
func (db *DB) LoadProjectMembers(ctx context.Context, project int64, users []int64, explicit bool,
	role roster.Role, source roster.RoleSource, op int64) error {
	q := db.query(beginInProject+"?, x.id, ?, ?, ?, "+newStay+", ? FROM ",
		project, explicit, orNull(role), orNull(source), op)
	return db.loadIDs(ctx, q, users, "")
}

// LoadAssignments gives tasks of a project to people who have a row in it,
// within the stay they have now. Task and person are read from each of the
// assignments; type and time are the same for all.
func (db *DB) LoadAssignments(ctx context.Context, project int64, assignments []roster.Assignment,
	kind roster.AssignmentType, at time.Time) error {
	return db.Update(ctx, func(tx *DB) error {
		for chunk := range slices.Chunk(assignments, 100_000) {
			// a person and a task share one number, so that a list of ids holds pairs
			pairs := make([]int64, len(chunk))
			for i, a := range chunk {
				pairs[i] = a.UserID<<32 | a.TaskID
			}
			q := tx.query("INSERT INTO assignments (project_id, task_id, user_id, type, tenure,"+
				" created_at)\nSELECT pm.project_id, x.id & 4294967295, pm.user_id, ?, COALESCE(pm.tenure, pm.id), ? FROM ",
				kind, micros(at))
			if err := tx.loadIDs(ctx, q, pairs,
				" CROSS JOIN project_members pm WHERE pm.project_id = ? AND pm.user_id = (x.id >> 32) AND {{active pm}}",
				project); err != nil {
				return err
			}
		}
		return nil
	})
}

// Fresh reports whether a store has nothing in it, or an organization with its
// owner and nothing else.
func (db *DB) Fresh(ctx context.Context) (bool, error) {
	n, err := db.count(ctx,
		db.query(`SELECT (SELECT count(*) FROM organization_members WHERE role <> 'OW') + (SELECT count(*) FROM projects)
 + (SELECT count(*) FROM workspaces) + (SELECT count(*) FROM tags) + (SELECT count(*) FROM organizations
 WHERE id > (SELECT min(id) FROM organizations))`))
	return n == 0, err
}

// Analyze refreshes the planner's statistics, as a large load requires.
func (db *DB) Analyze(ctx context.Context) error {
	return db.Update(ctx, func(tx *DB) error {
		for _, statement := range tx.dialect.analyze {
			if _, err := tx.exec(ctx, tx.query(statement)); err != nil {
				return err
			}
		}
		return nil
	})
}

// loadIDs completes an INSERT … SELECT FROM with a table of ids and the rest
// of the statement, and makes sure that every id came to a row. The ids are
// sorted because an index grows fastest at its end.
func (db *DB) loadIDs(ctx context.Context, q *query, ids []int64, rest string, args ...any) error {
	if len(ids) == 0 {
		return nil
	}
	n, err := db.exec(ctx, q.idTable(slices.Sorted(slices.Values(ids))).add(" AS x"+rest, args...))
	if err == nil && n != len(ids) {
		return fmt.Errorf("load: %d rows out of %d: %s", n, len(ids), q)
	}
	return err
}

// table is what loadItems fills: columns with text first, with numbers after.
type table struct {
	name           string
	texts, numbers []string
}

var (
	usersTable = table{"users",
		append([]string{"email", "email_key", "username", "first_name", "last_name", "phone"}, derivedPeople.into...),
		[]string{"date_joined", "last_activity", "active_organization", "text_version"}}
	membershipsTable = table{"organization_members",
		[]string{"role", "role_source", "user_type"}, []string{"organization_id", "user_id", "created_at", "deleted_at"}}
	tagsTable = table{"tags", []string{"label", "label_key", "search_text"},
		[]string{"organization_id", "created_by", "created_at", "updated_at", "text_version"}}
	tasksTable = table{"tasks", []string{"data"}, []string{"project_id", "inner_id", "created_at", "updated_at"}}
)

// loadItems inserts a row per item, with the values in the table's order, and
// returns the new ids in the order of the items: an engine numbers the rows of
// a statement as they come.
func loadItems[T any](ctx context.Context, db *DB, into table, items []T,
	values func(item T, at int) []any) ([]int64, error) {
	ids := make([]int64, 0, len(items))
	err := db.Update(ctx, func(tx *DB) error {
		ids = ids[:0]
		for chunk := range slices.Chunk(items, loadRows) {
			rows := make([][]any, len(chunk))
			for i, item := range chunk {
				rows[i] = values(item, len(ids)+i)
			}
			made, err := tx.insertRows(ctx, into, rows)
			if err != nil {
				return err
			}
			slices.Sort(made) // RETURNING promises no order
			ids = append(ids, made...)
		}
		return nil
	})
	return ids, err
}

func (db *DB) insertRows(ctx context.Context, into table, rows [][]any) ([]int64, error) {
	var values []string
	for i := range into.texts {
		values = append(values, "x.value->>"+strconv.Itoa(i))
	}
	for i := range into.numbers {
		values = append(values, "CAST(x.value->>"+strconv.Itoa(len(into.texts)+i)+" AS BIGINT)")
	}
	q := db.query("INSERT INTO " + into.name + " (" + strings.Join(slices.Concat(into.texts, into.numbers), ", ") +
		")\nSELECT " + strings.Join(values, ", ") + " FROM ").table(rows).add(" AS x RETURNING id")
	return collect(ctx, db, q, func(s scanner) (id int64, err error) {
		err = s.Scan(&id)
		return id, err
	})
}
