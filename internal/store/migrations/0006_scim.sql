-- What an identity provider knows an organization's people by. active is what
-- it said last; role_before what they were when it said no, and grouped that
-- their role is a group's, so that leaving the last group takes it away.
CREATE TABLE scim_users (
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    external_id {{text}} NOT NULL DEFAULT '',
    active BOOLEAN NOT NULL DEFAULT TRUE,
    role_before {{text}} NOT NULL DEFAULT '',
    grouped BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX scim_users_external ON scim_users (organization_id, external_id) WHERE external_id <> '';

CREATE TABLE scim_groups (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    name {{text}} NOT NULL,
    external_id {{text}} NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);
CREATE TABLE scim_group_members (
    group_id BIGINT NOT NULL REFERENCES scim_groups (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX scim_group_members_user ON scim_group_members (user_id);

-- What being in a group gives: kind is role, workspace or project. A name is
-- mapped whether or not a group has it yet. rank orders roles, highest first;
-- title is the role as it was written.
CREATE TABLE scim_mappings (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    kind {{text}} NOT NULL,
    target BIGINT NOT NULL DEFAULT 0,
    role {{text}} NOT NULL DEFAULT '',
    title {{text}} NOT NULL DEFAULT '',
    rank BIGINT NOT NULL DEFAULT 0,
    group_name {{text}} NOT NULL
);
CREATE INDEX scim_mappings_group ON scim_mappings (organization_id, group_name);

-- One row per organization, which whoever changes any of this holds.
CREATE TABLE scim_locks (
    organization_id BIGINT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    taken BIGINT NOT NULL
);
