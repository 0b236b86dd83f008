-- What people make in the upstream of a gate, and what goes on without them
-- (docs/adr/0022). A store that mirrors no upstream has no rows here.

-- A thing, and who answers for it. maker_id is null where nobody knows who made
-- it. works is whether the upstream had it at work when it was seen last.
-- stranded_by is the operation by which its maker lost the right to make it: 0
-- for none that is known, null while they have it. disabled_by is the operation
-- that had it disabled, null where somebody did so by hand.
CREATE TABLE made_things (
    id {{id}},
    project_id BIGINT NOT NULL REFERENCES projects (id),
    kind {{text}} NOT NULL,
    type {{text}} NOT NULL DEFAULT '',
    upstream_id BIGINT NOT NULL,
    title {{text}} NOT NULL DEFAULT '',
    place {{text}} NOT NULL DEFAULT '',
    maker_id BIGINT REFERENCES users (id),
    made_at BIGINT NOT NULL,
    works BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    disabled_by BIGINT REFERENCES operations (id),
    stranded_by BIGINT,
    deleted_at BIGINT,
    UNIQUE (kind, type, upstream_id)
);
CREATE INDEX made_things_project ON made_things (project_id);
CREATE INDEX made_things_disabled ON made_things (disabled_by) WHERE disabled_by IS NOT NULL;
CREATE INDEX made_things_stranded ON made_things (stranded_by) WHERE stranded_by IS NOT NULL;

-- What the upstream is to be told about a thing: written in the transaction of
-- what it follows from, and repeated until the upstream confirms it. next_at is
-- when it is tried next, null once it needs no trying.
CREATE TABLE made_intents (
    id {{id}},
    made_id BIGINT NOT NULL REFERENCES made_things (id),
    operation_id BIGINT REFERENCES operations (id),
    action {{text}} NOT NULL,
    state {{text}} NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT,
    error {{text}} NOT NULL DEFAULT ''
);
CREATE INDEX made_intents_thing ON made_intents (made_id);
CREATE INDEX made_intents_operation ON made_intents (operation_id) WHERE operation_id IS NOT NULL;
CREATE INDEX made_intents_due ON made_intents (next_at) WHERE next_at IS NOT NULL;
