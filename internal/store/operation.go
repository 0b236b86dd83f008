package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"roster"
)

// BeginOperation writes the record of an operation and returns its id. The
// changes that follow in the transaction name it.
func (db *DB) BeginOperation(ctx context.Context, op roster.Operation) (int64, error) {
	id, err := db.insert(ctx, db.query(`
INSERT INTO operations (organization_id, project_id, workspace_id, kind, actor_id, credential, request_id, at,
 selector, undoes, assignments_through)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(max(id), 0) FROM assignments)) RETURNING id`,
		op.OrganizationID, orNull(op.ProjectID), orNull(op.WorkspaceID), op.Kind, op.ActorID, op.Credential,
		op.RequestID, micros(op.At), op.Selector, orNull(op.Undoes)))
	if err == nil && db.unit != nil {
		db.unit.operation = op
		db.unit.operation.ID = id
	}
	return id, err
}

// CountOperationsSince is how many operations that may have changed a project are who's,
// by the same credential, and later than another one. What names no project may be about
// people of any.
func (db *DB) CountOperationsSince(ctx context.Context, project int64, who roster.Actor, operation int64) (int, error) {
	return db.count(ctx,
		db.query(`SELECT count(*) FROM operations WHERE organization_id = ? AND id > ? AND actor_id = ? AND credential = ?
 AND (project_id = ? OR project_id IS NULL)`, who.OrganizationID, operation, who.UserID, who.Credential, project))
}

// FinishOperation completes the record with how many people it changed.
func (db *DB) FinishOperation(ctx context.Context, id int64, changed int) error {
	if db.unit != nil && db.unit.operation.ID == id {
		db.unit.operation.Changed = changed
	}
	_, err := db.exec(ctx, db.query("UPDATE operations SET changed = ? WHERE id = ?", changed, id))
	return err
}

// RecordOutcome writes down what an operation did to one person.
func (db *DB) RecordOutcome(ctx context.Context, op int64, o roster.Outcome) error {
	_, err := db.exec(ctx,
		db.query(`INSERT INTO outcomes (operation_id, user_id, project_id, result, keeps_by, role_before, role_after)
VALUES (?, ?, ?, ?, ?, ?, ?)`, op, o.UserID, o.ProjectID, o.Result, o.KeepsBy, o.RoleBefore, o.RoleAfter))
	return err
}

// RecordSame writes down one outcome for many people; its UserID is not read.
func (db *DB) RecordSame(ctx context.Context, op int64, users []int64, o roster.Outcome) error {
	if len(users) == 0 {
		return nil
	}
	q := db.query("INSERT INTO outcomes (operation_id, user_id, project_id, result, keeps_by, role_before,"+
		" role_after, seat_before) SELECT ?, x.id, ?, ?, ?, ?, ?, ? FROM ",
		op, o.ProjectID, o.Result, o.KeepsBy, o.RoleBefore, o.RoleAfter, o.SeatBefore).idTable(users).add(" AS x")
	_, err := db.exec(ctx, q)
	return err
}

// namedUnknown is how many ids that name nobody an operation's record names; the
// others it counts, so that no request makes the record longer than its people.
const namedUnknown = 100

// RecordUnknown writes down the ids that an operation was given and that name
// nobody in the organization.
func (db *DB) RecordUnknown(ctx context.Context, op int64, ids []int64) error {
	named := ids[:min(len(ids), namedUnknown)]
	if err := db.RecordSame(ctx, op, named, roster.Outcome{Result: roster.UnknownPerson}); err != nil ||
		len(named) == len(ids) {
		return err
	}
	_, err := db.exec(ctx, db.query("UPDATE operations SET unnamed = ? WHERE id = ?", len(ids)-len(named), op))
	return err
}

const operationColumns = `o.id, o.organization_id, o.project_id, o.workspace_id, o.kind, o.actor_id,
 COALESCE((SELECT u.email FROM users u WHERE u.id = o.actor_id), ''),
 COALESCE((SELECT u.first_name FROM users u WHERE u.id = o.actor_id), ''),
 COALESCE((SELECT u.last_name FROM users u WHERE u.id = o.actor_id), ''),
 COALESCE((SELECT p.title FROM projects p WHERE p.id = o.project_id), ''),
 COALESCE((SELECT w.title FROM workspaces w WHERE w.id = o.workspace_id), ''), o.credential, o.request_id, o.at,
 o.selector, o.changed, o.unnamed, o.dormant, o.undoes,
 (SELECT n.id FROM operations n WHERE n.undoes = o.id)`

