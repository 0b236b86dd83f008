package store

import (
	"strings"

	"roster"
)

// source is one way people come into a list: a FROM and WHERE to which the
// filter is appended. Every source binds om (organization_members) and u
// (users); row sources also bind pm, the person's standing in the project.
//
// The joins are written CROSS JOIN because SQLite then keeps their order, so
// that the cost follows the people of the project and not of the organization.
type source struct {
	from func(q *query)
	by   string // the driving table: its user_id comes in index order
	role string // the role that filters and ordering read
	row  bool   // pm is bound
}

// id is the person's id as the driving table has it.
func (s source) id() string { return s.by + ".user_id" }

const effectiveRole = "CASE WHEN om.role IN ('AN', 'RE') THEN COALESCE(pm.role, om.role) ELSE om.role END"

// rowSource is everybody with an active row in the project.
func rowSource(p roster.Project, access roster.Access) source {
	return source{by: "pm", role: effectiveRole, row: true, from: func(q *query) {
		q.add(`
FROM project_members pm CROSS JOIN organization_members om CROSS JOIN users u
WHERE pm.project_id = ? AND pm.removed_by IS NULL AND om.organization_id = ? AND om.user_id = pm.user_id AND u.id = pm.user_id`,
			p.ID, p.OrganizationID)
		switch access {
		case roster.ExplicitAccess:
			q.add(" AND pm.explicit")
		case roster.ImplicitAccess:
			q.add(" AND NOT pm.explicit")
		}
	}}
}

// noRow leaves out the people whom rowSource has.
func noRow(q *query, p roster.Project) {
	q.add(" AND NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = om.user_id AND pm.removed_by IS NULL)", p.ID)
}

// workspaceSource is everybody with access only through the workspace.
func workspaceSource(p roster.Project) source {
	return source{by: "wm", role: "om.role", from: func(q *query) {
		q.add(`
FROM workspace_members wm CROSS JOIN organization_members om CROSS JOIN users u
WHERE wm.workspace_id = ? AND wm.removed_by IS NULL AND om.organization_id = ? AND om.user_id = wm.user_id AND u.id = wm.user_id`,
			p.WorkspaceID, p.OrganizationID)
		noRow(q, p)
	}}
}

// roleSource is everybody with access only as Owner or Administrator. A
// sandbox opens to its own owner alone.
func roleSource(p roster.Project) source {
	return source{by: "om", role: "om.role", from: func(q *query) {
		q.add(`
FROM organization_members om CROSS JOIN users u
WHERE om.organization_id = ? AND om.role IN ('OW', 'AD') AND u.id = om.user_id`, p.OrganizationID)
		if p.SandboxOf != 0 {
			q.add(" AND om.user_id = ?", p.SandboxOf)
		}
		noRow(q, p)
		q.add(" AND NOT EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ? AND wm.user_id = om.user_id AND wm.removed_by IS NULL)", p.WorkspaceID)
	}}
}

// projectSources are the disjoint ways into a project's member list.
func projectSources(p roster.Project, access roster.Access) []source {
	if access == roster.ExplicitAccess {
		return []source{rowSource(p, access)}
	}
	sources := []source{rowSource(p, access)}
	if p.WorkspaceID != 0 {
		sources = append(sources, workspaceSource(p))
	}
	return append(sources, roleSource(p))
}

// organizationSource is everybody in an organization, deactivated people too.
func organizationSource(organization int64) source {
	return source{by: "om", role: "om.role", from: func(q *query) {
		q.add("\nFROM organization_members om CROSS JOIN users u WHERE om.organization_id = ? AND u.id = om.user_id", organization)
	}}
}

// workspaceMemberSource is everybody in a workspace.
func workspaceMemberSource(w roster.Workspace) source {
	return source{by: "wm", role: "om.role", from: func(q *query) {
		q.add(`
FROM workspace_members wm CROSS JOIN organization_members om CROSS JOIN users u
WHERE wm.workspace_id = ? AND wm.removed_by IS NULL AND om.organization_id = ? AND om.user_id = wm.user_id AND u.id = wm.user_id`,
			w.ID, w.OrganizationID)
	}}
}

