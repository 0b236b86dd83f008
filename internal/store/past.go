package store

import "roster"

// Memberships that ended have one index, by the operation that ended them
// (0001_core.sql says why), so a project's past is looked for operation by
// operation.

// appendPast appends the ended memberships of p as m, and what ended each as ends,
// with a condition that more can be added to.
func appendPast(q *query, p roster.Project) *query {
	return q.add(`operations ends CROSS JOIN project_members m
WHERE (ends.project_id = ? OR (ends.organization_id = ? AND ends.project_id IS NULL)) AND m.removed_by = ends.id
 AND m.project_id = ?`,
		p.ID, p.OrganizationID, p.ID)
}

// appendPasts is appendPast of several projects of an organization.
func appendPasts(q *query, organization int64, projects []int64) *query {
	q.add("operations ends CROSS JOIN project_members m\nWHERE (").anyOf("ends.project_id", projects)
	q.add(" OR (ends.organization_id = ? AND ends.project_id IS NULL)) AND m.removed_by = ends.id AND ", organization)
	return q.anyOf("m.project_id", projects)
}

// appendBegunBy appends, as a table, columns of the explicit memberships m of p that
// operation op began, be they ended since.
func appendBegunBy(q *query, p roster.Project, op int64, columns string) *query {
	q.add("(SELECT "+columns+
		" FROM project_members m WHERE m.project_id = ? AND {{active m}} AND m.added_by = ? AND m.explicit", p.ID, op)
	appendPast(q.add("\n UNION ALL SELECT "+columns+" FROM "), p)
	// nothing ends before it begins, said of whichever table is read first
	return q.add(" AND ends.id >= ? AND m.removed_by >= ? AND m.added_by = ? AND m.explicit)", op, op, op)
}

// appendBegunFor appends, as a set, the operations that made the person a member of a
// project of the organization.
func appendBegunFor(q *query, organization, user int64) *query {
	return q.add(`(SELECT m.added_by FROM projects p CROSS JOIN project_members m
 WHERE p.organization_id = ? AND m.project_id = p.id AND m.user_id = ? AND {{active m}}
 UNION ALL SELECT m.added_by FROM operations ends CROSS JOIN project_members m
 WHERE ends.organization_id = ? AND m.removed_by = ends.id AND m.user_id = ?)`, organization, user, organization, user)
}
