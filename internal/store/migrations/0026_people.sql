-- What the link of an invitation holds, sealed, so that it can be handed on where no mail
-- goes; empty once it was accepted or revoked, and in all from before.
ALTER TABLE invitations ADD COLUMN sealed {{bytes}} NOT NULL DEFAULT '';

-- Whether a letter was printed where the server runs, and reached nobody.
ALTER TABLE mails ADD COLUMN printed BOOLEAN NOT NULL DEFAULT FALSE;

-- What a person was called before an operation and since, so that it can be taken back.
CREATE TABLE renames (
    operation_id BIGINT NOT NULL REFERENCES operations (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    first_before {{text}} NOT NULL,
    last_before {{text}} NOT NULL,
    first_after {{text}} NOT NULL,
    last_after {{text}} NOT NULL,
    PRIMARY KEY (operation_id, user_id)
);
