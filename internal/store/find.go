package store

import (
	"context"

	"roster"
)

// lastRune is after everything that a text can go on with.
const lastRune = "\U0010FFFF"

// begun is the people of an organization for whom a column of users begins with a term,
// by the index of that column.
func begun(organization int64, column, term string) source {
	return source{first: "users b CROSS JOIN " + membersAsOM, by: "om", role: "om.role", where: func(q *query) {
		q.add("b."+column+" >= ? AND b."+column+" < ? AND om.user_id = b.id AND om.organization_id = ? AND om.deleted_at IS NULL",
			term, term+lastRune, organization)
	}}
}

// FindPeople is the first people of an organization, at most so many, whom f matches with a
// search in it, by name: those first of whom a name or the e-mail begins with it. An index
// finds these; everybody is looked at where they are too few, and where f has a sight, which
// is the narrower question then.
func (db *DB) FindPeople(ctx context.Context, organization int64, f roster.MemberFilter, most int) (people []roster.OrganizationMember, err error) {
	if len(Terms(f.Search)) == 0 {
		return nil, nil
	}
	var ids []int64
	if f.Sight == nil {
		if ids, err = db.ids(ctx, findingBegun(db, organization, f, most)); err != nil {
			return nil, err
		}
	}
	if len(ids) < most {
		if ids, err = db.ids(ctx, findingAnywhere(db, organization, f, most)); err != nil {
			return nil, err
		}
	}
	return db.organizationMembersByID(ctx, organization, ids)
}

// beginnings are the columns of users that a name or an e-mail begins in.
var beginnings = []string{"first_name_key", "last_name_key", "email_key"}

func findingBegun(db *DB, organization int64, f roster.MemberFilter, most int) *query {
	f.WithInactive = true
	q := db.query("")
	for i, column := range beginnings {
		if i > 0 {
			q.add("\nUNION\n")
		}
		q.add("SELECT * FROM (SELECT om.user_id, u.name_sort")
		begun(organization, column, Terms(f.Search)[0]).match(q, f)
		q.add(" LIMIT ?) AS part", most)
	}
	return q.add("\nORDER BY 2, 1 LIMIT ?", most)
}

func findingAnywhere(db *DB, organization int64, f roster.MemberFilter, most int) *query {
	s, f := peopleOf(organization, f)
	q := db.query("SELECT om.user_id, NULL")
	s.match(q, f)
	q.add(" ORDER BY CASE WHEN ")
	for i, column := range beginnings {
		if i > 0 {
			q.add(" OR ")
		}
		q.add("u."+column+` LIKE ? ESCAPE '\'`, likeEscaper.Replace(Terms(f.Search)[0])+"%")
	}
	return q.add(" THEN 0 ELSE 1 END, u.name_sort, om.user_id LIMIT ?", most)
}

// FindProjects is the first projects that viewer may find, at most so many, whose title
// holds every term of a search: those first that begin with it, each by title.
func (db *DB) FindProjects(ctx context.Context, viewer roster.Actor, search string, most int) ([]roster.Project, error) {
	q := db.query("SELECT p.id, p.title, p.is_archived" + projectFrom + " WHERE p.deleted_at IS NULL")
	visibleProjects(q, viewer)
	projectMatch(q, roster.ProjectFilter{Search: search})
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
	q := db.query("SELECT w.id, w.title, w.is_archived FROM workspaces w WHERE w.deleted_at IS NULL AND w.organization_id = ?", viewer.OrganizationID)
	visibleWorkspaces(q, viewer, false)
	return collect(ctx, db, q.add(" ORDER BY w.title, w.id"), func(s scanner) (w roster.Workspace, err error) {
		err = s.Scan(&w.ID, &w.Title, &w.Archived)
		return w, err
	})
}
