-- Whoever looks for somebody types how a name begins.
CREATE INDEX users_first_name ON users (first_name_key);
CREATE INDEX users_last_name ON users (last_name_key);

-- Views of the console's lists that people gave a name: of which list, of the project or the
-- workspace with that id where it is of one, and the query of the list's address. saved_at is
-- when that was written.
CREATE TABLE saved_views (
    id {{id}},
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    name {{text}} NOT NULL,
    list {{text}} NOT NULL,
    place_id BIGINT NOT NULL DEFAULT 0,
    query {{text}} NOT NULL,
    shared BOOLEAN NOT NULL,
    saved_at BIGINT NOT NULL
);
CREATE INDEX saved_views_maker ON saved_views (organization_id, user_id);
CREATE INDEX saved_views_shared ON saved_views (organization_id) WHERE shared;

-- What somebody chose about how pages look to them.
CREATE TABLE preferences (
    user_id BIGINT NOT NULL REFERENCES users (id),
    name {{text}} NOT NULL,
    value {{text}} NOT NULL,
    PRIMARY KEY (user_id, name)
);
