package store

import (
	"context"

	"roster"
)

// What a provider calls people by is free as soon as they are deleted, and so are they
// from its groups. It is kept by the deletion, for its undo.

const scimSaid = "organization_id, user_id, external_id, active, role_before, grouped, user_name, user_name_key, " +
	"user_name_clean"

// ForgetSCIMUsers takes people whom operation op deleted out of everything the provider
// said, and keeps that.
func (db *DB) ForgetSCIMUsers(ctx context.Context, organization int64, users []int64, op int64) error {
	for _, kept := range []*query{
		db.query("INSERT INTO departed_scim_users (operation_id, "+scimSaid+") SELECT ?, "+scimSaid+" FROM scim_users"+
			" WHERE organization_id = ? AND ",
			op, organization),
		db.query("INSERT INTO departed_groups (operation_id, user_id, group_id) SELECT ?, user_id, group_id"+
			" FROM scim_group_members WHERE group_id IN (SELECT g.id FROM scim_groups g WHERE g.organization_id = ?) AND ",
			op, organization),
		db.query("INSERT INTO departed_groups (operation_id, user_id, name) SELECT ?, user_id, name"+
			" FROM claimed_groups WHERE organization_id = ? AND ",
			op, organization),
		db.query("DELETE FROM scim_group_members WHERE group_id IN (SELECT g.id FROM scim_groups g"+
			" WHERE g.organization_id = ?) AND ",
			organization),
		db.query("DELETE FROM claimed_groups WHERE organization_id = ? AND ", organization),
		db.query("DELETE FROM scim_users WHERE organization_id = ? AND ", organization),
	} {
		if _, err := db.exec(ctx, kept.anyOf("user_id", users)); err != nil {
			return err
		}
	}
	return nil
}

// What of a departed person, d, is somebody else's by now.
const (
	nameTaken = `(d.user_name_key <> '' AND (EXISTS (SELECT 1 FROM scim_users n
 WHERE n.organization_id = d.organization_id AND n.user_name_key = d.user_name_key AND n.user_name_key <> '')
 OR EXISTS (SELECT 1 FROM users e JOIN organization_members em ON em.user_id = e.id
 AND em.organization_id = d.organization_id AND em.deleted_at IS NULL
  WHERE (e.email_key = d.user_name_key OR e.shared_mailbox = d.user_name_key AND e.shared_mailbox <> '')
 AND e.id <> d.user_id)))`
	externalIDTaken = `EXISTS (SELECT 1 FROM scim_users n WHERE n.organization_id = d.organization_id
 AND n.external_id = d.external_id AND n.external_id <> '')`
)

// RecallSCIMUsers gives people what ForgetSCIMUsers kept of them by operation undone, but
// for a userName or an external id that somebody else has now; undo records whose.
func (db *DB) RecallSCIMUsers(ctx context.Context, users []int64, undone, undo int64) error {
	q := db.query("INSERT INTO outcomes (operation_id, user_id, result) SELECT ?, d.user_id, ?"+
		" FROM departed_scim_users d WHERE d.operation_id = ? AND ("+
		nameTaken+" OR "+externalIDTaken+") AND ", undo, roster.NameTaken, undone)
	if _, err := db.exec(ctx, q.anyOf("d.user_id", users)); err != nil {
		return err
	}
	free := func(column, taken string) string { return "CASE WHEN " + taken + " THEN '' ELSE d." + column + " END" }
	for _, back := range []*query{
		db.query("INSERT INTO scim_users ("+scimSaid+") SELECT d.organization_id, d.user_id, "+
			free("external_id", externalIDTaken)+", d.active, d.role_before, d.grouped, "+
			free("user_name", nameTaken)+", "+free("user_name_key", nameTaken)+", "+
			free("user_name_clean", nameTaken)+" FROM departed_scim_users d WHERE d.operation_id = ? AND ", undone),
		db.query("INSERT INTO scim_group_members (group_id, user_id) SELECT g.id, d.user_id FROM departed_groups d"+
			" JOIN scim_groups g ON g.id = d.group_id WHERE d.operation_id = ? AND ",
			undone),
		db.query(`INSERT INTO claimed_groups (organization_id, user_id, name)
 SELECT p.organization_id, d.user_id, d.name FROM departed_groups d
JOIN operations p ON p.id = d.operation_id WHERE d.name <> '' AND d.operation_id = ? AND `, undone),
	} {
		if _, err := db.exec(ctx, back.anyOf("d.user_id", users).add(" ON CONFLICT DO NOTHING")); err != nil {
			return err
		}
	}
	return nil
}
