package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"roster"
)

// tagContent is what a job that waits is about. Labels for everybody stand there once: with
// those of each line they would be as many times the file as it has lines.
type tagContent struct {
	Rows      []roster.TagRow
	Everybody []string
}

// UnmarshalJSON reads that of an older Roster, too, which has nothing but rows.
func (c *tagContent) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, &c.Rows)
	}
	type plain tagContent
	return json.Unmarshal(text, (*plain)(c))
}

// CreateTagImport writes down a job that waits, with the rows it is about.
func (db *DB) CreateTagImport(ctx context.Context, job roster.TagImport, rows []roster.TagRow) (int64, error) {
	content, err := json.Marshal(tagContent{rows, job.Everybody})
	if err != nil {
		return 0, err
	}
	return db.insert(ctx,
		db.query(`INSERT INTO tag_imports (organization_id, created_by, credential, request_id, status, content, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, job.OrganizationID, job.CreatedBy, job.Credential, job.RequestID,
			roster.JobCreated, string(content), micros(job.CreatedAt)))
}

// TagImport reads one job of an organization.
func (db *DB) TagImport(ctx context.Context, organization, id int64) (job roster.TagImport, err error) {
	var created, finished, op sql.NullInt64
	var skipped string
	err = db.find(ctx, db.query(`SELECT id, organization_id, created_by, status, tags_created, assignments_created,
 users_skipped, created_at, finished_at, operation_id
FROM tag_imports WHERE id = ? AND organization_id = ?`, id, organization),
		&job.ID, &job.OrganizationID, &job.CreatedBy, &job.Status, &job.TagsCreated, &job.Assigned, &skipped, &created,
		&finished, &op)
	if err != nil {
		return job, err
	}
	job.CreatedAt, job.FinishedAt, job.Operation = moment(created), moment(finished), op.Int64
	return job, json.Unmarshal([]byte(skipped), &job.Skipped)
}

// TakeTagImport takes the oldest job that waits, so that nobody else does;
// NotFound when none waits. Of one that may have been taken it returns the job, too.
func (db *DB) TakeTagImport(ctx context.Context) (job roster.TagImport, rows []roster.TagRow, err error) {
	var content string
	q := db.query(`UPDATE tag_imports SET status = 'in_progress'
WHERE status = 'created' AND id = (SELECT min(id) FROM tag_imports WHERE status = 'created')
RETURNING id, organization_id, created_by, credential, request_id, content`)
	err = db.Update(ctx, func(tx *DB) error {
		return tx.find(ctx, q, &job.ID, &job.OrganizationID, &job.CreatedBy, &job.Credential, &job.RequestID, &content)
	})
	switch {
	case roster.KindOf(err) == roster.Unconfirmed:
		return job, nil, err
	case err != nil:
		return roster.TagImport{}, nil, err
	}
	var read tagContent
	err = json.Unmarshal([]byte(content), &read)
	job.Everybody = read.Everybody
	return job, read.Rows, err
}

// CompleteTagImport writes the result of a job that is under way, and reports
// whether it still was.
func (db *DB) CompleteTagImport(ctx context.Context, job roster.TagImport, now time.Time) (bool, error) {
	skipped, err := json.Marshal(append([]string{}, job.Skipped...))
	if err != nil {
		return false, err
	}
	n, err := db.exec(ctx,
		db.query(`UPDATE tag_imports SET status = 'completed', content = '', tags_created = ?,
 assignments_created = ?, users_skipped = ?, finished_at = ?, operation_id = ?
WHERE id = ? AND status = 'in_progress'`, job.TagsCreated, job.Assigned, string(skipped), micros(now),
			orNull(job.Operation), job.ID))
	return n > 0, err
}

// FailTagImport ends a job that is under way without a result, and returns how many were;
// 0 ends all of them.
func (db *DB) FailTagImport(ctx context.Context, id int64, now time.Time) (int, error) {
	return db.exec(ctx, db.query(
		"UPDATE tag_imports SET status = 'failed', content = '', finished_at = ? WHERE status = 'in_progress'"+
			" AND (id = ? OR ? = 0)",
		micros(now), id, id))
}

// UnknownEmails is those of the e-mails, in their order, that nobody in the
// organization has.
func (db *DB) UnknownEmails(ctx context.Context, organization int64, emails []string) ([]string, error) {
	owners, err := db.owners(ctx, emails)
	if err != nil {
		return nil, err
	}
	q := db.query("SELECT om.user_id FROM organization_members om WHERE om.organization_id = ?"+
		" AND om.deleted_at IS NULL AND ", organization)
	here, err := db.idSet(ctx, q.anyOf("om.user_id", slices.Collect(maps.Values(owners))))
	return slices.DeleteFunc(slices.Clone(emails), func(email string) bool { return here[owners[email]] }), err
}
