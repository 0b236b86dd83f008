package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"roster"
	"roster/internal/mailbox"
)

const userColumns = "u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.date_joined, " +
	"u.last_activity, u.active_organization, u.allow_newsletters, u.custom_hotkeys"

// userScan holds the nullable columns while a user is read.
type userScan struct {
	joined, activity, organization sql.NullInt64
	newsletters                    sql.NullBool
}

func (n *userScan) into(u *roster.User) []any {
	return []any{&u.ID, &u.Email, &u.Username, &u.FirstName, &u.LastName, &u.Phone,
		&n.joined, &n.activity, &n.organization, &n.newsletters, &u.CustomHotkeys}
}

func (n *userScan) finish(u *roster.User) {
	u.DateJoined, u.LastActivity = moment(n.joined), moment(n.activity)
	u.ActiveOrganization = n.organization.Int64
	if n.newsletters.Valid {
		u.AllowNewsletters = &n.newsletters.Bool
	}
}

func scanUser(s scanner) (u roster.User, err error) {
	var n userScan
	err = s.Scan(n.into(&u)...)
	n.finish(&u)
	return u, err
}

// CreateUser makes a person, in no organization yet. The mailbox must be
// nobody's yet: else Invalid.
func (db *DB) CreateUser(ctx context.Context, n roster.NewUser, passwordHash string, now time.Time) (int64, error) {
	u := roster.User{Email: n.Email, Username: n.Username, FirstName: n.FirstName, LastName: n.LastName}
	args := append([]any{n.Email, mailbox.Key(n.Email), n.Username, n.FirstName, n.LastName, n.Phone, passwordHash,
		micros(now), textVersion}, texts(u)...)
	id, err := db.insert(ctx,
		db.query("INSERT INTO users (email, email_key, username, first_name, last_name, phone, password_hash,"+
			" date_joined, text_version, "+
			strings.Join(derivedPeople.into, ", ")+")\nVALUES (?"+strings.Repeat(", ?", len(args)-1)+") RETURNING id", args...))
	if err != nil && db.dialect.isUnique(err) {
		return 0, roster.InvalidField("email", "User with this email already exists.")
	}
	return id, err
}

// User reads a person by id.
func (db *DB) User(ctx context.Context, id int64) (roster.User, error) {
	return db.user(ctx, db.query("SELECT "+userColumns+" FROM users u WHERE u.id = ?", id))
}

// UserByEmail reads the person who has an e-mail, in whichever spelling: NotFound, or
// Invalid where two have its mailbox and neither has this spelling.
func (db *DB) UserByEmail(ctx context.Context, email string) (roster.User, error) {
	id, err := db.owner(ctx, email)
	if err != nil {
		return roster.User{}, err
	}
	return db.User(ctx, id)
}

func (db *DB) user(ctx context.Context, q *query) (u roster.User, err error) {
	var n userScan
	err = db.find(ctx, q, n.into(&u)...)
	n.finish(&u)
	return u, err
}

// UpdateUser writes the changeable fields of u; an empty passwordHash keeps
// the password.
func (db *DB) UpdateUser(ctx context.Context, u roster.User, passwordHash string) error {
	args := append(texts(u), u.Username, u.FirstName, u.LastName, u.Phone, u.AllowNewsletters, u.CustomHotkeys)
	q := db.query("UPDATE users SET "+derivedPeople.settings(mark)+`,
 username = ?, first_name = ?, last_name = ?, phone = ?, allow_newsletters = ?, custom_hotkeys = ?`, args...)
	if passwordHash != "" {
		q.add(", password_hash = ?", passwordHash)
	}
	_, err := db.exec(ctx, q.add(" WHERE id = ?", u.ID))
	return err
}

// SetActiveOrganization says in which organization a person acts; 0 is none,
// which refuses every credential of theirs.
func (db *DB) SetActiveOrganization(ctx context.Context, user, organization int64) error {
	_, err := db.exec(ctx, db.query("UPDATE users SET active_organization = ? WHERE id = ?", orNull(organization), user))
	return err
}

// TouchUser records that a person did something.
func (db *DB) TouchUser(ctx context.Context, user int64, at time.Time) error {
	return db.repeat(ctx, db.query("UPDATE users SET last_activity = ? WHERE id = ?", micros(at), user))
}

// Credentials is who has an e-mail, and how their password is kept. Both are
// zero for one that nobody has, or two: whoever asks must not be able to tell.
func (db *DB) Credentials(ctx context.Context, email string) (user int64, hash string, err error) {
	user, err = db.owner(ctx, email)
	if isNotFound(err) || roster.KindOf(err) == roster.Invalid {
		return 0, "", nil
	}
	if err == nil {
		hash, err = db.PasswordHash(ctx, user)
	}
	return user, hash, err
}

// PasswordHash is how a person's password is kept; "" when they have none.
func (db *DB) PasswordHash(ctx context.Context, user int64) (hash string, err error) {
	err = db.find(ctx, db.query("SELECT password_hash FROM users WHERE id = ?", user), &hash)
	return hash, err
}

// ClearPassword leaves a person without a password, which nobody signs in with.
func (db *DB) ClearPassword(ctx context.Context, user int64) error {
	_, err := db.exec(ctx, db.query("UPDATE users SET password_hash = '' WHERE id = ?", user))
	return err
}
