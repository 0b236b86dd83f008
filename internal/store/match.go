package store

import (
	"strings"

	"roster"
)

// source is one way people come into a list: tables, and the condition to
// which the filter is appended. Every source binds om (organization_members);
// row sources also bind pm, the person's standing in the project.
//
// The joins are written CROSS JOIN because SQLite then keeps their order, so
// that the cost follows the people of the project and not of the organization.
// Users (u) stand second, and only where they are read: a person's row is one
// probe by id and most filters look at it, while om is two probes.
type source struct {
	first string // the driving table
	then  string // what is joined to it besides users; "" is nothing
	where func(q *query)
	by    string // the driving table's alias: its user_id comes in index order
	role  string // the role that filters and ordering read
	row   bool   // pm is bound
}

// id is the person's id as the driving table has it.
func (s source) id() string { return s.by + ".user_id" }

// match appends the people of the source whom f matches, as FROM and WHERE.
// Wide says that the caller reads columns of users.
func (s source) match(q *query, f roster.MemberFilter, wide bool) {
	wide = wide || readsUsers(f)
	q.add("\nFROM " + strings.Join(append([]string{s.first}, s.joined(wide)...), " CROSS JOIN "))
	s.narrow(q, f, wide)
}

// joined is the tables after the first, in the order they are read.
func (s source) joined(wide bool) []string {
	var tables []string
	if wide {
		tables = append(tables, "users u")
	}
	if s.then != "" {
		tables = append(tables, s.then)
	}
	return tables
}

// narrow appends WHERE: the people of the source whom f matches.
func (s source) narrow(q *query, f roster.MemberFilter, wide bool) {
	q.add("\nWHERE ")
	s.where(q)
	if wide {
		q.add(" AND u.id = " + s.id())
	}
	memberMatch(q, s, f)
}

// readsUsers reports whether the filter looks at columns of users.
func readsUsers(f roster.MemberFilter) bool {
	return f.Search != "" || !f.ActiveFrom.IsZero() || !f.ActiveTo.IsZero() || f.NeverActive
}

const effectiveRole = "CASE WHEN om.role IN ('AN', 'RE') THEN COALESCE(pm.role, om.role) ELSE om.role END"

const organizationMembers = "organization_members om"

// rowSource is everybody with an active row in the project.
func rowSource(p roster.Project, access roster.Access) source {
	return source{first: "project_members pm", then: organizationMembers, by: "pm", role: effectiveRole, row: true, where: func(q *query) {
		q.add("pm.project_id = ? AND pm.removed_by IS NULL AND om.organization_id = ? AND om.user_id = pm.user_id", p.ID, p.OrganizationID)
		switch access {
		case roster.ExplicitAccess:
			q.add(" AND pm.explicit")
		case roster.ImplicitAccess:
			q.add(" AND NOT pm.explicit")
		}
	}}
}

// noRow leaves out the people whom rowSource has. Person is the id as the
// driving table has it, so that they are out before anything is joined to them.
func noRow(q *query, p roster.Project, person string) {
	q.add(" AND NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = "+person+" AND pm.removed_by IS NULL)", p.ID)
}

// workspaceSource is everybody with access only through the workspace.
func workspaceSource(p roster.Project) source {
	s := workspaceMemberSource(roster.Workspace{ID: p.WorkspaceID, OrganizationID: p.OrganizationID})
	members := s.where
	s.where = func(q *query) {
		members(q)
		noRow(q, p, s.id())
	}
	return s
}

