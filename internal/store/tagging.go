package store

import (
	"context"
	"maps"
	"slices"

	"roster"
)

// A change of tags is written down first, as outcomes of its operation by what is so
// now, and then made so from there: the record and the change cannot differ. Whoever
// calls these holds the tags (LockTags).

// tagNamed is the label of the tag that an outcome, x, is about; also of one that was
// deleted since.
const tagNamed = `COALESCE((SELECT t.label FROM tags t WHERE t.id = x.tag_id),
 (SELECT d.label FROM deleted_tags d WHERE d.tag_id = x.tag_id ORDER BY d.operation_id DESC LIMIT 1), '')`

// projectNamed is the title of the project that an outcome, x, is about.
const projectNamed = "COALESCE((SELECT p.title FROM projects p WHERE p.id = x.project_id), '')"

const recordTag = "INSERT INTO outcomes (operation_id, user_id, tag_id, result)\n"

// RecordTags writes down that op puts every one of the tags on every one of the
// people, and who has it already.
func (db *DB) RecordTags(ctx context.Context, op int64, people, tags []int64) error {
	return db.recordPairs(ctx, op, people, tags, "WHEN mt.tag_id IS NULL THEN 'tagged' ELSE 'already_tagged'")
}

// RecordUntags writes down that op takes them off, and who has none to lose.
func (db *DB) RecordUntags(ctx context.Context, op int64, people, tags []int64) error {
	return db.recordPairs(ctx, op, people, tags, "WHEN mt.tag_id IS NULL THEN 'not_tagged' ELSE 'untagged'")
}

func (db *DB) recordPairs(ctx context.Context, op int64, people, tags []int64, result string) error {
	q := db.query(recordTag+"SELECT ?, x.id, y.id, CASE "+result+" END FROM ", op).idTable(distinct(people)).
		add(" AS x CROSS JOIN ").idTable(distinct(tags))
	_, err := db.exec(ctx, q.add(" AS y LEFT JOIN member_tags mt ON mt.user_id = x.id AND mt.tag_id = y.id"))
	return err
}

// RecordOtherTags writes down that op takes off the people whatever they have but the
// given tags.
func (db *DB) RecordOtherTags(ctx context.Context, organization, op int64, people, kept []int64) error {
	q := db.query(recordTag+
		"SELECT ?, mt.user_id, mt.tag_id, 'untagged' FROM member_tags mt JOIN tags t ON t.id = mt.tag_id"+
		" WHERE t.organization_id = ? AND ", op, organization)
	q.anyOf("mt.user_id", people).add(" AND NOT (").anyOf("t.id", kept)
	_, err := db.exec(ctx, q.add(")"))
	return err
}

// pairsAtOnce is how many pairs of people and tags one statement writes down.
const pairsAtOnce = 20_000

