package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"roster"
	"roster/internal/mailbox"
)

// LockSCIM keeps others from changing what an organization's identity
// provider said, and what comes of it, until the transaction ends.
func (db *DB) LockSCIM(ctx context.Context, organization int64) error {
	if err := db.turn("scim_locks", organization); err != nil {
		return err
	}
	_, err := db.exec(ctx, db.query(`INSERT INTO scim_locks (organization_id, taken) VALUES (?, 1)
ON CONFLICT (organization_id) DO UPDATE SET taken = scim_locks.taken + 1`, organization))
	return err
}

// scimUserFrom is an organization's people who are not deleted. A person is
// active as the provider said last, unless somebody here set their role since.
const (
	scimUserFrom = ` FROM organization_members om JOIN users u ON u.id = om.user_id
LEFT JOIN scim_users su ON su.organization_id = om.organization_id AND su.user_id = om.user_id
WHERE om.organization_id = ? AND om.deleted_at IS NULL`
	scimActive = "CASE WHEN su.user_id IS NOT NULL AND om.role_source = 'scim' THEN su.active ELSE om.role <> 'DI' END"
)

// SCIMUsers is a stretch of the people whom a filter (nil: none) matches.
func (db *DB) SCIMUsers(ctx context.Context, organization int64, f *roster.SCIMFilter, page roster.SCIMPage,
	groups bool) ([]roster.SCIMUser, error) {
	q := db.query("SELECT "+userColumns+", COALESCE(su.external_id, ''), COALESCE(NULLIF(su.user_name, ''), u.email), "+
		scimActive+scimUserFrom, organization)
	if err := db.scimMatch(ctx, q, organization, scimUserColumns, f); err != nil {
		return nil, err
	}
	q.add(" ORDER BY om.user_id LIMIT ? OFFSET ?", page.Count, page.Start-1)
	users, err := collect(ctx, db, q, func(s scanner) (u roster.SCIMUser, err error) {
		var n userScan
		err = s.Scan(append(n.into(&u.User), &u.ExternalID, &u.UserName, &u.Active)...)
		n.finish(&u.User)
		return u, err
	})
	if err != nil || !groups {
		return users, err
	}
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.User.ID
	}
	names, err := db.scimNames(ctx, db.query("SELECT gm.user_id, g.id, g.name FROM ").idTable(ids).add(` AS x
JOIN scim_group_members gm ON gm.user_id = x.id JOIN scim_groups g ON g.id = gm.group_id
 WHERE g.organization_id = ? ORDER BY g.name`, organization))
	for i := range users {
		users[i].Groups = names[users[i].User.ID]
	}
	return users, err
}

// CountSCIMUsers is how many people the filter matches.
func (db *DB) CountSCIMUsers(ctx context.Context, organization int64, f *roster.SCIMFilter) (int, error) {
	q := db.query("SELECT count(*)"+scimUserFrom, organization)
	if err := db.scimMatch(ctx, q, organization, scimUserColumns, f); err != nil {
		return 0, err
	}
	return db.count(ctx, q)
}

// scimNames reads references by what they belong to.
func (db *DB) scimNames(ctx context.Context, q *query) (map[int64][]roster.SCIMName, error) {
	out := map[int64][]roster.SCIMName{}
	err := db.each(ctx, q, func(s scanner) error {
		var of int64
		var n roster.SCIMName
		err := s.Scan(&of, &n.ID, &n.Name)
		out[of] = append(out[of], n)
		return err
	})
	return out, err
}

// KnowSCIMUsers begins to keep what the provider says about people.
func (db *DB) KnowSCIMUsers(ctx context.Context, organization int64, users []int64) error {
	q := db.query(`INSERT INTO scim_users (organization_id, user_id, active)
SELECT om.organization_id, om.user_id, om.role <> 'DI' FROM organization_members om WHERE om.organization_id = ?
 AND `, organization)
	_, err := db.exec(ctx, q.anyOf("om.user_id", users).add(" ON CONFLICT (organization_id, user_id) DO NOTHING"))
	return err
}

// SetSCIMUser writes what the provider said of one person it is known to know.
func (db *DB) SetSCIMUser(ctx context.Context, organization int64, u roster.SCIMUser) error {
	name, key, clean := u.UserName, mailbox.NameKey(u.UserName), mailbox.CleanName(u.UserName)
	if name == u.User.Email {
		name, key, clean = "", "", ""
	}
	_, err := db.exec(ctx,
		db.query("UPDATE scim_users SET external_id = ?, active = ?, user_name = ?, user_name_key = ?,"+
			" user_name_clean = ? WHERE organization_id = ? AND user_id = ?",
			u.ExternalID, u.Active, name, key, clean, organization, u.User.ID))
	return err
}

// SCIMNamed is which of an organization's people have one of the names as their own
// userName or as their e-mail, in whichever spelling.
func (db *DB) SCIMNamed(ctx context.Context, organization int64, names ...string) ([]int64, error) {
	return db.ids(ctx, namedQuery(db, organization, names))
}

