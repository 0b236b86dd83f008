-- The gate in front of a Label Studio Community Edition (docs/adr/0017).

-- What the gate signs in to the upstream with in a person's name: the cookie
-- that the upstream gave when they signed in through the gate, sealed. It never
-- leaves the server.
CREATE TABLE upstream_logins (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed {{bytes}} NOT NULL,
    updated_at BIGINT NOT NULL
);
