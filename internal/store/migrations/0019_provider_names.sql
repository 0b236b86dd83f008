-- What a provider said of people who were deleted, by the deletion: their names are free
-- from then on, and its undo gives back what nobody took meanwhile. A group is one of the
-- provider's by its id, or one that they signed in with by its name.
CREATE TABLE departed_scim_users (
    operation_id BIGINT NOT NULL,
    organization_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    external_id {{text}} NOT NULL,
    active BOOLEAN NOT NULL,
    role_before {{text}} NOT NULL,
    grouped BOOLEAN NOT NULL,
    user_name {{text}} NOT NULL,
    user_name_key {{text}} NOT NULL,
    user_name_clean {{text}} NOT NULL DEFAULT '',
    PRIMARY KEY (operation_id, user_id)
);
CREATE TABLE departed_groups (
    operation_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL DEFAULT 0,
    name {{text}} NOT NULL DEFAULT '',
    PRIMARY KEY (operation_id, user_id, group_id, name)
);

-- Who was deleted before had kept theirs.
INSERT INTO departed_scim_users (operation_id, organization_id, user_id, external_id, active, role_before, grouped, user_name, user_name_key)
SELECT gone.operation_id, su.organization_id, su.user_id, su.external_id, su.active, su.role_before, su.grouped, su.user_name, su.user_name_key
FROM (SELECT o.user_id, p.organization_id, max(p.id) AS operation_id FROM operations p JOIN outcomes o ON o.operation_id = p.id
 WHERE p.kind = 'organization_leave' AND o.result = 'removed' GROUP BY o.user_id, p.organization_id) gone
JOIN organization_members om ON om.organization_id = gone.organization_id AND om.user_id = gone.user_id AND om.deleted_at IS NOT NULL
JOIN scim_users su ON su.organization_id = gone.organization_id AND su.user_id = gone.user_id;
INSERT INTO departed_groups (operation_id, user_id, group_id)
SELECT d.operation_id, d.user_id, gm.group_id FROM departed_scim_users d
JOIN scim_group_members gm ON gm.user_id = d.user_id JOIN scim_groups g ON g.id = gm.group_id AND g.organization_id = d.organization_id;
INSERT INTO departed_groups (operation_id, user_id, name)
SELECT d.operation_id, d.user_id, c.name FROM departed_scim_users d
JOIN claimed_groups c ON c.user_id = d.user_id AND c.organization_id = d.organization_id;
DELETE FROM scim_group_members WHERE EXISTS (SELECT 1 FROM scim_groups g
 JOIN organization_members om ON om.organization_id = g.organization_id AND om.deleted_at IS NOT NULL
 WHERE g.id = scim_group_members.group_id AND om.user_id = scim_group_members.user_id);
DELETE FROM claimed_groups WHERE EXISTS (SELECT 1 FROM organization_members om
 WHERE om.organization_id = claimed_groups.organization_id AND om.user_id = claimed_groups.user_id AND om.deleted_at IS NOT NULL);
DELETE FROM scim_users WHERE EXISTS (SELECT 1 FROM organization_members om
 WHERE om.organization_id = scim_users.organization_id AND om.user_id = scim_users.user_id AND om.deleted_at IS NOT NULL);

-- A userName in small letters, to look for parts in: the key of an address is another.
ALTER TABLE scim_users ADD COLUMN user_name_clean {{text}} NOT NULL DEFAULT '';
DROP INDEX scim_users_name;
CREATE INDEX scim_users_name ON scim_users (organization_id, user_name_key) WHERE user_name_key <> '';

-- The mailbox of somebody whose email_key is not its key: another person has that. And an
-- e-mail in small letters, to look for parts in, where an upstream writes it otherwise. Go
-- computes them and the keys of names.
ALTER TABLE users ADD COLUMN shared_mailbox {{text}} NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN email_clean {{text}} NOT NULL DEFAULT '';
CREATE INDEX users_shared_mailbox ON users (shared_mailbox) WHERE shared_mailbox <> '';

-- Whether the provider has said since addresses are compared as mailboxes that a link is
-- to whoever has the account's e-mail.
ALTER TABLE identities ADD COLUMN proven BOOLEAN NOT NULL DEFAULT FALSE;
