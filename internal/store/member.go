package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"roster"
)

// ProjectMembers is one page of the people who have access to p, by any path, and how many
// there are in all. A narrow query finds who is on the page and in which order; only their
// wide rows are then read. Where f asks for the inactive, the people are among them who
// were deleted from the organization since a time, with what they had until then.
func (db *DB) ProjectMembers(ctx context.Context, p roster.Project, f roster.MemberFilter, since time.Time,
	page roster.Page) ([]roster.Member, int, error) {
	ids, total, err := db.listed(ctx, projectSources(p, f, since), f, page)
	if err != nil {
		return nil, total, err
	}
	members, err := db.membersAsListed(ctx, p, f, ids)
	return members, total, err
}

// ProjectMembersPage is the page alone, for those who know how many there are.
func (db *DB) ProjectMembersPage(ctx context.Context, p roster.Project, f roster.MemberFilter, since time.Time,
	page roster.Page) ([]roster.Member, error) {
	ids, err := db.ids(ctx, db.pageOf(projectSources(p, f, since), f, page))
	if err != nil {
		return nil, err
	}
	return db.membersAsListed(ctx, p, f, ids)
}

// ProjectMemberIDs is everybody on the list, ascending.
func (db *DB) ProjectMemberIDs(ctx context.Context, p roster.Project, f roster.MemberFilter,
	since time.Time) ([]int64, error) {
	return db.ids(ctx, db.pageOf(projectSources(p, f, since), f, roster.Everything))
}

func (db *DB) membersAsListed(ctx context.Context, p roster.Project, f roster.MemberFilter,
	ids []int64) ([]roster.Member, error) {
	members, err := db.MembersByID(ctx, p, ids)
	if err != nil || !f.WithInactive {
		return members, err
	}
	return members, db.fillLeft(ctx, p, members)
}

// CountProjectMembers is how many people the list has in all.
func (db *DB) CountProjectMembers(ctx context.Context, p roster.Project, f roster.MemberFilter,
	since time.Time) (int, error) {
	return db.countOf(ctx, projectSources(p, f, since), f)
}

const membershipColumns = "om.id, om.organization_id, om.user_id, om.role, om.role_source, om.user_type, " +
	"om.created_at, om.deleted_at"

// membershipScan holds the nullable columns while a membership is read.
type membershipScan struct{ created, deleted sql.NullInt64 }

func (n *membershipScan) into(m *roster.OrganizationMembership) []any {
	return []any{&m.ID, &m.OrganizationID, &m.UserID, &m.Role, &m.RoleSource, &m.UserType, &n.created, &n.deleted}
}

func (n *membershipScan) finish(m *roster.OrganizationMembership) {
	m.CreatedAt, m.DeletedAt = moment(n.created), moment(n.deleted)
}

// MembersByID reads the wide rows of the given people, in the given order.
func (db *DB) MembersByID(ctx context.Context, p roster.Project, ids []int64) ([]roster.Member, error) {
	members, err := collect(ctx, db, memberRows(db, p, ids).keep(), func(s scanner) (roster.Member, error) {
		var inWorkspace bool
		var b besideScan
		m, err := scanMember(s, append(b.columns(), &inWorkspace)...)
		m.InWorkspace = inWorkspace
		m.Tags, m.Membership.Invitation = b.finish(m.User.ID)
		return m, err
	})
	if err != nil {
		return nil, err
	}
	members = inOrder(members, ids, func(m roster.Member) int64 { return m.User.ID })
	pauses, err := db.pausesOf(ctx, p.ID, ids)
	for i := range members {
		members[i].Pause = pauses[members[i].User.ID]
	}
	return members, err
}

func memberRows(db *DB, p roster.Project, ids []int64) *query {
	return db.query("SELECT "+userColumns+", "+membershipColumns+`, pm.explicit, pm.role, pm.role_source,
 `+besideColumns+`,
 EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = ? AND wm.user_id = u.id AND {{active wm}})
FROM `, p.WorkspaceID).idTable(ids).add(` AS x CROSS JOIN users u CROSS JOIN organization_members om`+joinsInvitation+`
LEFT JOIN project_members pm ON pm.project_id = ? AND pm.user_id = x.id AND {{active pm}}
WHERE u.id = x.id AND om.organization_id = ? AND om.user_id = x.id`, p.ID, p.OrganizationID)
}

// besideColumns are what goes with a person of an organization, of u and om: their tags, and
// the newest invitation that they accepted, of the table that joinsInvitation joins.
const (
	besideColumns = tagsColumn + ", i.id, i.invited_by, i.created_at, i.expires_at, i.accepted_at"

	joinsInvitation = `
LEFT JOIN invitations i ON i.id = (SELECT max(n.id) FROM invitations n
 WHERE n.user_id = u.id AND n.organization_id = om.organization_id)`
)

