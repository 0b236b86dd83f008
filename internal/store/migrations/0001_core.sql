-- The core of Roster. The words in double braces are the few places where the
-- engines' DDL must differ; dialect.go says what each becomes.
--
-- Times are microseconds since 1970 in UTC. Folded columns (…_key, search_text)
-- are written by Go, because the engines do not agree on what lower() means.
--
-- Memberships are rows with a life: added_by and removed_by name operations,
-- and a row is active while removed_by is null. Nothing deletes them, so the
-- table is its own history. They carry no foreign keys: people and projects
-- are never deleted as rows, and a check per row would double the cost of the
-- bulk operations (docs/adr/0003).

CREATE TABLE organizations (
    id {{id}},
    title {{text}} NOT NULL,
    token {{text}} NOT NULL,
    contact_info {{text}} NOT NULL DEFAULT '',
    default_role {{text}} NOT NULL DEFAULT 'NO',
    created_by BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id {{id}},
    email {{text}} NOT NULL,
    email_key {{text}} NOT NULL UNIQUE,
    username {{text}} NOT NULL,
    first_name {{text}} NOT NULL DEFAULT '',
    last_name {{text}} NOT NULL DEFAULT '',
    phone {{text}} NOT NULL DEFAULT '',
    password_hash {{text}} NOT NULL DEFAULT '',
    search_text {{text}} NOT NULL,
    first_name_key {{text}} NOT NULL,
    last_name_key {{text}} NOT NULL,
    username_key {{text}} NOT NULL,
    date_joined BIGINT NOT NULL,
    last_activity BIGINT,
    active_organization BIGINT,
    allow_newsletters BOOLEAN,
    custom_hotkeys {{text}} NOT NULL DEFAULT ''
);

-- The legacy API token: hash to recognize it, sealed to show it again.
CREATE TABLE legacy_tokens (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    hash {{bytes}} NOT NULL UNIQUE,
    sealed {{bytes}} NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE organization_members (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    role {{text}} NOT NULL,
    role_source {{text}} NOT NULL DEFAULT '',
    user_type {{text}} NOT NULL DEFAULT 'standard',
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    UNIQUE (organization_id, user_id)
);
-- Owner and Administrators have access to every project, so every member list reads them.
CREATE INDEX organization_members_implicit ON organization_members (organization_id, user_id)
    WHERE role IN ('OW', 'AD');
-- The few whom bulk operations leave alone and account for.
CREATE INDEX organization_members_inactive ON organization_members (organization_id, user_id)
    WHERE role = 'DI' OR deleted_at IS NOT NULL;
CREATE INDEX organization_members_user ON organization_members (user_id);

CREATE TABLE tags (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    label {{text}} NOT NULL,
    label_key {{text}} NOT NULL,
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (organization_id, label_key)
);
CREATE TABLE member_tags (
    user_id BIGINT NOT NULL REFERENCES users (id),
    tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, tag_id)
);
CREATE INDEX member_tags_tag ON member_tags (tag_id, user_id);

