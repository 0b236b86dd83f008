package store

import (
	"context"
	"database/sql"
	"strings"

	"roster"
)

// RecordSettings writes down a change of an organization's settings. Where nothing
// was said before, the change before it tells whether there ever was.
func (db *DB) RecordSettings(ctx context.Context, organization int64, c roster.SettingsChange) error {
	_, err := db.exec(ctx,
		db.query(`INSERT INTO settings_changes (organization_id, kind, state, previous, changed, actor_id, at)
VALUES (?, ?, ?, COALESCE(NULLIF(?, ''), (SELECT s.state FROM settings_changes s WHERE s.organization_id = ?
 AND s.kind = ? ORDER BY s.id DESC LIMIT 1), ''), ?, ?, ?)`,
			organization, c.Kind, c.State, c.Previous, organization, c.Kind, strings.Join(c.Changed, ","), c.ActorID,
			micros(c.At)))
	return err
}

func appendSettingsMatch(q *query, organization int64, kind roster.MappingSource, f roster.HistoryFilter) *query {
	q.add(" WHERE s.organization_id = ? AND s.kind = ?", organization, kind)
	if !f.Since.IsZero() {
		q.add(" AND s.at >= ?", micros(f.Since))
	}
	if !f.Until.IsZero() {
		q.add(" AND s.at <= ?", micros(f.Until))
	}
	return q
}

// CountSettingsHistory is how many changes of one kind there are in all.
func (db *DB) CountSettingsHistory(ctx context.Context, organization int64, kind roster.MappingSource,
	f roster.HistoryFilter) (int, error) {
	return db.count(ctx, appendSettingsMatch(db.query("SELECT count(*) FROM settings_changes s"), organization, kind, f))
}

// SettingsHistory is one page of them, newest first unless the page says otherwise.
func (db *DB) SettingsHistory(ctx context.Context, organization int64, kind roster.MappingSource,
	f roster.HistoryFilter, page roster.Page) ([]roster.SettingsChange, error) {
	q := db.query("SELECT s.id, s.kind, s.state, s.previous, s.changed, s.actor_id, COALESCE(u.email, ''), s.at" +
		" FROM settings_changes s LEFT JOIN users u ON u.id = s.actor_id")
	appendSettingsMatch(q, organization, kind, f)
	if page.Order == "created_at" {
		q.add(" ORDER BY s.at, s.id")
	} else {
		q.add(" ORDER BY s.at DESC, s.id DESC")
	}
	return collect(ctx, db, q.limited(page), func(s scanner) (c roster.SettingsChange, err error) {
		var changed string
		var at sql.NullInt64
		err = s.Scan(&c.ID, &c.Kind, &c.State, &c.Previous, &changed, &c.ActorID, &c.ActorEmail, &at)
		c.Changed, c.At = strings.Split(changed, ","), moment(at)
		return c, err
	})
}