func scanOperation(s scanner) (roster.Operation, error) { return scanOperationAnd(s) }

// scanOperationAnd reads what follows the columns of an operation, too.
func scanOperationAnd(s scanner, more ...any) (o roster.Operation, err error) {
	var project, workspace, undoes, undoneBy, at sql.NullInt64
	var actor roster.User
	dest := []any{&o.ID, &o.OrganizationID, &project, &workspace, &o.Kind, &o.ActorID, &actor.Email, &actor.FirstName,
		&actor.LastName, &o.Project, &o.Space, &o.Credential, &o.RequestID, &at, &o.Selector, &o.Changed, &o.Unnamed,
		&o.Dormant, &undoes, &undoneBy}
	err = s.Scan(append(dest, more...)...)
	o.ActorEmail, o.Actor = actor.Email, actor.Name()
	o.ProjectID, o.WorkspaceID, o.Undoes, o.UndoneBy = project.Int64, workspace.Int64, undoes.Int64, undoneBy.Int64
	o.At = moment(at)
	return o, err
}

// Operation reads one record.
func (db *DB) Operation(ctx context.Context, id int64) (roster.Operation, error) {
	q := db.query("SELECT "+operationColumns+" FROM operations o WHERE o.id = ?", id)
	return one(ctx, db, q, scanOperation)
}

// LockOperation holds a record until the transaction ends: two undos of it come one after
// the other, whatever it changed.
func (db *DB) LockOperation(ctx context.Context, id int64) error {
	var locked int64
	return db.find(ctx, db.query("SELECT id FROM operations WHERE id = ?"+db.dialect.forUpdate, id), &locked)
}

// rowScanner lets a function stand for a row.
type rowScanner func(dest ...any) error

func (f rowScanner) Scan(dest ...any) error { return f(dest...) }

// Operations is one page of an organization's record, newest first, of the projects in
// visible only (nil: all of it), and how many there are in all.
func (db *DB) Operations(ctx context.Context, organization int64, visible []int64, f roster.OperationFilter,
	page roster.Page) (ops []roster.Operation, total int, err error) {
	ops, err = collect(ctx, db, operationPage(db, organization, visible, f, page),
		func(s scanner) (roster.Operation, error) { return scanOperationAnd(s, &total) })
	if err == nil && len(ops) == 0 && page.Offset() > 0 { // a page behind the last one tells no number
		q := db.query("SELECT ")
		appendOperationCount(q, organization, visible, f)
		total, err = db.count(ctx, q)
	}
	return ops, total, err
}

func operationPage(db *DB, organization int64, visible []int64, f roster.OperationFilter, page roster.Page) *query {
	q := db.query("SELECT " + operationColumns + ",\n ")
	appendOperationCount(q, organization, visible, f)
	appendOperationMatch(q, organization, visible, f)
	return q.add(" ORDER BY o.id DESC").limited(page)
}

// NewestOperations is the first of Operations, at most so many, and how many of all of them
// are not older than a time.
func (db *DB) NewestOperations(ctx context.Context, organization int64, visible []int64, f roster.OperationFilter,
	since time.Time, most int) (ops []roster.Operation, newer int, err error) {
	counted := f
	counted.Since = since
	q := db.query("SELECT " + operationColumns + ",\n ")
	appendOperationCount(q, organization, visible, counted)
	appendOperationMatch(q, organization, visible, f)
	ops, err = collect(ctx, db, q.add(" ORDER BY o.id DESC LIMIT ?", most), func(s scanner) (roster.Operation, error) {
		return scanOperationAnd(s, &newer)
	})
	return ops, newer, err
}

func appendOperationCount(q *query, organization int64, visible []int64, f roster.OperationFilter) {
	appendOperationMatch(q.add("(SELECT count(*)"), organization, visible, f)
	q.add(")")
}

