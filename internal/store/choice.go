package store

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"roster"
)

// Reads for people who choose other people.

// CountSelected is how many people an unassign with selector s would remove.
func (db *DB) CountSelected(ctx context.Context, p roster.Project, s roster.Selector) (int, error) {
	found, err := db.CountEach(ctx, p, []roster.Selector{s})
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

// CountEach is the same for each of some selectors, of which there is one at least.
func (db *DB) CountEach(ctx context.Context, p roster.Project, selectors []roster.Selector) ([]int, error) {
	return collect(ctx, db, countingEach(db, p, selectors), func(s scanner) (n int, err error) {
		return n, s.Scan(new(any), &n)
	})
}

func countingEach(db *DB, p roster.Project, selectors []roster.Selector) *query {
	q := db.query("")
	for i, s := range selectors {
		if i > 0 {
			q.add("\nUNION ALL\n")
		}
		appendSelected(q.add("SELECT "+strconv.Itoa(i)+" AS nth, count(*)"), p, s)
	}
	return q.add("\nORDER BY nth")
}

// SelectedMembers is these people, ascending.
func (db *DB) SelectedMembers(ctx context.Context, p roster.Project, s roster.Selector) ([]int64, error) {
	rows, _, err := db.selectedRows(ctx, p, s, "0")
	ids := peopleOfRows(rows)
	slices.Sort(ids)
	return ids, err
}

// Ended is what removal op of people from p came to besides: who still has access, by which
// path, and how many open assignments were dropped.
func (db *DB) Ended(ctx context.Context, p roster.Project, op int64) (e roster.Ended, err error) {
	q := db.query(`SELECT COALESCE(sum(CASE WHEN keeps_by = 'workspace' THEN 1 ELSE 0 END), 0),
 COALESCE(sum(CASE WHEN keeps_by = 'organization_role' THEN 1 ELSE 0 END), 0)
FROM outcomes WHERE operation_id = ? AND result = 'removed'`, op)
	if err := db.row(ctx, q, &e.KeepByWorkspace, &e.KeepByOrganizationRole); err != nil {
		return e, err
	}
	return e, db.row(ctx, releasing(db, p, op), &e.Released)
}

// releasing counts the open assignments of those whom op removed from p and who have no
// access left.
func releasing(db *DB, p roster.Project, op int64) *query {
	return db.query(`SELECT COALESCE(sum(`+openAssignments+`), 0) FROM project_members pm
WHERE pm.removed_by = ? AND pm.project_id = ? AND pm.explicit
 AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.operation_id = ? AND o.user_id = pm.user_id
 AND o.result = 'removed_dormant')
 AND NOT EXISTS (SELECT 1 FROM project_members now WHERE now.project_id = ? AND now.user_id = pm.user_id
 AND {{active now}})`, op, p.ID, op, p.ID)
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
	q := db.query("SELECT "+userColumns+", "+membershipColumns+
		", COALESCE(pm.explicit, FALSE), pm.role, pm.role_source FROM ").
		idTable(slices.Collect(maps.Values(owners))).add(` AS x
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
	return db.idSet(ctx,
		db.query("SELECT user_id FROM workspace_members WHERE workspace_id = ? AND {{active}}", workspace))
}
