package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

const perMinute = int64(time.Minute / time.Microsecond)

// AddSession keeps a new session of a person.
func (db *DB) AddSession(ctx context.Context, user int64, hash []byte, now time.Time) error {
	_, err := db.exec(ctx, db.query("INSERT INTO sessions (user_id, hash, created_at, last_seen) VALUES (?, ?, ?, ?)",
		user, hash, micros(now), micros(now)))
	return err
}

// ActorBySession is whose session has the given hash, with the role they hold
// now in their active organization, and when they were last seen. NotFound
// when it is nobody's, and when that organization's policy ends it.
// in is as for ActorByToken.
func (db *DB) ActorBySession(ctx context.Context, hash []byte, now time.Time,
	in ...*roster.Standing) (a roster.Actor, seen time.Time, err error) {
	var at sql.NullInt64
	usual := roster.UsualSessionPolicy
	args := []any{hash, micros(now), usual.MaxAge, perMinute, usual.MaxIdle}
	var u roster.User
	var title, chosen sql.NullString
	err = db.actor(ctx, actorBySession, args, in, &a, &a.SessionID, &at, &u.FirstName, &u.LastName, &u.Username, &title,
		&chosen)
	u.ID, u.Email = a.UserID, a.Email
	a.Name, a.Organization, a.Preferences = u.Name(), title.String, preferences(chosen.String)
	return a, moment(at), err
}

var actorBySession = newActorText(", t.id, t.last_seen, u.first_name, u.last_name, u.username,"+
	" (SELECT o.title FROM organizations o WHERE o.id = u.active_organization) AS title, "+preferencesColumn,
	" JOIN sessions t ON t.user_id = u.id LEFT JOIN session_policies s ON s.organization_id = u.active_organization",
	"t.hash = $1 AND t.created_at > $2 - COALESCE(s.max_age, $3) * $4"+
		" AND t.last_seen > $2 - COALESCE(s.max_idle, $5) * $4", 5)

// TouchSession records that a session was used.
func (db *DB) TouchSession(ctx context.Context, id int64, now time.Time) error {
	return db.repeat(ctx, db.query("UPDATE sessions SET last_seen = ? WHERE id = ?", micros(now), id))
}

// OwnerCanSignIn reports whether an Owner of an organization has a password
// or, where identities count, one of those.
func (db *DB) OwnerCanSignIn(ctx context.Context, organization int64, identities bool) (bool, error) {
	n, err := db.count(ctx, db.query(`SELECT count(*) FROM organization_members om JOIN users u ON u.id = om.user_id
WHERE om.organization_id = ? AND {{owner om}} AND u.active_organization = om.organization_id
 AND (u.password_hash <> '' OR (? AND EXISTS (SELECT 1 FROM identities i WHERE i.user_id = u.id)))`,
		organization, identities))
	return n > 0, err
}

// EndSession ends the session with the given hash.
func (db *DB) EndSession(ctx context.Context, hash []byte) error {
	_, err := db.exec(ctx, db.query("DELETE FROM sessions WHERE hash = ?", hash))
	return err
}

// EndSessionsOf ends all sessions of a person but one (0: all).
func (db *DB) EndSessionsOf(ctx context.Context, user, but int64) error {
	_, err := db.exec(ctx, db.query("DELETE FROM sessions WHERE user_id = ? AND id <> ?", user, but))
	return err
}

// EndSessions ends all sessions of the given people.
func (db *DB) EndSessions(ctx context.Context, users []int64) error {
	_, err := db.exec(ctx, db.query("DELETE FROM sessions WHERE ").anyOf("user_id", users))
	return err
}

// sweepSessions forgets sessions that no policy lets live: they have been idle
// for longer than the organization of their person allows.
func (db *DB) sweepSessions(ctx context.Context, now time.Time) error {
	usual := roster.UsualSessionPolicy
	_, err := db.exec(ctx,
		db.query(`DELETE FROM sessions WHERE id IN (SELECT t.id FROM sessions t JOIN users u ON u.id = t.user_id
LEFT JOIN session_policies s ON s.organization_id = u.active_organization
WHERE t.created_at <= ? - COALESCE(s.max_age, ?) * ? OR t.last_seen <= ? - COALESCE(s.max_idle, ?) * ?)`,
			micros(now), usual.MaxAge, perMinute, micros(now), usual.MaxIdle, perMinute))
	return err
}

// SessionPolicy is an organization's; the usual one, as old as the
// organization, where it chose nothing.
func (db *DB) SessionPolicy(ctx context.Context, organization int64) (p roster.SessionPolicy, err error) {
	usual := roster.UsualSessionPolicy
	var created, updated sql.NullInt64
	err = db.find(ctx, db.query(`SELECT COALESCE(s.max_age, ?), COALESCE(s.max_idle, ?), COALESCE(s.created_at,
 o.created_at), COALESCE(s.updated_at, o.created_at)
FROM organizations o LEFT JOIN session_policies s ON s.organization_id = o.id WHERE o.id = ?`, usual.MaxAge,
		usual.MaxIdle, organization),
		&p.MaxAge, &p.MaxIdle, &created, &updated)
	p.CreatedAt, p.UpdatedAt = moment(created), moment(updated)
	return p, err
}

// SetSessionPolicy writes it.
func (db *DB) SetSessionPolicy(ctx context.Context, organization int64, p roster.SessionPolicy) error {
	_, err := db.exec(ctx,
		db.query(`INSERT INTO session_policies (organization_id, max_age, max_idle, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?)
ON CONFLICT (organization_id) DO UPDATE SET max_age = excluded.max_age, max_idle = excluded.max_idle,
 updated_at = excluded.updated_at`,
			organization, p.MaxAge, p.MaxIdle, micros(p.CreatedAt), micros(p.UpdatedAt)))
	return err
}

// SessionsOf is a person's that the policy lets live, the one seen last first.
func (db *DB) SessionsOf(ctx context.Context, user int64, now time.Time) ([]roster.LiveSession, error) {
	usual := roster.UsualSessionPolicy
	q := db.query(`SELECT t.id, t.created_at, t.last_seen FROM sessions t JOIN users u ON u.id = t.user_id
LEFT JOIN session_policies s ON s.organization_id = u.active_organization
WHERE t.user_id = ? AND t.created_at > ? - COALESCE(s.max_age, ?) * ? AND t.last_seen > ? - COALESCE(s.max_idle, ?) * ?
ORDER BY t.last_seen DESC, t.id DESC`, user, micros(now), usual.MaxAge, perMinute, micros(now),
		usual.MaxIdle, perMinute)
	return collect(ctx, db, q, func(s scanner) (l roster.LiveSession, err error) {
		var created, seen sql.NullInt64
		err = s.Scan(&l.ID, &created, &seen)
		l.CreatedAt, l.SeenAt = moment(created), moment(seen)
		return l, err
	})
}

// EndSessionOf ends one session of a person; NotFound when it is not theirs.
func (db *DB) EndSessionOf(ctx context.Context, user, id int64) error {
	n, err := db.exec(ctx, db.query("DELETE FROM sessions WHERE user_id = ? AND id = ?", user, id))
	if err == nil && n == 0 {
		err = roster.Errorf(roster.NotFound, "This session has ended already.")
	}
	return err
}