// appendOperationMatch appends, as FROM and WHERE, the operations of an organization that f matches.
func appendOperationMatch(q *query, organization int64, visible []int64, f roster.OperationFilter) {
	q.add(" FROM operations o WHERE o.organization_id = ?", organization)
	if visible != nil {
		q.add(" AND ").anyOf("o.project_id", visible)
	}
	if f.Viewer != 0 {
		q.add(" AND (o.project_id IS NULL OR ").notPaused("o.project_id", f.Viewer).add(")")
	}
	if f.ProjectID != 0 {
		q.add(" AND o.project_id = ?", f.ProjectID)
	}
	if f.WorkspaceID != 0 {
		q.add(" AND o.workspace_id = ?", f.WorkspaceID)
	}
	if f.ActorID != 0 {
		q.add(" AND o.actor_id = ?", f.ActorID)
	}
	if f.Kind != "" {
		q.add(" AND o.kind = ?", f.Kind)
	}
	if !f.Since.IsZero() {
		q.add(" AND o.at >= ?", micros(f.Since))
	}
	if !f.Until.IsZero() {
		q.add(" AND o.at <= ?", micros(f.Until))
	}
	if id := f.PersonID; id != 0 {
		appendBegunFor(q.add(" AND (o.id IN "), organization, id)
		q.add(` OR EXISTS (SELECT 1 FROM project_members m WHERE m.removed_by = o.id AND m.user_id = ?)
 OR o.id IN (SELECT operation_id FROM outcomes WHERE user_id = ?`, id, id)
		if f.Present {
			appendOneOf(q.add(" AND "), "result", roster.Presences)
		}
		q.add(`
 UNION SELECT added_by FROM workspace_members WHERE user_id = ? UNION SELECT removed_by FROM workspace_members
 WHERE user_id = ? AND removed_by IS NOT NULL))`,
			id, id)
	}
}

// told is what is asked of outcomes: of those that were written down, and of
// those that follow from membership rows, m, whose result stands for "%".
type told struct{ written, grouped, derived string }

// toldResult is a result as the reader is told it: the same for somebody who is not
// to be known as for an id that nobody has. Being left out is said of both.
const toldResult = "CASE WHEN shown OR result = 'excluded' THEN result ELSE 'unknown' END"

var (
	everyOutcome = told{written: "user_id, project_id, " + toldResult +
		" AS result, keeps_by, role_before, role_after, seat_before, tag_id, shown",
		derived: "m.user_id, 0, '%', '', '', '', '', 0, TRUE"}
	// Counted where they are: PostgreSQL, not knowing how many rows an operation
	// has, would put them all in order first.
	countedOutcomes = told{written: toldResult + " AS result, count(*) AS n", grouped: " GROUP BY 1",
		derived: "'%', count(*)"}
)

// Hidden is the people of op whom the reader may not know of: they share no project and
// no workspace, and are merely named. nil reads of everybody.
func (db *DB) Hidden(ctx context.Context, op roster.Operation, reader *roster.Actor) ([]int64, error) {
	if reader == nil {
		return nil, nil
	}
	return db.plainIDs(ctx, hiddenIn(db, op.ID, *reader))
}

// hiddenIn finds the named first, apart: mostly there are none, and then nobody has to
// be looked for. PostgreSQL would begin with whom the reader sees.
func hiddenIn(db *DB, op int64, reader roster.Actor) *query {
	q := db.query("WITH named AS MATERIALIZED (SELECT DISTINCT o.user_id FROM outcomes o"+
		" WHERE o.operation_id = ? AND NOT ", op)
	appendOneOf(q, "o.result", roster.Presences)
	appendSightMatch(q.add(") SELECT x.user_id FROM named x WHERE NOT "), "x.user_id", reader)
	return q
}

// appendWrittenOutcomes appends what was written down about op, with whether the person is
// to be known. Of everybody whom a filter matched, who is not is left out: nobody named
// them, so that they are there at all would tell that they exist and match.
func appendWrittenOutcomes(q *query, op roster.Operation, hidden []int64) {
	known := func() {
		appendOneOf(q.add("("), "x.result", roster.Presences)
		q.add(" OR NOT ").anyOf("x.user_id", hidden).add(")")
	}
	q.add("(SELECT x.*, ")
	if len(hidden) == 0 {
		q.add("TRUE")
	} else {
		known()
	}
	q.add(" AS shown FROM outcomes x WHERE x.operation_id = ?", op.ID)
	if len(hidden) > 0 && ofEverybody(op) {
		q.add(" AND ")
		known()
	}
	q.add(") AS written")
}

