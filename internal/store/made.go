package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

// Things that people made in the upstream of a gate, and what the upstream is to
// be told about them (docs/adr/0022).

// Makers says which organization roles may make a kind of thing: everywhere, and
// in the projects of which they are members.
type Makers struct {
	Kinds              []roster.MadeKind
	Type               string // of storages; "": all that have no line of their own
	Everywhere, Inside []roster.Role
}

// appendIsOf appends the condition that a thing, t, is of the type that m is about.
func (m Makers) appendIsOf(q *query, all []Makers) {
	for _, other := range all {
		switch {
		case other.Type == "":
		case m.Type == "":
			q.add("t.type <> ? AND ", other.Type)
		case m.Type == other.Type:
			q.add("t.type = ? AND ", m.Type)
		}
	}
}

// appendMayMake appends the condition that the maker of a thing, t, may still make it.
func appendMayMake(q *query, makers []Makers) {
	q.add(`EXISTS (SELECT 1 FROM projects p JOIN organization_members om ON om.organization_id = p.organization_id
 AND om.user_id = t.maker_id AND om.deleted_at IS NULL
LEFT JOIN workspaces w ON w.id = p.workspace_id WHERE p.id = t.project_id AND (1 = 0`)
	for _, m := range makers {
		m.appendIsOf(q.add(" OR ("), makers)
		appendOneOf(q, "t.kind", m.Kinds)
		q.add(" AND (")
		appendOneOf(q, "om.role", m.Everywhere)
		q.add(" AND NOT (COALESCE(w.is_personal, FALSE) AND w.created_by <> om.user_id)")
		if len(m.Inside) > 0 {
			appendOneOf(q.add(" OR "), "om.role", m.Inside)
			q.add(` AND (EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = t.project_id
 AND pm.user_id = t.maker_id AND {{explicit pm}})
 OR EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = p.workspace_id AND wm.user_id = t.maker_id
 AND {{active wm}}))`)
		}
		q.add("))")
	}
	q.add("))")
}

// appendMadeWithin appends the condition that a thing, t, is where an operation can have
// changed who may make it.
func appendMadeWithin(q *query, op roster.Operation) *query {
	if op.ProjectID != 0 {
		q.add(" AND t.project_id = ?", op.ProjectID)
	}
	return q
}

// StrandMade notes the things whose makers may not make them any more since op,
// and has those disabled that work by themselves, or writes down that they stay.
// It returns how many the upstream is to be told about.
func (db *DB) StrandMade(ctx context.Context, op roster.Operation, makers []Makers, action roster.MadeAction,
	now time.Time) (int, error) {
	q := db.query("UPDATE made_things AS t SET stranded_by = ? WHERE t.stranded_by IS NULL AND t.maker_id IS NOT NULL"+
		" AND t.deleted_at IS NULL", op.ID)
	appendMayMake(appendMadeWithin(q, op).add(" AND NOT "), makers)
	if n, err := db.exec(ctx, q); err != nil || n == 0 {
		return 0, err
	}
	const theirs = "t.stranded_by = ? AND NOT t.disabled AND t.kind <> 'tab'"
	if action == roster.MadeKeep {
		return 0, db.intend(ctx, op.ID, action, time.Time{}, func(q *query) { q.add(theirs, op.ID) })
	}
	n, err := db.exec(ctx, db.query("UPDATE made_things AS t SET disabled = TRUE, disabled_by = ? WHERE "+theirs,
		op.ID, op.ID))
	if err != nil || n == 0 {
		return n, err
	}
	return n, db.intend(ctx, op.ID, action, now, func(q *query) {
		q.add("t.stranded_by = ? AND t.disabled_by = ?", op.ID, op.ID)
	})
}

// UnstrandMade notes the things whose makers may make them again, and, where op
// takes another one back, enables those that the other one had disabled and
// nobody has changed since. It returns how many.
func (db *DB) UnstrandMade(ctx context.Context, op roster.Operation, makers []Makers, now time.Time) (int, error) {
	q := db.query("UPDATE made_things AS t SET stranded_by = NULL WHERE t.stranded_by IS NOT NULL" +
		" AND t.deleted_at IS NULL")
	appendMayMake(appendMadeWithin(q, op).add(" AND "), makers)
	if _, err := db.exec(ctx, q); err != nil || op.Undoes == 0 {
		return 0, err
	}
	back := func(q *query) {
		q.add("t.disabled_by = ? AND t.stranded_by IS NULL AND t.deleted_at IS NULL", op.Undoes)
	}
	if err := db.intend(ctx, op.ID, roster.MadeEnable, now, back); err != nil {
		return 0, err
	}
	q = db.query("UPDATE made_things AS t SET disabled = FALSE, disabled_by = NULL WHERE ")
	back(q)
	return db.exec(ctx, q)
}

