-- Hotkeys that somebody has in one project instead of their account's.
CREATE TABLE project_hotkeys (
    user_id BIGINT NOT NULL REFERENCES users (id),
    project_id BIGINT NOT NULL REFERENCES projects (id),
    custom_hotkeys {{text}} NOT NULL,
    PRIMARY KEY (user_id, project_id)
);

-- Changes of what an organization says of its identity providers: kind is saml or
-- scim, state whether anything was said afterwards, and changed the fields that are
-- other than before, with commas between them.
CREATE TABLE settings_changes (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    kind {{text}} NOT NULL,
    state {{text}} NOT NULL,
    previous {{text}} NOT NULL,
    changed {{text}} NOT NULL,
    actor_id BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX settings_changes_organization ON settings_changes (organization_id, kind, at, id);