// ofEverybody reports whether an operation was about everybody whom its filters matched.
func ofEverybody(op roster.Operation) bool {
	var selector struct {
		All bool `json:"all"`
	}
	return json.Unmarshal([]byte(op.Selector), &selector) == nil && selector.All
}

// appendOutcomesOf appends what op did to people, as it is told to those from whom some are
// hidden: what was written down, and what the membership rows that name it say without
// being written twice. Those say that somebody was there, and hide nobody.
func appendOutcomesOf(q *query, op roster.Operation, t told, hidden []int64) {
	appendWrittenOutcomes(q.add("(SELECT "+t.written+" FROM "), op, hidden)
	q.add(t.grouped)
	began := "assigned"
	if op.Kind == roster.OpUndo {
		began = "restored"
	}
	// "removed" with a path is written down, and the row would say it again; a
	// beginning never is in an operation on one project
	derived := "\n UNION ALL SELECT " + t.derived + " FROM "
	if op.ProjectID != 0 {
		q.add(derive(derived, "removed")+"project_members m WHERE m.project_id = ? AND m.removed_by = ? AND m.explicit",
			op.ProjectID, op.ID)
		// a list, and no join: PostgreSQL takes the outcomes that were just written for one, and
		// would look through all of them for each person
		q.add(" AND m.user_id NOT IN (SELECT x.user_id FROM outcomes x WHERE x.operation_id = ?)", op.ID)
		appendBegunBy(q.add(derive(derived, began)), roster.Project{ID: op.ProjectID, OrganizationID: op.OrganizationID},
			op.ID, "m.user_id").add(" AS m WHERE 1 = 1")
		appendButDormant(q, op)
	}
	if op.WorkspaceID != 0 && op.Kind != roster.OpMove {
		q.add(derive(derived, "removed")+"workspace_members m WHERE m.workspace_id = ? AND m.removed_by = ?",
			op.WorkspaceID, op.ID)
		appendButDormant(q, op)
		q.add(derive(derived, began)+"workspace_members m WHERE m.workspace_id = ? AND m.added_by = ?", op.WorkspaceID, op.ID)
		appendButDormant(q, op)
	}
	q.add(")")
}

// appendButDormant leaves out the rows m of which op wrote down that they are dormant.
func appendButDormant(q *query, op roster.Operation) {
	q.add(" AND m.user_id NOT IN (SELECT x.user_id FROM outcomes x WHERE x.operation_id = ?"+
		" AND x.result IN ('removed_dormant', 'restored_dormant'))",
		op.ID)
}

func derive(text, result string) string {
	before, after, _ := strings.Cut(text, "%")
	return before + result + after
}

// appendOutcomesLike appends the outcomes of op that f matches, as every.
func appendOutcomesLike(q *query, op roster.Operation, f roster.OutcomeFilter) {
	appendOutcomesOf(q, op, everyOutcome, f.Hidden)
	q.add(" AS every WHERE 1 = 1")
	if len(f.Results) > 0 {
		appendOneOf(q.add(" AND "), "every.result", f.Results)
	}
	for _, term := range Terms(f.Search) {
		q.add(` AND every.shown AND EXISTS (SELECT 1 FROM users s WHERE s.id = every.user_id
 AND s.search_text LIKE ? ESCAPE '\' AND `, contains(term))
		appendBelonged(q, op, "s.id")
		q.add(")")
	}
}

// appendBelonged appends the condition that a person is or was in the organization of op:
// an id that an operation named may be somebody's of another.
func appendBelonged(q *query, op roster.Operation, person string) {
	q.add("EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = ? AND om.user_id = "+person+")",
		op.OrganizationID)
}

// CountOutcomes is how many outcomes of op f matches.
func (db *DB) CountOutcomes(ctx context.Context, op roster.Operation, f roster.OutcomeFilter) (int, error) {
	q := db.query("SELECT count(*) FROM ")
	appendOutcomesLike(q, op, f)
	return db.count(ctx, q)
}

