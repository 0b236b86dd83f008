package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"roster"
)

// CountOrganizations is how many organizations there are; 0 in an empty store.
func (db *DB) CountOrganizations(ctx context.Context) (int, error) {
	return db.count(ctx, db.query("SELECT count(*) FROM organizations"))
}

// CreateOrganization makes an organization without members.
func (db *DB) CreateOrganization(ctx context.Context, o roster.Organization) (int64, error) {
	return db.insert(ctx,
		db.query(`INSERT INTO organizations (title, token, contact_info, default_role, created_by, created_at)
VALUES (?, ?, ?, ?, ?, ?) RETURNING id`, o.Title, o.Token, o.ContactInfo, o.DefaultRole, o.CreatedBy,
			micros(o.CreatedAt)))
}

// SetOrganizationCreator names the person who made the organization.
func (db *DB) SetOrganizationCreator(ctx context.Context, organization, user int64) error {
	_, err := db.exec(ctx, db.query("UPDATE organizations SET created_by = ? WHERE id = ?", user, organization))
	return err
}

const organizationSelect = "SELECT o.id, o.title, o.token, o.contact_info, o.default_role, o.created_by," +
	" o.created_at FROM organizations o"

func scanOrganization(s scanner) (o roster.Organization, err error) {
	var created sql.NullInt64
	err = s.Scan(&o.ID, &o.Title, &o.Token, &o.ContactInfo, &o.DefaultRole, &o.CreatedBy, &created)
	o.CreatedAt = moment(created)
	return o, err
}

// Organization reads an organization.
func (db *DB) Organization(ctx context.Context, id int64) (roster.Organization, error) {
	q := db.query(organizationSelect+" WHERE o.id = ?", id)
	return one(ctx, db, q, scanOrganization)
}

// OrganizationsOf is the organizations in which a person has access to anything.
func (db *DB) OrganizationsOf(ctx context.Context, user int64, order string) ([]roster.Organization, error) {
	keys := map[string]string{"title": "o.title", "created_at": "o.created_at", "contact_info": "o.contact_info",
		"id": "o.id"}
	key := keys[trimMinus(order)]
	if key == "" {
		key, order = "o.id", ""
	}
	return collect(ctx, db, db.query(organizationSelect+` JOIN organization_members om ON om.organization_id = o.id
WHERE om.user_id = ? AND {{able om}} ORDER BY `+key+descending(order)+
		", o.id", user), scanOrganization)
}

// UpdateOrganization writes the changeable fields of o.
func (db *DB) UpdateOrganization(ctx context.Context, o roster.Organization) error {
	_, err := db.exec(ctx, db.query("UPDATE organizations SET title = ?, contact_info = ? WHERE id = ?", o.Title,
		o.ContactInfo, o.ID))
	return err
}

// SetDefaultRole says which role new people of an organization get.
func (db *DB) SetDefaultRole(ctx context.Context, organization int64, role roster.Role) error {
	_, err := db.exec(ctx, db.query("UPDATE organizations SET default_role = ? WHERE id = ?", role, organization))
	return err
}

// AddOrganizationMember writes a person's membership in an organization.
func (db *DB) AddOrganizationMember(ctx context.Context, m roster.OrganizationMembership) error {
	_, err := db.exec(ctx, db.query(beginInOrganization+"?, ?, ?, ?, ?, ?", m.OrganizationID, m.UserID, m.Role,
		m.RoleSource, m.UserType, micros(m.CreatedAt)))
	return err
}

// Membership is a person's membership in an organization, deleted or not.
func (db *DB) Membership(ctx context.Context, organization, user int64) (m roster.OrganizationMembership, err error) {
	return db.membership(ctx, organization, user, "")
}

// LockMembership is Membership that keeps others from changing it until the
// transaction ends.
func (db *DB) LockMembership(ctx context.Context,
	organization, user int64) (m roster.OrganizationMembership, err error) {
	return db.membership(ctx, organization, user, db.lock("om"))
}

func (db *DB) membership(ctx context.Context, organization, user int64,
	lock string) (m roster.OrganizationMembership, err error) {
	var n membershipScan
	q := db.query("SELECT "+membershipColumns+
		" FROM organization_members om WHERE om.organization_id = ? AND om.user_id = ?"+lock, organization, user)
	err = db.find(ctx, q, n.into(&m)...)
	n.finish(&m)
	return m, err
}

// lockReach locks the projects of an organization where one of the people is in
// all of them by their role, which is about to change: nothing that rests on it
// may begin in one meanwhile, to be left there without it.
func (db *DB) lockReach(ctx context.Context, organization int64, users []int64) error {
	return db.lockProjects(ctx, func(q *query) {
		q.add("p.organization_id = ? AND EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = ?"+
			" AND {{sees all om}} AND ",
			organization, organization).anyOf("om.user_id", users).add(")")
	})
}