CREATE TABLE workspaces (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    title {{text}} NOT NULL,
    description {{text}} NOT NULL DEFAULT '',
    color {{text}} NOT NULL DEFAULT '',
    is_personal BOOLEAN NOT NULL DEFAULT FALSE,
    is_archived BOOLEAN NOT NULL DEFAULT FALSE,
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX workspaces_organization ON workspaces (organization_id);

CREATE TABLE workspace_members (
    id {{id}},
    workspace_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    added_by BIGINT NOT NULL,
    removed_by BIGINT
);
CREATE UNIQUE INDEX workspace_members_active ON workspace_members (workspace_id, user_id) WHERE removed_by IS NULL;
CREATE INDEX workspace_members_user ON workspace_members (user_id);
CREATE INDEX workspace_members_added ON workspace_members (added_by, user_id);
CREATE INDEX workspace_members_removed ON workspace_members (removed_by, user_id) WHERE removed_by IS NOT NULL;

CREATE TABLE projects (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    workspace_id BIGINT REFERENCES workspaces (id),
    title {{text}} NOT NULL,
    title_key {{text}} NOT NULL,
    description {{text}} NOT NULL DEFAULT '',
    color {{text}} NOT NULL DEFAULT '',
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    is_published BOOLEAN NOT NULL DEFAULT FALSE,
    is_draft BOOLEAN NOT NULL DEFAULT FALSE,
    is_archived BOOLEAN NOT NULL DEFAULT FALSE,
    pinned_at BIGINT,
    task_distribution {{text}} NOT NULL DEFAULT 'auto_distribution',
    settings {{text}} NOT NULL DEFAULT '',
    deleted_at BIGINT
);
CREATE INDEX projects_organization ON projects (organization_id);
CREATE INDEX projects_workspace ON projects (workspace_id);

-- A person's standing in a project. explicit rows are memberships; the others
-- hold the role and the assignments of somebody who has access only through
-- the workspace or the organization role, and end with that access.
--
-- tenure names the stay that assignments belong to: the id of the stay's first
-- row (null: this row is the first). Undo continues a stay, re-adding begins one.
--
-- Every index here is one more place that PostgreSQL enters 100,000 times when
-- as many memberships end, because an ended row is a new version of the row. So
-- there are two that matter: the active rows, and the ended ones by operation
-- and person. A person's or a project's past is looked for operation by
-- operation, and PostgreSQL has no primary key here (ADR 3).
CREATE TABLE project_members (
    id {{number}},
    project_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    explicit BOOLEAN NOT NULL,
    role {{text}},
    role_source {{text}},
    tenure BIGINT,
    added_by BIGINT NOT NULL,
    removed_by BIGINT
);
CREATE UNIQUE INDEX project_members_active ON project_members (project_id, user_id) WHERE removed_by IS NULL;
-- The few who are there only by another path, out of the many who are not.
CREATE INDEX project_members_inherited ON project_members (project_id, user_id) WHERE removed_by IS NULL AND NOT explicit;
-- An operation that was just written is unknown to the planner's statistics, so
-- a lookup of one of its people must be cheap even where the planner takes it
-- for tiny. It does not begin with the project, or SQLite may read it, and all
-- of history, for the active rows.
CREATE INDEX project_members_removed ON project_members (removed_by, user_id) WHERE removed_by IS NOT NULL;
-- A project role is known by its row's id.
{{postgres}}CREATE INDEX project_members_role ON project_members (id) WHERE removed_by IS NULL AND role IS NOT NULL;

CREATE TABLE tasks (
    id {{id}},
    project_id BIGINT NOT NULL,
    data {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX tasks_project ON tasks (project_id, id);

-- An assignment is open while the tenure it was made in has an active row.
CREATE TABLE assignments (
    id {{id}},
    project_id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    type {{text}} NOT NULL,
    tenure BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX assignments_task ON assignments (task_id, user_id, type, tenure);
CREATE INDEX assignments_member ON assignments (project_id, user_id, tenure);

CREATE TABLE operations (
    id {{id}},
    organization_id BIGINT NOT NULL,
    project_id BIGINT,
    workspace_id BIGINT,
    kind {{text}} NOT NULL,
    actor_id BIGINT NOT NULL,
    credential {{text}} NOT NULL,
    request_id {{text}} NOT NULL DEFAULT '',
    at BIGINT NOT NULL,
    selector {{text}} NOT NULL DEFAULT '',
    changed BIGINT NOT NULL DEFAULT 0,
    undoes BIGINT,
    -- the newest assignment when the operation ran: undo looks for newer ones
    assignments_through BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX operations_undoes ON operations (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX operations_organization ON operations (organization_id, id);
CREATE INDEX operations_project ON operations (project_id, id);

-- Outcomes that the membership rows themselves do not already tell.
CREATE TABLE outcomes (
    operation_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    project_id BIGINT NOT NULL DEFAULT 0,
    result {{text}} NOT NULL,
    keeps_by {{text}} NOT NULL DEFAULT '',
    role_before {{text}} NOT NULL DEFAULT '',
    role_after {{text}} NOT NULL DEFAULT ''
);
CREATE INDEX outcomes_operation ON outcomes (operation_id, user_id);
CREATE INDEX outcomes_user ON outcomes (user_id, operation_id);

-- The set of people a preview showed, for the unassign that will be bound to it.
CREATE TABLE plans (
    token {{text}} NOT NULL PRIMARY KEY,
    project_id BIGINT NOT NULL,
    members {{bytes}} NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX plans_expiry ON plans (expires_at);

CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL,
    key {{text}} NOT NULL,
    request_hash {{bytes}} NOT NULL,
    status BIGINT NOT NULL,
    header {{text}} NOT NULL,
    body {{bytes}} NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

CREATE TABLE settings (
    name {{text}} NOT NULL PRIMARY KEY,
    value {{bytes}} NOT NULL
);
