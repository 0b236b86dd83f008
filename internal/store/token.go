package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"roster"
)

// SetLegacyToken gives a person a legacy token in place of the one they had.
func (db *DB) SetLegacyToken(ctx context.Context, user int64, hash, sealed []byte, now time.Time) error {
	_, err := db.exec(ctx, newToken(db, user, hash, sealed, now).
		add("UPDATE SET hash = excluded.hash, sealed = excluded.sealed, created_at = excluded.created_at"))
	return err
}

// SetFirstToken gives a person a legacy token if they have none.
func (db *DB) SetFirstToken(ctx context.Context, user int64, hash, sealed []byte, now time.Time) error {
	_, err := db.exec(ctx, newToken(db, user, hash, sealed, now).add("NOTHING"))
	return err
}

func newToken(db *DB, user int64, hash, sealed []byte, now time.Time) *query {
	return db.query("INSERT INTO legacy_tokens (user_id, hash, sealed, created_at) VALUES (?, ?, ?, ?)"+
		" ON CONFLICT (user_id) DO ",
		user, hash, sealed, micros(now))
}

// SealedToken is a person's legacy token, encrypted; NotFound when they have none.
func (db *DB) SealedToken(ctx context.Context, user int64) (sealed []byte, err error) {
	err = db.find(ctx, db.query("SELECT sealed FROM legacy_tokens WHERE user_id = ?", user), &sealed)
	return sealed, err
}

// actorText is a question for an actor: alone, and with what they are to a project.
type actorText struct{ alone, inProject string }

// newActorText selects more columns, too, from where more is joined, by a condition of
// so many parameters. The project is the one after them.
func newActorText(more, joins, where string, parameters int) actorText {
	project := "$" + strconv.Itoa(parameters+1)
	const from = " FROM users u " + actorJoin
	return actorText{
		alone: "SELECT " + actorColumns + more + from + joins + " WHERE " + where,
		inProject: "SELECT " + actorColumns + more + ", " + standingColumns("u.id", project) + from + joins +
			" LEFT JOIN projects p ON p.id = " + project + " AND p.deleted_at IS NULL" + standingJoins("u.id", project) +
			" WHERE " + where,
	}
}

const (
	actorColumns = "u.id, u.email, COALESCE(u.active_organization, 0) AS organization, om.role, " +
		overridesColumn + " AS overrides"
	actorJoin = "LEFT JOIN organization_members om ON om.organization_id = u.active_organization" +
		" AND om.user_id = u.id AND om.deleted_at IS NULL"

	tokenSettingsJoin = " LEFT JOIN token_settings s ON s.organization_id = u.active_organization"
)

var (
	actorByUser  = newActorText("", "", "u.id = $1", 1)
	actorByToken = newActorText(", COALESCE(s.legacy_enabled, TRUE) AS enabled",
		tokenSettingsJoin+" JOIN legacy_tokens t ON t.user_id = u.id", "t.hash = $1", 1)
	actorByPersonalToken = newActorText(", COALESCE(s.personal_enabled, TRUE) AS enabled",
		tokenSettingsJoin+" JOIN personal_tokens t ON t.user_id = u.id",
		"t.hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2", 2)
)

// ActorByToken is whose legacy token has the given hash, with the role they
// hold now in their active organization ("" when they hold none there), and
// whether that takes legacy tokens. NotFound when it is nobody's. The same
// statement reads what they are to the project that in names, if it is given;
// that has no organization when there is no such project.
func (db *DB) ActorByToken(ctx context.Context, hash []byte, in ...*roster.Standing) (a roster.Actor,
	enabled bool, err error) {
	err = db.actor(ctx, actorByToken, []any{hash}, in, &a, &enabled)
	return a, enabled, err
}

// ActorByPersonalToken is the same for a personal access token. NotFound also
// when it was revoked or has expired.
func (db *DB) ActorByPersonalToken(ctx context.Context, hash []byte, now time.Time,
	in ...*roster.Standing) (a roster.Actor, enabled bool, err error) {
	err = db.actor(ctx, actorByPersonalToken, []any{hash, micros(now)}, in, &a, &enabled)
	return a, enabled, err
}

// ActorByUser is the actor that person user is now; in is as for ActorByToken.
func (db *DB) ActorByUser(ctx context.Context, user int64, in ...*roster.Standing) (a roster.Actor, err error) {
	err = db.actor(ctx, actorByUser, []any{user}, in, &a)
	return a, err
}

// actor reads the actor columns, what was selected after them, and the standing in the
// project that in names, if any.
func (db *DB) actor(ctx context.Context, text actorText, args []any, in []*roster.Standing, a *roster.Actor,
	more ...any) error {
	var role, decided sql.NullString
	question, columns := text.alone, append([]any{&a.UserID, &a.Email, &a.OrganizationID, &role, &decided}, more...)
	var row standingRow
	for _, s := range in { // one at most
		question, args, columns = text.inProject, append(args, s.ProjectID), append(columns, row.columns()...)
	}
	err := db.prepared(ctx, db.fixed(question, args...), columns...)
	a.Role, a.Overrides = roster.Role(role.String), overrides(decided.String)
	for _, s := range in {
		*s = row.standing(s.ProjectID, a.UserID)
	}
	return err
}

