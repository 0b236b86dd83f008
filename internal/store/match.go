package store

import (
	"slices"
	"strings"
	"time"

	"roster"
)

// source is one way people come into a list: tables, and the condition to
// which the filter is appended. Row sources bind pm, the person's standing in
// the project.
//
// What else is known of the people, users (u) and organization_members (om), is
// joined only where it is read, users first: a person's row is one probe by id
// and most filters look at it, while om is two probes. The joins are written
// CROSS JOIN because SQLite then keeps their order, so that the cost follows the
// people of the project and not of the organization.
type source struct {
	first string // the driving table, or tables
	// organization is where the people's om is found; 0: first binds it.
	organization int64
	where        func(q *query)
	but          func(q *query) // leaves some of these out, looking for each of them; nil: nobody
	by           string         // the driving table's alias: its user_id comes in index order
	role         string         // the role that filters and ordering read
	row          bool           // pm is bound
	left         bool           // they left the organization: what counts is what ended with that
	walked       walk           // whether it is read in the order of its index
	whole, rest  *source        // what it is the difference of, where an index counts those two alone; nil: nothing
}

// id is the person's id as the driving table has it.
func (s source) id() string { return s.by + ".user_id" }

// filtered is the person's id in the table that most of the filter looks at.
// PostgreSQL joins a tag to the table it is compared with: with the driving one
// it would find everybody who has it before it looks at anything else.
func (s source) filtered(f roster.MemberFilter) string {
	if readsUsers(f) {
		return "u.id"
	}
	return s.id()
}

// appendMatch appends the people of the source whom f matches, as FROM and WHERE.
// Reads is which of u and om the caller reads.
func (s source) appendMatch(q *query, f roster.MemberFilter, reads ...string) {
	joined := s.joined(f, reads...)
	q.add("\nFROM " + strings.Join(append([]string{s.first}, joined...), " CROSS JOIN "))
	s.appendWhere(q, f, joined)
}

// joined is the tables after the first, in the order they are read.
func (s source) joined(f roster.MemberFilter, reads ...string) []string {
	var tables []string
	if readsUsers(f) || slices.Contains(reads, "u") {
		tables = append(tables, usersAsU)
	}
	if s.organization != 0 && (readsMembership(f) || slices.Contains(reads, "om")) {
		tables = append(tables, membersAsOM)
	}
	return tables
}

// appendWhere appends WHERE: the people of the source whom f matches.
func (s source) appendWhere(q *query, f roster.MemberFilter, joined []string) {
	q.add("\nWHERE ")
	s.where(q)
	if s.but != nil {
		s.but(q)
	}
	if slices.Contains(joined, usersAsU) {
		q.add(" AND u.id = " + s.id())
	}
	if slices.Contains(joined, membersAsOM) {
		q.add(" AND om.organization_id = ? AND om.user_id = "+s.id(), s.organization)
		s.organization = 0 // the filter may read om now
	}
	appendMemberMatch(q, s, f)
}

// among is those of the source whose membership of its organization is as few are: are
// says how, as a condition of om, and table where those few are found, before anything else.
func (s source) among(table, are string) source {
	organization, id, where := s.organization, s.id(), s.where
	s.first, s.by, s.organization = table+" CROSS JOIN "+s.first, "om", 0 // om is bound
	s.whole, s.rest = nil, nil
	s.where = func(q *query) {
		q.add("om.organization_id = ? AND "+are+" AND "+id+" = om.user_id AND ", organization)
		where(q)
	}
	return s
}

// readsUsers reports whether the filter looks at columns of users.
func readsUsers(f roster.MemberFilter) bool {
	return f.Search != "" || f.ActiveFrom != nil || f.ActiveTo != nil || f.NeverActive
}

// readsMembership reports whether the filter looks at columns of
// organization_members, but for leaving out the inactive.
func readsMembership(f roster.MemberFilter) bool {
	return f.Roles != nil || f.UserTypes != nil || f.Ability != "" || f.NoAnnotators || f.NoViewOnly ||
		f.OnlyDeleted || f.ByRole || f.ExcludeProject != 0
}

const effectiveRole = "CASE WHEN om.role IN ('AN', 'RE') THEN COALESCE(pm.role, om.role) ELSE om.role END"

// appendRoleIn appends that the role of the source is one of the given. Where a row
// may override it, the cases are written out: PostgreSQL has no statistics of a
// CASE, takes it to hold for one row in 200, and then probes the other tables
// once for each of the many for which it does.
func (s source) appendRoleIn(q *query, roles []roster.Role) {
	if s.role != effectiveRole {
		appendOneOf(q, s.role, roles)
		return
	}
	var fixed, theirs []roster.Role
	for _, role := range roles {
		if role.Overridable() {
			theirs = append(theirs, role)
		} else {
			fixed = append(fixed, role)
		}
	}
	q.add("(")
	if len(theirs) > 0 {
		appendOneOf(q, "om.role", theirs).add(" AND pm.role IS NULL OR ")
	}
	if len(fixed) > 0 {
		appendOneOf(q, "om.role", fixed).add(" OR ")
	}
	appendOneOf(q.add("om.role IN ('AN', 'RE') AND "), "pm.role", roles).add(")")
}