// roleSource is everybody with access only as Owner or Administrator. A
// sandbox opens to its own owner alone.
func roleSource(p roster.Project) source {
	return source{first: organizationMembers, by: "om", role: "om.role", where: func(q *query) {
		q.add("om.organization_id = ? AND om.role IN ('OW', 'AD')", p.OrganizationID)
		if p.SandboxOf != 0 {
			q.add(" AND om.user_id = ?", p.SandboxOf)
		}
		noRow(q, p, "om.user_id")
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
	return source{first: organizationMembers, by: "om", role: "om.role", where: func(q *query) {
		q.add("om.organization_id = ?", organization)
	}}
}

// workspaceMemberSource is everybody in a workspace.
func workspaceMemberSource(w roster.Workspace) source {
	return source{first: "workspace_members wm", then: organizationMembers, by: "wm", role: "om.role", where: func(q *query) {
		q.add("wm.workspace_id = ? AND wm.removed_by IS NULL AND om.organization_id = ? AND om.user_id = wm.user_id", w.ID, w.OrganizationID)
	}}
}

// memberMatch appends the filter: the one translation of a MemberFilter into
// SQL. List, count, preview, assign, unassign and export all go through it, so
// that what a page showed is what an operation touches. Cheap conditions come
// first; the tag lookups, one probe of an index per person, last.
func memberMatch(q *query, s source, f roster.MemberFilter) {
	matchState(q, s, f)
	if len(f.IDs) > 0 {
		q.add(" AND ").anyOf(s.id(), f.IDs) // may drive the index
	}
	if len(f.Roles) > 0 {
		oneOf(q.add(" AND "), s.role, f.Roles)
	}
	switch f.Ability {
	case roster.Able:
		q.add(" AND om.role NOT IN ('DI', 'NO')")
	case roster.Deactivated:
		q.add(" AND om.role = 'DI'")
	case roster.Waiting:
		q.add(" AND om.role = 'NO'")
	}
	if f.NoViewOnly {
		q.add(" AND om.user_type <> 'viewonly'")
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
	if f.NeverActive {
		q.add(" AND u.last_activity IS NULL")
	}
	for _, term := range Terms(f.Search) {
		q.add(` AND u.search_text LIKE ? ESCAPE '\'`, contains(term))
	}
	matchTags(q, f)
	matchPath(q, f)
	matchElsewhere(q, f)
}

// matchPath keeps the people who have access by a certain path, or whom a
// pause keeps from using it.
func matchPath(q *query, f roster.MemberFilter) {
	if f.ByRole {
		q.add(" AND om.role IN ('OW', 'AD')")
	}
	if f.InWorkspace != 0 {
		q.add(" AND EXISTS (SELECT 1 FROM workspace_members x WHERE x.workspace_id = ? AND x.user_id = om.user_id AND x.removed_by IS NULL)", f.InWorkspace)
	}
	if f.PausedIn != 0 {
		q.add(" AND EXISTS (SELECT 1 FROM pauses x WHERE x.project_id = ? AND x.user_id = om.user_id AND x.deleted_at IS NULL)", f.PausedIn)
	}
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
		q.add(" AND (SELECT count(*) FROM member_tags mt WHERE mt.user_id = om.user_id AND ").anyOf("mt.tag_id", f.Tags).add(") = ?", len(f.Tags))
		return
	}
	q.add(" AND EXISTS (SELECT 1 FROM member_tags mt WHERE mt.user_id = om.user_id AND ").anyOf("mt.tag_id", f.Tags).add(")")
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
	if f.SharedWith != 0 {
		matchShared(q, f.SharedWith)
	}
}

// matchShared keeps the person themself and whoever has access, by any path,
// to a project they reach, or is with them in a workspace. It is one IN, which
// both engines make a table of; of several with OR between, PostgreSQL does not.
func matchShared(q *query, person int64) {
	reached := func() {
		q.add(`(SELECT p.id FROM projects p WHERE p.deleted_at IS NULL AND (p.created_by = ?
   OR EXISTS (SELECT 1 FROM project_members s WHERE s.project_id = p.id AND s.user_id = ? AND s.removed_by IS NULL AND s.explicit)
   OR EXISTS (SELECT 1 FROM workspace_members s WHERE s.workspace_id = p.workspace_id AND s.user_id = ? AND s.removed_by IS NULL)))`,
			person, person, person)
	}
	q.add(`
 AND om.user_id IN (SELECT CAST(? AS BIGINT)
  UNION SELECT x.user_id FROM project_members x WHERE x.removed_by IS NULL AND x.explicit AND x.project_id IN `, person)
	reached()
	q.add(`
  UNION SELECT x.user_id FROM workspace_members x JOIN projects r ON r.workspace_id = x.workspace_id WHERE x.removed_by IS NULL AND r.id IN `)
	reached()
	q.add(`
  UNION SELECT x.user_id FROM workspace_members x JOIN workspace_members s ON s.workspace_id = x.workspace_id
   WHERE x.removed_by IS NULL AND s.user_id = ? AND s.removed_by IS NULL
  UNION SELECT x.user_id FROM organization_members x JOIN projects r ON r.organization_id = x.organization_id
   LEFT JOIN workspaces w ON w.id = r.workspace_id
   WHERE x.role IN ('OW', 'AD') AND NOT COALESCE(w.is_personal, FALSE) AND r.id IN `, person)
	reached()
	q.add(")")
}

// selection appends the rows of p that an operation with selector s is about:
// active explicit rows, as pm.
func selection(q *query, p roster.Project, s roster.Selector) {
	if !s.All {
		q.add(" FROM project_members pm")
		chosen(q, p, s)
		return
	}
	src, f := selected(p, s)
	src.match(q, f, false)
	butExcluded(q, s)
}

// selectionUpdate appends the tables and the condition of an UPDATE of these
// same rows. As a subquery the selection would have PostgreSQL read the whole
// table once more, to find by their ids the rows it has just found.
func selectionUpdate(q *query, p roster.Project, s roster.Selector) {
	if !s.All {
		chosen(q, p, s)
		return
	}
	src, f := selected(p, s)
	q.add(" FROM " + strings.Join(src.joined(readsUsers(f)), " CROSS JOIN "))
	src.narrow(q, f, readsUsers(f))
	butExcluded(q, s)
}

// selected is the source and the filter of a selection from everybody.
func selected(p roster.Project, s roster.Selector) (source, roster.MemberFilter) {
	f := s.Filter
	f.Access, f.WithInactive, f.OnlyDeleted = roster.ExplicitAccess, false, false
	return rowSource(p, roster.ExplicitAccess), f
}

// chosen appends WHERE: the people whom s names.
func chosen(q *query, p roster.Project, s roster.Selector) {
	q.add(" WHERE pm.project_id = ? AND pm.removed_by IS NULL AND pm.explicit AND ", p.ID).anyOf("pm.user_id", s.Chosen())
}

func butExcluded(q *query, s roster.Selector) {
	if len(s.Excluded) > 0 {
		q.add(" AND NOT (").anyOf("pm.user_id", s.Excluded).add(")")
	}
}

// sortKey is the column a member list is ordered by. The name is the text that
// is searched: it begins with the first name, the last name and the e-mail.
func sortKey(s source, order string) string {
	keys := map[string]string{
		"id": s.id(), "email": "u.email_key", "first_name": "u.first_name_key", "last_name": "u.last_name_key",
		"username": "u.username_key", "last_activity": "u.last_activity", "date_joined": "u.date_joined", "role": s.role,
		"name": "u.search_text",
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
