-- A deleted tag keeps what it is searched by: it comes back with it. Those that were deleted
-- before have it made when the store is opened.
ALTER TABLE deleted_tags ADD COLUMN search_text {{text}} NOT NULL DEFAULT '';
ALTER TABLE deleted_tags ADD COLUMN text_version BIGINT NOT NULL DEFAULT 0;
