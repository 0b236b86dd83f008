-- Who has a permission in an organization that decided otherwise than usual:
-- role codes with commas between them.
CREATE TABLE organization_permissions (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    permission {{text}} NOT NULL,
    roles {{text}} NOT NULL,
    UNIQUE (organization_id, permission)
);

-- What was asked of the API, by whom. Urls hold no secrets and no more than
-- 256 characters, all of them ASCII; durations are milliseconds.
CREATE TABLE activities (
    id {{id}},
    organization_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    project_id BIGINT,
    workspace_id BIGINT,
    at BIGINT NOT NULL,
    method {{text}} NOT NULL,
    url {{text}} NOT NULL,
    status BIGINT NOT NULL,
    duration BIGINT NOT NULL,
    address {{text}} NOT NULL,
    user_agent {{text}} NOT NULL,
    referer {{text}} NOT NULL,
    request_id {{text}} NOT NULL
);
CREATE INDEX activities_organization ON activities (organization_id, at, id);
CREATE INDEX activities_user ON activities (organization_id, user_id, at, id);
CREATE INDEX activities_project ON activities (organization_id, project_id, at, id) WHERE project_id IS NOT NULL;