// SetMembership writes the role, its source and the seat of m, which is known by its ID.
func (db *DB) SetMembership(ctx context.Context, m roster.OrganizationMembership) error {
	_, err := db.exec(ctx,
		db.query("UPDATE organization_members SET role = ?, role_source = ?, user_type = ? WHERE id = ?",
			m.Role, m.RoleSource, m.UserType, m.ID))
	return err
}

// SetMemberships is SetMembership for many people of m's organization, who get
// one role, source and seat.
func (db *DB) SetMemberships(ctx context.Context, m roster.OrganizationMembership, users []int64) error {
	if err := db.lockReach(ctx, m.OrganizationID, users); err != nil {
		return err
	}
	q := db.query("UPDATE organization_members SET role = ?, role_source = ?, user_type = ?"+
		" WHERE organization_id = ? AND ",
		m.Role, m.RoleSource, m.UserType, m.OrganizationID)
	_, err := db.exec(ctx, q.anyOf("user_id", users))
	return err
}

// DeleteMemberships soft-deletes people by operation op: their credentials are refused
// from now on, and everything they had in the organization ends. Its workspaces and
// projects are locked: nothing of theirs may begin meanwhile, to be left there.
func (db *DB) DeleteMemberships(ctx context.Context, organization int64, users []int64, op int64, at time.Time) error {
	if err := db.lockPlaces(ctx, organization); err != nil {
		return err
	}
	q := db.query("UPDATE organization_members SET deleted_at = ? WHERE organization_id = ? AND ", micros(at),
		organization)
	if _, err := db.exec(ctx, q.anyOf("user_id", users)); err != nil {
		return err
	}
	q = db.query("UPDATE users SET active_organization = NULL WHERE active_organization = ? AND ", organization)
	if _, err := db.exec(ctx, q.anyOf("id", users)); err != nil {
		return err
	}
	return db.endEverything(ctx, organization, users, op)
}

// MemberElsewhere reports whether a person belongs to another organization.
func (db *DB) MemberElsewhere(ctx context.Context, organization, user int64) (bool, error) {
	n, err := db.count(ctx,
		db.query("SELECT count(*) FROM organization_members WHERE user_id = ? AND organization_id <> ?"+
			" AND deleted_at IS NULL",
			user, organization))
	return n > 0, err
}

// LockMemberships is the memberships of the given people, the deleted too, by
// person; others cannot change them until the transaction ends. Changes of many people of
// an organization take turns; who changes one waits for that row alone, so that nobody who
// signs in waits for others.
func (db *DB) LockMemberships(ctx context.Context, organization int64,
	users []int64) ([]roster.OrganizationMembership, error) {
	if err := db.turn("organization_members", organization); err != nil {
		return nil, err
	}
	q := db.query("SELECT "+membershipColumns+" FROM organization_members om WHERE om.organization_id = ? AND ",
		organization)
	q.anyOf("om.user_id", users).add(" ORDER BY om.user_id" + db.lock("om"))
	return collect(ctx, db, q, func(s scanner) (m roster.OrganizationMembership, err error) {
		var n membershipScan
		err = s.Scan(n.into(&m)...)
		n.finish(&m)
		return m, err
	})
}

// EndInheritedOf ends what people held in projects through a workspace or an
// organization role they do not have any more.
func (db *DB) EndInheritedOf(ctx context.Context, users []int64, op int64) error {
	return db.endStranded(ctx, op, func(q *query) {
		q.add(" AND ").anyOf("user_id", users).add(" AND project_id IN (SELECT p.id FROM projects p)")
	})
}

// peopleOf is the source and the filter of an organization's member list:
// everybody who is not soft-deleted, or the soft-deleted where f asks for them.
func peopleOf(organization int64, f roster.MemberFilter) (source, roster.MemberFilter) {
	s := organizationSource(organization)
	if f.OnlyDeleted {
		return s, f
	}
	everybody := s.where
	s.where = func(q *query) {
		everybody(q)
		q.add(" AND om.deleted_at IS NULL")
	}
	f.WithInactive = true
	return s, f
}

// OrganizationMembers is one page of an organization's people, by name unless the page
// says otherwise, and how many there are in all.
func (db *DB) OrganizationMembers(ctx context.Context, organization int64, f roster.MemberFilter,
	page roster.Page) ([]roster.OrganizationMember, int, error) {
	s, f := peopleOf(organization, f)
	return db.organizationPage(ctx, organization, s, f, page)
}

func (db *DB) organizationPage(ctx context.Context, organization int64, s source, f roster.MemberFilter,
	page roster.Page) (people []roster.OrganizationMember, total int, err error) {
	if key, _ := sortKey(s, page.Order); key == "" {
		page.Order = "name"
	}
	ids, total, err := db.listed(ctx, []source{s}, f, page)
	if err != nil {
		return nil, total, err
	}
	people, err = db.organizationMembersByID(ctx, organization, ids)
	return people, total, err
}