// PersonalToken is a personal access token as it is kept.
type PersonalToken struct {
	Hash, Sealed         []byte
	CreatedAt, ExpiresAt time.Time
}

// AddPersonalToken keeps a new personal access token of a person.
func (db *DB) AddPersonalToken(ctx context.Context, user int64, t PersonalToken) error {
	_, err := db.exec(ctx,
		db.query("INSERT INTO personal_tokens (user_id, hash, sealed, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
			user, t.Hash, t.Sealed, micros(t.CreatedAt), micros(t.ExpiresAt)))
	return err
}

// PersonalTokens is a person's personal access tokens that were not revoked and
// have not expired, oldest first.
func (db *DB) PersonalTokens(ctx context.Context, user int64, now time.Time) ([]PersonalToken, error) {
	q := db.query(`SELECT hash, sealed, created_at, expires_at FROM personal_tokens
WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY id`, user, micros(now))
	return collect(ctx, db, q, func(s scanner) (t PersonalToken, err error) {
		var created, expires sql.NullInt64
		err = s.Scan(&t.Hash, &t.Sealed, &created, &expires)
		t.CreatedAt, t.ExpiresAt = moment(created), moment(expires)
		return t, err
	})
}

// RevokePersonalToken ends the person's token with the given hash; NotFound
// when there is none that lives.
func (db *DB) RevokePersonalToken(ctx context.Context, user int64, hash []byte, now time.Time) error {
	n, err := db.exec(ctx,
		db.query("UPDATE personal_tokens SET revoked_at = ? WHERE hash = ? AND user_id = ? AND revoked_at IS NULL"+
			" AND expires_at > ?",
			micros(now), hash, user, micros(now)))
	if err == nil && n == 0 {
		return roster.Errorf(roster.NotFound, "Not found.")
	}
	return err
}

// RevokePersonalTokens ends all that a person has.
func (db *DB) RevokePersonalTokens(ctx context.Context, user int64, now time.Time) error {
	_, err := db.exec(ctx,
		db.query("UPDATE personal_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", micros(now), user))
	return err
}

// TokenSettings is which tokens an organization takes.
func (db *DB) TokenSettings(ctx context.Context, organization int64) (roster.TokenSettings, error) {
	s := roster.UsualTokenSettings
	err := db.find(ctx, db.query(
		"SELECT personal_enabled, legacy_enabled, ttl_days FROM token_settings WHERE organization_id = ?", organization),
		&s.Personal, &s.Legacy, &s.TTLDays)
	if isNotFound(err) {
		err = nil
	}
	return s, err
}

// SetTokenSettings writes them.
func (db *DB) SetTokenSettings(ctx context.Context, organization int64, s roster.TokenSettings) error {
	_, err := db.exec(ctx,
		db.query(`INSERT INTO token_settings (organization_id, personal_enabled, legacy_enabled, ttl_days) VALUES (?, ?, ?, ?)
ON CONFLICT (organization_id) DO UPDATE SET personal_enabled = excluded.personal_enabled,
 legacy_enabled = excluded.legacy_enabled, ttl_days = excluded.ttl_days`,
			organization, s.Personal, s.Legacy, s.TTLDays))
	return err
}

// SweptSetting is the setting with the moment up to which Swept went, in microseconds.
const SweptSetting = "swept"

// Swept moves the moment up to which what has expired is forgotten towards a time, but by no
// more than step from where it was, and returns it: the time itself, where that lies before.
func (db *DB) Swept(ctx context.Context, to time.Time, step time.Duration) (until time.Time, err error) {
	err = db.Update(ctx, func(tx *DB) error {
		known, err := tx.Setting(ctx, SweptSetting)
		if err != nil && !isNotFound(err) {
			return err
		}
		moved := micros(to)
		if last, err := strconv.ParseInt(string(known), 10, 64); err == nil {
			moved = min(max(moved, last-step.Microseconds()), last+step.Microseconds())
		}
		until = time.UnixMicro(min(micros(to), moved))
		return tx.SetSetting(ctx, SweptSetting, strconv.AppendInt(nil, moved, 10))
	})
	return until, err
}

// Setting reads a stored setting; NotFound when it was never written.
func (db *DB) Setting(ctx context.Context, name string) (value []byte, err error) {
	err = db.find(ctx, db.query("SELECT value FROM settings WHERE name = ?", name), &value)
	return value, err
}

// SetSettingOnce writes a setting unless it has a value, and returns the one
// it has then: whoever comes first decides, for every process.
func (db *DB) SetSettingOnce(ctx context.Context, name string, value []byte) ([]byte, error) {
	err := db.repeat(ctx, db.query("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
		name, value))
	if err != nil {
		return nil, err
	}
	return db.Setting(ctx, name)
}