// intend writes what the upstream is to be told about the things, t, that which
// names, from the given time on: never, for the zero time. An earlier intent
// that is still pending no longer counts.
func (db *DB) intend(ctx context.Context, op int64, action roster.MadeAction, due time.Time,
	which func(q *query)) error {
	q := db.query("UPDATE made_intents SET state = 'superseded', next_at = NULL WHERE state = 'pending'" +
		" AND made_id IN (SELECT t.id FROM made_things t WHERE ")
	which(q)
	if _, err := db.exec(ctx, q.add(")")); err != nil {
		return err
	}
	state := roster.IntentPending
	if due.IsZero() {
		state = roster.IntentKept
	}
	q = db.query("INSERT INTO made_intents (made_id, operation_id, action, state, next_at) "+
		"SELECT t.id, CAST(? AS BIGINT), ?, ?, CAST(? AS BIGINT) FROM made_things t WHERE ",
		orNull(op), action, state, nullMicros(due))
	which(q)
	_, err := db.exec(ctx, q)
	return err
}

// SwitchMade has one thing disabled or enabled, by hand: whoever enables it
// answers for it from now on.
func (db *DB) SwitchMade(ctx context.Context, id int64, action roster.MadeAction, by int64, now time.Time) error {
	q := db.query("UPDATE made_things SET disabled = ?, disabled_by = NULL", action == roster.MadeDisable)
	if action == roster.MadeEnable {
		q.add(", maker_id = ?, works = TRUE, stranded_by = NULL", by)
	}
	if _, err := db.exec(ctx, q.add(" WHERE id = ?", id)); err != nil {
		return err
	}
	return db.intend(ctx, 0, action, now, func(q *query) { q.add("t.id = ?", id) })
}

const madeColumns = `t.id, t.project_id, t.kind, t.type, t.upstream_id, t.title, t.place, t.maker_id,
 COALESCE((SELECT u.email FROM users u WHERE u.id = t.maker_id), ''),
 t.made_at, t.works, t.disabled, t.disabled_by, i.id, COALESCE(i.action, ''), COALESCE(i.state, ''),
 COALESCE(i.attempts, 0), COALESCE(i.error, '')`

func scanMade(s scanner) (m roster.Made, err error) {
	var maker, at, by, intent sql.NullInt64
	err = s.Scan(&m.ID, &m.ProjectID, &m.Kind, &m.Type, &m.UpstreamID, &m.Title, &m.Location, &maker, &m.MakerEmail,
		&at, &m.Works, &m.Disabled, &by, &intent, &m.Last.Action, &m.Last.State, &m.Last.Attempts, &m.Last.Error)
	m.MakerID, m.MadeAt, m.DisabledBy, m.Last.ID = maker.Int64, moment(at), by.Int64, intent.Int64
	return m, err
}

// madeWithLast begins a question about things, each with its last intent.
func (db *DB) madeWithLast() *query {
	return db.query("SELECT " + madeColumns + " FROM made_things t LEFT JOIN made_intents i" +
		" ON i.id = (SELECT max(x.id) FROM made_intents x WHERE x.made_id = t.id) WHERE t.deleted_at IS NULL")
}

// MadeThing is the thing that the upstream has under an id; NotFound where none
// was seen.
func (db *DB) MadeThing(ctx context.Context, kind roster.MadeKind, kin string, id int64) (roster.Made, error) {
	q := db.madeWithLast().add(" AND t.kind = ? AND t.type = ? AND t.upstream_id = ?", kind, kin, id)
	return one(ctx, db, q, scanMade)
}

// MadeByID is a thing by Roster's own id.
func (db *DB) MadeByID(ctx context.Context, id int64) (roster.Made, error) {
	q := db.madeWithLast().add(" AND t.id = ?", id)
	return one(ctx, db, q, scanMade)
}

// MadeIn is one page of what was made in a project, the newest first, tabs after
// everything that works by itself; and how much there is in all.
func (db *DB) MadeIn(ctx context.Context, project int64, page roster.Page) (list []roster.Made, total int, err error) {
	const listed = " AND t.project_id = ?"
	if total, err = db.count(ctx, db.query("SELECT count(*) FROM made_things t WHERE t.deleted_at IS NULL"+listed,
		project)); err != nil {
		return nil, 0, err
	}
	q := db.madeWithLast().add(listed+" ORDER BY CASE WHEN t.kind = 'tab' THEN 1 ELSE 0 END, t.id DESC", project)
	list, err = collect(ctx, db, q.limited(page), scanMade)
	return list, total, err
}