// CountOrganizationMembers is how many people the list has in all.
func (db *DB) CountOrganizationMembers(ctx context.Context, organization int64, f roster.MemberFilter) (int, error) {
	s, f := peopleOf(organization, f)
	return db.countOf(ctx, []source{s}, f)
}

// SelectedPeople is the ids of the organization's people that s is about.
func (db *DB) SelectedPeople(ctx context.Context, organization int64, s roster.Selector) ([]int64, error) {
	q := db.query("SELECT om.user_id, NULL")
	appendSelectedPeople(q, organization, s)
	return db.ids(ctx, q)
}

// CountSelectedPeople is how many people SelectedPeople comes to.
func (db *DB) CountSelectedPeople(ctx context.Context, organization int64, s roster.Selector) (int, error) {
	q := db.query("SELECT count(*)")
	appendSelectedPeople(q, organization, s)
	return db.count(ctx, q)
}

// appendSelectedPeople appends the organization's people that s is about, as om.
func appendSelectedPeople(q *query, organization int64, s roster.Selector) {
	f := roster.MemberFilter{IDs: s.NamedIDs(), Sight: s.Filter.Sight}
	if s.All {
		f = s.Filter
	}
	src, f := peopleOf(organization, f)
	src.appendMatch(q, f)
	switch {
	case s.All && len(s.Excluded) > 0:
		q.add(" AND NOT (").anyOf("om.user_id", s.Excluded).add(")")
	case !s.All && len(f.IDs) == 0: // nobody is not the same as no filter
		q.add(" AND 1 = 0")
	}
}

// organizationMembersByID reads the wide rows of the given people, in the
// given order.
func (db *DB) organizationMembersByID(ctx context.Context, organization int64,
	ids []int64) ([]roster.OrganizationMember, error) {
	q := peopleRows(db, organization, ids).keep()
	members, err := collect(ctx, db, q, func(s scanner) (m roster.OrganizationMember, err error) {
		var u userScan
		var n membershipScan
		var b besideScan
		err = s.Scan(slices.Concat(u.into(&m.User), n.into(&m.Membership), b.columns())...)
		u.finish(&m.User)
		n.finish(&m.Membership)
		m.Tags, m.Membership.Invitation = b.finish(m.User.ID)
		return m, err
	})
	return inOrder(members, ids, func(m roster.OrganizationMember) int64 { return m.User.ID }), err
}

func peopleRows(db *DB, organization int64, ids []int64) *query {
	return db.query("SELECT "+userColumns+", "+membershipColumns+", "+besideColumns+" FROM ").idTable(ids).add(` AS x
CROSS JOIN users u CROSS JOIN organization_members om`+joinsInvitation+`
WHERE u.id = x.id AND om.organization_id = ?
 AND om.user_id = x.id`, organization)
}

// mostRefs bounds the lists of projects beside people.
const mostRefs = 5000

// ProjectsCreatedBy is the projects that viewer may see, by the person who
// made them.
func (db *DB) ProjectsCreatedBy(ctx context.Context, viewer roster.Actor,
	people []int64) (map[int64][]roster.ProjectRef, error) {
	q := db.query("SELECT p.created_by, p.id, p.title"+projectFrom+" WHERE p.deleted_at IS NULL AND ").
		anyOf("p.created_by", people)
	appendOpenProjects(q, viewer)
	return db.projectRefs(ctx, q)
}

// ProjectsWorkedOnBy is the projects that viewer may see, by the people to
// whom tasks of theirs were ever assigned: Roster keeps no annotations.
func (db *DB) ProjectsWorkedOnBy(ctx context.Context, viewer roster.Actor,
	people []int64) (map[int64][]roster.ProjectRef, error) {
	q := db.query("SELECT x.id, p.id, p.title" + projectFrom + " CROSS JOIN ").idTable(people).
		add(" AS x WHERE p.deleted_at IS NULL AND EXISTS (SELECT 1 FROM assignments a WHERE a.project_id = p.id" +
			" AND a.user_id = x.id)")
	appendOpenProjects(q, viewer)
	return db.projectRefs(ctx, q)
}

func (db *DB) projectRefs(ctx context.Context, q *query) (map[int64][]roster.ProjectRef, error) {
	out := map[int64][]roster.ProjectRef{}
	err := db.each(ctx, q.add(" ORDER BY p.id LIMIT ?", mostRefs), func(s scanner) error {
		var person int64
		var ref roster.ProjectRef
		err := s.Scan(&person, &ref.ID, &ref.Title)
		out[person] = append(out[person], ref)
		return err
	})
	return out, err
}

// FirstOwner is the owner of the oldest organization.
func (db *DB) FirstOwner(ctx context.Context) (id int64, err error) {
	err = db.find(ctx, db.query(`SELECT user_id FROM organization_members WHERE {{owner}}
ORDER BY organization_id, user_id LIMIT 1`), &id)
	return id, err
}