// memberMatch appends the filter: the one translation of a MemberFilter into
// SQL. List, count, preview, assign, unassign and export all go through it, so
// that what a page showed is what an operation touches. Cheap conditions come
// first; the tag lookups, one probe of an index per person, last.
func memberMatch(q *query, s source, f roster.MemberFilter) {
	matchState(q, s, f)
	if len(f.IDs) > 0 {
		q.add(" AND ").anyOf("u.id", f.IDs)
	}
	if len(f.Roles) > 0 {
		oneOf(q.add(" AND "), s.role, f.Roles)
	}
	if f.NoAnnotators {
		q.add(" AND " + s.role + " <> 'AN'")
	}
	if len(f.UserTypes) > 0 {
		oneOf(q.add(" AND "), "COALESCE(NULLIF(om.user_type, ''), 'standard')", f.UserTypes)
	}
	if !f.ActiveFrom.IsZero() {
		q.add(" AND u.last_activity >= ?", micros(f.ActiveFrom))
	}
	if !f.ActiveTo.IsZero() {
		q.add(" AND u.last_activity <= ?", micros(f.ActiveTo))
	}
	for _, term := range Terms(f.Search) {
		q.add(` AND u.search_text LIKE ? ESCAPE '\'`, contains(term))
	}
	matchTags(q, f)
	matchElsewhere(q, f)
}

// matchState keeps the deactivated and the deleted out unless they are asked for.
func matchState(q *query, s source, f roster.MemberFilter) {
	switch {
	case f.OnlyDeleted:
		q.add(" AND om.deleted_at IS NOT NULL")
	case f.WithInactive:
	case wantsDeactivated(f.Roles):
		q.add(" AND om.deleted_at IS NULL")
	default:
		q.add(" AND om.deleted_at IS NULL AND om.role <> 'DI'")
	}
}

func wantsDeactivated(roles []roster.Role) bool {
	for _, role := range roles {
		if role == roster.RoleDeactivated {
			return true
		}
	}
	return false
}

func matchTags(q *query, f roster.MemberFilter) {
	if len(f.Tags) == 0 {
		return
	}
	if f.EveryTag {
		q.add(" AND (SELECT count(*) FROM member_tags mt WHERE mt.user_id = u.id AND ").anyOf("mt.tag_id", f.Tags).add(") = ?", len(f.Tags))
		return
	}
	q.add(" AND EXISTS (SELECT 1 FROM member_tags mt WHERE mt.user_id = u.id AND ").anyOf("mt.tag_id", f.Tags).add(")")
}

// matchElsewhere leaves out the people who already have access to a project
// or a workspace, by any path: the candidates of an "add members" dialog.
func matchElsewhere(q *query, f roster.MemberFilter) {
	if id := f.ExcludeProject; id != 0 {
		q.add(` AND NOT EXISTS (SELECT 1 FROM project_members x WHERE x.project_id = ? AND x.user_id = om.user_id AND x.removed_by IS NULL)
 AND NOT EXISTS (SELECT 1 FROM projects xp CROSS JOIN workspace_members xw
  WHERE xp.id = ? AND xw.workspace_id = xp.workspace_id AND xw.user_id = om.user_id AND xw.removed_by IS NULL)
 AND om.role NOT IN ('OW', 'AD')`, id, id)
	}
	if id := f.ExcludeWorkspace; id != 0 {
		q.add(" AND NOT EXISTS (SELECT 1 FROM workspace_members x WHERE x.workspace_id = ? AND x.user_id = om.user_id AND x.removed_by IS NULL)", id)
	}
}

// selection appends the rows of p that an operation with selector s is about:
// active explicit rows, as pm.
func selection(q *query, p roster.Project, s roster.Selector) {
	if !s.All {
		q.add(" FROM project_members pm WHERE pm.project_id = ? AND pm.removed_by IS NULL AND pm.explicit AND ", p.ID).
			anyOf("pm.user_id", s.Chosen())
		return
	}
	src := rowSource(p, roster.ExplicitAccess)
	src.from(q)
	f := s.Filter
	f.Access, f.WithInactive, f.OnlyDeleted = roster.ExplicitAccess, false, false
	memberMatch(q, src, f)
	if len(s.Excluded) > 0 {
		q.add(" AND NOT (").anyOf("pm.user_id", s.Excluded).add(")")
	}
}

// sortKeys are the columns a member list can be ordered by.
func sortKey(s source, order string) string {
	keys := map[string]string{
		"id": "u.id", "email": "u.email_key", "first_name": "u.first_name_key", "last_name": "u.last_name_key",
		"username": "u.username_key", "last_activity": "u.last_activity", "date_joined": "u.date_joined", "role": s.role,
	}
	return keys[strings.TrimPrefix(order, "-")]
}

// ranked is the ORDER BY of a page: the key with never-set values last in both
// directions, ties by id.
func ranked(order string, tie string) string {
	if order == "" || strings.TrimPrefix(order, "-") == "id" {
		if strings.HasPrefix(order, "-") {
			return " ORDER BY " + tie + " DESC"
		}
		return " ORDER BY " + tie
	}
	direction := " ASC"
	if strings.HasPrefix(order, "-") {
		direction = " DESC"
	}
	return " ORDER BY sort_key" + direction + " NULLS LAST, " + tie
}
