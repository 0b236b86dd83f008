package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"roster"
)

// An import is a handful of statements whatever the file's length: its rows go
// as one JSON array each, of which every engine makes a table.

// table appends a table expression with one column, value, whose rows are the
// given ones: value->>0 is the first cell, as text.
func (q *query) table(rows [][]any) *query {
	text, err := json.Marshal(rows)
	if err != nil {
		panic("store: rows that are not JSON: " + err.Error()) // texts and numbers only
	}
	q.text.WriteString(q.dialect.elements(q.bind(string(text))))
	return q
}

// LockPeople is who has each of the given e-mails, as it is given, with their
// membership in an organization; one with the id 0 is none. The others stay as they
// are until the transaction ends.
func (db *DB) LockPeople(ctx context.Context, organization int64,
	emails []string) (map[string]roster.OrganizationMember, error) {
	owners, err := db.owners(ctx, emails)
	if err != nil {
		return nil, err
	}
	ids := distinct(slices.Collect(maps.Values(owners)))
	if db.dialect.forUpdate != "" { // in one order, or two imports could wait for each other
		q := db.query("SELECT om.id FROM organization_members om WHERE om.organization_id = ? AND ", organization).
			anyOf("om.user_id", ids)
		if _, err := db.exec(ctx, q.add(" ORDER BY om.user_id"+db.lock("om"))); err != nil {
			return nil, err
		}
	}
	q := db.query("SELECT " +
		userColumns + `, COALESCE(om.id, 0), COALESCE(om.organization_id, 0), COALESCE(om.user_id, 0),
 COALESCE(om.role, ''), COALESCE(om.role_source, ''), COALESCE(om.user_type, ''), om.created_at, om.deleted_at
 FROM `).idTable(ids)
	q.add(` AS x JOIN users u ON u.id = x.id
LEFT JOIN organization_members om ON om.organization_id = ? AND om.user_id = u.id`, organization)
	members := make(map[int64]roster.OrganizationMember, len(ids))
	err = db.each(ctx, q, func(s scanner) error {
		var m roster.OrganizationMember
		var u userScan
		var n membershipScan
		err := s.Scan(append(u.into(&m.User), n.into(&m.Membership)...)...)
		u.finish(&m.User)
		n.finish(&m.Membership)
		members[m.User.ID] = m
		return err
	})
	found := make(map[string]roster.OrganizationMember, len(owners))
	for email, id := range owners {
		found[email] = members[id]
	}
	return found, err
}

// ProjectTitles names the projects that viewer may see, without counting
// anything in them.
func (db *DB) ProjectTitles(ctx context.Context, viewer roster.Actor) ([]roster.ProjectRef, error) {
	q := db.query("SELECT p.id, p.title FROM projects p LEFT JOIN workspaces w ON w.id = p.workspace_id" +
		" WHERE p.deleted_at IS NULL")
	appendVisibleProjects(q, viewer)
	return collect(ctx, db, q.add(" ORDER BY p.id"), func(s scanner) (p roster.ProjectRef, err error) {
		err = s.Scan(&p.ID, &p.Title)
		return p, err
	})
}

// LockTags is an organization's tags by folded label. Nobody else puts them on or
// takes them off until the transaction ends, so that what a record says was so.
func (db *DB) LockTags(ctx context.Context, organization int64) (map[string]int64, error) {
	if err := db.turn("tags", organization); err != nil {
		return nil, err
	}
	ids := map[string]int64{}
	q := db.query("SELECT id, label_key FROM tags WHERE organization_id = ? ORDER BY id"+db.lock("tags"), organization)
	return ids, db.each(ctx, q, func(s scanner) error {
		var id int64
		var key string
		err := s.Scan(&id, &key)
		ids[key] = id
		return err
	})
}

// ImportPeople writes the names, the role and the seat of people who are in an
// organization, and ends what those whose role changed held by the old one.
func (db *DB) ImportPeople(ctx context.Context, organization int64, people []roster.OrganizationMember,
	op int64) error {
	if len(people) == 0 {
		return nil
	}
	names, roles := make([][]any, len(people)), make([][]any, len(people))
	var lasting []int64 // deactivation is there to be reversed, and ends nothing
	for i, m := range people {
		u := m.User
		if m.Membership.Role != roster.RoleDeactivated {
			lasting = append(lasting, u.ID)
		}
		names[i] = append([]any{u.ID, u.FirstName, u.LastName}, texts(u)...)
		roles[i] = []any{u.ID, m.Membership.Role, m.Membership.RoleSource, m.Membership.UserType}
	}
	if err := db.lockReach(ctx, organization, lasting); err != nil {
		return err
	}
	changed := derivedPeople.settings(cellFrom(3))
	q := db.query("UPDATE users SET first_name = x.value->>1, last_name = x.value->>2, " + changed + " FROM ").table(names)
	if _, err := db.exec(ctx, q.add(" AS x WHERE users.id = CAST(x.value->>0 AS BIGINT)")); err != nil {
		return err
	}
	q = db.query("UPDATE organization_members SET role = x.value->>1, role_source = x.value->>2," +
		" user_type = x.value->>3 FROM ").table(roles)
	q.add(" AS x WHERE organization_id = ? AND user_id = CAST(x.value->>0 AS BIGINT)", organization)
	if _, err := db.exec(ctx, q); err != nil {
		return err
	}
	return db.endStranded(ctx, op, func(q *query) { q.add(" AND ").anyOf("user_id", lasting) })
}

// ImportMemberships makes people members of p and returns how many were not.
// The record names the project, because an import is about several.
func (db *DB) ImportMemberships(ctx context.Context, p roster.Project, users []int64, op int64) (int, error) {
	begun, err := db.BeginMemberships(ctx, p, roster.Selector{Included: users}, op)
	if err != nil {
		return 0, err
	}
	q := db.query("UPDATE outcomes SET project_id = ? WHERE operation_id = ? AND project_id = 0"+
		" AND result = 'already_a_member'", p.ID, op)
	if _, err := db.exec(ctx, q); err != nil {
		return 0, err
	}
	_, err = db.exec(ctx, db.query(`INSERT INTO outcomes (operation_id, user_id, project_id, result)
SELECT added_by, user_id, project_id, 'assigned' FROM project_members WHERE project_id = ? AND {{active}}
 AND added_by = ? AND explicit`, p.ID, op))
	return begun, err
}

// RecordOutcomes writes down what an operation did to many people.
func (db *DB) RecordOutcomes(ctx context.Context, op int64, outcomes []roster.Outcome) error {
	rows := make([][]any, len(outcomes))
	for i, o := range outcomes {
		rows[i] = []any{o.UserID, o.Result, o.RoleBefore, o.RoleAfter, o.SeatBefore}
	}
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result, role_before, role_after,"+
		" seat_before)\nSELECT ?, CAST(x.value->>0 AS BIGINT), x.value->>1, x.value->>2, x.value->>3, x.value->>4 FROM ",
		op).table(rows)
	_, err := db.exec(ctx, q.add(" AS x"))
	return err
}

// CountChanged is how many people an operation changed whose outcomes were all
// written down, in however many places.
func (db *DB) CountChanged(ctx context.Context, op int64) (int, error) {
	q := db.query("SELECT count(DISTINCT user_id) FROM outcomes WHERE operation_id = ? AND ", op)
	return db.count(ctx, appendOneOf(q, "result", roster.Changes))
}
