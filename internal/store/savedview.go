package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"roster"
)

const savedViewSelect = `SELECT v.id, v.organization_id, v.name, v.list, v.place_id, v.query, v.shared,
 v.saved_at, u.id, u.email, u.first_name, u.last_name
FROM saved_views v JOIN users u ON u.id = v.user_id WHERE `

func scanSavedView(s scanner) (v roster.SavedView, err error) {
	var saved sql.NullInt64
	u := &v.Maker
	err = s.Scan(&v.ID, &v.OrganizationID, &v.Name, &v.List, &v.PlaceID, &v.Query, &v.Shared, &saved, &u.ID,
		&u.Email, &u.FirstName, &u.LastName)
	v.SavedAt = moment(saved)
	return v, err
}

// SavedView reads one.
func (db *DB) SavedView(ctx context.Context, id int64) (roster.SavedView, error) {
	return one(ctx, db, db.query(savedViewSelect+"v.id = ?", id), scanSavedView)
}

// SavedViews is somebody's in an organization, and those that are shared there, by name.
func (db *DB) SavedViews(ctx context.Context, organization, user int64) ([]roster.SavedView, error) {
	q := db.query(savedViewSelect+"v.organization_id = ? AND (v.user_id = ? OR v.shared) ORDER BY v.name, v.id",
		organization, user)
	return collect(ctx, db, q, scanSavedView)
}

// CountSavedViews is how many somebody keeps in an organization, and how many are shared there.
func (db *DB) CountSavedViews(ctx context.Context, organization, user int64) (own, shared int, err error) {
	err = db.find(ctx, db.query(`SELECT (SELECT count(*) FROM saved_views WHERE organization_id = ? AND user_id = ?),
 (SELECT count(*) FROM saved_views WHERE organization_id = ? AND shared)`, organization, user, organization),
		&own, &shared)
	return own, shared, err
}

// AddSavedView keeps a new one.
func (db *DB) AddSavedView(ctx context.Context, v roster.SavedView) (int64, error) {
	return db.insert(ctx,
		db.query(`INSERT INTO saved_views (organization_id, user_id, name, list, place_id, query, shared, saved_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, v.OrganizationID, v.Maker.ID, v.Name, v.List, v.PlaceID, v.Query,
			v.Shared, micros(v.SavedAt)))
}

// SetSavedView writes the name, whether it is shared, the query and when that was saved.
func (db *DB) SetSavedView(ctx context.Context, v roster.SavedView) error {
	_, err := db.exec(ctx, db.query("UPDATE saved_views SET name = ?, shared = ?, query = ?, saved_at = ? WHERE id = ?",
		v.Name, v.Shared, v.Query, micros(v.SavedAt), v.ID))
	return err
}

// DeleteSavedView forgets one.
func (db *DB) DeleteSavedView(ctx context.Context, id int64) error {
	_, err := db.exec(ctx, db.query("DELETE FROM saved_views WHERE id = ?", id))
	return err
}

// with is the source with a condition more.
func (s source) with(condition string, args ...any) source {
	where := s.where
	s.where = func(q *query) {
		where(q)
		q.add(condition, args...)
	}
	return s
}

// PeopleSince is OrganizationMembers of those who came to the organization after a time.
func (db *DB) PeopleSince(ctx context.Context, organization int64, f roster.MemberFilter, since time.Time,
	page roster.Page) ([]roster.OrganizationMember, int, error) {
	s, f := peopleOf(organization, f)
	return db.organizationPage(ctx, organization, s.with(" AND om.created_at > ?", micros(since)), f, page)
}

// WorkspaceMembersSince is WorkspaceMembers of those who were added after a time, or taken
// back by an undo.
func (db *DB) WorkspaceMembersSince(ctx context.Context, w roster.Workspace, f roster.MemberFilter, since time.Time,
	page roster.Page) (members []roster.Member, total int, err error) {
	s := workspaceMemberSource(w).with(" AND (SELECT x.at FROM operations x WHERE x.id = wm.added_by) > ?", micros(since))
	ids, total, err := db.listed(ctx, []source{s}, f, page)
	if err != nil {
		return nil, total, err
	}
	members, err = db.MembersByID(ctx, roster.Project{OrganizationID: w.OrganizationID, WorkspaceID: w.ID}, ids)
	return members, total, err
}

// preferencesColumn is what somebody chose about how pages look in one text, so that the
// statement that reads a session reads it too. No text that is kept holds its separators.
const preferencesColumn = "(SELECT string_agg(pr.name || '\x1f' || pr.value, '\x1e') FROM preferences pr" +
	" WHERE pr.user_id = u.id) AS preferences"

// preferences reads that text, by name.
func preferences(text string) map[string]string {
	if text == "" {
		return nil
	}
	out := map[string]string{}
	for choice := range strings.SplitSeq(text, "\x1e") {
		name, value, _ := strings.Cut(choice, "\x1f")
		out[name] = value
	}
	return out
}

// PreferenceByEmail is what the people with some e-mails chose under a name, by the e-mail as it
// is given; those who chose nothing are not there.
func (db *DB) PreferenceByEmail(ctx context.Context, name string, emails []string) (map[string]string, error) {
	owners, err := db.owners(ctx, emails)
	if err != nil {
		return nil, err
	}
	q := db.query("SELECT user_id, value FROM preferences WHERE name = ? AND ", name).
		anyOf("user_id", slices.Collect(maps.Values(owners)))
	chosen := map[int64]string{}
	err = db.each(ctx, q, func(s scanner) error {
		var id int64
		var value string
		err := s.Scan(&id, &value)
		chosen[id] = value
		return err
	})
	found := map[string]string{}
	for email, id := range owners {
		if value, ok := chosen[id]; ok {
			found[email] = value
		}
	}
	return found, err
}

// SetPreference writes one; "" forgets it.
func (db *DB) SetPreference(ctx context.Context, user int64, name, value string) error {
	if value == "" {
		return db.repeat(ctx, db.query("DELETE FROM preferences WHERE user_id = ? AND name = ?", user, name))
	}
	return db.repeat(ctx, db.query(`INSERT INTO preferences (user_id, name, value) VALUES (?, ?, ?)
ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value`, user, name, value))
}