// Outcomes is one page of what op did, by person.
func (db *DB) Outcomes(ctx context.Context, op roster.Operation, f roster.OutcomeFilter,
	page roster.Page) ([]roster.Outcome, error) {
	q := db.query(`SELECT x.user_id, COALESCE(u.email, ''), COALESCE(u.first_name, ''), COALESCE(u.last_name, ''),
 x.project_id, ` + projectNamed + `, x.result, x.keeps_by, x.role_before, x.role_after, x.seat_before, x.tag_id,
 ` + tagNamed + `, ` + renamed + ` FROM (SELECT * FROM `)
	appendOutcomesLike(q, op, f)
	q.add(" ORDER BY user_id, project_id, tag_id, result").limited(page).
		add(") AS x LEFT JOIN users u ON u.id = x.user_id AND x.shown AND ")
	appendBelonged(q, op, "u.id")
	q.add(" LEFT JOIN renames r ON r.operation_id = ? AND r.user_id = u.id", op.ID)
	q.add(" ORDER BY x.user_id, x.project_id, x.tag_id, x.result")
	return collect(ctx, db, q, func(s scanner) (o roster.Outcome, err error) {
		var u, before, after roster.User
		err = s.Scan(&o.UserID, &u.Email, &u.FirstName, &u.LastName, &o.ProjectID, &o.Project, &o.Result, &o.KeepsBy,
			&o.RoleBefore, &o.RoleAfter, &o.SeatBefore, &o.TagID, &o.Tag,
			&before.FirstName, &before.LastName, &after.FirstName, &after.LastName)
		o.Email, o.Name = u.Email, u.Name()
		o.NameBefore, o.NameAfter = names(o, before, after)
		return o, err
	})
}

// OutcomeCounts is how many people each result came to, as it is told to those from
// whom some are hidden; those who are only counted too.
func (db *DB) OutcomeCounts(ctx context.Context, op roster.Operation, hidden []int64) (map[roster.Result]int, error) {
	q := db.query("SELECT result, n FROM ")
	appendOutcomesOf(q, op, countedOutcomes, hidden)
	counts := map[roster.Result]int{}
	if op.Unnamed > 0 {
		counts[roster.UnknownPerson] = op.Unnamed
	}
	err := db.each(ctx, q.add(" AS x WHERE n > 0"), func(s scanner) error {
		var result roster.Result
		var n int
		err := s.Scan(&result, &n)
		counts[result] += n
		return err
	})
	return counts, err
}

// RolesBefore is the roles that people had whose role op changed, each once.
func (db *DB) RolesBefore(ctx context.Context, op int64) ([]roster.Role, error) {
	return db.rolesOf(ctx,
		db.query("SELECT DISTINCT role_before FROM outcomes WHERE operation_id = ? AND role_before <> ''", op))
}

// Touched is what an undo is asked about beside its place: a role that somebody had before an
// operation or after it, or who was renamed, and the role that they have now.
type Touched struct {
	Renamed int64 // who was; 0: a role that changed
	Role    roster.Role
}

// TouchedBy is that of each of some operations.
func (db *DB) TouchedBy(ctx context.Context, ops []int64) (map[int64][]Touched, error) {
	touched := map[int64][]Touched{}
	if len(ops) == 0 {
		return touched, nil
	}
	return touched, db.each(ctx, touchedBy(db, ops), func(s scanner) error {
		var op int64
		var t Touched
		err := s.Scan(&op, &t.Renamed, &t.Role)
		touched[op] = append(touched[op], t)
		return err
	})
}

func touchedBy(db *DB, ops []int64) *query {
	q := db.query("SELECT operation_id, 0, role_before FROM outcomes WHERE role_before <> '' AND ").
		anyOf("operation_id", ops)
	q.add("\nUNION SELECT operation_id, 0, role_after FROM outcomes WHERE role_after <> '' AND ").
		anyOf("operation_id", ops)
	return q.add(`
UNION SELECT r.operation_id, r.user_id, om.role FROM renames r CROSS JOIN operations o CROSS JOIN organization_members om
WHERE o.id = r.operation_id AND om.organization_id = o.organization_id AND om.user_id = r.user_id AND `).
		anyOf("r.operation_id", ops)
}

// rolesOf is the one column of roles that q selects.
func (db *DB) rolesOf(ctx context.Context, q *query) ([]roster.Role, error) {
	return collect(ctx, db, q, func(s scanner) (role roster.Role, err error) {
		err = s.Scan(&role)
		return role, err
	})
}
