package store

import (
	"context"
	"maps"
	"slices"

	"roster"
)

// Reads for people who choose other people.

// CountSelected is how many people an unassign with selector s would remove.
func (db *DB) CountSelected(ctx context.Context, p roster.Project, s roster.Selector) (int, error) {
	q := db.query("SELECT count(*)")
	appendSelected(q, p, s)
	return db.count(ctx, q)
}

// EverMembers is the people among ids who have or had a row in p, by id.
func (db *DB) EverMembers(ctx context.Context, p roster.Project, ids []int64) ([]roster.User, error) {
	q := db.query("SELECT "+userColumns+" FROM ").idTable(ids).add(` AS x JOIN users u ON u.id = x.id
WHERE EXISTS (SELECT 1 FROM project_members pm WHERE pm.user_id = x.id AND pm.project_id = ?) ORDER BY u.id`, p.ID)
	return collect(ctx, db, q, scanUser)
}

// PeopleByEmail is the people of an organization with one of the e-mails, by the
// e-mail as it is given: the deactivated and the deleted too, with whether they are
// explicit members of p.
func (db *DB) PeopleByEmail(ctx context.Context, p roster.Project, emails []string) (map[string]roster.Member, error) {
	owners, err := db.owners(ctx, emails)
	if err != nil {
		return nil, err
	}
	q := db.query("SELECT "+userColumns+", "+membershipColumns+", COALESCE(pm.explicit, FALSE), pm.role, pm.role_source FROM ").idTable(slices.Collect(maps.Values(owners))).add(` AS x
JOIN users u ON u.id = x.id JOIN organization_members om ON om.user_id = u.id AND om.organization_id = ?
LEFT JOIN project_members pm ON pm.project_id = ? AND pm.user_id = u.id AND {{active pm}}`, p.OrganizationID, p.ID)
	members := make(map[int64]roster.Member, len(owners))
	err = db.each(ctx, q, func(s scanner) error {
		m, err := scanMember(s)
		members[m.User.ID] = m
		return err
	})
	found := make(map[string]roster.Member, len(members))
	for email, id := range owners {
		if m, ok := members[id]; ok {
			found[email] = m
		}
	}
	return found, err
}

// WorkspaceMemberIDs is everybody in a workspace.
func (db *DB) WorkspaceMemberIDs(ctx context.Context, workspace int64) (map[int64]bool, error) {
	return db.idSet(ctx, db.query("SELECT user_id FROM workspace_members WHERE workspace_id = ? AND {{active}}", workspace))
}
