package store

import (
	"context"
	"database/sql"
	"strings"

	"roster"
)

// SAMLSettings is what an organization says of its SAML provider, without its
// mappings; NotFound when it says nothing.
func (db *DB) SAMLSettings(ctx context.Context, organization int64) (s roster.SAMLSettings, err error) {
	var manual sql.NullBool
	err = db.find(ctx, db.query(`SELECT domain, provider, metadata_url, metadata_xml, mapping_email,
 mapping_first_name, mapping_last_name, mapping_groups, manual_roles
FROM saml_settings WHERE organization_id = ?`, organization),
		&s.Domain, &s.Provider, &s.MetadataURL, &s.MetadataXML, &s.Attributes.Email, &s.Attributes.FirstName,
		&s.Attributes.LastName, &s.Attributes.Groups, &manual)
	if manual.Valid {
		s.ManualRoles = &manual.Bool
	}
	return s, err
}

// SetSAMLSettings writes them. Its domains must be no other organization's:
// else Exists.
func (db *DB) SetSAMLSettings(ctx context.Context, organization int64, s roster.SAMLSettings) error {
	if err := db.DeleteSAMLSettings(ctx, organization); err != nil {
		return err
	}
	_, err := db.exec(ctx,
		db.query(`INSERT INTO saml_settings (organization_id, domain, provider, metadata_url, metadata_xml,
 mapping_email, mapping_first_name, mapping_last_name, mapping_groups, manual_roles)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			organization, s.Domain, s.Provider, s.MetadataURL, s.MetadataXML,
			s.Attributes.Email, s.Attributes.FirstName, s.Attributes.LastName, s.Attributes.Groups, s.ManualRoles))
	if err != nil || s.Domain == "" {
		return err
	}
	rows := [][]any{}
	for domain := range strings.SplitSeq(s.Domain, ",") {
		rows = append(rows, []any{domain})
	}
	q := db.query("INSERT INTO saml_domains (domain, organization_id) SELECT x.value->>0, ? FROM ",
		organization).table(rows)
	if _, err = db.exec(ctx, q.add(" AS x")); err != nil && db.dialect.isUnique(err) {
		err = roster.Errorf(roster.Exists, "Another organization has one of these domains.")
	}
	return err
}

// DeleteSAMLSettings takes them away; there being none is fine.
func (db *DB) DeleteSAMLSettings(ctx context.Context, organization int64) error {
	for _, table := range []string{"saml_settings", "saml_domains"} {
		if _, err := db.exec(ctx, db.query("DELETE FROM "+table+" WHERE organization_id = ?", organization)); err != nil {
			return err
		}
	}
	return nil
}

// DomainTaken reports whether another organization has a domain.
func (db *DB) DomainTaken(ctx context.Context, organization int64, domain string) (bool, error) {
	n, err := db.count(ctx, db.query("SELECT count(*) FROM saml_domains WHERE domain = ? AND organization_id <> ?",
		domain, organization))
	return n > 0, err
}

// ForgetClaimedGroups forgets in which groups an organization's people signed in.
func (db *DB) ForgetClaimedGroups(ctx context.Context, organization int64) error {
	_, err := db.exec(ctx, db.query("DELETE FROM claimed_groups WHERE organization_id = ?", organization))
	return err
}
