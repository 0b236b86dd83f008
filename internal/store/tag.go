package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"roster"
)

// The deleted, who are few, are taken off a count of everybody, which is much
// faster than a look at every person.
const tagSelect = `SELECT t.id, t.organization_id, t.label, t.created_at, t.updated_at,
 (SELECT count(*) FROM member_tags mt WHERE mt.tag_id = t.id)
  - (SELECT count(*) FROM organization_members om CROSS JOIN member_tags mt
   WHERE om.organization_id = t.organization_id AND om.deleted_at IS NOT NULL AND mt.user_id = om.user_id
 AND mt.tag_id = t.id) AS member_count, ` + userColumns + `
FROM tags t JOIN users u ON u.id = t.created_by WHERE t.organization_id = ?`

func scanTag(s scanner) (t roster.Tag, err error) {
	var created, updated sql.NullInt64
	var u userScan
	dest := []any{&t.ID, &t.OrganizationID, &t.Label, &created, &updated, &t.MemberCount}
	err = s.Scan(append(dest, u.into(&t.CreatedBy)...)...)
	u.finish(&t.CreatedBy)
	t.CreatedAt, t.UpdatedAt = moment(created), moment(updated)
	return t, err
}

// Tags is one page of an organization's tags whose label holds every term of
// search, by label unless the page says otherwise.
func (db *DB) Tags(ctx context.Context, organization int64, search string, page roster.Page) ([]roster.Tag, error) {
	keys := map[string]string{
		"id": "t.id", "label": "t.label_key", "created_at": "t.created_at", "updated_at": "t.updated_at",
		"member_count": "member_count",
	}
	key := keys[trimMinus(page.Order)]
	if key == "" {
		key, page.Order = "t.label_key", ""
	}
	q := appendTagSearch(db.query(tagSelect, organization), search)
	return collect(ctx, db, q.add(" ORDER BY "+key+descending(page.Order)+", t.id").limited(page), scanTag)
}

// TagLabels is the first tags of an organization by label, with nothing but
// their names: nobody is counted.
func (db *DB) TagLabels(ctx context.Context, organization int64, search string, most int) ([]roster.Tag, error) {
	q := appendTagSearch(db.query("SELECT t.id, t.label FROM tags t WHERE t.organization_id = ?", organization), search)
	return collect(ctx, db, q.add(" ORDER BY t.label_key, t.id LIMIT ?", most), func(s scanner) (t roster.Tag, err error) {
		err = s.Scan(&t.ID, &t.Label)
		return t, err
	})
}

// CountTags is how many there are in all.
func (db *DB) CountTags(ctx context.Context, organization int64, search string) (int, error) {
	return db.count(ctx,
		appendTagSearch(db.query("SELECT count(*) FROM tags t WHERE t.organization_id = ?", organization), search))
}

func appendTagSearch(q *query, search string) *query {
	for _, term := range Terms(search) {
		q.add(` AND t.search_text LIKE ? ESCAPE '\'`, contains(term))
	}
	return q
}

// Tag reads one of an organization's tags.
func (db *DB) Tag(ctx context.Context, organization, id int64) (roster.Tag, error) {
	q := db.query(tagSelect+" AND t.id = ?", organization, id)
	return one(ctx, db, q, scanTag)
}

// CreateTag makes a tag. The label must be new in the organization, ignoring
// case: else Invalid.
func (db *DB) CreateTag(ctx context.Context, organization, by int64, label string, now time.Time) (int64, error) {
	id, err := db.insert(ctx,
		db.query(`INSERT INTO tags (organization_id, label, label_key, search_text, text_version, created_by,
 created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, organization, label, Fold(label), Searchable(label), textVersion,
			by, micros(now), micros(now)))
	return id, db.uniqueLabel(err)
}

// RenameTag gives a tag another label, under the same rule.
func (db *DB) RenameTag(ctx context.Context, id int64, label string, now time.Time) error {
	_, err := db.exec(ctx,
		db.query("UPDATE tags SET label = ?, label_key = ?, search_text = ?, text_version = ?, updated_at = ? WHERE id = ?",
			label, Fold(label), Searchable(label), textVersion, micros(now), id))
	return db.uniqueLabel(err)
}

func (db *DB) uniqueLabel(err error) error {
	if err != nil && db.dialect.isUnique(err) {
		return roster.InvalidField("label", "A tag with this label already exists.")
	}
	return err
}

// CreateTags makes the tags that the organization does not have yet, ignoring
// case, and returns how many.
func (db *DB) CreateTags(ctx context.Context, organization, by int64, labels []string, now time.Time) (int, error) {
	rows := make([][3]string, len(labels))
	for i, label := range labels {
		rows[i] = [3]string{label, Fold(label), Searchable(label)}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return 0, err
	}
	q := db.query(`INSERT INTO tags (organization_id, label, label_key, search_text, text_version, created_by,
 created_at, updated_at)
SELECT ?, x.value ->> 0, x.value ->> 1, x.value ->> 2, ?, ?, ?, ? FROM `, organization, textVersion, by,
		micros(now), micros(now))
	// WHERE TRUE tells SQLite that the conflict clause is not a join's
	return db.exec(ctx, q.add(db.dialect.elements(q.bind(string(text)))+
		" AS x WHERE TRUE ON CONFLICT (organization_id, label_key) DO NOTHING"))
}

// MakeTags makes the tags that the organization does not have yet, and returns the ids of
// all it has by folded label, and how many it made. Nobody else deletes or renames them, or
// puts them on people, until the transaction ends. Busy where somebody deleted one of the
// labels' in the moment in which they made it.
func (db *DB) MakeTags(ctx context.Context, organization, by int64, labels []string,
	now time.Time) (ids map[string]int64, made int, err error) {
	if _, err = db.LockTags(ctx, organization); err != nil {
		return nil, 0, err
	}
	if made, err = db.CreateTags(ctx, organization, by, labels, now); err != nil {
		return nil, 0, err
	}
	if ids, err = db.LockTags(ctx, organization); err != nil { // with those that others made meanwhile
		return nil, 0, err
	}
	for _, label := range labels {
		if ids[Fold(label)] == 0 {
			return nil, 0, roster.Errorf(roster.Busy, "The tag %q was deleted just now. Nothing was changed; try again.", label)
		}
	}
	return ids, made, nil
}

// UnknownTag is one of ids that is no tag of the organization; 0 when all are.
func (db *DB) UnknownTag(ctx context.Context, organization int64, ids []int64) (int64, error) {
	var id sql.NullInt64
	err := db.row(ctx, db.query("SELECT min(x.id) FROM ").idTable(ids).
		add(" AS x WHERE NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = x.id AND t.organization_id = ?)", organization), &id)
	return id.Int64, err
}
