-- Sessions of people who signed in, invitations, and the mail that goes out.

-- A session is recognized by the hash of what its cookie holds. When it ends
-- is not written here: the organization's policy says so, as it is now.
CREATE TABLE sessions (
    id {{id}},
    hash {{bytes}} NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- How long sessions last, in minutes; an organization without a row has the usual.
CREATE TABLE session_policies (
    organization_id BIGINT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    max_age BIGINT NOT NULL,
    max_idle BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Invitations by e-mail. projects and workspaces are JSON arrays of ids. An
-- invitation is open until it is accepted or revoked, or expires.
CREATE TABLE invitations (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    email {{text}} NOT NULL,
    email_key {{text}} NOT NULL,
    hash {{bytes}} NOT NULL UNIQUE,
    role {{text}} NOT NULL,
    user_type {{text}} NOT NULL,
    projects {{text}} NOT NULL,
    workspaces {{text}} NOT NULL,
    invited_by BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    user_id BIGINT REFERENCES users (id),
    revoked_at BIGINT
);
CREATE INDEX invitations_email ON invitations (organization_id, email_key);
CREATE INDEX invitations_user ON invitations (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX invitations_created ON invitations (organization_id, created_at);

-- The outbox: mail is written here in the transaction that has a reason for
-- it, and sent from here. The text is sealed, because it holds a link that is a
-- credential, and goes once it was sent or given up.
CREATE TABLE mails (
    id {{id}},
    invitation {{bytes}} NOT NULL UNIQUE REFERENCES invitations (hash),
    recipient {{text}} NOT NULL,
    subject {{text}} NOT NULL,
    sealed {{bytes}} NOT NULL,
    created_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT,
    sent_at BIGINT,
    error {{text}} NOT NULL DEFAULT ''
);
CREATE INDEX mails_due ON mails (next_at) WHERE next_at IS NOT NULL;
