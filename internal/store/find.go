package store

import (
	"context"

	"roster"
)

// lastRune is after everything that a text can go on with.
const lastRune = "\U0010FFFF"

// FindPeople is the first people of an organization, at most so many, by name, of whom a
// name or the e-mail begins with a search, and whom f matches with it. An index finds them,
// and whether they are in the sight of f is asked of each: to make a list first of everybody
// in sight, as lists of people do, takes longer than to look at a few.
func (db *DB) FindPeople(ctx context.Context, organization int64, f roster.MemberFilter,
	most int) ([]roster.OrganizationMember, error) {
	return db.found(ctx, organization, f, findingBegun, most)
}

// FindPeopleAnywhere is FindPeople of those who hold the search anywhere, which looks at
// everybody in the organization.
func (db *DB) FindPeopleAnywhere(ctx context.Context, organization int64, f roster.MemberFilter,
	most int) ([]roster.OrganizationMember, error) {
	return db.found(ctx, organization, f, findingAnywhere, most)
}

func (db *DB) found(ctx context.Context, organization int64, f roster.MemberFilter,
	search func(*DB, int64, roster.MemberFilter, int) *query, most int) ([]roster.OrganizationMember, error) {
	if len(Terms(f.Search)) == 0 {
		return nil, nil
	}
	ids, err := db.ids(ctx, search(db, organization, f, most))
	if err != nil {
		return nil, err
	}
	return db.organizationMembersByID(ctx, organization, ids)
}

// beginnings are the columns of users that a name or an e-mail begins in.
var beginnings = []string{"first_name_key", "last_name_key", "email_key"}

func findingBegun(db *DB, organization int64, f roster.MemberFilter, most int) *query {
	f.WithInactive = true
	q := seeing(db, f)
	for i, column := range beginnings {
		if i > 0 {
			q.add("\nUNION\n")
		}
		q.add("SELECT * FROM (SELECT om.user_id, u.name_sort")
		begun(organization, column, Terms(f.Search)[0]).inSight(f.Sight).appendMatch(q, sightless(f))
		q.add(" LIMIT ?) AS part", most)
	}
	return q.add("\nORDER BY 2, 1 LIMIT ?", most)
}

func findingAnywhere(db *DB, organization int64, f roster.MemberFilter, most int) *query {
	s, g := peopleOf(organization, f)
	q := seeing(db, f).add("SELECT om.user_id, NULL")
	s.inSight(f.Sight).appendMatch(q, sightless(g))
	return q.add(" ORDER BY u.name_sort, om.user_id LIMIT ?", most)
}

// begun is the people of an organization for whom a column of users begins with a term,
// by the index of that column.
func begun(organization int64, column, term string) source {
	return source{first: "users b CROSS JOIN " + membersAsOM, by: "om", role: "om.role", where: func(q *query) {
		q.add("b."+column+" >= ? AND b."+column+
			" < ? AND om.user_id = b.id AND om.organization_id = ? AND om.deleted_at IS NULL",
			term, term+lastRune, organization)
	}}
}

func sightless(f roster.MemberFilter) roster.MemberFilter {
	f.Sight = nil
	return f
}

// seeing begins a query with what the viewer of f sees, for inSight.
func seeing(db *DB, f roster.MemberFilter) *query {
	q := db.query("")
	if f.Sight != nil {
		q.add("WITH seen AS MATERIALIZED (")
		appendSeenProjects(q, *f.Sight)
		q.add("), spaces AS MATERIALIZED (")
		appendSeenWorkspaces(q, *f.Sight)
		q.add(")\n")
	}
	return q
}

// inSight is the people of a source, whose users are read as u, whom a viewer knows of:
// appendSightMatch, asked of each.
func (s source) inSight(viewer *roster.Actor) source {
	if viewer == nil {
		return s
	}
	s.but = func(q *query) {
		q.add(` AND (u.id = ?
 OR EXISTS (SELECT 1 FROM seen CROSS JOIN project_members x WHERE x.project_id = seen.id AND x.user_id = u.id
 AND {{active x}})
 OR EXISTS (SELECT 1 FROM spaces CROSS JOIN workspace_members x WHERE x.workspace_id = spaces.workspace_id
 AND x.user_id = u.id AND {{active x}})
 OR {{by role om}} AND EXISTS (SELECT 1 FROM seen WHERE NOT personal))`, viewer.UserID)
	}
	return s
}

// FindProjects is the first projects that viewer may find, at most so many, whose title
// holds every term of a search: those first that begin with it, each by title.
func (db *DB) FindProjects(ctx context.Context, viewer roster.Actor, search string,
	most int) ([]roster.Project, error) {
	q := db.query("SELECT p.id, p.title, p.is_archived")
	appendProjectMatch(q, viewer, roster.ProjectFilter{Search: search})
	q.add(` ORDER BY CASE WHEN p.title_key LIKE ? ESCAPE '\' THEN 0 ELSE 1 END, p.title_key, p.id LIMIT ?`,
		likeEscaper.Replace(searched(search))+"%", most)
	return collect(ctx, db, q, func(s scanner) (p roster.Project, err error) {
		err = s.Scan(&p.ID, &p.Title, &p.Archived)
		return p, err
	})
}

// WorkspaceTitles is every workspace that viewer may see, by title, with nothing but their
// names: nobody and nothing in them is counted.
func (db *DB) WorkspaceTitles(ctx context.Context, viewer roster.Actor) ([]roster.Workspace, error) {
	q := db.query("SELECT w.id, w.title, w.is_archived FROM workspaces w WHERE w.deleted_at IS NULL"+
		" AND w.organization_id = ?", viewer.OrganizationID)
	appendVisibleWorkspaces(q, viewer, false)
	return collect(ctx, db, q.add(" ORDER BY w.title, w.id"), func(s scanner) (w roster.Workspace, err error) {
		err = s.Scan(&w.ID, &w.Title, &w.Archived)
		return w, err
	})
}