func namedQuery(db *DB, organization int64, names []string) *query {
	var own, mailboxes []string
	for _, name := range names {
		own, mailboxes = append(own, mailbox.NameKey(name)), append(mailboxes, mailbox.Key(name))
	}
	q := appendOneOf(db.query("SELECT DISTINCT om.user_id, NULL FROM (SELECT n.user_id FROM scim_users n"+
		" WHERE n.organization_id = ? AND n.user_name_key <> '' AND ", organization),
		"n.user_name_key", own)
	appendOneOf(q.add(" UNION ALL SELECT u.id FROM users u WHERE "), "u.email_key", mailboxes)
	appendOneOf(q.add(" UNION ALL SELECT u.id FROM users u WHERE u.shared_mailbox <> '' AND "),
		"u.shared_mailbox", mailboxes)
	return q.add(") AS f CROSS JOIN organization_members om WHERE om.organization_id = ? AND om.user_id = f.user_id"+
		" AND om.deleted_at IS NULL ORDER BY om.user_id",
		organization)
}

// Called is whom a provider calls by each of some e-mails in an organization, by the
// e-mail as it is given: as a userName of their own.
func (db *DB) Called(ctx context.Context, organization int64, emails []string) (map[string]int64, error) {
	called := map[string]int64{}
	return called, db.each(ctx, calledQuery(db, organization, emails), func(s scanner) error {
		var email string
		var user int64
		err := s.Scan(&email, &user)
		called[email] = user
		return err
	})
}

func calledQuery(db *DB, organization int64, emails []string) *query {
	rows := make([][]any, len(emails))
	for i, email := range emails {
		rows[i] = []any{email, mailbox.NameKey(email)}
	}
	q := db.query("SELECT x.value->>0, n.user_id FROM ").table(rows)
	return q.add(" AS x JOIN scim_users n ON n.organization_id = ? AND n.user_name_key = x.value->>1"+
		" AND n.user_name_key <> ''",
		organization)
}

// TakenNames is which of the given people were deleted from an organization where a
// provider calls somebody else by their e-mail.
func (db *DB) TakenNames(ctx context.Context, organization int64, users []int64) (taken []int64, err error) {
	emails := map[int64]string{}
	q := db.query("SELECT u.id, u.email FROM users u JOIN organization_members om ON om.user_id = u.id"+
		" AND om.organization_id = ? AND om.deleted_at IS NOT NULL WHERE ",
		organization)
	err = db.each(ctx, q.anyOf("u.id", users), func(s scanner) error {
		var id int64
		var email string
		err := s.Scan(&id, &email)
		emails[id] = email
		return err
	})
	if err != nil {
		return nil, err
	}
	called, err := db.Called(ctx, organization, slices.Collect(maps.Values(emails)))
	for id, email := range emails {
		if called[email] != 0 && called[email] != id {
			taken = append(taken, id)
		}
	}
	return taken, err
}

// SCIMExternalIDTaken reports whether the provider calls somebody else by this id.
func (db *DB) SCIMExternalIDTaken(ctx context.Context, organization, user int64, externalID string) (bool, error) {
	n, err := db.count(ctx, externalIDQuery(db, organization, user, externalID))
	return n > 0, err
}

func externalIDQuery(db *DB, organization, user int64, externalID string) *query {
	return db.query("SELECT count(*) FROM scim_users n WHERE n.organization_id = ? AND n.external_id = ?"+
		" AND n.external_id <> '' AND n.user_id <> ?",
		organization, externalID, user)
}

// ReturnSCIMUser says which role somebody is to have who is active again and
// of whom no role from before is known.
func (db *DB) ReturnSCIMUser(ctx context.Context, organization, user int64, role roster.Role) error {
	_, err := db.exec(ctx,
		db.query("UPDATE scim_users SET role_before = ? WHERE organization_id = ? AND user_id = ? AND role_before = ''",
			role, organization, user))
	return err
}

// RenameUser gives a person the e-mail and the names that u has. The mailbox must be
// nobody else's: else Exists.
func (db *DB) RenameUser(ctx context.Context, u roster.User) error {
	taken := roster.Errorf(roster.Exists, "Another user has this userName.")
	if has, err := db.UserByEmail(ctx, u.Email); err == nil && has.ID != u.ID {
		return taken
	} else if err != nil && !isNotFound(err) {
		return err
	}
	args := append(texts(u), u.Email, mailbox.Key(u.Email), u.Email, u.Email, u.Username, u.FirstName, u.LastName, u.ID)
	q := db.query("UPDATE users SET "+derivedPeople.settings(mark)+
		", email_key = CASE WHEN email = ? THEN email_key ELSE ? END, shared_mailbox = CASE"+
		" WHEN email = ? THEN shared_mailbox ELSE '' END, email = ?, username = ?, first_name = ?,"+
		" last_name = ? WHERE id = ?", args...)
	_, err := db.exec(ctx, q)
	if err != nil && db.dialect.isUnique(err) {
		return taken
	}
	return err
}

