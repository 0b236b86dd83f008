package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"roster"
	"roster/internal/mailbox"
)

// NewInvitation is an invitation as it is kept, with its mail.
type NewInvitation struct {
	roster.Invitation
	Hash    []byte
	Link    []byte // the token, sealed
	Subject string
	Sealed  []byte // the text of the mail
}

// AddInvitations keeps new invitations and puts their mail into the outbox.
func (db *DB) AddInvitations(ctx context.Context, list []NewInvitation) error {
	q := db.query("INSERT INTO invitations (organization_id, email, email_key, hash, sealed, role, user_type," +
		" projects, workspaces, invited_by, created_at, expires_at) VALUES ")
	mail := db.query("INSERT INTO mails (invitation, recipient, subject, sealed, created_at, next_at) VALUES ")
	for n, i := range list {
		if n > 0 {
			q.add(", ")
			mail.add(", ")
		}
		q.add("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", i.OrganizationID, i.Email, mailbox.Key(i.Email), i.Hash, i.Link,
			i.Role, i.UserType,
			jsonIDs(i.Projects), jsonIDs(i.Workspaces), i.InvitedBy, micros(i.CreatedAt), micros(i.ExpiresAt))
		mail.add("(?, ?, ?, ?, ?, ?)", i.Hash, i.Email, i.Subject, i.Sealed, micros(i.CreatedAt), micros(i.CreatedAt))
	}
	if _, err := db.exec(ctx, q); err != nil {
		return err
	}
	_, err := db.exec(ctx, mail)
	return err
}

const invitationSelect = `SELECT i.id, i.organization_id, i.email, i.role, i.user_type, i.projects,
 i.workspaces, i.invited_by, i.created_at, i.expires_at,
 i.accepted_at, i.user_id, i.revoked_at, COALESCE(m.attempts, 0), m.sent_at, m.next_at, COALESCE(m.error, ''),
 COALESCE(m.printed, FALSE)
FROM invitations i LEFT JOIN mails m ON m.invitation = i.hash`

func scanInvitation(s scanner) (i roster.Invitation, err error) {
	var projects, workspaces string
	var created, expires, accepted, user, revoked, sent, next sql.NullInt64
	err = s.Scan(&i.ID, &i.OrganizationID, &i.Email, &i.Role, &i.UserType, &projects, &workspaces, &i.InvitedBy,
		&created, &expires,
		&accepted, &user, &revoked, &i.Mail.Attempts, &sent, &next, &i.Mail.Error, &i.Mail.Printed)
	if err != nil {
		return i, err
	}
	i.CreatedAt, i.ExpiresAt, i.AcceptedAt, i.RevokedAt = moment(created), moment(expires), moment(accepted),
		moment(revoked)
	i.UserID, i.Mail.SentAt, i.Mail.NextAt = user.Int64, moment(sent), moment(next)
	if err := json.Unmarshal([]byte(projects), &i.Projects); err != nil {
		return i, err
	}
	return i, json.Unmarshal([]byte(workspaces), &i.Workspaces)
}

// LockInvitation reads the invitation with the given hash and keeps others
// from changing it until the transaction ends.
func (db *DB) LockInvitation(ctx context.Context, hash []byte) (roster.Invitation, error) {
	var id int64
	if err := db.find(ctx, db.query("SELECT id FROM invitations WHERE hash = ?"+db.lock("invitations"), hash),
		&id); err != nil {
		return roster.Invitation{}, err
	}
	return db.Invitation(ctx, hash)
}

// Invitation reads the invitation with the given hash.
func (db *DB) Invitation(ctx context.Context, hash []byte) (roster.Invitation, error) {
	q := db.query(invitationSelect+" WHERE i.hash = ?", hash)
	return one(ctx, db, q, scanInvitation)
}

// InvitationByID reads one of an organization's invitations, and its link, sealed.
func (db *DB) InvitationByID(ctx context.Context, organization, id int64) (i roster.Invitation,
	link []byte, err error) {
	if i, err = one(ctx, db, db.query(invitationSelect+" WHERE i.organization_id = ? AND i.id = ?", organization, id),
		scanInvitation); err != nil {
		return i, nil, err
	}
	return i, link, db.find(ctx, db.query("SELECT sealed FROM invitations WHERE id = ?", id), &link)
}

// LastInvitation is the newest that an e-mail got from an organization.
func (db *DB) LastInvitation(ctx context.Context, organization int64, email string) (roster.Invitation, error) {
	q := db.query(invitationSelect+" WHERE i.organization_id = ? AND i.email_key = ? ORDER BY i.id DESC LIMIT 1",
		organization, mailbox.Key(email))
	return one(ctx, db, q, scanInvitation)
}

// Invitations is one page of those that an organization made and f matches, newest
// first, and how many there are in all.
func (db *DB) Invitations(ctx context.Context, organization int64, f roster.InvitationFilter,
	page roster.Page) (list []roster.Invitation, total int, err error) {
	if total, err = db.CountInvitations(ctx, organization, f); err != nil {
		return nil, 0, err
	}
	q := appendInvitationMatch(db.query(invitationSelect), organization, f)
	list, err = collect(ctx, db, q.add(" ORDER BY i.id DESC").limited(page), scanInvitation)
	return list, total, err
}