// besideScan holds those columns while they are read.
type besideScan struct {
	tags                            sql.NullString
	id, by, created, expires, ended sql.NullInt64
}

func (b *besideScan) columns() []any {
	return []any{&b.tags, &b.id, &b.by, &b.created, &b.expires, &b.ended}
}

// finish is the tags and the invitation of a person; nil where there are none.
func (b *besideScan) finish(user int64) ([]roster.Tag, *roster.Invitation) {
	if !b.id.Valid {
		return tagList(b.tags.String), nil
	}
	return tagList(b.tags.String), &roster.Invitation{ID: b.id.Int64, UserID: user, InvitedBy: b.by.Int64,
		CreatedAt: moment(b.created), ExpiresAt: moment(b.expires), AcceptedAt: moment(b.ended)}
}

// scanMember reads user, membership and project columns, and what follows them.
func scanMember(s scanner, rest ...any) (m roster.Member, err error) {
	var u userScan
	var n membershipScan
	var explicit sql.NullBool
	var role, roleSource sql.NullString
	dest := append(append(u.into(&m.User), n.into(&m.Membership)...), &explicit, &role, &roleSource)
	if err = s.Scan(append(dest, rest...)...); err != nil {
		return m, err
	}
	u.finish(&m.User)
	n.finish(&m.Membership)
	m.Explicit = explicit.Bool
	if m.Membership.Role.Overridable() { // else it does not count
		m.ProjectRole, m.ProjectRoleSource = roster.Role(role.String), roster.RoleSource(roleSource.String)
	}
	return m, nil
}

// inOrder puts items in the order of ids.
func inOrder[T any](items []T, ids []int64, id func(T) int64) []T {
	at := make(map[int64]T, len(items))
	for _, item := range items {
		at[id(item)] = item
	}
	out := make([]T, 0, len(items))
	for _, i := range ids {
		if item, ok := at[i]; ok {
			out = append(out, item)
		}
	}
	return out
}

// tagsColumn is the tags of a person, of u and om, by label, in one text. Labels hold no
// control characters.
const tagsColumn = "(SELECT string_agg(CAST(t.id AS TEXT) || ' ' || t.label, '" + tagEnd +
	`' ORDER BY t.label_key, t.id)
 FROM member_tags mt JOIN tags t ON t.id = mt.tag_id
 WHERE mt.user_id = u.id AND t.organization_id = om.organization_id)`

const tagEnd = "\x1f"

// tagList reads that text.
func tagList(text string) (tags []roster.Tag) {
	if text == "" {
		return nil
	}
	for tag := range strings.SplitSeq(text, tagEnd) {
		id, label, _ := strings.Cut(tag, " ")
		n, _ := strconv.ParseInt(id, 10, 64)
		tags = append(tags, roster.Tag{ID: n, Label: label})
	}
	return tags
}

// EachProjectMember hands every person the filter matches to fn, one at a
// time and in order, holding none: the export of a million rows costs no more
// memory than that of ten.
func (db *DB) EachProjectMember(ctx context.Context, p roster.Project, f roster.MemberFilter, since time.Time,
	order string, fn func(roster.Member) error) error {
	return db.eachOf(ctx, projectSources(p, f, since), f, order, fn)
}

// EachOrganizationMember does the same with the organization's people.
func (db *DB) EachOrganizationMember(ctx context.Context, organization int64, f roster.MemberFilter,
	order string, fn func(roster.OrganizationMember) error) error {
	s, f := peopleOf(organization, f)
	return db.eachOf(ctx, []source{s}, f, order, func(m roster.Member) error {
		return fn(roster.OrganizationMember{User: m.User, Membership: m.Membership, Tags: m.Tags})
	})
}

// EachNamed hands everybody the filter matches to fn, by id, with no more of them than
// one has to know to name them: names, username and e-mail.
func (db *DB) EachNamed(ctx context.Context, p roster.Project, f roster.MemberFilter,
	fn func(roster.User) error) error {
	return db.each(ctx, named(db, p, f), func(s scanner) error {
		var u roster.User
		if err := s.Scan(&u.ID, &u.Email, &u.Username, &u.FirstName, &u.LastName); err != nil {
			return err
		}
		return fn(u)
	})
}

func named(db *DB, p roster.Project, f roster.MemberFilter) *query {
	q := db.query("")
	for i, s := range projectSources(p, f, time.Time{}) {
		if i > 0 {
			q.add("\nUNION ALL\n")
		}
		q.add("SELECT " + s.id() + " AS person, u.email, u.username, u.first_name, u.last_name")
		s.appendMatch(q, f, "u")
	}
	return q.add(ranked("", "person"))
}