// RecordTagged writes down that op puts tags on the organization's people, by e-mail,
// as it was written, and who has them already.
func (db *DB) RecordTagged(ctx context.Context, organization, op int64, tags map[string][]int64) error {
	owners, err := db.owners(ctx, slices.Collect(maps.Keys(tags)))
	if err != nil {
		return err
	}
	var pairs [][2]int64
	for email, owner := range owners {
		for _, tag := range tags[email] {
			pairs = append(pairs, [2]int64{owner, tag})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	for some := range slices.Chunk(slices.Compact(pairs), pairsAtOnce) {
		if err := db.recordTagged(ctx, organization, op, some); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) recordTagged(ctx context.Context, organization, op int64, pairs [][2]int64) error {
	given := make([][]any, len(pairs))
	for i, pair := range pairs {
		given[i] = []any{pair[0], pair[1]}
	}
	q := db.query(recordTag+`SELECT ?, y.user_id, y.tag_id, CASE WHEN mt.tag_id IS NULL THEN 'tagged'
 ELSE 'already_tagged' END
FROM (SELECT om.user_id, CAST(x.value->>1 AS BIGINT) AS tag_id FROM `, op).table(given).add(` AS x
 JOIN organization_members om ON om.organization_id = ? AND om.user_id = CAST(x.value->>0 AS BIGINT)
 AND om.deleted_at IS NULL) AS y
LEFT JOIN member_tags mt ON mt.user_id = y.user_id AND mt.tag_id = y.tag_id`, organization)
	_, err := db.exec(ctx, q)
	return err
}

// ApplyTags makes the tags of people as op wrote down, and returns how many people's it
// changed and how many tags it put on.
func (db *DB) ApplyTags(ctx context.Context, op int64) (changed, on int, err error) {
	const written = "SELECT user_id, tag_id FROM outcomes WHERE operation_id = ? AND tag_id <> 0 AND result = "
	if on, err = db.exec(ctx, db.query("INSERT INTO member_tags (user_id, tag_id) "+written+
		"'tagged' ON CONFLICT DO NOTHING", op)); err != nil {
		return 0, 0, err
	}
	if _, err = db.exec(ctx, db.query("DELETE FROM member_tags WHERE (user_id, tag_id) IN ("+written+"'untagged')",
		op)); err != nil {
		return 0, 0, err
	}
	changed, err = db.CountChanged(ctx, op)
	return changed, on, err
}

// DeleteTags takes the given tags from the organization and from everybody who has
// them, keeps them for the undo of op, and returns how many there were. Of people who
// were deleted it is written down that they are passed over: nobody sees their tags.
func (db *DB) DeleteTags(ctx context.Context, organization, op int64, ids []int64) (int, error) {
	n, err := db.exec(ctx,
		db.query(`INSERT INTO deleted_tags (operation_id, tag_id, label, label_key, search_text, text_version,
 created_by, created_at, updated_at)
SELECT ?, id, label, label_key, search_text, text_version, created_by, created_at, updated_at FROM tags
 WHERE organization_id = ? AND `, op, organization).anyOf("id", ids))
	if err != nil || n == 0 {
		return n, err
	}
	q := db.query(recordTag+`SELECT d.operation_id, mt.user_id, mt.tag_id, CASE
 WHEN om.deleted_at IS NULL THEN 'untagged' ELSE 'deleted' END
FROM deleted_tags d JOIN member_tags mt ON mt.tag_id = d.tag_id
JOIN organization_members om ON om.organization_id = ? AND om.user_id = mt.user_id WHERE d.operation_id = ?`,
		organization, op)
	if _, err := db.exec(ctx, q); err != nil {
		return 0, err
	}
	_, err = db.exec(ctx,
		db.query("DELETE FROM tags WHERE id IN (SELECT tag_id FROM deleted_tags WHERE operation_id = ?)", op))
	return n, err
}

// CountTagsOf is how many of the given tags an organization has.
func (db *DB) CountTagsOf(ctx context.Context, organization int64, ids []int64) (int, error) {
	return db.count(ctx, db.query("SELECT count(*) FROM tags WHERE organization_id = ? AND ", organization).
		anyOf("id", ids))
}

// DeletedTags is the labels of the tags that an operation deleted, the first hundred.
func (db *DB) DeletedTags(ctx context.Context, op int64) ([]string, error) {
	return collect(ctx, db,
		db.query("SELECT label FROM deleted_tags WHERE operation_id = ? ORDER BY label_key LIMIT 100", op),
		func(s scanner) (label string, err error) {
			err = s.Scan(&label)
			return label, err
		})
}

// RestoreTags makes the tags again that undone deleted, but for those whose label
// another one has now.
func (db *DB) RestoreTags(ctx context.Context, organization, undone int64) error {
	_, err := db.exec(ctx,
		db.query(`INSERT INTO tags (id, organization_id, label, label_key, search_text, text_version, created_by,
 created_at, updated_at)
SELECT tag_id, ?, label, label_key, search_text, text_version, created_by, created_at, updated_at
 FROM deleted_tags WHERE operation_id = ?
ON CONFLICT (organization_id, label_key) DO NOTHING`, organization, undone))
	return err
}

// RevertTags writes down, as outcomes of undo, that whom undone gave a tag loses it, and
// who lost one has it back. Left alone are those who are gone, who left since and came
// again, whose tag a later operation changed that stands, and whose tag is no more.
func (db *DB) RevertTags(ctx context.Context, undone roster.Operation, undo int64) error {
	left := func(q *query) *query {
		return appendLeftSince(q.add("o.user_id IN ("), undone.OrganizationID, undone.ID).add(")")
	}
	q := left(db.query(recordTag+"SELECT ?, o.user_id, o.tag_id, CASE WHEN om.deleted_at IS NOT NULL OR ", undo))
	q.add(` THEN 'gone_meanwhile'
 WHEN (o.result = 'tagged') <> EXISTS (SELECT 1 FROM member_tags mt WHERE mt.user_id = o.user_id
 AND mt.tag_id = o.tag_id)
  OR NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = o.tag_id)
  OR EXISTS (SELECT 1 FROM outcomes later JOIN operations l ON l.id = later.operation_id
   WHERE later.user_id = o.user_id AND later.operation_id > o.operation_id AND later.tag_id = o.tag_id
 AND later.result IN ('tagged', 'untagged')
   AND l.kind <> 'undo' AND NOT EXISTS (SELECT 1 FROM operations u WHERE u.undoes = l.id)) THEN 'changed_meanwhile'
 WHEN o.result = 'tagged' THEN 'untagged' ELSE 'tagged' END
FROM outcomes o JOIN organization_members om ON om.organization_id = ? AND om.user_id = o.user_id
WHERE o.operation_id = ? AND o.tag_id <> 0 AND (o.result IN ('tagged', 'untagged') OR o.result = 'deleted' AND `,
		undone.OrganizationID, undone.ID)
	if _, err := db.exec(ctx, left(q).add(")")); err != nil {
		return err
	}
	return db.giveBackHidden(ctx, undone.ID, undo)
}

// giveBackHidden puts the tags of an operation's deleting back on people who had been
// deleted from the organization before, so that bringing those back later brings all. Not
// on those who came again since, and began without: RevertTags wrote down who they are.
func (db *DB) giveBackHidden(ctx context.Context, undone, undo int64) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO member_tags (user_id, tag_id)
SELECT o.user_id, o.tag_id FROM outcomes o JOIN tags t ON t.id = o.tag_id
WHERE o.operation_id = ? AND o.result = 'deleted' AND NOT EXISTS (SELECT 1 FROM outcomes x
 WHERE x.operation_id = ? AND x.user_id = o.user_id AND x.tag_id = o.tag_id AND x.result = 'gone_meanwhile')
ON CONFLICT DO NOTHING`, undone, undo))
	return err
}
