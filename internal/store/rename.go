package store

import (
	"context"

	"roster"
)

// renamed is the names that an outcome's row r of renames says; "" where there is none.
const renamed = "COALESCE(r.first_before, ''), COALESCE(r.last_before, ''), COALESCE(r.first_after, ''), " +
	"COALESCE(r.last_after, '')"

// names is what somebody was called and is since, where the outcome is about that. Who had
// no name was called by their e-mail.
func names(o roster.Outcome, before, after roster.User) (was, is string) {
	if o.Result != roster.Renamed {
		return "", ""
	}
	before.Email, after.Email = o.Email, o.Email
	return before.Name(), after.Name()
}

// Rename is a person as an operation found them, and as it left them.
type Rename struct{ Before, After roster.User }

// RecordRename writes down that op gave a person another name.
func (db *DB) RecordRename(ctx context.Context, op int64, r Rename) error {
	if err := db.RecordOutcome(ctx, op, roster.Outcome{UserID: r.After.ID, Result: roster.Renamed}); err != nil {
		return err
	}
	_, err := db.exec(ctx,
		db.query("INSERT INTO renames (operation_id, user_id, first_before, last_before, first_after, last_after)"+
			" VALUES (?, ?, ?, ?, ?, ?)",
			op, r.After.ID, r.Before.FirstName, r.Before.LastName, r.After.FirstName, r.After.LastName))
	return err
}

// Renames is the people to whom an operation gave another name.
func (db *DB) Renames(ctx context.Context, op int64) ([]Rename, error) {
	q := db.query("SELECT user_id, first_before, last_before, first_after, last_after FROM renames"+
		" WHERE operation_id = ? ORDER BY user_id", op)
	return collect(ctx, db, q, func(s scanner) (r Rename, err error) {
		err = s.Scan(&r.After.ID, &r.Before.FirstName, &r.Before.LastName, &r.After.FirstName, &r.After.LastName)
		r.Before.ID = r.After.ID
		return r, err
	})
}

// LockUser reads a person and keeps others from changing them until the transaction ends.
func (db *DB) LockUser(ctx context.Context, id int64) (roster.User, error) {
	if err := db.find(ctx, db.query("SELECT id FROM users WHERE id = ?"+db.lock("users"), id), &id); err != nil {
		return roster.User{}, err
	}
	return db.User(ctx, id)
}

// ChangesOf is what some operations changed for people, by operation and person: what was
// written down, and whose memberships of a project or a workspace they ended. Who became a
// member is not told; that the operation's selector says, and whom it names is told by id in
// named. It is meant for operations that changed few.
func (db *DB) ChangesOf(ctx context.Context, ops, people []int64) (changes map[int64][]roster.Outcome,
	named map[int64]string, err error) {
	changes, named = map[int64][]roster.Outcome{}, map[int64]string{}
	if len(ops) == 0 {
		return changes, named, nil
	}
	err = db.each(ctx, changesQuery(db, ops, people), func(s scanner) error {
		var op int64
		var u, before, after roster.User
		var o roster.Outcome
		err := s.Scan(&op, &o.UserID, &u.Email, &u.FirstName, &u.LastName, &o.ProjectID, &o.Result, &o.RoleBefore,
			&o.RoleAfter, &o.SeatBefore, &o.TagID, &o.Tag,
			&before.FirstName, &before.LastName, &after.FirstName, &after.LastName)
		o.Email, o.Name = u.Email, u.Name()
		if o.Result == "" {
			named[o.UserID] = o.Name
			return err
		}
		o.NameBefore, o.NameAfter = names(o, before, after)
		changes[op] = append(changes[op], o)
		return err
	})
	return changes, named, err
}

func changesQuery(db *DB, ops, people []int64) *query {
	q := db.query(`SELECT x.operation_id, x.user_id, u.email, u.first_name, u.last_name, x.project_id, x.result,
 x.role_before, x.role_after, x.seat_before,
 x.tag_id, `+tagNamed+`, `+renamed+` FROM outcomes x
JOIN users u ON u.id = x.user_id LEFT JOIN renames r ON r.operation_id = x.operation_id
 AND r.user_id = x.user_id WHERE `).anyOf("x.operation_id", ops)
	appendOneOf(q.add(" AND "), "x.result", roster.Changes)
	for _, table := range []string{"project_members", "workspace_members"} {
		q.add("\nUNION SELECT m.removed_by, m.user_id, u.email, u.first_name, u.last_name, 0, 'removed', '', '', '',"+
			" 0, '', '', '', '', '' FROM "+table+
			" m JOIN users u ON u.id = m.user_id WHERE ").anyOf("m.removed_by", ops)
		if table == "project_members" {
			q.add(" AND m.explicit")
		}
	}
	q.add("\nUNION SELECT 0, u.id, u.email, u.first_name, u.last_name, 0, '', '', '', '', 0, '', '', '', '', ''"+
		" FROM users u WHERE ").anyOf("u.id", people)
	return q.add(" ORDER BY 1, 2, 6, 11, 7")
}
