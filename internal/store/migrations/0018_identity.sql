-- users.email_key and invitations.email_key are keys of a mailbox from now on (Go
-- computes them, in this step). What is made of names for searching and sorting says
-- by which version of Roster: the rest is made anew when the store is opened.
ALTER TABLE users ADD COLUMN name_sort {{text}} NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN family_sort {{text}} NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN text_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users DROP COLUMN username_key;
CREATE INDEX users_text_version ON users (text_version);
ALTER TABLE projects ADD COLUMN text_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tags ADD COLUMN text_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tags ADD COLUMN search_text {{text}} NOT NULL DEFAULT '';
