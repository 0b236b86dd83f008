package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"
	"time"

	"roster"
)

// activitiesAtOnce is how many activities a statement adds at most. Each of their values
// is a parameter: to have the engine read them out of JSON takes twice as long. The last
// ones are added by powers of two, so that a store which keeps what it compiled keeps few.
const activitiesAtOnce = 128

// AddActivities writes many down at once, all or none, in their order.
func (db *DB) AddActivities(ctx context.Context, list []roster.Activity) error {
	return db.Update(ctx, func(tx *DB) error {
		rest, n := list, activitiesAtOnce // of the list once more where the transaction is repeated
		for text := ""; len(rest) > 0; {
			if n > len(rest) {
				n, text = n/2, ""
				continue
			}
			text = cmp.Or(text, db.dialect.addingActivities(n))
			q := tx.fixed(text, activityValues(rest[:n])...)
			if n == activitiesAtOnce { // there are more of these
				q.keep()
			}
			if _, err := tx.exec(ctx, q); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	})
}

var activityColumns = []string{
	"organization_id", "user_id", "project_id", "workspace_id", "at", "status", "duration",
	"method", "url", "address", "user_agent", "referer", "request_id", "session",
}

// addingActivities is the statement that adds so many. Its parameters have the engine's own
// marks: SQLite looks through all names of parameters for each that has one, and a number is
// a name to it.
func (d *dialect) addingActivities(n int) string {
	var text strings.Builder
	text.WriteString("INSERT INTO activities (" + strings.Join(activityColumns, ", ") + ") VALUES ")
	for i := range n {
		before := "("
		if i > 0 {
			before = ", ("
		}
		for j := range activityColumns {
			text.WriteString(before + d.mark(i*len(activityColumns)+j+1))
			before = ", "
		}
		text.WriteByte(')')
	}
	return text.String()
}

// activityValues are the values of those columns, one activity after the other.
func activityValues(list []roster.Activity) []any {
	values := make([]any, 0, len(list)*len(activityColumns))
	for _, a := range list {
		values = append(values,
			a.OrganizationID, a.UserID, orNull(a.ProjectID), orNull(a.WorkspaceID), micros(a.At), a.Status,
			a.Duration.Milliseconds(),
			a.Method, a.URL, a.Address, a.UserAgent, a.Referer, a.RequestID, a.Session)
	}
	return values
}

// CountActivities is how many of an organization's activities f matches.
func (db *DB) CountActivities(ctx context.Context, organization int64, f roster.ActivityFilter) (int, error) {
	q := db.query("SELECT count(*) FROM activities a WHERE a.organization_id = ?", organization)
	appendActivityMatch(q, f)
	return db.count(ctx, q)
}

// Activities is some of them: the newest first, unless order says otherwise.
func (db *DB) Activities(ctx context.Context, organization int64, f roster.ActivityFilter, order string,
	offset, most int) ([]roster.Activity, error) {
	q := db.query(`SELECT a.id, a.at, a.organization_id, a.user_id, COALESCE(u.email, ''), a.project_id,
 a.workspace_id, w.created_by,
 a.method, a.url, a.status, a.duration, a.address, a.user_agent, a.referer, a.request_id, a.session
FROM activities a LEFT JOIN users u ON u.id = a.user_id LEFT JOIN workspaces w ON w.id = a.workspace_id
WHERE a.organization_id = ?`, organization)
	appendActivityMatch(q, f)
	keys := map[string]string{
		"datetime": "a.at", "duration": "a.duration", "request_method": "a.method", "request_url": "a.url",
		"response_code": "a.status",
	}
	key := keys[trimMinus(order)]
	if key == "" {
		key, order = "a.at", "-datetime"
	}
	q.add(" ORDER BY "+key+descending(order)+", a.id"+descending(order)+" LIMIT ? OFFSET ?", most, offset)
	return collect(ctx, db, q, scanActivity)
}

func scanActivity(s scanner) (a roster.Activity, err error) {
	var at, project, workspace, owner sql.NullInt64
	var ms int64
	err = s.Scan(&a.ID, &at, &a.OrganizationID, &a.UserID, &a.Email, &project, &workspace, &owner,
		&a.Method, &a.URL, &a.Status, &ms, &a.Address, &a.UserAgent, &a.Referer, &a.RequestID, &a.Session)
	a.ProjectID, a.WorkspaceID, a.WorkspaceOwner = project.Int64, workspace.Int64, owner.Int64
	a.At, a.Duration = moment(at), time.Duration(ms)*time.Millisecond
	return a, err
}

func appendActivityMatch(q *query, f roster.ActivityFilter) {
	if !f.From.IsZero() {
		q.add(" AND a.at >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		q.add(" AND a.at <= ?", micros(f.To))
	}
	if f.Method != "" {
		q.add(" AND a.method = ?", f.Method)
	}
	if f.ProjectID != 0 {
		q.add(" AND a.project_id = ?", f.ProjectID)
	}
	if f.UserID != 0 {
		q.add(" AND a.user_id = ?", f.UserID)
	}
	if f.WorkspaceID != 0 {
		q.add(" AND a.workspace_id = ?", f.WorkspaceID)
	}
	if len(f.URL) == 0 {
		return
	}
	q.add(" AND (FALSE")
	for _, group := range f.URL {
		q.add(" OR (TRUE")
		for _, term := range group { // urls are ASCII, about which lower() agrees everywhere
			q.add(` AND lower(a.url) LIKE ? ESCAPE '\'`, contains(strings.ToLower(term)))
		}
		q.add(")")
	}
	q.add(")")
}

// ForgetActivities deletes those before a time among the oldest of all, of
// which it looks at so many, and returns how many. They are numbered as they
// were written, so the oldest come first and need no index of their own.
func (db *DB) ForgetActivities(ctx context.Context, before time.Time, most int) (int, error) {
	return db.exec(ctx, db.query("DELETE FROM activities WHERE id < (SELECT min(id) FROM activities) + ? AND at < ?",
		most, micros(before)))
}