const scimGroupFrom = " FROM scim_groups g WHERE g.organization_id = ?"

// SCIMGroups is a stretch of the groups whom a filter (nil: none) matches.
func (db *DB) SCIMGroups(ctx context.Context, organization int64, f *roster.SCIMFilter, page roster.SCIMPage,
	members bool) ([]roster.SCIMGroup, error) {
	q := db.query("SELECT g.id, g.name, g.external_id"+scimGroupFrom, organization)
	if err := db.scimMatch(ctx, q, organization, scimGroupColumns, f); err != nil {
		return nil, err
	}
	q.add(" ORDER BY g.id LIMIT ? OFFSET ?", page.Count, page.Start-1)
	groups, err := collect(ctx, db, q, func(s scanner) (g roster.SCIMGroup, err error) {
		return g, s.Scan(&g.ID, &g.Name, &g.ExternalID)
	})
	if err != nil || !members {
		return groups, err
	}
	ids := make([]int64, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	names, err := db.scimNames(ctx, db.query("SELECT gm.group_id, u.id, u.email FROM ").idTable(ids).add(` AS x
JOIN scim_group_members gm ON gm.group_id = x.id JOIN users u ON u.id = gm.user_id ORDER BY u.id`))
	for i := range groups {
		groups[i].Members = names[groups[i].ID]
	}
	return groups, err
}

// CountSCIMGroups is how many groups the filter matches.
func (db *DB) CountSCIMGroups(ctx context.Context, organization int64, f *roster.SCIMFilter) (int, error) {
	q := db.query("SELECT count(*)"+scimGroupFrom, organization)
	if err := db.scimMatch(ctx, q, organization, scimGroupColumns, f); err != nil {
		return 0, err
	}
	return db.count(ctx, q)
}

// CreateSCIMGroup makes a group without members. Its name must be new: else Exists.
func (db *DB) CreateSCIMGroup(ctx context.Context, organization int64, g roster.SCIMGroup,
	now time.Time) (int64, error) {
	id, err := db.insert(ctx,
		db.query("INSERT INTO scim_groups (organization_id, name, external_id, created_at) VALUES (?, ?, ?, ?) RETURNING id",
			organization, g.Name, g.ExternalID, micros(now)))
	return id, db.scimGroupExists(err)
}

func (db *DB) scimGroupExists(err error) error {
	if err != nil && db.dialect.isUnique(err) {
		return roster.Errorf(roster.Exists, "Another group has this displayName.")
	}
	return err
}

// UpdateSCIMGroup writes the name and the external id of g.
func (db *DB) UpdateSCIMGroup(ctx context.Context, g roster.SCIMGroup) error {
	_, err := db.exec(ctx, db.query("UPDATE scim_groups SET name = ?, external_id = ? WHERE id = ?", g.Name,
		g.ExternalID, g.ID))
	return db.scimGroupExists(err)
}

// DeleteSCIMGroup ends a group; what it was mapped to is remembered for the
// next one with its name.
func (db *DB) DeleteSCIMGroup(ctx context.Context, id int64) error {
	_, err := db.exec(ctx, db.query("DELETE FROM scim_groups WHERE id = ?", id))
	return err
}

// AddSCIMMembers puts people into a group; being in it already is fine.
func (db *DB) AddSCIMMembers(ctx context.Context, group int64, users []int64) error {
	q := db.query("INSERT INTO scim_group_members (group_id, user_id) SELECT ?, x.id FROM ", group).
		idTable(distinct(users))
	_, err := db.exec(ctx, q.add(" AS x WHERE TRUE ON CONFLICT (group_id, user_id) DO NOTHING"))
	return err
}

// RemoveSCIMMembers takes people out of a group, or everybody.
func (db *DB) RemoveSCIMMembers(ctx context.Context, group int64, m roster.SCIMMembersChange) error {
	q := db.query("DELETE FROM scim_group_members WHERE group_id = ?", group)
	if !m.All {
		q.add(" AND ").anyOf("user_id", m.People)
	}
	_, err := db.exec(ctx, q)
	return err
}

// SCIMMemberIDs is who is in a group.
func (db *DB) SCIMMemberIDs(ctx context.Context, group int64) ([]int64, error) {
	return db.ids(ctx, db.query("SELECT user_id, NULL FROM scim_group_members WHERE group_id = ? ORDER BY user_id", group))
}

// StrangersTo is which of the given people an organization does not have, deleted ones too.
func (db *DB) StrangersTo(ctx context.Context, organization int64, users []int64) ([]int64, error) {
	return db.ids(ctx, db.query("SELECT x.id, NULL FROM ").idTable(distinct(users)).add(` AS x WHERE NOT EXISTS
 (SELECT 1 FROM organization_members om WHERE om.organization_id = ? AND om.user_id = x.id
 AND om.deleted_at IS NULL) ORDER BY x.id`, organization))
}