// CountInvitations is how many there are.
func (db *DB) CountInvitations(ctx context.Context, organization int64, f roster.InvitationFilter) (int, error) {
	return db.count(ctx, appendInvitationMatch(db.query("SELECT count(*) FROM invitations i"), organization, f))
}

func appendInvitationMatch(q *query, organization int64, f roster.InvitationFilter) *query {
	q.add(" WHERE i.organization_id = ?", organization)
	if f.InvitedBy != 0 {
		q.add(" AND i.invited_by = ?", f.InvitedBy)
	}
	switch f.State {
	case roster.InvitationWaiting:
		q.add(" AND i.accepted_at IS NULL AND i.revoked_at IS NULL")
	case roster.InvitationAccepted:
		q.add(" AND i.accepted_at IS NOT NULL")
	case roster.InvitationRevoked:
		q.add(" AND i.accepted_at IS NULL AND i.revoked_at IS NOT NULL")
	}
	return q
}

// InvitationsBetween is how many an organization made after a time, until another: none of
// those that lie ahead because a clock has gone back since.
func (db *DB) InvitationsBetween(ctx context.Context, organization int64, after, until time.Time) (int, error) {
	return db.count(ctx,
		db.query("SELECT count(*) FROM invitations WHERE organization_id = ? AND created_at > ? AND created_at <= ?",
			organization, micros(after), micros(until)))
}

// AcceptInvitation closes an invitation: this person took it.
func (db *DB) AcceptInvitation(ctx context.Context, id, user int64, now time.Time) error {
	_, err := db.exec(ctx, db.query("UPDATE invitations SET accepted_at = ?, user_id = ?, sealed = ? WHERE id = ?",
		micros(now), user, []byte{}, id))
	return err
}

// RevokeInvitations closes what is open of the given e-mails, and takes back
// mail that was not sent yet.
func (db *DB) RevokeInvitations(ctx context.Context, organization int64, emails []string, now time.Time) error {
	keys := make([]string, len(emails))
	for n, email := range emails {
		keys[n] = mailbox.Key(email)
	}
	open := func(q *query) *query {
		q.add(" organization_id = ? AND accepted_at IS NULL AND revoked_at IS NULL AND ", organization)
		return appendOneOf(q, "email_key", keys)
	}
	mail := db.query("UPDATE mails SET next_at = NULL, sealed = ? WHERE sent_at IS NULL AND invitation IN"+
		" (SELECT hash FROM invitations WHERE", []byte{})
	if _, err := db.exec(ctx, open(mail).add(")")); err != nil {
		return err
	}
	_, err := db.exec(ctx,
		open(db.query("UPDATE invitations SET revoked_at = ?, sealed = ? WHERE", micros(now), []byte{})))
	return err
}

// KnownPeople is the e-mails, of those given, whose people belong to an
// organization, deactivated ones too.
func (db *DB) KnownPeople(ctx context.Context, organization int64, emails []string) ([]string, error) {
	owners, err := db.owners(ctx, emails)
	if err != nil {
		return nil, err
	}
	q := db.query(`SELECT u.email FROM users u JOIN organization_members om ON om.user_id = u.id
 AND om.organization_id = ? AND om.deleted_at IS NULL WHERE `, organization)
	return collect(ctx, db, q.anyOf("u.id", slices.Collect(maps.Values(owners))).add(" ORDER BY u.id"),
		func(s scanner) (email string, err error) {
			return email, s.Scan(&email)
		})
}

// InvitationOf is the newest invitation that one member of an organization accepted: who made
// it, and its times; nil when there is none.
func (db *DB) InvitationOf(ctx context.Context, organization, user int64) (*roster.Invitation, error) {
	q := db.query("SELECT "+besideColumns+" FROM users u CROSS JOIN organization_members om"+joinsInvitation+
		"\nWHERE u.id = ? AND om.organization_id = ? AND om.user_id = u.id", user, organization)
	var b besideScan
	err := db.find(ctx, q, b.columns()...)
	if isNotFound(err) {
		return nil, nil
	}
	_, found := b.finish(user)
	return found, err
}

// OrganizationByToken is whose invite link holds token; NotFound when it is
// nobody's.
func (db *DB) OrganizationByToken(ctx context.Context, token string) (roster.Organization, error) {
	q := db.query(organizationSelect+" WHERE o.token = ?", token)
	return one(ctx, db, q, scanOrganization)
}

// SetInviteToken gives an organization another invite link.
func (db *DB) SetInviteToken(ctx context.Context, organization int64, token string) error {
	_, err := db.exec(ctx, db.query("UPDATE organizations SET token = ? WHERE id = ?", token, organization))
	return err
}

// RestoreMembership brings a soft-deleted person back, as m has it and with nothing else.
func (db *DB) RestoreMembership(ctx context.Context, m roster.OrganizationMembership) error {
	if err := db.SetMembership(ctx, m); err != nil {
		return err
	}
	_, err := db.exec(ctx, db.query("UPDATE organization_members SET deleted_at = NULL WHERE id = ?", m.ID))
	return err
}
