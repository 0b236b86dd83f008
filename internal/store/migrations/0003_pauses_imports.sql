-- Pauses, and imports of member tags.

-- A pause keeps a member from working in one project while it lasts. Several
-- may stand at once, and leaving the project lifts none of them.
CREATE TABLE pauses (
    id {{id}},
    project_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    reason {{text}} NOT NULL,
    verbose_reason {{text}} NOT NULL DEFAULT '',
    paused_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    deleted_by BIGINT
);
CREATE INDEX pauses_current ON pauses (project_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX pauses_member ON pauses (project_id, user_id);

-- The ends of project roles, which the role history reads by project. Few rows
-- have a role, so it costs the bulk operations next to nothing.
CREATE INDEX project_members_roles ON project_members (project_id, user_id) WHERE role IS NOT NULL AND removed_by IS NOT NULL;

-- Imports of member tags: the rows of a file wait here until a server has
-- taken them, all in one transaction, and then only the result is kept.
CREATE TABLE tag_imports (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    created_by BIGINT NOT NULL,
    status {{text}} NOT NULL,
    content {{text}} NOT NULL,
    tags_created BIGINT NOT NULL DEFAULT 0,
    assignments_created BIGINT NOT NULL DEFAULT 0,
    users_skipped {{text}} NOT NULL DEFAULT '[]',
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX tag_imports_open ON tag_imports (id) WHERE status IN ('created', 'in_progress');