// MadeBy is what the people made in a project and works by itself, and how many
// tabs they saved there.
func (db *DB) MadeBy(ctx context.Context, project int64, people []int64) (out roster.MadeOutcome, err error) {
	q := db.madeWithLast().
		add(" AND t.project_id = ? AND t.kind <> 'tab' AND NOT t.disabled AND t.stranded_by IS NULL AND ", project)
	if out.Things, err = collect(ctx, db, q.anyOf("t.maker_id", people).add(" ORDER BY t.id"), scanMade); err != nil {
		return out, err
	}
	q = db.query("SELECT count(*) FROM made_things t WHERE t.deleted_at IS NULL AND t.project_id = ?"+
		" AND t.kind = 'tab' AND t.stranded_by IS NULL AND ", project)
	out.Tabs, err = db.count(ctx, q.anyOf("t.maker_id", people))
	return out, err
}

// MadeOutcome is what became of things by an operation.
func (db *DB) MadeOutcome(ctx context.Context, op int64) (out roster.MadeOutcome, err error) {
	q := db.query("SELECT "+madeColumns+" FROM made_intents i JOIN made_things t ON t.id = i.made_id"+
		" WHERE i.operation_id = ? ORDER BY t.id", op)
	if out.Things, err = collect(ctx, db, q, scanMade); err != nil {
		return out, err
	}
	for _, m := range out.Things {
		if m.Last.State == roster.IntentPending {
			out.Pending++
		}
	}
	out.Tabs, err = db.count(ctx, db.query("SELECT count(*) FROM made_things t WHERE t.stranded_by = ?"+
		" AND t.kind = 'tab' AND t.deleted_at IS NULL", op))
	return out, err
}

// KeepMadeThing writes down a thing as it is now, under its id in the upstream,
// and returns Roster's.
func (db *DB) KeepMadeThing(ctx context.Context, m roster.Made) (int64, error) {
	return db.insert(ctx, db.query(`INSERT INTO made_things (project_id, kind, type, upstream_id, title, place,
 maker_id, made_at, works, disabled, disabled_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, type, upstream_id) DO UPDATE
 SET project_id = excluded.project_id, title = excluded.title, place = excluded.place,
 maker_id = excluded.maker_id, works = excluded.works, disabled = excluded.disabled,
 disabled_by = excluded.disabled_by, deleted_at = NULL RETURNING id`,
		m.ProjectID, m.Kind, m.Type, m.UpstreamID, m.Title, m.Location, orNull(m.MakerID), micros(m.MadeAt), m.Works,
		m.Disabled, orNull(m.DisabledBy)))
}

// SettleStanding notes whether the maker of a thing may make it now; one who may
// not has it disabled from now on. It reports whether that is so.
func (db *DB) SettleStanding(ctx context.Context, id int64, may bool, now time.Time) (bool, error) {
	if may {
		_, err := db.exec(ctx, db.query("UPDATE made_things SET stranded_by = NULL WHERE id = ?", id))
		return false, err
	}
	n, err := db.exec(ctx, db.query("UPDATE made_things SET stranded_by = 0, disabled = (kind <> 'tab'),"+
		" disabled_by = NULL WHERE id = ? AND NOT disabled", id))
	if err != nil || n == 0 {
		return false, err
	}
	return true, db.intend(ctx, 0, roster.MadeDisable, now, func(q *query) { q.add("t.id = ? AND t.kind <> 'tab'", id) })
}

// RecordSwitched writes down that somebody enabled a thing in the upstream by hand.
func (db *DB) RecordSwitched(ctx context.Context, id int64) error {
	if err := db.intend(ctx, 0, roster.MadeEnable, time.Time{}, func(q *query) { q.add("t.id = ?", id) }); err != nil {
		return err
	}
	_, err := db.exec(ctx, db.query("UPDATE made_intents SET state = 'done' WHERE id = (SELECT max(x.id)"+
		" FROM made_intents x WHERE x.made_id = ?)", id))
	return err
}

