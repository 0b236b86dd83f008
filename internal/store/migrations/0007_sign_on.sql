-- Who a person is at an OpenID Connect provider. One identity for each person
-- and provider: an e-mail that a provider gives to somebody else is not enough.
CREATE TABLE identities (
    issuer {{text}} NOT NULL,
    subject {{text}} NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id, issuer)
);

-- The groups that a person came with when they signed in last.
CREATE TABLE claimed_groups (
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    name {{text}} NOT NULL,
    PRIMARY KEY (organization_id, user_id, name)
);

-- Who is in which group, however a provider said it. Mappings go by the name.
CREATE VIEW group_people AS
SELECT g.organization_id, gm.user_id, g.name FROM scim_group_members gm JOIN scim_groups g ON g.id = gm.group_id
UNION ALL SELECT c.organization_id, c.user_id, c.name FROM claimed_groups c;

-- Mappings are of two settings, which add up: scim, and saml.
ALTER TABLE scim_mappings ADD COLUMN source {{text}} NOT NULL DEFAULT 'scim';

-- What an organization says of its SAML provider. Nobody signs in with it.
CREATE TABLE saml_settings (
    organization_id BIGINT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    domain {{text}} NOT NULL,
    provider {{text}} NOT NULL,
    metadata_url {{text}} NOT NULL,
    metadata_xml {{text}} NOT NULL,
    mapping_email {{text}} NOT NULL,
    mapping_first_name {{text}} NOT NULL,
    mapping_last_name {{text}} NOT NULL,
    mapping_groups {{text}} NOT NULL,
    manual_roles BOOLEAN
);
-- Whose a domain is: one organization's alone.
CREATE TABLE saml_domains (
    domain {{text}} NOT NULL PRIMARY KEY,
    organization_id BIGINT NOT NULL REFERENCES organizations (id)
);
CREATE INDEX saml_domains_organization ON saml_domains (organization_id);

-- The session that a request came with, in 8 characters; its id, not its secret.
ALTER TABLE activities ADD COLUMN session {{text}} NOT NULL DEFAULT '';
