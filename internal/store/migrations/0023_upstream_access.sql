-- Access tokens of the upstream's that were got through a gate, and what each was got for:
-- hashes of the token and of the number of its personal access token.
CREATE TABLE upstream_access (
    hash {{bytes}} NOT NULL PRIMARY KEY,
    personal {{bytes}} NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_access_personal ON upstream_access (personal);

-- Personal access tokens of the upstream's that were ended through a gate. One is kept as
-- long as there is an access token of its.
CREATE TABLE upstream_ended (
    personal {{bytes}} NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