// DiscoverMade writes down what the upstream lists of a project, where it is not
// known. A thing that goes elsewhere than it did was changed past the gate, and
// nobody knows by whom.
func (db *DB) DiscoverMade(ctx context.Context, project int64, things []roster.Made, now time.Time) error {
	if len(things) == 0 {
		return nil
	}
	rows := make([][]any, len(things))
	for i, m := range things {
		rows[i] = []any{string(m.Kind), m.Type, m.UpstreamID, m.Title, m.Location, orNull(m.MakerID), m.Works}
	}
	q := db.query(`INSERT INTO made_things (project_id, kind, type, upstream_id, title, place, maker_id, made_at, works)
SELECT CAST(? AS BIGINT), x.value->>0, x.value->>1, CAST(x.value->>2 AS BIGINT), x.value->>3, x.value->>4,
 (SELECT u.id FROM users u WHERE u.id = CAST(x.value->>5 AS BIGINT)), CAST(? AS BIGINT), CAST(x.value->>6 AS BOOLEAN)
 FROM `, project, micros(now)).table(rows)
	_, err := db.exec(ctx,
		q.add(` AS x WHERE 1 = 1 ON CONFLICT (kind, type, upstream_id) DO UPDATE SET title = excluded.title,
 maker_id = CASE WHEN made_things.place = excluded.place THEN made_things.maker_id
 ELSE excluded.maker_id END, place = excluded.place,
 works = CASE WHEN made_things.disabled THEN made_things.works ELSE excluded.works END`))
	return err
}

// ForgetMade notes that the upstream has a thing no more; id 0 is all of its kind
// in the project.
func (db *DB) ForgetMade(ctx context.Context, project int64, kind roster.MadeKind, kin string, id int64,
	now time.Time) error {
	q := db.query("UPDATE made_things SET deleted_at = ? WHERE deleted_at IS NULL AND project_id = ? AND kind = ?"+
		" AND type = ?", micros(now), project, kind, kin)
	if id != 0 {
		q.add(" AND upstream_id = ?", id)
	}
	if _, err := db.exec(ctx, q); err != nil {
		return err
	}
	return db.dropIntents(ctx, func(q *query) { q.add("t.deleted_at IS NOT NULL AND t.project_id = ?", project) })
}

// dropIntents ends what the upstream is still to be told about the things, t,
// that which names, because they are gone.
func (db *DB) dropIntents(ctx context.Context, which func(q *query)) error {
	q := db.query("UPDATE made_intents SET state = 'gone', next_at = NULL WHERE state = 'pending'" +
		" AND made_id IN (SELECT t.id FROM made_things t WHERE ")
	which(q)
	_, err := db.exec(ctx, q.add(")"))
	return err
}

// ClaimIntents takes intents that are due, so that nobody else carries them out
// until the given time, with the things they are about.
func (db *DB) ClaimIntents(ctx context.Context, d Due, until time.Time, most int) (things []roster.Made, err error) {
	q := db.claiming("made_intents", d, until, most, "id")
	err = db.Update(ctx, func(tx *DB) error {
		things = nil
		claimed, err := tx.plainIDs(ctx, q)
		if err != nil || len(claimed) == 0 {
			return err
		}
		of := tx.query("SELECT " + madeColumns + " FROM made_intents i JOIN made_things t ON t.id = i.made_id WHERE ")
		things, err = collect(ctx, tx, of.anyOf("i.id", claimed).add(" ORDER BY i.id"), scanMade)
		return err
	})
	return things, err
}

// IntentSettled records that the upstream confirmed an intent. Where a later one
// was written meanwhile, that one is to be carried out again: the upstream may
// have heard of it first.
func (db *DB) IntentSettled(ctx context.Context, m roster.Made, state roster.IntentState, now time.Time) error {
	n, err := db.exec(ctx, db.query("UPDATE made_intents SET state = ?, next_at = NULL, error = '' WHERE id = ?"+
		" AND state = 'pending'", state, m.Last.ID))
	if err != nil || n > 0 {
		return err
	}
	_, err = db.exec(ctx,
		db.query(`UPDATE made_intents SET state = 'pending', next_at = ? WHERE state IN ('done', 'pending')
 AND id = (SELECT max(x.id) FROM made_intents x WHERE x.made_id = ? AND x.action <> 'keep')`, micros(now), m.ID))
	return err
}

// IntentFailed records why an attempt was in vain, and when the next one is.
func (db *DB) IntentFailed(ctx context.Context, intent int64, reason string, next time.Time) error {
	_, err := db.exec(ctx, db.query("UPDATE made_intents SET error = ?, next_at = ? WHERE id = ?"+
		" AND state = 'pending'", reason, micros(next), intent))
	return err
}

// SetSetting writes a setting, whatever it was.
func (db *DB) SetSetting(ctx context.Context, name string, value []byte) error {
	_, err := db.exec(ctx, db.query("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"+
		" SET value = excluded.value", name, value))
	return err
}

// Within reports whether it is a transaction.
func (db *DB) Within() bool { return db.tx != nil }
