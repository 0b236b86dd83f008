-- Tags that an operation put on people or took off them are outcomes of it, one
-- for each tag, and a deleted tag is kept for the undo.
ALTER TABLE outcomes ADD COLUMN tag_id BIGINT NOT NULL DEFAULT 0;

CREATE TABLE deleted_tags (
    operation_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    label {{text}} NOT NULL,
    label_key {{text}} NOT NULL,
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (operation_id, tag_id)
);
CREATE INDEX deleted_tags_tag ON deleted_tags (tag_id, operation_id);

-- An import of tags is recorded as done by whoever sent it, and as they were signed in.
ALTER TABLE tag_imports ADD COLUMN credential {{text}} NOT NULL DEFAULT '';
ALTER TABLE tag_imports ADD COLUMN request_id {{text}} NOT NULL DEFAULT '';
ALTER TABLE tag_imports ADD COLUMN operation_id BIGINT;

-- What a provider calls a person by where that is not their e-mail, as it wrote it and as
-- it is compared; '' is the e-mail.
ALTER TABLE scim_users ADD COLUMN user_name {{text}} NOT NULL DEFAULT '';
ALTER TABLE scim_users ADD COLUMN user_name_key {{text}} NOT NULL DEFAULT '';
CREATE INDEX scim_users_name ON scim_users (user_name_key) WHERE user_name_key <> '';
