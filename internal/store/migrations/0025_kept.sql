-- What a person asked on a page and what it answered, so that Back and a reload show it again
-- instead of sending a form once more: for a day, its person's own, and bounded.
CREATE TABLE kept_pages (
    id {{id}},
    user_id BIGINT NOT NULL,
    token {{text}} NOT NULL UNIQUE,
    place {{text}} NOT NULL,
    granted {{text}} NOT NULL,
    body {{bytes}} NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX kept_pages_person ON kept_pages (user_id, id);
CREATE INDEX kept_pages_expiry ON kept_pages (expires_at);
