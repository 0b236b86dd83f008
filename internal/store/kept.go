package store

import (
	"context"
	"time"
)

// The most that is kept for one person, of forms that a session ended under and of all else: the
// newest, and so many bytes.
const (
	MostKept      = 50
	MostKeptBytes = 16 << 20
)

// Sent is the place of forms that a session ended under. Who has no session makes them, so they
// push out nothing but each other.
const Sent = "sent"

// Kept is something that a page needs to be shown again.
type Kept struct {
	Token   string
	Place   string // what it is of, and is asked for by
	Granted string // what the policy had answered with yes, as JSON
	Body    []byte
}

// Keep keeps something for a person until it expires, and forgets the oldest beyond what
// is kept for one.
func (db *DB) Keep(ctx context.Context, user int64, k Kept, expires time.Time) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO kept_pages (user_id, token, place, granted, body, expires_at)
VALUES (?, ?, ?, ?, ?, ?)`, user, k.Token, k.Place, k.Granted, k.Body, micros(expires)))
	if err != nil {
		return err
	}
	_, err = db.exec(ctx, forgetting(db, user, k.Place))
	return err
}

func forgetting(db *DB, user int64, place string) *query {
	return db.query(`DELETE FROM kept_pages WHERE id IN (SELECT id FROM (
 SELECT id, row_number() OVER newest AS n, sum(length(body)) OVER newest AS bytes FROM kept_pages
 WHERE user_id = ? AND (place = 'sent') = (? = 'sent')
 WINDOW newest AS (ORDER BY id DESC ROWS UNBOUNDED PRECEDING)) AS x WHERE n > ? OR n > 1 AND bytes > ?)`, user, place,
		MostKept, MostKeptBytes)
}

// KeptOf is what is kept for a person; NotFound when it is not, or not any more.
func (db *DB) KeptOf(ctx context.Context, user int64, place, token string, now time.Time) (k Kept, err error) {
	q := db.query("SELECT token, place, granted, body FROM kept_pages WHERE user_id = ? AND token = ? AND place = ?"+
		" AND expires_at > ?",
		user, token, place, micros(now))
	return k, db.find(ctx, q, &k.Token, &k.Place, &k.Granted, &k.Body)
}
