package store

import (
	"context"
	"strings"

	"roster"
)

// overridesColumn is an actor's organization's overrides in one text, so that
// the statement that reads the actor reads them too.
const overridesColumn = `(SELECT string_agg(op.permission || ' ' || op.roles, ';') FROM organization_permissions op
 WHERE op.organization_id = u.active_organization)`

// overrides reads that text.
func overrides(text string) map[string][]roster.Role {
	if text == "" {
		return nil
	}
	out := map[string][]roster.Role{}
	for override := range strings.SplitSeq(text, ";") {
		permission, codes, _ := strings.Cut(override, " ")
		out[permission] = roleList(codes)
	}
	return out
}

// roleList reads role codes with commas between them.
func roleList(codes string) []roster.Role {
	roles := []roster.Role{}
	for code := range strings.FieldsFuncSeq(codes, func(r rune) bool { return r == ',' }) {
		roles = append(roles, roster.Role(code))
	}
	return roles
}

func roleCodes(roles []roster.Role) string {
	codes := make([]string, len(roles))
	for i, role := range roles {
		codes[i] = string(role)
	}
	return strings.Join(codes, ",")
}

const permissionSelect = "SELECT id, organization_id, permission, roles FROM organization_permissions" +
	" WHERE organization_id = ?"

func scanPermission(s scanner) (o roster.PermissionOverride, err error) {
	var codes string
	err = s.Scan(&o.ID, &o.OrganizationID, &o.Permission, &codes)
	o.Roles = roleList(codes)
	return o, err
}

// PermissionOverrides is what an organization decided, by id unless order says
// otherwise.
func (db *DB) PermissionOverrides(ctx context.Context, organization int64,
	order string) ([]roster.PermissionOverride, error) {
	key := map[string]string{"permission": "permission"}[trimMinus(order)]
	if key == "" {
		key = "id"
		if trimMinus(order) != "id" {
			order = ""
		}
	}
	return collect(ctx, db, db.query(permissionSelect+" ORDER BY "+key+descending(order), organization), scanPermission)
}

// PermissionOverride is what it decided about one permission; NotFound when
// it did not.
func (db *DB) PermissionOverride(ctx context.Context, organization int64,
	permission string) (roster.PermissionOverride, error) {
	q := db.query(permissionSelect+" AND permission = ?", organization, permission)
	return one(ctx, db, q, scanPermission)
}

// SetPermissionOverride writes one, in place of an earlier one.
func (db *DB) SetPermissionOverride(ctx context.Context, organization int64, permission string,
	roles []roster.Role) error {
	_, err := db.exec(ctx,
		db.query(`INSERT INTO organization_permissions (organization_id, permission, roles) VALUES (?, ?, ?)
ON CONFLICT (organization_id, permission) DO UPDATE SET roles = excluded.roles`, organization, permission,
			roleCodes(roles)))
	return err
}

// DeletePermissionOverride takes one back; NotFound when there is none.
func (db *DB) DeletePermissionOverride(ctx context.Context, organization int64, permission string) error {
	n, err := db.exec(ctx, db.query("DELETE FROM organization_permissions WHERE organization_id = ? AND permission = ?",
		organization, permission))
	if err == nil && n == 0 {
		err = roster.Errorf(roster.NotFound, "Not found.")
	}
	return err
}
