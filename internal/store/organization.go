package store

import (
	"context"
	"database/sql"

	"roster"
)

// CountOrganizations is how many organizations there are; 0 in an empty store.
func (db *DB) CountOrganizations(ctx context.Context) (int, error) {
	return db.count(ctx, db.query("SELECT count(*) FROM organizations"))
}

// CreateOrganization makes an organization without members.
func (db *DB) CreateOrganization(ctx context.Context, o roster.Organization) (int64, error) {
	return db.insert(ctx, db.query(`INSERT INTO organizations (title, token, contact_info, default_role, created_by, created_at)
VALUES (?, ?, ?, ?, ?, ?) RETURNING id`, o.Title, o.Token, o.ContactInfo, o.DefaultRole, o.CreatedBy, micros(o.CreatedAt)))
}

// SetOrganizationCreator names the person who made the organization.
func (db *DB) SetOrganizationCreator(ctx context.Context, organization, user int64) error {
	_, err := db.exec(ctx, db.query("UPDATE organizations SET created_by = ? WHERE id = ?", user, organization))
	return err
}

// Organization reads an organization.
func (db *DB) Organization(ctx context.Context, id int64) (o roster.Organization, err error) {
	var created sql.NullInt64
	err = db.row(ctx, db.query("SELECT id, title, token, contact_info, default_role, created_by, created_at FROM organizations WHERE id = ?", id),
		&o.ID, &o.Title, &o.Token, &o.ContactInfo, &o.DefaultRole, &o.CreatedBy, &created)
	o.CreatedAt = moment(created)
	return o, err
}

// AddOrganizationMember writes a person's membership in an organization.
func (db *DB) AddOrganizationMember(ctx context.Context, m roster.OrganizationMembership) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO organization_members (organization_id, user_id, role, role_source, user_type, created_at)
VALUES (?, ?, ?, ?, ?, ?)`, m.OrganizationID, m.UserID, m.Role, m.RoleSource, m.UserType, micros(m.CreatedAt)))
	return err
}

// Membership is a person's membership in an organization, deleted or not.
func (db *DB) Membership(ctx context.Context, organization, user int64) (m roster.OrganizationMembership, err error) {
	var n membershipScan
	q := db.query("SELECT "+membershipColumns+" FROM organization_members om WHERE om.organization_id = ? AND om.user_id = ?", organization, user)
	err = db.row(ctx, q, n.into(&m)...)
	n.finish(&m)
	return m, err
}

// FirstOwner is the owner of the oldest organization.
func (db *DB) FirstOwner(ctx context.Context) (id int64, err error) {
	err = db.row(ctx, db.query(`SELECT user_id FROM organization_members WHERE role = 'OW' AND deleted_at IS NULL
ORDER BY organization_id, user_id LIMIT 1`), &id)
	return id, err
}