// usersAsU and membersAsOM are the two tables that sources are joined to.
const (
	usersAsU    = "users u"
	membersAsOM = "organization_members om"
)

// rowSource is everybody with an active row in the project.
func rowSource(p roster.Project, access roster.Access) source {
	s := source{first: "project_members pm", organization: p.OrganizationID, by: "pm", role: effectiveRole,
		row: true, where: func(q *query) {
			q.add("pm.project_id = ? AND {{active pm}}", p.ID)
			switch access {
			case roster.ExplicitAccess:
				q.add(" AND pm.explicit")
			case roster.ImplicitAccess:
				q.add(" AND NOT pm.explicit")
			}
		}}
	if access == roster.ExplicitAccess {
		s.whole, s.rest = new(rowSource(p, roster.AnyAccess)), new(rowSource(p, roster.ImplicitAccess))
	}
	return s
}

// appendNoRow leaves out the people whom rowSource has. Person is the id as the
// driving table has it, so that they are out before anything is joined to them.
func appendNoRow(q *query, p roster.Project, person string) {
	q.add(" AND NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = "+person+
		" AND {{active pm}})", p.ID)
}

// workspaceSource is everybody with access only through the workspace.
func workspaceSource(p roster.Project) source {
	s := workspaceMemberSource(roster.Workspace{ID: p.WorkspaceID, OrganizationID: p.OrganizationID})
	s.but = func(q *query) { appendNoRow(q, p, s.id()) }
	return s
}

// roleSource is everybody with access only as Owner or Administrator. A
// sandbox opens to its own owner alone.
func roleSource(p roster.Project) source {
	return source{first: membersAsOM, by: "om", role: "om.role", where: func(q *query) {
		q.add("om.organization_id = ? AND {{by role om}}", p.OrganizationID)
		if p.SandboxOf != 0 {
			q.add(" AND om.user_id = ?", p.SandboxOf)
		}
		appendNoRow(q, p, "om.user_id")
		q.add(" AND NOT EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ?"+
			" AND wm.user_id = om.user_id AND {{active wm}})", p.WorkspaceID)
	}}
}

// projectSources are the disjoint ways into a project's member list, but for
// those by which nobody comes whom f matches. With the inactive come those who were
// deleted since a time.
func projectSources(p roster.Project, f roster.MemberFilter, since time.Time) []source {
	sources := []source{rowSource(p, f.Access)}
	if f.WithInactive && !since.IsZero() {
		sources = append(sources, leftSources(p, f.Access, since)...)
	}
	if f.Access == roster.ExplicitAccess {
		return sources
	}
	if p.WorkspaceID != 0 {
		sources = append(sources, workspaceSource(p))
	}
	if f.Roles == nil || slices.ContainsFunc(f.Roles, roster.Role.SeesEveryProject) {
		sources = append(sources, roleSource(p))
	}
	return sources
}

// organizationSource is everybody in an organization, deactivated people too.
func organizationSource(organization int64) source {
	return source{first: membersAsOM, by: "om", role: "om.role", where: func(q *query) {
		q.add("om.organization_id = ?", organization)
	}}
}

// workspaceMemberSource is everybody in a workspace.
func workspaceMemberSource(w roster.Workspace) source {
	return source{first: "workspace_members wm", organization: w.OrganizationID, by: "wm", role: "om.role",
		where: func(q *query) {
			q.add("wm.workspace_id = ? AND {{active wm}}", w.ID)
		}}
}

