-- Personal access tokens: what one is recognized by, and its name (the claim
-- jti) sealed, so that a list can show it. Never the token itself.
CREATE TABLE personal_tokens (
    id {{id}},
    user_id BIGINT NOT NULL REFERENCES users (id),
    hash {{bytes}} NOT NULL UNIQUE,
    sealed {{bytes}} NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX personal_tokens_live ON personal_tokens (user_id, id) WHERE revoked_at IS NULL;
CREATE INDEX personal_tokens_expiry ON personal_tokens (expires_at);

-- Which tokens an organization takes; one without a row takes the usual.
CREATE TABLE token_settings (
    organization_id BIGINT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    personal_enabled BOOLEAN NOT NULL,
    legacy_enabled BOOLEAN NOT NULL,
    ttl_days BIGINT NOT NULL
);
