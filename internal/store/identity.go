package store

import (
	"context"
	"time"

	"roster"
)

// UserByIdentity is whose identity this is, and whether the link was made, or seen to be
// right, since addresses are compared as mailboxes; NotFound when it is nobody's.
func (db *DB) UserByIdentity(ctx context.Context, issuer, subject string) (user int64, proven bool, err error) {
	err = db.find(ctx, db.query("SELECT user_id, proven FROM identities WHERE issuer = ? AND subject = ?", issuer,
		subject), &user, &proven)
	return user, proven, err
}

// ProveIdentity notes that an identity has the e-mail of the account it is linked to.
func (db *DB) ProveIdentity(ctx context.Context, issuer, subject string) error {
	_, err := db.exec(ctx, db.query("UPDATE identities SET proven = TRUE WHERE issuer = ? AND subject = ?",
		issuer, subject))
	return err
}

// AddIdentity lets a person sign in with an identity. Exists when they have
// another one of the same provider's.
func (db *DB) AddIdentity(ctx context.Context, user int64, issuer, subject string, now time.Time) error {
	_, err := db.exec(ctx,
		db.query("INSERT INTO identities (issuer, subject, user_id, created_at, proven) VALUES (?, ?, ?, ?, TRUE)",
			issuer, subject, user, micros(now)))
	if err != nil && db.dialect.isUnique(err) {
		return roster.Errorf(roster.Exists, "The person has another identity.")
	}
	return err
}

// ForgetIdentities takes a person's identities away and returns how many.
func (db *DB) ForgetIdentities(ctx context.Context, user int64) (int, error) {
	return db.exec(ctx, db.query("DELETE FROM identities WHERE user_id = ?", user))
}

// SetClaimedGroups replaces the groups that a person signed in with.
func (db *DB) SetClaimedGroups(ctx context.Context, organization, user int64, names []string) error {
	if _, err := db.exec(ctx, db.query("DELETE FROM claimed_groups WHERE organization_id = ? AND user_id = ?",
		organization, user)); err != nil {
		return err
	}
	rows := make([][]any, len(names))
	for i, name := range names {
		rows[i] = []any{name}
	}
	q := db.query("INSERT INTO claimed_groups (organization_id, user_id, name) SELECT ?, ?, x.value->>0 FROM ",
		organization, user).table(rows)
	_, err := db.exec(ctx, q.add(" AS x WHERE TRUE ON CONFLICT (organization_id, user_id, name) DO NOTHING"))
	return err
}