// appendMemberMatch appends the filter: the one translation of a MemberFilter into
// SQL. List, count, preview, assign, unassign and export all go through it, so
// that what a page showed is what an operation touches. Cheap conditions come
// first; the tag lookups, one probe of an index per person, last.
func appendMemberMatch(q *query, s source, f roster.MemberFilter) {
	appendStateMatch(q, s, f)
	if f.IDs != nil {
		q.add(" AND ").anyOf(s.id(), f.IDs) // may drive the index
	}
	if f.Roles != nil {
		s.appendRoleIn(q.add(" AND "), f.Roles)
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
	if f.UserTypes != nil {
		appendOneOf(q.add(" AND "), "COALESCE(NULLIF(om.user_type, ''), 'standard')", f.UserTypes)
	}
	appendWindow(q, "u.last_activity", f.ActiveFrom, f.ActiveTo)
	if f.NeverActive {
		q.add(" AND u.last_activity IS NULL")
	}
	text := "u.search_text"
	if f.NamesOnly {
		text = q.namesIn(text)
	}
	for _, term := range Terms(f.Search) {
		q.add(" AND "+text+` LIKE ? ESCAPE '\'`, contains(term))
	}
	appendTenureMatch(q, s, f)
	appendTagMatch(q, s.filtered(f), f)
	appendPathMatch(q, s, f)
	appendElsewhereMatch(q, s.id(), f)
}

// namesIn is the names in a personText: what is before its first empty line.
func (q *query) namesIn(text string) string {
	return "substr(" + text + ", 1, " + q.dialect.find + "(" + text + ", '\n\n'))"
}

// appendWindow appends that a column of moments is in a appendWindow, both ends included.
func appendWindow(q *query, column string, from, to *time.Time) {
	if from != nil {
		q.add(" AND "+column+" >= ?", micros(*from))
	}
	if to != nil {
		q.add(" AND "+column+" <= ?", micros(*to))
	}
}

// appendTenureMatch keeps the members whose tenure began in a window. The row says by which
// operation, also where it goes on with an earlier one's tenure; who has none of their
// own never joined.
func appendTenureMatch(q *query, s source, f roster.MemberFilter) {
	switch {
	case f.JoinedAfter == nil && f.JoinedBefore == nil:
	case s.row:
		q.add(" AND pm.explicit")
		appendWindow(q, "(SELECT x.at FROM operations x WHERE x.id = COALESCE(pm.began_by, pm.added_by))",
			f.JoinedAfter, f.JoinedBefore)
	default:
		q.add(" AND 1 = 0")
	}
}

// appendPathMatch keeps the people who have access by a certain path, or whom a
// pause keeps from using it.
func appendPathMatch(q *query, s source, f roster.MemberFilter) {
	person, stays := s.id(), "{{active x}}"
	if s.left {
		stays = "x.removed_by = " + leftBy
	}
	if f.ByRole {
		q.add(" AND {{sees all om}}")
	}
	if f.InWorkspace != 0 {
		q.add(" AND EXISTS (SELECT 1 FROM workspace_members x WHERE x.workspace_id = ? AND x.user_id = "+person+
			" AND "+stays+")", f.InWorkspace)
	}
	if f.PausedIn != 0 {
		q.add(" AND EXISTS (SELECT 1 FROM pauses x WHERE x.project_id = ? AND x.user_id = "+person+
			" AND x.deleted_at IS NULL)", f.PausedIn)
	}
}

// appendStateMatch keeps the deactivated and the deleted out unless they are asked
// for. Where roles or abilities are asked for, theirs is one of them.
func appendStateMatch(q *query, s source, f roster.MemberFilter) {
	switch {
	case f.OnlyDeleted:
		q.add(" AND om.deleted_at IS NOT NULL")
	case f.WithInactive:
	case f.Roles != nil || f.Ability != roster.AnyAbility:
		q.add(" AND om.deleted_at IS NULL")
	case s.looksForInactive(f): // om is not joined
		s.appendWithoutInactive(q)
	default:
		q.add(" AND om.deleted_at IS NULL AND om.role <> 'DI'")
	}
}

func appendTagMatch(q *query, person string, f roster.MemberFilter) {
	if f.Tags == nil {
		return
	}
	if len(f.Tags) == 0 {
		q.add(" AND 1 = 0")
		return
	}
	tag := "mt.tag_id"
	if len(f.Tags) > manyTags { // somebody's tags are looked for among many, and not many among theirs
		tag = "(mt.tag_id + 0)"
	}
	if f.EveryTag {
		each := distinct(f.Tags)
		q.add(" AND (SELECT count(*) FROM member_tags mt WHERE mt.user_id = "+person+" AND ").anyOf(tag, each).
			add(") = ?", len(each))
		return
	}
	q.add(" AND EXISTS (SELECT 1 FROM member_tags mt WHERE mt.user_id = "+person+" AND ").anyOf(tag, f.Tags).add(")")
}

// manyTags is from how many on it would take longer to look up each of them by an index,
// for every person.
const manyTags = 100

// appendElsewhereMatch leaves out the people who already have access to a project
// or a workspace, by any path: the candidates of an "add members" dialog.
func appendElsewhereMatch(q *query, person string, f roster.MemberFilter) {
	if id := f.ExcludeProject; id != 0 {
		q.add(` AND NOT EXISTS (SELECT 1 FROM project_members x WHERE x.project_id = ? AND x.user_id = `+
			person+` AND {{active x}})
 AND NOT EXISTS (SELECT 1 FROM projects xp CROSS JOIN workspace_members xw
  WHERE xp.id = ? AND xw.workspace_id = xp.workspace_id AND xw.user_id = `+person+` AND {{active xw}})
 AND (NOT {{sees all om}} OR EXISTS (SELECT 1 FROM projects xp JOIN workspaces xs ON xs.id = xp.workspace_id
  WHERE xp.id = ? AND xs.is_personal AND xs.created_by <> `+person+`))`, id, id, id)
	}
	if id := f.ExcludeWorkspace; id != 0 {
		q.add(" AND NOT EXISTS (SELECT 1 FROM workspace_members x WHERE x.workspace_id = ? AND x.user_id = "+person+
			" AND {{active x}})", id)
	}
	for _, viewer := range []*roster.Actor{f.SharedWith, f.Sight} {
		if viewer != nil {
			appendSightMatch(q.add("\n AND "), person, *viewer)
		}
	}
}

// appendSightMatch appends the condition that a person is the viewer, or has access, by
// any path, to a project the viewer sees, or is in a workspace the viewer sees. It is
// one IN, which both engines make a table of; of several with OR between, PostgreSQL
// does not.
func appendSightMatch(q *query, person string, viewer roster.Actor) {
	q.add(person + " IN (WITH seen AS (")
	appendSeenProjects(q, viewer)
	q.add(`)
  SELECT CAST(? AS BIGINT)
  UNION SELECT x.user_id FROM project_members x WHERE {{explicit x}} AND x.project_id IN (SELECT id FROM seen)
  UNION SELECT x.user_id FROM workspace_members x WHERE {{active x}} AND x.workspace_id IN (`, viewer.UserID)
	appendSeenWorkspaces(q, viewer)
	q.add(`)
  UNION SELECT x.user_id FROM organization_members x WHERE x.organization_id = ? AND {{by role x}}
   AND EXISTS (SELECT 1 FROM seen WHERE NOT personal))`, viewer.OrganizationID)
}

// appendSeenProjects appends a SELECT of the projects that a viewer sees, where nobody paused them.
func appendSeenProjects(q *query, viewer roster.Actor) {
	q.add(`SELECT p.id, p.workspace_id, COALESCE(w.is_personal, FALSE) AS personal
  FROM projects p LEFT JOIN workspaces w ON w.id = p.workspace_id WHERE p.deleted_at IS NULL AND `).
		notPaused("p.id", viewer.UserID)
	appendVisibleProjects(q, viewer)
}

// appendSeenWorkspaces appends a SELECT of the workspaces that a viewer sees, and of those of the
// projects that seen has.
func appendSeenWorkspaces(q *query, viewer roster.Actor) {
	q.add(`SELECT workspace_id FROM seen
   UNION SELECT w.id FROM workspaces w WHERE w.deleted_at IS NULL AND w.organization_id = ?`, viewer.OrganizationID)
	appendVisibleWorkspaces(q, viewer, false)
}

// appendSelected appends the rows of p that an operation with selector s is about:
// active explicit rows, as pm.
func appendSelected(q *query, p roster.Project, s roster.Selector) {
	if !s.All {
		q.add(" FROM project_members pm")
		appendNamed(q, p, s)
		return
	}
	src, f := everybodyBut(p, s)
	src.appendMatch(q, f)
	appendButExcluded(q, s)
}

// appendSelectedDirectly appends the condition by which an UPDATE finds these same rows,
// where it needs no other table for that.
func appendSelectedDirectly(q *query, p roster.Project, s roster.Selector) {
	if !s.All {
		appendNamed(q, p, s)
		return
	}
	src, f := everybodyBut(p, s)
	src.appendWhere(q, f, nil)
	appendButExcluded(q, s)
}

// endsDirectly reports whether a selection reads no other table.
func endsDirectly(p roster.Project, s roster.Selector) bool {
	src, f := everybodyBut(p, s)
	return !s.All || len(src.joined(f)) == 0
}

// everybodyBut is the source and the filter of a selection from everybody.
func everybodyBut(p roster.Project, s roster.Selector) (source, roster.MemberFilter) {
	f := s.Filter
	src := rowSource(p, roster.ExplicitAccess)
	if f.Access == roster.ImplicitAccess || f.OnlyDeleted { // people without a row of their own
		members := src.where
		src.where = func(q *query) {
			members(q)
			q.add(" AND 1 = 0")
		}
	}
	f.Access, f.WithInactive, f.OnlyDeleted = roster.ExplicitAccess, false, false
	return src, f
}

// appendNamed appends WHERE: the people whom s names.
func appendNamed(q *query, p roster.Project, s roster.Selector) {
	q.add(" WHERE pm.project_id = ? AND {{explicit pm}} AND ", p.ID).anyOf("pm.user_id", s.NamedIDs())
}

func appendButExcluded(q *query, s roster.Selector) {
	if len(s.Excluded) > 0 {
		q.add(" AND NOT (").anyOf("pm.user_id", s.Excluded).add(")")
	}
}
