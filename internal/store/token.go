package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

// SetLegacyToken gives a person a legacy token in place of the one they had.
func (db *DB) SetLegacyToken(ctx context.Context, user int64, hash, sealed []byte, now time.Time) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO legacy_tokens (user_id, hash, sealed, created_at) VALUES (?, ?, ?, ?)
ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, sealed = excluded.sealed, created_at = excluded.created_at`,
		user, hash, sealed, micros(now)))
	return err
}

// SealedToken is a person's legacy token, encrypted; NotFound when they have none.
func (db *DB) SealedToken(ctx context.Context, user int64) (sealed []byte, err error) {
	err = db.row(ctx, db.query("SELECT sealed FROM legacy_tokens WHERE user_id = ?", user), &sealed)
	return sealed, err
}

// ActorByToken is whose legacy token has the given hash, with the role they
// hold now in their active organization; "" when they hold none there.
// NotFound when nobody's does.
func (db *DB) ActorByToken(ctx context.Context, hash []byte) (a roster.Actor, err error) {
	err = db.actor(ctx, db.query(actorSelect+" JOIN legacy_tokens t ON t.user_id = u.id WHERE t.hash = ?", hash), &a)
	return a, err
}

// ActorByUser is the actor that person user is now.
func (db *DB) ActorByUser(ctx context.Context, user int64) (a roster.Actor, err error) {
	err = db.actor(ctx, db.query(actorSelect+" WHERE u.id = ?", user), &a)
	return a, err
}

const actorSelect = `SELECT u.id, u.email, COALESCE(u.active_organization, 0), om.role FROM users u
LEFT JOIN organization_members om ON om.organization_id = u.active_organization AND om.user_id = u.id AND om.deleted_at IS NULL`

func (db *DB) actor(ctx context.Context, q *query, a *roster.Actor) error {
	var role sql.NullString
	err := db.prepared(ctx, q, &a.UserID, &a.Email, &a.OrganizationID, &role)
	a.Role = roster.Role(role.String)
	return err
}

// Setting reads a stored setting; NotFound when it was never written.
func (db *DB) Setting(ctx context.Context, name string) (value []byte, err error) {
	err = db.row(ctx, db.query("SELECT value FROM settings WHERE name = ?", name), &value)
	return value, err
}

// SetSettingOnce writes a setting unless it has a value, and returns the one
// it has then: whoever comes first decides, for every process.
func (db *DB) SetSettingOnce(ctx context.Context, name string, value []byte) ([]byte, error) {
	_, err := db.exec(ctx, db.query("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, value))
	if err != nil {
		return nil, err
	}
	return db.Setting(ctx, name)
}