func (db *DB) eachOf(ctx context.Context, sources []source, f roster.MemberFilter, order string,
	fn func(roster.Member) error) error {
	q := db.query("")
	for i, s := range sources {
		if i > 0 {
			q.add("\nUNION ALL\n")
		}
		standing := "FALSE, NULL, NULL"
		if s.row {
			standing = "pm.explicit, pm.role, pm.role_source"
		}
		key, _ := sortKey(s, order)
		if key == "" {
			key, order = s.id(), ""
		}
		q.add("SELECT " + userColumnsFrom(s.id()) + ", " + membershipColumns + ", " + standing)
		q.add(",\n " + tagsColumn + ",\n " + key + " AS sort_key")
		s.appendMatch(q, f, "u", "om")
	}
	return db.each(ctx, q.add(ranked(order, "person")), func(s scanner) error {
		var tags sql.NullString
		var key any
		m, err := scanMember(s, &tags, &key)
		if err != nil {
			return err
		}
		m.Tags = tagList(tags.String)
		return fn(m)
	})
}

// userColumnsFrom is userColumns with the id taken from the driving table and
// named person, so that a list of disjoint sources can be merged by index.
func userColumnsFrom(id string) string {
	return id + " AS person" + strings.TrimPrefix(userColumns, "u.id")
}

// What a person is to a project is asked on every request, so it binds as little as it
// can, and its columns have short names, which the driver reads each time: person and
// project are how the two are written there. p is the project.
func standingColumns(person, project string) string {
	return "p.organization_id, p.workspace_id, p.created_by, " + admitsMaker +
		" AS admits, po.role, pm.explicit, pm.role," +
		" wm.id IS NOT NULL AS shared, CASE WHEN w.is_personal THEN w.created_by END AS sandbox," +
		" EXISTS (SELECT 1 FROM pauses ps WHERE ps.project_id = " + project + " AND ps.user_id = " + person +
		" AND ps.deleted_at IS NULL) AS paused"
}

func standingJoins(person, project string) string {
	return said(`
LEFT JOIN organization_members po ON po.organization_id = p.organization_id AND po.user_id = ` +
		person + ` AND po.deleted_at IS NULL
LEFT JOIN project_members pm ON pm.project_id = ` + project + ` AND pm.user_id = ` + person + ` AND {{active pm}}
LEFT JOIN workspace_members wm ON wm.workspace_id = p.workspace_id AND wm.user_id = ` + person + ` AND {{active wm}}
LEFT JOIN workspaces w ON w.id = p.workspace_id`)
}

var standingText = "SELECT " + standingColumns("$1", "$2") + " FROM projects p" + standingJoins("$1", "$2") +
	" WHERE p.id = $2 AND p.deleted_at IS NULL"

// Standing is what person user is to project id: one statement, by indexes
// only. NotFound when there is no such project.
func (db *DB) Standing(ctx context.Context, project, user int64) (roster.Standing, error) {
	var row standingRow
	err := db.prepared(ctx, db.fixed(standingText, user, project), row.columns()...)
	return row.standing(project, user), err
}

// Standings is the same of many projects at once, by their ids; without those there are not.
func (db *DB) Standings(ctx context.Context, projects []int64, user int64) (map[int64]roster.Standing, error) {
	q := db.query("SELECT p.id, ")
	person := q.bind(user)
	q.add(standingColumns(person, "p.id") + " FROM ").idTable(projects).
		add(" AS x CROSS JOIN projects p" + standingJoins(person, "p.id") + " WHERE p.id = x.id AND p.deleted_at IS NULL")
	out := map[int64]roster.Standing{}
	err := db.each(ctx, q.keep(), func(s scanner) error {
		var id int64
		var row standingRow
		err := s.Scan(append([]any{&id}, row.columns()...)...)
		out[id] = row.standing(id, user)
		return err
	})
	return out, err
}

// standingRow is a standing as it is read.
type standingRow struct {
	organization, workspace, creator, sandbox sql.NullInt64
	role, override                            sql.NullString
	admits, explicit                          sql.NullBool
	inWorkspace, paused                       bool
}

func (r *standingRow) columns() []any {
	return []any{
		&r.organization, &r.workspace, &r.creator, &r.admits, &r.role, &r.explicit, &r.override, &r.inWorkspace,
		&r.sandbox, &r.paused,
	}
}

func (r *standingRow) standing(project, user int64) roster.Standing {
	return roster.Standing{
		ProjectID: project, UserID: user, OrganizationID: r.organization.Int64, WorkspaceID: r.workspace.Int64,
		Role: roster.Role(r.role.String), Override: roster.Role(r.override.String),
		Explicit: r.explicit.Bool, InWorkspace: r.inWorkspace, Paused: r.paused,
		Creator: r.creator.Valid && r.creator.Int64 == user && r.admits.Bool,
		Sandbox: r.sandbox.Valid && r.sandbox.Int64 != user,
	}
}
