package store

import (
	"context"
	"database/sql"
	"time"

	"roster"
)

// SealedMail is a letter of the outbox whose time has come.
type SealedMail struct {
	ID                 int64
	Recipient, Subject string
	Sealed             []byte
	Attempts           int // before this one
}

// Due is what is due by now, and what was put off for longer than anything is: that was
// written under a clock that has gone back since. Longest is longer than anything is put
// off for, by more than the clocks of servers differ.
type Due struct {
	Now     time.Time
	Longest time.Duration
}

// due appends the condition that next_at is.
func (q *query) due(d Due) *query {
	return q.add("(next_at <= ? OR next_at > ?)", micros(d.Now), micros(d.Now.Add(d.Longest)))
}

// claiming takes what is due from an outbox, at most so much of it, so that nobody else
// carries it out until the given time, and returns columns of it.
func (db *DB) claiming(table string, d Due, until time.Time, most int, columns string) *query {
	q := db.query("UPDATE "+table+" SET attempts = attempts + 1, next_at = ? WHERE id IN (SELECT id FROM "+table+
		" WHERE ", micros(until))
	q.due(d).add(" ORDER BY next_at, id LIMIT ?"+db.lock(table)+") AND ", most)
	return q.due(d).add(" RETURNING " + columns)
}

// ClaimMail takes letters that are due, so that nobody else sends them until
// the given time: two servers on one store never send the same. One who dies
// over it leaves it to be sent again then.
func (db *DB) ClaimMail(ctx context.Context, d Due, until time.Time, most int) ([]SealedMail, error) {
	q := db.claiming("mails", d, until, most, "id, recipient, subject, sealed, attempts - 1")
	var out []SealedMail
	err := db.Update(ctx, func(tx *DB) (err error) {
		out, err = collect(ctx, tx, q, func(s scanner) (m SealedMail, err error) {
			return m, s.Scan(&m.ID, &m.Recipient, &m.Subject, &m.Sealed, &m.Attempts)
		})
		return err
	})
	return out, err
}

// MailSent records that a letter was sent, or printed only, and forgets what it said.
func (db *DB) MailSent(ctx context.Context, id int64, now time.Time, printed bool) error {
	_, err := db.exec(ctx,
		db.query("UPDATE mails SET sent_at = ?, printed = ?, next_at = NULL, error = '', sealed = ? WHERE id = ?",
			micros(now), printed, []byte{}, id))
	return err
}

// MailFailed records why an attempt failed, and when the next one is; never
// again for the zero time, and then what it said is forgotten too.
func (db *DB) MailFailed(ctx context.Context, id int64, reason string, next time.Time) error {
	q := db.query("UPDATE mails SET error = ?, next_at = ?", reason, nullMicros(next))
	if next.IsZero() {
		q.add(", sealed = ?", []byte{})
	}
	// a letter that was taken back meanwhile stays so
	_, err := db.exec(ctx, q.add(" WHERE id = ? AND next_at IS NOT NULL", id))
	return err
}

// Outbox is one page of an organization's letters, newest first, and how many
// there are in all.
func (db *DB) Outbox(ctx context.Context, organization int64, page roster.Page) (list []roster.Letter,
	total int, err error) {
	const from = " FROM mails m JOIN invitations i ON i.hash = m.invitation WHERE i.organization_id = ?"
	if total, err = db.count(ctx, db.query("SELECT count(*)"+from, organization)); err != nil {
		return nil, 0, err
	}
	q := db.query("SELECT m.id, m.recipient, m.subject, m.created_at, m.attempts, m.sent_at, m.next_at,"+
		" m.error, m.printed"+from+" ORDER BY m.id DESC", organization)
	list, err = collect(ctx, db, q.limited(page), func(s scanner) (l roster.Letter, err error) {
		var made, sent, next sql.NullInt64
		err = s.Scan(&l.ID, &l.Recipient, &l.Subject, &made, &l.Attempts, &sent, &next, &l.Error, &l.Printed)
		l.CreatedAt, l.SentAt, l.NextAt = moment(made), moment(sent), moment(next)
		return l, err
	})
	return list, total, err
}

// RetryMail makes a letter due that waits for another attempt, and reports
// whether it did wait.
func (db *DB) RetryMail(ctx context.Context, organization, id int64, now time.Time) (bool, error) {
	n, err := db.exec(ctx, db.query(`UPDATE mails SET next_at = ? WHERE id = ? AND next_at IS NOT NULL
 AND invitation IN (SELECT hash FROM invitations WHERE organization_id = ?)`, micros(now), id, organization))
	return n > 0, err
}
